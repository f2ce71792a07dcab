package letterlock

import (
	"time"
	"unicode/utf8"
)

// Limits of every secret. An instance may lower the longest lifetime; nothing
// raises the others.
const (
	MinLifetime     = 5 * time.Minute
	DefaultLifetime = 30 * 24 * time.Hour // the longest an instance offers unless configured
	MaxLifetime     = 365 * 24 * time.Hour
	MaxViews        = 1000

	// PasswordTries is how many wrong passwords are counted before a secret
	// locks. The sender may unlock once, so at most twice as many are ever
	// tested.
	PasswordTries = 10

	// Grace is how long an opened view may fetch its content again.
	Grace = 15 * time.Minute

	// ReceiptLife is how long, after expiry, the sender and holders of the link
	// can still learn how a secret ended.
	ReceiptLife = 30 * 24 * time.Hour
)

// Unlimited as a number of views means that only time ends the secret.
const Unlimited = 0

// SecretID is the public name of a secret, derived by the sender's client from
// the key.
type SecretID string

// ParseSecretID is [ParseID] of a secret's id.
func ParseSecretID(s string) (SecretID, error) { return ParseID[SecretID](s) }

// Limits bound a secret: it opens at most Views times and never after ExpiresIn
// has passed since its creation.
type Limits struct {
	ExpiresIn time.Duration // whole seconds
	Views     int           // Unlimited, or 1 to MaxViews
}

// Check reports limits outside what any secret may have, and lifetimes longer
// than longest, as a [Refusal] that names each field.
func (l Limits) Check(longest time.Duration) error {
	var fields []FieldError
	if l.ExpiresIn < MinLifetime || l.ExpiresIn > longest {
		fields = append(fields, FieldError{Field: "expires_in", Code: FieldOutOfRange})
	}
	if l.Views < Unlimited || l.Views > MaxViews {
		fields = append(fields, FieldError{Field: "max_views", Code: FieldOutOfRange})
	}
	return invalid(fields)
}

// NewSecret is what a sender's client hands over: the envelope, the hashes that
// let the server recognise who may do what, and the limits.
type NewSecret struct {
	Header     Header
	Commit     [32]byte
	LinkHash   Hash // of the link proof: whoever holds the link
	AccessHash Hash // of the access proof: link and password
	ManageHash Hash // of the manage token: the sender
	Content    []byte
	Limits     Limits

	// Only signed-in senders may set these.
	Org              OrgID  // the organization it belongs to; empty: none
	OrganizationOnly bool   // only members of Org may open it
	Name             string // seen by the sender and the organization
	Language         string // of the opening page; empty: the reader's own
}

// Check refuses what is not an envelope, so that a client which would upload
// plaintext fails loudly, and limits beyond the rules. The error is a [Refusal]
// naming every wrong field.
func (n *NewSecret) Check(longest time.Duration) error {
	var fields []FieldError
	if code := n.Header.check(); code != "" {
		fields = append(fields, FieldError{Field: "header", Code: code})
	}
	switch {
	case !contentLengths[len(n.Content)]:
		fields = append(fields, FieldError{Field: "content", Code: FieldWrongSize})
	case utf8.Valid(n.Content):
		fields = append(fields, FieldError{Field: "content", Code: FieldPlaintext})
	}
	if err := n.Limits.Check(longest); err != nil {
		fields = append(fields, err.(*Refusal).Fields...)
	}
	if code := checkName(n.Name); code != "" {
		fields = append(fields, FieldError{Field: "name", Code: code})
	}
	if n.OrganizationOnly && n.Org == "" {
		fields = append(fields, FieldError{Field: "organization_only", Code: FieldNoOrg})
	}
	return invalid(fields)
}

// contentLengths are the sealed lengths of part 0: its padded sizes plus 16
// bytes for each started chunk of 64 KiB.
var contentLengths = map[int]bool{1040: true, 4112: true, 16400: true, 65552: true, 67616: true}

// MaxContent is the longest content of one create request, in bytes.
const MaxContent = 67616

// PaddedSize is how many padded bytes of plaintext a sealed part holds: the
// size a reader is told before opening.
func PaddedSize(sealed int64) int64 {
	const chunk, tag = 64 << 10, 16
	return sealed - (sealed+chunk+tag-1)/(chunk+tag)*tag
}

// State is where a secret is in its life.
type State string

// The states. Waiting and Opened are live; Locked is live but closed to
// readers; the others are ends, and the first end stays.
const (
	Waiting State = "waiting"
	Opened  State = "opened"
	Locked  State = "locked"
	UsedUp  State = "used_up"
	Expired State = "expired"
	Deleted State = "deleted"
)

// Secret is a sealed value with its limits, as the service knows it. The
// ciphertext is kept beside it and read only to be handed out.
type Secret struct {
	ID         SecretID
	Header     Header
	Commit     [32]byte
	LinkHash   Hash
	AccessHash Hash
	ManageHash Hash

	Owner            UserID // the signed-in sender; empty: anonymous
	Org              OrgID
	OrganizationOnly bool
	Name             string
	Language         string

	ContentLength int64 // sealed bytes, as created
	Stored        int64 // sealed bytes still kept; zero once purged

	Limits    Limits // as asked at creation
	CreatedAt time.Time
	ExpiresAt time.Time // may be earlier than the limits say: senders can shorten

	Views            int
	GraceUntil       time.Time // no view is open from then on; zero: none ever was
	PasswordFailures int
	LastWrong        Hash // the access hash counted last; zero if none
	LockedAt         time.Time
	UnlockedAt       time.Time

	Ended     State // UsedUp, Expired or Deleted once recorded, else ""
	EndedAt   time.Time
	DeletedAt time.Time
	Disputed  time.Time // when a reader said "it wasn't me"

	DueAt time.Time // when the sweeper has to look at it next
}

// Snapshot is a secret at the instant it was read.
type Snapshot struct {
	*Secret
	Now time.Time
}

// State of the secret at that instant.
func (s Snapshot) State() State { return s.Secret.State(s.Now) }

// Preview is what a holder of the link may know before opening.
type Preview struct {
	Snapshot
	Sender    *Sender // nil: nobody we know
	Brand     *Brand  // of its organization; nil: none
	MembersOf string  // the organization whose members alone may open it; empty: anyone may
	Gates     []Gate  // what the reader lacks
}

// Sender is who sent a secret, as readers may know: the address is verified.
type Sender struct {
	Name  string // may be empty
	Email Email
}

// State of the secret at an instant. It has expired at ExpiresAt exactly.
func (s *Secret) State(now time.Time) State {
	switch {
	case s.Ended != "":
		return s.Ended
	case !now.Before(s.ExpiresAt):
		return Expired
	case !s.LockedAt.IsZero():
		return Locked
	case s.Views > 0:
		return Opened
	default:
		return Waiting
	}
}

// Over reports, as a gone [Refusal] for holders of the link, why a secret
// cannot be opened any more; nil while it can.
func (s *Secret) Over(now time.Time) error {
	switch state := s.State(now); state {
	case Waiting, Opened:
		return nil
	case Locked:
		return Gone(state, s.LockedAt)
	default:
		return Gone(state, s.EndTime(now))
	}
}

// EndTime is when the secret ended, the zero time while it has not.
func (s *Secret) EndTime(now time.Time) time.Time {
	if s.Ended == "" && !now.Before(s.ExpiresAt) {
		return s.ExpiresAt
	}
	return s.EndedAt
}

// ViewsLeft is how many views remain, nil if they are unlimited.
func (s *Secret) ViewsLeft() *int { return s.leftAfter(s.Views) }

func (s *Secret) leftAfter(views int) *int {
	if s.Limits.Views == Unlimited {
		return nil
	}
	left := s.Limits.Views - views
	return &left
}

// NeedsPassword reports whether the envelope's key is mixed with a password.
func (s *Secret) NeedsPassword() bool { return s.Header.Password() }

// TriesLeft is how many wrong passwords may still be counted, nil without a
// password.
func (s *Secret) TriesLeft() *int {
	if !s.NeedsPassword() {
		return nil
	}
	left := PasswordTries - s.PasswordFailures
	return &left
}

// PurgeAt is the earliest time at which no view can be open any more once the
// secret has expired, and so the content has to go.
func (s *Secret) PurgeAt() time.Time { return s.ExpiresAt.Add(Grace) }

// RetireAt is when the receipt goes too and only the id stays.
func (s *Secret) RetireAt() time.Time { return s.ExpiresAt.Add(ReceiptLife) }

// SameRequest reports whether a create request is the one that made this
// secret, sent again.
func (s *Secret) SameRequest(n *NewSecret) bool {
	return s.Header == n.Header && s.Commit == n.Commit &&
		s.LinkHash.Equal(n.LinkHash) && s.AccessHash.Equal(n.AccessHash) && s.ManageHash.Equal(n.ManageHash) &&
		s.ContentLength == int64(len(n.Content)) && s.Limits == n.Limits &&
		s.Org == n.Org && s.OrganizationOnly == n.OrganizationOnly
}
