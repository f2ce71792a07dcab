package service_test

import (
	"fmt"
	"net"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"letterlock"
	"letterlock/internal/testkit"
)

func TestSettings(t *testing.T) {
	accounts(t, func(t *testing.T, h *house) {
		operator := h.operator(t)
		defaults := letterlock.Settings{
			Name:       "Letterlock",
			URL:        "https://share.example.org",
			Create:     letterlock.CreateAnyone,
			SignUp:     letterlock.SignUpInvited,
			Domains:    []string{},
			MailServer: letterlock.MailServer(h.box.URL),
			MailFrom:   "Letterlock <no-reply@example.org>",
		}
		if diff := cmp.Diff(defaults, h.Settings()); diff != "" {
			t.Errorf("Settings of a new instance (-want +got):\n%s", diff)
		}
		change := letterlock.Settings{
			Name:       "Acme",
			URL:        "https://acme.example.org/share/",
			Create:     letterlock.CreateSignedIn,
			SignUp:     letterlock.SignUpDomains,
			Domains:    []string{"Example.COM", "bücher.example"},
			MailServer: "smtp://jane:s3cret-word@mail.example.org",
			MailFrom:   "acme@example.org",
		}
		want(t, "ChangeSettings", h.ChangeSettings(ctx, operator.Caller, change), "ok")
		changed := change
		changed.URL = "https://acme.example.org/share"
		changed.Domains = []string{"example.com", "xn--bcher-kva.example"}
		changed.MailServer = "smtp://jane:xxxxx@mail.example.org"
		got, err := h.InstanceSettings(ctx, operator.Caller)
		if diff := cmp.Diff(changed, got); err != nil || diff != "" {
			t.Errorf("InstanceSettings: %v (-want +got):\n%s", err, diff)
		}
		if diff := cmp.Diff(changed, h.Settings()); diff != "" {
			t.Errorf("Settings (-want +got):\n%s", diff)
		}
		if strings.Contains(fmt.Sprintf("%v %+v %s", got, change, change.MailServer), "s3cret") {
			t.Error("the settings print the mail server's password")
		}

		got.Name = "Acme & Sons"
		want(t, "ChangeSettings with what was shown", h.ChangeSettings(ctx, operator.Caller, got), "ok")
		if !strings.Contains(h.Dump(t), "smtp://jane:s3cret-word@mail.example.org") {
			t.Error("the mail server's password is gone after other settings were changed")
		}
	})
}

func TestSettingsAreTheOperators(t *testing.T) {
	accounts(t, func(t *testing.T, h *house) {
		operator, jane := h.operator(t), h.join(t, "jane@example.com")
		token := operator.Caller
		token.Session, token.Token = nil, &letterlock.APIToken{Scopes: letterlock.Scopes()}
		for name, c := range map[string]letterlock.Caller{"a user": jane.Caller, "nobody": from(home), "an API token": token} {
			h.unchanged(t, func() {
				want(t, "ChangeSettings by "+name, h.ChangeSettings(ctx, c, h.Settings()), "not_found")
				_, err := h.InstanceSettings(ctx, c)
				want(t, "InstanceSettings by "+name, err, "not_found")
				_, err = h.TestMail(ctx, c, letterlock.MailServer(h.box.URL), "a@example.org", "b@example.org", "en")
				want(t, "TestMail by "+name, err, "not_found")
				_, err = h.FailedMails(ctx, c, 0)
				want(t, "FailedMails by "+name, err, "not_found")
			})
		}
		want(t, "SetOperator", h.SetOperator(ctx, jane.email(), true), "ok")
		want(t, "SetOperator", h.SetOperator(ctx, operator.email(), false), "ok")
		want(t, "ChangeSettings by who was operator", h.ChangeSettings(ctx, operator.Caller, h.Settings()), "not_found")
		h.wantMails(t)
	})
}

func TestBadSettings(t *testing.T) {
	tests := map[string]func(n *letterlock.Settings){
		"name:required":            func(n *letterlock.Settings) { n.Name = " " },
		"name:too_long":            func(n *letterlock.Settings) { n.Name = strings.Repeat("x", 101) },
		"url:not_a_url":            func(n *letterlock.Settings) { n.URL = "share.example.org" },
		"create:out_of_range":      func(n *letterlock.Settings) { n.Create = "" },
		"sign_up:out_of_range":     func(n *letterlock.Settings) { n.SignUp = "all" },
		"domains:required":         func(n *letterlock.Settings) { n.SignUp = letterlock.SignUpDomains },
		"domains:not_an_address":   func(n *letterlock.Settings) { n.Domains = []string{"not a domain"} },
		"mail_server:not_a_url":    func(n *letterlock.Settings) { n.MailServer = "mail.example.org:25" },
		"mail_from:not_an_address": func(n *letterlock.Settings) { n.MailFrom = "nobody" },
	}
	accounts(t, func(t *testing.T, h *house) {
		operator := h.operator(t)
		for refused, spoil := range tests {
			n := h.Settings()
			spoil(&n)
			h.unchanged(t, func() { want(t, "ChangeSettings", h.ChangeSettings(ctx, operator.Caller, n), "invalid "+refused) })
		}
	})
}

// Who may share is decided by the settings, on other nodes too after a while.
func TestSignedInMayCreate(t *testing.T) {
	accounts(t, func(t *testing.T, h *house) {
		operator := h.operator(t)
		n := h.Settings()
		n.Create = letterlock.CreateSignedIn
		want(t, "ChangeSettings", h.ChangeSettings(ctx, operator.Caller, n), "ok")
		h.unchanged(t, func() { want(t, "CreateSecret by nobody", h.tryCreate(seal(1)), "unauthorized") })
		x := seal(1)
		_, _, err := h.CreateSecret(ctx, operator.Caller, &x.NewSecret)
		want(t, "CreateSecret by who signed in", err, "ok")
	})
}

func TestTestMail(t *testing.T) {
	accounts(t, func(t *testing.T, h *house) {
		operator := h.operator(t)
		explanation, err := h.TestMail(ctx, operator.Caller, letterlock.MailServer(h.box.URL), "other@example.org", "jane@example.com", "de")
		if err != nil || explanation != nil {
			t.Fatalf("TestMail: %+v, %v; want nothing to explain", explanation, err)
		}
		if letters := h.box.Take(); len(letters) != 1 || letters[0].To != "jane@example.com" || !strings.Contains(letters[0].Subject, "Test-E-Mail") {
			t.Errorf("the mails %+v arrived, want a test to jane@example.com in German", letters)
		}
		for name, server := range map[string]letterlock.MailServer{"none": "", "nobody there": nobodyThere(t)} {
			explanation, err := h.TestMail(ctx, operator.Caller, server, "other@example.org", "jane@example.com", "en")
			if err != nil || explanation == nil || explanation.What == "" || explanation.Do == "" {
				t.Errorf("TestMail with the server %s: %+v, %v; want an explanation", name, explanation, err)
			}
		}
		h.box.Refuse(550)
		explanation, err = h.TestMail(ctx, operator.Caller, letterlock.MailServer(h.box.URL), "other@example.org", "jane@example.com", "en")
		if err != nil || explanation == nil || !strings.Contains(strings.Join(explanation.Conversation, "\n"), "< 550") {
			t.Errorf("TestMail that the server refuses: %+v, %v; want the conversation with its 550", explanation, err)
		}
		_, err = h.TestMail(ctx, operator.Caller, "mail", "other@example.org", "jane@example.com", "en")
		want(t, "TestMail without a server's address", err, "invalid mail_server:not_a_url")
		_, err = h.TestMail(ctx, operator.Caller, "", "", "jane", "en")
		want(t, "TestMail to no address", err, "invalid email:not_an_address")
	})
}

// nobodyThere is a mail server that is not.
func nobodyThere(t *testing.T) letterlock.MailServer {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return letterlock.MailServer("smtp://" + l.Addr().String())
}

// Options that cannot be used keep nobody from starting: no mail is sent.
func TestStartWithABadMailServer(t *testing.T) {
	testkit.Engines(t, func(t *testing.T, e *testkit.Engine) {
		config := configFor(testkit.Mail(t))
		config.MailServer = "mail"
		startWith(t, e, config)
	})
}
