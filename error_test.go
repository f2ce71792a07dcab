package letterlock_test

import (
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"slices"
	"strconv"
	"testing"
	"time"

	"letterlock"
)

// Codes lists every constant of type Code: the tables that walk it would
// otherwise pass without a line for a new one.
func TestCodesAreComplete(t *testing.T) {
	var declared []letterlock.Code
	file, err := parser.ParseFile(token.NewFileSet(), "error.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	ast.Inspect(file, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok {
			return true
		}
		if kind, ok := spec.Type.(*ast.Ident); ok && kind.Name == "Code" {
			value, err := strconv.Unquote(spec.Values[0].(*ast.BasicLit).Value)
			if err != nil {
				t.Fatal(err)
			}
			declared = append(declared, letterlock.Code(value))
		}
		return true
	})
	listed := letterlock.Codes()
	slices.Sort(declared)
	slices.Sort(listed)
	if len(declared) == 0 || !slices.Equal(listed, declared) {
		t.Errorf("Codes() lists %v, declared are %v", listed, declared)
	}
	if len(slices.Compact(listed)) != len(declared) {
		t.Errorf("Codes() has a code twice: %v", listed)
	}
}

func TestRefusalIsItsCode(t *testing.T) {
	for _, code := range letterlock.Codes() {
		err := fmt.Errorf("while at it: %w", &letterlock.Refusal{Code: code})
		for _, other := range letterlock.Codes() {
			if got := errors.Is(err, other); got != (code == other) {
				t.Errorf("errors.Is(a refusal of %s, %s) = %v", code, other, got)
			}
		}
		if got := code.Error(); got != string(code) {
			t.Errorf("%s.Error() = %q", code, got)
		}
	}
}

func TestRefusalPrintsNamesOnly(t *testing.T) {
	tries := 3
	for _, test := range []struct {
		refusal *letterlock.Refusal
		want    string
	}{
		{letterlock.Gone(letterlock.Expired, time.Now()), "gone expired"},
		{letterlock.Invalid("header", letterlock.FieldReserved), "invalid header:reserved_not_zero"},
		{&letterlock.Refusal{Code: letterlock.ErrGate, Gates: []letterlock.Gate{letterlock.GateOrganization, letterlock.GateSignIn}}, "gate organization sign_in"},
		{&letterlock.Refusal{Code: letterlock.ErrInvalid, Fields: []letterlock.FieldError{
			{Field: "expires_in", Code: letterlock.FieldOutOfRange}, {Field: "max_views", Code: letterlock.FieldOutOfRange},
		}}, "invalid expires_in:out_of_range max_views:out_of_range"},
		{&letterlock.Refusal{Code: letterlock.ErrWrongPass, TriesLeft: &tries}, "wrong_password"},
	} {
		if got := test.refusal.Error(); got != test.want {
			t.Errorf("Error() = %q, want %q", got, test.want)
		}
	}
}
