// Package store keeps the rows: rows in, rows out, one SQL text for SQLite and
// PostgreSQL. It decides nothing about who may do what.
//
// [DB.Tx] is the only way to write, and what it returned nil for is durable.
// [DB.Read] is for looking.
package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"letterlock"
)

// DB is an open database. It is safe for concurrent use.
type DB struct {
	engine  engine
	clock   Clock
	numbers *numbers
	close   func() error
}

// ErrUnknown stands, beside letterlock.ErrUnavailable, in what Tx returns for a
// transaction that may have been committed.
var ErrUnknown = errors.New("whether it was committed is unknown")

// attempts of a transaction that is in conflict with another.
const attempts = 5

// Clock is where the time of a transaction comes from.
type Clock interface {
	// Now is the time on SQLite.
	Now() time.Time
	// Offset is added to PostgreSQL's own clock: zero but in tests.
	Offset() time.Duration
}

// SystemClock is the machine's clock.
type SystemClock struct{}

// Now is the present.
func (SystemClock) Now() time.Time { return time.Now() }

// Offset is zero.
func (SystemClock) Offset() time.Duration { return 0 }

// engine is what SQLite and PostgreSQL do differently.
type engine interface {
	tx(ctx context.Context, db *DB, f func(*Tx) error) error
	read(ctx context.Context, db *DB, f func(*Tx) error) error
	truncateLog(ctx context.Context) error
	failed() <-chan struct{}
	close() error
}

// Open opens the database that source names and brings its schema up to date: a
// postgres:// URL, or else the path of an SQLite file, which is made if it is
// missing. Errors say what to do and never repeat a password.
func Open(ctx context.Context, source string, clock Clock) (*DB, error) {
	open := openSQLite
	if strings.HasPrefix(source, "postgres://") || strings.HasPrefix(source, "postgresql://") {
		open = openPostgres
	}
	e, err := open(ctx, source)
	if err != nil {
		return nil, err
	}
	return &DB{engine: e, clock: clock, numbers: newNumbers(), close: sync.OnceValue(e.close)}, nil
}

// Close waits for the transactions under way and releases the database. Again,
// it does nothing.
func (db *DB) Close() error { return db.close() }

// Failed is closed when the disk refused a write of SQLite's. What is read from
// then on need not be what is on the disk, and trying again could seem to work:
// every transaction is refused, and the process has to end. What starts next
// finds what was really kept.
func (db *DB) Failed() <-chan struct{} { return db.engine.failed() }

// Tx runs f in a transaction and returns nil only when its writes are durable.
// An error of f rolls back everything f did and is returned as it is. f may run
// more than once, so it sets what it hands out afresh each time, and it waits
// for nothing but the database.
//
// letterlock.ErrUnavailable means that nothing is known of the outcome, or that
// nothing was tried: the call may be repeated. Whoever asks does not have to
// wait for the outcome: what was begun is ended one way or the other.
func (db *DB) Tx(ctx context.Context, f func(*Tx) error) error { return db.engine.tx(ctx, db, f) }

// Read runs f on a connection that is only read from. Each statement sees the
// latest durable state; two of them need not see the same one.
func (db *DB) Read(ctx context.Context, f func(*Tx) error) error {
	return db.engine.read(ctx, db, f)
}

// TruncateLog writes what is in the write-ahead log back and empties it, so
// that nothing purged lingers there. It keeps no transaction waiting for long:
// while somebody reads what was written before, it is
// letterlock.ErrUnavailable, to be tried again. On PostgreSQL the server does so
// itself.
func (db *DB) TruncateLog(ctx context.Context) error { return db.engine.truncateLog(ctx) }

// Tx is what verbs do with rows, valid until the function that got it returns.
type Tx struct {
	conn conn
	db   *DB
	now  time.Time
	err  error // the first failure that is not a plain constraint
}

// conn runs statements; each engine prepares them in its own way. Only exec
// writes, so that a group commit knows what has to be undone.
type conn interface {
	query(text string, args ...any) (*sql.Rows, error)
	row(text string, args ...any) *sql.Row
	exec(text string, args ...any) (sql.Result, error)

	clock(Clock) (time.Time, error)
	forUpdate() string
	classify(error) failure
}

// failure is what a driver's error means to a transaction.
type failure int

const (
	constraint failure = iota // the statement alone failed
	conflict                  // the whole transaction is tried again
	full                      // no space is left
	broken                    // nothing is known of this transaction any more
)

// Now is the transaction's one time, to the millisecond, taken at the first
// call. Call it after the row lock: time spent waiting for the lock must not
// let a view start after the expiry.
func (tx *Tx) Now() (time.Time, error) {
	if tx.now.IsZero() {
		now, err := tx.conn.clock(tx.db.clock)
		if err != nil {
			return time.Time{}, tx.fail(err)
		}
		tx.now = now.UTC().Truncate(time.Millisecond)
	}
	return tx.now, nil
}

// exec runs one writing statement and reports how many rows it touched.
func (tx *Tx) exec(text string, args ...any) (int64, error) {
	res, err := tx.conn.exec(text, args...)
	if err != nil {
		return 0, tx.fail(err)
	}
	n, err := res.RowsAffected()
	if err != nil {
		return 0, tx.fail(err)
	}
	return n, nil
}

// scan reads one row; none is letterlock.ErrNotFound.
func (tx *Tx) scan(row interface{ Scan(...any) error }, dest ...any) error {
	switch err := row.Scan(dest...); {
	case errors.Is(err, sql.ErrNoRows):
		return letterlock.ErrNotFound
	case err != nil:
		return tx.fail(err)
	}
	return nil
}

// each calls f for every row of a query.
func (tx *Tx) each(f func(*sql.Rows) error, text string, args ...any) error {
	rows, err := tx.conn.query(text, args...)
	if err != nil {
		return tx.fail(err)
	}
	defer rows.Close()
	for rows.Next() {
		if err := f(rows); err != nil {
			return err
		}
	}
	if err := rows.Err(); err != nil {
		return tx.fail(err)
	}
	return nil
}

// fail notes what a driver's error means and gives it the code to answer with.
func (tx *Tx) fail(err error) error {
	kind := tx.conn.classify(err)
	if kind == constraint {
		return fmt.Errorf("store: %w", err)
	}
	if tx.err == nil {
		tx.err = err
	}
	if kind == full {
		return fmt.Errorf("store: %w: %w", letterlock.ErrFull, err)
	}
	return unavailable(err)
}

// unavailable is the answer where nothing is known or nothing was tried.
func unavailable(err error) error {
	return fmt.Errorf("store: %w: %w", letterlock.ErrUnavailable, err)
}
