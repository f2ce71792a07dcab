package service

import (
	"context"

	"letterlock"
	"letterlock/internal/store"
)

// Members lists the members of one of the caller's organizations in the order in
// which they joined, after one; after the zero member is the beginning.
func (s *Service) Members(ctx context.Context, c letterlock.Caller, org letterlock.OrgID, after letterlock.Member, limit int) ([]letterlock.ListedMember, error) {
	if err := checkLimit(limit); err != nil {
		return nil, err
	}
	var members []letterlock.ListedMember
	err := s.look(ctx, c, &letterlock.Event{Action: letterlock.ActionLooked, Org: org}, func(tx *store.Tx) error {
		if _, err := asMember(tx, c, org, letterlock.PlainMember, letterlock.ScopeOrg); err != nil {
			return err
		}
		var err error
		members, err = tx.Members(org, after, limit)
		return err
	})
	return members, err
}

// checkLimit refuses a page of too many or no entries.
func checkLimit(limit int) error {
	if limit < 1 || limit > letterlock.MaxPage {
		return letterlock.Invalid("limit", letterlock.FieldOutOfRange)
	}
	return nil
}

// ChangeRole gives a member another role. It takes an admin, who gives no role
// above their own and takes none from whoever is above them. The last owner
// stays one.
func (s *Service) ChangeRole(ctx context.Context, c letterlock.Caller, org letterlock.OrgID, user letterlock.UserID, role letterlock.Role) error {
	if err := checkRole(role); err != nil {
		return err
	}
	e := &letterlock.Event{Action: letterlock.ActionRoleChanged, Org: org, Subject: string(user)}
	return s.act(ctx, c, e, func(tx *store.Tx) error {
		_, me, err := lockOrg(tx, c, org, letterlock.Admin)
		if err != nil {
			return err
		}
		m, err := tx.Member(org, user)
		switch {
		case err != nil:
			return err
		case !me.Role.AtLeast(m.Role) || !me.Role.AtLeast(role):
			return letterlock.ErrForbidden
		case m.Role == role:
			return errUnchanged
		}
		if err := lastOwner(tx, m); err != nil {
			return err
		}
		return tx.SetRole(org, user, role)
	})
}

func checkRole(role letterlock.Role) error {
	if _, ok := letterlock.ParseRole(string(role)); !ok {
		return letterlock.Invalid("role", letterlock.FieldOutOfRange)
	}
	return nil
}

// lastOwner refuses that a member stops being an owner while no other is. The
// organization is locked.
func lastOwner(tx *store.Tx, m *letterlock.Member) error {
	if m.Role != letterlock.Owner {
		return nil
	}
	owners, err := tx.CountOwners(m.OrgID)
	if err == nil && owners == 1 {
		err = letterlock.ErrLastOwner
	}
	return err
}

// Estate is what becomes of the secrets of a member who goes.
type Estate struct {
	HandTo letterlock.UserID // a member; empty: those that still live are deleted
}

// RemoveMember takes a member out of an organization: an admin does, but not
// with whoever is above them, or members themselves, who leave. Their secrets in
// it are handed over or deleted, their tokens for it end, and their sessions
// work in the personal space. The last owner stays.
//
// A member with many secrets goes in several transactions, the secrets first:
// after a failure the same call goes on.
func (s *Service) RemoveMember(ctx context.Context, c letterlock.Caller, org letterlock.OrgID, user letterlock.UserID, left Estate) error {
	e := &letterlock.Event{Action: letterlock.ActionRemoved, Org: org, Subject: string(user)}
	if user == c.UserID() {
		e.Action = letterlock.ActionLeft
	}
	p := parting{caller: c, org: org, user: user}
	if left.HandTo != "" {
		p.heir = &left.HandTo
	}
	if err := s.mark(ctx, c, e, s.db.Tx(ctx, p.check)); err != nil {
		return err
	}
	if err := s.clearSecrets(ctx, c, user, org, p.heir); err != nil {
		return err
	}
	err := s.purging(ctx, func(tx *store.Tx, freed *int64) error {
		if err := p.end(tx, freed); err != nil {
			return err
		}
		return note(tx, c, *e)
	})
	return s.mark(ctx, c, e, err)
}

// parting is a member who goes.
type parting struct {
	caller letterlock.Caller
	org    letterlock.OrgID
	user   letterlock.UserID
	heir   *letterlock.UserID // nil: what lives is deleted
}

// check refuses a parting that may not be, under the organization's lock.
func (p *parting) check(tx *store.Tx) error {
	least := letterlock.Admin
	if p.user == p.caller.UserID() {
		least = letterlock.PlainMember
	}
	_, me, err := lockOrg(tx, p.caller, p.org, least)
	if err != nil {
		return err
	}
	m, err := tx.Member(p.org, p.user)
	switch {
	case err != nil:
		return err
	case !me.Role.AtLeast(m.Role):
		return letterlock.ErrForbidden
	}
	if err := p.checkHeir(tx); err != nil {
		return err
	}
	return lastOwner(tx, m)
}

func (p *parting) checkHeir(tx *store.Tx) error {
	if p.heir == nil {
		return nil
	}
	_, err := tx.Member(p.org, *p.heir)
	if err == letterlock.ErrNotFound || *p.heir == p.user {
		return letterlock.Invalid("hand_to", letterlock.FieldOutOfRange)
	}
	return err
}

// end does it: what the member made since the secrets were cleared goes too.
func (p *parting) end(tx *store.Tx, freed *int64) error {
	if err := p.check(tx); err != nil {
		return err
	}
	more, err := clearBatch(tx, p.caller, p.user, p.org, p.heir, freed)
	if err != nil {
		return err
	}
	if more {
		return letterlock.ErrUnavailable // faster than we are; the caller repeats
	}
	now, err := tx.Now()
	if err != nil {
		return err
	}
	if _, err := tx.RevokeTokensOf(p.user, p.org, now); err != nil {
		return err
	}
	if err := tx.LeaveSessions(p.user, p.org); err != nil {
		return err
	}
	return tx.DeleteMember(p.org, p.user)
}

// How many secrets of whoever goes one transaction deletes, and how many it
// gives away.
const (
	clearBatchSize = 64
	giveBatchSize  = 1000
)

// clearSecrets does away with an owner's secrets in an organization or, if that
// is empty, the personal ones, transaction by transaction. Without an heir the
// live ones are deleted and the others left to nobody; an heir gets them all, and
// the empty heir is nobody. Whether the caller may was decided before.
func (s *Service) clearSecrets(ctx context.Context, c letterlock.Caller, owner letterlock.UserID, org letterlock.OrgID, heir *letterlock.UserID) error {
	for {
		more := false
		err := s.purging(ctx, func(tx *store.Tx, freed *int64) error {
			var err error
			more, err = clearBatch(tx, c, owner, org, heir, freed)
			return err
		})
		if err != nil || !more {
			return err
		}
	}
}

// clearBatch is one transaction's part of clearSecrets. It reports whether there
// may be more.
func clearBatch(tx *store.Tx, c letterlock.Caller, owner letterlock.UserID, org letterlock.OrgID, heir *letterlock.UserID, freed *int64) (more bool, err error) {
	var to letterlock.UserID
	if heir == nil {
		ids, err := tx.LiveSecrets(owner, org, clearBatchSize)
		if err != nil {
			return false, err
		}
		for _, id := range ids {
			secret, now, err := lock(tx, id)
			if err == nil {
				err = withdraw(tx, c, secret, now, freed)
			}
			if err != nil && err != letterlock.ErrNotFound { // which nothing is left of
				return false, err
			}
		}
		if len(ids) == clearBatchSize {
			return true, nil
		}
	} else {
		to = *heir
	}
	if org == "" {
		n, err := tx.Disown(owner, giveBatchSize)
		return n == giveBatchSize, err
	}
	n, err := tx.HandOver(owner, to, org, giveBatchSize)
	if err != nil || n == 0 {
		return false, err
	}
	return n == giveBatchSize, note(tx, c, letterlock.Event{Action: letterlock.ActionHandedOver, Org: org, Subject: string(owner)})
}

// AddMember makes the account with an address a member of an organization, or
// gives the member another role. It is for whoever has the server's machine.
func (s *Service) AddMember(ctx context.Context, org letterlock.OrgID, address string, role letterlock.Role) error {
	email, ok := letterlock.ParseEmail(address)
	if !ok {
		return letterlock.Invalid("email", letterlock.FieldNotAddress)
	}
	if err := checkRole(role); err != nil {
		return err
	}
	e := &letterlock.Event{Org: org}
	return s.act(ctx, letterlock.Caller{}, e, func(tx *store.Tx) error {
		if _, err := tx.LockOrg(org); err != nil {
			return err
		}
		user, err := tx.UserByEmail(email)
		if err != nil {
			return err
		}
		e.Action, e.Subject = letterlock.ActionJoined, string(user.ID)
		return admit(tx, e, &letterlock.Member{OrgID: org, UserID: user.ID, Role: role})
	})
}

// admit adds a member, or gives the member another role; e is what it came to.
func admit(tx *store.Tx, e *letterlock.Event, m *letterlock.Member) error {
	now, err := tx.Now()
	if err != nil {
		return err
	}
	m.JoinedAt = now
	if added, err := tx.InsertMember(m); err != nil || added {
		return err
	}
	old, err := tx.Member(m.OrgID, m.UserID)
	switch {
	case err != nil:
		return err
	case old.Role == m.Role:
		return errUnchanged
	}
	if err := lastOwner(tx, old); err != nil {
		return err
	}
	e.Action = letterlock.ActionRoleChanged
	return tx.SetRole(m.OrgID, m.UserID, m.Role)
}
