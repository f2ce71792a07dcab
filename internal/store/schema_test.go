package store_test

import (
	"context"
	"encoding/json"
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"letterlock"
	"letterlock/internal/store"
	"letterlock/internal/testkit"
)

// The belts: whatever a verb or a row function got wrong, the schema refuses.
func TestSchemaRefuses(t *testing.T) {
	statements := []string{
		`UPDATE secret SET views = 4`, // of three
		`UPDATE secret SET views = -1`,
		`UPDATE secret SET max_views = 0`,
		`UPDATE secret SET views = 2, max_views = 1`,
		`UPDATE secret SET password_failures = 11`,
		`UPDATE secret SET password_failures = -1`,
		`UPDATE secret SET ended = 'forgotten', ended_at = 1`,
		`UPDATE secret SET ended = 'expired'`,
		`UPDATE secret SET ended_at = 1`,
		`UPDATE secret SET stored = content_length + 1`,
		`UPDATE secret SET stored = -1`,
		`UPDATE secret SET link_hash = NULL`,
		`UPDATE secret SET id = NULL`,
		`UPDATE secret SET id = 'one'`,
		`DELETE FROM secret`, // its content refers to it
		`UPDATE content SET secret = 0`,
		`UPDATE secret_view SET secret = 0`,
		`UPDATE secret_view SET number = 0`,
		`UPDATE secret_view SET number = 1`, // a second view number one
		`UPDATE secret_view SET id = 'view'`,
		`INSERT INTO event (number, at, action) VALUES (1, 1, 'created')`, // about nothing
		`UPDATE account SET email_key = 'ann@example.org'`,
		`UPDATE account SET operator = 2`,
		`DELETE FROM account`, // secrets are theirs
		`UPDATE organization SET max_views = 0`,
		`UPDATE organization SET event_life = 0`,
		`UPDATE secret SET owner = 'nobody'`,
		`UPDATE secret SET org = 'nothing'`,
		`UPDATE secret SET organization_only = 1, org = NULL`,
		`UPDATE secret SET name = NULL WHERE id = 'two'`,
		`INSERT INTO member (org, account, role, joined_at) VALUES ('acme', 'ann', 'king', 1)`,
		`INSERT INTO member (org, account, role, joined_at) VALUES ('acme', 'nobody', 'owner', 1)`,
		`INSERT INTO ticket (hash, kind, email, created_at, expires_at) VALUES ('x', 'reset', '', 1, 1)`, // nobody's
		`INSERT INTO outbox (number, kind, recipient, language, payload, created_at, due_at, sent_at) VALUES (1, 'reset', '', '', 'x', 1, 1, 1)`,
	}
	testkit.Engines(t, func(t *testing.T, e *testkit.Engine) {
		people(t, e)
		insert(t, e, "one", nil)
		insert(t, e, "two", func(s *letterlock.Secret) { s.Owner = "ann" })
		write(t, e.DB, func(tx *store.Tx) error {
			_, err := tx.InsertView(newView(e, "view", "one", 1))
			_, err2 := tx.InsertView(newView(e, "another", "one", 2))
			return errors.Join(err, err2)
		})
		before := e.Dump(t)
		for _, statement := range statements {
			err := e.DB.Tx(context.Background(), func(tx *store.Tx) error { return tx.Exec(statement) })
			if err == nil || errors.Is(err, letterlock.ErrUnavailable) || !isConstraint(err) {
				t.Errorf("%s: Tx() = %v, want a plain constraint error", statement, err)
			}
			if diff := cmp.Diff(before, e.Dump(t)); diff != "" {
				t.Fatalf("%s changed rows (-before +after):\n%s", statement, diff)
			}
		}
	})
}

func isConstraint(err error) bool {
	text := err.Error()
	return strings.Contains(text, "constraint") || strings.Contains(text, "SQLSTATE 23")
}

// queries are the statements in the source of the package, by where they stand:
// every string that begins like one, also where it is put together of constants.
// What postgres.go says by itself is not for SQLite, and what is only put
// together when it runs is compiled by the tests of who does so.
func queries(t *testing.T) map[string]string {
	t.Helper()
	set := token.NewFileSet()
	files := sources(t, set)
	constants := map[string]ast.Expr{}
	for _, file := range files {
		ast.Inspect(file, func(n ast.Node) bool {
			if spec, ok := n.(*ast.ValueSpec); ok && len(spec.Values) == len(spec.Names) {
				for i, name := range spec.Names {
					constants[name.Name] = spec.Values[i]
				}
			}
			return true
		})
	}
	found := map[string]string{}
	for _, file := range files {
		ast.Inspect(file, func(n ast.Node) bool {
			expr, ok := n.(ast.Expr)
			if !ok {
				return true
			}
			if call, ok := expr.(*ast.CallExpr); ok && isBuilding(call) {
				return false
			}
			if text, ok := constantText(expr, constants); ok {
				if statement.MatchString(text) {
					at := set.Position(expr.Pos())
					found[at.Filename+":"+strconv.Itoa(at.Line)] = text
				}
				return false
			}
			_, isSum := expr.(*ast.BinaryExpr)
			return !isSum
		})
	}
	if len(found) < 20 {
		t.Fatalf("found only %d statements in the source: %v", len(found), found)
	}
	return found
}

func sources(t *testing.T, set *token.FileSet) []*ast.File {
	t.Helper()
	names, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	var files []*ast.File
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") || name == "postgres.go" {
			continue
		}
		file, err := parser.ParseFile(set, name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, file)
	}
	return files
}

// isBuilding reports whether a call adds to a strings.Builder.
func isBuilding(call *ast.CallExpr) bool {
	f, ok := call.Fun.(*ast.SelectorExpr)
	return ok && f.Sel.Name == "WriteString"
}

// constantText is a string that is written out, or put together of such by name.
func constantText(expr ast.Expr, constants map[string]ast.Expr) (string, bool) {
	switch e := expr.(type) {
	case *ast.BasicLit:
		text, err := strconv.Unquote(e.Value)
		return text, e.Kind == token.STRING && err == nil
	case *ast.Ident:
		if value, ok := constants[e.Name]; ok {
			return constantText(value, constants)
		}
	case *ast.BinaryExpr:
		left, ok := constantText(e.X, constants)
		right, ok2 := constantText(e.Y, constants)
		return left + right, ok && ok2 && e.Op == token.ADD
	}
	return "", false
}

var (
	statement   = regexp.MustCompile(`(?i)^\s*(SELECT|INSERT|UPDATE|DELETE|WITH)\s`)
	placeholder = regexp.MustCompile(`\$(\d+)`)
)

// arguments is how many a statement takes. Its placeholders first appear in
// rising order, since one driver binds by order.
func arguments(t *testing.T, at, text string) int {
	t.Helper()
	highest := 0
	for _, match := range placeholder.FindAllStringSubmatch(text, -1) {
		n, err := strconv.Atoi(match[1])
		if err != nil || n > highest+1 {
			t.Errorf("%s: $%s follows $%d: placeholders first appear in rising order", at, match[1], highest)
		}
		highest = max(highest, n)
	}
	return highest
}

func TestEveryStatementCompiles(t *testing.T) {
	texts := queries(t)
	testkit.Engines(t, func(t *testing.T, e *testkit.Engine) {
		for at, text := range texts {
			args := arguments(t, at, text)
			err := e.DB.Tx(context.Background(), func(tx *store.Tx) error { return tx.Explain(text, args) })
			if err != nil {
				t.Errorf("%s: %v", at, err)
			}
		}
	})
}

// SQLite is compiled for one version of its C library; go.mod may not move to
// another.
func TestLibcIsTheOneOfSQLite(t *testing.T) {
	type module struct{ Path, Version, GoMod string }
	list := func(path string) (m module) {
		t.Helper()
		decode(t, &m, "go", "list", "-m", "-json", path)
		return m
	}
	var sqlite struct{ Require []module }
	decode(t, &sqlite, "go", "mod", "edit", "-json", list("modernc.org/sqlite").GoMod)
	used := list("modernc.org/libc").Version
	for _, m := range sqlite.Require {
		if m.Path == "modernc.org/libc" {
			if m.Version != used {
				t.Errorf("modernc.org/libc is %s, modernc.org/sqlite was made for %s", used, m.Version)
			}
			return
		}
	}
	t.Error("modernc.org/sqlite requires no modernc.org/libc")
}

func decode(t *testing.T, into any, name string, args ...string) {
	t.Helper()
	out, err := exec.Command(name, args...).Output()
	if err == nil {
		err = json.Unmarshal(out, into)
	}
	if err != nil {
		t.Fatalf("%s %s: %v", name, strings.Join(args, " "), err)
	}
}
