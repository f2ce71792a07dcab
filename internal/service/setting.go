package service

import (
	"cmp"
	"context"
	"encoding/base64"
	"net/url"
	"slices"
	"strings"

	"letterlock"
	"letterlock/internal/mail"
	"letterlock/internal/store"
)

// The names under which settings are stored. What is not stored is as the
// options say.
const (
	settingName       = "name"
	settingURL        = "url"
	settingCreate     = "create"
	settingSignUp     = "sign_up"
	settingDomains    = "domains"
	settingMailServer = "mail_server"
	settingMailFrom   = "mail_from"
)

// current is what holds now, for all that is asked too often to look it up.
// Another node's changes are heard of within sweepEvery.
type current struct {
	letterlock.Settings
	sender mail.Sender
	setUp  bool // there is an operator
}

// Settings are the instance's, without the mail server's password. It asks
// nobody.
func (s *Service) Settings() letterlock.Settings { return shown(s.current.Load().Settings) }

func shown(n letterlock.Settings) letterlock.Settings {
	n.MailServer = n.MailServer.Redacted()
	n.Domains = slices.Clone(n.Domains)
	return n
}

// loadSettings reads what holds now.
func (s *Service) loadSettings(ctx context.Context) error {
	var stored map[string]string
	var setUp bool
	err := s.db.Read(ctx, func(tx *store.Tx) (err error) {
		if setUp, err = tx.HasOperator(); err != nil {
			return err
		}
		stored, err = tx.Settings()
		return err
	})
	if err != nil {
		return err
	}
	now := &current{Settings: s.read(stored), setUp: setUp}
	if now.sender, err = newSender(now.Settings); err != nil {
		s.config.Log.Error("no mail is sent: the mail server or the sender's address is not valid", "error", err)
	}
	if now.sender == nil {
		now.sender = mail.Unsent{Log: s.config.Log}
	}
	s.current.Store(now)
	return nil
}

// read puts settings together: what was stored, and else the options.
func (s *Service) read(stored map[string]string) letterlock.Settings {
	or := func(name, option string) string {
		if value, ok := stored[name]; ok {
			return value
		}
		return option
	}
	return letterlock.Settings{
		Name:       or(settingName, s.config.Name),
		URL:        cmp.Or(stored[settingURL], s.config.URL, stored[settingServed]), // an empty one means none: links in mails need a host
		Create:     letterlock.CreateMode(or(settingCreate, string(letterlock.CreateAnyone))),
		SignUp:     letterlock.SignUpMode(or(settingSignUp, string(letterlock.SignUpInvited))),
		Domains:    strings.Fields(stored[settingDomains]),
		MailServer: letterlock.MailServer(or(settingMailServer, string(s.config.MailServer))),
		MailFrom:   or(settingMailFrom, s.config.MailFrom),
	}
}

// newSender is nil where no mail server is set.
func newSender(n letterlock.Settings) (mail.Sender, error) {
	if n.MailServer == "" {
		return nil, nil
	}
	host := ""
	if u, err := url.Parse(n.URL); err == nil {
		host = u.Host
	}
	sender, err := mail.NewSMTP(mail.Options{Server: string(n.MailServer), From: n.MailFrom, Host: host})
	if err != nil {
		return nil, err
	}
	return sender, nil
}

// asOperator reads who calls anew and refuses everyone who may not change the
// instance; to them there is nothing to be found.
func asOperator(tx *store.Tx, c letterlock.Caller) error {
	if c.Session == nil {
		return letterlock.ErrNotFound
	}
	user, err := tx.User(c.User.ID)
	if err == nil && !user.Operator {
		err = letterlock.ErrNotFound
	}
	return err
}

// InstanceSettings are the settings as they are stored, for the operator,
// without the mail server's password.
func (s *Service) InstanceSettings(ctx context.Context, c letterlock.Caller) (letterlock.Settings, error) {
	settings, err := s.storedSettings(ctx, c)
	return shown(settings), err
}

func (s *Service) storedSettings(ctx context.Context, c letterlock.Caller) (settings letterlock.Settings, err error) {
	err = s.db.Read(ctx, func(tx *store.Tx) error {
		if err := asOperator(tx, c); err != nil {
			return err
		}
		stored, err := tx.Settings()
		settings = s.read(stored)
		return err
	})
	return settings, err
}

// ChangeSettings changes the instance, for the operator. The mail server as
// InstanceSettings shows it stays what it is.
func (s *Service) ChangeSettings(ctx context.Context, c letterlock.Caller, n letterlock.Settings) error {
	was, err := s.storedSettings(ctx, c)
	if err != nil {
		return err
	}
	n.MailServer = unredacted(n.MailServer, was.MailServer)
	if u, ok := letterlock.ParsePublicURL(n.URL); ok {
		n.URL = u.String()
	}
	n.Domains = slices.Clone(n.Domains)
	for i, domain := range n.Domains {
		if ascii, ok := letterlock.ParseDomain(domain); ok {
			n.Domains[i] = ascii
		}
	}
	if err := n.Check(); err != nil {
		return err
	}
	if err := checkMail(n.MailServer, n.MailFrom); err != nil {
		return err
	}
	err = s.act(ctx, c, &letterlock.Event{Action: letterlock.ActionSettingsChanged}, func(tx *store.Tx) error {
		if err := asOperator(tx, c); err != nil {
			return err
		}
		return write(tx, n)
	})
	if err != nil {
		return err
	}
	s.wake() // what waits may be sendable now
	return s.loadSettings(ctx)
}

func write(tx *store.Tx, n letterlock.Settings) error {
	now, err := tx.Now()
	if err != nil {
		return err
	}
	for _, setting := range []struct{ name, value string }{
		{settingName, n.Name},
		{settingURL, n.URL},
		{settingCreate, string(n.Create)},
		{settingSignUp, string(n.SignUp)},
		{settingDomains, strings.Join(n.Domains, " ")},
		{settingMailServer, string(n.MailServer)},
		{settingMailFrom, n.MailFrom},
	} {
		if err := tx.SetSetting(setting.name, setting.value, now); err != nil {
			return err
		}
	}
	return nil
}

// unredacted puts the password back into a mail server that came back as it was
// shown.
func unredacted(given, was letterlock.MailServer) letterlock.MailServer {
	if given == was.Redacted() {
		return was
	}
	return given
}

// checkMail refuses a mail server that cannot be one, and a sender without an
// address.
func checkMail(server letterlock.MailServer, from string) error {
	if server == "" {
		return nil
	}
	if _, err := mail.NewSMTP(mail.Options{Server: string(server), From: "checked@alone.example"}); err != nil {
		return letterlock.Invalid("mail_server", letterlock.FieldNotURL)
	}
	if _, err := mail.NewSMTP(mail.Options{Server: string(server), From: from}); err != nil {
		return letterlock.Invalid("mail_from", letterlock.FieldNotAddress)
	}
	return nil
}

// Explanation says in words why a mail was not sent.
type Explanation = mail.Explanation

// TestMail sends a mail through a server that need not be stored yet, for the
// operator, and waits until it is taken on. It is nil if it was.
func (s *Service) TestMail(ctx context.Context, c letterlock.Caller, server letterlock.MailServer, from, to, lang string) (*Explanation, error) {
	settings, err := s.storedSettings(ctx, c)
	if err != nil {
		return nil, err
	}
	address, ok := letterlock.ParseEmail(to)
	if !ok {
		return nil, letterlock.Invalid("email", letterlock.FieldNotAddress)
	}
	settings.MailServer, settings.MailFrom = unredacted(server, settings.MailServer), from
	if err := checkMail(settings.MailServer, settings.MailFrom); err != nil {
		return nil, err
	}
	sender, err := newSender(settings)
	if err != nil {
		return nil, err
	}
	if sender == nil {
		sender = mail.Unsent{Log: s.config.Log}
	}
	message, err := s.letters.Write(mail.Instance{Name: settings.Name, URL: settings.URL}, address, lang, mail.Test{})
	if err != nil {
		return nil, err
	}
	if err := sender.Send(ctx, message); err != nil {
		explanation, err := s.letters.Explain(err, lang)
		return &explanation, err
	}
	return nil, nil
}

// instance is who mails are from.
func (s *Service) instance() mail.Instance {
	now := s.current.Load()
	return mail.Instance{Name: now.Name, URL: now.URL}
}

// page is the address of one of our pages, made from the public address and
// never from what a request says.
func (s *Service) page(path string) mail.Link { return mail.Link(s.current.Load().URL + path) }

// link is the address of a page with what opens it, which never leaves the
// reader's browser by itself.
func (s *Service) link(path string, opens letterlock.Proof) mail.Link {
	return s.page(path) + mail.Link("#"+base64.RawURLEncoding.EncodeToString(opens))
}

// mayCreate refuses whoever may not share secrets here. It asks nobody: it
// stands in the way of every secret.
func (s *Service) mayCreate(c letterlock.Caller) error {
	now := s.current.Load()
	switch {
	case !now.setUp && s.config.SetupFirst:
		return letterlock.ErrSetup
	case now.Create == letterlock.CreateSignedIn && c.User == nil:
		return letterlock.ErrUnauthorized
	}
	return nil
}
