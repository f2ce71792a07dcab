package web

import (
	"bytes"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// A panic is answered like any other defect: the client learns nothing of it,
// the log everything.
func TestPanicIsAnswered(t *testing.T) {
	var log bytes.Buffer
	s := &Server{config: Config{Log: slog.New(slog.NewTextHandler(&log, nil))}}
	handler := s.outermost(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic("canary") }))
	rec := httptest.NewRecorder()
	handler.ServeHTTP(rec, httptest.NewRequest("GET", "/api/v1/secrets/x", nil))
	if rec.Code != 500 || strings.Contains(rec.Body.String(), "canary") || !strings.Contains(rec.Body.String(), `"code":"internal"`) {
		t.Errorf("a panic was answered with %d %s, want 500 internal and nothing more", rec.Code, rec.Body)
	}
	if !strings.Contains(log.String(), "canary") || !strings.Contains(log.String(), "panic_test.go") {
		t.Errorf("the log does not tell of the panic: %s", log.String())
	}
}
