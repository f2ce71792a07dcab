package service_test

import (
	"testing"
	"time"

	"letterlock"
	"letterlock/internal/store"
)

// addToken gives a person an API token that was not revoked.
func (h *house) addToken(t testing.TB, p *person) {
	t.Helper()
	now := h.Clock.Now()
	err := h.DB.Tx(ctx, func(tx *store.Tx) error {
		return tx.InsertToken(&letterlock.APIToken{
			ID:        letterlock.MakeID[letterlock.TokenID]([16]byte(random(16))),
			UserID:    p.User.ID,
			Hash:      letterlock.Hash(random(32)),
			Scopes:    letterlock.Scopes(),
			CreatedAt: now,
			ExpiresAt: now.Add(letterlock.TokenLife),
		})
	})
	if err != nil {
		t.Fatalf("InsertToken: %v", err)
	}
}

// liveTokens is how many API tokens of a person are good.
func (h *house) liveTokens(t testing.TB, p *person) (live int) {
	t.Helper()
	err := h.DB.Read(ctx, func(tx *store.Tx) error {
		tokens, err := tx.Tokens(p.User.ID)
		for _, token := range tokens {
			if token.Good(h.Clock.Now()) {
				live++
			}
		}
		return err
	})
	if err != nil {
		t.Fatalf("Tokens: %v", err)
	}
	return live
}

func TestReset(t *testing.T) {
	accounts(t, func(t *testing.T, h *house) {
		p := h.join(t, "jane@example.com")
		h.addToken(t, p)
		want(t, "AskReset", h.AskReset(ctx, from(train), p.email()), "ok")
		first := h.mail(t, p.email(), "Choose a new password")
		want(t, "AskReset again", h.AskReset(ctx, from(train), p.email()), "ok")
		ticket := h.mail(t, p.email(), "Choose a new password")

		reset := func(ticket letterlock.Proof, password string) error {
			_, err := h.CompleteReset(ctx, from(train), ticket, password, browser)
			return err
		}
		h.unchanged(t, func() {
			want(t, "CompleteReset with the link before", reset(first, another), "not_found")
			want(t, "CompleteReset with another's ticket", reset(random(32), another), "not_found")
			want(t, "CompleteReset with a common password", reset(ticket, "password1234"), "invalid password:too_common")
			want(t, "CompleteReset with the address in the password", reset(ticket, "for jane@example.com"), "invalid password:too_common")
		})
		want(t, "SignIn before the reset is complete", h.signIn(home, p.email(), password), "ok")
		h.Clock.Advance(30*time.Minute - time.Millisecond)
		got := together(8, func(int) error { return reset(ticket, another) })
		if got["ok"] != 1 || got["not_found"] != 7 {
			t.Errorf("CompleteReset 8 times with one link: %v, want 1 ok and 7 not_found", got)
		}
		want(t, "a session from before", h.alive(p), "unauthorized")
		if live := h.liveTokens(t, p); live != 0 {
			t.Errorf("%d API tokens are good after a reset, want 0", live)
		}
		want(t, "SignIn with the old password", h.signIn(home, p.email(), password), "wrong_password")
		want(t, "SignIn with the new password", h.signIn(home, p.email(), another), "ok")
		h.mail(t, p.email(), "was changed")
	})
}

func TestResetLinkEnds(t *testing.T) {
	accounts(t, func(t *testing.T, h *house) {
		p := h.join(t, "jane@example.com")
		want(t, "AskReset", h.AskReset(ctx, from(home), p.email()), "ok")
		ticket := h.mail(t, p.email(), "Choose a new password")
		h.Clock.Advance(30 * time.Minute)
		h.unchanged(t, func() {
			_, err := h.CompleteReset(ctx, from(home), ticket, another, browser)
			want(t, "CompleteReset after half an hour", err, "not_found")
		})
	})
}

func TestChangePassword(t *testing.T) {
	accounts(t, func(t *testing.T, h *house) {
		p := h.join(t, "jane@example.com")
		elsewhere := h.entered(t)(h.SignIn(ctx, from(home), p.email(), password, browser))
		h.addToken(t, p)
		want(t, "AskReset", h.AskReset(ctx, from(home), p.email()), "ok")
		ticket := h.mail(t, p.email(), "Choose a new password")

		_, err := h.ChangePassword(ctx, p.Caller, another, another)
		want(t, "ChangePassword with a wrong one", err, "wrong_password")
		_, err = h.ChangePassword(ctx, p.Caller, password, "letterlock is nice")
		want(t, "ChangePassword to one with the instance's name", err, "invalid password:too_common")
		cookie, err := h.ChangePassword(ctx, p.Caller, password, another)
		want(t, "ChangePassword", err, "ok")

		want(t, "another session", h.alive(elsewhere), "unauthorized")
		want(t, "this session with the cookie before", h.alive(p), "unauthorized")
		p.cookie = cookie
		want(t, "this session with the new cookie", h.alive(p), "ok")
		if live := h.liveTokens(t, p); live != 1 {
			t.Errorf("%d API tokens are good after a change, want 1", live)
		}
		_, err = h.CompleteReset(ctx, from(home), ticket, password, browser)
		want(t, "CompleteReset with a link from before", err, "not_found")
		want(t, "SignIn with the new password", h.signIn(home, p.email(), another), "ok")
		h.mail(t, p.email(), "was changed")
	})
}

// Whoever found a browser signed in cannot guess the password there at leisure,
// and what they try is recorded.
func TestConfirmingIsLimited(t *testing.T) {
	accounts(t, func(t *testing.T, h *house) {
		p := h.join(t, "jane@example.com")
		for range 5 {
			want(t, "ChangeEmail with a wrong password", h.ChangeEmail(ctx, p.Caller, "x@example.com", another), "wrong_password")
		}
		want(t, "DeleteAccount after five wrong ones", h.DeleteAccount(ctx, p.Caller, password, true), "rate_limited")
		if got := h.refusals(t, letterlock.ActionSignedIn); got != 6 {
			t.Errorf("%d refusals recorded, want 6", got)
		}
	})
}

// Of two who change a password at once, the second did not know the new one.
func TestPasswordChangesRace(t *testing.T) {
	accounts(t, func(t *testing.T, h *house) {
		p := h.join(t, "jane@example.com")
		got := together(2, func(i int) error {
			_, err := h.ChangePassword(ctx, p.Caller, password, []string{another, "four small boats at anchor"}[i])
			return err
		})
		if got["ok"] != 1 || got["wrong_password"] != 1 {
			t.Errorf("ChangePassword twice at once: %v, want one ok and one wrong_password", got)
		}
	})
}
