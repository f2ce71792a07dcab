package letterlock_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"letterlock"
)

func TestProofOpensOnlyItsHash(t *testing.T) {
	p := letterlock.Proof("a link proof")
	for _, test := range []struct {
		name  string
		proof letterlock.Proof
		hash  letterlock.Hash
		want  bool
	}{
		{"its own", p, sha256.Sum256(p), true},
		{"another", letterlock.Proof("a link prooF"), sha256.Sum256(p), false},
		{"shorter", p[:11], sha256.Sum256(p), false},
		{"none", nil, sha256.Sum256(p), false},
		{"none, against the hash of nothing", nil, sha256.Sum256(nil), false},
		{"none, against no hash", nil, letterlock.Hash{}, false},
	} {
		if got := test.proof.Opens(test.hash); got != test.want {
			t.Errorf("%s: Opens() = %v, want %v", test.name, got, test.want)
		}
	}
}

func TestCallerIsRecognisedByTheRightProof(t *testing.T) {
	link, manage := letterlock.Proof("link"), letterlock.Proof("manage")
	s := secret(func(s *letterlock.Secret) { s.LinkHash, s.ManageHash = link.Hash(), manage.Hash() })
	for _, test := range []struct {
		name         string
		caller       letterlock.Caller
		link, manage bool
	}{
		{"nobody", letterlock.Caller{}, false, false},
		{"reader", letterlock.Caller{Link: link}, true, false},
		{"sender", letterlock.Caller{Manage: manage}, false, true},
		{"proofs swapped", letterlock.Caller{Link: manage, Manage: link, View: link}, false, false},
	} {
		if l, m := test.caller.HoldsLink(s), test.caller.Manages(s); l != test.link || m != test.manage {
			t.Errorf("%s: HoldsLink() = %v, Manages() = %v, want %v, %v", test.name, l, m, test.link, test.manage)
		}
	}
}

// Whatever a secret-holding value is printed with, in whatever struct it
// travels, its bytes do not come out.
func TestSecretsDoNotPrint(t *testing.T) {
	canary := []byte("canary-in-a-coal-mine-32-bytes!!")
	proof, hash := letterlock.Proof(canary), letterlock.Hash(canary)
	for _, value := range []any{
		proof, &proof, hash, &hash,
		[]letterlock.Proof{proof}, map[string]letterlock.Hash{"link": hash},
		letterlock.Caller{Link: proof, Manage: proof, View: proof},
		letterlock.NewView{Hash: hash, Access: proof},
		&letterlock.NewSecret{LinkHash: hash, AccessHash: hash, ManageHash: hash},
		&letterlock.Secret{LinkHash: hash, AccessHash: hash, ManageHash: hash, LastWrong: hash},
		&letterlock.View{Hash: hash},
		letterlock.PasswordHash(canary), letterlock.Payload(canary), &letterlock.Mail{Payload: canary},
		letterlock.Caller{
			User:    &letterlock.User{PasswordHash: letterlock.PasswordHash(canary)},
			Session: &letterlock.Session{Hash: hash},
			Token:   &letterlock.APIToken{Hash: hash},
		},
		&letterlock.User{PasswordHash: letterlock.PasswordHash(canary)}, &letterlock.Session{Hash: hash},
		&letterlock.Ticket{Hash: hash}, &letterlock.Invitation{Hash: hash}, &letterlock.APIToken{Hash: hash},
	} {
		for how, printed := range printings(t, value) {
			if !redacted(printed, canary) {
				t.Errorf("%T printed by %s shows the secret: %s", value, how, printed)
			}
		}
	}
	for _, value := range []any{proof, hash, letterlock.PasswordHash(canary), letterlock.Payload(canary)} {
		for how, printed := range printings(t, value) {
			if !strings.Contains(printed, "[redacted]") {
				t.Errorf("%T printed by %s = %q, want [redacted]", value, how, printed)
			}
		}
	}
}

// printings are the ways in which a value gets into a log or an answer.
func printings(t *testing.T, value any) map[string]string {
	t.Helper()
	marshalled, err := json.Marshal(value)
	if err != nil {
		t.Fatalf("json.Marshal(%T): %v", value, err)
	}
	var text, structured bytes.Buffer
	slog.New(slog.NewTextHandler(&text, nil)).Info("it", "value", value)
	slog.New(slog.NewJSONHandler(&structured, nil)).Info("it", "value", value)
	all := map[string]string{
		"json.Marshal":     string(marshalled),
		"slog.TextHandler": text.String(),
		"slog.JSONHandler": structured.String(),
		"fmt.Sprint":       fmt.Sprint(value),
		"an error":         fmt.Errorf("it failed: %v", value).Error(),
	}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "% x", "%#x", "%d", "%o", "%b", "%c", "%U", "%08v"} {
		all[verb] = fmt.Sprintf(verb, value)
	}
	return all
}

// redacted reports whether no usual spelling of the bytes is in printed.
func redacted(printed string, secret []byte) bool {
	start := secret[:6]
	for _, spelling := range []string{
		string(start), hex.EncodeToString(start), strings.ToUpper(hex.EncodeToString(start)),
		base64.RawStdEncoding.EncodeToString(start), fmt.Sprintf("% x", start), "0x63, 0x61", strings.Trim(fmt.Sprint(start), "[]"),
		strings.Trim(fmt.Sprintf("%o", start), "[]"), strings.Trim(fmt.Sprintf("%b", start), "[]"),
		strings.Trim(fmt.Sprintf("%c", start), "[]"), strings.Trim(fmt.Sprintf("%U", start), "[]"),
	} {
		if strings.Contains(printed, spelling) {
			return false
		}
	}
	return true
}

// A token made for one organization reaches nothing else, the personal space
// included.
func TestCallerActsIn(t *testing.T) {
	ann := &letterlock.User{ID: "ann"}
	session := letterlock.Caller{User: ann, Session: &letterlock.Session{}}
	token := letterlock.Caller{User: ann, Token: &letterlock.APIToken{}}
	bound := letterlock.Caller{User: ann, Token: &letterlock.APIToken{OrgID: "acme"}}
	for _, test := range []struct {
		name   string
		caller letterlock.Caller
		want   map[letterlock.OrgID]bool
	}{
		{"nobody", letterlock.Caller{}, map[letterlock.OrgID]bool{"": false, "acme": false, "other": false}},
		{"a session", session, map[letterlock.OrgID]bool{"": true, "acme": true, "other": true}},
		{"a token", token, map[letterlock.OrgID]bool{"": true, "acme": true, "other": true}},
		{"a token for one", bound, map[letterlock.OrgID]bool{"": false, "acme": true, "other": false}},
	} {
		for org, want := range test.want {
			if got := test.caller.ActsIn(org); got != want {
				t.Errorf("%s: ActsIn(%q) = %t, want %t", test.name, org, got, want)
			}
		}
	}
}
