package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/gofrs/flock"
	"github.com/pressly/goose/v3"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// readers is how many connections look while the one writer writes. Each holds
// a page cache, so few.
const readers = 4

// openAgain is how often a process asks whether another is done opening the file.
const openAgain = 5 * time.Millisecond

// sqliteEngine is one SQLite file: one connection that writes, in groups, and a
// few that read.
type sqliteEngine struct {
	path   string
	write  *sql.DB
	pool   *sql.DB
	log    *sql.DB // empties the write-ahead log
	writer *writer
	stmts  sync.Map // text → *sql.Stmt, on the pool
}

func openSQLite(ctx context.Context, path string) (engine, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return nil, err
	}
	// Of two processes that open a new file at once, one makes the tables.
	dir := flock.New(filepath.Dir(path), flock.SetFlag(os.O_RDONLY))
	if _, err := dir.TryLockContext(ctx, openAgain); err != nil {
		return nil, fmt.Errorf("open the database: %w", err)
	}
	defer dir.Close()
	// SQLite would make it readable to others.
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open the database: %w", err)
	}
	f.Close()
	// The same durability for a commit, without a journal entry of the file
	// system for the file's times. The setting is the process's.
	if _, err := sqlite.Fdatasync(true); err != nil && !errors.Is(err, sqlite.ErrFdatasyncUnavailable) {
		return nil, err
	}
	e := &sqliteEngine{path: path}
	if err := e.open(ctx); err != nil {
		e.close()
		return nil, fmt.Errorf("open the database %s: %w", path, err)
	}
	return e, nil
}

func (e *sqliteEngine) open(ctx context.Context) (err error) {
	if e.write, err = sql.Open("sqlite", sqliteDSN(e.path, "5000", "-4000")); err != nil {
		return err
	}
	e.write.SetMaxOpenConns(1)
	if err := checkPragmas(ctx, e.write); err != nil {
		return err
	}
	if err := migrate(ctx, e.write, goose.DialectSQLite3, sqliteAppendOnly); err != nil {
		return err
	}
	if e.pool, err = sql.Open("sqlite", sqliteDSN(e.path, "5000", "-1000", "query_only(1)")); err != nil {
		return err
	}
	e.pool.SetMaxOpenConns(readers)
	e.pool.SetMaxIdleConns(readers)
	if e.log, err = sql.Open("sqlite", sqliteDSN(e.path, "100", "-100")); err != nil {
		return err
	}
	e.log.SetMaxOpenConns(1)
	e.writer, err = startWriter(ctx, e.write)
	return err
}

// sqliteDSN names the file with what every connection is set to. A URL, because
// the driver drops what follows the ? of a plain file name.
func sqliteDSN(path, patience, cache string, more ...string) string {
	pragmas := append([]string{
		"busy_timeout(" + patience + ")",
		"journal_mode(WAL)",
		"synchronous(FULL)",
		"foreign_keys(1)",
		"secure_delete(1)",
		"trusted_schema(0)",
		"temp_store(MEMORY)",
		"wal_autocheckpoint(0)", // the writer does it
		"journal_size_limit(67108864)",
		"cache_size(" + cache + ")",
	}, more...)
	u := url.URL{Scheme: "file", Path: path, RawQuery: url.Values{"_pragma": pragmas}.Encode()}
	return u.String()
}

// checkPragmas reads back what durability and deletion rest on: a file system
// without shared memory, say, silently refuses WAL.
func checkPragmas(ctx context.Context, db *sql.DB) error {
	for name, want := range map[string]string{
		"journal_mode": "wal", "synchronous": "2", "foreign_keys": "1", "secure_delete": "1", "trusted_schema": "0",
	} {
		var got string
		if err := db.QueryRowContext(ctx, "PRAGMA "+name).Scan(&got); err != nil {
			return fmt.Errorf("read %s: %w", name, err)
		}
		if got != want {
			return fmt.Errorf("%s is %q, must be %q: put the data directory on a local file system", name, got, want)
		}
	}
	return nil
}

func (e *sqliteEngine) tx(_ context.Context, db *DB, f func(*Tx) error) error {
	return e.writer.do(db, f)
}

func (e *sqliteEngine) read(ctx context.Context, db *DB, f func(*Tx) error) error {
	return f(&Tx{conn: sqliteReader{ctx, e}, db: db})
}

// truncateLog first writes back what it can beside the writer. To empty the log
// it then has to keep the writer out, and waits for readers of old pages: on a
// connection of its own, which gives up soon.
func (e *sqliteEngine) truncateLog(ctx context.Context) error {
	var busy, log, moved int
	for _, text := range []string{"PRAGMA wal_checkpoint(PASSIVE)", "PRAGMA wal_checkpoint(TRUNCATE)"} {
		if err := e.log.QueryRowContext(ctx, text).Scan(&busy, &log, &moved); err != nil {
			e.writer.judge(err)
			return fmt.Errorf("store: empty the write-ahead log: %w", err)
		}
	}
	if busy != 0 {
		return unavailable(errors.New("the write-ahead log is in use"))
	}
	return nil
}

func (e *sqliteEngine) failed() <-chan struct{} { return e.writer.failed }

func (e *sqliteEngine) close() error {
	if e.writer != nil {
		e.writer.stop()
	}
	var errs []error
	for _, db := range []*sql.DB{e.pool, e.log, e.write} {
		if db != nil {
			errs = append(errs, db.Close())
		}
	}
	return errors.Join(errs...)
}

// sqliteAppendOnly keeps the log as it was written: no line is changed, and none
// goes before its time but those that only belong to an anonymous secret's
// receipt. What time it is the log says itself, by the last line that says it
// was pruned: so nothing goes without such a line that stays, and the clock is
// that of the transaction.
var sqliteAppendOnly = []string{`
	CREATE TRIGGER event_unchanged BEFORE UPDATE ON event
	BEGIN
		SELECT RAISE(ABORT, 'events are never changed');
	END`, `
	CREATE TRIGGER event_kept BEFORE DELETE ON event
	WHEN (OLD.secret IS NULL OR OLD.org IS NOT NULL OR OLD.actor IS NOT NULL)
	AND OLD.at >= COALESCE((SELECT MAX(at) FROM event WHERE action = 'events_pruned'), 0)
		- 1000 * COALESCE((SELECT event_life FROM organization WHERE id = OLD.org), 31536000)
	BEGIN
		SELECT RAISE(ABORT, 'events are kept until their time is over');
	END`,
}

// sqliteReader prepares each text once on the pool, which keeps it prepared on
// every connection.
type sqliteReader struct {
	ctx    context.Context
	engine *sqliteEngine
}

func (r sqliteReader) prepare(text string) (*sql.Stmt, error) {
	if stmt, ok := r.engine.stmts.Load(text); ok {
		return stmt.(*sql.Stmt), nil
	}
	stmt, err := r.engine.pool.Prepare(text)
	if err != nil {
		return nil, err
	}
	if first, loaded := r.engine.stmts.LoadOrStore(text, stmt); loaded {
		stmt.Close()
		stmt = first.(*sql.Stmt)
	}
	return stmt, nil
}

func (r sqliteReader) query(text string, args ...any) (*sql.Rows, error) {
	stmt, err := r.prepare(text)
	if err != nil {
		return nil, err
	}
	return stmt.QueryContext(r.ctx, args...)
}

func (r sqliteReader) row(text string, args ...any) *sql.Row {
	stmt, err := r.prepare(text)
	if err != nil {
		return r.engine.pool.QueryRowContext(r.ctx, text, args...) // fails in the same way
	}
	return stmt.QueryRowContext(r.ctx, args...)
}

func (r sqliteReader) exec(string, ...any) (sql.Result, error) {
	return nil, errors.New("a write outside a transaction")
}

func (sqliteReader) clock(c Clock) (time.Time, error) { return c.Now(), nil }
func (sqliteReader) forUpdate() string                { return "" }
func (sqliteReader) classify(err error) failure       { return classifySQLite(err) }

// sqliteNumbers are how SQLite names the keys that keep numbers apart.
var sqliteNumbers = []string{": secret.number ", ": event.secret, event.number ", ": outbox.number "}

func classifySQLite(err error) failure {
	var e *sqlite.Error
	if !errors.As(err, &e) {
		return broken
	}
	switch e.Code() & 0xff {
	case sqlite3.SQLITE_CONSTRAINT:
		// A number taken before a clock went back, in another process.
		if slices.ContainsFunc(sqliteNumbers, func(key string) bool { return strings.Contains(e.Error(), key) }) {
			return conflict
		}
		return constraint
	case sqlite3.SQLITE_FULL:
		return full
	default:
		return broken
	}
}

// refusedWrite reports whether the disk failed, other than to give what is on it.
func refusedWrite(err error) bool {
	var e *sqlite.Error
	if !errors.As(err, &e) || e.Code()&0xff != sqlite3.SQLITE_IOERR {
		return false
	}
	return e.Code() != sqlite3.SQLITE_IOERR_READ && e.Code() != sqlite3.SQLITE_IOERR_SHORT_READ
}
