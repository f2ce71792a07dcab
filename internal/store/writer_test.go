package store_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"letterlock"
	"letterlock/internal/store"
	"letterlock/internal/testkit"
)

// together makes one batch of these functions, in this order: the writer is
// held up by another one while they queue. It returns the outcome of each.
func together(t *testing.T, db *store.DB, functions ...func(*store.Tx) error) []error {
	t.Helper()
	release := holdWriter(t, db)
	outcomes := queue(t, db, functions...)
	release()
	return outcomes()
}

// holdWriter keeps the writer busy until released, at the latest when the test
// ends: the database could not be closed else.
func holdWriter(t *testing.T, db *store.DB) (release func()) {
	t.Helper()
	busy, done := make(chan struct{}), make(chan struct{})
	held := make(chan error, 1)
	free := sync.OnceFunc(func() { close(done) })
	t.Cleanup(free)
	go func() {
		held <- db.Tx(context.Background(), func(*store.Tx) error {
			close(busy)
			<-done
			return nil
		})
	}()
	<-busy
	return func() {
		t.Helper()
		free()
		if err := <-held; err != nil {
			t.Errorf("the transaction in front: %v", err)
		}
	}
}

// queue begins transactions, each behind the other, and returns how to wait for
// their outcomes. The writer is held.
func queue(t *testing.T, db *store.DB, functions ...func(*store.Tx) error) func() []error {
	t.Helper()
	outcomes := make([]error, len(functions))
	var all sync.WaitGroup
	for i, f := range functions {
		all.Go(func() { outcomes[i] = db.Tx(context.Background(), f) })
		waitFor(t, db, i+1)
	}
	return func() []error {
		all.Wait()
		return outcomes
	}
}

// waitFor returns when so many transactions wait for the writer.
func waitFor(t *testing.T, db *store.DB, waiting int) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); db.Waiting() != waiting; {
		if time.Now().After(deadline) {
			t.Fatalf("%d transactions wait for the writer, want %d", db.Waiting(), waiting)
		}
		time.Sleep(50 * time.Microsecond)
	}
}

// inserts is a function that adds a secret.
func inserts(e *testkit.Engine, id letterlock.SecretID) func(*store.Tx) error {
	return func(tx *store.Tx) error {
		added, err := tx.InsertSecret(newSecret(e, id), sealed)
		return want("InsertSecret", true, added, err)
	}
}

// then is f with another end.
func then(f func(*store.Tx) error, end func(*store.Tx) error) func(*store.Tx) error {
	return func(tx *store.Tx) error { return errors.Join(f(tx), end(tx)) }
}

// exists lists the secrets that are there, as the next start would find them.
func exists(t *testing.T, e *testkit.Engine) []letterlock.SecretID {
	t.Helper()
	var ids []letterlock.SecretID
	read(t, e.DB, func(tx *store.Tx) (err error) {
		ids, err = tx.Due(e.Clock.Now().Add(24*time.Hour), 10_000)
		return err
	})
	return ids
}

// breakBatch has a statement fail in a way that is no plain constraint.
func breakBatch(t *testing.T, db *store.DB) {
	t.Helper()
	if err := db.Tx(context.Background(), nonsense); !errors.Is(err, letterlock.ErrUnavailable) {
		t.Fatalf("Tx() of a statement that is none = %v, want %v", err, letterlock.ErrUnavailable)
	}
}

func nonsense(tx *store.Tx) error { return tx.Exec("NONSENSE") }

func TestManyAtOnceAreAllThere(t *testing.T) {
	testkit.Engines(t, func(t *testing.T, e *testkit.Engine) {
		const many = 2*store.MaxBatch + 100
		var all sync.WaitGroup
		errs := make(chan error, many)
		for i := range many {
			all.Go(func() {
				errs <- e.DB.Tx(context.Background(), inserts(e, letterlock.SecretID(fmt.Sprint("secret ", i))))
			})
		}
		all.Wait()
		close(errs)
		for err := range errs {
			if err != nil {
				t.Errorf("Tx() = %v", err)
			}
		}
		if got := len(exists(t, e)); got != many {
			t.Errorf("%d secrets are there, want %d", got, many)
		}
	})
}

// Counting under concurrency: of 40 who race for ten views, ten get one.
func TestManyRaceForFewViews(t *testing.T) {
	testkit.Engines(t, func(t *testing.T, e *testkit.Engine) {
		insert(t, e, "one", func(s *letterlock.Secret) { s.Limits.Views = 10 })
		now := e.Clock.Now()
		var all sync.WaitGroup
		outcomes := make(chan bool, 40)
		for range cap(outcomes) {
			all.Go(func() {
				var counted bool
				err := e.DB.Tx(context.Background(), func(tx *store.Tx) (err error) {
					counted, err = tx.CountView("one", now, now)
					return err
				})
				if err != nil {
					t.Errorf("Tx() = %v", err)
				}
				outcomes <- counted
			})
		}
		all.Wait()
		close(outcomes)
		granted := 0
		for counted := range outcomes {
			if counted {
				granted++
			}
		}
		if s := stored(t, e, "one"); granted != 10 || s.Views != 10 || s.Ended != letterlock.UsedUp {
			t.Errorf("granted %d views, counted %d, state %q, want 10, 10 and used up", granted, s.Views, s.Ended)
		}
	})
}

// Who reads under the lock and then writes loses nobody else's write.
func TestLockSecretKeepsOthersOut(t *testing.T) {
	testkit.Engines(t, func(t *testing.T, e *testkit.Engine) {
		s := insert(t, e, "one", nil)
		const many = 20
		var all sync.WaitGroup
		for range many {
			all.Go(func() {
				err := e.DB.Tx(context.Background(), func(tx *store.Tx) error {
					s, err := tx.LockSecret("one")
					if err != nil {
						return err
					}
					return tx.SetDue("one", s.DueAt.Add(time.Millisecond))
				})
				if err != nil {
					t.Errorf("Tx() = %v", err)
				}
			})
		}
		all.Wait()
		if got, want := stored(t, e, "one").DueAt, s.DueAt.Add(many*time.Millisecond); !got.Equal(want) {
			t.Errorf("moved %v by a millisecond %d times, came to %v", s.DueAt, many, got)
		}
	})
}

// PostgreSQL ends one of two transactions that wait for each other; it is
// repeated, and nobody hears of it.
func TestDeadlockIsRepeated(t *testing.T) {
	e := testkit.Postgres(t)
	insert(t, e, "one", nil)
	insert(t, e, "two", nil)
	var met, all sync.WaitGroup
	met.Add(2)
	crossing := func(first, second letterlock.SecretID) {
		arrive := sync.OnceFunc(met.Done)
		defer arrive() // also if it failed before, or the other would wait for ever
		err := e.DB.Tx(context.Background(), func(tx *store.Tx) error {
			if err := countWrong(tx, first, 1, e.Clock.Now()); err != nil {
				return err
			}
			arrive()
			met.Wait()
			return countWrong(tx, second, 1, e.Clock.Now())
		})
		if err != nil {
			t.Errorf("Tx() of one of two that waited for each other = %v", err)
		}
	}
	all.Go(func() { crossing("one", "two") })
	all.Go(func() { crossing("two", "one") })
	all.Wait()
	for _, id := range []letterlock.SecretID{"one", "two"} {
		if got := stored(t, e, id).PasswordFailures; got != 2 {
			t.Errorf("secret %s has %d failures counted, want one from each", id, got)
		}
	}
}

// In one batch a refusal, a constraint and a panic, each after a write, undo
// their own writes and nobody else's.
func TestOneOfABatchFailsAlone(t *testing.T) {
	e := testkit.SQLite(t)
	refusal := letterlock.Gone(letterlock.Expired, e.Clock.Now())
	outcomes := together(t, e.DB,
		inserts(e, "first"),
		then(inserts(e, "refused"), func(*store.Tx) error { return refusal }),
		inserts(e, "second"),
		then(inserts(e, "constraint"), func(tx *store.Tx) error { return tx.Exec(`UPDATE secret SET views = 4`) }),
		inserts(e, "third"),
		then(inserts(e, "panic"), func(*store.Tx) error { panic("a defect") }),
		func(*store.Tx) error { panic("a defect before any write") },
		func(tx *store.Tx) error { _, err := tx.Secret("panic"); return err },
		func(tx *store.Tx) error { _, err := tx.Secret("first"); return err },
		inserts(e, "fourth"),
	)
	for i, wanted := range []string{
		"", "gone expired", "", "CHECK constraint failed", "", "panic in a transaction: a defect", "a defect before any write", "not_found", "", "",
	} {
		got := ""
		if outcomes[i] != nil {
			got = outcomes[i].Error()
		}
		if (wanted == "") != (got == "") || !strings.Contains(got, wanted) {
			t.Errorf("outcome %d of the batch = %q, want %q", i, got, wanted)
		}
		if errors.Is(outcomes[i], letterlock.ErrUnavailable) {
			t.Errorf("outcome %d of the batch is unavailable, as if the whole batch had failed", i)
		}
	}
	checkExists(t, e, "first", "second", "third", "fourth")
}

func checkExists(t *testing.T, e *testkit.Engine, wanted ...letterlock.SecretID) {
	t.Helper()
	if diff := cmp.Diff(wanted, exists(t, e)); diff != "" {
		t.Errorf("the secrets that are there (-want +got):\n%s", diff)
	}
}

// On PostgreSQL everyone has a connection: the panic stays the caller's own, and
// nothing of it remains, no lock and no row.
func TestPanicOnPostgresIsTheCallersAlone(t *testing.T) {
	e := testkit.Postgres(t)
	insert(t, e, "one", nil)
	func() {
		defer func() {
			if p := recover(); p != "a defect" {
				t.Errorf("recovered %v, want the panic itself", p)
			}
		}()
		e.DB.Tx(context.Background(), func(tx *store.Tx) error {
			if _, err := tx.LockSecret("one"); err != nil {
				return err
			}
			return then(inserts(e, "panic"), func(*store.Tx) error { panic("a defect") })(tx)
		})
	}()
	write(t, e.DB, func(tx *store.Tx) error { return tx.MarkDeleted("one", e.Clock.Now()) })
	checkExists(t, e, "one")
}

// After a failure of which nobody can say what it did to the transaction, the
// whole batch gets the same answer, nothing of it is there, and the next one
// works.
func TestBatchIsLostAsAWhole(t *testing.T) {
	for _, test := range []struct {
		name    string
		failure func(*store.Tx) error
		code    letterlock.Code
	}{
		{"a statement that is none", nonsense, letterlock.ErrUnavailable},
		{"the same, with its error swallowed", func(tx *store.Tx) error { nonsense(tx); return nil }, letterlock.ErrUnavailable},
		{"the transaction ended under it", func(tx *store.Tx) error { return tx.Exec("ROLLBACK") }, letterlock.ErrUnavailable},
		{"commit fails", breaksCommit, letterlock.ErrUnavailable},
		{"the disk is full", fillsDisk, letterlock.ErrFull},
	} {
		t.Run(test.name, func(t *testing.T) {
			e := testkit.SQLite(t)
			insert(t, e, "before", nil)
			outcomes := together(t, e.DB,
				inserts(e, "first"),
				func(*store.Tx) error { return letterlock.ErrGone },
				func(tx *store.Tx) error { _, err := tx.Secret("first"); return err },
				test.failure,
				inserts(e, "last"),
			)
			for i, err := range outcomes {
				if !errors.Is(err, test.code) || errors.Is(err, letterlock.ErrGone) {
					t.Errorf("outcome %d of the batch = %v, want %v", i, err, test.code)
				}
			}
			checkExists(t, e, "before")
			insert(t, e, "after", nil)
			checkExists(t, e, "before", "after")
		})
	}
}

// breaksCommit leaves content of no secret, found when the batch commits.
func breaksCommit(tx *store.Tx) error {
	return errors.Join(
		tx.Exec(`PRAGMA defer_foreign_keys = 1`),
		tx.Exec(`INSERT INTO content (secret, sealed) VALUES (0, x'ff')`))
}

// fillsDisk lets the file grow no further and writes more than it has room for.
func fillsDisk(tx *store.Tx) error {
	var pages int
	if err := tx.Get(`PRAGMA max_page_count = 1`, &pages); err != nil {
		return err
	}
	return tx.Exec(`UPDATE content SET sealed = zeroblob(1000000)`)
}

// Somebody else writing to the file is an answer to come back later.
func TestFileLockedByAnother(t *testing.T) {
	e := testkit.SQLite(t)
	insert(t, e, "before", nil)
	other, err := sql.Open("sqlite", e.Source)
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	held, err := other.Conn(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	defer held.Close()
	var timeout int
	write(t, e.DB, func(tx *store.Tx) error { return tx.Get(`PRAGMA busy_timeout = 20`, &timeout) })
	if _, err := held.ExecContext(context.Background(), `BEGIN IMMEDIATE`); err != nil {
		t.Fatal(err)
	}
	if err := e.DB.Tx(context.Background(), inserts(e, "during")); !errors.Is(err, letterlock.ErrUnavailable) {
		t.Errorf("Tx() while another writes = %v, want %v", err, letterlock.ErrUnavailable)
	}
	if _, err := held.ExecContext(context.Background(), `ROLLBACK`); err != nil {
		t.Fatal(err)
	}
	insert(t, e, "after", nil)
	checkExists(t, e, "before", "after")
}

// A reader who went away does not stop what has begun: the writer finishes it
// and the outcome is known.
func TestCanceledRequestIsFinished(t *testing.T) {
	e := testkit.SQLite(t)
	release := holdWriter(t, e.DB)
	ctx, cancel := context.WithCancel(context.Background())
	outcome := make(chan error, 1)
	go func() { outcome <- e.DB.Tx(ctx, inserts(e, "canceled")) }()
	waitFor(t, e.DB, 1)
	cancel()
	others := queue(t, e.DB, inserts(e, "another"))
	release()
	if err := errors.Join(<-outcome, others()[0]); err != nil {
		t.Errorf("Tx() of a canceled request and one behind it = %v", err)
	}
	checkExists(t, e, "canceled", "another")
}

// More than the queue holds are told to come back, at once; who is in it keeps
// their place.
func TestFullQueueRefuses(t *testing.T) {
	e := testkit.SQLite(t)
	release := holdWriter(t, e.DB)
	var all sync.WaitGroup
	for range store.MaxQueued {
		all.Go(func() {
			if err := e.DB.Tx(context.Background(), func(*store.Tx) error { return nil }); err != nil {
				t.Errorf("Tx() of one who queued = %v", err)
			}
		})
	}
	waitFor(t, e.DB, store.MaxQueued)
	if err := e.DB.Tx(context.Background(), inserts(e, "too many")); !errors.Is(err, letterlock.ErrUnavailable) {
		t.Errorf("Tx() with a full queue = %v, want %v", err, letterlock.ErrUnavailable)
	}
	release()
	all.Wait()
	checkExists(t, e)
}

// Close lets those who queued finish, and what they were told is on the disk.
func TestCloseWhileBusy(t *testing.T) {
	e := testkit.SQLite(t)
	db, err := store.Open(context.Background(), e.Source, e.Clock)
	if err != nil {
		t.Fatal(err)
	}
	release := holdWriter(t, db)
	outcomes := queue(t, db, inserts(e, "first"), inserts(e, "second"))
	closed := make(chan error, 1)
	go func() { closed <- db.Close() }()
	release()
	if err := errors.Join(outcomes()...); err != nil {
		t.Errorf("Tx() begun before Close() = %v", err)
	}
	if err := <-closed; err != nil {
		t.Errorf("Close() = %v", err)
	}
	checkExists(t, e, "first", "second")
}
