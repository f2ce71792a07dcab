package service

import (
	"context"
	"time"

	"letterlock"
	"letterlock/internal/store"
)

// CreateSecret keeps a secret and reports whether this call made it. The same
// request again answers with the secret it made; another one under the same id
// is refused as a conflict, also long after the secret is gone.
func (s *Service) CreateSecret(ctx context.Context, _ letterlock.Caller, n *letterlock.NewSecret) (made letterlock.Snapshot, created bool, err error) {
	if err := n.Check(s.config.MaxLifetime); err != nil {
		return made, false, err
	}
	size := int64(len(n.Content))
	full := !s.quota.reserve(size)
	if !full {
		defer func() { s.quota.settle(size, created) }()
	}
	err = s.db.Tx(ctx, func(tx *store.Tx) error {
		now, err := tx.Now()
		if err != nil {
			return err
		}
		secret := newSecret(n, now)
		if !full {
			created, err = tx.InsertSecret(secret, n.Content)
		}
		switch {
		case err != nil:
			return err
		case created:
			made = letterlock.Snapshot{Secret: secret, Now: now}
			return record(tx, secret.ID, now, letterlock.ActionCreated)
		}
		made, err = sameSecret(tx, n, full)
		return err
	})
	if err != nil {
		return letterlock.Snapshot{}, false, err
	}
	return made, created, nil
}

func newSecret(n *letterlock.NewSecret, now time.Time) *letterlock.Secret {
	expires := now.Add(n.Limits.ExpiresIn)
	return &letterlock.Secret{
		ID:            n.Header.ID(),
		Header:        n.Header,
		Commit:        n.Commit,
		LinkHash:      n.LinkHash,
		AccessHash:    n.AccessHash,
		ManageHash:    n.ManageHash,
		ContentLength: int64(len(n.Content)),
		Stored:        int64(len(n.Content)),
		Limits:        n.Limits,
		CreatedAt:     now,
		ExpiresAt:     expires,
		DueAt:         expires,
	}
}

// sameSecret answers a create request whose id is taken, or may not be added
// because the instance is full.
func sameSecret(tx *store.Tx, n *letterlock.NewSecret, full bool) (letterlock.Snapshot, error) {
	secret, now, err := lock(tx, n.Header.ID())
	switch {
	case err == letterlock.ErrNotFound && full:
		return letterlock.Snapshot{}, letterlock.ErrFull
	case err == letterlock.ErrNotFound: // only its id is left
		return letterlock.Snapshot{}, letterlock.ErrConflict
	case err != nil:
		return letterlock.Snapshot{}, err
	case !secret.SameRequest(n):
		return letterlock.Snapshot{}, letterlock.ErrConflict
	}
	return letterlock.Snapshot{Secret: secret, Now: now}, nil
}

// SecretReceipt is what the sender can see of a secret, also after its end. To
// everyone else it is not found.
func (s *Service) SecretReceipt(ctx context.Context, c letterlock.Caller, id letterlock.SecretID) (*letterlock.Receipt, error) {
	var receipt letterlock.Receipt
	err := s.db.Read(ctx, func(tx *store.Tx) error {
		secret, err := tx.Secret(id)
		if err != nil {
			return err
		}
		if !c.Manages(secret) {
			return letterlock.ErrNotFound
		}
		now, err := tx.Now()
		if err != nil {
			return err
		}
		events, err := tx.Events(id)
		receipt = letterlock.Receipt{Snapshot: letterlock.Snapshot{Secret: secret, Now: now}, Events: events}
		return err
	})
	if err != nil {
		return nil, err
	}
	return &receipt, nil
}

// DeleteSecret withdraws a secret at once, open views included, and removes its
// content. Deleting again changes nothing. It is the sender's; to everyone else
// the secret is not found.
func (s *Service) DeleteSecret(ctx context.Context, c letterlock.Caller, id letterlock.SecretID) error {
	return s.purging(ctx, func(tx *store.Tx, freed *int64) error {
		secret, now, err := lockAsSender(tx, c, id)
		if err != nil || !secret.DeletedAt.IsZero() {
			return err
		}
		if err := expire(tx, secret, now); err != nil {
			return err
		}
		if err := tx.EndSecret(id, letterlock.Deleted, now, secret.RetireAt()); err != nil {
			return err
		}
		if err := tx.MarkDeleted(id, now); err != nil {
			return err
		}
		if err := purge(tx, secret, freed); err != nil {
			return err
		}
		return record(tx, id, now, letterlock.ActionDeleted)
	})
}

// Change is what a sender can still change.
type Change struct {
	ExpiresIn *time.Duration // from now; sooner only
	Unlock    bool
}

// ChangeSecret lets the sender end a secret sooner, and open a locked one to
// readers again, once. What is over cannot be changed, and is refused as gone;
// a second unlock is a conflict.
func (s *Service) ChangeSecret(ctx context.Context, c letterlock.Caller, id letterlock.SecretID, change Change) error {
	return s.db.Tx(ctx, func(tx *store.Tx) error {
		secret, now, err := lockAsSender(tx, c, id)
		if err != nil {
			return err
		}
		if state := secret.State(now); state == letterlock.UsedUp || state == letterlock.Expired || state == letterlock.Deleted {
			return letterlock.Gone(state, secret.EndTime(now))
		}
		if change.Unlock {
			if err := unlock(tx, secret, now); err != nil {
				return err
			}
		}
		if change.ExpiresIn != nil {
			return shorten(tx, secret, now, *change.ExpiresIn)
		}
		return nil
	})
}

func unlock(tx *store.Tx, secret *letterlock.Secret, now time.Time) error {
	used := !secret.UnlockedAt.IsZero()
	switch {
	case secret.LockedAt.IsZero() && used:
		return nil // the same call again
	case secret.LockedAt.IsZero() || used:
		return letterlock.ErrConflict
	}
	if err := tx.Unlock(secret.ID, now); err != nil {
		return err
	}
	return record(tx, secret.ID, now, letterlock.ActionUnlocked)
}

func shorten(tx *store.Tx, secret *letterlock.Secret, now time.Time, in time.Duration) error {
	expires := now.Add(in)
	switch {
	case in < 0:
		return letterlock.Invalid("expires_in", letterlock.FieldOutOfRange)
	case expires.After(secret.ExpiresAt):
		return letterlock.Invalid("expires_in", letterlock.FieldNotSooner)
	}
	if err := tx.SetExpiry(secret.ID, expires, expires); err != nil {
		return err
	}
	return record(tx, secret.ID, now, letterlock.ActionShortened)
}
