package letterlock

import (
	"crypto/sha256"
	"crypto/subtle"
	"fmt"
	"net/netip"
)

// Caller is who asks: by who they are, if they signed in, and by what they
// hold. Each proof is empty if it was not presented.
type Caller struct {
	User    *User     // nil: nobody we know
	Session *Session  // how User signed in; nil with a token
	Token   *APIToken // how User signed in; nil with a session
	Org     OrgID     // the organization they work in; empty: the personal space
	Role    Role      // theirs in Org at this moment; empty: none

	Net Net // where from

	Link   Proof // the link proof: has the whole link
	Manage Proof // the manage token: is the sender
	View   Proof // the view secret: opened this view
}

// UserID is the caller's, empty for nobody we know.
func (c Caller) UserID() UserID {
	if c.User == nil {
		return ""
	}
	return c.User.ID
}

// Format prints the id of the user under every verb. Under a verb that does not
// fit, fmt would print what the pointers lead to without asking it, the hashes
// in it too.
func (c Caller) Format(f fmt.State, _ rune) { f.Write([]byte("[caller " + string(c.UserID()) + "]")) }

// Allows reports whether the way in which the caller signed in is good for
// something: a session is for everything, a token for its scopes. The role says
// whether the user may.
func (c Caller) Allows(scope Scope) bool {
	return c.User != nil && (c.Token == nil || c.Token.Allows(scope))
}

// ActsIn reports whether the way in which the caller signed in reaches an
// organization or, if that is empty, the personal space: a token made for one
// organization reaches nothing else.
func (c Caller) ActsIn(org OrgID) bool {
	return c.User != nil && (c.Token == nil || c.Token.OrgID == "" || c.Token.OrgID == org)
}

// Net is as much of an address as is kept, as CIDR: /24 of IPv4, /48 of IPv6.
// Empty is nowhere we know.
type Net string

// NetOf is the network of an address.
func NetOf(addr netip.Addr) Net {
	addr = addr.Unmap().WithZone("")
	bits := 48
	if addr.Is4() {
		bits = 24
	}
	prefix, err := addr.Prefix(bits)
	if err != nil || !prefix.IsValid() {
		return "" // of no address
	}
	return Net(prefix.String())
}

// Prefix is the network as it was, the zero prefix if none is known.
func (n Net) Prefix() netip.Prefix {
	prefix, err := netip.ParsePrefix(string(n))
	if err != nil {
		return netip.Prefix{}
	}
	return prefix
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
