package service_test

import (
	"fmt"
	"net/netip"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"letterlock"
	"letterlock/internal/store"
)

func TestSignIn(t *testing.T) {
	accounts(t, func(t *testing.T, h *house) {
		p := h.join(t, "jane@example.com")
		want(t, "SignIn with a wrong password", h.signIn(home, p.email(), another), "wrong_password")
		want(t, "SignIn of nobody", h.signIn(home, "nobody@example.com", password), "wrong_password")
		want(t, "SignIn without a password", h.signIn(home, p.email(), ""), "wrong_password")
		h.unchanged(t, func() {
			want(t, "SignIn without an address", h.signIn(home, "jane", password), "invalid email:not_an_address")
		})

		in, err := h.SignIn(ctx, p.Caller, "JANE@example.com", password, "Firefox\n\x00 on Linux")
		if err != nil {
			t.Fatalf("SignIn: %v", err)
		}
		want(t, "the session in which one signs in", h.alive(p), "unauthorized")
		c, err := h.SessionCaller(ctx, from(home), in.Cookie)
		if err != nil {
			t.Fatalf("SessionCaller: %v", err)
		}
		now := h.Clock.Now().UTC()
		if diff := cmp.Diff(&letterlock.Session{
			ID:        in.Session.ID,
			UserID:    p.User.ID,
			Hash:      in.Cookie.Hash(),
			CreatedAt: now,
			SeenAt:    now,
			Agent:     "Firefox on Linux",
			Net:       home,
		}, c.Session); diff != "" {
			t.Errorf("the session (-want +got):\n%s", diff)
		}
		if c.User.ID != p.User.ID || c.Net != home || len(in.Cookie) != 32 {
			t.Errorf("signed in as %s from %s with %d bytes, want %s, %s, 32", c.User.ID, c.Net, len(in.Cookie), p.User.ID, home)
		}
		h.wantMails(t)
	})
}

// A sign-in from a network not seen before is mailed, once.
func TestNewNetworkIsMailed(t *testing.T) {
	accounts(t, func(t *testing.T, h *house) {
		p := h.join(t, "jane@example.com")
		want(t, "SignIn at home", h.signIn(home, p.email(), password), "ok")
		h.wantMails(t)
		want(t, "SignIn on the train", h.signIn(train, p.email(), password), "ok")
		h.mail(t, p.email(), "New sign-in")
		want(t, "SignIn on the train again", h.signIn(train, p.email(), password), "ok")
		h.wantMails(t)
	})
}

// Five wrong passwords from a network are enough for a while, whoever is asked
// for, and also side by side.
func TestSignInIsLimitedNearby(t *testing.T) {
	accounts(t, func(t *testing.T, h *house) {
		p := h.join(t, "jane@example.com")
		for _, email := range []string{p.email(), "nobody@example.com"} {
			got := together(12, func(int) error { return h.signIn(train, email, another) })
			if diff := cmp.Diff(map[string]int{"wrong_password": 5, "rate_limited": 7}, got); diff != "" {
				t.Errorf("12 times SignIn as %s (-want +got):\n%s", email, diff)
			}
		}
		h.unchanged(t, func() {
			want(t, "SignIn with the right password after five wrong ones", h.signIn(train, p.email(), password), "rate_limited")
		})
		want(t, "SignIn from elsewhere", h.signIn(home, p.email(), password), "ok")
		h.Clock.Advance(15*time.Minute - time.Millisecond)
		want(t, "SignIn just before 15 minutes", h.signIn(train, p.email(), password), "rate_limited")
		h.Clock.Advance(time.Millisecond)
		want(t, "SignIn after 15 minutes", h.signIn(train, p.email(), password), "ok")
	})
}

// Guessing from everywhere is slowed down, and never keeps the owner out: not
// where they were before, and not after a reset.
func TestSignInIsLimitedEverywhere(t *testing.T) {
	accounts(t, func(t *testing.T, h *house) {
		p := h.join(t, "jane@example.com")
		for i := range 20 {
			want(t, fmt.Sprintf("wrong password %d", i+1), h.signIn(network(i), p.email(), another), "wrong_password")
		}
		for i := range 5 {
			want(t, "SignIn from one more network", h.signIn(network(20+i), p.email(), password), "rate_limited")
		}
		want(t, "SignIn at home", h.signIn(home, p.email(), password), "ok")

		want(t, "AskReset", h.AskReset(ctx, from(train), p.email()), "ok")
		ticket := h.mail(t, p.email(), "Choose a new password")
		_, err := h.CompleteReset(ctx, from(train), ticket, another, browser)
		want(t, "CompleteReset", err, "ok")
		want(t, "SignIn from one more network after a reset", h.signIn(network(30), p.email(), another), "ok")
	})
}

// network is one of many.
func network(i int) letterlock.Net {
	return letterlock.NetOf(netip.AddrFrom4([4]byte{203, 0, byte(i), 1}))
}

// Signing in often is no failure.
func TestRightPasswordsAreNotCounted(t *testing.T) {
	accounts(t, func(t *testing.T, h *house) {
		p := h.join(t, "jane@example.com")
		for range 25 {
			want(t, "SignIn", h.signIn(home, p.email(), password), "ok")
		}
		want(t, "SignIn from a network not known", h.signIn("", p.email(), password), "ok")
	})
}

// A password that was hashed with less work than new ones is hashed anew when it
// is known, which is at the next sign-in.
func TestRehash(t *testing.T) {
	accounts(t, func(t *testing.T, h *house) {
		p := h.join(t, "jane@example.com")
		hash := func() (hash letterlock.PasswordHash) {
			h.DB.Read(ctx, func(tx *store.Tx) error {
				user, err := tx.User(p.User.ID)
				hash = user.PasswordHash
				return err
			})
			return hash
		}
		cheap := hash()
		h.HashDearly()
		want(t, "SignIn with a wrong password", h.signIn(home, p.email(), another), "wrong_password")
		if hash() != cheap {
			t.Error("a wrong password changed the hash")
		}
		want(t, "SignIn", h.signIn(home, p.email(), password), "ok")
		dear := hash()
		if dear == cheap {
			t.Error("the password was not hashed anew")
		}
		want(t, "SignIn with the new hash", h.signIn(home, p.email(), password), "ok")
		if hash() != dear {
			t.Error("the password was hashed anew again")
		}
	})
}

// A session ends when it was not used for long, and in any case after a week.
func TestSessionEnds(t *testing.T) {
	accounts(t, func(t *testing.T, h *house) {
		p := h.join(t, "jane@example.com")
		h.Clock.Advance(letterlock.SessionIdle - time.Millisecond)
		want(t, "a session not used for just under 12 hours", h.alive(p), "ok")
		h.Clock.Advance(letterlock.SessionIdle)
		h.unchanged(t, func() { want(t, "a session not used for 12 hours", h.alive(p), "unauthorized") })

		p = h.entered(t)(h.SignIn(ctx, from(home), "jane@example.com", password, browser))
		for range 7*24 - 1 {
			h.Clock.Advance(time.Hour)
			want(t, "a session used every hour", h.alive(p), "ok")
		}
		h.Clock.Advance(time.Hour)
		want(t, "a session of a week", h.alive(p), "unauthorized")
		h.unchanged(t, func() {
			_, err := h.SessionCaller(ctx, from(home), random(32))
			want(t, "a cookie of nobody", err, "unauthorized")
			_, err = h.SessionCaller(ctx, from(home), nil)
			want(t, "no cookie", err, "unauthorized")
		})
	})
}

// Looking up a session writes once a minute, not with every request.
func TestSessionIsTouchedOnceAMinute(t *testing.T) {
	accounts(t, func(t *testing.T, h *house) {
		p := h.join(t, "jane@example.com")
		h.Clock.Advance(time.Minute - time.Millisecond)
		h.unchanged(t, func() { want(t, "a session just used", h.alive(p), "ok") })
		h.Clock.Advance(time.Millisecond)
		if _, err := h.SessionCaller(ctx, from(train), p.cookie); err != nil {
			t.Fatalf("SessionCaller: %v", err)
		}
		sessions, err := h.Sessions(ctx, p.Caller)
		if err != nil || len(sessions) != 1 || !sessions[0].SeenAt.Equal(h.Clock.Now()) || sessions[0].Net != train {
			t.Errorf("Sessions: %+v, %v; want one, used now on the train", sessions, err)
		}
	})
}

func TestSessions(t *testing.T) {
	accounts(t, func(t *testing.T, h *house) {
		jane, sam := h.join(t, "jane@example.com"), h.join(t, "sam@example.com")
		var others []*person
		for range 3 {
			h.Clock.Advance(time.Second)
			others = append(others, h.entered(t)(h.SignIn(ctx, from(home), jane.email(), password, browser)))
		}
		wantSessions := func(all ...*person) {
			t.Helper()
			var want, got []letterlock.SessionID
			for _, p := range all {
				want = append(want, p.Session.ID)
			}
			sessions, err := h.Sessions(ctx, jane.Caller)
			if err != nil {
				t.Fatalf("Sessions: %v", err)
			}
			for _, s := range sessions {
				got = append(got, s.ID)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("Sessions (-want +got):\n%s", diff)
			}
		}
		wantSessions(others[2], others[1], others[0], jane)

		h.unchanged(t, func() {
			want(t, "EndSession of another user's", h.EndSession(ctx, jane.Caller, sam.Session.ID), "not_found")
			want(t, "EndSession by nobody", h.EndSession(ctx, from(home), jane.Session.ID), "unauthorized")
			want(t, "SignOut of nobody", h.SignOut(ctx, from(home)), "ok")
			_, err := h.Sessions(ctx, from(home))
			want(t, "Sessions of nobody", err, "unauthorized")
		})
		want(t, "EndSession", h.EndSession(ctx, jane.Caller, others[1].Session.ID), "ok")
		want(t, "the session that was ended", h.alive(others[1]), "unauthorized")
		want(t, "SignOut", h.SignOut(ctx, others[0].Caller), "ok")
		want(t, "SignOut again", h.SignOut(ctx, others[0].Caller), "ok")
		wantSessions(others[2], jane)
		want(t, "EndOtherSessions", h.EndOtherSessions(ctx, jane.Caller), "ok")
		wantSessions(jane)
		h.unchanged(t, func() { want(t, "EndOtherSessions again", h.EndOtherSessions(ctx, jane.Caller), "ok") })
		want(t, "another user's session", h.alive(sam), "ok")
	})
}

// A token is no session: it changes no account.
func TestTokensChangeNoAccount(t *testing.T) {
	accounts(t, func(t *testing.T, h *house) {
		p := h.join(t, "jane@example.com")
		c := p.Caller
		c.Session, c.Token = nil, &letterlock.APIToken{UserID: c.User.ID, Scopes: letterlock.Scopes()}
		verbs := map[string]error{
			"ChangeProfile":    h.ChangeProfile(ctx, c, "x", ""),
			"ChangeEmail":      h.ChangeEmail(ctx, c, "x@example.com", password),
			"DeleteAccount":    h.DeleteAccount(ctx, c, password, true),
			"EndSession":       h.EndSession(ctx, c, p.Session.ID),
			"EndOtherSessions": h.EndOtherSessions(ctx, c),
		}
		_, verbs["ChangePassword"] = h.ChangePassword(ctx, c, password, another)
		_, verbs["Sessions"] = h.Sessions(ctx, c)
		for name, err := range verbs {
			want(t, name+" with an API token", err, "forbidden")
		}
		want(t, "the session", h.alive(p), "ok")
	})
}

// When too many passwords are being checked, whoever asks is told so before
// anything is decided, whether somebody has the address or not: the same work is
// done for both. It counts as no failure.
func TestSignInWhenBusy(t *testing.T) {
	accounts(t, func(t *testing.T, h *house) {
		p := h.join(t, "jane@example.com")
		again := h.RefuseToHash()
		h.unchanged(t, func() {
			for range 6 {
				want(t, "SignIn", h.signIn(home, p.email(), password), "unavailable")
				want(t, "SignIn of nobody", h.signIn(home, "nobody@example.com", password), "unavailable")
			}
		})
		again()
		want(t, "SignIn once there is room", h.signIn(home, p.email(), password), "ok")
	})
}
