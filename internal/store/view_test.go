package store_test

import (
	"testing"
	"time"

	"letterlock"
	"letterlock/internal/store"
	"letterlock/internal/testkit"
)

// newView is a view opened now.
func newView(e *testkit.Engine, id letterlock.ViewID, of letterlock.SecretID, number int) *letterlock.View {
	return &letterlock.View{
		ID:         id,
		SecretID:   of,
		Hash:       letterlock.Hash{'v', 31: 'v'},
		Number:     number,
		OpenedAt:   e.Clock.Now(),
		GraceUntil: e.Clock.Now().Add(letterlock.Grace),
	}
}

func TestViewComesBackAsItWas(t *testing.T) {
	testkit.Engines(t, func(t *testing.T, e *testkit.Engine) {
		insert(t, e, "one", nil)
		view, closed := newView(e, "view", "one", 1), e.Clock.Now().Add(time.Minute)
		write(t, e.DB, func(tx *store.Tx) error {
			added, err := tx.InsertView(view)
			if err := want("InsertView", true, added, err); err != nil {
				return err
			}
			got, err := tx.View("view")
			if err := want("View", view, got, err); err != nil {
				return err
			}
			if err := tx.CloseView("view", closed); err != nil {
				return err
			}
			view.ClosedAt = closed
			got, err = tx.View("view")
			return want("View once closed", view, got, err)
		})
	})
}

// A view id is one view's, whichever secret it comes with.
func TestInsertViewOfATakenID(t *testing.T) {
	testkit.Engines(t, func(t *testing.T, e *testkit.Engine) {
		insert(t, e, "one", nil)
		insert(t, e, "two", nil)
		first := newView(e, "view", "one", 1)
		write(t, e.DB, func(tx *store.Tx) error {
			added, err := tx.InsertView(first)
			if err := want("InsertView", true, added, err); err != nil {
				return err
			}
			added, err = tx.InsertView(newView(e, "view", "two", 1))
			if err := want("InsertView of the same id", false, added, err); err != nil {
				return err
			}
			got, err := tx.View("view")
			return want("View", first, got, err)
		})
	})
}

func TestLastGrace(t *testing.T) {
	testkit.Engines(t, func(t *testing.T, e *testkit.Engine) {
		insert(t, e, "one", nil)
		insert(t, e, "other", nil)
		now := e.Clock.Now()
		early, late := now.Add(10*time.Minute), now.Add(20*time.Minute)
		add := func(id letterlock.ViewID, of letterlock.SecretID, number int, grace time.Time) {
			t.Helper()
			view := newView(e, id, of, number)
			view.GraceUntil = grace
			write(t, e.DB, func(tx *store.Tx) error {
				_, err := tx.InsertView(view)
				return err
			})
		}
		add("early", "one", 1, early)
		add("late", "one", 2, late)
		add("another's", "other", 1, late.Add(time.Hour))
		expect := func(step string, at, grace time.Time) {
			t.Helper()
			read(t, e.DB, func(tx *store.Tx) error {
				got, err := tx.LastGrace("one", at)
				return want("LastGrace "+step, grace, got, err)
			})
		}
		expect("of two open views", now, late)
		expect("a millisecond before the last", late.Add(-time.Millisecond), late)
		expect("at the last", late, time.Time{})
		write(t, e.DB, func(tx *store.Tx) error { return tx.CloseView("late", now) })
		expect("with the later closed", now, early)
		write(t, e.DB, func(tx *store.Tx) error { return tx.CloseView("early", now) })
		expect("with both closed", now, time.Time{})
	})
}
