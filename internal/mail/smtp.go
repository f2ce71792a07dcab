package mail

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/x509"
	"encoding/hex"
	"errors"
	"fmt"
	"net"
	netmail "net/mail"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"time"
	"unicode"

	gomail "github.com/wneessen/go-mail"
	"golang.org/x/net/idna"

	"letterlock"
)

// patience is how long handing over one mail may take, from looking the server
// up to its last answer.
const patience = 10 * time.Second

// Options say which mail server to use and as whom.
type Options struct {
	// Server is smtp://user:password@host:port, which demands STARTTLS, or
	// smtps://, TLS from the start. Only to this machine, smtp:// is plain.
	Server string
	From   string         // Letterlock <no-reply@example.org>
	Host   string         // of the instance, in Message-ID and as our name; "" for the domain of From
	Roots  *x509.CertPool // whom to trust; nil for those of the system
}

// SMTP hands mails to one mail server. It keeps no connection, and it is for any
// number of goroutines.
type SMTP struct {
	host, port     string
	tlsFirst       bool // smtps://
	plain          bool // to this machine
	user, password string
	from           *netmail.Address
	name           string // ours: the instance's host
	roots          *x509.CertPool
	dial           func(ctx context.Context, network, address string) (net.Conn, error)
}

// Format prints the server and neither user nor password, under every verb.
func (s *SMTP) Format(f fmt.State, _ rune) { f.Write([]byte(s.server())) }

func (s *SMTP) server() string { return net.JoinHostPort(s.host, s.port) }

// NewSMTP checks the options. It does not connect, and its errors repeat no
// value: one of them is a password.
func NewSMTP(o Options) (*SMTP, error) {
	s := &SMTP{roots: o.Roots, dial: new(net.Dialer).DialContext}
	if err := s.setServer(o.Server); err != nil {
		return nil, err
	}
	if err := s.setFrom(o.From, o.Host); err != nil {
		return nil, err
	}
	return s, nil
}

func (s *SMTP) setServer(server string) error {
	u, err := url.Parse(server)
	if err != nil || u.Scheme != "smtp" && u.Scheme != "smtps" || u.Hostname() == "" || strings.Trim(u.Path, "/") != "" || u.RawQuery != "" || u.Fragment != "" {
		return errors.New("the mail server must be smtp://user:password@host:port or smtps://…; write special characters of user and password as %40 and the like")
	}
	s.user = u.User.Username()
	s.password, _ = u.User.Password()
	if (s.user == "") != (s.password == "") || strings.ContainsAny(s.user+s.password, "\x00\r\n") {
		return errors.New("the mail server needs a user and a password, or neither")
	}
	s.tlsFirst = u.Scheme == "smtps"
	s.plain = !s.tlsFirst && isLoopback(u.Hostname())
	s.host = u.Hostname()
	if _, err := netip.ParseAddr(s.host); err != nil {
		if s.host, err = idna.Lookup.ToASCII(s.host); err != nil {
			return errors.New("the mail server's name is not a host name")
		}
	}
	switch s.port = u.Port(); {
	case s.port != "":
		if n, err := strconv.ParseUint(s.port, 10, 16); err != nil || n == 0 {
			return errors.New("the mail server's port must be a number from 1 to 65535")
		}
	case s.tlsFirst:
		s.port = "465"
	case s.plain:
		s.port = "25"
	default:
		s.port = "587"
	}
	return nil
}

// isLoopback reports whether a name can only mean this machine.
func isLoopback(host string) bool {
	ip, err := netip.ParseAddr(host)
	return strings.EqualFold(host, "localhost") || err == nil && ip.IsLoopback()
}

// setFrom takes the sender's address, and as our own name the instance's host
// or, if that is none for the world, the domain of the address.
func (s *SMTP) setFrom(from, host string) error {
	a, err := netmail.ParseAddress(from)
	if err != nil || strings.ContainsFunc(from, unicode.IsControl) {
		return errFrom
	}
	address, ok := mailbox(a.Address)
	if !ok {
		return errFrom
	}
	s.from = &netmail.Address{Name: a.Name, Address: string(address)}
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	if s.name, ok = letterlock.ParseDomain(host); !ok {
		s.name = address.Domain()
	}
	return nil
}

var errFrom = errors.New("the sender must be an address, such as Letterlock <no-reply@example.org>")

// mailbox reads a bare address. What is before the @ has to be ASCII: many
// servers on the way take nothing else.
func mailbox(s string) (letterlock.Email, bool) {
	address, ok := letterlock.ParseEmail(s)
	return address, ok && !strings.ContainsFunc(string(address), func(r rune) bool { return r > unicode.MaxASCII })
}

// compose writes a message as it goes over the wire: 7-bit, both forms of the
// text, and nothing in the header but what is said here. A subject is encoded
// if it is more than plain ASCII, so no value can end its line.
func (s *SMTP) compose(m Message) (to string, body []byte, err error) {
	address, ok := mailbox(m.To)
	if !ok || strings.ContainsFunc(m.Subject, unicode.IsControl) {
		return "", nil, errMalformed
	}
	msg := gomail.NewMsg(gomail.WithNoDefaultUserAgent(), gomail.WithEncoding(gomail.EncodingQP))
	msg.FromMailAddress(s.from)
	msg.ToMailAddress(&netmail.Address{Address: string(address)})
	msg.Subject(m.Subject)
	msg.SetDate()
	msg.SetMessageIDWithValue(s.messageID())
	msg.SetGenHeader("Auto-Submitted", "auto-generated")
	msg.SetBodyString(gomail.TypeTextPlain, lines(m.Text))
	msg.AddAlternativeString(gomail.TypeTextHTML, lines(m.HTML))
	var b bytes.Buffer
	if _, err := msg.WriteTo(&b); err != nil {
		return "", nil, err
	}
	return string(address), b.Bytes(), nil
}

func (s *SMTP) messageID() string {
	b := make([]byte, 16)
	rand.Read(b)
	return hex.EncodeToString(b) + "@" + s.name
}

// lines ends lines as mail does. A carriage return alone is none.
func lines(s string) string {
	return strings.NewReplacer("\r\n", "\r\n", "\n", "\r\n", "\r", "").Replace(s)
}
