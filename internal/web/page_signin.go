package web

import (
	"net/http"

	"letterlock"
	"letterlock/internal/service"
	"letterlock/ui"
)

// nowhere is the page of forms that stand in the bar of every page.
func nowhere(*Server, *call) (ui.Screen, error) { return nil, letterlock.ErrMethod }

func (s *Server) signInPage(c *call) (ui.Screen, error) {
	next := c.r.FormValue("next")
	if c.caller.User != nil && c.r.Method == http.MethodGet && !c.r.URL.Query().Has("other") { // somebody else may want to come in
		return nil, elsewhere(localPath(next))
	}
	return &ui.SignIn{Next: next}, nil
}

func (s *Server) signInForm(c *call, f *filled) (outcome, error) {
	in, err := s.service.SignIn(c.r.Context(), c.caller, f.text("email"), f.text("password"), browserOf(c.r))
	return s.enter(c, in, err, outcome{to: localPath(f.text("next"))})
}

// enter gives a browser the session that a verb began.
func (s *Server) enter(c *call, in *service.SignedIn, err error, out outcome) (outcome, error) {
	if err == nil {
		s.setSession(c.w, in.Cookie)
	}
	return out, err
}

func (s *Server) signOutForm(c *call, _ *filled) (outcome, error) {
	if err := s.service.SignOut(c.r.Context(), c.caller); err != nil {
		return outcome{}, err
	}
	s.clearSession(c.w)
	return outcome{to: "/signin", done: ui.Done{Key: "signed_out"}}, nil
}

// switchForm has the session work in another organization, or in none.
func (s *Server) switchForm(c *call, f *filled) (outcome, error) {
	err := s.service.SwitchOrg(c.r.Context(), c.caller, letterlock.OrgID(f.text("space")))
	return outcome{to: localPath(f.text("next"))}, err
}

func (s *Server) signUpPage(*call) (ui.Screen, error) {
	now := s.service.Settings()
	page := &ui.SignUp{Mode: now.SignUp}
	if now.SignUp == letterlock.SignUpDomains {
		page.Domains = now.Domains
	}
	return page, nil
}

func (s *Server) signUpForm(c *call, f *filled) (outcome, error) {
	err := s.service.SignUp(c.r.Context(), c.caller, f.text("email"), languageFor(c), nil)
	return outcome{to: "/signin", done: ui.Done{Key: "sign_up_mailed"}}, err
}

func (s *Server) verifyPage(*call) (ui.Screen, error) { return &ui.Verify{}, nil }

func (s *Server) verifyForm(c *call, f *filled) (outcome, error) {
	in, err := s.service.CompleteSignUp(c.r.Context(), c.caller, f.proof("ticket"), f.text("name"), f.text("password"), languageFor(c), browserOf(c.r))
	return s.enter(c, in, err, outcome{to: "/secrets", done: ui.Done{Key: "signed_up"}})
}

func (s *Server) resetPage(*call) (ui.Screen, error) { return &ui.Reset{}, nil }

func (s *Server) askResetForm(c *call, f *filled) (outcome, error) {
	err := s.service.AskReset(c.r.Context(), c.caller, f.text("email"))
	return outcome{to: "/signin", done: ui.Done{Key: "reset_mailed"}}, err
}

func (s *Server) resetForm(c *call, f *filled) (outcome, error) {
	in, err := s.service.CompleteReset(c.r.Context(), c.caller, f.proof("ticket"), f.text("password"), browserOf(c.r))
	return s.enter(c, in, err, outcome{to: "/secrets", done: ui.Done{Key: "password_set"}})
}

func (s *Server) confirmEmailPage(*call) (ui.Screen, error) { return &ui.ConfirmEmail{}, nil }

func (s *Server) confirmEmailForm(c *call, f *filled) (outcome, error) {
	_, err := s.service.ConfirmEmail(c.r.Context(), c.caller, f.proof("ticket"))
	return outcome{to: "/account", done: ui.Done{Key: "email_changed"}}, err
}

func (s *Server) undoEmailPage(*call) (ui.Screen, error) { return &ui.UndoEmail{}, nil }

// undoEmailForm goes on to setting another password: whoever changed the address
// knew the one before.
func (s *Server) undoEmailForm(c *call, f *filled) (outcome, error) {
	reset, err := s.service.UndoEmail(c.r.Context(), c.caller, f.proof("ticket"))
	if err != nil {
		return outcome{}, err
	}
	s.forget(c)
	return outcome{once: &ui.Reset{Ticket: ticketText(reset)}}, nil
}

// forget has nobody signed in for the rest of a call.
func (s *Server) forget(c *call) {
	s.clearSession(c.w)
	c.caller = letterlock.Caller{Net: c.caller.Net}
}
