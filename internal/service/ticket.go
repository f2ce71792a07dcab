package service

import (
	"context"
	"time"

	"letterlock"
	"letterlock/internal/store"
)

// newTicket makes a link that does one thing for a user once, and makes void
// those before it.
func newTicket(tx *store.Tx, now time.Time, kind letterlock.TicketKind, user letterlock.UserID, email letterlock.Email) (letterlock.Proof, *letterlock.Ticket, error) {
	if err := tx.DropTickets(user, kind); err != nil {
		return nil, nil, err
	}
	return addTicket(tx, now, kind, user, email)
}

// addTicket is newTicket that leaves those before it as they are.
func addTicket(tx *store.Tx, now time.Time, kind letterlock.TicketKind, user letterlock.UserID, email letterlock.Email) (letterlock.Proof, *letterlock.Ticket, error) {
	proof := newProof()
	ticket := &letterlock.Ticket{
		Hash:      proof.Hash(),
		Kind:      kind,
		UserID:    user,
		Email:     email,
		CreatedAt: now,
		ExpiresAt: now.Add(kind.Lifetime()),
	}
	return proof, ticket, tx.InsertTicket(ticket)
}

// goodTicket looks at a ticket without using it up. One that is unknown, used or
// late is not found. So nobody has a password hashed without one.
func (s *Service) goodTicket(ctx context.Context, proof letterlock.Proof, kind letterlock.TicketKind) (ticket *letterlock.Ticket, user *letterlock.User, err error) {
	err = s.db.Read(ctx, func(tx *store.Tx) error {
		if ticket, err = tx.Ticket(proof.Hash(), kind); err != nil {
			return err
		}
		now, err := tx.Now()
		if err == nil && !ticket.Good(now) {
			err = letterlock.ErrNotFound
		}
		if err != nil || ticket.UserID == "" {
			return err
		}
		user, err = tx.User(ticket.UserID)
		return err
	})
	return ticket, user, err
}

// useTicket uses a ticket up and locks whose it is, in this order: of many who
// come at once one gets further.
func useTicket(tx *store.Tx, proof letterlock.Proof, kind letterlock.TicketKind) (*letterlock.Ticket, *letterlock.User, time.Time, error) {
	now, err := tx.Now()
	if err != nil {
		return nil, nil, now, err
	}
	ticket, err := tx.UseTicket(proof.Hash(), kind, now)
	if err != nil || ticket.UserID == "" {
		return ticket, nil, now, err
	}
	user, err := tx.LockUser(ticket.UserID)
	return ticket, user, now, err
}
