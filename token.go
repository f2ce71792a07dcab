package letterlock

import (
	"hash/crc32"
	"math/big"
	"slices"
	"strings"
	"time"
)

// An API token is ll_, 256 bits as 43 digits of base 62, and 6 more for the
// CRC-32 of all that precedes. The prefix lets scanners find leaked ones, the
// checksum lets clients and scanners tell a token from what looks like one.
const (
	tokenPrefix = "ll_"
	tokenDigits = 43
	checkDigits = 6
)

const base62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

// MakeToken spells 256 bits as an API token.
func MakeToken(bits [32]byte) Proof {
	body := tokenPrefix + digits62(new(big.Int).SetBytes(bits[:]), tokenDigits)
	return Proof(body + tokenCheck(body))
}

// ParseToken accepts what MakeToken spells, and refuses anything else as
// ErrUnauthorized. Whether the token is anybody's, its hash tells.
func ParseToken(s string) (Proof, error) {
	end := len(tokenPrefix) + tokenDigits
	if len(s) != end+checkDigits || !strings.HasPrefix(s, tokenPrefix) || s[end:] != tokenCheck(s[:end]) {
		return nil, ErrUnauthorized
	}
	for _, digit := range []byte(s[len(tokenPrefix):end]) {
		if strings.IndexByte(base62, digit) < 0 {
			return nil, ErrUnauthorized
		}
	}
	return Proof(s), nil
}

func tokenCheck(body string) string {
	return digits62(big.NewInt(int64(crc32.ChecksumIEEE([]byte(body)))), checkDigits)
}

// digits62 writes a number in base 62 with so many digits, the highest first.
func digits62(n *big.Int, count int) string {
	digits := make([]byte, count)
	base, digit := big.NewInt(int64(len(base62))), new(big.Int)
	for i := range slices.Backward(digits) {
		n.DivMod(n, base, digit)
		digits[i] = base62[digit.Int64()]
	}
	return string(digits)
}

// Scope is one thing that an API token may be used for.
type Scope string

// The scopes.
const (
	ScopeCreate Scope = "secret:create"
	ScopeRead   Scope = "secret:read" // receipts and lists; content takes the link
	ScopeDelete Scope = "secret:delete"
	ScopeOrg    Scope = "org:read"
	ScopeAudit  Scope = "audit:read"
)

// Scopes lists every scope.
func Scopes() []Scope { return []Scope{ScopeCreate, ScopeRead, ScopeDelete, ScopeOrg, ScopeAudit} }

// How long an API token lives.
const (
	TokenLife    = 90 * 24 * time.Hour // unless its user chose another
	MaxTokenLife = 365 * 24 * time.Hour
)

// TokenID names an API token in the list that its user sees.
type TokenID string

// APIToken lets a program act for a user, with those of the user's rights that
// its scopes name, and never with more than the user has at that moment.
type APIToken struct {
	ID        TokenID
	UserID    UserID
	OrgID     OrgID // the only one it acts in; empty: all of its user's, and the personal space
	Name      string
	Hash      Hash // of its text
	Scopes    []Scope
	CreatedAt time.Time
	ExpiresAt time.Time
	UsedAt    time.Time // to the minute
	RevokedAt time.Time
}

// Good reports whether the token still stands for its user.
func (t *APIToken) Good(now time.Time) bool { return t.RevokedAt.IsZero() && now.Before(t.ExpiresAt) }

// Allows reports whether the token may be used for something.
func (t *APIToken) Allows(scope Scope) bool { return slices.Contains(t.Scopes, scope) }

// CheckScopes refuses no scopes, unknown ones and repeated ones, as a [Refusal].
func CheckScopes(scopes []Scope) error {
	if len(scopes) == 0 {
		return Invalid("scopes", FieldRequired)
	}
	for i, scope := range scopes {
		switch {
		case !slices.Contains(Scopes(), scope):
			return Invalid("scopes", FieldOutOfRange)
		case slices.Contains(scopes[:i], scope):
			return Invalid("scopes", FieldDuplicate)
		}
	}
	return nil
}
