package store

import (
	"time"

	"letterlock"
)

// InsertView adds a view, and reports false if its id is taken.
func (tx *Tx) InsertView(v *letterlock.View) (bool, error) {
	n, err := tx.exec(`
		INSERT INTO secret_view (
			id,
			secret,
			view_hash,
			number,
			opened_at,
			grace_until
		) VALUES ($1, (SELECT number FROM secret WHERE id = $2), $3, $4, $5, $6)
		ON CONFLICT (id) DO NOTHING`,
		string(v.ID),
		string(v.SecretID),
		v.Hash[:],
		v.Number,
		millis(v.OpenedAt),
		millis(v.GraceUntil),
	)
	return n == 1, err
}

// View reads a view, or is letterlock.ErrNotFound. Decide by it only under the
// lock of its secret.
func (tx *Tx) View(id letterlock.ViewID) (*letterlock.View, error) {
	var v letterlock.View
	err := tx.scan(tx.conn.row(`
		SELECT
			secret_view.id,
			secret.id,
			secret_view.view_hash,
			secret_view.number,
			secret_view.opened_at,
			secret_view.grace_until,
			secret_view.closed_at
		FROM secret_view
		JOIN secret ON secret.number = secret_view.secret
		WHERE secret_view.id = $1`, string(id)),
		(*string)(&v.ID),
		(*string)(&v.SecretID),
		fixed(v.Hash[:]),
		number{&v.Number},
		instant{&v.OpenedAt},
		instant{&v.GraceUntil},
		instant{&v.ClosedAt},
	)
	if err != nil {
		return nil, err
	}
	return &v, nil
}

// CloseView records that the reader's client had everything.
func (tx *Tx) CloseView(id letterlock.ViewID, at time.Time) error {
	_, err := tx.exec(`
		UPDATE secret_view SET
			closed_at = $1
		WHERE id = $2`, millis(at), string(id))
	return err
}

// LastGrace is when the last open view of a secret ends, the zero time if none
// is open at now.
func (tx *Tx) LastGrace(id letterlock.SecretID, now time.Time) (time.Time, error) {
	var last time.Time
	err := tx.scan(tx.conn.row(`
		SELECT MAX(grace_until)
		FROM secret_view
		WHERE secret = (SELECT number FROM secret WHERE id = $1)
		AND closed_at IS NULL
		AND grace_until > $2`, string(id), millis(now)), instant{&last})
	return last, err
}
