package store

import (
	"database/sql"
	"time"
)

// Setting reads what an operator set while the instance runs, or is
// letterlock.ErrNotFound.
func (tx *Tx) Setting(name string) (string, error) {
	var value string
	err := tx.scan(tx.conn.row(`
		SELECT value
		FROM setting
		WHERE name = $1`, name), &value)
	return value, err
}

// Settings reads all of them.
func (tx *Tx) Settings() (map[string]string, error) {
	settings := map[string]string{}
	err := tx.each(func(rows *sql.Rows) error {
		var name, value string
		err := tx.scan(rows, &name, &value)
		settings[name] = value
		return err
	}, `
		SELECT
			name,
			value
		FROM setting`)
	return settings, err
}

// SetSetting sets one.
func (tx *Tx) SetSetting(name, value string, at time.Time) error {
	return tx.one(`
		INSERT INTO setting (name, value, changed_at)
		VALUES ($1, $2, $3)
		ON CONFLICT (name) DO UPDATE SET
			value      = $2,
			changed_at = $3`, name, value, millis(at))
}

// DropSetting goes back to the default.
func (tx *Tx) DropSetting(name string) error {
	_, err := tx.exec(`
		DELETE FROM setting
		WHERE name = $1`, name)
	return err
}
