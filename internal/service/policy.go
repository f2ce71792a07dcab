package service

import (
	"context"
	"time"

	"letterlock"
	"letterlock/internal/store"
)

// SetPolicy sets what an organization demands of its secrets, of those that are
// there at their next opening too. It takes an admin.
func (s *Service) SetPolicy(ctx context.Context, c letterlock.Caller, id letterlock.OrgID, p letterlock.Policy) error {
	if err := p.Valid(); err != nil {
		return err
	}
	return s.act(ctx, c, &letterlock.Event{Action: letterlock.ActionPolicyChanged, Org: id}, func(tx *store.Tx) error {
		org, _, err := lockOrg(tx, c, id, letterlock.Admin)
		switch {
		case err != nil:
			return err
		case org.Policy == p:
			return errUnchanged
		}
		return tx.SetPolicy(id, p)
	})
}

// SetEventLife sets how long an organization keeps its audit log. It takes an
// owner: a shorter time removes what admins did.
func (s *Service) SetEventLife(ctx context.Context, c letterlock.Caller, id letterlock.OrgID, life time.Duration) error {
	life = life.Truncate(time.Second)
	if err := letterlock.CheckEventLife(life); err != nil {
		return err
	}
	return s.act(ctx, c, &letterlock.Event{Action: letterlock.ActionPolicyChanged, Org: id}, func(tx *store.Tx) error {
		org, _, err := lockOrg(tx, c, id, letterlock.Owner)
		switch {
		case err != nil:
			return err
		case org.EventLife == life:
			return errUnchanged
		}
		return tx.SetEventLife(id, life)
	})
}
