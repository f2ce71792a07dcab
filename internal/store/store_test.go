package store_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"letterlock"
	"letterlock/internal/store"
	"letterlock/internal/testkit"
)

// write runs f in a transaction that has to succeed.
func write(t *testing.T, db *store.DB, f func(*store.Tx) error) {
	t.Helper()
	if err := db.Tx(context.Background(), f); err != nil {
		t.Fatalf("Tx: %v", err)
	}
}

// read runs f outside a transaction; it has to succeed.
func read(t *testing.T, db *store.DB, f func(*store.Tx) error) {
	t.Helper()
	if err := db.Read(context.Background(), f); err != nil {
		t.Fatalf("Read: %v", err)
	}
}

// want is an error if the outcome of a row function is another.
func want[T any](call string, wanted, got T, err error) error {
	if err != nil {
		return fmt.Errorf("%s: %w", call, err)
	}
	if diff := cmp.Diff(wanted, got); diff != "" {
		return fmt.Errorf("%s differs (-want +got):\n%s", call, diff)
	}
	return nil
}

// sealed is the content of every secret made by newSecret.
var sealed = []byte("\xffsealed\x00")

// newSecret is a secret of three views for an hour, due at its expiry. Its id
// need not be one that a header could have.
func newSecret(e *testkit.Engine, id letterlock.SecretID) *letterlock.Secret {
	expires := e.Clock.Now().Add(time.Hour)
	return &letterlock.Secret{
		ID:            id,
		Header:        letterlock.Header{'h', 63: 'h'},
		Commit:        [32]byte{'c', 31: 'c'},
		LinkHash:      letterlock.Hash{'l', 31: 'l'},
		AccessHash:    letterlock.Hash{'a', 31: 'a'},
		ManageHash:    letterlock.Hash{'m', 31: 'm'},
		ContentLength: int64(len(sealed)),
		Stored:        int64(len(sealed)),
		Limits:        letterlock.Limits{ExpiresIn: time.Hour, Views: 3},
		CreatedAt:     e.Clock.Now(),
		ExpiresAt:     expires,
		DueAt:         expires,
	}
}

// insert adds a secret, changed as the test needs it before.
func insert(t *testing.T, e *testkit.Engine, id letterlock.SecretID, change func(*letterlock.Secret)) *letterlock.Secret {
	t.Helper()
	s := newSecret(e, id)
	if change != nil {
		change(s)
	}
	write(t, e.DB, func(tx *store.Tx) error {
		added, err := tx.InsertSecret(s, sealed)
		return want("InsertSecret", true, added, err)
	})
	return s
}

// stored reads a secret back.
func stored(t *testing.T, e *testkit.Engine, id letterlock.SecretID) *letterlock.Secret {
	t.Helper()
	var s *letterlock.Secret
	read(t, e.DB, func(tx *store.Tx) (err error) {
		s, err = tx.Secret(id)
		return err
	})
	return s
}

// The time of a transaction is one: the clock may go on while it runs.
func TestNowStandsStillInATransaction(t *testing.T) {
	testkit.Engines(t, func(t *testing.T, e *testkit.Engine) {
		e.Clock.Advance(1500 * time.Microsecond)
		begun := e.Clock.Now().Truncate(time.Millisecond)
		write(t, e.DB, func(tx *store.Tx) error {
			for range 2 {
				now, err := tx.Now()
				if err := want("Now", begun, now, err); err != nil {
					return err
				}
				e.Clock.Advance(time.Hour)
			}
			return nil
		})
	})
}

// What a function wrote before it refused is gone, and the refusal comes back
// as it was.
func TestRefusalRollsBack(t *testing.T) {
	testkit.Engines(t, func(t *testing.T, e *testkit.Engine) {
		insert(t, e, "kept", nil)
		before := e.Dump(t)
		refusal := letterlock.Gone(letterlock.Expired, e.Clock.Now())
		err := e.DB.Tx(context.Background(), func(tx *store.Tx) error {
			if _, err := tx.CountView("kept", e.Clock.Now(), e.Clock.Now()); err != nil {
				return err
			}
			if _, err := tx.InsertSecret(newSecret(e, "undone"), sealed); err != nil {
				return err
			}
			return refusal
		})
		if err != error(refusal) {
			t.Errorf("Tx() = %v, want the refusal itself", err)
		}
		if diff := cmp.Diff(before, e.Dump(t)); diff != "" {
			t.Errorf("rows differ after the refusal (-before +after):\n%s", diff)
		}
	})
}

// Looking changes nothing: what only reads cannot write.
func TestReadRefusesToWrite(t *testing.T) {
	e := testkit.SQLite(t)
	err := e.DB.Read(context.Background(), func(tx *store.Tx) error {
		_, err := tx.InsertSecret(newSecret(e, "unwanted"), sealed)
		return err
	})
	if err == nil {
		t.Error("Read() with a function that writes = nil, want an error")
	}
}

func TestOpenAgain(t *testing.T) {
	testkit.Engines(t, func(t *testing.T, e *testkit.Engine) {
		insert(t, e, "kept", nil)
		before := e.Dump(t)
		db, err := store.Open(context.Background(), e.Source, e.Clock)
		if err != nil {
			t.Fatalf("Open() of an up-to-date database: %v", err)
		}
		defer db.Close()
		if diff := cmp.Diff(before, e.Dump(t)); diff != "" {
			t.Errorf("Open() of an up-to-date database changed it (-before +after):\n%s", diff)
		}
	})
}

// An older program does not touch what it cannot know.
func TestOpenRefusesANewerSchema(t *testing.T) {
	testkit.Engines(t, func(t *testing.T, e *testkit.Engine) {
		e.Exec(t, `INSERT INTO goose_db_version (version_id, is_applied) VALUES ($1, $2)`, 9999, true)
		before := e.Dump(t)
		db, err := store.Open(context.Background(), e.Source, e.Clock)
		if err == nil {
			db.Close()
		}
		if err == nil || !strings.Contains(err.Error(), "newer version") {
			t.Errorf("Open() of schema 9999 = %v, want a refusal that says so", err)
		}
		if diff := cmp.Diff(before, e.Dump(t)); diff != "" {
			t.Errorf("the refused Open() changed the database (-before +after):\n%s", diff)
		}
	})
}

func TestOpenNamesWhatIsWrong(t *testing.T) {
	for _, test := range []struct{ source, want string }{
		{filepath.Join(t.TempDir(), "missing", "letterlock.db"), "missing"},
		{t.TempDir(), "is a directory"},
		{"postgres://user:hunter2@%zz/", "the database URL cannot be read"},
		{"postgres://user:hunter2@127.0.0.1:1/none?connect_timeout=5", "reach PostgreSQL"},
	} {
		db, err := store.Open(context.Background(), test.source, store.SystemClock{})
		if err == nil {
			db.Close()
			t.Errorf("Open(%q) = nil, want an error", test.source)
			continue
		}
		if !strings.Contains(err.Error(), test.want) || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("Open(%q) = %v, want one that says %q and no password", test.source, err, test.want)
		}
	}
}

// Two nodes, or one after its clock went back, may come to the same number: both
// rows are kept.
func TestNumbersTakenAlready(t *testing.T) {
	testkit.Engines(t, func(t *testing.T, e *testkit.Engine) {
		other, err := store.Open(context.Background(), e.Source, e.Clock)
		if err != nil {
			t.Fatal(err)
		}
		defer other.Close()
		happen := func(tx *store.Tx) error {
			return tx.RecordEvent(letterlock.Event{SecretID: "one", At: e.Clock.Now(), Action: letterlock.ActionOpened})
		}
		e.DB.NumberAs(other)
		insert(t, e, "one", nil)
		write(t, e.DB, happen)
		other.NumberAs(e.DB)
		write(t, other, inserts(e, "two"))
		e.DB.NumberAs(other)
		write(t, e.DB, happen)
		write(t, e.DB, happen)
		checkExists(t, e, "one", "two")
		read(t, e.DB, func(tx *store.Tx) error {
			n, err := tx.CountEvents("one", letterlock.ActionOpened)
			return want("CountEvents", 3, n, err)
		})
	})
}

// A database that went away is an answer to come back later, not a defect.
func TestClosedDatabaseIsUnavailable(t *testing.T) {
	testkit.Engines(t, func(t *testing.T, e *testkit.Engine) {
		db, err := store.Open(context.Background(), e.Source, e.Clock)
		if err != nil {
			t.Fatal(err)
		}
		for range 2 {
			if err := db.Close(); err != nil {
				t.Fatalf("Close() = %v", err)
			}
		}
		look := func(tx *store.Tx) error {
			_, err := tx.Secret("any")
			return err
		}
		if err := db.Tx(context.Background(), look); !errors.Is(err, letterlock.ErrUnavailable) {
			t.Errorf("Tx() after Close() = %v, want %v", err, letterlock.ErrUnavailable)
		}
		if err := db.Read(context.Background(), look); !errors.Is(err, letterlock.ErrUnavailable) {
			t.Errorf("Read() after Close() = %v, want %v", err, letterlock.ErrUnavailable)
		}
	})
}
