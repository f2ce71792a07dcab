package testkit

import (
	"context"
	"crypto/rand"
	"database/sql"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"letterlock/internal/store"

	_ "github.com/jackc/pgx/v5/stdlib" // the driver "pgx"
	_ "modernc.org/sqlite"             // the driver "sqlite"
)

// Engine is an empty database of one kind, open, with the clock it runs by.
type Engine struct {
	DB     *store.DB
	Clock  *Clock
	Source string // opens the same database again
}

// Engines runs f on SQLite, in a file, and on PostgreSQL, in a schema of its
// own in the database that LETTERLOCK_TEST_DATABASE names.
func Engines(t *testing.T, f func(t *testing.T, e *Engine)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) { f(t, SQLite(t)) })
	t.Run("postgres", func(t *testing.T) { f(t, Postgres(t)) })
}

// SQLite is an empty SQLite file, gone with the test.
func SQLite(t testing.TB) *Engine {
	t.Helper()
	return open(t, filepath.Join(t.TempDir(), "letterlock.db"))
}

// Postgres is an empty schema, dropped with the test. Its own clock_timestamp()
// stands still, so that a test can stand at the exact instant of an expiry.
func Postgres(t testing.TB) *Engine {
	t.Helper()
	server := os.Getenv("LETTERLOCK_TEST_DATABASE")
	if server == "" {
		missing(t, "LETTERLOCK_TEST_DATABASE names no PostgreSQL database")
	}
	source, schema := schemaURL(t, server)
	admin := connect(t, server)
	run(t, admin, `CREATE SCHEMA `+schema)
	t.Cleanup(func() {
		run(t, admin, `DROP SCHEMA `+schema+` CASCADE`)
		admin.Close()
	})
	run(t, admin, fmt.Sprintf(`
		CREATE FUNCTION %s.clock_timestamp() RETURNS timestamptz LANGUAGE sql
		AS $$ SELECT timestamptz '%s' $$`, schema, begin.Format(time.RFC3339)))

	// Migrations ask every few seconds for a lock that the whole server shares.
	// Whoever waits for this one instead, waits no longer than it must.
	const lock = 0x6c6c
	run(t, admin, `SELECT pg_advisory_lock($1)`, lock)
	defer run(t, admin, `SELECT pg_advisory_unlock($1)`, lock)
	return open(t, source)
}

// schemaURL adds the search path of a new schema to the URL of a server. Named
// before pg_catalog, the schema's functions hide the server's.
func schemaURL(t testing.TB, server string) (source, schema string) {
	t.Helper()
	u, err := url.Parse(server)
	if err != nil {
		t.Fatal("LETTERLOCK_TEST_DATABASE is no URL")
	}
	schema = "test_" + strings.ToLower(rand.Text())
	query := u.Query()
	query.Set("search_path", schema+",pg_catalog")
	u.RawQuery = query.Encode()
	return u.String(), schema
}

func open(t testing.TB, source string) *Engine {
	t.Helper()
	clock := new(Clock)
	db, err := store.Open(context.Background(), source, clock)
	if err != nil {
		t.Fatalf("open a database for the test: %v", err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Errorf("close the test's database: %v", err)
		}
	})
	return &Engine{DB: db, Clock: clock, Source: source}
}

// Dump lists every row of every table, sorted: equal dumps say that nothing
// was written in between.
func (e *Engine) Dump(t testing.TB) string {
	t.Helper()
	db := connect(t, e.Source)
	defer db.Close()
	list := `SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'`
	if isPostgres(e.Source) {
		list = `SELECT tablename FROM pg_tables WHERE schemaname = current_schema()`
	}
	var lines []string
	for _, table := range query(t, db, list) {
		for _, row := range query(t, db, `SELECT * FROM `+table) {
			lines = append(lines, table+" "+row)
		}
	}
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}

// Exec runs a statement beside the store, on a connection of its own.
func (e *Engine) Exec(t testing.TB, text string, args ...any) {
	t.Helper()
	db := connect(t, e.Source)
	defer db.Close()
	run(t, db, text, args...)
}

func isPostgres(source string) bool { return strings.HasPrefix(source, "postgres") }

// connect opens one connection beside the store.
func connect(t testing.TB, source string) *sql.DB {
	t.Helper()
	driver := "sqlite"
	if isPostgres(source) {
		driver = "pgx"
	}
	db, err := sql.Open(driver, source)
	if err != nil {
		t.Fatalf("connect to the test's database: %v", err)
	}
	db.SetMaxOpenConns(1)
	return db
}

func run(t testing.TB, db *sql.DB, text string, args ...any) {
	t.Helper()
	if _, err := db.ExecContext(context.Background(), text, args...); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
}

// query prints the rows of a query, a line each; bytes in hexadecimal.
func query(t testing.TB, db *sql.DB, text string) []string {
	t.Helper()
	rows, err := db.QueryContext(context.Background(), text)
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	values, dest := make([]any, len(columns)), make([]any, len(columns))
	for i := range values {
		dest[i] = &values[i]
	}
	var lines []string
	for rows.Next() {
		if err := rows.Scan(dest...); err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		lines = append(lines, printRow(values))
	}
	if err := rows.Err(); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return lines
}

func printRow(values []any) string {
	cells := make([]string, len(values))
	for i, v := range values {
		if b, ok := v.([]byte); ok {
			cells[i] = fmt.Sprintf("%x", b)
		} else {
			cells[i] = fmt.Sprint(v)
		}
	}
	return strings.Join(cells, " | ")
}
