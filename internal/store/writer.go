package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"runtime/debug"
	"sync"
	"time"

	"letterlock"
)

// A group commit: every transaction function that waits is run, each in a
// savepoint, inside one SQLite transaction, so that one sync of the disk makes
// all of them durable. A function that fails is rolled back alone. Nobody gets
// an answer before COMMIT has returned, also those who were refused: what they
// saw may be gone if it fails.

const (
	maxBatch  = 256  // functions in one commit
	maxQueued = 4096 // functions that wait; more are told to come back

	// maxLog is how many pages the write-ahead log has when they are written
	// back, 16 MB: pages written often are moved once, and a start after a crash
	// reads little.
	maxLog = 4000
)

// writer owns the one connection that writes. Only its goroutine uses conn,
// stmts and batch.
type writer struct {
	jobs    chan *job
	stopped chan struct{}
	failed  chan struct{} // closed by fail
	fail    func()

	mu      sync.RWMutex // keeps jobs open while one is added
	closing bool         // guarded by mu

	db    *sql.DB
	conn  *sql.Conn
	stmts map[string]*sql.Stmt
	batch []*job
}

// job is one transaction function and where its outcome goes.
type job struct {
	f    func(*Tx) error
	db   *DB
	err  error
	done chan error
}

var (
	errQueueFull = errors.New("too many transactions wait")
	errClosed    = errors.New("the database is closed")
	errFailed    = errors.New("the disk refused a write before")
)

func startWriter(ctx context.Context, db *sql.DB) (*writer, error) {
	w := &writer{db: db, jobs: make(chan *job, maxQueued), stopped: make(chan struct{}), failed: make(chan struct{})}
	w.fail = sync.OnceFunc(func() { close(w.failed) })
	if err := w.connect(ctx); err != nil {
		return nil, err
	}
	go w.run()
	return w, nil
}

// do queues f and waits for its outcome. No request's context reaches the
// writer: once begun, a transaction ends one way or the other.
func (w *writer) do(db *DB, f func(*Tx) error) error {
	j := &job{f: f, db: db, done: make(chan error, 1)}
	if err := w.add(j); err != nil {
		return unavailable(err)
	}
	return <-j.done
}

func (w *writer) add(j *job) error {
	w.mu.RLock()
	defer w.mu.RUnlock()
	if w.closing {
		return errClosed
	}
	select {
	case w.jobs <- j:
		return nil
	default:
		return errQueueFull
	}
}

// stop lets the queued functions finish; later ones are refused.
func (w *writer) stop() {
	w.mu.Lock()
	w.closing = true
	close(w.jobs)
	w.mu.Unlock()
	<-w.stopped
	w.disconnect()
}

func (w *writer) run() {
	defer close(w.stopped)
	for first := range w.jobs {
		w.batch = append(w.batch[:0], first)
		w.fill()
		if err := w.commit(); err != nil {
			w.abort(err)
		}
		for i, j := range w.batch {
			j.done <- j.err
			w.batch[i] = nil
		}
		if err := w.shortenLog(); err != nil {
			w.judge(err)
		}
	}
}

// fill takes what waits already, without waiting for more.
func (w *writer) fill() {
	for len(w.batch) < maxBatch {
		select {
		case j, ok := <-w.jobs:
			if !ok {
				return
			}
			w.batch = append(w.batch, j)
		default:
			return
		}
	}
}

// commit runs the batch in one transaction. An error says that nothing is known
// of any of them.
func (w *writer) commit() error {
	select {
	case <-w.failed:
		return errFailed
	default:
	}
	if w.conn == nil {
		if err := w.connect(context.Background()); err != nil {
			return err
		}
	}
	if err := w.exec("BEGIN IMMEDIATE"); err != nil {
		return err
	}
	for _, j := range w.batch {
		if err := w.runJob(j); err != nil {
			return err
		}
	}
	if err := w.exec("COMMIT"); err != nil {
		return fmt.Errorf("%w: %w", ErrUnknown, err)
	}
	return nil
}

// runJob runs one function, again if it was in conflict. It sets the job's own
// error, and returns one only if the batch is lost with it.
func (w *writer) runJob(j *job) error {
	for range attempts {
		if again, err := w.tryJob(j); err != nil || !again {
			return err
		}
	}
	return nil
}

func (w *writer) tryJob(j *job) (again bool, err error) {
	c := &writerConn{w: w}
	tx := &Tx{conn: c, db: j.db}
	j.err = guard(j.f, tx)
	if tx.err != nil {
		if classifySQLite(tx.err) != conflict {
			return false, tx.err // SQLite may have ended the transaction by itself
		}
		again, j.err = true, unavailable(tx.err)
	}
	if !c.wrote {
		return again, nil
	}
	if j.err != nil {
		if err := w.exec("ROLLBACK TO job"); err != nil {
			return false, err
		}
	}
	return again, w.exec("RELEASE job")
}

// guard turns a panic of f into its error, so that the others in the batch keep
// their transaction.
func guard(f func(*Tx) error, tx *Tx) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("store: panic in a transaction: %v\n%s", p, debug.Stack())
		}
	}()
	return f(tx)
}

// abort answers the whole batch after a failure and drops the connection: the
// next batch gets a new one in a known state.
func (w *writer) abort(err error) {
	w.judge(err)
	code := unavailable(err)
	if classifySQLite(err) == full {
		code = fmt.Errorf("store: %w: %w", letterlock.ErrFull, err)
	}
	for _, j := range w.batch {
		j.err = code
	}
	w.disconnect()
}

// judge decides whether anything can be tried after an error. When a write or a
// sync of it failed, the system may drop what it could not write, and say
// nothing the next time: only what a new process reads is what there is.
func (w *writer) judge(err error) {
	if refusedWrite(err) {
		w.fail()
	}
}

// shortenLog writes the log back once it is long, as far as no reader needs it.
// SQLite would do so by itself at the end of a commit, and not say if it failed.
func (w *writer) shortenLog() error {
	if w.conn == nil {
		return nil
	}
	pages, err := w.checkpoint("PRAGMA wal_checkpoint(NOOP)")
	if err == nil && pages >= maxLog {
		_, err = w.checkpoint("PRAGMA wal_checkpoint(PASSIVE)")
	}
	return err
}

// checkpoint reports how many pages of the log are not written back.
func (w *writer) checkpoint(text string) (pages int, err error) {
	stmt, err := w.prepare(text)
	if err != nil {
		return 0, err
	}
	var busy, log, moved int
	err = stmt.QueryRow().Scan(&busy, &log, &moved)
	return log - moved, err
}

func (w *writer) connect(ctx context.Context) (err error) {
	w.stmts = map[string]*sql.Stmt{}
	w.conn, err = w.db.Conn(ctx)
	return err
}

// disconnect closes the connection itself, not only our hold of it: one that
// may be inside a transaction must not go back to the pool.
func (w *writer) disconnect() {
	if w.conn == nil {
		return
	}
	for _, stmt := range w.stmts {
		stmt.Close()
	}
	w.conn.Raw(func(any) error { return driver.ErrBadConn })
	w.conn.Close()
	w.conn, w.stmts = nil, nil
}

func (w *writer) prepare(text string) (*sql.Stmt, error) {
	if stmt, ok := w.stmts[text]; ok {
		return stmt, nil
	}
	stmt, err := w.conn.PrepareContext(context.Background(), text)
	if err != nil {
		return nil, err
	}
	w.stmts[text] = stmt
	return stmt, nil
}

func (w *writer) exec(text string) error {
	stmt, err := w.prepare(text)
	if err != nil {
		return err
	}
	_, err = stmt.Exec()
	return err
}

// writerConn is the writer's connection as one job sees it. The savepoint is
// set before the job's first write, so that those who only look cost nothing.
type writerConn struct {
	w     *writer
	wrote bool
}

func (c *writerConn) query(text string, args ...any) (*sql.Rows, error) {
	stmt, err := c.w.prepare(text)
	if err != nil {
		return nil, err
	}
	return stmt.Query(args...)
}

func (c *writerConn) row(text string, args ...any) *sql.Row {
	stmt, err := c.w.prepare(text)
	if err != nil {
		return c.w.conn.QueryRowContext(context.Background(), text, args...) // fails in the same way
	}
	return stmt.QueryRow(args...)
}

func (c *writerConn) exec(text string, args ...any) (sql.Result, error) {
	if err := c.savepoint(); err != nil {
		return nil, err
	}
	stmt, err := c.w.prepare(text)
	if err != nil {
		return nil, err
	}
	return stmt.Exec(args...)
}

func (c *writerConn) savepoint() error {
	if c.wrote {
		return nil
	}
	c.wrote = true
	return c.w.exec("SAVEPOINT job")
}

func (*writerConn) clock(c Clock) (time.Time, error) { return c.Now(), nil }
func (*writerConn) forUpdate() string                { return "" }
func (*writerConn) classify(err error) failure       { return classifySQLite(err) }
