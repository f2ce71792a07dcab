package client_test

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"letterlock"
	"letterlock/api"
	"letterlock/internal/testkit"
)

// What a server may not answer. None of it is taken, repeated in the error, or
// asked for a second time.
func TestHostileAnswers(t *testing.T) {
	secret := testkit.Seal(t, "text", "")
	seen := func(id string, header int) string {
		return fmt.Sprintf(`{"id":%q,"header":%q}`, id, api.Bytes(make([]byte, header)))
	}
	id := string(secret.ID)
	tests := []struct {
		name   string
		status int
		kind   string
		body   string
	}{
		{"a page", 200, "text/html", "<h1>evil</h1>"},
		{"no media type", 200, "", seen(id, 64)},
		{"not JSON", 200, "application/json", "evil"},
		{"a name twice", 200, "application/json", `{"id":"evil",` + seen(id, 64)[1:]},
		{"trailing data", 200, "application/json", seen(id, 64) + "evil"},
		{"wrong type", 200, "application/json", `{"id":17}`},
		{"padded bytes", 200, "application/json", strings.Replace(seen(id, 64), `A"}`, `A=="}`, 1)},
		{"another secret", 200, "application/json", seen("evil", 64)},
		{"a short header", 200, "application/json", seen(id, 63)},
		{"null", 200, "application/json", "null"},
		{"endless", 200, "application/json", strings.Repeat(" ", 5<<20)},
		{"an error page", 404, "text/html", "<h1>evil</h1>"},
		{"a problem of another type", 404, "application/json", `{"status":404,"code":"not_found"}`},
		{"a problem of another status", 404, api.ProblemType, `{"status":410,"code":"gone"}`},
		{"an unknown code", 404, api.ProblemType, `{"status":404,"code":"evil"}`},
		{"a spelled code", 404, api.ProblemType, `{"status":404,"CODE":"not_found"}`},
		{"escapes for a terminal", 422, api.ProblemType, `{"status":422,"code":"invalid","errors":[{"field":"\u001b]evil","code":"unknown"}]}`},
		{"escapes in a field's code", 422, api.ProblemType, `{"status":422,"code":"invalid","errors":[{"field":"name","code":"\u001b]evil"}]}`},
		{"escapes in a reason", 410, api.ProblemType, `{"status":410,"code":"gone","reason":"\u001b]evil"}`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var calls atomic.Int32
			hostile := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				calls.Add(1)
				w.Header()["Content-Type"] = []string{tt.kind}
				w.WriteHeader(tt.status)
				w.Write([]byte(tt.body))
			}))
			defer hostile.Close()
			got, err := dial(t, hostile.URL).PeekSecret(t.Context(), secret.ID, secret.Link)
			if err == nil || got != nil {
				t.Fatalf("PeekSecret = %+v, %v, want an error alone", got, err)
			}
			if refusal, ok := errors.AsType[*letterlock.Refusal](err); ok {
				t.Errorf("PeekSecret = %v, which passes for a refusal of the service", refusal)
			}
			for _, bad := range []string{"evil", "\x1b", id, api.Bytes(secret.Link).String()} {
				if strings.Contains(err.Error(), bad) {
					t.Errorf("PeekSecret = %v, which repeats %q", err, bad)
				}
			}
			if calls.Load() != 1 {
				t.Errorf("PeekSecret was sent %d times, want once", calls.Load())
			}
		})
	}
}

// Content that does not end is not cut to what was read of it.
func TestEndlessContent(t *testing.T) {
	hostile := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/octet-stream")
		for range 5 << 10 {
			w.Write(make([]byte, 1<<10))
		}
	}))
	defer hostile.Close()
	view, viewSecret := testkit.Seal(t, "text", "").NewView()
	content, err := dial(t, hostile.URL).ViewContent(t.Context(), view.ID, viewSecret)
	if err == nil || content != nil {
		t.Errorf("ViewContent of 5 MiB = %d bytes, %v, want an error alone", len(content), err)
	}
}

// A redirect would carry the proofs to whoever it names.
func TestRedirectsAreNotFollowed(t *testing.T) {
	secret := testkit.Seal(t, "text", "")
	for _, status := range []int{301, 302, 303, 307, 308} {
		var followed atomic.Bool
		elsewhere := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { followed.Store(true) }))
		defer elsewhere.Close()
		hostile := httptest.NewServer(http.RedirectHandler(elsewhere.URL, status))
		defer hostile.Close()
		c := dial(t, hostile.URL)
		if _, err := c.PeekSecret(t.Context(), secret.ID, secret.Link); err == nil || followed.Load() {
			t.Errorf("PeekSecret answered with %d: followed %v, error %v", status, followed.Load(), err)
		}
		if err := c.DeleteSecret(t.Context(), secret.ID, secret.Manage); err == nil || followed.Load() {
			t.Errorf("DeleteSecret answered with %d: followed %v, error %v", status, followed.Load(), err)
		}
	}
}

// Nothing answers there: the error is about the network, not about the secret.
func TestErrorsOfTheNetworkNameNoSecret(t *testing.T) {
	closed := httptest.NewServer(http.NotFoundHandler())
	closed.Close()
	secret := testkit.Seal(t, "text", "")
	_, err := dial(t, closed.URL).PeekSecret(t.Context(), secret.ID, secret.Link)
	if err == nil || strings.Contains(err.Error(), string(secret.ID)) {
		t.Errorf("PeekSecret = %v, want an error without the id", err)
	}
}
