package web

import (
	"net/http"

	"letterlock"
	"letterlock/api"
)

// getSetup says whether somebody has to set the instance up.
func (s *Server) getSetup(c *call) error {
	needed, err := s.service.SetupNeeded(c.r.Context())
	if err != nil {
		return err
	}
	return c.answer(http.StatusOK, api.SetupResponse{Needed: needed})
}

func (s *Server) setUp(c *call, req *api.SetupRequest) error {
	if req.Ticket == nil {
		return letterlock.Invalid("ticket", letterlock.FieldRequired)
	}
	if err := required("email", req.Email, "password", req.Password); err != nil {
		return err
	}
	if err := checkLanguage(req.Language); err != nil {
		return err
	}
	in, err := s.service.CompleteSetup(c.r.Context(), c.caller, letterlock.Proof(req.Ticket), req.Name, req.Email, req.Password, req.Language, browserOf(c.r))
	return s.welcome(c, in, err)
}

func (s *Server) getInstance(c *call) error {
	now, err := s.service.InstanceSettings(c.r.Context(), c.caller)
	if err != nil {
		return err
	}
	return c.answer(http.StatusOK, api.Settings{
		Name:       now.Name,
		URL:        now.URL,
		Create:     now.Create,
		SignUp:     now.SignUp,
		Domains:    append([]string{}, now.Domains...),
		MailServer: string(now.MailServer),
		MailFrom:   now.MailFrom,
	})
}

func (s *Server) setInstance(c *call, req *api.SettingsRequest) error {
	n, err := newSettings(req)
	if err != nil {
		return err
	}
	return c.done(s.service.ChangeSettings(c.r.Context(), c.caller, n))
}

func newSettings(req *api.SettingsRequest) (n letterlock.Settings, err error) {
	var f fields
	set(&f, "name", &n.Name, req.Name)
	set(&f, "url", &n.URL, req.URL)
	set(&f, "create", &n.Create, req.Create)
	set(&f, "sign_up", &n.SignUp, req.SignUp)
	set(&f, "domains", &n.Domains, req.Domains)
	set(&f, "mail_server", (*string)(&n.MailServer), req.MailServer)
	set(&f, "mail_from", &n.MailFrom, req.MailFrom)
	return n, f.err()
}

// set copies a field that has to be there, even if it is empty.
func set[T any](f *fields, name string, to, from *T) {
	if from == nil {
		f.refuse(name, letterlock.FieldRequired)
		return
	}
	*to = *from
}
