package web

import (
	"strings"

	"letterlock"
	"letterlock/ui"
)

// setupPage is for whoever has the link that the server printed.
func (s *Server) setupPage(c *call) (ui.Screen, error) {
	needed, err := s.service.SetupNeeded(c.r.Context())
	if err == nil && !needed {
		err = elsewhere("/signin")
	}
	return &ui.Setup{}, err
}

func (s *Server) setupForm(c *call, f *filled) (outcome, error) {
	in, err := s.service.CompleteSetup(c.r.Context(), c.caller, f.proof("ticket"), f.text("name"), f.text("email"), f.text("password"), languageFor(c), browserOf(c.r))
	return s.enter(c, in, err, outcome{to: "/setup/" + ui.Steps[0]})
}

// stepPage is one step of setting the instance up. Each can be left out.
func (s *Server) stepPage(c *call) (ui.Screen, error) {
	page, err := s.instance(c)
	return page, err
}

func (s *Server) instancePage(c *call) (ui.Screen, error) {
	page, err := s.instance(c)
	if err == nil {
		page.Failed, err = s.service.FailedMails(c.r.Context(), c.caller, 0)
	}
	return page, err
}

func (s *Server) instance(c *call) (*ui.Instance, error) {
	settings, err := s.service.InstanceSettings(c.r.Context(), c.caller)
	if err != nil {
		return nil, err
	}
	if settings.URL == "" {
		settings.URL = s.config.Origin + s.config.Base
	}
	return &ui.Instance{Step: c.r.PathValue("step"), Settings: settings, To: string(c.caller.User.Email)}, nil
}

func (s *Server) generalForm(c *call, f *filled) (outcome, error) {
	return s.changeInstance(c, func(n *letterlock.Settings) {
		n.Name, n.URL = strings.TrimSpace(f.text("name")), strings.TrimSpace(f.text("url"))
	})
}

func (s *Server) accessForm(c *call, f *filled) (outcome, error) {
	return s.changeInstance(c, func(n *letterlock.Settings) {
		n.Create, n.SignUp = letterlock.CreateMode(f.text("create")), letterlock.SignUpMode(f.text("sign_up"))
		n.Domains = strings.FieldsFunc(f.text("domains"), func(r rune) bool { return strings.ContainsRune(" ,;\t\r\n", r) })
	})
}

// mailForm keeps the mail server, or only tries it.
func (s *Server) mailForm(c *call, f *filled) (outcome, error) {
	server, from := letterlock.MailServer(strings.TrimSpace(f.text("mail_server"))), strings.TrimSpace(f.text("mail_from"))
	if f.on("test") {
		return s.testMail(c, server, from, f.text("email"))
	}
	return s.changeInstance(c, func(n *letterlock.Settings) { n.MailServer, n.MailFrom = server, from })
}

// changeInstance changes some of the settings, and goes on to the next step.
func (s *Server) changeInstance(c *call, set func(*letterlock.Settings)) (outcome, error) {
	page, err := s.instance(c)
	if err != nil {
		return outcome{}, err
	}
	set(&page.Settings)
	if err := s.service.ChangeSettings(c.r.Context(), c.caller, page.Settings); err != nil {
		return outcome{}, err
	}
	out := outcome{to: "/instance", done: ui.Done{Key: "saved"}}
	if page.Step != "" {
		out.to = page.Next()
	}
	return out, nil
}

// testMail shows what came of a test mail beside what was typed.
func (s *Server) testMail(c *call, server letterlock.MailServer, from, to string) (outcome, error) {
	page, err := s.instance(c)
	if err != nil {
		return outcome{}, err
	}
	why, err := s.service.TestMail(c.r.Context(), c.caller, server, from, to, languageFor(c))
	if err != nil {
		return outcome{}, err
	}
	page.Settings.MailServer, page.Settings.MailFrom, page.To = server, from, to
	page.Test = &ui.MailTest{To: to}
	if why != nil {
		page.Test.What, page.Test.Do, page.Test.Conversation = why.What, why.Do, why.Conversation
	}
	return outcome{once: page}, nil
}

func isStep(text string) bool {
	for _, step := range ui.Steps {
		if step == text {
			return true
		}
	}
	return false
}
