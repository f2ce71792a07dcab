package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"os"
	"slices"
	"strings"
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

	// connLife bounds how long a node goes on with the server that a name meant
	// once.
	connLife = 30 * time.Minute

	connectTimeout   = 5 * time.Second
	statementTimeout = "10s"

	// patience is how long one transaction may take, the wait for a connection
	// included: longer than the server gives a statement, so that of the two it
	// is the server that gives up.
	patience = 12 * time.Second
)

// postgresEngine is a PostgreSQL database: row locks and conditional updates at
// READ COMMITTED.
type postgresEngine struct {
	db       *sql.DB
	patience time.Duration
}

func openPostgres(ctx context.Context, source string) (engine, error) {
	config, err := postgresConfig(source)
	if err != nil {
		// pgx blanks the password only where it could parse the URL.
		return nil, errors.New("the database URL cannot be read: want postgres://user:password@host:port/name")
	}
	db := stdlib.OpenDB(*config)
	db.SetMaxOpenConns(poolSize)
	db.SetMaxIdleConns(poolSize)
	db.SetConnMaxLifetime(connLife)
	e := &postgresEngine{db, patience}
	if err := e.check(ctx); err != nil {
		db.Close()
		return nil, err
	}
	if err := migrate(ctx, db, goose.DialectPostgres, postgresAppendOnly); err != nil {
		db.Close()
		return nil, err
	}
	return e, nil
}

// postgresConfig reads a URL. What it does not say is not what pgx would take
// for it: the server proves who it is, and is one that takes writes.
func postgresConfig(source string) (*pgx.ConnConfig, error) {
	config, err := pgx.ParseConfig(source)
	if err != nil {
		return nil, err
	}
	if source, unsaid := verifying(source); unsaid && !onThisMachine(config) {
		if config, err = pgx.ParseConfig(source); err != nil {
			return nil, err
		}
	}
	params := config.RuntimeParams
	params["application_name"] = "letterlock"
	params["statement_timeout"] = statementTimeout
	params["default_transaction_isolation"] = "read committed"
	if params["synchronous_commit"] == "" {
		params["synchronous_commit"] = "on" // whatever the role or the database have
	}
	if config.ConnectTimeout == 0 {
		config.ConnectTimeout = connectTimeout
	}
	// A connection that leads nowhere any more is found out while it is idle.
	config.DialFunc = (&net.Dialer{
		Timeout:         config.ConnectTimeout,
		KeepAliveConfig: net.KeepAliveConfig{Enable: true, Idle: 15 * time.Second, Interval: 5 * time.Second, Count: 3},
	}).DialContext
	config.ValidateConnect = pgconn.ValidateConnectTargetSessionAttrsReadWrite
	return config, nil
}

// verifying is the URL with sslmode=verify-full, and whether it says nothing of
// sslmode itself.
func verifying(source string) (string, bool) {
	u, err := url.Parse(source)
	if err != nil || u.Query().Has("sslmode") || os.Getenv("PGSSLMODE") != "" {
		return source, false
	}
	query := u.Query()
	query.Set("sslmode", "verify-full")
	u.RawQuery = query.Encode()
	return u.String(), true
}

// onThisMachine reports whether nothing leaves the machine on the way to the
// server: Unix sockets, for which there is no TLS, and loopback.
func onThisMachine(config *pgx.ConnConfig) bool {
	local := func(host string) bool {
		ip, err := netip.ParseAddr(host)
		return strings.HasPrefix(host, "/") || host == "localhost" || err == nil && ip.IsLoopback()
	}
	for _, other := range config.Fallbacks {
		if !local(other.Host) {
			return false
		}
	}
	return local(config.Host)
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

// postgresAppendOnly is what sqliteAppendOnly is. TRUNCATE, which SQLite does
// not have, is refused too.
var postgresAppendOnly = []string{`
	CREATE FUNCTION event_unchanged() RETURNS trigger LANGUAGE plpgsql AS $$
	BEGIN
		RAISE EXCEPTION 'events are never changed' USING ERRCODE = 'restrict_violation';
	END $$`, `
	CREATE TRIGGER event_unchanged BEFORE UPDATE OR TRUNCATE ON event
	FOR EACH STATEMENT EXECUTE FUNCTION event_unchanged()`, `
	CREATE FUNCTION event_kept() RETURNS trigger LANGUAGE plpgsql AS $$
	BEGIN
		IF (OLD.secret IS NULL OR OLD.org IS NOT NULL OR OLD.actor IS NOT NULL)
		AND OLD.at >= COALESCE((SELECT MAX(at) FROM event WHERE action = 'events_pruned'), 0)
			- 1000 * COALESCE((SELECT event_life FROM organization WHERE id = OLD.org), 31536000) THEN
			RAISE EXCEPTION 'events are kept until their time is over' USING ERRCODE = 'restrict_violation';
		END IF;
		RETURN OLD;
	END $$`, `
	CREATE TRIGGER event_kept BEFORE DELETE ON event
	FOR EACH ROW EXECUTE FUNCTION event_kept()`,
}

func (e *postgresEngine) tx(ctx context.Context, db *DB, f func(*Tx) error) error {
	ctx, cancel := e.bounded(ctx)
	defer cancel()
	var err error
	for range attempts {
		if err = e.try(ctx, db, f); !errors.Is(err, errAgain) {
			return err
		}
	}
	return unavailable(err)
}

// bounded gives the server its time. Who hangs up does not shorten it: a
// statement that is canceled takes its connection with it, and to make a new one
// costs the server more than to finish.
func (e *postgresEngine) bounded(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.WithoutCancel(ctx), e.patience)
}

// errAgain marks a transaction that was rolled back to be repeated.
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
		return unavailable(fmt.Errorf("%w: %w", ErrUnknown, err))
	}
	return nil
}

func (e *postgresEngine) read(ctx context.Context, db *DB, f func(*Tx) error) error {
	ctx, cancel := e.bounded(ctx)
	defer cancel()
	return f(&Tx{conn: postgresTx{ctx, e.db}, db: db})
}

func (e *postgresEngine) truncateLog(context.Context) error { return nil }

// failed never is: the server ends by itself when its disk fails.
func (e *postgresEngine) failed() <-chan struct{} { return nil }

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

// postgresNumbers are the constraints that keep numbers apart.
var postgresNumbers = []string{"secret_pkey", "event_secret", "outbox_pkey"}

func classifyPostgres(err error) failure {
	var e *pgconn.PgError
	if !errors.As(err, &e) {
		return broken
	}
	switch e.Code {
	case "40001", "40P01": // serialization failure, deadlock
		return conflict
	case "23505": // unique; of a number, another node chose it too
		if slices.Contains(postgresNumbers, e.ConstraintName) {
			return conflict
		}
	case "53100": // disk full
		return full
	}
	if e.Code[:2] == "23" {
		return constraint
	}
	return broken
}
