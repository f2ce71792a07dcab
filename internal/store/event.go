package store

import (
	"crypto/rand"
	"database/sql"
	"encoding/binary"
	"sync/atomic"
	"time"

	"letterlock"
)

// eventIDs gives numbers that rise with time. Two nodes may write events of one
// secret within a millisecond; each starts at an offset of its own in it.
type eventIDs struct {
	offset int64
	last   atomic.Int64
}

const eventsPerMilli = 1 << 20

func newEventIDs() *eventIDs {
	var b [4]byte
	rand.Read(b[:])
	return &eventIDs{offset: int64(binary.BigEndian.Uint32(b[:]) % (eventsPerMilli / 2))}
}

func (e *eventIDs) next(at time.Time) int64 {
	for {
		last := e.last.Load()
		next := max(at.UnixMilli()*eventsPerMilli+e.offset, last+1)
		if e.last.CompareAndSwap(last, next) {
			return next
		}
	}
}

// RecordEvent adds a line to what happened to a secret.
func (tx *Tx) RecordEvent(e letterlock.Event) error {
	_, err := tx.exec(`
		INSERT INTO event (secret_id, id, at, action)
		VALUES ($1, $2, $3, $4)`,
		string(e.SecretID), tx.db.events.next(e.At), millis(e.At), string(e.Action))
	return err
}

// Events lists what happened to a secret, oldest first.
func (tx *Tx) Events(id letterlock.SecretID) ([]letterlock.Event, error) {
	var events []letterlock.Event
	err := tx.each(func(rows *sql.Rows) error {
		var e letterlock.Event
		if err := tx.scan(rows, (*string)(&e.SecretID), instant{&e.At}, (*string)(&e.Action)); err != nil {
			return err
		}
		events = append(events, e)
		return nil
	}, `
		SELECT secret_id, at, action
		FROM event
		WHERE secret_id = $1
		ORDER BY id`, string(id))
	return events, err
}
