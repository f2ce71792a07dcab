package service_test

import (
	"bytes"
	"os"
	"testing"
	"time"

	"letterlock"
	"letterlock/internal/testkit"
)

// recorded counts the lines of a receipt by what they say.
func (s *instance) recorded(t testing.TB, x *sealed) map[letterlock.Action]int {
	t.Helper()
	lines := map[letterlock.Action]int{}
	for _, e := range s.receipt(t, x).Events {
		lines[e.Action]++
	}
	return lines
}

// A secret can be opened any number of times, and its receipt holds no more than
// it can: later views are counted, and what else happens is still recorded.
func TestViewsWithoutEnd(t *testing.T) {
	engines(t, func(t *testing.T, s *instance) {
		x := s.create(t, seal(letterlock.Unlimited))
		s.Exec(t, `UPDATE secret SET views = $1`, letterlock.MaxViews-1)
		for range 3 {
			want(t, "AcknowledgeView", s.acknowledge(s.opened(t, x)), "ok")
		}
		want(t, "DeleteSecret", s.delete(x), "ok")
		if views := s.receipt(t, x).Views; views != letterlock.MaxViews+2 {
			t.Errorf("the receipt counts %d views, want %d", views, letterlock.MaxViews+2)
		}
		for action, n := range map[letterlock.Action]int{
			letterlock.ActionOpened: 1, letterlock.ActionConfirmed: 1, letterlock.ActionDeleted: 1,
		} {
			if got := s.recorded(t, x)[action]; got != n {
				t.Errorf("%s stands in the receipt %d times, want %d", action, got, n)
			}
		}
	})
}

// So it is with a sender who ends a secret sooner again and again.
func TestShortenedWithoutEnd(t *testing.T) {
	engines(t, func(t *testing.T, s *instance) {
		x := s.create(t, seal(1))
		for i := range 60 {
			want(t, "ChangeSecret, sooner", s.shorten(x, lifetime-time.Duration(i)*time.Second), "ok")
		}
		if at := s.receipt(t, x).ExpiresAt; !at.Equal(s.Clock.Now().Add(lifetime - 59*time.Second)) {
			t.Errorf("expires at %v, want what was asked for last", at)
		}
		if n := s.recorded(t, x)[letterlock.ActionShortened]; n != 50 {
			t.Errorf("shortened stands in the receipt %d times, want 50", n)
		}
	})
}

// much gives a secret so many views and as many events as if they had happened.
func (s *instance) much(t testing.TB, x *sealed, n int) {
	t.Helper()
	s.Exec(t, `
		INSERT INTO secret_view (id, secret, view_hash, number, opened_at, grace_until)
		WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < $1)
		SELECT 'view' || i, (SELECT number FROM secret WHERE id = $2), link_hash, i, 0, 0
		FROM n, secret
		WHERE secret.id = $2`, n, string(x.id()))
	s.Exec(t, `
		INSERT INTO event (number, at, action, secret)
		WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < $1)
		SELECT i, 0, 'opened', (SELECT number FROM secret WHERE id = $2)
		FROM n`, n, string(x.id()))
}

// A secret that was opened very often goes step by step, and nobody sees a part
// of its receipt meanwhile.
func TestSweepRetiresInSlices(t *testing.T) {
	engines(t, func(t *testing.T, s *instance) {
		empty := s.Dump(t)
		x := s.create(t, seal(letterlock.Unlimited))
		s.much(t, x, 2000)
		s.Clock.Advance(lifetime + letterlock.ReceiptLife)
		_, err := s.SecretReceipt(ctx, x.sender(), x.id())
		want(t, "SecretReceipt at its end, before the sweeper came", err, "not_found")
		steps, err := s.Sweep(ctx)
		if err != nil || steps < 2+2000/500 {
			t.Errorf("Sweep: %d steps, %v; want several for 2,000 views", steps, err)
		}
		s.wantOnlyID(t, empty, x)
	})
}

// damage makes a row that cannot be read; repair makes it what it was.
func (s *instance) damage(t testing.TB, x *sealed) (repair func()) {
	t.Helper()
	set := func(header []byte) {
		s.Exec(t, `UPDATE secret SET header = $1 WHERE id = $2`, header, string(x.id()))
	}
	set([]byte{0})
	return func() { set(x.Header[:]) }
}

// One that cannot be dealt with keeps no other from being removed, and comes up
// again.
func TestSweepPutsOffWhatFails(t *testing.T) {
	engines(t, func(t *testing.T, s *instance) {
		bad := s.create(t, seal(1))
		s.Clock.Advance(time.Millisecond)
		good := []*sealed{s.create(t, seal(1)), s.create(t, seal(1))}
		repair := s.damage(t, bad)
		s.Clock.Advance(lifetime + letterlock.Grace)
		s.sweep(t)
		for _, x := range good {
			s.wantPurged(t, x)
		}
		s.unchanged(t, func() { s.sweep(t) })
		repair()
		s.wantKept(t, bad)
		s.Clock.Advance(10 * time.Minute)
		s.sweep(t)
		s.wantPurged(t, bad)
	})
}

// What cannot be recorded does not happen; it is put off too, and said.
func TestSweepHappensRecorded(t *testing.T) {
	engines(t, func(t *testing.T, s *instance) {
		x := s.create(t, seal(1))
		s.Clock.Advance(lifetime)
		s.Exec(t, `ALTER TABLE event RENAME TO event_away`)
		_, err := s.Sweep(ctx)
		want(t, "Sweep", err, "unavailable")
		s.Exec(t, `ALTER TABLE event_away RENAME TO event`)
		if r := s.receipt(t, x); r.Ended != "" {
			t.Errorf("%s, and nothing says so; want nothing to have happened", r.Ended)
		}
		s.Clock.Advance(10 * time.Minute)
		s.sweep(t)
		s.wantState(t, x, letterlock.Expired, letterlock.ActionExpired)
	})
}

// Between the expiry and the sweeper things still happen to a secret. In its
// receipt they stand after the expiry.
func TestExpiryStandsBeforeWhatFollows(t *testing.T) {
	late := map[letterlock.Action]func(s *instance, x *sealed, v tab) error{
		letterlock.ActionConfirmed: func(s *instance, x *sealed, v tab) error { return s.acknowledge(v) },
		letterlock.ActionNotMe: func(s *instance, x *sealed, v tab) error {
			return s.GiveFeedback(ctx, x.reader(), x.id(), false)
		},
		letterlock.ActionWrongPassword: func(s *instance, x *sealed, v tab) error {
			return ignoreWrongPassword(s.open(x, v.with(random(32))))
		},
		letterlock.ActionDeleted: func(s *instance, x *sealed, v tab) error { return s.delete(x) },
	}
	engines(t, func(t *testing.T, s *instance) {
		for action, happen := range late {
			x := s.create(t, sealWithPassword(2))
			s.Clock.Advance(lifetime - time.Millisecond)
			v := s.opened(t, x)
			s.Clock.Advance(time.Second)
			want(t, "what leads to "+string(action), happen(s, x, v), "ok")
			s.wantState(t, x, letterlock.Expired, letterlock.ActionOpened, letterlock.ActionExpired, action)
		}
	})
}

// While a view is open by the clock, its content stays, also if the clock went
// back since and the secret ended then.
func TestClockGoesBackUnderAView(t *testing.T) {
	ends := map[string]func(t *testing.T, s *instance, x *sealed){
		"used up": func(t *testing.T, s *instance, x *sealed) { s.opened(t, x) },
		"expired": func(t *testing.T, s *instance, x *sealed) { s.shorten(x, 0) },
	}
	engines(t, func(t *testing.T, s *instance) {
		for name, end := range ends {
			t.Run(name, func(t *testing.T) {
				x := s.create(t, seal(2))
				s.Clock.Advance(30 * time.Minute)
				first := s.opened(t, x)
				s.Clock.Advance(-20 * time.Minute)
				end(t, s, x)
				s.Clock.Advance(letterlock.Grace)
				s.sweep(t)
				want(t, "ViewContent of the first view", s.content(first), "ok")
				s.Clock.Advance(20*time.Minute - time.Millisecond)
				s.sweep(t)
				want(t, "ViewContent at the end of the grace", s.content(first), "ok")
				s.Clock.Advance(time.Millisecond)
				s.sweep(t)
				s.wantPurged(t, x)
			})
		}
	})
}

// Very many views are not looked through: the content stays until the last of
// them cannot be open any more.
func TestSweepAfterVeryManyViews(t *testing.T) {
	engines(t, func(t *testing.T, s *instance) {
		x := s.create(t, seal(letterlock.Unlimited))
		s.Exec(t, `UPDATE secret SET views = $1`, letterlock.MaxViews)
		s.Clock.Advance(lifetime - time.Millisecond)
		v := s.opened(t, x)
		s.Clock.Advance(time.Millisecond)
		want(t, "AcknowledgeView", s.acknowledge(v), "ok")
		s.sweep(t)
		s.wantKept(t, x)
		s.Clock.Advance(letterlock.Grace)
		s.sweep(t)
		s.wantPurged(t, x)
	})
}

// Content that was purged just before a crash stands in the log until somebody
// empties it: who starts next does.
func TestPurgedBeforeARestart(t *testing.T) {
	e := testkit.SQLite(t)
	s := start(t, e, 1<<30)
	x := s.create(t, seal(1))
	want(t, "DeleteSecret", s.delete(x), "ok")
	if !inLog(t, e, x.Content) {
		t.Fatal("the content is not in the log: nothing would be shown by its absence")
	}
	start(t, e, 1<<30).sweep(t)
	if inLog(t, e, x.Content) {
		t.Error("purged content is in the log after the next start")
	}
}

func inLog(t testing.TB, e *testkit.Engine, content []byte) bool {
	t.Helper()
	log, err := os.ReadFile(e.Source + "-wal")
	if err != nil {
		t.Fatal(err)
	}
	return bytes.Contains(log, content[:100])
}

// What may have been stored takes its room, until the next count knows better.
func TestUnknownCommitTakesRoom(t *testing.T) {
	e := testkit.SQLite(t)
	s := start(t, e, size)
	s.Exec(t, `CREATE TABLE late (of BIGINT REFERENCES secret (number) DEFERRABLE INITIALLY DEFERRED)`)
	s.Exec(t, `CREATE TRIGGER late AFTER INSERT ON event BEGIN INSERT INTO late VALUES (0); END`)
	want(t, "CreateSecret of which the commit fails", s.tryCreate(seal(1)), "unavailable")
	s.Exec(t, `DROP TRIGGER late`)
	want(t, "CreateSecret after it", s.tryCreate(seal(1)), "full")
	want(t, "CreateSecret after a count", start(t, e, size).tryCreate(seal(1)), "ok")
}
