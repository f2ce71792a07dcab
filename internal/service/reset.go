package service

import (
	"context"
	"time"

	"letterlock"
	"letterlock/internal/mail"
	"letterlock/internal/store"
)

// AskReset mails an address the link that sets another password. Where nobody
// has the address nothing is mailed, and nobody learns the difference: the
// answer is the same, and so is what is written.
func (s *Service) AskReset(ctx context.Context, _ letterlock.Caller, email string) error {
	address, ok := letterlock.ParseEmail(email)
	if !ok {
		return letterlock.Invalid("email", letterlock.FieldNotAddress)
	}
	return s.mailing(ctx, address, func(tx *store.Tx, now time.Time, user *letterlock.User) error {
		if user == nil || !user.Verified() {
			return postDecoy(tx, now)
		}
		proof, ticket, err := newTicket(tx, now, letterlock.TicketReset, user.ID, user.Email)
		if err != nil {
			return err
		}
		return s.tell(tx, now, user, mail.Reset{Link: s.link("/reset", proof), Until: ticket.ExpiresAt})
	})
}

// CompleteReset sets another password for whoever has the link that was mailed,
// and signs in. All sessions and API tokens end, and the failures to sign in are
// forgotten: the owner is back. A link that is used, late or wrong is not found.
func (s *Service) CompleteReset(ctx context.Context, c letterlock.Caller, ticket letterlock.Proof, password, browser string) (*SignedIn, error) {
	hash, err := s.hashFor(ctx, ticket, letterlock.TicketReset, password)
	if err != nil {
		return nil, err
	}
	return s.enter(ctx, c, letterlock.ActionPasswordReset, ticket, letterlock.TicketReset, browser, func(tx *store.Tx, now time.Time, user *letterlock.User) error {
		if err := setPassword(tx, now, user, hash); err != nil {
			return err
		}
		if err := endAll(tx, now, user); err != nil {
			return err
		}
		if err := tx.ForgetFailures(signInWith(user.Email)); err != nil {
			return err
		}
		return s.tell(tx, now, user, mail.PasswordChanged{Act: by(c, now, browser), Link: s.page("/reset")})
	})
}

// endAll ends every session and every API token of a user.
func endAll(tx *store.Tx, now time.Time, user *letterlock.User) error {
	if _, err := tx.EndSessions(user.ID, ""); err != nil {
		return err
	}
	_, err := tx.RevokeTokens(user.ID, now)
	return err
}

// ChangePassword sets another password for whoever knows the one so far. All
// other sessions end, and this one has another cookie from now on.
func (s *Service) ChangePassword(ctx context.Context, c letterlock.Caller, current, password string) (cookie letterlock.Proof, err error) {
	if err := bySession(c); err != nil {
		return nil, err
	}
	if err := checkPassword("password", password, c.User.Email, s.current.Load().Name); err != nil {
		return nil, err
	}
	user, err := s.confirmed(ctx, c, current)
	if err != nil {
		return nil, err
	}
	hash, err := s.hasher.hash(ctx, password)
	if err != nil {
		return nil, err
	}
	e := letterlock.Event{Action: letterlock.ActionPasswordChanged}
	err = s.act(ctx, c, &e, func(tx *store.Tx) error {
		now, err := lockSame(tx, user)
		if err != nil {
			return err
		}
		if err := setPassword(tx, now, &letterlock.User{ID: user.ID}, hash); err != nil {
			return err
		}
		if err := tx.DropTickets(user.ID, letterlock.TicketReset); err != nil {
			return err
		}
		if _, err := tx.EndSessions(user.ID, c.Session.ID); err != nil {
			return err
		}
		cookie = newProof()
		if err := tx.RotateSession(c.Session.ID, cookie.Hash()); err != nil {
			return err
		}
		return s.tell(tx, now, user, mail.PasswordChanged{Act: by(c, now, c.Session.Agent), Link: s.page("/reset")})
	})
	if err != nil {
		return nil, err
	}
	s.wake()
	return cookie, nil
}
