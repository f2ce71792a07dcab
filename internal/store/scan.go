package store

import (
	"fmt"
	"strings"
	"time"

	"letterlock"
)

// Columns are scanned straight into the nouns. Times are stored as milliseconds
// UTC; the zero time, the zero hash, no limit of views and an id of nothing are
// NULL.

// fixed scans bytes of exactly this length; NULL is zeros.
type fixed []byte

func (f fixed) Scan(src any) error {
	b, ok := src.([]byte)
	switch {
	case src == nil:
		clear(f)
		return nil
	case !ok || len(b) != len(f):
		return fmt.Errorf("want %d bytes", len(f))
	}
	copy(f, b)
	return nil
}

// instant scans milliseconds.
type instant struct{ t *time.Time }

func (i instant) Scan(src any) error {
	switch ms := src.(type) {
	case nil:
		*i.t = time.Time{}
	case int64:
		*i.t = time.UnixMilli(ms).UTC()
	default:
		return fmt.Errorf("want milliseconds, have %T", src)
	}
	return nil
}

// number scans an integer; NULL is 0.
type number struct{ n *int }

func (i number) Scan(src any) error {
	switch n := src.(type) {
	case nil:
		*i.n = 0
	case int64:
		*i.n = int(n)
	default:
		return fmt.Errorf("want an integer, have %T", src)
	}
	return nil
}

// seconds scans a duration; NULL is 0.
type seconds struct{ d *time.Duration }

func (s seconds) Scan(src any) error {
	switch n := src.(type) {
	case nil:
		*s.d = 0
	case int64:
		*s.d = time.Duration(n) * time.Second
	default:
		return fmt.Errorf("want seconds, have %T", src)
	}
	return nil
}

// text scans a string; NULL is none.
type text struct{ s *string }

func (t text) Scan(src any) error {
	switch v := src.(type) {
	case nil:
		*t.s = ""
	case string:
		*t.s = v
	default:
		return fmt.Errorf("want text, have %T", src)
	}
	return nil
}

// bytes scans bytes into a string.
type bytes struct{ s *string }

func (b bytes) Scan(src any) error {
	v, ok := src.([]byte)
	if !ok {
		return fmt.Errorf("want bytes, have %T", src)
	}
	*b.s = string(v)
	return nil
}

// flag scans 0 or 1.
type flag struct{ b *bool }

func (f flag) Scan(src any) error {
	n, ok := src.(int64)
	if !ok || n != 0 && n != 1 {
		return fmt.Errorf("want 0 or 1, have %v", src)
	}
	*f.b = n == 1
	return nil
}

// scopes scans words with spaces between them.
type scopes struct{ s *[]letterlock.Scope }

func (s scopes) Scan(src any) error {
	v, ok := src.(string)
	if !ok {
		return fmt.Errorf("want text, have %T", src)
	}
	*s.s = nil
	for word := range strings.FieldsSeq(v) {
		*s.s = append(*s.s, letterlock.Scope(word))
	}
	return nil
}

func words(scopes []letterlock.Scope) string {
	var b strings.Builder
	for i, scope := range scopes {
		if i > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(string(scope))
	}
	return b.String()
}

func millis(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t.UnixMilli()
}

func limit(views int) any {
	if views == letterlock.Unlimited {
		return nil
	}
	return int64(views)
}

// orNull is text, or NULL for none.
func orNull[T ~string](s T) any {
	if s == "" {
		return nil
	}
	return string(s)
}

func bit(b bool) int64 {
	if b {
		return 1
	}
	return 0
}

func wholeSeconds(d time.Duration) any {
	if d == 0 {
		return nil
	}
	return int64(d / time.Second)
}
