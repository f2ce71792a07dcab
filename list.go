package letterlock

import (
	"encoding/base64"
	"encoding/binary"
	"slices"
	"time"
)

// SecretSort is what a list of secrets is sorted by.
type SecretSort string

// The columns that sort. Among equals the later created is the greater.
const (
	ByCreated SecretSort = "created"
	ByExpires SecretSort = "expires"
	ByViews   SecretSort = "views"
	ByName    SecretSort = "name"
	ByStatus  SecretSort = "status" // in the order of a secret's life
)

// SecretSorts lists every sort.
func SecretSorts() []SecretSort {
	return []SecretSort{ByCreated, ByExpires, ByViews, ByName, ByStatus}
}

// States lists every state in the order of a secret's life.
func States() []State { return []State{Waiting, Opened, Locked, UsedUp, Expired, Deleted} }

// SecretQuery asks for a page of secrets: those of one owner in all spaces,
// those of one organization, or those of one owner in it.
type SecretQuery struct {
	Owner      UserID // this, Org or both
	Org        OrgID
	State      State  // empty: all
	Name       string // how the name begins, in any case; empty: all
	Sort       SecretSort
	Descending bool
	After      Cursor // the zero cursor: the first page
	Limit      int
}

// SecretPage is what a [SecretQuery] finds.
type SecretPage struct {
	Secrets []ListedSecret
	Next    Cursor // the zero cursor: there are no more
}

// ListedSecret is a secret in a list.
type ListedSecret struct {
	Secret
	OpenedAt  time.Time // the first view; zero: none
	OwnerName string    // how the owner is called; empty once the account is gone
}

// Cursor is where a page ended: the key that the list is sorted by, and the
// number of the row. It opens nothing; whoever makes one up sees their own list
// from another place.
type Cursor struct {
	Sort       SecretSort
	Descending bool
	Key        int64  // of every sort but by name
	NameKey    string // of the sort by name
	Number     int64
}

// String is the cursor as clients send it back, empty for the zero cursor.
func (c Cursor) String() string {
	if c.Sort == "" {
		return ""
	}
	how := byte(slices.Index(SecretSorts(), c.Sort)) << 1
	if c.Descending {
		how |= 1
	}
	b := binary.BigEndian.AppendUint64([]byte{how}, uint64(c.Number))
	if c.Sort == ByName {
		b = append(b, c.NameKey...)
	} else {
		b = binary.BigEndian.AppendUint64(b, uint64(c.Key))
	}
	return base64.RawURLEncoding.EncodeToString(b)
}

// ParseCursor reads what String wrote. It reports false for anything else.
func ParseCursor(s string) (Cursor, bool) {
	if s == "" {
		return Cursor{}, true
	}
	b, err := base64.RawURLEncoding.Strict().DecodeString(s)
	if err != nil || len(b) < 9 || int(b[0]>>1) >= len(SecretSorts()) {
		return Cursor{}, false
	}
	c := Cursor{Sort: SecretSorts()[b[0]>>1], Descending: b[0]&1 != 0, Number: int64(binary.BigEndian.Uint64(b[1:]))}
	switch rest := b[9:]; {
	case c.Sort == ByName:
		c.NameKey = string(rest)
	case len(rest) == 8:
		c.Key = int64(binary.BigEndian.Uint64(rest))
	default:
		return Cursor{}, false
	}
	return c, c.String() == s
}

// Check refuses what no list can answer, as a [Refusal] that names each field.
func (q *SecretQuery) Check() error {
	var fields []FieldError
	refuse := func(field string, code FieldCode) { fields = append(fields, FieldError{Field: field, Code: code}) }
	if q.State != "" && !slices.Contains(States(), q.State) {
		refuse("state", FieldOutOfRange)
	}
	if code := checkName(q.Name); code != "" {
		refuse("query", code)
	}
	if !slices.Contains(SecretSorts(), q.Sort) {
		refuse("sort", FieldOutOfRange)
	}
	if q.After != (Cursor{}) && (q.After.Sort != q.Sort || q.After.Descending != q.Descending) {
		refuse("cursor", FieldOutOfRange) // of another list
	}
	if q.Limit < 1 || q.Limit > MaxPage {
		refuse("limit", FieldOutOfRange)
	}
	return invalid(fields)
}

// MaxPage is how many entries a page may have.
const MaxPage = 100
