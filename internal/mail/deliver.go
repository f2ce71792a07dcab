package mail

import (
	"context"
	"crypto/tls"
	"encoding/base64"
	"errors"
	"fmt"
	"net"
	netmail "net/mail"
	"net/textproto"
	"net/url"
	"slices"
	"strings"

	"github.com/wneessen/go-mail/log"
	"github.com/wneessen/go-mail/smtp"
)

// Send hands one mail over, within ten seconds.
func (s *SMTP) Send(ctx context.Context, m Message) error {
	d := &delivery{SMTP: s, scrub: s.scrubber(m)}
	to, body, err := s.compose(m)
	if err == nil {
		err = d.run(ctx, to, body)
	}
	if err != nil {
		return d.failure(err)
	}
	return nil
}

// delivery is one mail on its way.
type delivery struct {
	*SMTP
	conn  net.Conn
	stage Stage    // how far it came
	talk  []string // with the server, so far
	scrub *strings.Replacer
}

func (d *delivery) run(ctx context.Context, to string, body []byte) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	err := d.connect(ctx)
	if err == nil {
		defer d.conn.Close()
		// The library knows deadlines for single steps. This one is for all.
		stop := context.AfterFunc(ctx, func() { d.conn.Close() })
		err = d.converse(to, body)
		stop()
	}
	if err != nil && ctx.Err() != nil {
		return fmt.Errorf("%w: %w", ctx.Err(), err)
	}
	return err
}

func (d *delivery) connect(ctx context.Context) error {
	d.stage = StageConnect
	conn, err := d.dial(ctx, "tcp", d.server())
	if err != nil {
		return err
	}
	d.conn = conn
	if d.plain && !isThisMachine(conn.RemoteAddr()) {
		return errors.Join(errNoSTARTTLS, conn.Close()) // a resolver that sends localhost elsewhere
	}
	if !d.tlsFirst {
		return nil
	}
	d.stage = StageTLS
	secured := tls.Client(conn, d.tls())
	if err := secured.HandshakeContext(ctx); err != nil {
		conn.Close()
		return err
	}
	d.conn = secured
	return nil
}

func isThisMachine(a net.Addr) bool {
	tcp, ok := a.(*net.TCPAddr)
	return ok && tcp.IP.IsLoopback()
}

func (d *delivery) tls() *tls.Config {
	return &tls.Config{ServerName: d.host, RootCAs: d.roots, MinVersion: tls.VersionTLS12}
}

// converse speaks SMTP. When it returns nil, the server has taken the mail.
func (d *delivery) converse(to string, body []byte) error {
	d.stage = StageGreeting
	c, err := smtp.NewClient(d.conn, d.host)
	if err != nil {
		return err
	}
	c.SetLogger(d)
	c.SetDebugLog(true)
	// All of the mail is ASCII. The library would ask for SMTPUTF8 wherever it is
	// offered, and a server on the way that has it not would send the mail back.
	c.SkipSMTPUTF8(true)
	for _, step := range []struct {
		stage Stage
		do    func() error
	}{
		{StageGreeting, func() error { return c.Hello(d.name) }},
		{StageTLS, func() error { return d.startTLS(c) }},
		{StageAuth, func() error { return d.authenticate(c) }},
		{StageSender, func() error { return c.Mail(bracketed(d.from.Address)) }},
		{StageRecipient, func() error { return c.Rcpt(bracketed(to)) }},
		{StageContent, func() error { return d.submit(c, body) }},
	} {
		d.stage = step.stage
		if err := step.do(); err != nil {
			return err
		}
	}
	_ = c.Quit() // the mail is taken on, whatever the server says now
	return nil
}

func (d *delivery) startTLS(c *smtp.Client) error {
	if d.plain || d.tlsFirst {
		return nil
	}
	if offered, _ := c.Extension("STARTTLS"); !offered {
		return errNoSTARTTLS
	}
	return c.StartTLS(d.tls())
}

// authenticate sends the password in the simplest way the server takes: the
// connection is encrypted and the server's name proven, or it is this machine.
func (d *delivery) authenticate(c *smtp.Client) error {
	if d.user == "" {
		return nil
	}
	_, list := c.Extension("AUTH")
	offered := strings.Fields(strings.ToUpper(list))
	switch {
	case slices.Contains(offered, "PLAIN"):
		return c.Auth(smtp.PlainAuth("", d.user, d.password, d.host, d.plain))
	case slices.Contains(offered, "LOGIN"):
		return c.Auth(smtp.LoginAuth(d.user, d.password, d.host, d.plain))
	case slices.Contains(offered, "CRAM-MD5"):
		return c.Auth(smtp.CRAMMD5Auth(d.user, d.password))
	}
	return errNoAuth
}

func (d *delivery) submit(c *smtp.Client, body []byte) error {
	w, err := c.Data()
	if err != nil {
		return err
	}
	if _, err := w.Write(body); err != nil {
		return err
	}
	return w.Close()
}

// bracketed is an address as SMTP commands take it, quoted where it must be.
func bracketed(address string) string { return (&netmail.Address{Address: address}).String() }

// Debugf notes a line of the conversation. The library has put a placeholder in
// the place of what would authenticate us.
func (d *delivery) Debugf(l log.Log) {
	text := fmt.Sprintf(l.Format, l.Messages...)
	who := "< "
	if l.Direction == log.DirClientToServer {
		who = "> "
	}
	d.talk = append(d.talk, d.lines(who, text)...)
}

// Infof, Warnf and Errorf are never called by the library's SMTP client.
func (d *delivery) Infof(log.Log)  {}
func (d *delivery) Warnf(log.Log)  {}
func (d *delivery) Errorf(log.Log) {}

// lines are what one side said, fit to be shown.
func (d *delivery) lines(who, text string) []string {
	var all []string
	for line := range strings.SplitSeq(d.scrub.Replace(text), "\n") {
		all = append(all, who+oneLine(line))
	}
	return all
}

// failure is what Send returns for an error.
func (d *delivery) failure(err error) *Failure {
	f := &Failure{Stage: d.stage, server: d.server(), from: d.from.Address, err: err}
	var reply *textproto.Error
	if errors.As(err, &reply) {
		text := fmt.Sprintf("%d %s", reply.Code, reply.Msg)
		f.Code, f.err = reply.Code, errors.New(oneLine(d.scrub.Replace(text)))
		// The library notes only the answers it expects.
		if said := d.lines("< ", text); !slices.Contains(d.talk, said[0]) {
			d.talk = append(d.talk, said...)
		}
	}
	f.Conversation = d.talk
	return f
}

// scrubber takes out of what a server says all that must not be seen elsewhere:
// servers repeat what they refuse. That is the password, and of each link in
// the mail the part that opens something.
func (s *SMTP) scrubber(m Message) *strings.Replacer {
	var pairs []string
	if s.password != "" {
		both := "\x00" + s.user + "\x00" + s.password
		for _, form := range []string{s.password, url.QueryEscape(s.password), url.PathEscape(s.password)} {
			pairs = append(pairs, form, "[password]")
		}
		for _, form := range []string{s.password, both} {
			pairs = append(pairs, strings.TrimRight(base64.StdEncoding.EncodeToString([]byte(form)), "="), "[password]")
		}
	}
	for word := range strings.FieldsSeq(m.Text) {
		if _, fragment, ok := strings.Cut(word, "#"); ok && strings.Contains(word, "://") && fragment != "" {
			pairs = append(pairs, fragment, "[link]")
		}
	}
	return strings.NewReplacer(pairs...)
}
