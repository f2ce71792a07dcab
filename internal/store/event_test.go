package store_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"letterlock"
	"letterlock/internal/store"
	"letterlock/internal/testkit"
)

func TestEventsInTheirOrder(t *testing.T) {
	testkit.Engines(t, func(t *testing.T, e *testkit.Engine) {
		insert(t, e, "one", nil)
		insert(t, e, "other", nil)
		var wanted []letterlock.Event
		record := func(tx *store.Tx, id letterlock.SecretID, action letterlock.Action) error {
			return tx.RecordEvent(letterlock.Event{SecretID: id, At: e.Clock.Now(), Action: action})
		}
		for _, action := range []letterlock.Action{letterlock.ActionCreated, letterlock.ActionOpened, letterlock.ActionConfirmed} {
			write(t, e.DB, func(tx *store.Tx) error {
				return errors.Join(record(tx, "one", action), record(tx, "one", action), record(tx, "other", action))
			})
			event := letterlock.Event{SecretID: "one", At: e.Clock.Now(), Action: action}
			wanted = append(wanted, event, event)
			e.Clock.Advance(time.Millisecond)
		}
		read(t, e.DB, func(tx *store.Tx) error {
			events, err := tx.Events("one")
			return want("Events", wanted, events, err)
		})
	})
}

// Of a secret to which more happened than a receipt can hold, the last is in it.
func TestEventsAreBounded(t *testing.T) {
	testkit.Engines(t, func(t *testing.T, e *testkit.Engine) {
		insert(t, e, "one", nil)
		manyEvents(t, e, "one", letterlock.MaxEvents)
		write(t, e.DB, func(tx *store.Tx) error {
			return tx.RecordEvent(letterlock.Event{SecretID: "one", At: e.Clock.Now(), Action: letterlock.ActionDeleted})
		})
		read(t, e.DB, func(tx *store.Tx) error {
			events, err := tx.Events("one")
			if err := want("Events: how many", letterlock.MaxEvents, len(events), err); err != nil {
				return err
			}
			for i := 1; i < len(events); i++ {
				if events[i].At.Before(events[i-1].At) {
					return fmt.Errorf("Events: number %d is earlier than the one before", i)
				}
			}
			return want("Events: the last", letterlock.ActionDeleted, events[len(events)-1].Action, nil)
		})
	})
}

// manyEvents records that a secret was opened so many times, a millisecond after
// each other and all before now.
func manyEvents(t *testing.T, e *testkit.Engine, id letterlock.SecretID, n int) {
	t.Helper()
	write(t, e.DB, func(tx *store.Tx) error {
		for i := range n {
			at := e.Clock.Now().Add(time.Duration(i-n) * time.Millisecond)
			if err := tx.RecordEvent(letterlock.Event{SecretID: id, At: at, Action: letterlock.ActionOpened}); err != nil {
				return err
			}
		}
		return nil
	})
}

// A clock that goes back does not make what follows come first.
func TestEventsStayInOrderWhenTheClockGoesBack(t *testing.T) {
	testkit.Engines(t, func(t *testing.T, e *testkit.Engine) {
		insert(t, e, "one", nil)
		actions := []letterlock.Action{letterlock.ActionCreated, letterlock.ActionOpened, letterlock.ActionConfirmed}
		for _, action := range actions {
			write(t, e.DB, func(tx *store.Tx) error {
				return tx.RecordEvent(letterlock.Event{SecretID: "one", At: e.Clock.Now(), Action: action})
			})
			e.Clock.Advance(-time.Hour)
		}
		read(t, e.DB, func(tx *store.Tx) error {
			events, err := tx.Events("one")
			var got []letterlock.Action
			for _, event := range events {
				got = append(got, event.Action)
			}
			return want("Events", actions, got, err)
		})
	})
}
