package store

import (
	"database/sql"

	"letterlock"
)

// LiveSecrets lists secrets of an owner that have not ended, those of one
// organization or, of none, the personal ones, at most limit.
func (tx *Tx) LiveSecrets(owner letterlock.UserID, org letterlock.OrgID, limit int) ([]letterlock.SecretID, error) {
	var ids []letterlock.SecretID
	err := tx.each(func(rows *sql.Rows) error {
		var id string
		err := tx.scan(rows, &id)
		ids = append(ids, letterlock.SecretID(id))
		return err
	}, `
		SELECT id
		FROM secret
		WHERE owner = $1
		AND COALESCE(org, '') = $2
		AND (CASE WHEN ended = 'used_up' THEN 3 WHEN ended = 'expired' THEN 4 WHEN ended = 'deleted' THEN 5 WHEN locked_at IS NOT NULL THEN 2 WHEN views > 0 THEN 1 ELSE 0 END) < 3
		LIMIT $3`, string(owner), string(org), limit)
	return ids, err
}

// HandOver gives at most limit of an owner's secrets in an organization to
// another user, or to nobody, and reports how many. The organization keeps them.
func (tx *Tx) HandOver(from, to letterlock.UserID, org letterlock.OrgID, limit int) (int64, error) {
	return tx.exec(`
		UPDATE secret SET
			owner = $1
		WHERE number IN (
			SELECT number
			FROM secret
			WHERE owner = $2
			AND org = $3
			LIMIT $4
		)`, orNull(to), string(from), string(org), limit)
}

// Disown leaves at most limit of an owner's personal secrets without one, and
// without their name, and reports how many. Who holds the manage token still is
// their sender.
func (tx *Tx) Disown(owner letterlock.UserID, limit int) (int64, error) {
	return tx.exec(`
		UPDATE secret SET
			owner    = NULL,
			name     = NULL,
			name_key = NULL
		WHERE number IN (
			SELECT number
			FROM secret
			WHERE owner = $1
			AND org IS NULL
			LIMIT $2
		)`, string(owner), limit)
}
