package store_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"

	"letterlock"
	"letterlock/internal/store"
	"letterlock/internal/testkit"
)

// breakLog puts a device in the place of the write-ahead log for all of this
// process that have it open: it takes every byte, and cannot be synced.
func breakLog(t *testing.T, source string) {
	t.Helper()
	device, err := os.OpenFile(os.DevNull, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer device.Close()
	open, err := filepath.Glob("/proc/self/fd/*")
	if err != nil {
		t.Fatal(err)
	}
	broken := 0
	for _, name := range open {
		if file, err := os.Readlink(name); err != nil || file != source+"-wal" {
			continue
		}
		fd, err := strconv.Atoi(filepath.Base(name))
		if err != nil {
			t.Fatal(err)
		}
		if err := syscall.Dup3(int(device.Fd()), fd, syscall.O_CLOEXEC); err != nil {
			t.Fatal(err)
		}
		broken++
	}
	if broken == 0 {
		t.Fatal("nobody has the write-ahead log open")
	}
}

// After a sync that failed, another that succeeds says nothing: nobody is told
// that anything was kept, and nothing is tried again.
func TestFailedSyncIsFinal(t *testing.T) {
	e := testkit.SQLite(t)
	db, err := store.Open(context.Background(), e.Source, e.Clock)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	write(t, db, inserts(e, "before"))
	select {
	case <-db.Failed():
		t.Fatal("Failed() is closed, and nothing has failed")
	default:
	}
	breakLog(t, e.Source)
	outcomes := together(t, db, inserts(e, "during"), func(*store.Tx) error { return letterlock.ErrGone })
	for i, err := range outcomes {
		if !errors.Is(err, letterlock.ErrUnavailable) || !errors.Is(err, store.ErrUnknown) {
			t.Errorf("outcome %d of a commit that could not be synced = %v, want %v and %v", i, err, letterlock.ErrUnavailable, store.ErrUnknown)
		}
	}
	<-db.Failed()
	tried := false
	err = db.Tx(context.Background(), func(*store.Tx) error { tried = true; return nil })
	if !errors.Is(err, letterlock.ErrUnavailable) || tried {
		t.Errorf("Tx() afterwards = %v, tried %t, want %v and not tried", err, tried, letterlock.ErrUnavailable)
	}
}
