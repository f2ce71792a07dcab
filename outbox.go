package letterlock

import (
	"fmt"
	"time"
)

// MailKind says what a mail is about.
type MailKind string

// Mail is a mail to be sent, or that was: a line of the outbox.
type Mail struct {
	Number    int64 // rises with time; set by the store
	Kind      MailKind
	To        Email
	UserID    UserID // whose mail it is; empty: nobody's who has an account
	Language  string // of the mail
	Payload   Payload
	CreatedAt time.Time
	DueAt     time.Time // when it is tried next
	Tries     int
	SentAt    time.Time
	FailedAt  time.Time // given up
	Reason    string    // why the last try failed
}

// Payload is what a mail says besides its kind. It may hold the link of a ticket
// until the mail is sent, never anything that opens a secret, and never prints.
type Payload []byte

// Format prints [redacted] under every verb.
func (Payload) Format(f fmt.State, _ rune) { f.Write([]byte("[redacted]")) }

// MarshalText writes [redacted], also as JSON and in a log.
func (Payload) MarshalText() ([]byte, error) { return []byte("[redacted]"), nil }
