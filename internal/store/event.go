package store

import (
	"database/sql"

	"letterlock"
)

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
