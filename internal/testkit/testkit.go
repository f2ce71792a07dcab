// Package testkit is what tests of several packages need: both database
// engines, a clock set by hand, a server, the built program and a browser.
//
// A test of rows or verbs runs on both engines:
//
//	testkit.Engines(t, func(t *testing.T, e *testkit.Engine) {
//		// e.DB is open and empty, e.Clock stands still until advanced
//	})
//
// Only tests import it.
package testkit

import (
	"os"
	"testing"
)

// missing skips a test that cannot run on this machine. Where CI is set it
// fails instead: silence is how engines go untested.
func missing(t testing.TB, what string) {
	t.Helper()
	if os.Getenv("CI") != "" {
		t.Fatalf("%s, and CI is set", what)
	}
	t.Skip(what)
}
