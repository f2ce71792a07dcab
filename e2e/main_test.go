// Package e2e drives the built program with a real browser, as people do, and
// the browser's envelope against the one in Go.
package e2e

import (
	"os"
	"testing"

	"letterlock/internal/testkit"
)

func TestMain(m *testing.M) { os.Exit(testkit.Main(m)) }
