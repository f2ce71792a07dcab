package testkit_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"letterlock/internal/store"
	"letterlock/internal/testkit"
)

// A transaction's time is the clock's on both engines, to the millisecond:
// tests of expiry rest on it.
func TestEnginesRunByTheClock(t *testing.T) {
	testkit.Engines(t, func(t *testing.T, e *testkit.Engine) {
		for range 3 {
			var now time.Time
			err := e.DB.Tx(context.Background(), func(tx *store.Tx) (err error) {
				now, err = tx.Now()
				return err
			})
			if want := e.Clock.Now(); err != nil || !now.Equal(want) {
				t.Fatalf("tx.Now() = %v, %v, want %v", now, err, want)
			}
			e.Clock.Advance(time.Hour + time.Millisecond)
		}
	})
}

// Dump shows a row that was written: else equal dumps would prove nothing.
func TestDumpShowsWrites(t *testing.T) {
	testkit.Engines(t, func(t *testing.T, e *testkit.Engine) {
		before := e.Dump(t)
		e.Exec(t, `CREATE TABLE added (name TEXT, bytes BYTEA)`)
		e.Exec(t, `INSERT INTO added VALUES ($1, $2)`, "a name", []byte{0xab})
		after := e.Dump(t)
		if before == after || !strings.Contains(after, "added a name | ab") {
			t.Errorf("Dump() after a write = %q, before %q", after, before)
		}
	})
}
