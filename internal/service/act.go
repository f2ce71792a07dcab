package service

import (
	"context"
	"crypto/rand"
	"errors"

	"letterlock"
	"letterlock/internal/store"
)

// errUnchanged is what steps return when all is as the caller wants it already:
// nothing is done and nothing recorded, and it is no failure.
var errUnchanged = errors.New("nothing to do")

// act runs the steps of a verb in one transaction and records e in the same one:
// what cannot be recorded does not happen. The steps may complete e. A refusal
// rolls everything back and is recorded by itself.
//
// What is wrong with the input alone is refused before: nobody decided anything
// then, and it leaves no mark.
func (s *Service) act(ctx context.Context, c letterlock.Caller, e *letterlock.Event, steps func(tx *store.Tx) error) error {
	err := s.db.Tx(ctx, func(tx *store.Tx) error {
		if err := steps(tx); err != nil {
			return err
		}
		return note(tx, c, *e)
	})
	if err == errUnchanged {
		return nil
	}
	return s.mark(ctx, c, e, err)
}

// look is act for steps that only read: of those that succeed there is no event.
func (s *Service) look(ctx context.Context, c letterlock.Caller, e *letterlock.Event, steps func(tx *store.Tx) error) error {
	return s.mark(ctx, c, e, s.db.Read(ctx, steps))
}

// mark records that a signed-in caller was refused e, and returns why. What was
// not found leaves no mark: it may be another organization's. An event without
// an action is none.
func (s *Service) mark(ctx context.Context, c letterlock.Caller, e *letterlock.Event, err error) error {
	var code letterlock.Code
	if c.User == nil || e.Action == "" || !errors.As(err, &code) {
		return err
	}
	switch code {
	case letterlock.ErrNotFound, letterlock.ErrUnavailable, letterlock.ErrFull, letterlock.ErrInternal:
		return err
	}
	refused := *e
	refused.Refused = code
	// Whoever hangs up is recorded all the same.
	failed := s.db.Tx(context.WithoutCancel(ctx), func(tx *store.Tx) error { return note(tx, c, refused) })
	if failed != nil {
		return failed
	}
	return err
}

// note records an event of the caller's at the transaction's time.
func note(tx *store.Tx, c letterlock.Caller, e letterlock.Event) error {
	now, err := tx.Now()
	if err != nil {
		return err
	}
	e.At, e.Net = now, c.Net
	if e.Actor == "" {
		e.Actor = c.UserID()
	}
	return tx.RecordEvent(e)
}

// newID makes an id that no other has.
func newID[T ~string]() T {
	var bits [16]byte
	rand.Read(bits[:])
	return letterlock.MakeID[T](bits)
}

// newProof makes 256 bits that nobody can guess.
func newProof() letterlock.Proof {
	p := make(letterlock.Proof, 32)
	rand.Read(p)
	return p
}
