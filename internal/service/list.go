package service

import (
	"context"
	"slices"
	"time"

	"letterlock"
	"letterlock/internal/store"
)

// SecretList is a page of secrets, as they were at an instant.
type SecretList struct {
	letterlock.SecretPage
	Now time.Time
}

// ListSecrets finds a page of the caller's own secrets in all spaces or, if the
// query names an organization, of all that are in it or, if it names an owner
// too, of that one's, which takes an admin. A token made for one organization
// finds what is in that one.
func (s *Service) ListSecrets(ctx context.Context, c letterlock.Caller, q letterlock.SecretQuery) (*SecretList, error) {
	if err := q.Check(); err != nil {
		return nil, err
	}
	list := &SecretList{}
	err := s.look(ctx, c, &letterlock.Event{Action: letterlock.ActionLooked, Org: q.Org}, func(tx *store.Tx) error {
		if err := mayList(tx, c, q.Org); err != nil {
			return err
		}
		find := q
		if q.Org == "" {
			find.Owner = c.User.ID
			if c.Token != nil {
				find.Org = c.Token.OrgID
			}
		}
		now, err := tx.Now()
		if err != nil {
			return err
		}
		page, err := tx.ListSecrets(find)
		if err != nil {
			return err
		}
		*list = SecretList{SecretPage: *page, Now: now}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return list, nil
}

// mayList refuses who may not see the list of an organization or, of none, a
// list of their own.
func mayList(tx *store.Tx, c letterlock.Caller, org letterlock.OrgID) error {
	switch {
	case org != "":
		_, err := asMember(tx, c, org, letterlock.Admin, letterlock.ScopeRead)
		return err
	case c.User == nil:
		return letterlock.ErrUnauthorized
	case !c.Allows(letterlock.ScopeRead):
		return letterlock.ErrForbidden
	}
	return nil
}

// DeleteSecrets withdraws many secrets in one transaction, each as DeleteSecret
// does. Those that the caller has no right to, or that are not there any more,
// are returned as missing; the others are deleted all the same.
func (s *Service) DeleteSecrets(ctx context.Context, c letterlock.Caller, ids []letterlock.SecretID) (missing []letterlock.SecretID, err error) {
	if len(ids) < 1 || len(ids) > letterlock.MaxPage {
		return nil, letterlock.Invalid("ids", letterlock.FieldOutOfRange)
	}
	ids = slices.Compact(slices.Sorted(slices.Values(ids))) // locks are taken in one order
	e := &letterlock.Event{}
	err = s.purging(ctx, func(tx *store.Tx, freed *int64) error {
		missing = nil
		for _, id := range ids {
			switch err := deleteAsSender(tx, c, e, id, freed); err {
			case nil:
			case letterlock.ErrNotFound:
				missing = append(missing, id)
			default:
				return err
			}
		}
		return nil
	})
	return missing, s.mark(ctx, c, e, err)
}
