package web

import (
	"bytes"
	"log/slog"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// TestAccessLog: a line says which route was asked for, from which network, and
// nothing that is a person's or a secret's.
func TestAccessLog(t *testing.T) {
	var log bytes.Buffer
	s := &Server{config: Config{Log: slog.New(slog.NewTextHandler(&log, nil))}}
	r := httptest.NewRequest("BREW", "/s/wkvujgqs526n6gw6opkqwgugf4%23aeaaaaicamcakbqh", nil)
	r.Pattern = "/s/{rest...}"
	r.RemoteAddr = "[2001:db8:1:2:3:4:5:6]:1234"
	r.Header.Set("User-Agent", "canary")
	s.logAccess(&loggedWriter{ResponseWriter: httptest.NewRecorder(), status: 200, bytes: 7}, r, time.Now())

	line := log.String()
	for _, want := range []string{"method=other", "route=/s/{rest...}", "status=200", "bytes=7", "client=2001:db8:1:2::/64"} {
		if !strings.Contains(line, want) {
			t.Errorf("access log %q, want %s in it", line, want)
		}
	}
	for _, never := range []string{"BREW", "wkvu", "aeaa", "canary", "3:4:5:6"} {
		if strings.Contains(line, never) {
			t.Errorf("access log %q has %s in it", line, never)
		}
	}
}
