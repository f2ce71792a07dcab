package client_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"letterlock"
	"letterlock/api"
	"letterlock/client"
	"letterlock/envelope"
	"letterlock/internal/testkit"
)

// dial is a client of the instance at an address.
func dial(t *testing.T, server string) *client.Client {
	t.Helper()
	c, err := client.New(server)
	if err != nil {
		t.Fatalf("client.New(%q): %v", server, err)
	}
	return c.Hasten()
}

// create shares a secret.
func create(t *testing.T, c *client.Client, s *testkit.Sealed) {
	t.Helper()
	if _, err := c.CreateSecret(t.Context(), &s.NewSecret); err != nil {
		t.Fatalf("CreateSecret: %v", err)
	}
}

// wantRefusal checks the code of an error, and the reason of an end.
func wantRefusal(t *testing.T, call string, err error, code letterlock.Code, reason letterlock.State) {
	t.Helper()
	var refusal *letterlock.Refusal
	if !errors.Is(err, code) || !errors.As(err, &refusal) || refusal.Reason != reason {
		t.Errorf("%s = %v, want %s %s", call, err, code, reason)
	}
}

func TestNewRefusesWhatIsNoAddress(t *testing.T) {
	for _, server := range []string{
		"", "share.example.org", "ftp://share.example.org", "https://", "https://user:secret@share.example.org",
		"https://share.example.org/?q=secret", "https://share.example.org/#secret", "https://share example/", "http://[::1",
	} {
		if _, err := client.New(server); err == nil {
			t.Errorf("New(%q) succeeded, want an error", server)
		} else if strings.Contains(err.Error(), "secret") {
			t.Errorf("New(%q) = %v, which repeats the address", server, err)
		}
	}
}

func TestShareAndOpen(t *testing.T) {
	for _, base := range []string{"", "/share"} {
		t.Run("base"+base, func(t *testing.T) { shareAndOpen(t, base) })
	}
}

func shareAndOpen(t *testing.T, base string) {
	config := testkit.ServerConfig{}
	config.Base = base
	s := testkit.Serve(t, config)
	c, ctx := dial(t, s.URL+"/"), t.Context()
	secret := testkit.Seal(t, "the door code is 4711", "")

	made, err := c.CreateSecret(ctx, &secret.NewSecret)
	one := 1
	want := &api.CreateResponse{ID: secret.ID, State: letterlock.Waiting, CreatedAt: s.Clock.Now(), ExpiresAt: s.Clock.Now().Add(time.Hour), MaxViews: &one}
	if err != nil || !cmp.Equal(made, want) {
		t.Fatalf("CreateSecret = %v, difference %s", err, cmp.Diff(want, made))
	}
	seen, err := c.PeekSecret(ctx, secret.ID, secret.Link)
	if err != nil || seen.State != letterlock.Waiting || seen.NeedsPassword || *seen.ViewsLeft != 1 {
		t.Fatalf("PeekSecret = %+v, %v", seen, err)
	}
	view, viewSecret := secret.NewView()
	for _, call := range []string{"first", "replayed"} {
		opened, err := c.ViewSecret(ctx, secret.ID, secret.Link, view)
		if err != nil {
			t.Fatalf("ViewSecret, %s: %v", call, err)
		}
		if got := open(t, secret, opened); got != "the door code is 4711" {
			t.Errorf("ViewSecret, %s, opened to %q", call, got)
		}
	}
	content, err := c.ViewContent(ctx, view.ID, viewSecret)
	if err != nil || !cmp.Equal(content, secret.Content) {
		t.Errorf("ViewContent = %d bytes, %v, want the %d sent", len(content), err, len(secret.Content))
	}
	if err := c.AcknowledgeView(ctx, view.ID, viewSecret); err != nil {
		t.Fatalf("AcknowledgeView: %v", err)
	}
	_, err = c.ViewSecret(ctx, secret.ID, secret.Link, view)
	wantRefusal(t, "ViewSecret after the acknowledgement", err, letterlock.ErrGone, letterlock.ViewClosed)
	_, err = c.PeekSecret(ctx, secret.ID, secret.Link)
	wantRefusal(t, "PeekSecret after the last view", err, letterlock.ErrGone, letterlock.UsedUp)
	if err := c.GiveFeedback(ctx, secret.ID, secret.Link, false); err != nil {
		t.Errorf("GiveFeedback: %v", err)
	}
	receipt, err := c.SecretReceipt(ctx, secret.ID, secret.Manage)
	if err != nil || receipt.State != letterlock.UsedUp || receipt.Views != 1 || receipt.DisputedAt == nil {
		t.Errorf("SecretReceipt = %+v, %v", receipt, err)
	}
	if err := c.DeleteSecret(ctx, secret.ID, secret.Manage); err != nil {
		t.Errorf("DeleteSecret: %v", err)
	}
}

// open is what a reader's client does with the answer.
func open(t *testing.T, s *testkit.Sealed, v *api.ViewResponse) string {
	t.Helper()
	header, err := envelope.ParseHeader(v.Header)
	if err != nil {
		t.Fatalf("ParseHeader: %v", err)
	}
	keys, err := envelope.DeriveKeys(s.Envelope.Link, header, "")
	if err != nil {
		t.Fatalf("DeriveKeys: %v", err)
	}
	_, text, err := keys.Open([32]byte(v.Commit), v.Content)
	if err != nil {
		t.Fatalf("Open: %v", err)
	}
	return text
}

func TestSenderChanges(t *testing.T) {
	s := testkit.Serve(t, testkit.ServerConfig{})
	c, ctx := dial(t, s.URL), t.Context()
	secret := testkit.Seal(t, "text", "a password")
	create(t, c, secret)
	if err := c.ShortenSecret(ctx, secret.ID, secret.Manage, 30*time.Minute); err != nil {
		t.Errorf("ShortenSecret: %v", err)
	}
	err := c.ShortenSecret(ctx, secret.ID, secret.Manage, 31*time.Minute)
	var refusal *letterlock.Refusal
	want := []letterlock.FieldError{{Field: "expires_in", Code: letterlock.FieldNotSooner}}
	if !errors.As(err, &refusal) || !cmp.Equal(refusal.Fields, want) {
		t.Errorf("ShortenSecret to later = %v, want %v", err, want)
	}
	wantRefusal(t, "UnlockSecret of one that is not locked", c.UnlockSecret(ctx, secret.ID, secret.Manage), letterlock.ErrConflict, "")

	view, _ := secret.NewView()
	for left := letterlock.PasswordTries - 1; left >= 0; left-- {
		view.Access = append(letterlock.Proof{secret.Access[0] ^ byte(left+1)}, secret.Access[1:]...)
		_, err := c.ViewSecret(ctx, secret.ID, secret.Link, view)
		if !errors.As(err, &refusal) || refusal.Code != letterlock.ErrWrongPass || refusal.TriesLeft == nil || *refusal.TriesLeft != left {
			t.Fatalf("ViewSecret with a wrong password = %v, want %d tries left", err, left)
		}
	}
	_, err = c.PeekSecret(ctx, secret.ID, secret.Link)
	wantRefusal(t, "PeekSecret of a locked secret", err, letterlock.ErrGone, letterlock.Locked)
	if err := c.UnlockSecret(ctx, secret.ID, secret.Manage); err != nil {
		t.Errorf("UnlockSecret: %v", err)
	}
}

func TestRefusals(t *testing.T) {
	s := testkit.Serve(t, testkit.ServerConfig{})
	c, ctx := dial(t, s.URL), t.Context()
	secret, other := testkit.Seal(t, "text", ""), testkit.Seal(t, "other", "")
	create(t, c, secret)

	changed := secret.NewSecret
	changed.Limits.Views = 2
	_, err := c.CreateSecret(ctx, &changed)
	wantRefusal(t, "CreateSecret with other limits", err, letterlock.ErrConflict, "")
	_, err = c.PeekSecret(ctx, secret.ID, other.Link)
	wantRefusal(t, "PeekSecret with another link", err, letterlock.ErrNotFound, "")
	_, err = c.SecretReceipt(ctx, secret.ID, other.Manage)
	wantRefusal(t, "SecretReceipt with another token", err, letterlock.ErrNotFound, "")
	wantRefusal(t, "DeleteSecret with another token", c.DeleteSecret(ctx, secret.ID, other.Manage), letterlock.ErrNotFound, "")
	wantRefusal(t, "GiveFeedback before a view", c.GiveFeedback(ctx, secret.ID, secret.Link, true), letterlock.ErrConflict, "")
	view, viewSecret := other.NewView()
	_, err = c.ViewSecret(ctx, secret.ID, secret.Link, view)
	wantRefusal(t, "ViewSecret with another access proof", err, letterlock.ErrWrongProof, "")
	wantRefusal(t, "AcknowledgeView of none", c.AcknowledgeView(ctx, view.ID, viewSecret), letterlock.ErrNotFound, "")
	_, err = c.ViewContent(ctx, view.ID, viewSecret)
	wantRefusal(t, "ViewContent of no view", err, letterlock.ErrNotFound, "")
	view.ID = "not base64!"
	_, err = c.ViewSecret(ctx, secret.ID, secret.Link, view)
	wantRefusal(t, "ViewSecret with a malformed view id", err, letterlock.ErrInvalid, "")
}

// The answer is lost after the server did what it was asked: the call is sent
// again, and everything counts once.
func TestLostAnswersCountOnce(t *testing.T) {
	s := testkit.Serve(t, testkit.ServerConfig{})
	var calls atomic.Int32
	lossy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if calls.Add(1)%3 != 0 {
			s.Web.ServeHTTP(httptest.NewRecorder(), r)
			panic(http.ErrAbortHandler)
		}
		s.Web.ServeHTTP(w, r)
	}))
	defer lossy.Close()
	c, ctx := dial(t, lossy.URL), t.Context()
	secret := testkit.Seal(t, "text", "")
	create(t, c, secret)
	view, viewSecret := secret.NewView()
	if _, err := c.ViewSecret(ctx, secret.ID, secret.Link, view); err != nil {
		t.Errorf("ViewSecret: %v", err)
	}
	if err := c.AcknowledgeView(ctx, view.ID, viewSecret); err != nil {
		t.Errorf("AcknowledgeView: %v", err)
	}
	receipt, err := c.SecretReceipt(ctx, secret.ID, secret.Manage)
	if err != nil {
		t.Fatalf("SecretReceipt: %v", err)
	}
	var actions []letterlock.Action
	for _, e := range receipt.Events {
		actions = append(actions, e.Action)
	}
	want := []letterlock.Action{letterlock.ActionCreated, letterlock.ActionOpened, letterlock.ActionConfirmed}
	if diff := cmp.Diff(want, actions); diff != "" || receipt.Views != 1 {
		t.Errorf("after lost answers: %d views, events %s", receipt.Views, diff)
	}
	if n := calls.Load(); n != 12 {
		t.Errorf("4 calls of which each lost two answers were sent %d times, want 12", n)
	}
}

// A shortening is not sent again: the server counts from when it hears of it.
func TestShortenIsSentOnce(t *testing.T) {
	var calls atomic.Int32
	broken := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		calls.Add(1)
		panic(http.ErrAbortHandler)
	}))
	defer broken.Close()
	secret := testkit.Seal(t, "text", "")
	err := dial(t, broken.URL).ShortenSecret(t.Context(), secret.ID, secret.Manage, time.Minute)
	if !errors.Is(err, letterlock.ErrUnavailable) || calls.Load() != 1 {
		t.Errorf("ShortenSecret = %v after %d requests, want unavailable after 1", err, calls.Load())
	}
}

func TestGivesUp(t *testing.T) {
	var calls atomic.Int32
	busy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		calls.Add(1)
		w.WriteHeader(http.StatusServiceUnavailable) // as a proxy says it
	}))
	defer busy.Close()
	secret := testkit.Seal(t, "text", "")
	_, err := dial(t, busy.URL).PeekSecret(t.Context(), secret.ID, secret.Link)
	if !errors.Is(err, letterlock.ErrUnavailable) || calls.Load() != client.Attempts {
		t.Errorf("PeekSecret = %v after %d requests, want unavailable after %d", err, calls.Load(), client.Attempts)
	}
}

// A caller that gives up is told so at once, even while the client pauses as
// long as the server asked.
func TestCallerGivesUp(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	busy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Retry-After", "60000")
		w.WriteHeader(http.StatusServiceUnavailable)
		cancel()
	}))
	defer busy.Close()
	secret := testkit.Seal(t, "text", "")
	_, err := dial(t, busy.URL).PeekSecret(ctx, secret.ID, secret.Link)
	if !errors.Is(err, context.Canceled) {
		t.Errorf("PeekSecret = %v, want %v", err, context.Canceled)
	}
}
