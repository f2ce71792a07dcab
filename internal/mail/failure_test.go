package mail_test

import (
	"bufio"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strings"
	"testing"
	"time"

	gosmtp "github.com/emersion/go-smtp"

	"letterlock/internal/mail"
)

// trouble is a way in which a mail is not sent.
type trouble struct {
	name      string
	options   func(t *testing.T) (o mail.Options, dialTo string)
	stage     mail.Stage
	problem   string // how the explanation begins
	permanent bool
}

func troubles() []trouble {
	all := []trouble{
		{"refused", closed, mail.StageConnect, "Nothing listens there: mail.example.net:587", false},
		{"takes the connection and says nothing", script(), mail.StageGreeting, "The mail server did not answer in time", false},
		{"greets and falls silent", script("220 hello"), mail.StageGreeting, "The mail server did not answer in time", false},
		{"falls silent at STARTTLS", script("220 hello", "250-hello\r\n250 STARTTLS"), mail.StageTLS, "The mail server did not answer in time", false},
		{"falls silent in the handshake", script("220 hello", "250-hello\r\n250 STARTTLS", "220 go on"), mail.StageTLS, "The mail server did not answer in time", false},
		{"hangs up at once", script(hangUp), mail.StageGreeting, "The connection to the mail server broke off", false},
		{"hangs up later", script("220 hello", hangUp), mail.StageGreeting, "The connection to the mail server broke off", false},
		{"speaks HTTP", script("HTTP/1.1 400 Bad Request"), mail.StageGreeting, "What answers there is no mail server", false},
		{"does not want us", script("554 5.7.1 you are on a list"), mail.StageGreeting, "The mail server does not want to talk to this machine", false},
		{"has no time for us", script("421 4.3.2 busy"), mail.StageGreeting, "The mail server cannot take the mail now", false},
		{"TLS stripped", stripped, mail.StageTLS, "The mail server offers no encryption", false},
		{"STARTTLS refused", script("220 hello", "250-hello\r\n250 STARTTLS", "502 no"), mail.StageTLS, "The mail server offers no encryption", false},
		{"STARTTLS refused for now", script("220 hello", "250-hello\r\n250 STARTTLS", "454 later"), mail.StageTLS, "The mail server cannot take the mail now", false},
		{"no handshake", script("220 hello", "250-hello\r\n250 STARTTLS", "220 go on", "what?"), mail.StageTLS, "The mail server does not speak TLS", false},
		{"smtps:// where there is no TLS", secure(script("220 hello")), mail.StageTLS, "The mail server does not speak TLS from the start", false},
		{"certificate of nobody", certified(serverName, time.Hour, false), mail.StageTLS, "The certificate of the mail server is from nobody", false},
		{"certificate of another", certified("mail.example.com", time.Hour, true), mail.StageTLS, "The certificate of the mail server is for another name", false},
		{"certificate of the past", certified(serverName, -time.Hour, true), mail.StageTLS, "The certificate of the mail server is not valid now", false},
		{"certificate of nobody, TLS from the start", secure(certified(serverName, time.Hour, false)), mail.StageTLS, "The certificate of the mail server is from nobody", false},
		{"only old TLS", old, mail.StageTLS, "No encrypted connection came about", false},
		{"wrong password", as("letterlock@example.org", "canarypass"), mail.StageAuth, "The mail server does not accept the user or the password", false},
		{"no way to sign in", asAtServerWithout, mail.StageAuth, "The mail server takes no user and password", false},
		{"password needed", as("", ""), mail.StageSender, "The mail server does not send from this address: no-reply@example.org", false},
	}
	for stage, refused := range map[mail.Stage]string{
		mail.StageAuth:      "The mail server does not accept the user or the password",
		mail.StageSender:    "The mail server does not send from this address",
		mail.StageRecipient: "The mail server does not accept mail for this recipient",
		mail.StageContent:   "The mail server does not accept this mail",
	} {
		final := stage == mail.StageRecipient || stage == mail.StageContent
		all = append(all,
			trouble{"5xx at " + string(stage), refusing(stage, 550), stage, refused, final},
			trouble{"4xx at " + string(stage), refusing(stage, 451), stage, "The mail server cannot take the mail now", false})
	}
	return all
}

// TestFailures: every way leads to a failure that says where it happened, in
// words, and never the password or the link.
func TestFailures(t *testing.T) {
	for _, c := range troubles() {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			o, dialTo := c.options(t)
			ctx := t.Context()
			if strings.HasSuffix(c.problem, "did not answer in time") {
				var cancel context.CancelFunc
				ctx, cancel = context.WithTimeout(ctx, time.Second) // in place of ten
				defer cancel()
			}
			began := time.Now()
			err := sender(t, o, dialTo).Send(ctx, message)
			if took := time.Since(began); took > mail.Patience/2 {
				t.Errorf("Send took %v", took)
			}
			failure, ok := errors.AsType[*mail.Failure](err)
			if !ok {
				t.Fatalf("Send: %v, want a failure", err)
			}
			if failure.Stage != c.stage || failure.Permanent() != c.permanent {
				t.Errorf("Send: %v, at %q, permanent %v, want at %q, permanent %v", err, failure.Stage, failure.Permanent(), c.stage, c.permanent)
			}
			e := explain(t, err, "en")
			if !strings.HasPrefix(e.What, c.problem) {
				t.Errorf("explained as %q, want %q", e.What, c.problem)
			}
			holdsNoSecret(t, o, fmt.Sprintf("%+v %s %#v %s", err, err, e, failure.Conversation))
		})
	}
}

func explain(t *testing.T, err error, lang string) mail.Explanation {
	t.Helper()
	e, explainErr := writer(t).Explain(err, lang)
	if explainErr != nil || e.What == "" || e.Do == "" || strings.ContainsAny(e.What+e.Do, "{}") {
		t.Errorf("Explain(%v, %q) = %q, %q, %v, want both sentences", err, lang, e.What, e.Do, explainErr)
	}
	return e
}

// holdsNoSecret looks for the password and for the link's key.
func holdsNoSecret(t *testing.T, o mail.Options, shown string) {
	t.Helper()
	secrets := []string{"canarykey"}
	if u, err := url.Parse(o.Server); err == nil && u.User.Username() != "" {
		p, _ := u.User.Password()
		both := base64.StdEncoding.EncodeToString([]byte("\x00" + u.User.Username() + "\x00" + p))
		secrets = append(secrets, p, both, url.QueryEscape(p), base64.StdEncoding.EncodeToString([]byte(p)))
	}
	for _, secret := range secrets {
		if strings.Contains(shown, secret) {
			t.Errorf("%q is in %s", secret, shown)
		}
	}
}

// TestServersThatRepeat what they were told do not bring it into a log.
func TestServersThatRepeat(t *testing.T) {
	for _, stage := range []mail.Stage{mail.StageAuth, mail.StageContent} {
		o, dialTo := refusing(stage, 554)(t)
		err := sender(t, o, dialTo).Send(t.Context(), message)
		if e := explain(t, err, "en"); !strings.Contains(strings.Join(e.Conversation, "\n"), "refused [") || !strings.Contains(err.Error(), "refused [") {
			t.Errorf("at %s: %v, and the conversation %q, want both to say that something was left out", stage, err, e.Conversation)
		}
		holdsNoSecret(t, o, fmt.Sprint(err, explain(t, err, "en")))
	}
}

// TestConversation is what the wizard shows.
func TestConversation(t *testing.T) {
	o, dialTo := refusing(mail.StageRecipient, 550)(t)
	err := sender(t, o, dialTo).Send(t.Context(), message)
	talk := explain(t, err, "en").Conversation
	for _, want := range []string{"> EHLO share.example.org", "> STARTTLS", "> MAIL FROM:<no-reply@example.org>", "> RCPT TO:<" + message.To + ">", "< 550 5.0.0 refused"} {
		found := 0
		for _, line := range talk {
			if strings.HasPrefix(line, want) {
				found++
			}
		}
		if found == 0 || found > 2 {
			t.Errorf("%q is in the conversation %d times, want once or twice:\n%s", want, found, strings.Join(talk, "\n"))
		}
	}
}

// TestSendIsCancelled with its context, wherever it is.
func TestSendIsCancelled(t *testing.T) {
	o, dialTo := script("220 hello")(t)
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(50*time.Millisecond, cancel)
	if err := sender(t, o, dialTo).Send(ctx, message); !errors.Is(err, context.Canceled) {
		t.Errorf("Send: %v, want context.Canceled", err)
	}
}

// TestPlainStaysHere: localhost that is elsewhere gets nothing.
func TestPlainStaysHere(t *testing.T) {
	elsewhere := ""
	addresses, err := net.InterfaceAddrs()
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range addresses {
		if ip, ok := a.(*net.IPNet); ok && ip.IP.IsGlobalUnicast() && ip.IP.To4() != nil {
			elsewhere = ip.IP.String()
		}
	}
	if elsewhere == "" {
		t.Skip("this machine has no address besides loopback")
	}
	l, err := net.Listen("tcp", net.JoinHostPort(elsewhere, "0"))
	if err != nil {
		t.Skipf("this machine does not listen on %s: %v", elsewhere, err)
	}
	defer l.Close()
	o := options(&mailServer{})
	o.Server = strings.Replace(o.Server, serverName, "localhost", 1)
	err = sender(t, o, l.Addr().String()).Send(t.Context(), message)
	if e := explain(t, err, "en"); !strings.HasPrefix(e.What, "The mail server offers no encryption") || len(e.Conversation) != 0 {
		t.Errorf("Send: %v, want nothing said to %s", err, elsewhere)
	}
}

// TestUnknownHost asks the real resolver for a name that nobody has.
func TestUnknownHost(t *testing.T) {
	s, err := mail.NewSMTP(mail.Options{Server: "smtp://mail.invalid", From: "no-reply@example.org"})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
	defer cancel()
	err = s.Send(ctx, message)
	if _, noAnswer := errors.AsType[*net.DNSError](err); noAnswer && errors.Is(err, context.DeadlineExceeded) {
		t.Skip("there is no resolver here")
	}
	if e := explain(t, err, "en"); e.What != "The name of the mail server is not known: mail.invalid:587" {
		t.Errorf("Send: %v, explained as %q", err, e.What)
	}
}

// --- servers in trouble ---

func closed(t *testing.T) (mail.Options, string) {
	l := listen(t)
	l.Close()
	return options(&mailServer{}), l.Addr().String()
}

// hangUp ends a script and the connection.
const hangUp = ""

// script is a server that gives its answers one by one, whatever it is told,
// and then says nothing more.
func script(answers ...string) func(*testing.T) (mail.Options, string) {
	return func(t *testing.T) (mail.Options, string) {
		l := listen(t)
		done := make(chan struct{})
		t.Cleanup(func() { close(done) })
		go func() {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			defer conn.Close()
			r := bufio.NewReader(conn)
			for i, answer := range answers {
				if i > 0 {
					r.ReadString('\n')
				}
				if answer == hangUp {
					return
				}
				fmt.Fprintf(conn, "%s\r\n", answer)
			}
			<-done
		}()
		return options(&mailServer{}), l.Addr().String()
	}
}

// secure is the same server, asked for TLS from the start.
func secure(f func(*testing.T) (mail.Options, string)) func(*testing.T) (mail.Options, string) {
	return func(t *testing.T) (mail.Options, string) {
		o, dialTo := f(t)
		o.Server = strings.Replace(o.Server, "smtp://", "smtps://", 1)
		return o, dialTo
	}
}

func stripped(t *testing.T) (mail.Options, string) {
	m := serve(t, func(_ *mailServer, s *gosmtp.Server) { s.TLSConfig, s.AllowInsecureAuth = nil, true })
	return options(m), m.address
}

func certified(name string, life time.Duration, trusted bool) func(*testing.T) (mail.Options, string) {
	return func(t *testing.T) (mail.Options, string) {
		m := serve(t, func(m *mailServer, s *gosmtp.Server) {
			cert, roots := certificate(t, name, time.Now().Add(life))
			s.TLSConfig.Certificates = []tls.Certificate{cert}
			if m.roots = x509.NewCertPool(); trusted {
				m.roots = roots
			}
			m.tlsFirst = strings.HasSuffix(t.Name(), "start")
		})
		return options(m), m.address
	}
}

func old(t *testing.T) (mail.Options, string) {
	m := serve(t, func(_ *mailServer, s *gosmtp.Server) {
		s.TLSConfig.MinVersion, s.TLSConfig.MaxVersion = tls.VersionTLS10, tls.VersionTLS11
	})
	return options(m), m.address
}

// as signs in with that password, or not at all.
func as(name, pass string) func(*testing.T) (mail.Options, string) {
	return func(t *testing.T) (mail.Options, string) {
		m := serve(t, nil)
		o := options(m)
		o.Server = "smtp://" + serverName
		if name != "" {
			o.Server = "smtp://" + url.UserPassword(name, pass).String() + "@" + serverName
		}
		return o, m.address
	}
}

func asAtServerWithout(t *testing.T) (mail.Options, string) {
	m := serve(t, func(m *mailServer, _ *gosmtp.Server) { m.noAuth = true })
	return options(m), m.address
}

// refusing is a server that refuses at a stage and repeats what it was told.
func refusing(stage mail.Stage, code int) func(*testing.T) (mail.Options, string) {
	return func(t *testing.T) (mail.Options, string) {
		m := serve(t, func(m *mailServer, _ *gosmtp.Server) {
			m.refuse = map[mail.Stage]error{stage: &gosmtp.SMTPError{Code: code, EnhancedCode: gosmtp.EnhancedCode{code / 100, 0, 0},
				Message: "refused " + password + " https://share.example.org/verify#canarykey"}}
		})
		return options(m), m.address
	}
}
