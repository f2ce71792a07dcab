package letterlock_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"letterlock"
)

func TestSettingsAdmit(t *testing.T) {
	domains := []string{"example.com", "xn--bcher-kva.example"}
	for _, test := range []struct {
		mode  letterlock.SignUpMode
		email string
		want  bool
	}{
		{letterlock.SignUpInvited, "jane@example.com", false},
		{letterlock.SignUpOpen, "jane@example.net", true},
		{letterlock.SignUpDomains, "jane@EXAMPLE.com", true},
		{letterlock.SignUpDomains, "jane@Bücher.example", true},
		{letterlock.SignUpDomains, "jane@sub.example.com", false},
		{letterlock.SignUpDomains, "jane@notexample.com", false},
		{letterlock.SignUpDomains, "example.com@example.net", false},
		{"", "jane@example.com", false},
	} {
		email, ok := letterlock.ParseEmail(test.email)
		if !ok {
			t.Fatalf("ParseEmail(%q) is refused", test.email)
		}
		s := letterlock.Settings{SignUp: test.mode, Domains: domains}
		if got := s.Admits(email); got != test.want {
			t.Errorf("Admits(%s) where %q may sign up = %t, want %t", test.email, test.mode, got, test.want)
		}
	}
}

func TestMailServerNeverPrintsItsPassword(t *testing.T) {
	for _, server := range []letterlock.MailServer{"smtp://jane:s3cret@mail.example.org:587", "smtp://jane:s3cret@:not a url:"} {
		text, err := json.Marshal(server)
		if err != nil {
			t.Fatal(err)
		}
		printed := string(text) + fmt.Sprintf("%v %+v %#v %s %q %x", server, server, server, server, server, server)
		if strings.Contains(printed, "s3cret") || strings.Contains(printed, fmt.Sprintf("%x", "s3cret")) {
			t.Errorf("a mail server prints as %s, want no password in it", printed)
		}
	}
	if got := letterlock.MailServer("").Redacted(); got != "" {
		t.Errorf("no mail server prints as %q, want nothing", string(got))
	}
}
