package service

import (
	"context"
	"fmt"
	"time"

	"letterlock"
	"letterlock/internal/store"
)

// PeekSecret is what a holder of the link may know before opening. It counts
// and writes nothing. What is over is refused as gone, with the reason; without
// the link the secret is not found.
func (s *Service) PeekSecret(ctx context.Context, c letterlock.Caller, id letterlock.SecretID) (letterlock.Snapshot, error) {
	var seen letterlock.Snapshot
	err := s.db.Read(ctx, func(tx *store.Tx) error {
		secret, err := tx.Secret(id)
		if err != nil {
			return err
		}
		if !c.HoldsLink(secret) {
			return letterlock.ErrNotFound
		}
		now, err := tx.Now()
		if err != nil {
			return err
		}
		seen = letterlock.Snapshot{Secret: secret, Now: now}
		return secret.Over(now)
	})
	if err != nil {
		return letterlock.Snapshot{}, err
	}
	return seen, nil
}

// ViewSecret counts one view under the reader's view id and returns the sealed
// content. The count is durable before it returns; the same id again within the
// grace returns the same answer and counts nothing, also after the secret's
// end. Wrong passwords are counted, and lock the secret at the limit; they
// never cost a view.
func (s *Service) ViewSecret(ctx context.Context, c letterlock.Caller, id letterlock.SecretID, v letterlock.NewView) (*letterlock.Opening, error) {
	content, err := s.contentFor(ctx, c, id)
	if err != nil {
		return nil, err
	}
	o := opener{new: v, access: v.Access.Hash(), content: content}
	err = s.db.Tx(ctx, func(tx *store.Tx) (err error) {
		o.opening, o.refusal = nil, nil
		if o.secret, o.now, err = lockAsReader(tx, c, id); err != nil {
			return err
		}
		return o.open(tx)
	})
	switch {
	case err != nil:
		return nil, err
	case o.refusal != nil:
		return nil, o.refusal
	}
	return o.opening, nil
}

// contentFor reads the content before anything is counted: what cannot be read
// must not cost a view. Nothing is found by those who do not hold the link, and
// nothing is locked by them either.
func (s *Service) contentFor(ctx context.Context, c letterlock.Caller, id letterlock.SecretID) (content []byte, err error) {
	err = s.db.Read(ctx, func(tx *store.Tx) error {
		var link letterlock.Hash
		link, content, err = tx.LinkAndContent(id)
		if err == nil && !c.Link.Opens(link) {
			err = letterlock.ErrNotFound
		}
		return err
	})
	return content, err
}

// opener is one try to open a secret, under its lock.
type opener struct {
	new     letterlock.NewView
	access  letterlock.Hash
	content []byte

	secret *letterlock.Secret
	now    time.Time

	opening *letterlock.Opening
	refusal error // to be answered after the commit, since it leaves a mark
}

// open takes the steps of the protocol in their order, which decides what a
// reader is told when several apply.
func (o *opener) open(tx *store.Tx) error {
	if !o.secret.DeletedAt.IsZero() {
		return letterlock.Gone(letterlock.Deleted, o.secret.DeletedAt)
	}
	if o.secret.Views > 0 { // without views this cannot be one of them
		view, err := tx.View(o.new.ID)
		if err != letterlock.ErrNotFound {
			if err != nil {
				return err
			}
			return o.again(tx, view)
		}
	}
	if err := o.secret.Over(o.now); err != nil {
		return err
	}
	if !o.access.Equal(o.secret.AccessHash) {
		return o.wrong(tx)
	}
	return o.count(tx)
}

// again answers a view that was counted before.
func (o *opener) again(tx *store.Tx, view *letterlock.View) error {
	switch {
	case view.SecretID != o.secret.ID, !view.Hash.Equal(o.new.Hash), !view.Open(o.now):
		return letterlock.Gone(letterlock.ViewClosed, time.Time{})
	case o.access.Equal(o.secret.AccessHash):
		return o.hand(view, true)
	case !o.secret.LockedAt.IsZero():
		return letterlock.Gone(letterlock.Locked, o.secret.LockedAt)
	}
	return o.wrong(tx)
}

// wrong counts a wrong password, unless it is the last one again.
func (o *opener) wrong(tx *store.Tx) error {
	s := o.secret
	if !s.NeedsPassword() {
		return letterlock.ErrWrongProof
	}
	if !o.access.Equal(s.LastWrong) {
		counted, err := tx.CountWrongPassword(s.ID, o.access, o.now)
		if err != nil {
			return err
		}
		if !counted {
			return letterlock.Gone(letterlock.Locked, s.LockedAt)
		}
		s.PasswordFailures++
		if err := record(tx, s.ID, o.now, letterlock.ActionWrongPassword); err != nil {
			return err
		}
		if s.PasswordFailures == letterlock.PasswordTries {
			if err := record(tx, s.ID, o.now, letterlock.ActionLocked); err != nil {
				return err
			}
		}
	}
	o.refusal = &letterlock.Refusal{Code: letterlock.ErrWrongPass, TriesLeft: s.TriesLeft()}
	return nil
}

// count adds the view. The update carries the limits once more, so that no
// reading before it can let one view too many pass.
func (o *opener) count(tx *store.Tx) error {
	s := o.secret
	view := &letterlock.View{
		ID:         o.new.ID,
		SecretID:   s.ID,
		Hash:       o.new.Hash,
		Number:     s.Views + 1,
		OpenedAt:   o.now,
		GraceUntil: o.now.Add(letterlock.Grace),
	}
	if err := o.hand(view, false); err != nil {
		return err
	}
	counted, err := tx.CountView(s.ID, o.now, view.GraceUntil)
	if err != nil {
		return err
	}
	if !counted {
		return letterlock.Gone(s.State(o.now), s.EndTime(o.now))
	}
	added, err := tx.InsertView(view)
	if err != nil {
		return err
	}
	if !added { // the id is a view of another secret
		return letterlock.Gone(letterlock.ViewClosed, time.Time{})
	}
	return record(tx, s.ID, o.now, letterlock.ActionOpened)
}

// hand prepares the answer, or refuses if what was read is not what was stored.
func (o *opener) hand(view *letterlock.View, again bool) error {
	if int64(len(o.content)) != o.secret.ContentLength {
		return fmt.Errorf("service: %w: content of %d bytes where %d were stored", letterlock.ErrUnavailable, len(o.content), o.secret.ContentLength)
	}
	o.opening = &letterlock.Opening{View: view, Secret: o.secret, Content: o.content, Again: again}
	return nil
}

// ViewContent is the content of an open view, for whoever holds the view
// secret; to everyone else it is not found. A view that was acknowledged or
// whose grace is over is gone, and so is every view of a deleted secret.
func (s *Service) ViewContent(ctx context.Context, c letterlock.Caller, id letterlock.ViewID) (content []byte, err error) {
	err = s.db.Read(ctx, func(tx *store.Tx) error {
		view, err := tx.View(id)
		if err != nil {
			return err
		}
		if !c.View.Opens(view.Hash) {
			return letterlock.ErrNotFound
		}
		secret, err := tx.Secret(view.SecretID)
		if err != nil {
			return err
		}
		now, err := tx.Now()
		switch {
		case err != nil:
			return err
		case !secret.DeletedAt.IsZero():
			return letterlock.Gone(letterlock.Deleted, secret.DeletedAt)
		case !view.Open(now):
			return letterlock.Gone(letterlock.ViewClosed, time.Time{})
		}
		content, err = tx.Content(view.SecretID)
		return err
	})
	return content, err
}

// AcknowledgeView closes a view: its reader has everything. When nothing can be
// opened any more and no other view is open, the content goes at once. Again,
// it changes nothing. Without the view secret the view is not found.
func (s *Service) AcknowledgeView(ctx context.Context, c letterlock.Caller, id letterlock.ViewID) error {
	return s.db.Tx(ctx, func(tx *store.Tx) error {
		view, err := tx.View(id)
		if err != nil {
			return err
		}
		if !c.View.Opens(view.Hash) {
			return letterlock.ErrNotFound
		}
		secret, now, err := lock(tx, view.SecretID)
		if err != nil {
			return err
		}
		if view, err = tx.View(id); err != nil || !view.ClosedAt.IsZero() {
			return err
		}
		if err := tx.CloseView(id, now); err != nil {
			return err
		}
		if err := record(tx, secret.ID, now, letterlock.ActionConfirmed); err != nil {
			return err
		}
		return s.purgeIfDone(tx, secret, now)
	})
}

// purgeIfDone removes the content when no view is left and none is open.
func (s *Service) purgeIfDone(tx *store.Tx, secret *letterlock.Secret, now time.Time) error {
	if state := secret.State(now); state != letterlock.UsedUp && state != letterlock.Expired {
		return nil
	}
	if err := expire(tx, secret, now); err != nil {
		return err
	}
	open, err := tx.LastGrace(secret.ID, now)
	if err != nil || !open.IsZero() {
		return err
	}
	return s.purge(tx, secret)
}

// GiveFeedback answers "Was that you?" for a holder of the link, once the secret
// was opened; before that it is a conflict. A no marks the secret for its
// sender, the first time.
func (s *Service) GiveFeedback(ctx context.Context, c letterlock.Caller, id letterlock.SecretID, mine bool) error {
	return s.db.Tx(ctx, func(tx *store.Tx) error {
		secret, now, err := lockAsReader(tx, c, id)
		switch {
		case err != nil:
			return err
		case secret.Views == 0:
			return letterlock.ErrConflict
		case mine || !secret.Disputed.IsZero():
			return nil
		}
		if err := tx.MarkDisputed(id, now); err != nil {
			return err
		}
		return record(tx, id, now, letterlock.ActionNotMe)
	})
}
