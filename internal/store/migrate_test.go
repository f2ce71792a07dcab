package store_test

import (
	"context"
	"database/sql"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/pressly/goose/v3"

	"letterlock"
	"letterlock/internal/store"
	"letterlock/internal/testkit"
)

// first is an empty database as the first version made it, and its source.
func first(t *testing.T, e *testkit.Engine) (*sql.DB, string) {
	t.Helper()
	driver, dialect, source := "sqlite", goose.DialectSQLite3, filepath.Join(t.TempDir(), "first.db")
	if strings.HasPrefix(e.Source, "postgres") {
		driver, dialect, source = "pgx", goose.DialectPostgres, e.Source
		e.Exec(t, `DO $$
			DECLARE name text := current_schema();
			BEGIN
				EXECUTE format('DROP SCHEMA %I CASCADE', name);
				EXECUTE format('CREATE SCHEMA %I', name);
			END $$`)
	}
	db, err := sql.Open(driver, source)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	provider, err := goose.NewProvider(dialect, db, os.DirFS("migrations"))
	if err == nil {
		_, err = provider.UpTo(context.Background(), 1)
	}
	if err != nil {
		t.Fatalf("make a database of the first version: %v", err)
	}
	return db, source
}

// What the first version kept is there in this one, and as it was.
func TestMigrationKeepsWhatTheFirstVersionHad(t *testing.T) {
	testkit.Engines(t, func(t *testing.T, e *testkit.Engine) {
		db, source := first(t, e)
		blob := make([]byte, 64)
		for _, statement := range []struct {
			text string
			args []any
		}{
			{`INSERT INTO secret (number, id, header, key_commit, link_hash, access_hash, manage_hash, content_length, stored,
				expires_in, max_views, created_at, expires_at, views, due_at)
				VALUES (5, 'one', $1, $2, $3, $4, $5, 9, 9, 3600, 3, 1000, 2000, 1, 2000)`, []any{blob, blob[:32], blob[:32], blob[:32], blob[:32]}},
			{`INSERT INTO content (secret, sealed) VALUES (5, $1)`, []any{blob[:9]}},
			{`INSERT INTO secret_view (id, secret, view_hash, number, opened_at, grace_until) VALUES ('view', 5, $1, 1, 1500, 1900)`, []any{blob[:32]}},
			{`INSERT INTO event (secret, number, at, action) VALUES (5, 7, 1500, 'opened')`, nil},
			{`INSERT INTO event (secret, number, at, action) VALUES (5, 6, 1000, 'created')`, nil},
		} {
			if _, err := db.ExecContext(t.Context(), statement.text, statement.args...); err != nil {
				t.Fatalf("%s: %v", statement.text, err)
			}
		}
		now, err := store.Open(t.Context(), source, e.Clock)
		if err != nil {
			t.Fatalf("Open() of a database of the first version: %v", err)
		}
		defer now.Close()
		read(t, now, func(tx *store.Tx) error {
			s, err := tx.Secret("one")
			if err != nil {
				return err
			}
			if s.Views != 1 || s.Owner != "" || s.Org != "" || s.OrganizationOnly || s.CreatedAt.UnixMilli() != 1000 || s.GraceUntil.UnixMilli() != 1900 {
				t.Errorf("the secret is %+v", s)
			}
			events, err := tx.Events("one")
			if len(events) != 2 || events[0].Action != letterlock.ActionCreated || events[1].At.UnixMilli() != 1500 {
				t.Errorf("Events() = %+v, want the two there were, oldest first", events)
			}
			return err
		})
		write(t, now, func(tx *store.Tx) error { return tx.RetireSecret("one") })
	})
}
