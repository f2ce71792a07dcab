package store_test

import (
	"errors"
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
