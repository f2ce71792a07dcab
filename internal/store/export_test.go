package store

import "database/sql"

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

// MaxQueued and MaxBatch bound the group commit.
const (
	MaxQueued = maxQueued
	MaxBatch  = maxBatch
)
