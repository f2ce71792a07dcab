package store_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"letterlock"
	"letterlock/internal/store"
	"letterlock/internal/testkit"
)

// A server that may forget what it answered, or that takes no writes, is not
// good enough.
func TestOpenRefusesAServer(t *testing.T) {
	e := testkit.Postgres(t)
	for parameter, want := range map[string]string{
		"synchronous_commit=off":           "synchronous_commit off",
		"default_transaction_read_only=on": "read only",
	} {
		db, err := store.Open(context.Background(), e.Source+"&"+parameter, e.Clock)
		if err == nil {
			db.Close()
		}
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("Open() with %s = %v, want a refusal that says %q", parameter, err, want)
		}
	}
}

// Commits wait for the disk also where the role or the database say otherwise.
func TestCommitsAreSynchronous(t *testing.T) {
	e := testkit.Postgres(t)
	db, err := store.Open(context.Background(), e.Source+"&options=-c%20synchronous_commit%3Doff", e.Clock)
	if err != nil {
		t.Fatalf("Open() beside a default of synchronous_commit off: %v", err)
	}
	defer db.Close()
	write(t, db, func(tx *store.Tx) error {
		var commit string
		err := tx.Get(`SHOW synchronous_commit`, &commit)
		return want("synchronous_commit", "on", commit, err)
	})
}

// Clients that hang up neither undo what has begun nor cost a connection.
func TestCanceledRequestsOnPostgres(t *testing.T) {
	e := testkit.Postgres(t)
	var before, after int
	write(t, e.DB, func(tx *store.Tx) error { return tx.Get(`SELECT pg_backend_pid()`, &before) })
	ids := []letterlock.SecretID{"a", "b", "c"}
	for _, id := range ids {
		ctx, cancel := context.WithCancel(context.Background())
		hangUp := func(tx *store.Tx) error {
			cancel()
			return tx.MarkDeleted(id, e.Clock.Now())
		}
		if err := e.DB.Tx(ctx, then(inserts(e, id), hangUp)); err != nil {
			t.Errorf("Tx() of a canceled request = %v, want it finished", err)
		}
		if err := e.DB.Read(ctx, func(tx *store.Tx) error { _, err := tx.Secret(id); return err }); err != nil {
			t.Errorf("Read() of a canceled request = %v, want it finished", err)
		}
	}
	write(t, e.DB, func(tx *store.Tx) error { return tx.Get(`SELECT pg_backend_pid()`, &after) })
	if before != after {
		t.Errorf("the connection was replaced: server process %d, then %d", before, after)
	}
	checkExists(t, e, ids...)
}

// A server that does not answer any more keeps nobody for ever, with a connection
// or without.
func TestFrozenPostgres(t *testing.T) {
	e := testkit.Postgres(t)
	source, freeze := throughProxy(t, e.Source)
	db, err := store.Open(context.Background(), source, e.Clock)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	db.SetPatience(300 * time.Millisecond)
	freeze()
	const callers = 40 // more than there are connections
	ends := make(chan error, callers)
	for i := range callers {
		call := db.Tx
		if i%2 == 0 {
			call = db.Read
		}
		go func() {
			ends <- call(context.Background(), func(tx *store.Tx) error { _, err := tx.Secret("any"); return err })
		}()
	}
	late := time.After(10 * time.Second)
	for range callers {
		select {
		case err := <-ends:
			if !errors.Is(err, letterlock.ErrUnavailable) {
				t.Errorf("a call to a frozen server = %v, want %v", err, letterlock.ErrUnavailable)
			}
		case <-late:
			t.Fatal("calls to a frozen server do not end")
		}
	}
}

// throughProxy is the URL with a proxy in front of the server that, once frozen,
// passes nothing on.
func throughProxy(t *testing.T, source string) (proxied string, freeze func()) {
	t.Helper()
	u, err := url.Parse(source)
	if err != nil {
		t.Fatal(err)
	}
	network, address := "tcp", u.Host
	query := u.Query()
	if dir := query.Get("host"); dir != "" {
		network, address = "unix", dir+"/.s.PGSQL.5432"
		query.Del("host")
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	var frozen sync.RWMutex // held by freeze
	go func() {
		for {
			client, err := listener.Accept()
			if err != nil {
				return
			}
			server, err := net.Dial(network, address)
			if err != nil {
				client.Close()
				continue
			}
			go pass(client, server, &frozen)
			go pass(server, client, &frozen)
		}
	}()
	u.Host, u.RawQuery = listener.Addr().String(), query.Encode()
	t.Cleanup(func() {
		if !frozen.TryLock() {
			frozen.Unlock()
		}
	})
	return u.String(), frozen.Lock
}

// pass copies as long as nothing is frozen.
func pass(from, to net.Conn, frozen *sync.RWMutex) {
	defer from.Close()
	defer to.Close()
	io.Copy(to, thawed{from, frozen})
}

type thawed struct {
	net.Conn
	frozen *sync.RWMutex
}

func (r thawed) Read(b []byte) (int, error) {
	n, err := r.Conn.Read(b)
	r.frozen.RLock()
	defer r.frozen.RUnlock()
	return n, err
}
