package web

import (
	"net/http"
	"time"

	"letterlock"
	"letterlock/internal/service"
	"letterlock/ui"
)

// membersPerPage is how many members stand on a page.
const membersPerPage = 100

func (s *Server) newOrganizationPage(*call) (ui.Screen, error) { return &ui.NewOrganization{}, nil }

func (s *Server) createOrganizationForm(c *call, f *filled) (outcome, error) {
	_, err := s.service.CreateOrg(c.r.Context(), c.caller, f.text("name"))
	return outcome{to: "/organization", done: ui.Done{Key: "organization_created"}}, err
}

// space is the organization that the session works in. In the personal space
// there is none, and so nothing to show.
func (s *Server) space(c *call) (*letterlock.Membership, error) {
	if c.caller.Org == "" {
		return nil, elsewhere("/organization/new")
	}
	return s.service.Org(c.r.Context(), c.caller, c.caller.Org)
}

func (s *Server) organizationPage(c *call) (ui.Screen, error) {
	page, err := s.organization(c)
	if err != nil {
		return nil, err
	}
	return page, nil
}

func (s *Server) organization(c *call) (*ui.Organization, error) {
	m, err := s.space(c)
	if err != nil {
		return nil, err
	}
	// The session was used just now, to the minute: whose time is over has not
	// to be known better.
	page := &ui.Organization{Me: c.caller.UserID(), Now: c.caller.Session.SeenAt}
	page.In(m)
	after := letterlock.Member{UserID: letterlock.UserID(c.r.URL.Query().Get("after"))}
	if at, err := time.Parse(time.RFC3339Nano, c.r.URL.Query().Get("joined")); err == nil {
		after.JoinedAt = at
	}
	if page.Members, err = s.service.Members(c.r.Context(), c.caller, m.Org.ID, after, membersPerPage); err != nil {
		return nil, err
	}
	if n := len(page.Members); n == membersPerPage {
		page.More = moreMembers(page.Members[n-1].Member)
	}
	if page.Admin() {
		page.Invitations, err = s.service.Invitations(c.r.Context(), c.caller, m.Org.ID, letterlock.Invitation{}, membersPerPage)
	}
	return page, err
}

func (s *Server) renameForm(c *call, f *filled) (outcome, error) {
	err := s.service.RenameOrg(c.r.Context(), c.caller, c.caller.Org, f.text("name"))
	return outcome{to: "/organization", done: ui.Done{Key: "saved"}}, err
}

func (s *Server) inviteForm(c *call, f *filled) (outcome, error) {
	i, link, err := s.service.Invite(c.r.Context(), c.caller, c.caller.Org, service.NewInvitation{
		Email: f.text("email"), Role: letterlock.Role(f.text("role")), Language: languageFor(c),
	})
	if err != nil {
		return outcome{}, err
	}
	return s.showLink(c, i.Email, link)
}

func (s *Server) renewForm(c *call, f *filled) (outcome, error) {
	id := letterlock.InvitationID(f.text("invitation"))
	link, err := s.service.RenewInvitation(c.r.Context(), c.caller, c.caller.Org, id, languageFor(c))
	if err != nil {
		return outcome{}, err
	}
	return s.showLink(c, "", link)
}

// showLink shows the link of an invitation, for where mail fails. It is not
// kept, so there is no page to go to for it.
func (s *Server) showLink(c *call, email letterlock.Email, link letterlock.Proof) (outcome, error) {
	page, err := s.organization(c)
	if err != nil {
		return outcome{}, err
	}
	for _, i := range page.Invitations {
		if i.Hash == link.Hash() {
			email = i.Email
		}
	}
	page.Link, page.LinkFor = s.service.Settings().URL+"/invitation#"+ticketText(link), email
	return outcome{once: page}, nil
}

func (s *Server) revokeForm(c *call, f *filled) (outcome, error) {
	err := s.service.RevokeInvitation(c.r.Context(), c.caller, c.caller.Org, letterlock.InvitationID(f.text("invitation")))
	return outcome{to: "/organization", done: ui.Done{Key: "invitation_revoked"}}, err
}

// memberPage is one member: for admins, and for themselves.
func (s *Server) memberPage(c *call) (ui.Screen, error) {
	m, err := s.space(c)
	if err != nil {
		return nil, err
	}
	page := &ui.Member{}
	page.In(m)
	all, err := s.everyMember(c)
	if err != nil {
		return nil, err
	}
	for _, member := range all {
		if member.UserID == c.userID() {
			page.Who = member
		} else {
			page.Others = append(page.Others, member)
		}
	}
	page.Me = page.Who.UserID == c.caller.UserID()
	if page.Who.UserID == "" || !page.Me && !page.Admin() {
		return nil, letterlock.ErrNotFound
	}
	return page, nil
}

// everyMember lists all members of the organization that the session works in.
func (s *Server) everyMember(c *call) (all []letterlock.ListedMember, err error) {
	for after := (letterlock.Member{}); ; after = all[len(all)-1].Member {
		page, err := s.service.Members(c.r.Context(), c.caller, c.caller.Org, after, membersPerPage)
		all = append(all, page...)
		if err != nil || len(page) < membersPerPage {
			return all, err
		}
	}
}

func (s *Server) roleForm(c *call, f *filled) (outcome, error) {
	err := s.service.ChangeRole(c.r.Context(), c.caller, c.caller.Org, c.userID(), letterlock.Role(f.text("role")))
	return outcome{to: "/organization", done: ui.Done{Key: "saved"}}, err
}

func (s *Server) removeForm(c *call, f *filled) (outcome, error) {
	left := service.Estate{HandTo: letterlock.UserID(f.text("hand_to"))}
	err := s.service.RemoveMember(c.r.Context(), c.caller, c.caller.Org, c.userID(), left)
	if c.userID() == c.caller.UserID() {
		return outcome{to: "/secrets", done: ui.Done{Key: "left"}}, err
	}
	return outcome{to: "/organization", done: ui.Done{Key: "member_removed"}}, err
}

func (s *Server) policyPage(c *call) (ui.Screen, error) {
	m, err := s.asAdmin(c)
	if err != nil {
		return nil, err
	}
	page := &ui.Policy{}
	page.In(m)
	return page, nil
}

// asAdmin is the organization that the session works in, for its admins.
func (s *Server) asAdmin(c *call) (*letterlock.Membership, error) {
	m, err := s.space(c)
	if err == nil && !m.Role.AtLeast(letterlock.Admin) {
		err = letterlock.ErrForbidden
	}
	return m, err
}

func (s *Server) policyForm(c *call, f *filled) (outcome, error) {
	m, err := s.asAdmin(c)
	if err != nil {
		return outcome{}, err
	}
	life, err := f.daysUnless("max_lifetime", m.Org.Policy.MaxLifetime)
	if err != nil {
		return outcome{}, err
	}
	views, err := f.number("max_views")
	if err != nil {
		return outcome{}, err
	}
	err = s.service.SetPolicy(c.r.Context(), c.caller, m.Org.ID, letterlock.Policy{
		SharingOutside:   f.on("sharing_outside"),
		MaxLifetime:      life,
		MaxViews:         views,
		PasswordRequired: f.on("password_required"),
		EmailLinks:       f.on("email_links"),
		StrictViews:      f.on("strict_views"),
	})
	return outcome{to: "/organization/policy", done: ui.Done{Key: "saved"}}, err
}

func (s *Server) logForm(c *call, f *filled) (outcome, error) {
	m, err := s.asAdmin(c)
	if err != nil {
		return outcome{}, err
	}
	life, err := f.daysUnless("event_life", m.Org.EventLife)
	if err == nil {
		err = s.service.SetEventLife(c.r.Context(), c.caller, m.Org.ID, life)
	}
	return outcome{to: "/organization/policy", done: ui.Done{Key: "saved"}}, err
}

func (s *Server) brandPage(c *call) (ui.Screen, error) {
	m, err := s.asAdmin(c)
	if err != nil {
		return nil, err
	}
	brand, err := s.service.Brand(c.r.Context(), c.caller, m.Org.ID)
	if err != nil {
		return nil, err
	}
	page := &ui.Brand{Brand: *brand}
	page.In(m)
	return page, nil
}

func (s *Server) brandForm(c *call, f *filled) (outcome, error) {
	n := service.NewBrand{Name: f.text("name"), Accent: colour(f.text("accent")), AccentDeep: colour(f.text("accent_deep"))}
	switch {
	case f.file != nil:
		n.Logo = &f.file
	case f.on("remove_logo"):
		n.Logo = new([]byte)
	}
	err := s.service.SetBrand(c.r.Context(), c.caller, c.caller.Org, n)
	return outcome{to: "/organization/brand", done: ui.Done{Key: "saved"}}, err
}

// getLogo is the logo of the organization that the session works in.
func (s *Server) getLogo(c *call) error {
	m, err := s.space(c)
	if err != nil {
		return err
	}
	brand, err := s.service.Brand(c.r.Context(), c.caller, m.Org.ID)
	if err == nil && brand.Logo == nil {
		err = letterlock.ErrNotFound
	}
	if err != nil {
		return err
	}
	setAPIHeader(c.w.Header())
	c.w.Header().Set("Content-Type", "image/png")
	send(c.w, c.r, http.StatusOK, brand.Logo, nil, nil)
	return nil
}
