package web

import (
	"fmt"
	"os"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"letterlock"
	"letterlock/api"
)

func apiDocument(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile("../../docs/api.md")
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

var (
	pathParameter  = regexp.MustCompile(`\{[a-z.$]+\}`)
	documentedCall = regexp.MustCompile("(?m)^(?:### |\\| )`([A-Z]+) (/[^`]*)`")
)

// TestDocumentedRoutes: docs/api.md has every route, and no other.
func TestDocumentedRoutes(t *testing.T) {
	same := func(method, path string) string {
		path = strings.TrimSuffix(path, "{$}")
		return method + " " + pathParameter.ReplaceAllString(strings.ReplaceAll(path, "_", ""), "{}")
	}
	documented := map[string]bool{}
	for _, m := range documentedCall.FindAllStringSubmatch(apiDocument(t), -1) {
		documented[same(m[1], m[2])] = true
	}
	for _, rt := range routes {
		call := same(rt.method, rt.path)
		if !documented[call] {
			t.Errorf("docs/api.md lacks %s", call)
		}
		delete(documented, call)
	}
	for call := range documented {
		t.Errorf("docs/api.md has %s, which is no route", call)
	}
}

// TestDocumentedCodes: docs/api.md has a line for each code, with its status.
func TestDocumentedCodes(t *testing.T) {
	text := apiDocument(t)
	for _, code := range letterlock.Codes() {
		if line := fmt.Sprintf("\n| %d | `%s` |", answers[code].status, code); !strings.Contains(text, line) {
			t.Errorf("docs/api.md lacks a line that begins with %q", line[1:])
		}
	}
}

var fieldCode = regexp.MustCompile(`FieldCode = "([a-z0-9_]+)"`)

// TestDocumentedFieldCodes: docs/api.md has a line for each thing that can be
// wrong with a field.
func TestDocumentedFieldCodes(t *testing.T) {
	source, err := os.ReadFile("../../error.go")
	if err != nil {
		t.Fatal(err)
	}
	declared := fieldCode.FindAllStringSubmatch(string(source), -1)
	if len(declared) < 10 {
		t.Fatalf("error.go declares %d field codes, want all of them found", len(declared))
	}
	text := apiDocument(t)
	for _, m := range declared {
		if line := "\n| `" + m[1] + "` |"; !strings.Contains(text, line) {
			t.Errorf("docs/api.md lacks a line that begins with %q", line[1:])
		}
	}
}

// TestDocumentedFields: docs/api.md mentions every field of every body.
func TestDocumentedFields(t *testing.T) {
	text := apiDocument(t)
	for _, body := range []any{
		api.CreateRequest{}, api.CreateResponse{}, api.SecretResponse{}, api.ReceiptResponse{}, api.Event{}, api.ViewRequest{},
		api.ViewResponse{}, api.ChangeRequest{}, api.FeedbackRequest{}, api.Problem{}, api.FieldError{},
	} {
		typ := reflect.TypeOf(body)
		for i := range typ.NumField() {
			name, _, _ := strings.Cut(typ.Field(i).Tag.Get("json"), ",")
			if !strings.Contains(text, "`"+name+"`") && !strings.Contains(text, `"`+name+`":`) {
				t.Errorf("docs/api.md lacks %s of %s", name, typ.Name())
			}
		}
	}
}
