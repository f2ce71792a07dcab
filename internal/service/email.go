package service

import (
	"context"
	"time"

	"letterlock"
	"letterlock/internal/mail"
	"letterlock/internal/store"
)

// ChangeEmail mails a new address the link that makes it the caller's, for
// whoever also knows the password. An address that somebody has gets word of
// that instead, and the caller does not learn it.
func (s *Service) ChangeEmail(ctx context.Context, c letterlock.Caller, email, password string) error {
	if err := bySession(c); err != nil {
		return err
	}
	address, ok := letterlock.ParseEmail(email)
	if !ok {
		return letterlock.Invalid("email", letterlock.FieldNotAddress)
	}
	if err := s.confirmPassword(ctx, c, password); err != nil {
		return err
	}
	return s.mailing(ctx, address, func(tx *store.Tx, now time.Time, owner *letterlock.User) error {
		user, err := tx.LockUser(c.User.ID)
		if err != nil {
			return err
		}
		if owner != nil && owner.ID != user.ID && owner.Verified() {
			return s.tell(tx, now, owner, mail.HasAccount{Link: s.page("/signin")})
		}
		proof, ticket, err := newTicket(tx, now, letterlock.TicketChangeEmail, user.ID, address)
		if err != nil {
			return err
		}
		return s.post(tx, now, address, user.ID, user.Language, mail.ConfirmEmail{Link: s.link("/email", proof), Until: ticket.ExpiresAt})
	})
}

// ConfirmEmail makes an address that of the account which asked for it, for
// whoever has the link that was mailed there. The address so far is mailed a
// link that undoes it. If somebody else has the address by now it is a conflict.
func (s *Service) ConfirmEmail(ctx context.Context, c letterlock.Caller, ticket letterlock.Proof) (address letterlock.Email, err error) {
	e := letterlock.Event{Action: letterlock.ActionEmailChanged}
	err = s.act(ctx, c, &e, func(tx *store.Tx) error {
		t, user, now, err := useTicket(tx, ticket, letterlock.TicketChangeEmail)
		if err != nil {
			return err
		}
		e.Actor, address = user.ID, t.Email
		if err := setEmail(tx, now, user, address); err != nil {
			return err
		}
		undo, undone, err := addTicket(tx, now, letterlock.TicketUndoEmail, user.ID, user.Email)
		if err != nil {
			return err
		}
		return s.tell(tx, now, user, mail.EmailChanged{
			Act:     by(c, now, ""),
			Address: address,
			Link:    s.link("/email/undo", undo),
			Until:   undone.ExpiresAt,
		})
	})
	if err != nil {
		return "", err
	}
	s.wake()
	return address, nil
}

// setEmail changes the address of a locked account. Links that were mailed to
// the one before open nothing any more.
func setEmail(tx *store.Tx, now time.Time, user *letterlock.User, address letterlock.Email) error {
	if err := makeWay(tx, address, user.ID); err != nil {
		return err
	}
	set, err := tx.SetEmail(user.ID, address, now)
	if err == nil && !set {
		err = letterlock.ErrConflict
	}
	if err != nil {
		return err
	}
	for _, kind := range []letterlock.TicketKind{letterlock.TicketReset, letterlock.TicketChangeEmail} {
		if err := tx.DropTickets(user.ID, kind); err != nil {
			return err
		}
	}
	return nil
}

// makeWay removes an account that somebody began with an address and never
// proved, unless it is the one to have the address.
func makeWay(tx *store.Tx, address letterlock.Email, id letterlock.UserID) error {
	other, err := tx.UserByEmail(address)
	switch {
	case err == letterlock.ErrNotFound:
		return nil
	case err != nil || other.ID == id || other.Verified():
		return err
	}
	return tx.DeleteUser(other.ID)
}

// UndoEmail goes back to the address before, for whoever has the link that was
// mailed there. Whoever changed it knew the password, so that is void, all
// sessions and API tokens end, and the ticket that is returned sets another.
func (s *Service) UndoEmail(ctx context.Context, c letterlock.Caller, ticket letterlock.Proof) (reset letterlock.Proof, err error) {
	e := letterlock.Event{Action: letterlock.ActionEmailUndone}
	err = s.act(ctx, c, &e, func(tx *store.Tx) error {
		t, user, now, err := useTicket(tx, ticket, letterlock.TicketUndoEmail)
		if err != nil {
			return err
		}
		e.Actor = user.ID
		if err := setEmail(tx, now, user, t.Email); err != nil {
			return err
		}
		if err := tx.DropTickets(user.ID, letterlock.TicketUndoEmail); err != nil {
			return err
		}
		if err := setPassword(tx, now, user, ""); err != nil {
			return err
		}
		if err := endAll(tx, now, user); err != nil {
			return err
		}
		reset, _, err = newTicket(tx, now, letterlock.TicketReset, user.ID, t.Email)
		return err
	})
	return reset, err
}
