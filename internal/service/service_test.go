package service_test

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"letterlock"
	"letterlock/internal/service"
	"letterlock/internal/testkit"
)

var ctx = context.Background()

const (
	lifetime = time.Hour // of the secrets in these tests
	size     = 1040      // of their content
)

// instance is a service on one engine.
type instance struct {
	*service.Service
	*testkit.Engine
}

// engines runs f on a service with room enough, on each engine.
func engines(t *testing.T, f func(t *testing.T, s *instance)) {
	t.Helper()
	enginesWithRoom(t, 1<<30, f)
}

// enginesWithRoom is engines with a bound on the bytes kept.
func enginesWithRoom(t *testing.T, bytes int64, f func(t *testing.T, s *instance)) {
	t.Helper()
	testkit.Engines(t, func(t *testing.T, e *testkit.Engine) { f(t, start(t, e, bytes)) })
}

func start(t *testing.T, e *testkit.Engine, bytes int64) *instance {
	t.Helper()
	s, err := service.New(ctx, e.DB, service.Config{
		MaxLifetime: letterlock.DefaultLifetime,
		MaxStored:   bytes,
		Log:         slog.New(slog.NewTextHandler(io.Discard, nil)),
	})
	if err != nil {
		t.Fatalf("New: %v", err)
	}
	return &instance{s, e}
}

// sealed is what a sender has made: what goes to the server and, for the tests
// to act as sender and reader, what does not.
type sealed struct {
	letterlock.NewSecret
	link, access, manage letterlock.Proof
}

func seal(views int) *sealed {
	x := &sealed{link: random(32), access: random(32), manage: random(32)}
	x.NewSecret = letterlock.NewSecret{
		Commit:     [32]byte(random(32)),
		LinkHash:   x.link.Hash(),
		AccessHash: x.access.Hash(),
		ManageHash: x.manage.Hash(),
		Content:    random(size),
		Limits:     letterlock.Limits{ExpiresIn: lifetime, Views: views},
	}
	x.Content[0] = 0xff // never UTF-8
	copy(x.Header[:], "SHE1\x01")
	copy(x.Header[36:52], random(16))
	return x
}

func sealWithPassword(views int) *sealed {
	x := seal(views)
	addPassword(&x.Header)
	return x
}

// addPassword makes the header one of Argon2id, 64 MiB, 3 passes, 1 lane.
func addPassword(h *letterlock.Header) {
	h[5], h[6] = 1, 2
	copy(h[8:20], []byte{0, 1, 0, 0, 0, 0, 0, 3, 0, 0, 0, 1})
	h[20] = 1 // a salt
}

func (x *sealed) id() letterlock.SecretID   { return x.Header.ID() }
func (x *sealed) reader() letterlock.Caller { return letterlock.Caller{Link: x.link} }
func (x *sealed) sender() letterlock.Caller { return letterlock.Caller{Manage: x.manage} }

// strangers are callers who hold something, but not the proof that counts.
func (x *sealed) strangers() map[string]letterlock.Caller {
	return map[string]letterlock.Caller{
		"nobody":           {},
		"another's proofs": {Link: random(32), Manage: random(32), View: random(32)},
		"access proof":     {Link: x.access, Manage: x.access, View: x.access},
		"the hashes":       {Link: x.LinkHash[:], Manage: x.ManageHash[:], View: x.AccessHash[:]},
	}
}

// tab is a reader's client about to open a secret.
type tab struct {
	id     letterlock.ViewID
	secret letterlock.Proof
	access letterlock.Proof
}

func (x *sealed) tab() tab {
	return tab{
		id:     letterlock.ViewID(base64.RawURLEncoding.EncodeToString(random(16))),
		secret: random(32),
		access: x.access,
	}
}

// wrongTab is a tab in which a wrong password was typed.
func (x *sealed) wrongTab() tab {
	v := x.tab()
	v.access = random(32)
	return v
}

func (v tab) with(access letterlock.Proof) tab  { v.access = access; return v }
func (v tab) caller() letterlock.Caller         { return letterlock.Caller{View: v.secret} }
func (s *instance) acknowledge(v tab) error     { return s.AcknowledgeView(ctx, v.caller(), v.id) }
func (s *instance) delete(x *sealed) error      { return s.DeleteSecret(ctx, x.sender(), x.id()) }
func (s *instance) peek(x *sealed) error        { _, err := s.PeekSecret(ctx, x.reader(), x.id()); return err }
func (s *instance) content(v tab) error         { _, err := s.ViewContent(ctx, v.caller(), v.id); return err }
func (s *instance) open(x *sealed, v tab) error { _, err := s.view(x, v); return err }

func (s *instance) view(x *sealed, v tab) (*letterlock.Opening, error) {
	return s.ViewSecret(ctx, x.reader(), x.id(), letterlock.NewView{ID: v.id, Hash: v.secret.Hash(), Access: v.access})
}

func (s *instance) unlock(x *sealed) error {
	return s.ChangeSecret(ctx, x.sender(), x.id(), service.Change{Unlock: true})
}

func (s *instance) shorten(x *sealed, in time.Duration) error {
	return s.ChangeSecret(ctx, x.sender(), x.id(), service.Change{ExpiresIn: &in})
}

// create keeps x, or ends the test.
func (s *instance) create(t testing.TB, x *sealed) *sealed {
	t.Helper()
	if _, created, err := s.CreateSecret(ctx, letterlock.Caller{}, &x.NewSecret); err != nil || !created {
		t.Fatalf("CreateSecret: created %t, %v; want true, ok", created, err)
	}
	return x
}

// opened opens x in a new tab, or ends the test.
func (s *instance) opened(t testing.TB, x *sealed) tab {
	t.Helper()
	v := x.tab()
	if err := s.open(x, v); err != nil {
		t.Fatalf("ViewSecret: %s, want ok", outcome(err))
	}
	return v
}

// lock has ten wrong passwords tried on x.
func (s *instance) lock(t testing.TB, x *sealed) {
	t.Helper()
	for left := letterlock.PasswordTries - 1; left >= 0; left-- {
		want(t, "ViewSecret with a wrong password", s.open(x, x.wrongTab()), fmt.Sprintf("wrong_password %d", left))
	}
}

func (s *instance) sweep(t testing.TB) {
	t.Helper()
	if _, err := s.Sweep(ctx); err != nil {
		t.Fatalf("Sweep: %v", err)
	}
}

func (s *instance) receipt(t testing.TB, x *sealed) *letterlock.Receipt {
	t.Helper()
	r, err := s.SecretReceipt(ctx, x.sender(), x.id())
	if err != nil {
		t.Fatalf("SecretReceipt: %v", err)
	}
	return r
}

// wantState compares the secret's state and the last things that were recorded.
func (s *instance) wantState(t testing.TB, x *sealed, state letterlock.State, last ...letterlock.Action) {
	t.Helper()
	r := s.receipt(t, x)
	if r.State() != state {
		t.Errorf("the state is %s, want %s", r.State(), state)
	}
	got := actions(r)
	if tail := got[max(0, len(got)-len(last)):]; !slices.Equal(tail, last) {
		t.Errorf("recorded last: %v, want %v", tail, last)
	}
}

func actions(r *letterlock.Receipt) (all []letterlock.Action) {
	for _, e := range r.Events {
		all = append(all, e.Action)
	}
	return all
}

func count(r *letterlock.Receipt, action letterlock.Action) (n int) {
	for _, e := range r.Events {
		if e.Action == action {
			n++
		}
	}
	return n
}

// unchanged checks that f leaves every byte of the database as it was.
func (s *instance) unchanged(t testing.TB, f func()) {
	t.Helper()
	before := s.Dump(t)
	f()
	if diff := cmp.Diff(before, s.Dump(t)); diff != "" {
		t.Errorf("the database changed (-before +after):\n%s", diff)
	}
}

// want compares how a call ended.
func want(t testing.TB, call string, err error, want string) {
	t.Helper()
	if got := outcome(err); got != want {
		t.Errorf("%s: %s, want %s", call, got, want)
	}
}

// outcome is an error in a few words: "ok", or the code with what says which.
func outcome(err error) string {
	var refusal *letterlock.Refusal
	var code letterlock.Code
	switch {
	case err == nil:
		return "ok"
	case errors.As(err, &refusal) && refusal.TriesLeft != nil:
		return fmt.Sprintf("%v %d", refusal, *refusal.TriesLeft)
	case errors.As(err, &refusal):
		return refusal.Error()
	case errors.As(err, &code):
		return code.Error()
	}
	return "unnamed error: " + err.Error()
}

// together runs f n times at once and counts how the calls ended.
func together(n int, f func(i int) error) map[string]int {
	ends := make([]string, n)
	begin := make(chan struct{})
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() {
			<-begin
			ends[i] = outcome(f(i))
		})
	}
	close(begin)
	wg.Wait()
	counts := map[string]int{}
	for _, end := range ends {
		counts[end]++
	}
	return counts
}

func random(n int) []byte {
	b := make([]byte, n)
	rand.Read(b)
	return b
}
