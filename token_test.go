package letterlock_test

import (
	"bytes"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"letterlock"
)

var tokenShape = regexp.MustCompile(`^ll_[0-9A-Za-z]{49}$`)

func TestTokenText(t *testing.T) {
	for bits, want := range map[[32]byte]string{
		{}:                                       "ll_" + strings.Repeat("0", 43) + "00FO4B",
		{31: 1}:                                  "ll_" + strings.Repeat("0", 42) + "1",
		[32]byte(bytes.Repeat([]byte{0xff}, 32)): "ll_yh",
	} {
		token := letterlock.MakeToken(bits)
		if !tokenShape.Match(token) || !strings.HasPrefix(string(token), want[:5]) {
			t.Errorf("MakeToken(%x) = %s, want one that begins with %s", bits, string(token), want)
		}
		if got, err := letterlock.ParseToken(string(token)); string(got) != string(token) || err != nil {
			t.Errorf("ParseToken(%s) = %s, %v, want it back", string(token), string(got), err)
		}
		if got := fmt.Sprintf("%s %v", token, token); strings.Contains(got, "ll_") {
			t.Errorf("a token prints as %s", got)
		}
	}
}

// Any one wrong character is found without asking the server.
func TestTokenTypos(t *testing.T) {
	good := string(letterlock.MakeToken([32]byte{1, 2, 3, 31: 4}))
	bad := []string{
		"", "ll_", good[:51], good + "0", " " + good, good + "\n", "LL" + good[2:], "ll-" + good[3:],
		good[:20] + "é" + good[22:], strings.Repeat("l", len(good)),
	}
	for i := range good {
		for _, c := range []byte("0aZ-_.\x00") {
			if good[i] != c {
				bad = append(bad, good[:i]+string(c)+good[i+1:])
			}
		}
	}
	for _, text := range bad {
		if token, err := letterlock.ParseToken(text); err != letterlock.ErrUnauthorized || token != nil {
			t.Errorf("ParseToken(%q) = %q, %v, want %v", text, string(token), err, letterlock.ErrUnauthorized)
		}
	}
}

func TestAPITokenGood(t *testing.T) {
	token := letterlock.APIToken{ExpiresAt: expires}
	revoked := letterlock.APIToken{ExpiresAt: expires, RevokedAt: created}
	if !token.Good(expires.Add(-ms)) || token.Good(expires) || revoked.Good(created) {
		t.Error("a token is not good until exactly its end, and until it was revoked")
	}
}

func TestCallerAllows(t *testing.T) {
	user := &letterlock.User{ID: "ann"}
	read := &letterlock.APIToken{Scopes: []letterlock.Scope{letterlock.ScopeRead}}
	for _, test := range []struct {
		name         string
		caller       letterlock.Caller
		read, delete bool
	}{
		{"nobody", letterlock.Caller{}, false, false},
		{"a token of nobody", letterlock.Caller{Token: read}, false, false},
		{"a session", letterlock.Caller{User: user, Session: &letterlock.Session{}}, true, true},
		{"a token", letterlock.Caller{User: user, Token: read}, true, false},
		{"a token for nothing", letterlock.Caller{User: user, Token: &letterlock.APIToken{}}, false, false},
	} {
		if r, d := test.caller.Allows(letterlock.ScopeRead), test.caller.Allows(letterlock.ScopeDelete); r != test.read || d != test.delete {
			t.Errorf("%s: Allows() = %v to read, %v to delete, want %v, %v", test.name, r, d, test.read, test.delete)
		}
	}
}

func TestCheckScopes(t *testing.T) {
	for _, test := range []struct {
		scopes []letterlock.Scope
		want   letterlock.FieldCode
	}{
		{letterlock.Scopes(), ""},
		{nil, letterlock.FieldRequired},
		{[]letterlock.Scope{"secret:create", "everything"}, letterlock.FieldOutOfRange},
		{[]letterlock.Scope{"secret:create", "secret:create"}, letterlock.FieldDuplicate},
	} {
		var want *letterlock.Refusal
		if test.want != "" {
			want = refuse(invalidField("scopes", test.want)...)
		}
		checkRefusal(t, fmt.Sprintf("CheckScopes(%q)", test.scopes), letterlock.CheckScopes(test.scopes), want)
	}
}

func TestCursor(t *testing.T) {
	for _, c := range []letterlock.Cursor{
		{},
		{Sort: letterlock.ByCreated, Key: 1 << 60, Number: 1 << 60},
		{Sort: letterlock.ByViews, Descending: true, Key: 0, Number: -1},
		{Sort: letterlock.ByName, NameKey: "über\x00", Number: 7},
		{Sort: letterlock.ByName, Descending: true, Number: 7},
	} {
		if got, ok := letterlock.ParseCursor(c.String()); got != c || !ok {
			t.Errorf("ParseCursor(%q) = %+v, %v, want %+v", c.String(), got, ok, c)
		}
	}
	good := letterlock.Cursor{Sort: letterlock.ByCreated, Key: 1, Number: 1}.String()
	for _, bad := range []string{"x", good + "A", good[:len(good)-2], good + "=", "zz" + good[2:], good + "\n"} {
		if got, ok := letterlock.ParseCursor(bad); ok {
			t.Errorf("ParseCursor(%q) = %+v, want a refusal", bad, got)
		}
	}
}

func TestSecretQueryCheck(t *testing.T) {
	good := letterlock.SecretQuery{Sort: letterlock.ByName, Limit: letterlock.MaxPage, State: letterlock.Locked, Name: "a"}
	for _, test := range []struct {
		field  string
		code   letterlock.FieldCode
		change func(*letterlock.SecretQuery)
	}{
		{"", "", func(*letterlock.SecretQuery) {}},
		{"state", letterlock.FieldOutOfRange, func(q *letterlock.SecretQuery) { q.State = "view_closed" }},
		{"query", letterlock.FieldTooLong, func(q *letterlock.SecretQuery) { q.Name = strings.Repeat("a", 101) }},
		{"sort", letterlock.FieldOutOfRange, func(q *letterlock.SecretQuery) { q.Sort = "" }},
		{"cursor", letterlock.FieldOutOfRange, func(q *letterlock.SecretQuery) { q.After = letterlock.Cursor{Sort: letterlock.ByViews} }},
		{"cursor", letterlock.FieldOutOfRange, func(q *letterlock.SecretQuery) {
			q.After = letterlock.Cursor{Sort: letterlock.ByName, Descending: true}
		}},
		{"limit", letterlock.FieldOutOfRange, func(q *letterlock.SecretQuery) { q.Limit = 0 }},
		{"limit", letterlock.FieldOutOfRange, func(q *letterlock.SecretQuery) { q.Limit = letterlock.MaxPage + 1 }},
	} {
		q := good
		test.change(&q)
		var want *letterlock.Refusal
		if test.field != "" {
			want = refuse(invalidField(test.field, test.code)...)
		}
		checkRefusal(t, "Check", q.Check(), want)
	}
}

func TestUserDisplay(t *testing.T) {
	u := letterlock.User{Email: "ann@example.org"}
	if got := u.Display(); got != "ann@example.org" || u.Verified() {
		t.Errorf("Display() without a name = %q, want the address", got)
	}
	u.Name, u.VerifiedAt = "Ann", time.Unix(1, 0)
	if got := u.Display(); got != "Ann" || !u.Verified() {
		t.Errorf("Display() = %q, want the name", got)
	}
}
