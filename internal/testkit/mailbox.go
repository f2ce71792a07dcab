package testkit

import (
	"io"
	"mime"
	"mime/multipart"
	"net"
	netmail "net/mail"
	"strings"
	"sync"
	"testing"

	gosmtp "github.com/emersion/go-smtp"
)

// Mailbox is a mail server on loopback that keeps what it is given, until the
// test ends.
type Mailbox struct {
	URL string // for --smtp

	mu      sync.Mutex
	letters []Letter // guarded by mu
	refusal error    // guarded by mu
}

// Letter is a mail that arrived.
type Letter struct {
	To, Subject string
	Text        string // the plain part
}

// Mail starts a mail server.
func Mail(t testing.TB) *Mailbox {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatalf("listen for mail: %v", err)
	}
	box := &Mailbox{URL: "smtp://" + listener.Addr().String()}
	server := gosmtp.NewServer(gosmtp.BackendFunc(func(*gosmtp.Conn) (gosmtp.Session, error) {
		return &delivery{box: box}, nil
	}))
	server.Domain = "localhost"
	go server.Serve(listener)
	t.Cleanup(func() { server.Close() })
	return box
}

// Refuse has every recipient refused from now on with an answer like 451 or 550,
// or none with 0.
func (b *Mailbox) Refuse(code int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.refusal = nil
	if code != 0 {
		b.refusal = &gosmtp.SMTPError{Code: code, Message: "refused by the test"}
	}
}

// Take hands out what arrived since the last call.
func (b *Mailbox) Take() []Letter {
	b.mu.Lock()
	defer b.mu.Unlock()
	letters := b.letters
	b.letters = nil
	return letters
}

// delivery is one connection to the mailbox.
type delivery struct {
	box *Mailbox
	to  string
}

func (d *delivery) Mail(string, *gosmtp.MailOptions) error { return nil }

func (d *delivery) Rcpt(to string, _ *gosmtp.RcptOptions) error {
	d.to = to
	d.box.mu.Lock()
	defer d.box.mu.Unlock()
	return d.box.refusal
}

func (d *delivery) Data(r io.Reader) error {
	letter, err := readLetter(r)
	if err != nil {
		return err
	}
	letter.To = d.to
	d.box.mu.Lock()
	defer d.box.mu.Unlock()
	d.box.letters = append(d.box.letters, letter)
	return nil
}

func (d *delivery) Reset()        {}
func (d *delivery) Logout() error { return nil }

// readLetter reads a mail whose first part is its plain text.
func readLetter(r io.Reader) (Letter, error) {
	m, err := netmail.ReadMessage(r)
	if err != nil {
		return Letter{}, err
	}
	subject, err := new(mime.WordDecoder).DecodeHeader(m.Header.Get("Subject"))
	if err != nil {
		return Letter{}, err
	}
	_, params, err := mime.ParseMediaType(m.Header.Get("Content-Type"))
	if err != nil {
		return Letter{}, err
	}
	part, err := multipart.NewReader(m.Body, params["boundary"]).NextPart()
	if err != nil {
		return Letter{}, err
	}
	text, err := io.ReadAll(part)
	return Letter{Subject: subject, Text: strings.ReplaceAll(string(text), "\r\n", "\n")}, err
}
