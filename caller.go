package letterlock

import (
	"crypto/sha256"
	"crypto/subtle"
	"fmt"
)

// Caller is who asks, by what they hold. Each proof is empty if it was not
// presented.
type Caller struct {
	Link   Proof // the link proof: has the whole link
	Manage Proof // the manage token: is the sender
	View   Proof // the view secret: opened this view
}

// HoldsLink reports whether the caller proved to hold the link of s.
func (c Caller) HoldsLink(s *Secret) bool { return c.Link.Opens(s.LinkHash) }

// Manages reports whether the caller proved to be the sender of s.
func (c Caller) Manages(s *Secret) bool { return c.Manage.Opens(s.ManageHash) }

// Proof is a bearer secret: whoever shows it may do something. It never prints.
type Proof []byte

// Opens reports whether p is what was hashed to h. An empty proof opens
// nothing.
func (p Proof) Opens(h Hash) bool { return len(p) > 0 && p.Hash().Equal(h) }

// Hash is how a proof is stored and compared.
func (p Proof) Hash() Hash { return sha256.Sum256(p) }

// Format prints [redacted] under every verb.
func (p Proof) Format(f fmt.State, _ rune) { f.Write([]byte("[redacted]")) }

// MarshalText writes [redacted], also as JSON and in a log, where slog prints
// the bytes of a slice else. A proof on the wire is api.Bytes on purpose.
func (p Proof) MarshalText() ([]byte, error) { return []byte("[redacted]"), nil }

// Hash is the SHA-256 of a [Proof]. It opens nothing, but it does not belong
// into logs either, and so never prints.
type Hash [sha256.Size]byte

// Equal compares in constant time.
func (h Hash) Equal(other Hash) bool { return subtle.ConstantTimeCompare(h[:], other[:]) == 1 }

// Format prints [redacted] under every verb.
func (h Hash) Format(f fmt.State, _ rune) { f.Write([]byte("[redacted]")) }

// MarshalText writes [redacted], also as JSON and in a log.
func (h Hash) MarshalText() ([]byte, error) { return []byte("[redacted]"), nil }
