package mail_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	netmail "net/mail"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	gosmtp "github.com/emersion/go-smtp"
	"github.com/google/go-cmp/cmp"

	"letterlock/internal/mail"
)

// message is a mail with all that needs encoding.
var message = mail.Message{
	To:      "jane.miller@example.com",
	Subject: "Bestätigen Sie Ihre Adresse für share.example.org",
	Text:    "Grüße.\n.\nhttps://share.example.org/verify#canarykey\n\nFrom here on " + strings.Repeat("long ", 300) + "\n",
	HTML:    "<p>Grüße, <a href=\"https://share.example.org/verify#canarykey\">öffnen</a></p>\n",
}

// options are for a server that is dialled in place of the named one.
func options(m *mailServer) mail.Options {
	return mail.Options{
		Server: "smtp://" + url.UserPassword(user, password).String() + "@" + serverName,
		From:   "Letterlock <no-reply@example.org>",
		Host:   "share.example.org:8443",
		Roots:  m.roots,
	}
}

func sender(t *testing.T, o mail.Options, dialTo string) *mail.SMTP {
	t.Helper()
	s, err := mail.NewSMTP(o)
	if err != nil {
		t.Fatalf("NewSMTP: %v", err)
	}
	s.DialTo(dialTo)
	return s
}

// ways to reach a server that takes the mail.
var ways = map[string]func(t *testing.T) (*mailServer, mail.Options){
	"STARTTLS": func(t *testing.T) (*mailServer, mail.Options) {
		m := serve(t, nil)
		return m, options(m)
	},
	"TLS from the start": func(t *testing.T) (*mailServer, mail.Options) {
		m := serve(t, func(m *mailServer, _ *gosmtp.Server) { m.tlsFirst = true })
		o := options(m)
		o.Server = strings.Replace(o.Server, "smtp://", "smtps://", 1)
		return m, o
	},
	"plain to this machine": func(t *testing.T) (*mailServer, mail.Options) {
		m := serve(t, func(_ *mailServer, s *gosmtp.Server) { s.TLSConfig, s.AllowInsecureAuth = nil, true })
		o := options(m)
		o.Server = strings.Replace(o.Server, serverName, m.address, 1)
		return m, o
	},
	"plain to this machine, which offers STARTTLS with a certificate of its own": func(t *testing.T) (*mailServer, mail.Options) {
		m := serve(t, func(_ *mailServer, s *gosmtp.Server) { s.AllowInsecureAuth = true })
		o := options(m)
		o.Server = strings.Replace(o.Server, serverName, m.address, 1)
		return m, o
	},
}

func TestSend(t *testing.T) {
	for name, way := range ways {
		t.Run(name, func(t *testing.T) {
			m, o := way(t)
			if err := sender(t, o, m.address).Send(t.Context(), message); err != nil {
				t.Fatalf("Send: %v", err)
			}
			got, _ := m.only(t)
			if got.from != "no-reply@example.org" || got.to != message.To {
				t.Errorf("from %q to %q, want from no-reply@example.org to %s", got.from, got.to, message.To)
			}
		})
	}
}

// TestSendAsWritten reads a mail as the recipient's program does.
func TestSendAsWritten(t *testing.T) {
	m := serve(t, nil)
	if err := sender(t, options(m), m.address).Send(t.Context(), message); err != nil {
		t.Fatalf("Send: %v", err)
	}
	got, parsed := m.only(t)
	for line := range bytes.Lines(got.body) {
		if len(line) > 80 || bytes.ContainsFunc(line, func(r rune) bool { return r > 0x7e }) || !bytes.HasSuffix(line, []byte("\r\n")) {
			t.Errorf("line %q, want at most 78 printable characters of ASCII and CR LF", line)
		}
	}
	header := parsed.Header
	if got, err := new(mime.WordDecoder).DecodeHeader(header.Get("Subject")); got != message.Subject || err != nil {
		t.Errorf("Subject %q (%v), want %q", got, err, message.Subject)
	}
	if date, err := header.Date(); err != nil || time.Since(date).Abs() > time.Minute {
		t.Errorf("Date %v (%v), want now", date, err)
	}
	if id := header.Get("Message-Id"); !regexp.MustCompile(`^<[0-9a-f]{32}@share\.example\.org>$`).MatchString(id) {
		t.Errorf("Message-ID %q, want a random one of share.example.org", id)
	}
	names := slices.Sorted(func(yield func(string) bool) {
		for name := range header {
			if !yield(name) {
				return
			}
		}
	})
	want := []string{"Auto-Submitted", "Content-Type", "Date", "From", "Message-Id", "Mime-Version", "Subject", "To"}
	if diff := cmp.Diff(want, names); diff != "" {
		t.Errorf("header fields (-want +got):\n%s", diff)
	}
	if got := header.Get("Auto-Submitted"); got != "auto-generated" {
		t.Errorf("Auto-Submitted: %q, want auto-generated", got)
	}
	text, html := parts(t, parsed)
	if text != message.Text || html != message.HTML {
		t.Errorf("text (-want +got):\n%s\nHTML (-want +got):\n%s", cmp.Diff(message.Text, text), cmp.Diff(message.HTML, html))
	}
}

// parts are the two forms of a mail.
func parts(t *testing.T, m *netmail.Message) (text, html string) {
	t.Helper()
	kind, params, err := mime.ParseMediaType(m.Header.Get("Content-Type"))
	if err != nil || kind != "multipart/alternative" {
		t.Fatalf("Content-Type %q (%v), want multipart/alternative", kind, err)
	}
	var all []string
	for r := multipart.NewReader(m.Body, params["boundary"]); ; {
		part, err := r.NextRawPart()
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		if got := part.Header.Get("Content-Transfer-Encoding"); got != "quoted-printable" {
			t.Errorf("Content-Transfer-Encoding %q, want quoted-printable", got)
		}
		body, err := io.ReadAll(quotedprintable.NewReader(part))
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, part.Header.Get("Content-Type"), strings.ReplaceAll(string(body), "\r\n", "\n"))
	}
	if len(all) != 4 || all[0] != "text/plain; charset=UTF-8" || all[2] != "text/html; charset=UTF-8" {
		t.Fatalf("parts %q, want the plain text first, then HTML", all)
	}
	return all[1], all[3]
}

// TestSendIsBounded: one mail keeps nobody waiting longer than that.
func TestSendIsBounded(t *testing.T) {
	m := serve(t, nil)
	s, err := mail.NewSMTP(options(m))
	if err != nil {
		t.Fatal(err)
	}
	deadline := s.DialTo(m.address)
	began := time.Now()
	if err := s.Send(t.Context(), message); err != nil {
		t.Fatalf("Send: %v", err)
	}
	if got := deadline.Sub(began); got < mail.Patience-time.Second || got > mail.Patience+time.Second || mail.Patience != 10*time.Second {
		t.Errorf("the deadline is after %v, want 10 s", got)
	}
}

// TestSendKeepsLines: nothing that a field holds adds a line to the header or a
// command to the conversation. What cannot be kept in its line is refused
// before anybody is asked.
func TestSendKeepsLines(t *testing.T) {
	breaks := []string{"\r\nBcc: eve@example.com", "\nBcc: eve@example.com", "\rBcc: eve@example.com", "\r\n\r\n<p>", "\x00", "\u0085Bcc: eve@example.com"}
	for _, end := range breaks {
		for name, m := range map[string]mail.Message{
			"To, at the end":     {To: message.To + end},
			"To, at the start":   {To: end + message.To},
			"To, in a quotation": {To: `"a` + end + `"@example.com`},
			"To, with a name":    {To: "Jane" + end + " <jane@example.com>"},
			"Subject":            {To: message.To, Subject: "Hello" + end},
		} {
			t.Run(fmt.Sprintf("%s %q", name, end), func(t *testing.T) {
				server := serve(t, nil)
				err := sender(t, options(server), server.address).Send(t.Context(), m)
				failure, ok := errors.AsType[*mail.Failure](err)
				if !ok || failure.Stage != mail.StageCompose || !failure.Permanent() || len(server.got) != 0 {
					t.Errorf("Send: %v, and %d mails arrived, want a permanent failure before anything is sent", err, len(server.got))
				}
			})
		}
		t.Run(fmt.Sprintf("From %q", end), func(t *testing.T) {
			o := options(&mailServer{})
			o.From = "Letterlock" + end + " <no-reply@example.org>"
			if _, err := mail.NewSMTP(o); err == nil {
				t.Errorf("NewSMTP with From %q: no error", o.From)
			}
		})
		t.Run(fmt.Sprintf("Host and text %q", end), func(t *testing.T) {
			server := serve(t, nil)
			o := options(server)
			o.Host += end
			m := message
			m.Text, m.HTML = "Hello\r\n.\r\nMAIL FROM:<eve@example.com>"+end, "<p>Hello"+end
			if err := sender(t, o, server.address).Send(t.Context(), m); err != nil {
				t.Fatalf("Send: %v", err)
			}
			if _, parsed := server.only(t); parsed.Header.Get("Bcc") != "" || len(parsed.Header) != 8 {
				t.Errorf("header %q, want no more than ours", parsed.Header)
			}
		})
	}
}

func TestSendAddresses(t *testing.T) {
	local, label := strings.Repeat("a", 64), strings.Repeat("b", 61)
	long := local + "@" + label + "." + label + "." + label + ".de"
	for _, c := range []struct{ to, want string }{ // want "": refused
		{"jörg@example.com", ""},
		{"jane@müller.example", "jane@xn--mller-kva.example"},
		{"jane@例え.テスト", "jane@xn--r8jz45g.xn--zckzah"},
		{"jane@EXAMPLE.com", "jane@example.com"},
		{"jane+tag@example.com", "jane+tag@example.com"},
		{`"a b"@example.com`, ""},
		{"jane@[127.0.0.1]", ""},
		{long, long},
		{"a" + long, ""},
		{local + "@" + label + "." + label + "." + label + ".dev.example", ""},
		{"Jane <jane@example.com>", ""},
		{"jane@example.com, eve@example.com", ""},
		{"jane", ""},
		{"jane@", ""},
		{"@example.com", ""},
		{"", ""},
	} {
		t.Run(c.to, func(t *testing.T) {
			server := serve(t, nil)
			m := message
			m.To = c.to
			err := sender(t, options(server), server.address).Send(t.Context(), m)
			if c.want == "" {
				if err == nil {
					t.Error("Send: no error, want the address refused")
				}
				return
			}
			if err != nil {
				t.Fatalf("Send: %v", err)
			}
			if got, _ := server.only(t); got.to != c.want {
				t.Errorf("arrived for %q, want %q", got.to, c.want)
			}
		})
	}
}

func TestNewSMTP(t *testing.T) {
	for _, c := range []struct{ server, want string }{ // want "": refused
		{"smtp://mail.example.net", "mail.example.net:587"},
		{"smtps://mail.example.net", "mail.example.net:465"},
		{"smtp://user:pass@mail.example.net:2525/", "mail.example.net:2525"},
		{"smtp://user%40example.org:p%2F%3A@mail.example.net", "mail.example.net:587"},
		{"smtp://localhost", "localhost:25"},
		{"smtp://[::1]", "[::1]:25"},
		{"smtps://127.0.0.1", "127.0.0.1:465"},
		{"smtp://mail.müller.example", "mail.xn--mller-kva.example:587"},
		{"", ""},
		{"mail.example.net", ""},
		{"http://mail.example.net", ""},
		{"smtp://", ""},
		{"smtp://:587", ""},
		{"smtp://mail.example.net:0", ""},
		{"smtp://mail.example.net:65536", ""},
		{"smtp://mail.example.net/inbox", ""},
		{"smtp://mail.example.net?tls=no", ""},
		{"smtp://mail.example.net#canarypass", ""},
		{"smtp://user@mail.example.net", ""},
		{"smtp://:canarypass@mail.example.net", ""},
		{"smtp://user:canarypass%@mail.example.net", ""},
		{"smtp://user:canarypass%0d%0aQUIT@mail.example.net", ""},
		{"smtp://mail example.net", ""},
	} {
		s, err := mail.NewSMTP(mail.Options{Server: c.server, From: "no-reply@example.org"})
		switch {
		case c.want == "" && err == nil:
			t.Errorf("NewSMTP(%q): no error", c.server)
		case c.want == "" && strings.Contains(err.Error(), "canarypass"):
			t.Errorf("NewSMTP(%q): %v repeats the password", c.server, err)
		case c.want != "" && (err != nil || fmt.Sprint(s) != c.want):
			t.Errorf("NewSMTP(%q) = %v, %v, want %s", c.server, s, err, c.want)
		}
	}
}

// TestNothingPrints what opens an account or the mail server.
func TestNothingPrints(t *testing.T) {
	s, err := mail.NewSMTP(options(&mailServer{}))
	if err != nil {
		t.Fatal(err)
	}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x"} {
		printed := fmt.Sprintf(verb+verb+verb, message, s, mail.Reset{Link: "canarykey"})
		if strings.Contains(printed, "canarykey") || strings.Contains(printed, password) || strings.Contains(printed, user) {
			t.Errorf("%s prints %s", verb, printed)
		}
	}
	if b, err := json.Marshal(message); err != nil || string(b) != `"[redacted]"` {
		t.Errorf("a message as JSON: %s, %v, want [redacted]", b, err)
	}
}
