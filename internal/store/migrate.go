package store

import (
	"context"
	"database/sql"
	"embed"
	"fmt"
	"io/fs"

	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"
)

//go:embed migrations/*.sql
var migrations embed.FS

// appendOnlyVersion is the migration that each engine states in words of its
// own: triggers, for which SQL has no common text.
const appendOnlyVersion = 3

// migrate brings the schema up to date, forward only. On PostgreSQL an advisory
// lock lets one node do it, on SQLite the lock of openSQLite one process.
// appendOnly are the statements of the migration of that name.
func migrate(ctx context.Context, db *sql.DB, dialect goose.Dialect, appendOnly []string) error {
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return err
	}
	options := []goose.ProviderOption{goose.WithGoMigrations(goose.NewGoMigration(appendOnlyVersion, &goose.GoFunc{
		RunTx: func(ctx context.Context, tx *sql.Tx) error {
			for _, text := range appendOnly {
				if _, err := tx.ExecContext(ctx, text); err != nil {
					return err
				}
			}
			return nil
		},
	}, nil))}
	if dialect == goose.DialectPostgres {
		locker, err := lock.NewPostgresSessionLocker()
		if err != nil {
			return err
		}
		options = append(options, goose.WithSessionLocker(locker))
	}
	provider, err := goose.NewProvider(dialect, db, files, options...)
	if err != nil {
		return err
	}
	current, target, err := provider.GetVersions(ctx)
	if err != nil {
		return fmt.Errorf("read the schema version: %w", err)
	}
	if current > target {
		return fmt.Errorf("the database was written by a newer version (schema %d, this program knows %d): start that version", current, target)
	}
	if _, err := provider.Up(ctx); err != nil {
		return fmt.Errorf("bring the schema up to date: %w", err)
	}
	return nil
}
