package letterlock

import (
	"encoding/hex"
	"math"
	"slices"
	"time"
)

// OrgID names an organization.
type OrgID string

// How long an organization keeps its audit log.
const (
	EventLife    = 365 * 24 * time.Hour // unless it chose another
	MinEventLife = 30 * 24 * time.Hour
	MaxEventLife = 10 * 365 * 24 * time.Hour
)

// Org is people who share secrets under one policy.
type Org struct {
	ID        OrgID
	Name      string
	Policy    Policy
	EventLife time.Duration // whole seconds
	CreatedAt time.Time
}

// CheckEventLife refuses a time to keep the audit log for, as a [Refusal].
func CheckEventLife(life time.Duration) error {
	if life < MinEventLife || life > MaxEventLife {
		return Invalid("event_life", FieldOutOfRange)
	}
	return nil
}

// Role is what a member may do in an organization.
type Role string

// The roles, each with all the rights of the one below it.
const (
	Owner       Role = "owner"  // also decides who else is an owner
	Admin       Role = "admin"  // also invites, removes, sets the policy and sees every secret's receipt
	PlainMember Role = "member" // shares secrets
)

// roles from the least to the most.
var roles = []Role{PlainMember, Admin, Owner}

// ParseRole reads the name of a role.
func ParseRole(s string) (Role, bool) { return Role(s), slices.Contains(roles, Role(s)) }

// AtLeast reports whether r has all the rights of other. No role has none, and
// is at least none.
func (r Role) AtLeast(other Role) bool {
	rank := slices.Index(roles, r)
	return rank >= 0 && slices.Contains(roles[:rank+1], other)
}

// Member is a user in an organization.
type Member struct {
	OrgID    OrgID
	UserID   UserID
	Role     Role
	JoinedAt time.Time
}

// ListedMember is a member in a list.
type ListedMember struct {
	Member
	Name  string
	Email Email
}

// Membership is an organization as one of its members sees it.
type Membership struct {
	Org  Org
	Role Role
}

// InvitationLife is how long an invitation may be accepted.
const InvitationLife = 7 * 24 * time.Hour

// InvitationID names an invitation to those who invite.
type InvitationID string

// Invitation lets the owner of one address join an organization, once.
type Invitation struct {
	ID         InvitationID
	OrgID      OrgID
	Email      Email
	Role       Role
	Hash       Hash // of the bytes in the link
	InvitedBy  UserID
	CreatedAt  time.Time
	ExpiresAt  time.Time
	AcceptedAt time.Time
	RevokedAt  time.Time
}

// Good reports whether the invitation may still be accepted.
func (i *Invitation) Good(now time.Time) bool { return i.Over(now) == nil }

// Over reports, as a gone [Refusal] for holders of its link, why the invitation
// cannot be accepted any more: it was, it was taken back, or its time is over.
func (i *Invitation) Over(now time.Time) error {
	switch {
	case !i.AcceptedAt.IsZero():
		return Gone(UsedUp, i.AcceptedAt)
	case !i.RevokedAt.IsZero():
		return Gone(Deleted, i.RevokedAt)
	case !now.Before(i.ExpiresAt):
		return Gone(Expired, i.ExpiresAt)
	}
	return nil
}

// Offer is an invitation as whoever has its link sees it.
type Offer struct {
	Org          OrgID
	Organization string
	Email        Email
	Role         Role
	Inviter      string // how the inviter is called
	ExpiresAt    time.Time
}

// Policy is what an organization demands of its secrets. The zero value is the
// strictest.
type Policy struct {
	SharingOutside   bool          // also with people who are not members
	MaxLifetime      time.Duration // whole seconds; zero: as long as the instance allows
	MaxViews         int           // Unlimited: as many as any secret may have
	PasswordRequired bool
	EmailLinks       bool // links may be mailed by the server
	StrictViews      bool // an opened view cannot be fetched again
}

// DefaultPolicy is that of a new organization: what anyone may do.
func DefaultPolicy() Policy { return Policy{SharingOutside: true, EmailLinks: true} }

// Check refuses what the policy does not allow, as a [Refusal] that names each
// field. It does not repeat the rules of every secret: see [Limits.Check].
func (p Policy) Check(l Limits, password, organizationOnly bool) error {
	var fields []FieldError
	refuse := func(field string) { fields = append(fields, FieldError{Field: field, Code: FieldPolicy}) }
	if p.MaxLifetime != 0 && l.ExpiresIn > p.MaxLifetime {
		refuse("expires_in")
	}
	if p.MaxViews != Unlimited && (l.Views == Unlimited || l.Views > p.MaxViews) {
		refuse("max_views")
	}
	if p.PasswordRequired && !password {
		refuse("password")
	}
	if !p.SharingOutside && !organizationOnly {
		refuse("organization_only")
	}
	return invalid(fields)
}

// Allows reports whether a secret made before the policy was may still be opened
// at an instant. Who may open it is another question: see Policy.SharingOutside.
func (p Policy) Allows(s *Secret, now time.Time) bool {
	return (p.MaxLifetime == 0 || now.Before(s.CreatedAt.Add(p.MaxLifetime))) &&
		(p.MaxViews == Unlimited || s.Views < p.MaxViews) &&
		(!p.PasswordRequired || s.NeedsPassword())
}

// Valid refuses a policy that no secret, or not every client, could follow, as
// a [Refusal] that names each field.
func (p Policy) Valid() error {
	var fields []FieldError
	if p.MaxLifetime != 0 && (p.MaxLifetime < MinLifetime || p.MaxLifetime > MaxLifetime) {
		fields = append(fields, FieldError{Field: "max_lifetime", Code: FieldOutOfRange})
	}
	if p.MaxViews < Unlimited || p.MaxViews > MaxViews {
		fields = append(fields, FieldError{Field: "max_views", Code: FieldOutOfRange})
	}
	return invalid(fields)
}

// Brand is how an organization's secrets look to those who open them. It
// stands beside the host's name and the words of safety, never in their place.
type Brand struct {
	Name       string
	Logo       []byte // a PNG that this program wrote; nil: none
	Accent     Colour // of the one button
	AccentDeep Colour // of the same under the pointer
}

// Check refuses a brand that could not be read, as a [Refusal] that names each
// field. Colours may be empty: the instance's own.
func (b *Brand) Check() error {
	var fields []FieldError
	if code := checkName(b.Name); code != "" {
		fields = append(fields, FieldError{Field: "name", Code: code})
	}
	for _, c := range []struct {
		field  string
		colour Colour
	}{{"accent", b.Accent}, {"accent_deep", b.AccentDeep}} {
		if c.colour == "" {
			continue
		}
		if code := c.colour.check(); code != "" {
			fields = append(fields, FieldError{Field: c.field, Code: code})
		}
	}
	return invalid(fields)
}

// Colour is a colour of sRGB, as #rrggbb in lower case.
type Colour string

// minContrast is WCAG's for text of any size.
const minContrast = 4.5

// paper is the luminance of the colour of text on an accent, paper-0 of the
// style sheet: #fefdfa.
var paper = luminance([]byte{0xfe, 0xfd, 0xfa})

func (c Colour) check() FieldCode {
	rgb, ok := c.rgb()
	switch {
	case !ok:
		return FieldNotColour
	case (paper+0.05)/(luminance(rgb)+0.05) < minContrast:
		return FieldContrast
	}
	return ""
}

func (c Colour) rgb() ([]byte, bool) {
	if len(c) != 7 || c[0] != '#' {
		return nil, false
	}
	rgb, err := hex.DecodeString(string(c[1:]))
	return rgb, err == nil && "#"+hex.EncodeToString(rgb) == string(c)
}

// luminance is WCAG's relative luminance of a colour of sRGB.
func luminance(rgb []byte) float64 {
	linear := func(b byte) float64 {
		c := float64(b) / 255
		if c <= 0.04045 {
			return c / 12.92
		}
		return math.Pow((c+0.055)/1.055, 2.4)
	}
	return 0.2126*linear(rgb[0]) + 0.7152*linear(rgb[1]) + 0.0722*linear(rgb[2])
}
