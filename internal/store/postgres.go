package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
)

const (
	// poolSize beats a pool as large as the number of clients: the server's
	// processes contend for the same rows and cores.
	poolSize = 16

	// attempts of a transaction that PostgreSQL asks to repeat.
	attempts = 5

	statementTimeout = "10s"
)

// postgresEngine is a PostgreSQL database: row locks and conditional updates at
// READ COMMITTED.
type postgresEngine struct{ db *sql.DB }

func openPostgres(ctx context.Context, source string) (engine, error) {
	config, err := pgx.ParseConfig(source)
	if err != nil {
		// pgx blanks the password only where it could parse the URL.
		return nil, errors.New("the database URL cannot be read: want postgres://user:password@host:port/name?sslmode=verify-full")
	}
	config.RuntimeParams["application_name"] = "letterlock"
	config.RuntimeParams["statement_timeout"] = statementTimeout
	config.RuntimeParams["default_transaction_isolation"] = "read committed"
	db := stdlib.OpenDB(*config)
	db.SetMaxOpenConns(poolSize)
	db.SetMaxIdleConns(poolSize)
	e := &postgresEngine{db}
	if err := e.check(ctx); err != nil {
		db.Close()
		return nil, err
	}
	if err := migrate(ctx, db, goose.DialectPostgres); err != nil {
		db.Close()
		return nil, err
	}
	return e, nil
}

// check refuses a server on which an answered commit could be lost.
func (e *postgresEngine) check(ctx context.Context) error {
	var version int
	var fsync, pages, commit string
	err := e.db.QueryRowContext(ctx, `SELECT current_setting('server_version_num')::int, current_setting('fsync'),
		current_setting('full_page_writes'), current_setting('synchronous_commit')`).Scan(&version, &fsync, &pages, &commit)
	switch {
	case err != nil:
		return fmt.Errorf("reach PostgreSQL: %w", err)
	case version < 150000:
		return errors.New("PostgreSQL 15 or newer is needed")
	case fsync != "on" || pages != "on":
		return errors.New("PostgreSQL runs with fsync or full_page_writes off: a crash could bring opened secrets back; switch both on")
	case commit == "off":
		return errors.New("PostgreSQL runs with synchronous_commit off: views that were counted could be forgotten; switch it on")
	}
	return nil
}

func (e *postgresEngine) tx(ctx context.Context, db *DB, f func(*Tx) error) error {
	var err error
	for range attempts {
		if err = e.try(ctx, db, f); !errors.Is(err, errAgain) {
			return err
		}
	}
	return unavailable(err)
}

// errAgain marks a transaction that was rolled back to be repeated: a deadlock
// or a serialization failure.
var errAgain = errors.New("store: repeat the transaction")

func (e *postgresEngine) try(ctx context.Context, db *DB, f func(*Tx) error) error {
	begun, err := e.db.BeginTx(ctx, nil)
	if err != nil {
		return unavailable(err)
	}
	defer begun.Rollback() // after a panic; nothing to do after the others
	tx := &Tx{conn: postgresTx{ctx, begun}, db: db}
	if err := f(tx); err != nil {
		begun.Rollback()
		if tx.err != nil && classifyPostgres(tx.err) == conflict {
			return fmt.Errorf("%w: %w", errAgain, tx.err)
		}
		return err
	}
	if err := begun.Commit(); err != nil {
		if classifyPostgres(err) == conflict {
			return fmt.Errorf("%w: %w", errAgain, err)
		}
		return unavailable(err) // it may have been committed
	}
	return nil
}

func (e *postgresEngine) read(ctx context.Context, db *DB, f func(*Tx) error) error {
	return f(&Tx{conn: postgresTx{ctx, e.db}, db: db})
}

func (e *postgresEngine) truncateLog(context.Context) error { return nil }

func (e *postgresEngine) close() error { return e.db.Close() }

// postgresTx runs statements on a transaction, or on the pool for reads. The
// driver keeps them prepared.
type postgresTx struct {
	ctx context.Context
	db  interface {
		QueryContext(context.Context, string, ...any) (*sql.Rows, error)
		QueryRowContext(context.Context, string, ...any) *sql.Row
		ExecContext(context.Context, string, ...any) (sql.Result, error)
	}
}

func (c postgresTx) query(text string, args ...any) (*sql.Rows, error) {
	return c.db.QueryContext(c.ctx, text, args...)
}

func (c postgresTx) row(text string, args ...any) *sql.Row {
	return c.db.QueryRowContext(c.ctx, text, args...)
}

func (c postgresTx) exec(text string, args ...any) (sql.Result, error) {
	return c.db.ExecContext(c.ctx, text, args...)
}

// clock is the server's, which all nodes share.
func (c postgresTx) clock(clock Clock) (time.Time, error) {
	var now time.Time
	if err := c.row(`SELECT clock_timestamp()`).Scan(&now); err != nil {
		return time.Time{}, err
	}
	return now.Add(clock.Offset()), nil
}

func (postgresTx) forUpdate() string          { return " FOR UPDATE" }
func (postgresTx) classify(err error) failure { return classifyPostgres(err) }

func classifyPostgres(err error) failure {
	var e *pgconn.PgError
	if !errors.As(err, &e) {
		return broken
	}
	switch e.Code {
	case "40001", "40P01": // serialization failure, deadlock
		return conflict
	case "53100": // disk full
		return full
	}
	if e.Code[:2] == "23" {
		return constraint
	}
	return broken
}
