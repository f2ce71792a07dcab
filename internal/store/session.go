package store

import (
	"database/sql"
	"time"

	"letterlock"
)

// InsertSession adds a session.
func (tx *Tx) InsertSession(s *letterlock.Session) error {
	return tx.one(`
		INSERT INTO session (
			id,
			account,
			hash,
			org,
			created_at,
			seen_at,
			agent,
			net
		) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
		string(s.ID),
		string(s.UserID),
		s.Hash[:],
		orNull(s.Org),
		millis(s.CreatedAt),
		millis(s.SeenAt),
		s.Agent,
		orNull(s.Net),
	)
}

// sessionFields are scanned by scanSession.
const sessionFields = `
		id,
		account,
		hash,
		org,
		created_at,
		seen_at,
		agent,
		net`

// SessionByHash reads the session that a cookie opens, also one whose time is
// over.
func (tx *Tx) SessionByHash(hash letterlock.Hash) (*letterlock.Session, error) {
	return tx.scanSession(tx.conn.row("SELECT"+sessionFields+`
		FROM session
		WHERE hash = $1`, hash[:]))
}

// Sessions lists a user's sessions, the one used last first, also those whose
// time is over.
func (tx *Tx) Sessions(id letterlock.UserID) ([]*letterlock.Session, error) {
	var sessions []*letterlock.Session
	err := tx.each(func(rows *sql.Rows) error {
		s, err := tx.scanSession(rows)
		sessions = append(sessions, s)
		return err
	}, "SELECT"+sessionFields+`
		FROM session
		WHERE account = $1
		ORDER BY seen_at DESC, id`, string(id))
	return sessions, err
}

func (tx *Tx) scanSession(row interface{ Scan(...any) error }) (*letterlock.Session, error) {
	var s letterlock.Session
	err := tx.scan(row,
		(*string)(&s.ID),
		(*string)(&s.UserID),
		fixed(s.Hash[:]),
		text{(*string)(&s.Org)},
		instant{&s.CreatedAt},
		instant{&s.SeenAt},
		&s.Agent,
		text{(*string)(&s.Net)},
	)
	if err != nil {
		return nil, err
	}
	return &s, nil
}

// TouchSession records that a session was used.
func (tx *Tx) TouchSession(id letterlock.SessionID, at time.Time, from letterlock.Net) error {
	return tx.one(`
		UPDATE session SET
			seen_at = $1,
			net     = $2
		WHERE id = $3`, millis(at), orNull(from), string(id))
}

// SetSessionOrg switches a session to an organization, or to the personal space.
func (tx *Tx) SetSessionOrg(id letterlock.SessionID, org letterlock.OrgID) error {
	return tx.one(`
		UPDATE session SET
			org = $1
		WHERE id = $2`, orNull(org), string(id))
}

// RotateSession gives a session another cookie, when its rights change.
func (tx *Tx) RotateSession(id letterlock.SessionID, hash letterlock.Hash) error {
	return tx.one(`
		UPDATE session SET
			hash = $1
		WHERE id = $2`, hash[:], string(id))
}

// EndSession ends one of a user's sessions, and reports false if there is none.
func (tx *Tx) EndSession(user letterlock.UserID, id letterlock.SessionID) (bool, error) {
	n, err := tx.exec(`
		DELETE FROM session
		WHERE id = $1
		AND account = $2`, string(id), string(user))
	return n == 1, err
}

// EndSessions ends all of a user's sessions but one, or all of them if that is
// empty, and reports how many.
func (tx *Tx) EndSessions(user letterlock.UserID, but letterlock.SessionID) (int64, error) {
	return tx.exec(`
		DELETE FROM session
		WHERE account = $1
		AND id <> $2`, string(user), string(but))
}

// LeaveSessions takes a user's sessions out of an organization.
func (tx *Tx) LeaveSessions(user letterlock.UserID, org letterlock.OrgID) error {
	_, err := tx.exec(`
		UPDATE session SET
			org = NULL
		WHERE account = $1
		AND org = $2`, string(user), string(org))
	return err
}

// PruneSessions removes those whose time is over.
func (tx *Tx) PruneSessions(now time.Time) error {
	if _, err := tx.exec(`
		DELETE FROM session
		WHERE seen_at <= $1`, millis(now.Add(-letterlock.SessionIdle))); err != nil {
		return err
	}
	_, err := tx.exec(`
		DELETE FROM session
		WHERE created_at <= $1`, millis(now.Add(-letterlock.SessionLife)))
	return err
}
