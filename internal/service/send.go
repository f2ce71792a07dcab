package service

import (
	"context"
	"errors"
	"time"

	"letterlock"
	"letterlock/internal/store"
)

// CreateSecret keeps a secret and reports whether this call made it. The same
// request again answers with the secret it made; another one under the same id
// is refused as a conflict, also long after the secret is gone.
//
// A secret of an organization is made by its members only, and as its policy
// demands.
func (s *Service) CreateSecret(ctx context.Context, c letterlock.Caller, n *letterlock.NewSecret) (made letterlock.Snapshot, created bool, err error) {
	if err := s.mayCreate(c); err != nil {
		return made, false, err
	}
	if err := checkNew(c, n, s.config.MaxLifetime); err != nil {
		return made, false, err
	}
	size := int64(len(n.Content))
	full := !s.quota.reserve(size)
	if !full {
		defer func() { s.quota.settle(size, created || errors.Is(err, store.ErrUnknown)) }()
	}
	e := &letterlock.Event{}
	err = s.db.Tx(ctx, func(tx *store.Tx) error {
		org, err := sendIn(tx, c, n, e)
		if err != nil {
			return err
		}
		now, err := tx.Now()
		if err != nil {
			return err
		}
		secret := newSecret(c, n, now)
		if !full {
			created, err = tx.InsertSecret(secret, n.Content)
		}
		switch {
		case err != nil:
			return err
		case !created:
			made, err = sameSecret(tx, n, full)
			return err
		}
		// Only now: a request that comes again is not refused for a policy
		// that was changed since.
		if org != nil {
			if err := org.Policy.Check(n.Limits, n.Header.Password(), n.OrganizationOnly); err != nil {
				return err
			}
		}
		made = letterlock.Snapshot{Secret: secret, Now: now}
		return record(tx, c, secret, now, letterlock.ActionCreated)
	})
	if err != nil {
		return letterlock.Snapshot{}, false, s.mark(ctx, c, e, err)
	}
	return made, created, nil
}

// checkNew refuses what nobody may send, and what only who has signed in may.
func checkNew(c letterlock.Caller, n *letterlock.NewSecret, longest time.Duration) error {
	if c.User != nil {
		return n.Check(longest)
	}
	refusal := &letterlock.Refusal{Code: letterlock.ErrInvalid}
	for _, field := range []struct {
		name string
		set  bool
	}{
		{"organization", n.Org != ""},
		{"organization_only", n.OrganizationOnly},
		{"name", n.Name != ""},
		{"language", n.Language != ""},
	} {
		if field.set {
			refusal.Fields = append(refusal.Fields, letterlock.FieldError{Field: field.name, Code: letterlock.FieldNotSignedIn})
		}
	}
	if len(refusal.Fields) > 0 {
		return refusal
	}
	return n.Check(longest)
}

// sendIn is the organization of a new secret, nil if it has none, for those who
// may send in it. What they may be refused is e.
func sendIn(tx *store.Tx, c letterlock.Caller, n *letterlock.NewSecret, e *letterlock.Event) (*letterlock.Org, error) {
	*e = letterlock.Event{Action: letterlock.ActionCreated, SecretID: n.Header.ID()}
	switch {
	case c.User == nil:
		return nil, nil
	case !c.Allows(letterlock.ScopeCreate), n.Org == "" && !c.ActsIn(""):
		return nil, letterlock.ErrForbidden
	case n.Org == "":
		return nil, nil
	}
	if _, err := asMember(tx, c, n.Org, letterlock.PlainMember, letterlock.ScopeCreate); err != nil {
		return nil, err
	}
	e.Org = n.Org
	return tx.Org(n.Org)
}

func newSecret(c letterlock.Caller, n *letterlock.NewSecret, now time.Time) *letterlock.Secret {
	expires := now.Add(n.Limits.ExpiresIn)
	return &letterlock.Secret{
		Owner:            c.UserID(),
		Org:              n.Org,
		OrganizationOnly: n.OrganizationOnly,
		Name:             n.Name,
		Language:         n.Language,
		ID:               n.Header.ID(),
		Header:           n.Header,
		Commit:           n.Commit,
		LinkHash:         n.LinkHash,
		AccessHash:       n.AccessHash,
		ManageHash:       n.ManageHash,
		ContentLength:    int64(len(n.Content)),
		Stored:           int64(len(n.Content)),
		Limits:           n.Limits,
		CreatedAt:        now,
		ExpiresAt:        expires,
		DueAt:            expires,
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

// mayManage refuses who may not do something with a secret: it takes the manage
// token, or to be the owner, or an admin of its organization. To all others the
// secret is not there. What is refused is e; with an anonymous secret nothing is
// kept of who was near it.
func mayManage(tx *store.Tx, c letterlock.Caller, e *letterlock.Event, secret *letterlock.Secret, scope letterlock.Scope) error {
	action := e.Action
	*e = letterlock.Event{}
	if c.Manages(secret) {
		if belongs(secret) {
			*e = letterlock.Event{Action: action, Org: secret.Org, SecretID: secret.ID}
		}
		return nil
	}
	if err := hasRight(tx, c, secret); err != nil {
		return err
	}
	*e = letterlock.Event{Action: action, Org: secret.Org, SecretID: secret.ID}
	if !c.Allows(scope) {
		return letterlock.ErrForbidden
	}
	return nil
}

// hasRight finds no secret for those who are neither its owner nor an admin of
// its organization. Who left the organization owns nothing in it.
func hasRight(tx *store.Tx, c letterlock.Caller, secret *letterlock.Secret) error {
	mine := c.User != nil && c.User.ID == secret.Owner
	switch {
	case !c.ActsIn(secret.Org):
		return letterlock.ErrNotFound
	case secret.Org == "" && mine:
		return nil
	case secret.Org == "":
		return letterlock.ErrNotFound
	}
	m, err := tx.Member(secret.Org, c.User.ID)
	if err == nil && !mine && !m.Role.AtLeast(letterlock.Admin) {
		err = letterlock.ErrNotFound
	}
	return err
}

// SecretReceipt is what the sender can see of a secret, and an admin of its
// organization, also after its end. To everyone else it is not found.
func (s *Service) SecretReceipt(ctx context.Context, c letterlock.Caller, id letterlock.SecretID) (*letterlock.Receipt, error) {
	var receipt letterlock.Receipt
	e := &letterlock.Event{}
	err := s.db.Read(ctx, func(tx *store.Tx) error {
		secret, err := tx.Secret(id)
		if err != nil {
			return err
		}
		e.Action = letterlock.ActionLooked
		if err := mayManage(tx, c, e, secret, letterlock.ScopeRead); err != nil {
			return err
		}
		now, err := tx.Now()
		if err != nil {
			return err
		}
		if !now.Before(secret.RetireAt()) { // the sweeper was not here yet
			*e = letterlock.Event{}
			return letterlock.ErrNotFound
		}
		receipt = letterlock.Receipt{Snapshot: letterlock.Snapshot{Secret: secret, Now: now}}
		if receipt.Owner, err = senderOf(tx, secret); err != nil {
			return err
		}
		receipt.Events, err = tx.Events(id)
		return err
	})
	if err != nil {
		return nil, s.mark(ctx, c, e, err)
	}
	return &receipt, nil
}

// DeleteSecret withdraws a secret at once, open views included, and removes its
// content. Deleting again changes nothing. It is the sender's, or an admin's of
// its organization; to everyone else the secret is not found.
func (s *Service) DeleteSecret(ctx context.Context, c letterlock.Caller, id letterlock.SecretID) error {
	e := &letterlock.Event{}
	err := s.purging(ctx, func(tx *store.Tx, freed *int64) error {
		return deleteAsSender(tx, c, e, id, freed)
	})
	return s.mark(ctx, c, e, err)
}

// deleteAsSender is DeleteSecret's part in a transaction. What is refused is e.
func deleteAsSender(tx *store.Tx, c letterlock.Caller, e *letterlock.Event, id letterlock.SecretID, freed *int64) error {
	e.Action = letterlock.ActionDeleted
	secret, now, err := lockAsSender(tx, c, e, id)
	if err != nil {
		return err
	}
	return withdraw(tx, c, secret, now, freed)
}

// withdraw deletes a locked secret, unless it was deleted before.
func withdraw(tx *store.Tx, c letterlock.Caller, secret *letterlock.Secret, now time.Time, freed *int64) error {
	if !secret.DeletedAt.IsZero() {
		return nil
	}
	if err := expire(tx, secret, now); err != nil {
		return err
	}
	if err := tx.EndSecret(secret.ID, letterlock.Deleted, now, secret.RetireAt()); err != nil {
		return err
	}
	if err := tx.MarkDeleted(secret.ID, now); err != nil {
		return err
	}
	if err := purge(tx, secret, freed); err != nil {
		return err
	}
	return record(tx, c, secret, now, letterlock.ActionDeleted)
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
	e := &letterlock.Event{}
	err := s.db.Tx(ctx, func(tx *store.Tx) error {
		e.Action = letterlock.ActionShortened
		if change.Unlock {
			e.Action = letterlock.ActionUnlocked
		}
		secret, now, err := lockAsSender(tx, c, e, id)
		if err != nil {
			return err
		}
		if state := secret.State(now); state == letterlock.UsedUp || state == letterlock.Expired || state == letterlock.Deleted {
			return letterlock.Gone(state, secret.EndTime(now))
		}
		if change.Unlock {
			if err := unlock(tx, c, secret, now); err != nil {
				return err
			}
		}
		if change.ExpiresIn != nil {
			return shorten(tx, c, secret, now, *change.ExpiresIn)
		}
		return nil
	})
	return s.mark(ctx, c, e, err)
}

func unlock(tx *store.Tx, c letterlock.Caller, secret *letterlock.Secret, now time.Time) error {
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
	return record(tx, c, secret, now, letterlock.ActionUnlocked)
}

// shortenings are how many of them a receipt has, which says when the secret
// expires at last. An organization's log has them all.
const shortenings = 50

func shorten(tx *store.Tx, c letterlock.Caller, secret *letterlock.Secret, now time.Time, in time.Duration) error {
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
	if secret.Org == "" {
		recorded, err := tx.CountEvents(secret.ID, letterlock.ActionShortened)
		if err != nil || recorded >= shortenings {
			return err
		}
	}
	return record(tx, c, secret, now, letterlock.ActionShortened)
}
