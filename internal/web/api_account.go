package web

import (
	"net/http"
	"time"

	"letterlock"
	"letterlock/api"
	"letterlock/internal/service"
)

// getMe is who asks, and the organization that they work in.
func (s *Server) getMe(c *call) error {
	me := userOf(c.caller.User)
	if c.caller.Org != "" && c.caller.Allows(letterlock.ScopeOrg) {
		m, err := s.service.Org(c.r.Context(), c.caller, c.caller.Org)
		if err != nil {
			return err
		}
		me.Organization = organization(*m)
	}
	return c.answer(http.StatusOK, me)
}

func userOf(u *letterlock.User) *api.User {
	return &api.User{ID: u.ID, Email: u.Email, Name: u.Name, Language: u.Language, Operator: u.Operator, CreatedAt: u.CreatedAt}
}

// changeMe changes what is given of the caller's profile.
func (s *Server) changeMe(c *call, req *api.ProfileRequest) error {
	name, lang := c.caller.User.Name, c.caller.User.Language
	switch {
	case req.Name == nil && req.Language == nil:
		return letterlock.Invalid("name", letterlock.FieldRequired)
	case req.Name != nil:
		name = *req.Name
	}
	if req.Language != nil {
		lang = *req.Language
	}
	if err := checkLanguage(lang); err != nil {
		return err
	}
	return c.done(s.service.ChangeProfile(c.r.Context(), c.caller, name, lang))
}

func (s *Server) deleteMe(c *call, req *api.LeaveRequest) error {
	if err := required("password", req.Password); err != nil {
		return err
	}
	err := s.service.DeleteAccount(c.r.Context(), c.caller, req.Password, req.KeepSecrets)
	if err == nil {
		s.clearSession(c.w)
	}
	return c.done(err)
}

func (s *Server) setPassword(c *call, req *api.PasswordRequest) error {
	if err := required("current", req.Current, "password", req.Password); err != nil {
		return err
	}
	cookie, err := s.service.ChangePassword(c.r.Context(), c.caller, req.Current, req.Password)
	if err == nil {
		s.setSession(c.w, cookie)
	}
	return c.done(err)
}

func (s *Server) askEmail(c *call, req *api.EmailRequest) error {
	if err := required("email", req.Email, "password", req.Password); err != nil {
		return err
	}
	if err := s.service.ChangeEmail(c.r.Context(), c.caller, req.Email, req.Password); err != nil {
		return err
	}
	return c.empty(http.StatusAccepted) // nothing has changed before the mailed link is followed
}

func (s *Server) createSession(c *call, req *api.SignInRequest) error {
	if err := required("email", req.Email, "password", req.Password); err != nil {
		return err
	}
	in, err := s.service.SignIn(c.r.Context(), c.caller, req.Email, req.Password, browserOf(c.r))
	return s.welcome(c, in, err)
}

// welcome answers whoever was signed in just now, or says why not.
func (s *Server) welcome(c *call, in *service.SignedIn, err error) error {
	if err != nil {
		return err
	}
	s.setSession(c.w, in.Cookie)
	return c.answer(http.StatusCreated, session(in.Session, in.Session.ID))
}

func session(s *letterlock.Session, current letterlock.SessionID) api.Session {
	return api.Session{
		ID:        s.ID,
		Current:   s.ID == current,
		CreatedAt: s.CreatedAt,
		SeenAt:    s.SeenAt,
		EndsAt:    s.EndsAt(),
		Browser:   s.Agent,
		Network:   s.Net,
	}
}

func (s *Server) listSessions(c *call) error {
	live, err := s.service.Sessions(c.r.Context(), c.caller)
	if err != nil {
		return err
	}
	answer := api.Sessions{Sessions: make([]api.Session, len(live))}
	for i, l := range live {
		answer.Sessions[i] = session(l, c.caller.Session.ID)
	}
	return c.answer(http.StatusOK, answer)
}

func (s *Server) deleteOtherSessions(c *call) error {
	return c.done(s.service.EndOtherSessions(c.r.Context(), c.caller))
}

func (s *Server) deleteSession(c *call) error {
	return c.done(s.service.EndSession(c.r.Context(), c.caller, c.sessionID()))
}

func (s *Server) signOut(c *call) error {
	err := s.service.SignOut(c.r.Context(), c.caller)
	if err == nil && c.caller.Session != nil {
		s.clearSession(c.w)
	}
	return c.done(err)
}

func (s *Server) switchOrganization(c *call, req *api.SwitchRequest) error {
	if req.Organization.IsZero() {
		return letterlock.Invalid("organization", letterlock.FieldRequired)
	}
	return c.done(s.service.SwitchOrg(c.r.Context(), c.caller, req.Organization.Or("")))
}

func (s *Server) createToken(c *call, req *api.TokenRequest) error {
	n, err := newToken(req)
	if err != nil {
		return err
	}
	made, text, err := s.service.CreateToken(c.r.Context(), c.caller, n)
	if err != nil {
		return err
	}
	answer := token(made)
	answer.Token = string(text)
	return c.answer(http.StatusCreated, answer)
}

func newToken(req *api.TokenRequest) (service.NewToken, error) {
	n := service.NewToken{Name: req.Name, Scopes: req.Scopes, Password: req.Password}
	if err := required("name", req.Name, "password", req.Password); err != nil {
		return n, err
	}
	if req.Organization != nil {
		id, err := letterlock.ParseID[letterlock.OrgID](string(*req.Organization))
		if err != nil {
			return n, err
		}
		n.Org = id
	}
	if req.ExpiresIn != nil {
		n.ExpiresIn = duration(*req.ExpiresIn)
		if n.ExpiresIn < time.Second {
			return n, letterlock.Invalid("expires_in", letterlock.FieldOutOfRange)
		}
	}
	return n, nil
}

func token(t *letterlock.APIToken) api.Token {
	return api.Token{
		ID:           t.ID,
		Name:         t.Name,
		Organization: given(t.OrgID),
		Scopes:       t.Scopes,
		CreatedAt:    t.CreatedAt,
		ExpiresAt:    t.ExpiresAt,
		UsedAt:       optional(t.UsedAt),
		RevokedAt:    optional(t.RevokedAt),
	}
}

// given is null on the wire for an id that is empty.
func given(id letterlock.OrgID) *letterlock.OrgID {
	if id == "" {
		return nil
	}
	return &id
}

func (s *Server) listTokens(c *call) error {
	tokens, err := s.service.Tokens(c.r.Context(), c.caller)
	if err != nil {
		return err
	}
	answer := api.Tokens{Tokens: make([]api.Token, len(tokens))}
	for i, t := range tokens {
		answer.Tokens[i] = token(t)
	}
	return c.answer(http.StatusOK, answer)
}

func (s *Server) deleteToken(c *call) error {
	return c.done(s.service.RevokeToken(c.r.Context(), c.caller, c.tokenID()))
}
