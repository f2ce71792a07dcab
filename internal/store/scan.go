package store

import (
	"fmt"
	"time"

	"letterlock"
)

// Columns are scanned straight into the nouns. Times are stored as milliseconds
// UTC; the zero time, the zero hash and no limit of views are NULL.

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

// seconds scans a duration.
type seconds struct{ d *time.Duration }

func (s seconds) Scan(src any) error {
	n, ok := src.(int64)
	if !ok {
		return fmt.Errorf("want seconds, have %T", src)
	}
	*s.d = time.Duration(n) * time.Second
	return nil
}

// state scans an end; NULL is none.
type state struct{ s *letterlock.State }

func (s state) Scan(src any) error {
	switch v := src.(type) {
	case nil:
		*s.s = ""
	case string:
		*s.s = letterlock.State(v)
	default:
		return fmt.Errorf("want text, have %T", src)
	}
	return nil
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
