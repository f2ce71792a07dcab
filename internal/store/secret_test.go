package store_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"letterlock"
	"letterlock/internal/store"
	"letterlock/internal/testkit"
)

func TestSecretComesBackAsItWas(t *testing.T) {
	for name, change := range map[string]func(*letterlock.Secret){
		"three views": nil,
		"unlimited":   func(s *letterlock.Secret) { s.Limits.Views = letterlock.Unlimited },
	} {
		t.Run(name, func(t *testing.T) {
			testkit.Engines(t, func(t *testing.T, e *testkit.Engine) {
				made := insert(t, e, "one", change)
				look := func(tx *store.Tx) error {
					s, err := tx.Secret("one")
					if err := want("Secret", made, s, err); err != nil {
						return err
					}
					content, err := tx.Content("one")
					return want("Content", sealed, content, err)
				}
				read(t, e.DB, look)
				write(t, e.DB, look)
				write(t, e.DB, func(tx *store.Tx) error {
					s, err := tx.LockSecret("one")
					return want("LockSecret", made, s, err)
				})
				write(t, e.DB, func(tx *store.Tx) error {
					s, err := tx.Secret("one")
					if err == nil {
						s, err = tx.LockAgain(s)
					}
					return want("LockAgain", made, s, err)
				})
			})
		})
	}
}

func TestUnknownSecret(t *testing.T) {
	testkit.Engines(t, func(t *testing.T, e *testkit.Engine) {
		insert(t, e, "one", nil)
		before := e.Dump(t)
		now := e.Clock.Now()
		for call, f := range map[string]func(*store.Tx) error{
			"Secret":       func(tx *store.Tx) error { _, err := tx.Secret("none"); return err },
			"LockSecret":   func(tx *store.Tx) error { _, err := tx.LockSecret("none"); return err },
			"Content":      func(tx *store.Tx) error { _, err := tx.Content("none"); return err },
			"Unlock":       func(tx *store.Tx) error { return tx.Unlock("none", now) },
			"SetExpiry":    func(tx *store.Tx) error { return tx.SetExpiry("none", now, now) },
			"SetDue":       func(tx *store.Tx) error { return tx.SetDue("none", now) },
			"EndSecret":    func(tx *store.Tx) error { return tx.EndSecret("none", letterlock.Deleted, now, now) },
			"MarkDeleted":  func(tx *store.Tx) error { return tx.MarkDeleted("none", now) },
			"MarkDisputed": func(tx *store.Tx) error { return tx.MarkDisputed("none", now) },
			"PurgeContent": func(tx *store.Tx) error { return tx.PurgeContent("none", now) },
			"RetireSecret": func(tx *store.Tx) error { return tx.RetireSecret("none") },
			"View":         func(tx *store.Tx) error { _, err := tx.View("none"); return err },
		} {
			if err := e.DB.Tx(context.Background(), f); err != letterlock.ErrNotFound {
				t.Errorf("%s of an unknown id = %v, want %v", call, err, letterlock.ErrNotFound)
			}
		}
		if diff := cmp.Diff(before, e.Dump(t)); diff != "" {
			t.Errorf("rows differ afterwards (-before +after):\n%s", diff)
		}
	})
}

func TestInsertSecretOfATakenID(t *testing.T) {
	testkit.Engines(t, func(t *testing.T, e *testkit.Engine) {
		insert(t, e, "taken", nil)
		insert(t, e, "retired", nil)
		write(t, e.DB, func(tx *store.Tx) error { return tx.RetireSecret("retired") })
		before := e.Dump(t)
		for _, id := range []letterlock.SecretID{"taken", "retired"} {
			write(t, e.DB, func(tx *store.Tx) error {
				other := newSecret(e, id)
				other.LinkHash = letterlock.Hash{'x'}
				added, err := tx.InsertSecret(other, []byte("\xffother"))
				return want("InsertSecret of a "+string(id)+" id", false, added, err)
			})
		}
		if diff := cmp.Diff(before, e.Dump(t)); diff != "" {
			t.Errorf("rows differ afterwards (-before +after):\n%s", diff)
		}
	})
}

func TestCountViewUntilTheLast(t *testing.T) {
	testkit.Engines(t, func(t *testing.T, e *testkit.Engine) {
		s := insert(t, e, "one", nil)
		now, due := e.Clock.Now().Add(time.Minute), e.Clock.Now().Add(16*time.Minute)
		for views := 1; views <= 4; views++ {
			write(t, e.DB, func(tx *store.Tx) error {
				counted, err := tx.CountView("one", now, due)
				return want("CountView", views <= 3, counted, err)
			})
			s.Views, s.GraceUntil = min(views, 3), due
			if views == 3 {
				s.Ended, s.EndedAt, s.DueAt = letterlock.UsedUp, now, due
			}
			if diff := cmp.Diff(s, stored(t, e, "one")); diff != "" {
				t.Errorf("the secret after CountView number %d (-want +got):\n%s", views, diff)
			}
		}
	})
}

func TestCountViewWithoutALimit(t *testing.T) {
	testkit.Engines(t, func(t *testing.T, e *testkit.Engine) {
		s := insert(t, e, "one", func(s *letterlock.Secret) { s.Limits.Views = letterlock.Unlimited })
		for range 5 {
			write(t, e.DB, func(tx *store.Tx) error {
				counted, err := tx.CountView("one", s.CreatedAt, s.CreatedAt)
				return want("CountView", true, counted, err)
			})
		}
		s.Views, s.GraceUntil = 5, s.CreatedAt
		if diff := cmp.Diff(s, stored(t, e, "one")); diff != "" {
			t.Errorf("the secret after five views (-want +got):\n%s", diff)
		}
	})
}

// The statement that counts checks everything itself: it is the belt if a verb
// forgot to look.
func TestCountViewRefuses(t *testing.T) {
	testkit.Engines(t, func(t *testing.T, e *testkit.Engine) {
		now := e.Clock.Now()
		never := func(*store.Tx, letterlock.SecretID) error { return nil }
		for _, test := range []struct {
			id     letterlock.SecretID
			before func(*store.Tx, letterlock.SecretID) error
			at     time.Time
			want   bool
		}{
			{"a millisecond before expiry", never, now.Add(time.Hour - time.Millisecond), true},
			{"at expiry", never, now.Add(time.Hour), false},
			{"shortened to now", func(tx *store.Tx, id letterlock.SecretID) error { return tx.SetExpiry(id, now, now) }, now, false},
			{"ended", func(tx *store.Tx, id letterlock.SecretID) error {
				return tx.EndSecret(id, letterlock.Deleted, now, now)
			}, now, false},
			{"locked", func(tx *store.Tx, id letterlock.SecretID) error {
				return countWrong(tx, id, letterlock.PasswordTries, now)
			}, now, false},
		} {
			insert(t, e, test.id, nil)
			write(t, e.DB, func(tx *store.Tx) error { return test.before(tx, test.id) })
			before := e.Dump(t)
			write(t, e.DB, func(tx *store.Tx) error {
				counted, err := tx.CountView(test.id, test.at, test.at)
				return want("CountView "+string(test.id), test.want, counted, err)
			})
			if changed := e.Dump(t) != before; changed != test.want {
				t.Errorf("CountView %s: rows changed: %v, want %v", test.id, changed, test.want)
			}
		}
	})
}

// countWrong counts so many wrong passwords.
func countWrong(tx *store.Tx, id letterlock.SecretID, times int, now time.Time) error {
	for i := range times {
		counted, err := tx.CountWrongPassword(id, letterlock.Hash{byte(i + 1)}, now)
		if err := want("CountWrongPassword", true, counted, err); err != nil {
			return err
		}
	}
	return nil
}

func TestTenWrongPasswordsLockAndUnlockOpens(t *testing.T) {
	testkit.Engines(t, func(t *testing.T, e *testkit.Engine) {
		s := insert(t, e, "one", nil)
		now := e.Clock.Now().Add(time.Minute)
		expect := func(step string) {
			t.Helper()
			if diff := cmp.Diff(s, stored(t, e, "one")); diff != "" {
				t.Errorf("the secret %s (-want +got):\n%s", step, diff)
			}
		}
		write(t, e.DB, func(tx *store.Tx) error { return countWrong(tx, "one", 9, now) })
		s.PasswordFailures, s.LastWrong = 9, letterlock.Hash{9}
		expect("after nine wrong passwords")

		write(t, e.DB, func(tx *store.Tx) error { return countWrong(tx, "one", 1, now) })
		s.PasswordFailures, s.LastWrong, s.LockedAt = 10, letterlock.Hash{1}, now
		expect("after ten wrong passwords")

		write(t, e.DB, func(tx *store.Tx) error {
			counted, err := tx.CountWrongPassword("one", letterlock.Hash{11}, now.Add(time.Minute))
			return want("CountWrongPassword number eleven", false, counted, err)
		})
		expect("after an eleventh wrong password")

		unlocked := now.Add(time.Hour)
		write(t, e.DB, func(tx *store.Tx) error { return tx.Unlock("one", unlocked) })
		s.PasswordFailures, s.LastWrong, s.LockedAt, s.UnlockedAt = 0, letterlock.Hash{}, time.Time{}, unlocked
		expect("unlocked")
	})
}

func TestFirstEndStays(t *testing.T) {
	testkit.Engines(t, func(t *testing.T, e *testkit.Engine) {
		s := insert(t, e, "one", nil)
		first, later, due := e.Clock.Now().Add(time.Minute), e.Clock.Now().Add(time.Hour), e.Clock.Now().Add(2*time.Hour)
		write(t, e.DB, func(tx *store.Tx) error {
			return errors.Join(
				tx.EndSecret("one", letterlock.Deleted, first, first),
				tx.EndSecret("one", letterlock.Expired, later, due))
		})
		s.Ended, s.EndedAt, s.DueAt = letterlock.Deleted, first, due
		if diff := cmp.Diff(s, stored(t, e, "one")); diff != "" {
			t.Errorf("the secret after two ends (-want +got):\n%s", diff)
		}
	})
}

func TestMarks(t *testing.T) {
	testkit.Engines(t, func(t *testing.T, e *testkit.Engine) {
		s := insert(t, e, "one", nil)
		insert(t, e, "other", nil)
		at := func(minutes int) time.Time { return e.Clock.Now().Add(time.Duration(minutes) * time.Minute) }
		write(t, e.DB, func(tx *store.Tx) error {
			return errors.Join(
				tx.MarkDeleted("one", at(1)),
				tx.MarkDisputed("one", at(2)),
				tx.SetExpiry("one", at(3), at(4)),
				tx.SetDue("one", at(5)))
		})
		s.DeletedAt, s.Disputed, s.ExpiresAt, s.DueAt = at(1), at(2), at(3), at(5)
		if diff := cmp.Diff(s, stored(t, e, "one")); diff != "" {
			t.Errorf("the marked secret (-want +got):\n%s", diff)
		}
		if diff := cmp.Diff(newSecret(e, "other"), stored(t, e, "other")); diff != "" {
			t.Errorf("the other secret changed too (-want +got):\n%s", diff)
		}
	})
}

func TestPurgedKeepsItsReceipt(t *testing.T) {
	testkit.Engines(t, func(t *testing.T, e *testkit.Engine) {
		s := insert(t, e, "one", nil)
		due := e.Clock.Now().Add(24 * time.Hour)
		write(t, e.DB, func(tx *store.Tx) error { return tx.PurgeContent("one", due) })
		s.Stored, s.DueAt = 0, due
		if diff := cmp.Diff(s, stored(t, e, "one")); diff != "" {
			t.Errorf("the purged secret (-want +got):\n%s", diff)
		}
		read(t, e.DB, func(tx *store.Tx) error {
			if content, err := tx.Content("one"); err != letterlock.ErrNotFound {
				t.Errorf("Content() of a purged secret = %x, %v, want %v", content, err, letterlock.ErrNotFound)
			}
			return nil
		})
	})
}

// Of a retired secret nothing is left but the id: rows of two that were nothing
// alike are the same.
func TestRetiredLeavesOnlyItsID(t *testing.T) {
	testkit.Engines(t, func(t *testing.T, e *testkit.Engine) {
		now := e.Clock.Now()
		insert(t, e, "one", nil)
		insert(t, e, "two", func(s *letterlock.Secret) { s.Limits.Views = letterlock.Unlimited })
		write(t, e.DB, func(tx *store.Tx) error {
			_, err := tx.InsertView(newView(e, "view", "one", 1))
			_, err2 := tx.CountView("one", now, now)
			return errors.Join(err, err2,
				countWrong(tx, "one", letterlock.PasswordTries, now),
				tx.RecordEvent(letterlock.Event{SecretID: "one", At: now, Action: letterlock.ActionOpened}),
				tx.EndSecret("one", letterlock.Expired, now, now),
				tx.MarkDeleted("one", now),
				tx.MarkDisputed("one", now),
				tx.RetireSecret("one"),
				tx.RetireSecret("two"))
		})
		read(t, e.DB, func(tx *store.Tx) error {
			if s, err := tx.Secret("one"); err != letterlock.ErrNotFound {
				t.Errorf("Secret() of a retired id = %v, %v, want %v", s, err, letterlock.ErrNotFound)
			}
			if _, err := tx.Content("one"); err != letterlock.ErrNotFound {
				t.Errorf("Content() of a retired id: %v, want %v", err, letterlock.ErrNotFound)
			}
			for _, table := range []string{"content", "secret_view", "event"} {
				var rows int
				err := tx.Get(`SELECT COUNT(*) FROM `+table, &rows)
				if err := want("rows left in "+table, 0, rows, err); err != nil {
					return err
				}
			}
			var alike int
			err := tx.Get(`SELECT COUNT(*) FROM secret AS a, secret AS b
				WHERE a.id = 'one' AND b.id = 'two' AND a.header = b.header AND a.number < 0
				AND a.views = b.views AND a.expires_at = b.expires_at AND a.password_failures = b.password_failures
				AND a.max_views IS NULL AND a.ended IS NULL AND a.deleted_at IS NULL AND a.disputed_at IS NULL
				AND a.locked_at IS NULL AND a.last_wrong IS NULL AND a.due_at IS NULL`, &alike)
			return want("retired rows that look alike", 1, alike, err)
		})
	})
}

// History goes in slices, and the organization's part of it stays.
func TestRemoveHistory(t *testing.T) {
	testkit.Engines(t, func(t *testing.T, e *testkit.Engine) {
		people(t, e)
		insert(t, e, "one", func(s *letterlock.Secret) { s.Org = "acme" })
		insert(t, e, "other", nil)
		manyEvents(t, e, "one", 5)
		manyEvents(t, e, "other", 1)
		write(t, e.DB, func(tx *store.Tx) error {
			for n := 1; n <= 3; n++ {
				if _, err := tx.InsertView(newView(e, letterlock.ViewID(fmt.Sprint("view", n)), "one", n)); err != nil {
					return err
				}
			}
			return tx.RecordEvent(letterlock.Event{SecretID: "one", Org: "acme", At: e.Clock.Now(), Action: letterlock.ActionOpened})
		})
		for _, removed := range []int64{4, 3, 1, 0} { // of five events and three views
			write(t, e.DB, func(tx *store.Tx) error {
				n, err := tx.RemoveHistory("one", 2)
				return want("RemoveHistory of at most two of each", removed, n, err)
			})
		}
		read(t, e.DB, func(tx *store.Tx) error {
			kept, err := tx.Events("one")
			if err := want("events left", 1, len(kept), err); err != nil {
				return err
			}
			other, err := tx.Events("other")
			return want("events left of the other", 1, len(other), err)
		})
	})
}

func TestDueOldestFirst(t *testing.T) {
	testkit.Engines(t, func(t *testing.T, e *testkit.Engine) {
		now := e.Clock.Now()
		for id, due := range map[letterlock.SecretID]time.Duration{"second": -1, "first": -2, "third": 0, "not yet": 1, "retired": -3} {
			insert(t, e, id, func(s *letterlock.Secret) { s.DueAt = now.Add(due * time.Millisecond) })
		}
		write(t, e.DB, func(tx *store.Tx) error { return tx.RetireSecret("retired") })
		read(t, e.DB, func(tx *store.Tx) error {
			all, err := tx.Due(now, 10)
			if err := want("Due", []letterlock.SecretID{"first", "second", "third"}, all, err); err != nil {
				return err
			}
			some, err := tx.Due(now, 2)
			return want("Due of at most two", []letterlock.SecretID{"first", "second"}, some, err)
		})
	})
}

func TestStoredIsWhatIsKept(t *testing.T) {
	testkit.Engines(t, func(t *testing.T, e *testkit.Engine) {
		expect := func(step string, bytes int64) {
			t.Helper()
			read(t, e.DB, func(tx *store.Tx) error {
				kept, err := tx.Stored()
				return want("Stored() "+step, bytes, kept, err)
			})
		}
		one := int64(len(sealed))
		expect("of nothing", 0)
		for _, id := range []letterlock.SecretID{"kept", "purged", "retired"} {
			insert(t, e, id, nil)
		}
		expect("of three", 3*one)
		write(t, e.DB, func(tx *store.Tx) error {
			return errors.Join(tx.PurgeContent("purged", e.Clock.Now()), tx.RetireSecret("retired"))
		})
		expect("after a purge and a retirement", one)
	})
}
