package letterlock

import "time"

// ViewID names one view. The reader's client chooses it at random, so that the
// same call repeated counts once: 22 characters of base64url from 16 bytes.
type ViewID string

// NewView is a reader's request to open a secret.
type NewView struct {
	ID     ViewID
	Hash   Hash  // of the view secret, which fetches again and acknowledges
	Access Proof // proof of link and password together
}

// View is one counted opening.
type View struct {
	ID         ViewID
	SecretID   SecretID
	Hash       Hash
	Number     int // the first view of a secret is 1
	OpenedAt   time.Time
	GraceUntil time.Time
	ClosedAt   time.Time // acknowledged; zero while the reader may come back
}

// Open reports whether the reader may still fetch this view's content.
func (v *View) Open(now time.Time) bool { return v.ClosedAt.IsZero() && now.Before(v.GraceUntil) }

// LeftAfter is how many views the secret had left after this one, nil if they
// are unlimited: the same number however often the view is asked for.
func (v *View) LeftAfter(s *Secret) *int { return s.leftAfter(v.Number) }

// Opening is what a reader gets for a view.
type Opening struct {
	View    *View
	Secret  *Secret
	Content []byte
	Again   bool // this view was counted before
}
