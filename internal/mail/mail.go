// Package mail writes the mails of an instance and hands them to a mail server.
// What they say and look like is in ui.
package mail

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"

	"letterlock"
	"letterlock/ui"
)

// Message is one mail to one address. It may hold a link that opens an account,
// so it never prints.
type Message struct {
	To      string // one bare address
	Subject string
	Text    string
	HTML    string // the same sentences
}

// Format prints [redacted] under every verb.
func (Message) Format(f fmt.State, _ rune) { f.Write([]byte("[redacted]")) }

// MarshalText writes [redacted], also as JSON and in a log.
func (Message) MarshalText() ([]byte, error) { return []byte("[redacted]"), nil }

// Sender hands mails over. When Send returns nil, a mail server has taken the
// message on; an error is a [*Failure] or [ErrNoServer].
type Sender interface {
	Send(ctx context.Context, m Message) error
}

// ErrNoServer is the answer where no mail server is configured.
var ErrNoServer = errors.New("no mail server is configured")

// Unsent is the Sender of an instance without a mail server: it logs that a mail
// was not sent, and neither what it said nor to whom.
type Unsent struct{ Log *slog.Logger }

// Send refuses.
func (u Unsent) Send(ctx context.Context, m Message) error {
	_, domain, _ := strings.Cut(m.To, "@")
	u.Log.WarnContext(ctx, "a mail was not sent", "error", ErrNoServer, "domain", domain)
	return ErrNoServer
}

// Instance is who the mails are from, as the operator named it.
type Instance struct {
	Name string
	URL  string // the public address, "" if none is configured
}

// Writer writes mails and explains why one was not sent. The templates are read
// with the first: many instances send none.
type Writer struct {
	letters func() (*ui.Letters, error)
}

// NewWriter makes a Writer, safe for concurrent use.
func NewWriter() *Writer { return &Writer{sync.OnceValues(ui.LoadLetters)} }

// Write makes the mail with that content, in the recipient's language or, if we
// do not have it, in English.
func (w *Writer) Write(from Instance, to letterlock.Email, lang string, c Content) (Message, error) {
	letters, err := w.letters()
	if err != nil {
		return Message{}, err
	}
	m, err := letters.Write(ui.Site{Name: from.Name, URL: from.URL}, lang, c.letter())
	if err != nil {
		return Message{}, err
	}
	return Message{To: string(to), Subject: m.Subject, Text: m.Text, HTML: m.HTML}, nil
}
