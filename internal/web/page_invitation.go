package web

import (
	"letterlock"
	"letterlock/api"
	"letterlock/ui"
)

// ticketText is what stands behind the # of a link.
func ticketText(p letterlock.Proof) string { return api.Bytes(p).String() }

// invitationPage is empty by GET: what opens it is in the fragment, which no
// server sees. A form of the page brings it along; one that is over shows
// nothing more than that.
func (s *Server) invitationPage(c *call) (ui.Screen, error) {
	page := &ui.Invitation{}
	if user := c.caller.User; user != nil {
		page.Email = string(user.Email)
	}
	if c.r.PostForm == nil || c.r.PostForm.Get("do") == "look" {
		return page, nil
	}
	f := &filled{values: c.r.PostForm}
	if offer, err := s.service.LookAtInvitation(c.r.Context(), c.caller, f.proof("ticket")); err == nil {
		page.Ticket, page.Offer = f.text("ticket"), offer
	}
	return page, nil
}

// lookForm shows what an invitation is to. It spends nothing, so that the page
// may send it by itself.
func (s *Server) lookForm(c *call, f *filled) (outcome, error) {
	return s.offer(c, f, false)
}

func (s *Server) offer(c *call, f *filled, mailed bool) (outcome, error) {
	offer, err := s.service.LookAtInvitation(c.r.Context(), c.caller, f.proof("ticket"))
	if err != nil {
		return outcome{}, err
	}
	page := &ui.Invitation{Ticket: f.text("ticket"), Offer: offer, Mailed: mailed}
	if user := c.caller.User; user != nil {
		page.Email = string(user.Email)
	}
	return outcome{once: page}, nil
}

// invitedSignInForm signs in and shows the invitation again: it is accepted by
// another click, of whoever then sees both.
func (s *Server) invitedSignInForm(c *call, f *filled) (outcome, error) {
	in, err := s.service.SignIn(c.r.Context(), c.caller, f.text("email"), f.text("password"), browserOf(c.r))
	if err != nil {
		return outcome{}, err
	}
	s.setSession(c.w, in.Cookie)
	c.caller.User, c.caller.Session, c.caller.Org = in.User, in.Session, in.Session.Org
	return s.offer(c, f, false)
}

func (s *Server) invitedSignUpForm(c *call, f *filled) (outcome, error) {
	ctx, ticket := c.r.Context(), f.proof("ticket")
	offer, err := s.service.LookAtInvitation(ctx, c.caller, ticket)
	if err == nil {
		err = s.service.SignUp(ctx, c.caller, string(offer.Email), languageFor(c), ticket)
	}
	if err != nil {
		return outcome{}, err
	}
	return s.offer(c, f, true)
}

func (s *Server) invitedSignOutForm(c *call, f *filled) (outcome, error) {
	if err := s.service.SignOut(c.r.Context(), c.caller); err != nil {
		return outcome{}, err
	}
	s.forget(c)
	return s.offer(c, f, false)
}

func (s *Server) acceptForm(c *call, f *filled) (outcome, error) {
	_, err := s.service.AcceptInvitation(c.r.Context(), c.caller, f.proof("ticket"))
	return outcome{to: "/organization", done: ui.Done{Key: "joined"}}, err
}
