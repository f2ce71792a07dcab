package service_test

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"letterlock"
	"letterlock/internal/testkit"
)

// hasContent reports whether the ciphertext of x is in any table.
func (s *instance) hasContent(t testing.TB, x *sealed) bool {
	t.Helper()
	return strings.Contains(s.Dump(t), fmt.Sprintf("%x", x.Content))
}

func (s *instance) wantPurged(t testing.TB, x *sealed) {
	t.Helper()
	if stored := s.receipt(t, x).Stored; s.hasContent(t, x) || stored != 0 {
		t.Errorf("the content is still there, %d bytes by the receipt; want it purged", stored)
	}
}

func (s *instance) wantKept(t testing.TB, x *sealed) {
	t.Helper()
	if stored := s.receipt(t, x).Stored; !s.hasContent(t, x) || stored != size {
		t.Errorf("the content is gone, %d bytes by the receipt; want it kept", stored)
	}
}

func TestSweepTouchesNothingThatIsNotDue(t *testing.T) {
	engines(t, func(t *testing.T, s *instance) {
		s.create(t, seal(1))
		s.opened(t, s.create(t, seal(2)))
		s.opened(t, s.create(t, seal(1)))
		s.Clock.Advance(letterlock.Grace - time.Millisecond)
		s.unchanged(t, func() { s.sweep(t) })
	})
}

// Expired, the content stays while a view that began in time may be open, and
// goes at the millisecond after which none can be.
func TestSweepExpired(t *testing.T) {
	engines(t, func(t *testing.T, s *instance) {
		x := s.create(t, seal(5))
		expires := s.Clock.Now().Add(lifetime)
		s.Clock.Advance(lifetime - time.Millisecond)
		v := s.opened(t, x)
		s.Clock.Advance(time.Millisecond)
		s.sweep(t)
		s.wantState(t, x, letterlock.Expired, letterlock.ActionOpened, letterlock.ActionExpired)
		if r := s.receipt(t, x); !r.EndedAt.Equal(expires) {
			t.Errorf("ended at %v, want %v", r.EndedAt, expires)
		}
		s.Clock.Advance(letterlock.Grace - 2*time.Millisecond)
		s.sweep(t)
		want(t, "ViewContent in the grace", s.content(v), "ok")
		s.Clock.Advance(time.Millisecond)
		want(t, "ViewContent after the grace", s.content(v), "gone view_closed")
		s.Clock.Advance(time.Millisecond)
		s.sweep(t)
		s.wantPurged(t, x)
		s.wantState(t, x, letterlock.Expired, letterlock.ActionOpened, letterlock.ActionExpired)
	})
}

// Used up, the content goes when the grace of the last view ends, long before
// the expiry.
func TestSweepUsedUp(t *testing.T) {
	engines(t, func(t *testing.T, s *instance) {
		x := s.create(t, seal(2))
		s.opened(t, x)
		s.Clock.Advance(time.Minute)
		last := s.opened(t, x)
		s.Clock.Advance(letterlock.Grace - time.Millisecond)
		s.sweep(t)
		s.wantKept(t, x)
		want(t, "ViewContent in the grace", s.content(last), "ok")
		s.Clock.Advance(time.Millisecond)
		s.sweep(t)
		s.wantPurged(t, x)
		s.wantState(t, x, letterlock.UsedUp, letterlock.ActionOpened)
	})
}

// Used up, with the last view acknowledged first: the content goes when the
// grace of the one still open ends.
func TestSweepUsedUpInAnotherOrder(t *testing.T) {
	engines(t, func(t *testing.T, s *instance) {
		x := s.create(t, seal(2))
		first := s.opened(t, x)
		s.Clock.Advance(time.Minute)
		s.acknowledge(s.opened(t, x))
		s.Clock.Advance(letterlock.Grace - time.Minute - time.Millisecond)
		s.sweep(t)
		want(t, "ViewContent in the grace", s.content(first), "ok")
		s.Clock.Advance(time.Millisecond)
		s.sweep(t)
		s.wantPurged(t, x)
	})
}

// Receipts end 30 days after the expiry, however the secret ended; then nothing
// is left but the id.
func TestSweepReceipts(t *testing.T) {
	ends := map[string]func(t *testing.T, s *instance, x *sealed){
		"expired": func(t *testing.T, s *instance, x *sealed) {},
		"deleted": func(t *testing.T, s *instance, x *sealed) { s.delete(x) },
		"used up": func(t *testing.T, s *instance, x *sealed) { s.opened(t, x); s.opened(t, x) },
		"used up and acknowledged": func(t *testing.T, s *instance, x *sealed) {
			s.acknowledge(s.opened(t, x))
			s.acknowledge(s.opened(t, x))
		},
		"locked, disputed": func(t *testing.T, s *instance, x *sealed) {
			s.opened(t, x)
			s.GiveFeedback(ctx, x.reader(), x.id(), false)
			s.lock(t, x)
			s.unlock(x)
			s.lock(t, x)
		},
	}
	engines(t, func(t *testing.T, s *instance) {
		for name, end := range ends {
			t.Run(name, func(t *testing.T) {
				empty := s.Dump(t)
				x := s.create(t, sealWithPassword(2))
				retire := s.Clock.Now().Add(lifetime + letterlock.ReceiptLife)
				end(t, s, x)
				s.Clock.Set(retire.Add(-time.Millisecond))
				s.sweep(t)
				s.wantPurged(t, x)
				s.Clock.Set(retire)
				s.sweep(t)
				s.wantOnlyID(t, empty, x)
				s.unchanged(t, func() {
					_, err := s.SecretReceipt(ctx, x.sender(), x.id())
					want(t, "SecretReceipt", err, "not_found")
					want(t, "PeekSecret", s.peek(x), "not_found")
					want(t, "ViewSecret", s.open(x, x.tab()), "not_found")
					want(t, "DeleteSecret", s.delete(x), "not_found")
					s.sweep(t)
				})
			})
		}
	})
}

// wantOnlyID checks that of all that x added to the database its id alone is
// left, under a row number that tells no time: below zero, where those that do
// are above. Every other cell is empty, 0 or NULL.
func (s *instance) wantOnlyID(t testing.TB, before string, x *sealed) {
	t.Helper()
	id := regexp.MustCompile(`^secret -\d+ \| ` + string(x.id()) + `( \| (0|<nil>|))*$`)
	known := strings.Split(before, "\n")
	added := 0
	for line := range strings.SplitSeq(s.Dump(t), "\n") {
		if slices.Contains(known, line) {
			continue
		}
		added++
		if !id.MatchString(line) {
			t.Errorf("left of a retired secret: %s", line)
		}
	}
	if added != 1 {
		t.Errorf("%d rows are left of a retired secret, want the one that keeps its id", added)
	}
}

// After a long time off, one sweep catches up, also with more than fit into one
// transaction.
func TestSweepCatchesUp(t *testing.T) {
	engines(t, func(t *testing.T, s *instance) {
		var all []*sealed
		for range 150 {
			all = append(all, s.create(t, seal(1)))
		}
		s.Clock.Advance(lifetime + letterlock.ReceiptLife)
		s.sweep(t)
		for _, x := range all {
			if _, err := s.SecretReceipt(ctx, x.sender(), x.id()); outcome(err) != "not_found" {
				t.Fatalf("SecretReceipt after its end: %s, want not_found", outcome(err))
			}
		}
	})
}

// Run sweeps on its own, and ends with its context. Time in here is the
// bubble's.
func TestRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := start(t, testkit.SQLite(t), 1<<30)
		x := s.create(t, seal(1))
		ctx, cancel := context.WithCancel(ctx)
		ended := make(chan struct{})
		go func() {
			s.Run(ctx)
			close(ended)
		}()
		s.Clock.Advance(lifetime + letterlock.Grace)
		time.Sleep(time.Minute)
		synctest.Wait()
		s.wantPurged(t, x)
		cancel()
		<-ended
	})
}
