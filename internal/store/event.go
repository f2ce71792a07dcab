package store

import (
	"database/sql"
	"math"
	"slices"
	"strconv"
	"time"

	"letterlock"
)

// RecordEvent adds a line to the log.
func (tx *Tx) RecordEvent(e letterlock.Event) error {
	if e == (letterlock.Event{At: e.At, Action: e.Action, SecretID: e.SecretID}) {
		return tx.recordAnonymous(e)
	}
	subject := e.Subject
	if subject == "" && (e.Org != "" || e.Actor != "") {
		subject = string(e.SecretID) // which is known here longer than the secret is
	}
	_, err := tx.exec(`
		INSERT INTO event (
			number,
			at,
			action,
			secret,
			actor,
			org,
			subject,
			refused,
			net
		) VALUES ($1, $2, $3, (SELECT number FROM secret WHERE id = $4), $5, $6, $7, $8, $9)`,
		tx.db.numbers.next(e.At),
		millis(e.At),
		string(e.Action),
		orNull(e.SecretID),
		orNull(e.Actor),
		orNull(e.Org),
		orNull(subject),
		orNull(e.Refused),
		orNull(e.Net),
	)
	return err
}

// recordAnonymous is RecordEvent for most lines there are: nobody we know did
// something with a secret, and no more is kept.
func (tx *Tx) recordAnonymous(e letterlock.Event) error {
	_, err := tx.exec(`
		INSERT INTO event (secret, number, at, action)
		VALUES ((SELECT number FROM secret WHERE id = $1), $2, $3, $4)`,
		string(e.SecretID), tx.db.numbers.next(e.At), millis(e.At), string(e.Action))
	return err
}

// Events lists what happened to a secret, oldest first: the receipt's part of
// the log, without what was refused. Of more than letterlock.MaxEvents it is the
// last ones.
func (tx *Tx) Events(id letterlock.SecretID) ([]letterlock.Event, error) {
	var events []letterlock.Event
	err := tx.each(func(rows *sql.Rows) error {
		e := letterlock.Event{SecretID: id}
		if err := tx.scan(rows,
			instant{&e.At},
			(*string)(&e.Action),
			text{(*string)(&e.Actor)},
			text{(*string)(&e.Org)},
			text{(*string)(&e.Net)},
			&e.ActorName,
		); err != nil {
			return err
		}
		events = append(events, e)
		return nil
	}, `
		SELECT
			event.at,
			event.action,
			event.actor,
			event.org,
			event.net,
			COALESCE(NULLIF(account.name, ''), account.email, '')
		FROM event
		LEFT JOIN account ON account.id = event.actor
		WHERE event.secret = (SELECT number FROM secret WHERE id = $1)
		AND event.refused IS NULL
		ORDER BY event.number DESC
		LIMIT $2`, string(id), letterlock.MaxEvents)
	slices.Reverse(events)
	return events, err
}

// CountEvents is how often something is recorded of a secret.
func (tx *Tx) CountEvents(id letterlock.SecretID, action letterlock.Action) (int, error) {
	var n int
	err := tx.scan(tx.conn.row(`
		SELECT COUNT(*)
		FROM event
		WHERE secret = (SELECT number FROM secret WHERE id = $1)
		AND action = $2
		AND refused IS NULL`, string(id), string(action)), &n)
	return n, err
}

const selectLog = `
	SELECT
		event.number,
		event.at,
		event.action,
		event.secret IS NOT NULL AND event.subject IS NOT NULL,
		event.actor,
		event.subject,
		event.refused,
		event.net,
		COALESCE(NULLIF(account.name, ''), account.email, '')
	FROM event
	LEFT JOIN account ON account.id = event.actor`

// Log lists a page of an organization's log, the newest line first. Times are
// those at which lines were recorded.
func (tx *Tx) Log(q letterlock.EventQuery) ([]letterlock.Event, error) {
	events := []letterlock.Event{}
	text, args := logQuery(q)
	err := tx.each(func(rows *sql.Rows) error {
		e, err := tx.scanLog(rows)
		e.Org = q.Org
		events = append(events, e)
		return err
	}, text, args...)
	return events, err
}

// logQuery is the statement for a query, and its arguments. The indexes for a
// person and for an action have them joined to the organization in one key:
// SQLite would choose the index of the organization alone before one of two
// columns.
func logQuery(q letterlock.EventQuery) (string, []any) {
	text, key := " WHERE event.org = $1", string(q.Org)
	switch {
	case q.Actor != "":
		text, key = " WHERE event.org IS NOT NULL AND event.org || ' ' || event.actor = $1", key+" "+string(q.Actor)
	case q.Action != "":
		text, key = " WHERE event.org IS NOT NULL AND event.org || ' ' || event.action = $1", key+" "+string(q.Action)
	}
	args := []any{key}
	add := func(condition string, arg any) {
		args = append(args, arg)
		text += condition + strconv.Itoa(len(args))
	}
	if q.Actor != "" && q.Action != "" {
		add(" AND event.action = $", string(q.Action))
	}
	before := int64(math.MaxInt64)
	if !q.Until.IsZero() {
		before = q.Until.UnixMilli() * numbersPerMilli
	}
	if q.Before != 0 {
		before = min(before, q.Before)
	}
	add(" AND event.number < $", before)
	if !q.From.IsZero() {
		add(" AND event.number >= $", q.From.UnixMilli()*numbersPerMilli)
	}
	add(" ORDER BY event.number DESC LIMIT $", q.Limit)
	return selectLog + text, args
}

func (tx *Tx) scanLog(rows *sql.Rows) (letterlock.Event, error) {
	var e letterlock.Event
	var secret bool
	err := tx.scan(rows,
		&e.Number,
		instant{&e.At},
		(*string)(&e.Action),
		&secret,
		text{(*string)(&e.Actor)},
		text{&e.Subject},
		text{(*string)(&e.Refused)},
		text{(*string)(&e.Net)},
		&e.ActorName,
	)
	if secret {
		e.SecretID, e.Subject = letterlock.SecretID(e.Subject), ""
	}
	return e, err
}

// PruneLog removes at most limit lines from before a time, of an organization's
// log or, of none, those of people and of the instance. It reports how many. The
// schema lets none go whose time is not over, and none at all unless a line of
// letterlock.ActionEventsPruned was recorded first.
func (tx *Tx) PruneLog(org letterlock.OrgID, before time.Time, limit int) (int64, error) {
	until := before.UnixMilli() * numbersPerMilli
	if org == "" {
		return tx.exec(`
			DELETE FROM event
			WHERE org IS NULL
			AND (secret IS NULL OR actor IS NOT NULL)
			AND number IN (
				SELECT number
				FROM event
				WHERE org IS NULL
				AND (secret IS NULL OR actor IS NOT NULL)
				AND number < $1
				ORDER BY number
				LIMIT $2
			)`, until, limit)
	}
	return tx.exec(`
		DELETE FROM event
		WHERE org = $1
		AND number IN (
			SELECT number
			FROM event
			WHERE org = $1
			AND number < $2
			ORDER BY number
			LIMIT $3
		)`, string(org), until, limit)
}

// OldestEvent is when the first line of an organization's log was recorded, or
// of none, the first of people and of the instance; letterlock.ErrNotFound if
// there is none.
func (tx *Tx) OldestEvent(org letterlock.OrgID) (time.Time, error) {
	// A row that is asked for is read: it holds a connection until then.
	var at time.Time
	if org == "" {
		err := tx.scan(tx.conn.row(`
			SELECT at
			FROM event
			WHERE org IS NULL
			AND (secret IS NULL OR actor IS NOT NULL)
			ORDER BY number
			LIMIT 1`), instant{&at})
		return at, err
	}
	err := tx.scan(tx.conn.row(`
		SELECT at
		FROM event
		WHERE org = $1
		ORDER BY number
		LIMIT 1`, string(org)), instant{&at})
	return at, err
}
