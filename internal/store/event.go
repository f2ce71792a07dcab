package store

import (
	"crypto/rand"
	"database/sql"
	"encoding/binary"
	"sync/atomic"
	"time"

	"letterlock"
)

// numbers rise with time. They are the keys of what is kept in the order of
// insertion: new rows come together at the end, where one page holds many. Two
// nodes may write within the same millisecond; each starts at an offset of its
// own in it.
type numbers struct {
	offset int64
	last   atomic.Int64
}

const numbersPerMilli = 1 << 20

func newNumbers() *numbers {
	var b [4]byte
	rand.Read(b[:])
	return &numbers{offset: int64(binary.BigEndian.Uint32(b[:]) % (numbersPerMilli))}
}

func (n *numbers) next(at time.Time) int64 {
	for {
		last := n.last.Load()
		next := max(at.UnixMilli()*numbersPerMilli+n.offset, last+1)
		if n.last.CompareAndSwap(last, next) {
			return next
		}
	}
}

// timeless is a number that says nothing of a time, for what is over.
func timeless() int64 {
	var b [8]byte
	rand.Read(b[:])
	return -1 - int64(binary.BigEndian.Uint64(b[:])>>1)
}

// RecordEvent adds a line to what happened to a secret.
func (tx *Tx) RecordEvent(e letterlock.Event) error {
	_, err := tx.exec(`
		INSERT INTO event (secret, number, at, action)
		VALUES ((SELECT number FROM secret WHERE id = $1), $2, $3, $4)`,
		string(e.SecretID), tx.db.numbers.next(e.At), millis(e.At), string(e.Action))
	return err
}

// Events lists what happened to a secret, oldest first.
func (tx *Tx) Events(id letterlock.SecretID) ([]letterlock.Event, error) {
	var events []letterlock.Event
	err := tx.each(func(rows *sql.Rows) error {
		e := letterlock.Event{SecretID: id}
		if err := tx.scan(rows, instant{&e.At}, (*string)(&e.Action)); err != nil {
			return err
		}
		events = append(events, e)
		return nil
	}, `
		SELECT at, action
		FROM event
		WHERE secret = (SELECT number FROM secret WHERE id = $1)
		ORDER BY number`, string(id))
	return events, err
}
