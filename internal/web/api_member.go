package web

import (
	"net/http"

	"letterlock"
	"letterlock/api"
	"letterlock/internal/service"
)

func (s *Server) listMembers(c *call) error {
	q, err := c.query("limit", "cursor")
	if err != nil {
		return err
	}
	limit, after := q.limit(), q.place()
	if err := q.err(); err != nil {
		return err
	}
	members, err := s.service.Members(c.r.Context(), c.caller, c.orgID(), letterlock.Member{JoinedAt: after.at, UserID: letterlock.UserID(after.id)}, limit)
	if err != nil {
		return err
	}
	return c.answer(http.StatusOK, membersPage(members, limit))
}

func membersPage(members []letterlock.ListedMember, limit int) api.Members {
	page := api.Members{Members: make([]api.Member, len(members))}
	for i, m := range members {
		page.Members[i] = api.Member{User: m.UserID, Name: m.Name, Email: m.Email, Role: m.Role, JoinedAt: m.JoinedAt}
	}
	page.NextCursor = next(members, limit, func(m letterlock.ListedMember) place { return place{m.JoinedAt, string(m.UserID)} })
	return page
}

func (s *Server) changeMember(c *call, req *api.RoleRequest) error {
	if err := required("role", string(req.Role)); err != nil {
		return err
	}
	return c.done(s.service.ChangeRole(c.r.Context(), c.caller, c.orgID(), c.userID(), req.Role))
}

// deleteMember takes who gets the member's secrets from the query: a DELETE has
// no body that all proxies pass on.
func (s *Server) deleteMember(c *call) error {
	q, err := c.query("hand_to")
	if err != nil {
		return err
	}
	var left service.Estate
	if heir := q.values.Get("hand_to"); q.values.Has("hand_to") {
		if !isID(heir) {
			return letterlock.Invalid("hand_to", letterlock.FieldOutOfRange)
		}
		left.HandTo = letterlock.UserID(heir)
	}
	return c.done(s.service.RemoveMember(c.r.Context(), c.caller, c.orgID(), c.userID(), left))
}

func (s *Server) listInvitations(c *call) error {
	q, err := c.query("limit", "cursor")
	if err != nil {
		return err
	}
	limit, after := q.limit(), q.place()
	if err := q.err(); err != nil {
		return err
	}
	open, err := s.service.Invitations(c.r.Context(), c.caller, c.orgID(), letterlock.Invitation{CreatedAt: after.at, ID: letterlock.InvitationID(after.id)}, limit)
	if err != nil {
		return err
	}
	return c.answer(http.StatusOK, invitationsPage(open, limit))
}

func invitationsPage(open []*letterlock.Invitation, limit int) api.Invitations {
	page := api.Invitations{Invitations: make([]api.Invitation, len(open))}
	for i, in := range open {
		page.Invitations[i] = invitation(in)
	}
	page.NextCursor = next(open, limit, func(i *letterlock.Invitation) place { return place{i.CreatedAt, string(i.ID)} })
	return page
}

func invitation(i *letterlock.Invitation) api.Invitation {
	return api.Invitation{ID: i.ID, Email: i.Email, Role: i.Role, InvitedBy: i.InvitedBy, CreatedAt: i.CreatedAt, ExpiresAt: i.ExpiresAt}
}

func (s *Server) createInvitation(c *call, req *api.InvitationRequest) error {
	if err := required("email", req.Email, "role", string(req.Role)); err != nil {
		return err
	}
	if err := checkLanguage(req.Language); err != nil {
		return err
	}
	n := service.NewInvitation{Email: req.Email, Role: req.Role, Language: req.Language}
	made, proof, err := s.service.Invite(c.r.Context(), c.caller, c.orgID(), n)
	if err != nil {
		return err
	}
	answer := invitation(made)
	answer.Link = s.invitationLink(proof)
	return c.answer(http.StatusCreated, answer)
}

// invitationLink is the address that is mailed too. It is made of the public
// address and never of what a request says.
func (s *Server) invitationLink(proof letterlock.Proof) string {
	return s.service.Settings().URL + "/invitation#" + api.Bytes(proof).String()
}

func (s *Server) createInvitationLink(c *call, req *api.LinkRequest) error {
	if err := checkLanguage(req.Language); err != nil {
		return err
	}
	proof, err := s.service.RenewInvitation(c.r.Context(), c.caller, c.orgID(), c.invitationID(), req.Language)
	if err != nil {
		return err
	}
	return c.answer(http.StatusCreated, api.Link{Link: s.invitationLink(proof)})
}

func (s *Server) deleteInvitation(c *call) error {
	return c.done(s.service.RevokeInvitation(c.r.Context(), c.caller, c.orgID(), c.invitationID()))
}

// lookAtInvitation takes the token in the body, since it never is in an address.
// It changes nothing.
func (s *Server) lookAtInvitation(c *call, req *api.InvitationToken) error {
	if req.Token == nil {
		return letterlock.Invalid("token", letterlock.FieldRequired)
	}
	offer, err := s.service.LookAtInvitation(c.r.Context(), c.caller, letterlock.Proof(req.Token))
	if err != nil {
		return err
	}
	return c.answer(http.StatusOK, api.Offer{
		Organization: api.Named{ID: string(offer.Org), Name: offer.Organization},
		Email:        offer.Email,
		Role:         offer.Role,
		Inviter:      offer.Inviter,
		ExpiresAt:    offer.ExpiresAt,
	})
}

func (s *Server) createMembership(c *call, req *api.InvitationToken) error {
	if req.Token == nil {
		return letterlock.Invalid("token", letterlock.FieldRequired)
	}
	m, err := s.service.AcceptInvitation(c.r.Context(), c.caller, letterlock.Proof(req.Token))
	if err != nil {
		return err
	}
	return c.answer(http.StatusCreated, organization(*m))
}
