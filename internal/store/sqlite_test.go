package store_test

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"letterlock"
	"letterlock/internal/store"
	"letterlock/internal/testkit"
)

// What durability, deletion and safety rest on holds on both kinds of
// connection, and again after the writer had to open a new one.
func TestPragmasAreInForce(t *testing.T) {
	e := testkit.SQLite(t)
	both := map[string]string{
		"journal_mode":   "wal",
		"synchronous":    "2", // FULL: a commit is on the disk when it returns
		"foreign_keys":   "1",
		"secure_delete":  "1",
		"trusted_schema": "0",
		"temp_store":     "2", // nothing goes to a file of its own
		"busy_timeout":   "5000",
	}
	check := func(of string, run func(context.Context, func(*store.Tx) error) error, wanted map[string]string) {
		t.Helper()
		err := run(context.Background(), func(tx *store.Tx) error {
			for name, value := range wanted {
				var got string
				err := tx.Get("PRAGMA "+name, &got)
				if err := want(name+" of "+of, value, got, err); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			t.Error(err)
		}
	}
	check("the writer", e.DB.Tx, both)
	check("a reader", e.DB.Read, both)
	check("a reader", e.DB.Read, map[string]string{"query_only": "1"})
	breakBatch(t, e.DB)
	check("the writer's next connection", e.DB.Tx, both)
}

// Others on the machine cannot read the database, also not what SQLite puts
// beside it.
func TestFilesAreTheOwnersAlone(t *testing.T) {
	e := testkit.SQLite(t)
	insert(t, e, "one", nil)
	files, err := filepath.Glob(e.Source + "*")
	if err != nil || len(files) < 3 {
		t.Fatalf("files of the database: %v, %v, want it, its log and the log's index", files, err)
	}
	for _, file := range files {
		info, err := os.Stat(file)
		if err != nil {
			t.Fatal(err)
		}
		if mode := info.Mode().Perm(); mode != 0o600 {
			t.Errorf("%s has mode %o, want 600", filepath.Base(file), mode)
		}
	}
}

// Purged content is in no file any more once the log was emptied.
func TestPurgedContentLeavesNoTrace(t *testing.T) {
	e := testkit.SQLite(t)
	canary := bytes.Repeat([]byte("\xffcanary\x00"), 1000)
	s := newSecret(e, "one")
	s.ContentLength, s.Stored = int64(len(canary)), int64(len(canary))
	write(t, e.DB, func(tx *store.Tx) error {
		_, err := tx.InsertSecret(s, canary)
		return err
	})
	if !inFiles(t, e.Source, canary[:8]) {
		t.Fatal("the content is in no file of the database: nothing would be shown by its absence")
	}
	write(t, e.DB, func(tx *store.Tx) error { return tx.PurgeContent("one", s.DueAt) })
	if err := e.DB.TruncateLog(context.Background()); err != nil {
		t.Fatalf("TruncateLog: %v", err)
	}
	if inFiles(t, e.Source, canary[:8]) {
		t.Error("purged content is still in a file of the database")
	}
	if log, err := os.Stat(e.Source + "-wal"); err != nil || log.Size() != 0 {
		t.Errorf("the write-ahead log after TruncateLog: %v, %v, want it empty", log, err)
	}
}

// Whoever reads for long keeps the log from being emptied, not the others from
// writing.
func TestTruncateLogBesideAReader(t *testing.T) {
	e := testkit.SQLite(t)
	insert(t, e, "before", nil)
	other, err := sql.Open("sqlite", e.Source)
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	reading, err := other.Begin()
	if err != nil {
		t.Fatal(err)
	}
	var n int
	if err := reading.QueryRow(`SELECT COUNT(*) FROM secret`).Scan(&n); err != nil {
		t.Fatal(err)
	}
	insert(t, e, "after", nil)
	truncated := make(chan error, 1)
	go func() { truncated <- e.DB.TruncateLog(context.Background()) }()
	begun := time.Now()
	for i := range 20 {
		insert(t, e, letterlock.SecretID(fmt.Sprint("beside ", i)), nil)
	}
	if err := <-truncated; !errors.Is(err, letterlock.ErrUnavailable) {
		t.Errorf("TruncateLog() beside a reader = %v, want %v", err, letterlock.ErrUnavailable)
	}
	if took := time.Since(begun); took > 2*time.Second {
		t.Errorf("transactions beside TruncateLog() took %v", took)
	}
	if err := reading.Rollback(); err != nil {
		t.Fatal(err)
	}
	if err := e.DB.TruncateLog(context.Background()); err != nil {
		t.Errorf("TruncateLog() after the reader = %v", err)
	}
}

// The log does not grow with what is written: once it is long, it begins anew.
func TestLogStaysShort(t *testing.T) {
	e := testkit.SQLite(t)
	insert(t, e, "one", nil)
	for range 15 { // 1,000 pages each
		write(t, e.DB, func(tx *store.Tx) error { return tx.Exec(`UPDATE content SET sealed = randomblob(4000000)`) })
	}
	log, err := os.Stat(e.Source + "-wal")
	if err != nil {
		t.Fatal(err)
	}
	if log.Size() > 32<<20 {
		t.Errorf("the write-ahead log has %d bytes after 60 MB were written, want at most 32 MiB", log.Size())
	}
}

// inFiles reports whether bytes stand in the database or a file beside it.
func inFiles(t *testing.T, source string, what []byte) bool {
	t.Helper()
	files, err := filepath.Glob(source + "*")
	if err != nil || len(files) == 0 {
		t.Fatalf("files of the database: %v, %v", files, err)
	}
	for _, file := range files {
		b, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if bytes.Contains(b, what) {
			return true
		}
	}
	return false
}
