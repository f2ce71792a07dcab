package testkit

import (
	"sync/atomic"
	"time"
)

// begin is what a new clock shows, and what PostgreSQL's shows in tests.
var begin = time.Date(2026, time.January, 1, 0, 0, 0, 0, time.UTC)

// Clock is a clock set by hand, to the millisecond, for both engines. It is
// safe for concurrent use.
type Clock struct{ offset atomic.Int64 }

// Now is the time it shows.
func (c *Clock) Now() time.Time { return begin.Add(c.Offset()) }

// Offset is how far it was advanced: PostgreSQL's own clock stands still in
// the schema of a test.
func (c *Clock) Offset() time.Duration { return time.Duration(c.offset.Load()) }

// Advance moves it forward.
func (c *Clock) Advance(d time.Duration) { c.offset.Add(int64(d)) }

// Set moves it to an instant.
func (c *Clock) Set(to time.Time) { c.offset.Store(int64(to.Sub(begin))) }
