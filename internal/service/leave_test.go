package service_test

import (
	"encoding/base64"
	"encoding/hex"
	"strings"
	"testing"

	"letterlock"
	"letterlock/internal/store"
)

// shared is a secret that a person shares, in the organization they work in.
func (h *house) shared(t testing.TB, p *person, org letterlock.OrgID) *sealed {
	t.Helper()
	x := seal(1)
	x.Org, x.Name = org, "a name"
	if _, _, err := h.CreateSecret(ctx, p.Caller, &x.NewSecret); err != nil {
		t.Fatalf("CreateSecret: %v", err)
	}
	return x
}

func TestDeleteAccount(t *testing.T) {
	for name, test := range map[string]struct {
		keep bool
		want string
	}{
		"with the secrets": {false, "gone deleted"},
		"only":             {true, "ok"},
	} {
		t.Run(name, func(t *testing.T) {
			accounts(t, func(t *testing.T, h *house) {
				p, sam := h.join(t, "jane@example.com"), h.join(t, "sam@example.com")
				org, err := h.CreateOrg(ctx, sam.Caller, "Acme")
				want(t, "CreateOrg", err, "ok")
				want(t, "AddMember", h.AddMember(ctx, org.ID, p.email(), letterlock.PlainMember), "ok")
				h.addToken(t, p)
				personal, orgs, sams := h.shared(t, p, ""), h.shared(t, p, org.ID), h.shared(t, sam, "")

				want(t, "DeleteAccount with a wrong password", h.DeleteAccount(ctx, p.Caller, another, test.keep), "wrong_password")
				want(t, "DeleteAccount", h.DeleteAccount(ctx, p.Caller, password, test.keep), "ok")
				want(t, "the session", h.alive(p), "unauthorized")
				want(t, "SignIn", h.signIn(home, p.email(), password), "wrong_password")
				want(t, "the personal secret", h.peek(personal), test.want)
				want(t, "the organization's secret", h.peek(orgs), test.want)
				want(t, "another's secret", h.peek(sams), "ok")
				want(t, "the manage token of a secret", h.delete(personal), "ok")
				want(t, "AddUser with the address afterwards", addUser(h, p.email()), "ok")
			})
		})
	}
}

func addUser(h *house, email string) error {
	_, _, err := h.AddUser(ctx, "", email)
	return err
}

// Whoever is the last to answer for something stays until another is found.
func TestDeleteAccountOfTheLast(t *testing.T) {
	accounts(t, func(t *testing.T, h *house) {
		operator, jane, sam := h.operator(t), h.join(t, "jane@example.com"), h.join(t, "sam@example.com")
		org, err := h.CreateOrg(ctx, jane.Caller, "Acme")
		want(t, "CreateOrg", err, "ok")
		want(t, "AddMember", h.AddMember(ctx, org.ID, sam.email(), letterlock.Admin), "ok")
		x := h.shared(t, jane, org.ID)

		want(t, "DeleteAccount of the last operator", h.DeleteAccount(ctx, operator.Caller, password, false), "conflict")
		want(t, "DeleteAccount of the last owner", h.DeleteAccount(ctx, jane.Caller, password, false), "last_owner")
		want(t, "the session of the last owner", h.alive(jane), "ok")
		want(t, "the secret of the last owner", h.peek(x), "ok")

		want(t, "AddMember as owner", h.AddMember(ctx, org.ID, sam.email(), letterlock.Owner), "ok")
		want(t, "SetOperator", h.SetOperator(ctx, jane.email(), true), "ok")
		got := together(2, func(i int) error {
			return h.DeleteAccount(ctx, []*person{jane, operator}[i].Caller, password, false)
		})
		if got["ok"] != 1 || got["conflict"] != 1 {
			t.Errorf("DeleteAccount of both operators at once: %v, want one ok and one conflict", got)
		}
	})
}

// What cannot be recorded does not happen, with accounts as with secrets.
func TestNoAccountChangesUnrecorded(t *testing.T) {
	// Each prepares and returns the verb to try.
	verbs := map[string]func(t *testing.T, h *house, p *person) func() error{
		"ChangeProfile": func(_ *testing.T, h *house, p *person) func() error {
			return func() error { return h.ChangeProfile(ctx, p.Caller, "Jane", "de") }
		},
		"SignOut": func(_ *testing.T, h *house, p *person) func() error {
			return func() error { return h.SignOut(ctx, p.Caller) }
		},
		"EndOtherSessions": func(t *testing.T, h *house, p *person) func() error {
			h.entered(t)(h.SignIn(ctx, from(home), p.email(), password, browser))
			return func() error { return h.EndOtherSessions(ctx, p.Caller) }
		},
		"CompleteReset": func(t *testing.T, h *house, p *person) func() error {
			ticket, err := h.ResetTicket(ctx, p.email())
			want(t, "ResetTicket", err, "ok")
			return func() error {
				_, err := h.CompleteReset(ctx, from(home), ticket, another, browser)
				return err
			}
		},
		"ConfirmEmail": func(t *testing.T, h *house, p *person) func() error {
			want(t, "ChangeEmail", h.ChangeEmail(ctx, p.Caller, "new@example.com", password), "ok")
			ticket := h.mail(t, "new@example.com", "Confirm")
			return func() error {
				_, err := h.ConfirmEmail(ctx, from(home), ticket)
				return err
			}
		},
		"CompleteSetup": func(t *testing.T, h *house, _ *person) func() error {
			ticket := h.setupTicket(t)
			return func() error { return h.setUp(ticket, "operator@example.com", password) }
		},
	}
	for name, prepare := range verbs {
		t.Run(name, func(t *testing.T) {
			accounts(t, func(t *testing.T, h *house) {
				verb := prepare(t, h, h.join(t, "jane@example.com"))
				h.unchanged(t, func() {
					h.Exec(t, `ALTER TABLE event RENAME TO event_away`)
					defer h.Exec(t, `ALTER TABLE event_away RENAME TO event`)
					want(t, name, verb(), "unavailable")
				})
				want(t, name+" once events can be kept", verb(), "ok")
			})
		})
	}
}

// Nothing that opens an account is in the database: only hashes of it, until a
// mail with a link is sent.
func TestNothingThatOpensIsKept(t *testing.T) {
	accounts(t, func(t *testing.T, h *house) {
		p := h.join(t, "jane@example.com")
		want(t, "AskReset", h.AskReset(ctx, from(home), p.email()), "ok")
		ticket := h.mail(t, p.email(), "Choose a new password")
		wantNotKept(t, h, "the cookie", p.cookie)
		wantNotKept(t, h, "the ticket", ticket)
		wantNotKept(t, h, "the password", []byte(password))
		err := h.DB.Read(ctx, func(tx *store.Tx) error {
			_, err := tx.Ticket(ticket.Hash(), letterlock.TicketReset)
			return err
		})
		want(t, "the ticket's hash", err, "ok")
	})
}

func wantNotKept(t testing.TB, h *house, name string, opens []byte) {
	t.Helper()
	dump := h.Dump(t)
	for form, text := range map[string]string{
		"as it is":    string(opens),
		"hexadecimal": hex.EncodeToString(opens),
		"base64url":   base64.RawURLEncoding.EncodeToString(opens),
		"hex of that": hex.EncodeToString([]byte(base64.RawURLEncoding.EncodeToString(opens))),
	} {
		if strings.Contains(dump, text) {
			t.Errorf("%s is in the database, %s", name, form)
		}
	}
}
