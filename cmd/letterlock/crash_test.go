package main

import (
	"context"
	"errors"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"

	"letterlock"
	"letterlock/api"
	"letterlock/envelope"
	"letterlock/internal/testkit"
)

const (
	crashes = 5
	senders = 8
)

// crashed is a secret of one view as its sender and reader remember it after a
// crash. Every second one was opened, or was being opened.
type crashed struct {
	*testkit.Sealed
	view   letterlock.NewView
	tried  bool // to open it
	opened bool // and was answered
}

// TestCrashes kills the program in the middle of creates and views. Afterwards
// every secret that was acknowledged is there and opens, and none opens more
// often than it may.
func TestCrashes(t *testing.T) {
	data := t.TempDir()
	var secrets []*crashed
	for range crashes {
		made := untilCrash(t, serve(t, data))
		if len(made) == 0 {
			t.Error("no create was acknowledged before the crash")
		}
		secrets = append(secrets, made...)
	}
	s := serve(t, data)
	opened := 0
	for _, c := range secrets {
		if c.opened {
			opened++
		}
		c.verify(t, s)
	}
	t.Logf("%d secrets, %d of them opened, over %d crashes", len(secrets), opened, crashes)
	if opened == 0 {
		t.Error("no view was acknowledged before a crash")
	}
}

// untilCrash shares and opens secrets until the program is killed, and returns
// those whose creation was acknowledged.
func untilCrash(t *testing.T, s *instance) []*crashed {
	t.Helper()
	// Given up at the crash, so that no client waits for the program to return.
	ctx, cancel := context.WithCancel(t.Context())
	var crash sync.WaitGroup
	var answers atomic.Int64
	enough := 20 + rand.Int64N(200)
	answered := func() {
		if answers.Add(1) == enough {
			crash.Go(func() {
				s.kill()
				cancel()
			})
		}
	}
	var wg sync.WaitGroup
	made := make([][]*crashed, senders)
	for i := range senders {
		wg.Go(func() { made[i] = share(ctx, t, s, answered) })
	}
	wg.Wait()
	crash.Wait()
	cancel()
	var all []*crashed
	for _, m := range made {
		all = append(all, m...)
	}
	return all
}

// share creates secrets and opens every second one, until a call fails. It tells
// of each that was answered.
func share(ctx context.Context, t *testing.T, s *instance, answered func()) (made []*crashed) {
	api := s.client(t)
	for {
		c := &crashed{Sealed: testkit.Seal(t, "remembered", "")}
		if _, err := api.CreateSecret(ctx, &c.NewSecret); err != nil {
			return made
		}
		made = append(made, c)
		answered()
		if c.tried = len(made)%2 == 0; !c.tried {
			continue
		}
		c.view, _ = c.NewView()
		if _, err := api.ViewSecret(ctx, c.ID, c.Link, c.view); err != nil {
			return made
		}
		c.opened = true
		answered()
	}
}

// verify opens the secret as another reader, and then as its own again.
func (c *crashed) verify(t *testing.T, s *instance) {
	t.Helper()
	another, _ := c.NewView()
	answer, err := s.client(t).ViewSecret(t.Context(), c.ID, c.Link, another)
	gone := errors.Is(err, letterlock.ErrGone)
	switch {
	case err != nil && !gone:
		t.Fatalf("ViewSecret(%s) after the crash: %v", c.ID, err)
	case c.opened && !gone:
		t.Errorf("%s was opened before the crash, and opened again after it", c.ID)
	case !c.tried && gone:
		t.Errorf("%s was opened by nobody, and is gone after the crash: %v", c.ID, err)
	case !gone:
		c.verifyText(t, answer)
	}
	if !c.tried {
		return
	}
	// Whoever opened it has it still; whoever got no answer opens it only if
	// nobody else did.
	answer, err = s.client(t).ViewSecret(t.Context(), c.ID, c.Link, c.view)
	switch {
	case gone && err != nil:
		t.Errorf("%s: the view before the crash is lost: %v", c.ID, err)
	case gone:
		c.verifyText(t, answer)
	case err == nil:
		t.Errorf("%s opened twice: after the crash, and for the view before it", c.ID)
	}
}

// verifyText opens the envelope.
func (c *crashed) verifyText(t *testing.T, v *api.ViewResponse) {
	t.Helper()
	keys, err := envelope.DeriveKeys(c.Envelope.Link, envelope.Header(v.Header), "")
	if err != nil {
		t.Fatalf("DeriveKeys(%s): %v", c.ID, err)
	}
	if _, text, err := keys.Open([32]byte(v.Commit), v.Content); err != nil || text != "remembered" {
		t.Errorf("Open(%s) = %q, %v; want what was sealed", c.ID, text, err)
	}
}
