package web

import (
	"errors"

	"letterlock"
	"letterlock/internal/service"
	"letterlock/ui"
)

// passwordIn puts a wrong password down to the field it was typed in.
func passwordIn(field string, err error) error {
	if errors.Is(err, letterlock.ErrWrongPass) {
		return &letterlock.Refusal{Code: letterlock.ErrWrongPass, Fields: []letterlock.FieldError{{Field: field, Code: "wrong"}}}
	}
	return err
}

func (s *Server) accountPage(c *call) (ui.Screen, error) {
	return &ui.Account{User: c.caller.User}, nil
}

func (s *Server) profileForm(c *call, f *filled) (outcome, error) {
	err := checkLanguage(f.text("language"))
	if err == nil {
		err = s.service.ChangeProfile(c.r.Context(), c.caller, f.text("name"), f.text("language"))
	}
	return outcome{to: "/account", done: ui.Done{Key: "saved"}}, err
}

func (s *Server) emailForm(c *call, f *filled) (outcome, error) {
	err := s.service.ChangeEmail(c.r.Context(), c.caller, f.text("email"), f.text("password"))
	return outcome{to: "/account", done: ui.Done{Key: "email_mailed"}}, passwordIn("password", err)
}

func (s *Server) passwordForm(c *call, f *filled) (outcome, error) {
	cookie, err := s.service.ChangePassword(c.r.Context(), c.caller, f.text("current"), f.text("password"))
	if err != nil {
		return outcome{}, passwordIn("current", err)
	}
	s.setSession(c.w, cookie)
	return outcome{to: "/account", done: ui.Done{Key: "password_changed"}}, nil
}

func (s *Server) deleteAccountForm(c *call, f *filled) (outcome, error) {
	keep := f.text("secrets") == "keep"
	if err := s.service.DeleteAccount(c.r.Context(), c.caller, f.text("password"), keep); err != nil {
		return outcome{}, passwordIn("password", err)
	}
	s.forget(c)
	return outcome{to: "/signin", done: ui.Done{Key: "account_deleted"}}, nil
}

func (s *Server) sessionsPage(c *call) (ui.Screen, error) {
	all, err := s.service.Sessions(c.r.Context(), c.caller)
	return &ui.Sessions{All: all, Here: c.caller.Session.ID}, err
}

func (s *Server) endSessionForm(c *call, f *filled) (outcome, error) {
	err := s.service.EndSession(c.r.Context(), c.caller, letterlock.SessionID(f.text("session")))
	return outcome{to: "/account/sessions", done: ui.Done{Key: "session_ended"}}, err
}

func (s *Server) endOthersForm(c *call, _ *filled) (outcome, error) {
	err := s.service.EndOtherSessions(c.r.Context(), c.caller)
	return outcome{to: "/account/sessions", done: ui.Done{Key: "sessions_ended"}}, err
}

func (s *Server) tokensPage(c *call) (ui.Screen, error) { return s.tokens(c) }

func (s *Server) tokens(c *call) (*ui.Tokens, error) {
	all, err := s.service.Tokens(c.r.Context(), c.caller)
	if err != nil {
		return nil, err
	}
	orgs, err := s.service.Orgs(c.r.Context(), c.caller)
	return &ui.Tokens{All: all, Orgs: orgs}, err
}

// createTokenForm shows the token's text, which is not kept: there is no page to
// go to for it.
func (s *Server) createTokenForm(c *call, f *filled) (outcome, error) {
	life, err := f.days("expires_in")
	if err != nil {
		return outcome{}, err
	}
	n := service.NewToken{Name: f.text("name"), Org: letterlock.OrgID(f.text("space")), ExpiresIn: life, Password: f.text("password")}
	for _, scope := range f.values["scopes"] {
		n.Scopes = append(n.Scopes, letterlock.Scope(scope))
	}
	_, text, err := s.service.CreateToken(c.r.Context(), c.caller, n)
	if err != nil {
		return outcome{}, passwordIn("password", err)
	}
	page, err := s.tokens(c)
	if err != nil {
		return outcome{}, err
	}
	page.Made = string(text)
	return outcome{once: page}, nil
}

func (s *Server) revokeTokenForm(c *call, f *filled) (outcome, error) {
	err := s.service.RevokeToken(c.r.Context(), c.caller, letterlock.TokenID(f.text("token")))
	return outcome{to: "/account/tokens", done: ui.Done{Key: "token_revoked"}}, err
}
