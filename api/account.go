package api

import (
	"time"

	"letterlock"
)

// User is the account of whoever asks.
type User struct {
	ID           letterlock.UserID `json:"id"`
	Email        letterlock.Email  `json:"email"`
	Name         string            `json:"name"`
	Language     string            `json:"language"` // empty: the browser's
	Operator     bool              `json:"operator"` // may change the instance
	CreatedAt    time.Time         `json:"created_at"`
	Organization *Organization     `json:"organization"` // the one they work in; null: the personal space
}

// ProfileRequest changes what its user is called, and in which language. What is
// absent stays.
type ProfileRequest struct {
	Name     *string `json:"name,omitzero"`
	Language *string `json:"language,omitzero"` // empty: the browser's
}

// PasswordRequest sets another password.
type PasswordRequest struct {
	Current  string `json:"current"`
	Password string `json:"password"`
}

// EmailRequest asks for another address, which is mailed a link.
type EmailRequest struct {
	Email    string `json:"email"`
	Password string `json:"password"`
}

// LeaveRequest deletes an account.
type LeaveRequest struct {
	Password    string `json:"password"`
	KeepSecrets bool   `json:"keep_secrets,omitzero"` // their links go on working
}

// SignInRequest begins a session.
type SignInRequest struct {
	Email    string `json:"email"`
	Password string `json:"password"`
}

// SetupRequest makes the first operator, with the ticket of the link that the
// server printed.
type SetupRequest struct {
	Ticket   Bytes  `json:"ticket"`
	Name     string `json:"name,omitzero"`
	Email    string `json:"email"`
	Password string `json:"password"`
	Language string `json:"language,omitzero"`
}

// SetupResponse says whether the instance has to be set up.
type SetupResponse struct {
	Needed bool `json:"needed"`
}

// Session is one signed-in browser. What opens it is in its cookie only.
type Session struct {
	ID        letterlock.SessionID `json:"id"`
	Current   bool                 `json:"current"` // the one that asks
	CreatedAt time.Time            `json:"created_at"`
	SeenAt    time.Time            `json:"seen_at"`
	EndsAt    time.Time            `json:"ends_at"` // unless it is used before
	Browser   string               `json:"browser"`
	Network   letterlock.Net       `json:"network"`
}

// Sessions are the sessions of a user, the one used last first.
type Sessions struct {
	Sessions []Session `json:"sessions"`
}

// SwitchRequest lets a session work in another organization; null is the
// personal space.
type SwitchRequest struct {
	Organization Choice `json:"organization"`
}

// TokenRequest makes an API token.
type TokenRequest struct {
	Name         string             `json:"name"`
	Scopes       []letterlock.Scope `json:"scopes"`
	Organization *letterlock.OrgID  `json:"organization,omitzero"` // the only one that it acts in
	ExpiresIn    *int64             `json:"expires_in,omitzero"`   // seconds; absent: 90 days
	Password     string             `json:"password"`              // the user's
}

// Token is an API token.
type Token struct {
	ID           letterlock.TokenID `json:"id"`
	Name         string             `json:"name"`
	Organization *letterlock.OrgID  `json:"organization"` // null: all of the user's, and the personal space
	Scopes       []letterlock.Scope `json:"scopes"`
	CreatedAt    time.Time          `json:"created_at"`
	ExpiresAt    time.Time          `json:"expires_at"`
	UsedAt       *time.Time         `json:"used_at,omitzero"`
	RevokedAt    *time.Time         `json:"revoked_at,omitzero"`
	Token        string             `json:"token,omitzero"` // its text, once: in the answer that makes it
}

// Tokens are the API tokens of a user, the latest first, also those that are
// over.
type Tokens struct {
	Tokens []Token `json:"tokens"`
}

// Settings are the instance's, which its operator changes.
type Settings struct {
	Name       string                `json:"name"`
	URL        string                `json:"url"` // the public address
	Create     letterlock.CreateMode `json:"create"`
	SignUp     letterlock.SignUpMode `json:"sign_up"`
	Domains    []string              `json:"domains"`
	MailServer string                `json:"mail_server"` // without its password; given back as it is, that stays
	MailFrom   string                `json:"mail_from"`
}

// SettingsRequest changes the instance's settings as a whole: one that is
// forgotten would be emptied silently.
type SettingsRequest struct {
	Name       *string                `json:"name"`
	URL        *string                `json:"url"`
	Create     *letterlock.CreateMode `json:"create"`
	SignUp     *letterlock.SignUpMode `json:"sign_up"`
	Domains    *[]string              `json:"domains"`
	MailServer *string                `json:"mail_server"`
	MailFrom   *string                `json:"mail_from"`
}
