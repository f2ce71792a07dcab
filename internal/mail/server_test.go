package mail_test

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"io"
	"math/big"
	"net"
	netmail "net/mail"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-sasl"
	gosmtp "github.com/emersion/go-smtp"

	"letterlock/internal/mail"
)

// serverName is whom the certificates are for. It is not this machine, so that
// the rules for the world hold; tests dial the server on loopback.
const serverName = "mail.example.net"

const user, password = "letterlock@example.org", "p&ss wörd/:@%+"

// mailServer is a real SMTP server with what can go wrong.
type mailServer struct {
	address string
	roots   *x509.CertPool // whom to trust, to trust it

	tlsFirst bool
	noAuth   bool
	refuse   map[mail.Stage]error // its answer at a stage, if that is not yes

	mutex sync.Mutex
	got   []received
}

// received is one mail with its envelope.
type received struct {
	from, to string
	body     []byte
}

// serve starts a server. set changes it before.
func serve(t *testing.T, set func(m *mailServer, s *gosmtp.Server)) *mailServer {
	t.Helper()
	cert, roots := certificate(t, serverName, time.Now().Add(time.Hour))
	m := &mailServer{roots: roots}
	s := gosmtp.NewServer(gosmtp.BackendFunc(func(*gosmtp.Conn) (gosmtp.Session, error) {
		return &session{m: m}, m.refuse[mail.StageGreeting]
	}))
	s.Domain = serverName
	s.TLSConfig = &tls.Config{Certificates: []tls.Certificate{cert}}
	s.EnableSMTPUTF8 = true
	s.ErrorLog = silent{}
	if set != nil {
		set(m, s)
	}
	listener := listen(t)
	m.address = listener.Addr().String()
	if m.tlsFirst {
		listener = tls.NewListener(listener, s.TLSConfig)
	}
	go s.Serve(listener)
	t.Cleanup(func() { s.Close() })
	return m
}

func listen(t *testing.T) net.Listener {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return l
}

// only is the one mail that the server has got.
func (m *mailServer) only(t *testing.T) (received, *netmail.Message) {
	t.Helper()
	m.mutex.Lock()
	defer m.mutex.Unlock()
	if len(m.got) != 1 {
		t.Fatalf("the server got %d mails, want 1", len(m.got))
	}
	parsed, err := netmail.ReadMessage(bytes.NewReader(m.got[0].body))
	if err != nil {
		t.Fatalf("read the mail that arrived: %v\n%s", err, m.got[0].body)
	}
	return m.got[0], parsed
}

// session is one connection to the server.
type session struct {
	m      *mailServer
	signed bool
	now    received
}

func (s *session) AuthMechanisms() []string {
	if s.m.noAuth {
		return nil
	}
	return []string{sasl.Plain}
}

func (s *session) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, u, p string) error {
		if err := s.m.refuse[mail.StageAuth]; err != nil {
			return err
		}
		if u != user || p != password {
			return gosmtp.ErrAuthFailed
		}
		s.signed = true
		return nil
	}), nil
}

func (s *session) Mail(from string, o *gosmtp.MailOptions) error {
	if !s.signed {
		return gosmtp.ErrAuthRequired
	}
	if o.UTF8 {
		return errors.New("SMTPUTF8 was asked for")
	}
	s.now.from = from
	return s.m.refuse[mail.StageSender]
}

func (s *session) Rcpt(to string, _ *gosmtp.RcptOptions) error {
	s.now.to = to
	return s.m.refuse[mail.StageRecipient]
}

func (s *session) Data(r io.Reader) error {
	var err error
	if s.now.body, err = io.ReadAll(r); err != nil {
		return err
	}
	if err := s.m.refuse[mail.StageContent]; err != nil {
		return err
	}
	s.m.mutex.Lock()
	defer s.m.mutex.Unlock()
	s.m.got = append(s.m.got, s.now)
	return nil
}

func (s *session) Reset()        { s.now = received{} }
func (s *session) Logout() error { return nil }

// silent drops what the server would log of the connections that tests cut.
type silent struct{}

func (silent) Printf(string, ...any) {}
func (silent) Println(...any)        {}

// certificate is one for a name, and who has to be trusted for it.
func certificate(t *testing.T, name string, until time.Time) (tls.Certificate, *x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber:          big.NewInt(1),
		Subject:               pkix.Name{CommonName: name},
		DNSNames:              []string{name},
		NotBefore:             until.Add(-24 * time.Hour),
		NotAfter:              until,
		IsCA:                  true,
		BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AddCert(parsed)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, roots
}
