package store

import (
	"database/sql"
	"time"

	"letterlock"
)

// InsertUser adds an account, and reports false if the address is taken.
func (tx *Tx) InsertUser(u *letterlock.User) (bool, error) {
	n, err := tx.exec(`
		INSERT INTO account (
			id,
			email,
			email_key,
			name,
			language,
			password_hash,
			password_changed_at,
			verified_at,
			operator,
			created_at
		) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
		ON CONFLICT (email_key) DO NOTHING`,
		string(u.ID),
		string(u.Email),
		u.Email.Key(),
		u.Name,
		u.Language,
		string(u.PasswordHash),
		millis(u.PasswordChangedAt),
		millis(u.VerifiedAt),
		bit(u.Operator),
		millis(u.CreatedAt),
	)
	return n == 1, err
}

// userFields are scanned by scanUser.
const userFields = `
		id,
		email,
		name,
		language,
		password_hash,
		password_changed_at,
		verified_at,
		operator,
		created_at`

const selectUser = "SELECT" + userFields + `
	FROM account
	WHERE id = $1`

// User reads an account.
func (tx *Tx) User(id letterlock.UserID) (*letterlock.User, error) {
	return tx.scanUser(tx.conn.row(selectUser, string(id)))
}

// LockUser reads an account and keeps every other transaction from changing it
// until this one ends.
func (tx *Tx) LockUser(id letterlock.UserID) (*letterlock.User, error) {
	return tx.scanUser(tx.conn.row(selectUser+tx.conn.forUpdate(), string(id)))
}

// UserByEmail reads the account of an address.
func (tx *Tx) UserByEmail(email letterlock.Email) (*letterlock.User, error) {
	return tx.scanUser(tx.conn.row("SELECT"+userFields+`
		FROM account
		WHERE email_key = $1`, email.Key()))
}

func (tx *Tx) scanUser(row *sql.Row) (*letterlock.User, error) {
	var u letterlock.User
	err := tx.scan(row,
		(*string)(&u.ID),
		(*string)(&u.Email),
		&u.Name,
		&u.Language,
		(*string)(&u.PasswordHash),
		instant{&u.PasswordChangedAt},
		instant{&u.VerifiedAt},
		flag{&u.Operator},
		instant{&u.CreatedAt},
	)
	if err != nil {
		return nil, err
	}
	return &u, nil
}

// HasOperator reports whether somebody may change the instance: whether it was
// set up.
func (tx *Tx) HasOperator() (bool, error) {
	var has bool
	err := tx.scan(tx.conn.row(`
		SELECT EXISTS (
			SELECT 1
			FROM account
			WHERE operator = 1
		)`), &has)
	return has, err
}

// SetPassword sets the password of an account.
func (tx *Tx) SetPassword(id letterlock.UserID, hash letterlock.PasswordHash, at time.Time) error {
	return tx.one(`
		UPDATE account SET
			password_hash       = $1,
			password_changed_at = $2
		WHERE id = $3`, string(hash), millis(at), string(id))
}

// Rehash replaces the hash of a password that stays the same, and reports false
// if the password was changed meanwhile.
func (tx *Tx) Rehash(id letterlock.UserID, from, to letterlock.PasswordHash) (bool, error) {
	n, err := tx.exec(`
		UPDATE account SET
			password_hash = $1
		WHERE id = $2
		AND password_hash = $3`, string(to), string(id), string(from))
	return n == 1, err
}

// SetEmail sets the address of an account, verified at a time, and reports false
// if another account has it. The account is locked.
func (tx *Tx) SetEmail(id letterlock.UserID, email letterlock.Email, verified time.Time) (bool, error) {
	n, err := tx.exec(`
		UPDATE account SET
			email       = $1,
			email_key   = $2,
			verified_at = $3
		WHERE id = $4
		AND NOT EXISTS (
			SELECT 1
			FROM account
			WHERE email_key = $2
			AND id <> $4
		)`, string(email), email.Key(), millis(verified), string(id))
	return n == 1, err
}

// Verify records that the address of an account was proved, and reports false
// if it had been, or is another by now.
func (tx *Tx) Verify(id letterlock.UserID, email letterlock.Email, at time.Time) (bool, error) {
	n, err := tx.exec(`
		UPDATE account SET
			verified_at = $1
		WHERE id = $2
		AND email_key = $3
		AND verified_at IS NULL`, millis(at), string(id), email.Key())
	return n == 1, err
}

// SetProfile sets what a user says of themselves.
func (tx *Tx) SetProfile(id letterlock.UserID, name, language string) error {
	return tx.one(`
		UPDATE account SET
			name     = $1,
			language = $2
		WHERE id = $3`, name, language, string(id))
}

// SetOperator gives or takes the right to change the instance.
func (tx *Tx) SetOperator(id letterlock.UserID, operator bool) error {
	return tx.one(`
		UPDATE account SET
			operator = $1
		WHERE id = $2`, bit(operator), string(id))
}

// DeleteUser removes an account with its sessions, tickets, tokens, memberships
// and networks. Its secrets were handed over, or disowned, before.
func (tx *Tx) DeleteUser(id letterlock.UserID) error {
	for _, text := range []string{
		`DELETE FROM session WHERE account = $1`,
		`DELETE FROM ticket WHERE account = $1`,
		`DELETE FROM token WHERE account = $1`,
		`DELETE FROM member WHERE account = $1`,
		`DELETE FROM sign_in_network WHERE account = $1`,
	} {
		if _, err := tx.exec(text, string(id)); err != nil {
			return err
		}
	}
	return tx.one(`
		DELETE FROM account
		WHERE id = $1`, string(id))
}

// LockOperators lists who may change the instance, and keeps every other
// transaction from changing that until this one ends.
func (tx *Tx) LockOperators() ([]letterlock.UserID, error) {
	var ids []letterlock.UserID
	err := tx.each(func(rows *sql.Rows) error {
		var id string
		err := tx.scan(rows, &id)
		ids = append(ids, letterlock.UserID(id))
		return err
	}, `
		SELECT id
		FROM account
		WHERE operator = 1
		ORDER BY id`+tx.conn.forUpdate())
	return ids, err
}

// PruneUsers removes accounts of before a time whose address nobody proved.
func (tx *Tx) PruneUsers(before time.Time) error {
	for _, text := range []string{
		`DELETE FROM ticket
		WHERE account IN (
			SELECT id
			FROM account
			WHERE verified_at IS NULL
			AND created_at < $1
			AND NOT EXISTS (SELECT 1 FROM member WHERE member.account = account.id)
		)`,
		`DELETE FROM account
		WHERE verified_at IS NULL
		AND created_at < $1
		AND NOT EXISTS (SELECT 1 FROM member WHERE member.account = account.id)`,
	} {
		if _, err := tx.exec(text, millis(before)); err != nil {
			return err
		}
	}
	return nil
}

// CountFailure counts a failure to sign in with an address from a network, or
// from anywhere with none, and reports how many there were since the
// first one that is younger than window. Count before the password is looked at:
// then tries side by side are counted too.
func (tx *Tx) CountFailure(who letterlock.Hash, from letterlock.Net, now time.Time, window time.Duration) (int, error) {
	if _, err := tx.exec(`
		INSERT INTO sign_in_failure (who, net, failures, since)
		VALUES ($1, $2, 1, $3)
		ON CONFLICT (who, net) DO UPDATE SET
			failures = CASE WHEN sign_in_failure.since > $4 THEN sign_in_failure.failures + 1 ELSE 1 END,
			since    = CASE WHEN sign_in_failure.since > $4 THEN sign_in_failure.since ELSE $3 END`,
		who[:], string(from), millis(now), millis(now.Add(-window))); err != nil {
		return 0, err
	}
	return tx.Failures(who, from, now, window)
}

// Failures is how many failures to sign in are counted.
func (tx *Tx) Failures(who letterlock.Hash, from letterlock.Net, now time.Time, window time.Duration) (int, error) {
	failures := 0
	err := tx.scan(tx.conn.row(`
		SELECT failures
		FROM sign_in_failure
		WHERE who = $1
		AND net = $2
		AND since > $3`, who[:], string(from), millis(now.Add(-window))), number{&failures})
	if err == letterlock.ErrNotFound {
		err = nil
	}
	return failures, err
}

// ForgetFailure takes back one failure, which was none. The update goes first:
// it takes the row's lock and looks again, so that two at once take back two.
func (tx *Tx) ForgetFailure(who letterlock.Hash, from letterlock.Net) error {
	n, err := tx.exec(`
		UPDATE sign_in_failure SET
			failures = failures - 1
		WHERE who = $1
		AND net = $2
		AND failures > 1`, who[:], string(from))
	if err != nil || n == 1 {
		return err
	}
	_, err = tx.exec(`
		DELETE FROM sign_in_failure
		WHERE who = $1
		AND net = $2
		AND failures = 1`, who[:], string(from))
	return err
}

// ForgetFailures takes back all failures with an address, from wherever.
func (tx *Tx) ForgetFailures(who letterlock.Hash) error {
	_, err := tx.exec(`
		DELETE FROM sign_in_failure
		WHERE who = $1`, who[:])
	return err
}

// PruneFailures removes what was counted since before a time.
func (tx *Tx) PruneFailures(before time.Time) error {
	_, err := tx.exec(`
		DELETE FROM sign_in_failure
		WHERE since < $1`, millis(before))
	return err
}

// AddNetwork remembers that a user signed in from a network, and reports whether
// that is the first time.
func (tx *Tx) AddNetwork(id letterlock.UserID, from letterlock.Net, at time.Time) (bool, error) {
	n, err := tx.exec(`
		INSERT INTO sign_in_network (account, net, seen_at)
		VALUES ($1, $2, $3)
		ON CONFLICT (account, net) DO NOTHING`, string(id), string(from), millis(at))
	if err != nil || n == 1 {
		return n == 1, err
	}
	_, err = tx.exec(`
		UPDATE sign_in_network SET
			seen_at = $1
		WHERE account = $2
		AND net = $3`, millis(at), string(id), string(from))
	return false, err
}

// KnowsNetwork reports whether a user signed in from a network before.
func (tx *Tx) KnowsNetwork(id letterlock.UserID, from letterlock.Net) (bool, error) {
	var known bool
	err := tx.scan(tx.conn.row(`
		SELECT EXISTS (
			SELECT 1
			FROM sign_in_network
			WHERE account = $1
			AND net = $2
		)`, string(id), string(from)), &known)
	return known, err
}
