package service

import (
	"context"
	"strings"

	"letterlock"
	"letterlock/internal/store"
)

// sessionOnly is the scope of what no API token may be used for.
const sessionOnly letterlock.Scope = ""

// asMember is the caller's membership of an organization at this moment. Where
// there is none, the organization is not found; with a lower role than is
// needed, or a token that is not good for it, the caller is refused.
func asMember(tx *store.Tx, c letterlock.Caller, org letterlock.OrgID, least letterlock.Role, scope letterlock.Scope) (*letterlock.Member, error) {
	switch {
	case c.User == nil:
		return nil, letterlock.ErrUnauthorized
	case !c.ActsIn(org):
		return nil, letterlock.ErrNotFound
	}
	m, err := tx.Member(org, c.User.ID)
	if err != nil {
		return nil, err
	}
	if !m.Role.AtLeast(least) || !c.Allows(scope) {
		return nil, letterlock.ErrForbidden
	}
	return m, nil
}

// lockOrg is asMember for a session that is about to change the organization,
// whose row lock it takes before it looks.
func lockOrg(tx *store.Tx, c letterlock.Caller, id letterlock.OrgID, least letterlock.Role) (*letterlock.Org, *letterlock.Member, error) {
	if c.User == nil {
		return nil, nil, letterlock.ErrUnauthorized
	}
	org, err := tx.LockOrg(id)
	if err != nil {
		return nil, nil, err
	}
	m, err := asMember(tx, c, id, least, sessionOnly)
	return org, m, err
}

// CreateOrg makes an organization, with the caller as its first owner and the
// policy that allows what anyone may do. The session works in it from then on.
// Only who has proved an address may.
func (s *Service) CreateOrg(ctx context.Context, c letterlock.Caller, name string) (*letterlock.Org, error) {
	if err := letterlock.CheckName("name", name, true); err != nil {
		return nil, err
	}
	org := newOrg(name)
	err := s.act(ctx, c, &letterlock.Event{Action: letterlock.ActionOrgCreated, Org: org.ID}, func(tx *store.Tx) error {
		if err := bySession(c); err != nil {
			return err
		}
		if !c.User.Verified() {
			return letterlock.ErrForbidden
		}
		if err := found(tx, org, c.User.ID); err != nil {
			return err
		}
		return workIn(tx, c, org.ID)
	})
	if err != nil {
		return nil, err
	}
	return org, nil
}

func newOrg(name string) *letterlock.Org {
	return &letterlock.Org{
		ID:        newID[letterlock.OrgID](),
		Name:      strings.TrimSpace(name),
		Policy:    letterlock.DefaultPolicy(),
		EventLife: letterlock.EventLife,
	}
}

// found adds a new organization and its first owner.
func found(tx *store.Tx, org *letterlock.Org, owner letterlock.UserID) error {
	var err error
	if org.CreatedAt, err = tx.Now(); err != nil {
		return err
	}
	if err := tx.InsertOrg(org); err != nil {
		return err
	}
	_, err = tx.InsertMember(&letterlock.Member{OrgID: org.ID, UserID: owner, Role: letterlock.Owner, JoinedAt: org.CreatedAt})
	return err
}

// workIn switches the caller's session to an organization, or to the personal
// space if that is empty.
func workIn(tx *store.Tx, c letterlock.Caller, org letterlock.OrgID) error {
	if c.Session == nil {
		return nil
	}
	return tx.SetSessionOrg(c.Session.ID, org)
}

// Orgs lists the organizations of the caller, with the caller's role in each.
func (s *Service) Orgs(ctx context.Context, c letterlock.Caller) ([]letterlock.Membership, error) {
	var all []letterlock.Membership
	err := s.look(ctx, c, &letterlock.Event{Action: letterlock.ActionLooked}, func(tx *store.Tx) error {
		switch {
		case c.User == nil:
			return letterlock.ErrUnauthorized
		case !c.Allows(letterlock.ScopeOrg):
			return letterlock.ErrForbidden
		}
		memberships, err := tx.Memberships(c.User.ID)
		all = all[:0]
		for _, m := range memberships {
			if c.ActsIn(m.Org.ID) {
				all = append(all, m)
			}
		}
		return err
	})
	return all, err
}

// Org is one of the caller's organizations.
func (s *Service) Org(ctx context.Context, c letterlock.Caller, id letterlock.OrgID) (*letterlock.Membership, error) {
	var membership letterlock.Membership
	err := s.look(ctx, c, &letterlock.Event{Action: letterlock.ActionLooked, Org: id}, func(tx *store.Tx) error {
		m, err := asMember(tx, c, id, letterlock.PlainMember, letterlock.ScopeOrg)
		if err != nil {
			return err
		}
		org, err := tx.Org(id)
		if err != nil {
			return err
		}
		membership = letterlock.Membership{Org: *org, Role: m.Role}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return &membership, nil
}

// SwitchOrg lets the session work in another of the caller's organizations, or
// in the personal space if that is empty.
func (s *Service) SwitchOrg(ctx context.Context, c letterlock.Caller, id letterlock.OrgID) error {
	err := s.db.Tx(ctx, func(tx *store.Tx) error {
		if err := bySession(c); err != nil {
			return err
		}
		if id != "" {
			if _, err := asMember(tx, c, id, letterlock.PlainMember, sessionOnly); err != nil {
				return err
			}
		}
		return workIn(tx, c, id)
	})
	return s.mark(ctx, c, &letterlock.Event{Action: letterlock.ActionLooked}, err)
}

// RenameOrg gives an organization another name. It takes an admin.
func (s *Service) RenameOrg(ctx context.Context, c letterlock.Caller, id letterlock.OrgID, name string) error {
	if err := letterlock.CheckName("name", name, true); err != nil {
		return err
	}
	name = strings.TrimSpace(name)
	return s.act(ctx, c, &letterlock.Event{Action: letterlock.ActionOrgRenamed, Org: id}, func(tx *store.Tx) error {
		org, _, err := lockOrg(tx, c, id, letterlock.Admin)
		switch {
		case err != nil:
			return err
		case org.Name == name:
			return errUnchanged
		}
		return tx.RenameOrg(id, name)
	})
}

// AddOrg makes an organization for the account with an address. It is for
// whoever has the server's machine.
func (s *Service) AddOrg(ctx context.Context, owner, name string) (*letterlock.Org, error) {
	if err := letterlock.CheckName("name", name, true); err != nil {
		return nil, err
	}
	email, ok := letterlock.ParseEmail(owner)
	if !ok {
		return nil, letterlock.Invalid("email", letterlock.FieldNotAddress)
	}
	org := newOrg(name)
	err := s.act(ctx, letterlock.Caller{}, &letterlock.Event{Action: letterlock.ActionOrgCreated, Org: org.ID}, func(tx *store.Tx) error {
		user, err := tx.UserByEmail(email)
		if err != nil {
			return err
		}
		return found(tx, org, user.ID)
	})
	if err != nil {
		return nil, err
	}
	return org, nil
}

// OrgNamed finds an organization by its id, or by a name that only one has; if
// several have it, that is a conflict. It is for whoever has the server's
// machine.
func (s *Service) OrgNamed(ctx context.Context, name string) (letterlock.OrgID, error) {
	var id letterlock.OrgID
	err := s.db.Read(ctx, func(tx *store.Tx) error {
		if parsed, err := letterlock.ParseID[letterlock.OrgID](name); err == nil {
			if _, err := tx.Org(parsed); err != letterlock.ErrNotFound {
				id = parsed
				return err
			}
		}
		ids, err := tx.OrgsByName(name, 2)
		switch {
		case err != nil:
			return err
		case len(ids) == 0:
			return letterlock.ErrNotFound
		case len(ids) > 1:
			return letterlock.ErrConflict
		}
		id = ids[0]
		return nil
	})
	return id, err
}
