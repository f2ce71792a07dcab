package store

import (
	"database/sql"
	"time"

	"letterlock"
)

// InsertToken adds an API token.
func (tx *Tx) InsertToken(t *letterlock.APIToken) error {
	return tx.one(`
		INSERT INTO token (
			id,
			account,
			org,
			name,
			hash,
			scopes,
			created_at,
			expires_at
		) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
		string(t.ID),
		string(t.UserID),
		orNull(t.OrgID),
		t.Name,
		t.Hash[:],
		words(t.Scopes),
		millis(t.CreatedAt),
		millis(t.ExpiresAt),
	)
}

// tokenFields are scanned by scanToken.
const tokenFields = `
		id,
		account,
		org,
		name,
		hash,
		scopes,
		created_at,
		expires_at,
		used_at,
		revoked_at`

// TokenByHash reads a token, also a revoked one, or one whose time is over.
func (tx *Tx) TokenByHash(hash letterlock.Hash) (*letterlock.APIToken, error) {
	return tx.scanToken(tx.conn.row("SELECT"+tokenFields+`
		FROM token
		WHERE hash = $1`, hash[:]))
}

// Tokens lists a user's tokens, the latest first, also those that are over.
func (tx *Tx) Tokens(user letterlock.UserID) ([]*letterlock.APIToken, error) {
	var tokens []*letterlock.APIToken
	err := tx.each(func(rows *sql.Rows) error {
		t, err := tx.scanToken(rows)
		tokens = append(tokens, t)
		return err
	}, "SELECT"+tokenFields+`
		FROM token
		WHERE account = $1
		ORDER BY created_at DESC, id DESC`, string(user))
	return tokens, err
}

func (tx *Tx) scanToken(row interface{ Scan(...any) error }) (*letterlock.APIToken, error) {
	var t letterlock.APIToken
	err := tx.scan(row,
		(*string)(&t.ID),
		(*string)(&t.UserID),
		text{(*string)(&t.OrgID)},
		&t.Name,
		fixed(t.Hash[:]),
		scopes{&t.Scopes},
		instant{&t.CreatedAt},
		instant{&t.ExpiresAt},
		instant{&t.UsedAt},
		instant{&t.RevokedAt},
	)
	if err != nil {
		return nil, err
	}
	return &t, nil
}

// TouchToken records that a token was used.
func (tx *Tx) TouchToken(id letterlock.TokenID, at time.Time) error {
	return tx.one(`
		UPDATE token SET
			used_at = $1
		WHERE id = $2`, millis(at), string(id))
}

// RevokeToken ends one of a user's tokens, and reports false if there is none or
// it was revoked before.
func (tx *Tx) RevokeToken(user letterlock.UserID, id letterlock.TokenID, at time.Time) (bool, error) {
	n, err := tx.exec(`
		UPDATE token SET
			revoked_at = $1
		WHERE id = $2
		AND account = $3
		AND revoked_at IS NULL`, millis(at), string(id), string(user))
	return n == 1, err
}

// RevokeTokens ends all of a user's tokens, and reports how many.
func (tx *Tx) RevokeTokens(user letterlock.UserID, at time.Time) (int64, error) {
	return tx.exec(`
		UPDATE token SET
			revoked_at = $1
		WHERE account = $2
		AND revoked_at IS NULL`, millis(at), string(user))
}

// RevokeTokensOf ends a user's tokens that were made for one organization, and
// reports how many.
func (tx *Tx) RevokeTokensOf(user letterlock.UserID, org letterlock.OrgID, at time.Time) (int64, error) {
	return tx.exec(`
		UPDATE token SET
			revoked_at = $1
		WHERE account = $2
		AND org = $3
		AND revoked_at IS NULL`, millis(at), string(user), string(org))
}
