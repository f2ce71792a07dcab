package store

import (
	"database/sql"
	"time"

	"letterlock"
)

// InsertSecret adds a secret and its content, and reports false if the id is
// taken, also by a secret of which only the id is left.
func (tx *Tx) InsertSecret(s *letterlock.Secret, content []byte) (bool, error) {
	number := tx.db.numbers.next(s.CreatedAt)
	n, err := tx.exec(`
		INSERT INTO secret (
			number,
			id,
			header,
			key_commit,
			link_hash,
			access_hash,
			manage_hash,
			content_length,
			stored,
			expires_in,
			max_views,
			created_at,
			expires_at,
			due_at
		) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
		ON CONFLICT (id) DO NOTHING`,
		number,
		string(s.ID),
		s.Header[:],
		s.Commit[:],
		s.LinkHash[:],
		s.AccessHash[:],
		s.ManageHash[:],
		s.ContentLength,
		s.Stored,
		int64(s.Limits.ExpiresIn/time.Second),
		limit(s.Limits.Views),
		millis(s.CreatedAt),
		millis(s.ExpiresAt),
		millis(s.DueAt),
	)
	if err != nil || n == 0 {
		return false, err
	}
	if _, err := tx.exec(`
		INSERT INTO content (secret, sealed)
		VALUES ($1, $2)`, number, content); err != nil {
		return false, err
	}
	if s.Owner == "" && s.Org == "" {
		return true, nil
	}
	return true, tx.setSpace(number, s)
}

// setSpace says whose a secret is, and so puts it into lists. It is apart from
// the insert because most secrets are nobody's and need not pay for it.
func (tx *Tx) setSpace(number int64, s *letterlock.Secret) error {
	return tx.one(`
		UPDATE secret SET
			owner             = $1,
			org               = $2,
			organization_only = $3,
			name              = $4,
			name_key          = $5,
			language          = $6
		WHERE number = $7`,
		orNull(s.Owner),
		orNull(s.Org),
		bit(s.OrganizationOnly),
		s.Name,
		[]byte(letterlock.NameKey(s.Name)),
		orNull(s.Language),
		number,
	)
}

// secretFields are scanned by secretColumns.
const secretFields = `
		secret.id,
		secret.owner,
		secret.org,
		secret.organization_only,
		secret.name,
		secret.language,
		secret.header,
		secret.key_commit,
		secret.link_hash,
		secret.access_hash,
		secret.manage_hash,
		secret.content_length,
		secret.stored,
		secret.expires_in,
		secret.max_views,
		secret.created_at,
		secret.expires_at,
		secret.views,
		secret.grace_until,
		secret.password_failures,
		secret.last_wrong,
		secret.locked_at,
		secret.unlocked_at,
		secret.ended,
		secret.ended_at,
		secret.deleted_at,
		secret.disputed_at,
		secret.due_at`

const selectSecret = "SELECT" + secretFields + `
	FROM secret
	WHERE id = $1
	AND due_at IS NOT NULL`

// Secret reads a secret. One of which only the id is left is
// letterlock.ErrNotFound, as one that never was.
func (tx *Tx) Secret(id letterlock.SecretID) (*letterlock.Secret, error) {
	return tx.scanSecret(tx.conn.row(selectSecret, string(id)))
}

// LockSecret reads a secret and keeps every other transaction from changing it
// until this one ends. Whoever decides by its counters or changes them takes
// this lock first.
func (tx *Tx) LockSecret(id letterlock.SecretID) (*letterlock.Secret, error) {
	return tx.scanSecret(tx.conn.row(selectSecret+tx.conn.forUpdate(), string(id)))
}

// LockAgain is LockSecret for one that this transaction has read without the
// lock. Where a transaction has the database to itself, what it read still
// stands.
func (tx *Tx) LockAgain(s *letterlock.Secret) (*letterlock.Secret, error) {
	if tx.conn.forUpdate() == "" {
		return s, nil
	}
	return tx.LockSecret(s.ID)
}

func (tx *Tx) scanSecret(row *sql.Row) (*letterlock.Secret, error) {
	var s letterlock.Secret
	if err := tx.scan(row, secretColumns(&s)...); err != nil {
		return nil, err
	}
	return &s, nil
}

// secretColumns are where secretFields go.
func secretColumns(s *letterlock.Secret) []any {
	return []any{
		(*string)(&s.ID),
		text{(*string)(&s.Owner)},
		text{(*string)(&s.Org)},
		flag{&s.OrganizationOnly},
		text{&s.Name},
		text{&s.Language},
		fixed(s.Header[:]),
		fixed(s.Commit[:]),
		fixed(s.LinkHash[:]),
		fixed(s.AccessHash[:]),
		fixed(s.ManageHash[:]),
		&s.ContentLength,
		&s.Stored,
		seconds{&s.Limits.ExpiresIn},
		number{&s.Limits.Views},
		instant{&s.CreatedAt},
		instant{&s.ExpiresAt},
		number{&s.Views},
		instant{&s.GraceUntil},
		number{&s.PasswordFailures},
		fixed(s.LastWrong[:]),
		instant{&s.LockedAt},
		instant{&s.UnlockedAt},
		text{(*string)(&s.Ended)},
		instant{&s.EndedAt},
		instant{&s.DeletedAt},
		instant{&s.Disputed},
		instant{&s.DueAt},
	}
}

// Content reads the sealed content of a secret; purged, it is
// letterlock.ErrNotFound.
func (tx *Tx) Content(id letterlock.SecretID) ([]byte, error) {
	var sealed []byte
	err := tx.scan(tx.conn.row(`
		SELECT sealed
		FROM content
		WHERE secret = (SELECT number FROM secret WHERE id = $1)`, string(id)), &sealed)
	return sealed, err
}

// CountView adds one view, and ends the secret if it was the last, unless it
// must not be opened at now: false then. grace is when the last of its views
// ends, this one included; the sweeper has to look then if no more can come.
func (tx *Tx) CountView(id letterlock.SecretID, now, grace time.Time) (bool, error) {
	n, err := tx.exec(`
		UPDATE secret SET
			views       = views + 1,
			ended       = CASE WHEN views + 1 = max_views THEN 'used_up' END,
			ended_at    = CASE WHEN views + 1 = max_views THEN CAST($1 AS BIGINT) END,
			grace_until = $2,
			due_at      = CASE WHEN views + 1 = max_views THEN CAST($2 AS BIGINT) ELSE due_at END
		WHERE id = $3
		AND (max_views IS NULL OR views < max_views)
		AND expires_at > $1
		AND ended IS NULL
		AND locked_at IS NULL`,
		millis(now), millis(grace), string(id))
	return n == 1, err
}

// CountWrongPassword adds one wrong password, remembers its hash and locks the
// secret at the limit. False: it was at the limit already.
func (tx *Tx) CountWrongPassword(id letterlock.SecretID, wrong letterlock.Hash, now time.Time) (bool, error) {
	n, err := tx.exec(`
		UPDATE secret SET
			password_failures = password_failures + 1,
			last_wrong        = $1,
			locked_at         = CASE WHEN password_failures + 1 = $2 THEN CAST($3 AS BIGINT) END
		WHERE id = $4
		AND password_failures < $2`,
		wrong[:], letterlock.PasswordTries, millis(now), string(id))
	return n == 1, err
}

// Unlock opens a locked secret to readers again and takes its count of wrong
// passwords back to zero.
func (tx *Tx) Unlock(id letterlock.SecretID, now time.Time) error {
	return tx.one(`
		UPDATE secret SET
			password_failures = 0,
			last_wrong        = NULL,
			locked_at         = NULL,
			unlocked_at       = $1
		WHERE id = $2`, millis(now), string(id))
}

// SetExpiry moves the expiry, and the sweeper's next look with it.
func (tx *Tx) SetExpiry(id letterlock.SecretID, expires, due time.Time) error {
	return tx.one(`
		UPDATE secret SET
			expires_at = $1,
			due_at     = $2
		WHERE id = $3`, millis(expires), millis(due), string(id))
}

// SetDue sets when the sweeper has to look next.
func (tx *Tx) SetDue(id letterlock.SecretID, due time.Time) error {
	return tx.one(`
		UPDATE secret SET
			due_at = $1
		WHERE id = $2`, millis(due), string(id))
}

// EndSecret records the first end of a secret; later ones change nothing.
func (tx *Tx) EndSecret(id letterlock.SecretID, end letterlock.State, at, due time.Time) error {
	return tx.one(`
		UPDATE secret SET
			ended    = COALESCE(ended, $1),
			ended_at = COALESCE(ended_at, $2),
			due_at   = $3
		WHERE id = $4`, string(end), millis(at), millis(due), string(id))
}

// MarkDeleted records that the sender withdrew the secret, beside its state.
func (tx *Tx) MarkDeleted(id letterlock.SecretID, at time.Time) error {
	return tx.one(`
		UPDATE secret SET
			deleted_at = $1
		WHERE id = $2`, millis(at), string(id))
}

// MarkDisputed records that a reader found the secret opened by someone else.
func (tx *Tx) MarkDisputed(id letterlock.SecretID, at time.Time) error {
	return tx.one(`
		UPDATE secret SET
			disputed_at = $1
		WHERE id = $2`, millis(at), string(id))
}

// PurgeContent removes the ciphertext; the receipt stays until due.
func (tx *Tx) PurgeContent(id letterlock.SecretID, due time.Time) error {
	if _, err := tx.exec(`
		DELETE FROM content
		WHERE secret = (SELECT number FROM secret WHERE id = $1)`, string(id)); err != nil {
		return err
	}
	return tx.one(`
		UPDATE secret SET
			stored = 0,
			due_at = $1
		WHERE id = $2`, millis(due), string(id))
}

// RemoveHistory removes at most limit of a secret's views, and as many of the
// lines in the log that are its receipt's alone, and reports how many rows went.
func (tx *Tx) RemoveHistory(id letterlock.SecretID, limit int) (int64, error) {
	events, err := tx.exec(`
		DELETE FROM event
		WHERE secret = (SELECT number FROM secret WHERE id = $1)
		AND org IS NULL
		AND actor IS NULL
		AND number IN (
			SELECT number
			FROM event
			WHERE secret = (SELECT number FROM secret WHERE id = $1)
			AND org IS NULL
			AND actor IS NULL
			ORDER BY number
			LIMIT $2
		)`, string(id), limit)
	if err != nil {
		return 0, err
	}
	views, err := tx.exec(`
		DELETE FROM secret_view
		WHERE secret = (SELECT number FROM secret WHERE id = $1)
		AND number IN (
			SELECT number
			FROM secret_view
			WHERE secret = (SELECT number FROM secret WHERE id = $1)
			ORDER BY number
			LIMIT $2
		)`, string(id), limit)
	return events + views, err
}

// RetireSecret removes everything but the id, which stays so that nobody can
// put something else under an old link, and the log's lines of people and
// organizations, which have a time of their own.
func (tx *Tx) RetireSecret(id letterlock.SecretID) error {
	for _, text := range []string{
		`DELETE FROM event WHERE secret = (SELECT number FROM secret WHERE id = $1) AND org IS NULL AND actor IS NULL`,
		`DELETE FROM secret_view WHERE secret = (SELECT number FROM secret WHERE id = $1)`,
		`DELETE FROM content WHERE secret = (SELECT number FROM secret WHERE id = $1)`,
	} {
		if _, err := tx.exec(text, string(id)); err != nil {
			return err
		}
	}
	empty := []byte{}
	return tx.one(`
		UPDATE secret SET
			number            = $1,
			header            = $2,
			key_commit        = $2,
			link_hash         = $2,
			access_hash       = $2,
			manage_hash       = $2,
			content_length    = 0,
			stored            = 0,
			expires_in        = 0,
			max_views         = NULL,
			created_at        = 0,
			expires_at        = 0,
			views             = 0,
			grace_until       = NULL,
			password_failures = 0,
			last_wrong        = NULL,
			locked_at         = NULL,
			unlocked_at       = NULL,
			ended             = NULL,
			ended_at          = NULL,
			deleted_at        = NULL,
			disputed_at       = NULL,
			due_at            = NULL,
			owner             = NULL,
			org               = NULL,
			organization_only = 0,
			name              = NULL,
			name_key          = NULL,
			language          = NULL
		WHERE id = $3`, timeless(), empty, string(id))
}

// one runs a statement on a secret that is locked and therefore there.
func (tx *Tx) one(text string, args ...any) error {
	n, err := tx.exec(text, args...)
	if err == nil && n != 1 {
		err = letterlock.ErrNotFound
	}
	return err
}

// Due lists secrets that the sweeper has to look at, the oldest first.
func (tx *Tx) Due(now time.Time, limit int) ([]letterlock.SecretID, error) {
	var ids []letterlock.SecretID
	err := tx.each(func(rows *sql.Rows) error {
		var id string
		if err := tx.scan(rows, &id); err != nil {
			return err
		}
		ids = append(ids, letterlock.SecretID(id))
		return nil
	}, `
		SELECT id
		FROM secret
		WHERE due_at <= $1
		ORDER BY due_at
		LIMIT $2`, millis(now), limit)
	return ids, err
}

// Stored is how many bytes of ciphertext the instance keeps.
func (tx *Tx) Stored() (int64, error) {
	var bytes int64
	err := tx.scan(tx.conn.row(`
		SELECT CAST(COALESCE(SUM(stored), 0) AS BIGINT)
		FROM secret
		WHERE due_at IS NOT NULL`), &bytes)
	return bytes, err
}
