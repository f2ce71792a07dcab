// Package api is the wire: the paths, headers and JSON bodies of /api/v1. Other
// programs are written against it, so names and shapes are added to, never
// changed. Every json tag of the service lives here.
//
// Binary values are base64url without padding, decoded strictly. Times are RFC
// 3339 in UTC. Unknown and repeated members of a request are refused. Errors are
// problem documents (RFC 9457) with a stable code.
package api

import (
	"time"

	"letterlock"
)

// Prefix is where the API lives under the instance's base path.
const Prefix = "/api/v1"

// Request headers that carry what the caller holds, as base64url. Nothing of
// the kind is ever in a URL.
const (
	HeaderLinkProof   = "Link-Proof"
	HeaderManageToken = "Manage-Token"
	HeaderViewSecret  = "View-Secret"
)

// MePath is whoever asks.
const MePath = Prefix + "/me"

// SecretsPath is where secrets are created.
func SecretsPath() string { return Prefix + "/secrets" }

// SecretPath is one secret.
func SecretPath(id letterlock.SecretID) string { return Prefix + "/secrets/" + string(id) }

// ViewsPath is where a secret is opened.
func ViewsPath(id letterlock.SecretID) string { return SecretPath(id) + "/views" }

// FeedbackPath is where a reader answers "Was that you?".
func FeedbackPath(id letterlock.SecretID) string { return SecretPath(id) + "/feedback" }

// ViewPath is one view.
func ViewPath(id letterlock.ViewID) string { return Prefix + "/views/" + string(id) }

// PartPath is the ciphertext of one part of what a view opened.
func PartPath(id letterlock.ViewID, part string) string { return ViewPath(id) + "/parts/" + part }

// CreateRequest makes a secret. It is idempotent: the id is in the header, and
// the same request again gives the same answer.
type CreateRequest struct {
	Header     Bytes     `json:"header"`             // 64 bytes, format E1
	Commit     Bytes     `json:"commit"`             // 32 bytes
	LinkHash   Bytes     `json:"link_hash"`          // SHA-256 of the link proof
	AccessHash Bytes     `json:"access_hash"`        // SHA-256 of the access proof
	ManageHash Bytes     `json:"manage_hash"`        // SHA-256 of the manage token
	Content    Bytes     `json:"content"`            // ciphertext of part 0
	ExpiresIn  *int64    `json:"expires_in"`         // seconds; required
	MaxViews   ViewLimit `json:"max_views,omitzero"` // absent: 1; null: unlimited

	// Only signed-in senders may set these.
	Name             string `json:"name,omitzero"`
	Organization     Choice `json:"organization,omitzero"` // absent: the one they work in; null: none
	OrganizationOnly bool   `json:"organization_only,omitzero"`
	Language         string `json:"language,omitzero"` // of the opening page; absent: the reader's
}

// CreateResponse answers a create request: 201, or 200 for the same one again.
type CreateResponse struct {
	ID        letterlock.SecretID `json:"id"`
	State     letterlock.State    `json:"state"`
	CreatedAt time.Time           `json:"created_at"`
	ExpiresAt time.Time           `json:"expires_at"`
	MaxViews  *int                `json:"max_views"`
}

// SecretResponse is what a reader may know before opening.
type SecretResponse struct {
	ID            letterlock.SecretID `json:"id"`
	Header        Bytes               `json:"header"`
	State         letterlock.State    `json:"state"`
	ExpiresAt     time.Time           `json:"expires_at"`
	MaxViews      *int                `json:"max_views"`
	ViewsLeft     *int                `json:"views_left"`
	NeedsPassword bool                `json:"needs_password"`
	Size          int64               `json:"size"`  // padded bytes of all parts
	Files         int                 `json:"files"` // parts beside the text
	Gates         []letterlock.Gate   `json:"gates"` // what is still missing besides link and password
	TriesLeft     *int                `json:"tries_left,omitzero"`
	Language      string              `json:"language,omitzero"`     // that the sender chose
	Sender        *Sender             `json:"sender,omitzero"`       // absent: nobody we know
	Brand         *Brand              `json:"brand,omitzero"`        // of the sender's organization
	Organization  string              `json:"organization,omitzero"` // whose members alone may open it
}

// ReceiptResponse is what the sender sees, also after the end.
type ReceiptResponse struct {
	ID               letterlock.SecretID `json:"id"`
	Name             string              `json:"name"`
	Organization     *letterlock.OrgID   `json:"organization"`
	OrganizationOnly bool                `json:"organization_only"`
	Owner            *Sender             `json:"owner,omitzero"` // absent: nobody we know
	Header           Bytes               `json:"header"`
	State            letterlock.State    `json:"state"`
	CreatedAt        time.Time           `json:"created_at"`
	ExpiresAt        time.Time           `json:"expires_at"`
	EndedAt          *time.Time          `json:"ended_at,omitzero"`
	DisputedAt       *time.Time          `json:"disputed_at,omitzero"` // a reader said "it wasn't me"
	UnlockedAt       *time.Time          `json:"unlocked_at,omitzero"` // the one unlock is used
	MaxViews         *int                `json:"max_views"`
	Views            int                 `json:"views"`
	ViewsLeft        *int                `json:"views_left"`
	NeedsPassword    bool                `json:"needs_password"`
	PasswordFailures int                 `json:"password_failures"`
	TriesLeft        *int                `json:"tries_left,omitzero"`
	Size             int64               `json:"size"`
	Files            int                 `json:"files"`
	Gates            []letterlock.Gate   `json:"gates"`
	Events           []Event             `json:"events"`
	Recipients       []struct{}          `json:"recipients"`
}

// Event is one line of a receipt's timeline, oldest first.
type Event struct {
	At     time.Time         `json:"at"`
	Action letterlock.Action `json:"action"`
}

// ViewRequest opens a secret. The view id is the reader's choice: the same one
// again is the same view.
type ViewRequest struct {
	ViewID      Bytes `json:"view_id"`      // 16 random bytes
	ViewHash    Bytes `json:"view_hash"`    // SHA-256 of the view secret
	AccessProof Bytes `json:"access_proof"` // 32 bytes
}

// ViewResponse is the envelope: 201, or 200 for the same view again.
type ViewResponse struct {
	ViewID     letterlock.ViewID `json:"view_id"`
	Header     Bytes             `json:"header"`
	Commit     Bytes             `json:"commit"`
	Content    Bytes             `json:"content"`
	Parts      []int64           `json:"parts"` // sealed sizes
	ExpiresAt  time.Time         `json:"expires_at"`
	ViewsLeft  *int              `json:"views_left"`
	GraceUntil time.Time         `json:"grace_until"`
}

// ChangeRequest is what the sender can still change: never the content, never
// to anything longer or more.
type ChangeRequest struct {
	ExpiresIn *int64 `json:"expires_in,omitzero"` // seconds from now, sooner only
	Unlock    *bool  `json:"unlock,omitzero"`     // true, once
}

// FeedbackRequest answers "Was that you?".
type FeedbackRequest struct {
	Mine *bool `json:"mine"`
}

// ProblemType is the media type of every error under /api/.
const ProblemType = "application/problem+json"

// Problem is an error as RFC 9457 writes it, with a stable code. It never
// repeats a value of the request.
type Problem struct {
	Type      string            `json:"type"`
	Title     string            `json:"title"`
	Status    int               `json:"status"`
	Code      letterlock.Code   `json:"code"`
	Errors    []FieldError      `json:"errors,omitempty"`
	Reason    letterlock.State  `json:"reason,omitzero"`
	EndedAt   *time.Time        `json:"ended_at,omitzero"`
	TriesLeft *int              `json:"tries_left,omitzero"`
	Gates     []letterlock.Gate `json:"gates,omitempty"`
}

// FieldError is one wrong field of a request.
type FieldError struct {
	Field string               `json:"field"`
	Code  letterlock.FieldCode `json:"code"`
}
