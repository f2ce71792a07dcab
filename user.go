package letterlock

import (
	"fmt"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/idna"
)

// UserID names a person who has an account.
type UserID string

// User is a person who has an account.
type User struct {
	ID                UserID
	Email             Email
	Name              string // may be empty
	Language          string // of mails and pages; empty: the browser's
	PasswordHash      PasswordHash
	PasswordChangedAt time.Time
	VerifiedAt        time.Time // when the address was proved; zero: not yet
	Operator          bool      // may change the instance
	CreatedAt         time.Time
}

// Display is what others see of a user: the name, or the address where there is
// none.
func (u *User) Display() string {
	if u.Name != "" {
		return u.Name
	}
	return string(u.Email)
}

// Verified reports whether the user has proved the address.
func (u *User) Verified() bool { return !u.VerifiedAt.IsZero() }

// PasswordHash is a hashed password in PHC form, empty if none was set. It never
// prints.
type PasswordHash string

// Format prints [redacted] under every verb.
func (PasswordHash) Format(f fmt.State, _ rune) { f.Write([]byte("[redacted]")) }

// MarshalText writes [redacted], also as JSON and in a log.
func (PasswordHash) MarshalText() ([]byte, error) { return []byte("[redacted]"), nil }

// Email is the address of one mailbox: the local part as it was typed, the
// domain in lower-case ASCII.
type Email string

const (
	emailLength = 254 // of a path in SMTP
	localLength = 64
)

// domains is how names of hosts become ASCII: as browsers look them up, and
// refused if they could not be in the DNS.
var domains = idna.New(
	idna.MapForLookup(),
	idna.BidiRule(),
	idna.CheckHyphens(true),
	idna.StrictDomainName(true),
	idna.VerifyDNSLength(true),
)

// ParseEmail reads one bare address. Display names, comments, quoted local
// parts, address literals and domains without a dot are refused: nobody's
// mailbox has one, and each is a way to smuggle something into a mail. It
// reports false and says no more, so that no answer repeats the value.
func ParseEmail(s string) (Email, bool) {
	at := strings.LastIndexByte(s, '@')
	if at < 0 || !localPart(s[:at]) {
		return "", false
	}
	domain, ok := ParseDomain(s[at+1:])
	if !ok || at+1+len(domain) > emailLength {
		return "", false
	}
	return Email(s[:at+1] + domain), true
}

// ParseDomain turns the domain of addresses into lower-case ASCII.
func ParseDomain(s string) (string, bool) {
	if len(s) > emailLength {
		return "", false
	}
	domain, err := domains.ToASCII(s)
	if err != nil {
		return "", false
	}
	dot := strings.LastIndexByte(domain, '.')
	if dot < 0 || strings.Trim(domain[dot+1:], "0123456789") == "" { // an address of IPv4
		return "", false
	}
	return domain, true
}

// localPart reports whether s is words with dots between them.
func localPart(s string) bool {
	if len(s) > localLength || !utf8.ValidString(s) {
		return false
	}
	for word := range strings.SplitSeq(s, ".") {
		if word == "" || strings.ContainsFunc(word, func(r rune) bool { return !inWord(r) }) {
			return false
		}
	}
	return true
}

// inWord reports whether a character may stand in an unquoted local part.
func inWord(r rune) bool {
	if r < utf8.RuneSelf {
		return unicode.IsLetter(r) || unicode.IsDigit(r) || strings.ContainsRune("!#$%&'*+-/=?^_`{|}~", r)
	}
	return unicode.IsGraphic(r) && !unicode.IsSpace(r)
}

// Domain is what follows the @.
func (e Email) Domain() string { return string(e[strings.LastIndexByte(string(e), '@')+1:]) }

// Key is the same for addresses that mean one mailbox in practice: they differ
// in case or in how accents are written.
func (e Email) Key() string { return NameKey(string(e)) }

// How long a session lives: until it was not used for SessionIdle, and never
// longer than SessionLife.
const (
	SessionIdle = 12 * time.Hour
	SessionLife = 7 * 24 * time.Hour
)

// SessionID names a session in the list that its user sees. What opens it is
// the proof in the cookie.
type SessionID string

// Session is one signed-in browser.
type Session struct {
	ID        SessionID
	UserID    UserID
	Hash      Hash  // of the 32 bytes in the cookie
	Org       OrgID // the one it works in; empty: the personal space
	CreatedAt time.Time
	SeenAt    time.Time
	Agent     string // what the browser calls itself
	Net       Net    // where it was seen last
}

// EndsAt is when a session ends unless it is used before.
func (s *Session) EndsAt() time.Time {
	idle, life := s.SeenAt.Add(SessionIdle), s.CreatedAt.Add(SessionLife)
	if life.Before(idle) {
		return life
	}
	return idle
}

// Alive reports whether the session still signs its user in. It has ended at
// EndsAt exactly.
func (s *Session) Alive(now time.Time) bool { return now.Before(s.EndsAt()) }

// TicketKind is what a ticket is good for.
type TicketKind string

// The kinds of tickets.
const (
	TicketSetup       TicketKind = "setup"        // becomes the first owner
	TicketVerify      TicketKind = "verify"       // proves the address of a new account
	TicketReset       TicketKind = "reset"        // sets a password
	TicketChangeEmail TicketKind = "change_email" // proves the new address
	TicketUndoEmail   TicketKind = "undo_email"   // goes back to the old one
)

// Lifetime is how long a ticket is good unless its verb says otherwise.
func (k TicketKind) Lifetime() time.Duration {
	switch k {
	case TicketReset:
		return 30 * time.Minute
	case TicketSetup, TicketUndoEmail:
		return 7 * 24 * time.Hour
	default:
		return 24 * time.Hour
	}
}

// Ticket is a link that does one thing once: whoever has it may.
type Ticket struct {
	Hash      Hash // of the bytes in the link
	Kind      TicketKind
	UserID    UserID // empty for TicketSetup
	Email     Email  // the new address, or the old one to go back to
	CreatedAt time.Time
	ExpiresAt time.Time
	UsedAt    time.Time
}

// Good reports whether the ticket may still be used.
func (t *Ticket) Good(now time.Time) bool { return t.UsedAt.IsZero() && now.Before(t.ExpiresAt) }
