package service_test

import (
	"testing"
	"time"

	"letterlock"
)

func TestChangeEmail(t *testing.T) {
	accounts(t, func(t *testing.T, h *house) {
		p := h.join(t, "jane@example.com")
		want(t, "ChangeEmail with a wrong password", h.ChangeEmail(ctx, p.Caller, "jane@example.net", another), "wrong_password")
		want(t, "ChangeEmail to no address", h.ChangeEmail(ctx, p.Caller, "jane", password), "invalid email:not_an_address")
		want(t, "ChangeEmail", h.ChangeEmail(ctx, p.Caller, "jane@example.net", password), "ok")
		confirm := h.mail(t, "jane@example.net", "Confirm your new address")
		want(t, "SignIn before it is confirmed", h.signIn(home, "jane@example.net", password), "wrong_password")
		want(t, "AskReset at the old address", h.AskReset(ctx, from(home), "jane@example.com"), "ok")
		reset := h.mail(t, "jane@example.com", "Choose a new password")

		address, err := h.ConfirmEmail(ctx, from(train), confirm)
		want(t, "ConfirmEmail", err, "ok")
		if address != "jane@example.net" {
			t.Errorf("ConfirmEmail: %s, want jane@example.net", address)
		}
		h.mail(t, "jane@example.com", "was changed")
		h.unchanged(t, func() {
			_, err := h.ConfirmEmail(ctx, from(home), confirm)
			want(t, "ConfirmEmail again", err, "not_found")
			_, err = h.CompleteReset(ctx, from(home), reset, another, browser)
			want(t, "CompleteReset with a link mailed to the old address", err, "not_found")
		})
		want(t, "SignIn with the new address", h.signIn(home, "jane@example.net", password), "ok")
		want(t, "SignIn with the old address", h.signIn(home, "jane@example.com", password), "wrong_password")
	})
}

// Whoever has the old mailbox gets the account back for a week, and whoever
// changed it is out: the password they knew is void.
func TestUndoEmail(t *testing.T) {
	accounts(t, func(t *testing.T, h *house) {
		p := h.join(t, "jane@example.com")
		h.addToken(t, p)
		want(t, "ChangeEmail", h.ChangeEmail(ctx, p.Caller, "mallory@example.net", password), "ok")
		_, err := h.ConfirmEmail(ctx, from(train), h.mail(t, "mallory@example.net", "Confirm"))
		want(t, "ConfirmEmail", err, "ok")
		undo := h.mail(t, "jane@example.com", "was changed")
		h.Clock.Advance(7*24*time.Hour - time.Millisecond)
		p = h.entered(t)(h.SignIn(ctx, from(home), "mallory@example.net", password, browser))

		reset, err := h.UndoEmail(ctx, from(home), undo)
		want(t, "UndoEmail", err, "ok")
		want(t, "a session from before", h.alive(p), "unauthorized")
		if live := h.liveTokens(t, p); live != 0 {
			t.Errorf("%d API tokens are good after it was undone, want 0", live)
		}
		for _, email := range []string{"jane@example.com", "mallory@example.net"} {
			want(t, "SignIn with the void password as "+email, h.signIn(home, email, password), "wrong_password")
		}
		h.unchanged(t, func() {
			_, err := h.UndoEmail(ctx, from(home), undo)
			want(t, "UndoEmail again", err, "not_found")
		})
		in, err := h.CompleteReset(ctx, from(home), reset, another, browser)
		want(t, "CompleteReset with what UndoEmail returned", err, "ok")
		if in.User.Email != "jane@example.com" {
			t.Errorf("the address is %s, want jane@example.com", in.User.Email)
		}
	})
}

func TestUndoLinkEnds(t *testing.T) {
	accounts(t, func(t *testing.T, h *house) {
		p := h.join(t, "jane@example.com")
		want(t, "ChangeEmail", h.ChangeEmail(ctx, p.Caller, "jane@example.net", password), "ok")
		_, err := h.ConfirmEmail(ctx, from(home), h.mail(t, "jane@example.net", "Confirm"))
		want(t, "ConfirmEmail", err, "ok")
		undo := h.mail(t, "jane@example.com", "was changed")
		h.Clock.Advance(7 * 24 * time.Hour)
		h.unchanged(t, func() {
			_, err := h.UndoEmail(ctx, from(home), undo)
			want(t, "UndoEmail after a week", err, "not_found")
		})
	})
}

// An address that somebody has cannot be taken, and whoever tries does not
// learn that somebody has it.
func TestChangeEmailToATakenOne(t *testing.T) {
	accounts(t, func(t *testing.T, h *house) {
		jane, sam := h.join(t, "jane@example.com"), h.join(t, "sam@example.com")
		want(t, "ChangeEmail to another's", h.ChangeEmail(ctx, jane.Caller, "SAM@example.com", password), "ok")
		h.mail(t, sam.email(), "You have an account")

		want(t, "ChangeEmail", h.ChangeEmail(ctx, jane.Caller, "new@example.com", password), "ok")
		confirm := h.mail(t, "new@example.com", "Confirm")
		h.join(t, "new@example.com")
		h.unchanged(t, func() {
			_, err := h.ConfirmEmail(ctx, from(home), confirm)
			want(t, "ConfirmEmail of an address taken meanwhile", err, "conflict")
		})
	})
}

// An account that somebody began with an address and never proved keeps nobody
// from it.
func TestUnprovedAccountsMakeWay(t *testing.T) {
	accounts(t, func(t *testing.T, h *house) {
		h.signUpMode(t, letterlock.SignUpOpen)
		jane := h.join(t, "jane@example.com")
		want(t, "SignUp by somebody else", h.SignUp(ctx, from(train), "jane@example.net", "en", nil), "ok")
		h.takeMail(t)
		want(t, "ChangeEmail", h.ChangeEmail(ctx, jane.Caller, "jane@example.net", password), "ok")
		_, err := h.ConfirmEmail(ctx, from(home), h.mail(t, "jane@example.net", "Confirm your new address"))
		want(t, "ConfirmEmail", err, "ok")

		want(t, "SignUp", h.SignUp(ctx, from(train), "sam@example.net", "en", nil), "ok")
		h.join(t, "sam@example.net")
	})
}
