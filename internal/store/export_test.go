package store

import (
	"database/sql"
	"strings"
	"time"

	"letterlock"
)

// Exec runs any statement in the transaction, as row functions do.
func (tx *Tx) Exec(text string, args ...any) error {
	_, err := tx.exec(text, args...)
	return err
}

// Get reads one row with any query.
func (tx *Tx) Get(text string, dest ...any) error { return tx.scan(tx.conn.row(text), dest...) }

// Explain has the engine compile a statement, its arguments NULL.
func (tx *Tx) Explain(text string, args int) error {
	return tx.each(func(*sql.Rows) error { return nil }, "EXPLAIN "+text, make([]any, args)...)
}

// Waiting is how many transactions wait for SQLite's writer.
func (db *DB) Waiting() int { return len(db.engine.(*sqliteEngine).writer.jobs) }

// SetPatience sets how long a call on PostgreSQL may take.
func (db *DB) SetPatience(d time.Duration) { db.engine.(*postgresEngine).patience = d }

// NumberAs has the next rows numbered as if other had not begun yet.
func (db *DB) NumberAs(other *DB) {
	db.numbers.offset = other.numbers.offset
	db.numbers.last.Store(0)
}

// MaxQueued and MaxBatch bound the group commit.
const (
	MaxQueued = maxQueued
	MaxBatch  = maxBatch
)

// Plans is how SQLite runs a list: each of its runs by itself, and the page.
func (tx *Tx) Plans(q letterlock.SecretQuery) (runs []string, page string, err error) {
	r, args, err := tx.listing(q)
	if err != nil {
		return nil, "", err
	}
	for _, text := range r.runs(q) {
		plan, err := tx.plan(text, args)
		if err != nil {
			return nil, "", err
		}
		runs = append(runs, plan)
	}
	page, err = tx.plan(r.page(r.runs(q)), args)
	return runs, page, err
}

// plan is what EXPLAIN QUERY PLAN says, a step on each line.
func (tx *Tx) plan(text string, args []any) (string, error) {
	var steps []string
	err := tx.each(func(rows *sql.Rows) error {
		var id, parent, unused int
		var step string
		err := rows.Scan(&id, &parent, &unused, &step)
		steps = append(steps, step)
		return err
	}, "EXPLAIN QUERY PLAN "+text, args...)
	return strings.Join(steps, "\n"), err
}

// LogPlan is how SQLite runs a page of the log.
func (tx *Tx) LogPlan(q letterlock.EventQuery) (string, error) {
	text, args := logQuery(q)
	return tx.plan(text, args)
}
