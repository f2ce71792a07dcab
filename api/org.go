package api

import (
	"time"

	"letterlock"
)

// Organization is one of the caller's organizations.
type Organization struct {
	ID        letterlock.OrgID `json:"id"`
	Name      string           `json:"name"`
	Role      letterlock.Role  `json:"role"` // the caller's
	CreatedAt time.Time        `json:"created_at"`
	EventLife int64            `json:"event_life"` // seconds that the audit log is kept
	Policy    Policy           `json:"policy"`
}

// Organizations are those of the caller.
type Organizations struct {
	Organizations []Organization `json:"organizations"`
}

// OrganizationRequest makes an organization, or names it anew.
type OrganizationRequest struct {
	Name string `json:"name"`
}

// Policy is what an organization demands of its secrets.
type Policy struct {
	SharingOutside   bool   `json:"sharing_outside"`
	MaxLifetime      *int64 `json:"max_lifetime"` // seconds; null: as long as the instance allows
	MaxViews         *int   `json:"max_views"`    // null: as many as any secret may have
	PasswordRequired bool   `json:"password_required"`
	EmailLinks       bool   `json:"email_links"`
	StrictViews      bool   `json:"strict_views"`
}

// PolicyRequest sets a policy as a whole.
type PolicyRequest struct {
	SharingOutside   *bool  `json:"sharing_outside"`
	MaxLifetime      Number `json:"max_lifetime"`
	MaxViews         Number `json:"max_views"`
	PasswordRequired *bool  `json:"password_required"`
	EmailLinks       *bool  `json:"email_links"`
	StrictViews      *bool  `json:"strict_views"`
}

// Brand is how an organization's secrets look to those who open them.
type Brand struct {
	Name       string            `json:"name"`
	Accent     letterlock.Colour `json:"accent"`
	AccentDeep letterlock.Colour `json:"accent_deep"`
	Logo       Bytes             `json:"logo,omitempty"` // a PNG
}

// BrandRequest sets a brand. The logo that is there stays if it is absent, and
// goes if it is empty.
type BrandRequest struct {
	Name       *string            `json:"name"`
	Accent     *letterlock.Colour `json:"accent"`
	AccentDeep *letterlock.Colour `json:"accent_deep"`
	Logo       *Bytes             `json:"logo,omitzero"` // a PNG or JPEG
}

// Member is somebody in an organization.
type Member struct {
	User     letterlock.UserID `json:"user"`
	Name     string            `json:"name"`
	Email    letterlock.Email  `json:"email"`
	Role     letterlock.Role   `json:"role"`
	JoinedAt time.Time         `json:"joined_at"`
}

// Members are a page of an organization's, in the order in which they joined.
type Members struct {
	Members    []Member `json:"members"`
	NextCursor string   `json:"next_cursor,omitzero"`
}

// RoleRequest gives a member another role.
type RoleRequest struct {
	Role letterlock.Role `json:"role"`
}

// InvitationRequest asks somebody to join an organization.
type InvitationRequest struct {
	Email    string          `json:"email"`
	Role     letterlock.Role `json:"role"`
	Language string          `json:"language,omitzero"` // of the mail; absent: the inviter's
}

// Invitation is one as those who invite see it.
type Invitation struct {
	ID        letterlock.InvitationID `json:"id"`
	Email     letterlock.Email        `json:"email"`
	Role      letterlock.Role         `json:"role"`
	InvitedBy letterlock.UserID       `json:"invited_by"`
	CreatedAt time.Time               `json:"created_at"`
	ExpiresAt time.Time               `json:"expires_at"`
	Link      string                  `json:"link,omitzero"` // once: in the answer that makes it
}

// Invitations are a page of an organization's open ones.
type Invitations struct {
	Invitations []Invitation `json:"invitations"`
	NextCursor  string       `json:"next_cursor,omitzero"`
}

// LinkRequest makes another link for an invitation, with its whole time again.
type LinkRequest struct {
	Language string `json:"language,omitzero"` // of the mail; absent: the inviter's
}

// Link is the link of an invitation, which is shown once.
type Link struct {
	Link string `json:"link"`
}

// InvitationToken is what the link of an invitation has after its "#".
type InvitationToken struct {
	Token Bytes `json:"token"`
}

// Offer is an invitation as whoever has its link sees it.
type Offer struct {
	Organization Named            `json:"organization"`
	Email        letterlock.Email `json:"email"`
	Role         letterlock.Role  `json:"role"`
	Inviter      string           `json:"inviter"`
	ExpiresAt    time.Time        `json:"expires_at"`
}

// Named is something by its id and name. Where one of them is nobody's business
// it is left out.
type Named struct {
	ID   string `json:"id,omitzero"`
	Name string `json:"name"`
}

// LogEvent is one line of an organization's audit log.
type LogEvent struct {
	At      time.Time           `json:"at"`
	Action  letterlock.Action   `json:"action"`
	Actor   *Named              `json:"actor,omitzero"`   // absent: nobody we know
	Subject string              `json:"subject,omitzero"` // the id of what was acted on
	Secret  letterlock.SecretID `json:"secret,omitzero"`
	Refused letterlock.Code     `json:"refused,omitzero"` // why it did not happen
	Network letterlock.Net      `json:"network,omitzero"`
}

// Log is a page of an organization's audit log, the newest line first.
type Log struct {
	Events     []LogEvent `json:"events"`
	NextCursor string     `json:"next_cursor,omitzero"`
}

// LogRequest changes how long an audit log is kept.
type LogRequest struct {
	EventLife *int64 `json:"event_life"` // seconds
}

// ListedSecret is a secret in a list.
type ListedSecret struct {
	ID               letterlock.SecretID `json:"id"`
	Name             string              `json:"name"`
	State            letterlock.State    `json:"state"`
	CreatedAt        time.Time           `json:"created_at"`
	ExpiresAt        time.Time           `json:"expires_at"`
	EndedAt          *time.Time          `json:"ended_at,omitzero"`
	OpenedAt         *time.Time          `json:"opened_at,omitzero"` // the first view
	MaxViews         *int                `json:"max_views"`
	Views            int                 `json:"views"`
	ViewsLeft        *int                `json:"views_left"`
	NeedsPassword    bool                `json:"needs_password"`
	Organization     *letterlock.OrgID   `json:"organization"`
	OrganizationOnly bool                `json:"organization_only"`
	Owner            *Named              `json:"owner,omitzero"` // the name is empty once the account is gone
}

// SecretList is a page of secrets.
type SecretList struct {
	Secrets    []ListedSecret `json:"secrets"`
	NextCursor string         `json:"next_cursor,omitzero"`
}

// DeleteRequest withdraws many secrets at once.
type DeleteRequest struct {
	IDs []letterlock.SecretID `json:"ids"` // 1 to 100
}

// DeleteResponse lists those that the caller has no right to, or that are not
// there any more.
type DeleteResponse struct {
	Missing []letterlock.SecretID `json:"missing"`
}

// Sender is who a secret is from: the address is verified.
type Sender struct {
	Name  string           `json:"name"`
	Email letterlock.Email `json:"email"`
}
