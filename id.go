package letterlock

import "encoding/base32"

// Ids of all kinds look alike: 26 characters of lower-case base32 for 128 bits,
// which are random for everything but secrets. None is a capability: whoever
// has only an id learns nothing and can do nothing.

var idEncoding = base32.NewEncoding("abcdefghijklmnopqrstuvwxyz234567").WithPadding(base32.NoPadding)

// MakeID spells 128 bits as an id.
func MakeID[T ~string](bits [16]byte) T { return T(idEncoding.EncodeToString(bits[:])) }

// ParseID accepts the one canonical spelling of an id. Anything else is
// ErrNotFound, as an id that does not exist is.
func ParseID[T ~string](s string) (T, error) {
	b, err := idEncoding.DecodeString(s)
	if err != nil || len(b) != 16 || idEncoding.EncodeToString(b) != s {
		return "", ErrNotFound
	}
	return T(s), nil
}
