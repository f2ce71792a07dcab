package service

import (
	"context"

	"letterlock"
	"letterlock/internal/mail"
	"letterlock/internal/store"
)

// invitationPath is the page where an invitation is looked at and accepted.
const invitationPath = "/invitation"

// NewInvitation is an invitation as an admin makes it.
type NewInvitation struct {
	Email    string
	Role     letterlock.Role
	Language string // of the mail; empty: the inviter's
}

// Invite asks the owner of an address to join an organization, by mail and by
// the link that the returned proof makes, which is not shown again. It takes an
// admin, who offers no role above their own. One invitation for each address is
// open at a time.
func (s *Service) Invite(ctx context.Context, c letterlock.Caller, org letterlock.OrgID, n NewInvitation) (*letterlock.Invitation, letterlock.Proof, error) {
	email, ok := letterlock.ParseEmail(n.Email)
	if !ok {
		return nil, nil, letterlock.Invalid("email", letterlock.FieldNotAddress)
	}
	if err := checkRole(n.Role); err != nil {
		return nil, nil, err
	}
	proof := newProof()
	i := &letterlock.Invitation{
		ID:        newID[letterlock.InvitationID](),
		OrgID:     org,
		Email:     email,
		Role:      n.Role,
		Hash:      proof.Hash(),
		InvitedBy: c.UserID(),
	}
	e := &letterlock.Event{Action: letterlock.ActionInvited, Org: org, Subject: string(i.ID)}
	err := s.act(ctx, c, e, func(tx *store.Tx) error {
		o, me, err := lockOrg(tx, c, org, letterlock.Admin)
		switch {
		case err != nil:
			return err
		case !me.Role.AtLeast(i.Role):
			return letterlock.ErrForbidden
		}
		if err := notMember(tx, org, email); err != nil {
			return err
		}
		if i.CreatedAt, err = tx.Now(); err != nil {
			return err
		}
		i.ExpiresAt = i.CreatedAt.Add(letterlock.InvitationLife)
		added, err := tx.InsertInvitation(i)
		if err != nil {
			return err
		}
		if !added {
			return letterlock.Invalid("email", letterlock.FieldInvited)
		}
		return s.mailInvitation(tx, c, o, i, n.Language, proof)
	})
	if err != nil {
		return nil, nil, err
	}
	s.wake()
	return i, proof, nil
}

// notMember refuses an address that is a member's.
func notMember(tx *store.Tx, org letterlock.OrgID, email letterlock.Email) error {
	user, err := tx.UserByEmail(email)
	if err == nil {
		_, err = tx.Member(org, user.ID)
	}
	switch err {
	case nil:
		return letterlock.Invalid("email", letterlock.FieldMember)
	case letterlock.ErrNotFound:
		return nil
	}
	return err
}

// mailInvitation puts the mail with the link into the outbox.
func (s *Service) mailInvitation(tx *store.Tx, c letterlock.Caller, org *letterlock.Org, i *letterlock.Invitation, language string, proof letterlock.Proof) error {
	now, err := tx.Now()
	if err != nil {
		return err
	}
	if language == "" {
		language = c.User.Language
	}
	return s.post(tx, now, i.Email, "", language, mail.Invitation{
		Inviter:      c.User.Name,
		Address:      c.User.Email,
		Organization: org.Name,
		Role:         i.Role,
		Link:         s.link(invitationPath, proof),
		Until:        i.ExpiresAt,
	})
}

// Invitations lists an organization's open invitations in the order in which
// they were made, after one; those whose time is over are among them, to be
// renewed. It takes an admin.
func (s *Service) Invitations(ctx context.Context, c letterlock.Caller, org letterlock.OrgID, after letterlock.Invitation, limit int) ([]*letterlock.Invitation, error) {
	if err := checkLimit(limit); err != nil {
		return nil, err
	}
	var invitations []*letterlock.Invitation
	err := s.look(ctx, c, &letterlock.Event{Action: letterlock.ActionLooked, Org: org}, func(tx *store.Tx) error {
		if _, err := asMember(tx, c, org, letterlock.Admin, letterlock.ScopeOrg); err != nil {
			return err
		}
		var err error
		invitations, err = tx.Invitations(org, after, limit)
		return err
	})
	return invitations, err
}

// RenewInvitation gives an open invitation another link and its whole time
// again, and mails it. The link before no longer works. Whoever renews it is the
// inviter, and so needs the role that it offers. What is no longer open is a
// conflict.
func (s *Service) RenewInvitation(ctx context.Context, c letterlock.Caller, org letterlock.OrgID, id letterlock.InvitationID, language string) (letterlock.Proof, error) {
	proof := newProof()
	e := &letterlock.Event{Action: letterlock.ActionInvited, Org: org, Subject: string(id)}
	err := s.act(ctx, c, e, func(tx *store.Tx) error {
		o, me, err := lockOrg(tx, c, org, letterlock.Admin)
		if err != nil {
			return err
		}
		i, err := tx.Invitation(org, id)
		switch {
		case err != nil:
			return err
		case !me.Role.AtLeast(i.Role):
			return letterlock.ErrForbidden
		}
		now, err := tx.Now()
		if err != nil {
			return err
		}
		i.Hash, i.InvitedBy, i.ExpiresAt = proof.Hash(), c.User.ID, now.Add(letterlock.InvitationLife)
		renewed, err := tx.RenewInvitation(i)
		switch {
		case err != nil:
			return err
		case !renewed:
			return letterlock.ErrConflict
		}
		return s.mailInvitation(tx, c, o, i, language, proof)
	})
	if err != nil {
		return nil, err
	}
	s.wake()
	return proof, nil
}

// RevokeInvitation takes an invitation back. One that was accepted is a
// conflict; one that was taken back before stays so.
func (s *Service) RevokeInvitation(ctx context.Context, c letterlock.Caller, org letterlock.OrgID, id letterlock.InvitationID) error {
	e := &letterlock.Event{Action: letterlock.ActionUninvited, Org: org, Subject: string(id)}
	return s.act(ctx, c, e, func(tx *store.Tx) error {
		if _, _, err := lockOrg(tx, c, org, letterlock.Admin); err != nil {
			return err
		}
		i, err := tx.Invitation(org, id)
		switch {
		case err != nil:
			return err
		case !i.RevokedAt.IsZero():
			return errUnchanged
		}
		now, err := tx.Now()
		if err != nil {
			return err
		}
		revoked, err := tx.RevokeInvitation(org, id, now)
		if err == nil && !revoked {
			err = letterlock.ErrConflict
		}
		return err
	})
}

// LookAtInvitation is what whoever has the link of an invitation sees of it. It
// changes nothing, so that a mail program which follows links spends none.
func (s *Service) LookAtInvitation(ctx context.Context, _ letterlock.Caller, proof letterlock.Proof) (*letterlock.Offer, error) {
	var offer letterlock.Offer
	err := s.db.Read(ctx, func(tx *store.Tx) error {
		i, err := tx.InvitationByHash(proof.Hash())
		if err != nil {
			return err
		}
		inviter, err := stands(tx, i)
		if err != nil {
			return err
		}
		org, err := tx.Org(i.OrgID)
		if err != nil {
			return err
		}
		offer = letterlock.Offer{
			Org:          i.OrgID,
			Organization: org.Name,
			Email:        i.Email,
			Role:         i.Role,
			Inviter:      inviter.Display(),
			ExpiresAt:    i.ExpiresAt,
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return &offer, nil
}

// stands refuses an invitation that cannot be accepted any more, and else is who
// made it. One whose inviter could not make it now is as good as taken back.
func stands(tx *store.Tx, i *letterlock.Invitation) (*letterlock.User, error) {
	now, err := tx.Now()
	if err != nil {
		return nil, err
	}
	if err := i.Over(now); err != nil {
		return nil, err
	}
	m, err := tx.Member(i.OrgID, i.InvitedBy)
	if err == letterlock.ErrNotFound || err == nil && !(m.Role.AtLeast(letterlock.Admin) && m.Role.AtLeast(i.Role)) {
		return nil, letterlock.Gone(letterlock.Deleted, now)
	}
	if err != nil {
		return nil, err
	}
	return tx.User(i.InvitedBy)
}

// AcceptInvitation makes the caller a member, and the session works in the
// organization from then on. It takes a session of the account with the invited
// address, proved. Accepting again what one accepted changes nothing.
func (s *Service) AcceptInvitation(ctx context.Context, c letterlock.Caller, proof letterlock.Proof) (*letterlock.Membership, error) {
	var membership letterlock.Membership
	e := &letterlock.Event{Action: letterlock.ActionJoined}
	err := s.act(ctx, c, e, func(tx *store.Tx) error {
		if c.User == nil {
			return letterlock.ErrUnauthorized
		}
		i, err := tx.InvitationByHash(proof.Hash())
		if err != nil {
			return err
		}
		e.Org, e.Subject = i.OrgID, string(i.ID)
		org, err := tx.LockOrg(i.OrgID)
		if err != nil {
			return err
		}
		if i, err = tx.InvitationByHash(proof.Hash()); err != nil { // which may be renewed, now that we have waited for the lock
			return err
		}
		if err := invited(tx, c, i); err != nil {
			return err
		}
		membership, err = join(tx, c, org, i)
		return err
	})
	if err != nil {
		return nil, err
	}
	return &membership, nil
}

// invited refuses who is not meant by an invitation.
func invited(tx *store.Tx, c letterlock.Caller, i *letterlock.Invitation) error {
	if err := bySession(c); err != nil {
		return err
	}
	user, err := tx.User(c.User.ID)
	if err == nil && !(user.Verified() && user.Email.Key() == i.Email.Key()) {
		err = letterlock.ErrForbidden
	}
	return err
}

// join accepts an invitation for who is meant by it. The organization is locked.
func join(tx *store.Tx, c letterlock.Caller, org *letterlock.Org, i *letterlock.Invitation) (letterlock.Membership, error) {
	old, err := tx.Member(org.ID, c.User.ID)
	switch {
	case err == nil && !i.AcceptedAt.IsZero():
		return letterlock.Membership{Org: *org, Role: old.Role}, errUnchanged
	case err != nil && err != letterlock.ErrNotFound:
		return letterlock.Membership{}, err
	}
	if _, err := stands(tx, i); err != nil {
		return letterlock.Membership{}, err
	}
	now, err := tx.Now()
	if err != nil {
		return letterlock.Membership{}, err
	}
	accepted, err := tx.AcceptInvitation(i.ID, now)
	switch {
	case err != nil:
		return letterlock.Membership{}, err
	case !accepted:
		return letterlock.Membership{}, letterlock.ErrConflict
	}
	m := letterlock.Membership{Org: *org, Role: i.Role}
	if old != nil { // came in another way meanwhile
		m.Role = old.Role
	} else if _, err := tx.InsertMember(&letterlock.Member{OrgID: org.ID, UserID: c.User.ID, Role: i.Role, JoinedAt: now}); err != nil {
		return letterlock.Membership{}, err
	}
	return m, workIn(tx, c, org.ID)
}
