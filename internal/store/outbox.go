package store

import (
	"database/sql"
	"time"

	"letterlock"
)

// InsertMail adds a mail to the outbox and sets its number.
func (tx *Tx) InsertMail(m *letterlock.Mail) error {
	m.Number = tx.db.numbers.next(m.CreatedAt)
	return tx.one(`
		INSERT INTO outbox (
			number,
			kind,
			recipient,
			account,
			language,
			payload,
			created_at,
			due_at
		) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
		m.Number,
		string(m.Kind),
		string(m.To),
		orNull(m.UserID),
		m.Language,
		[]byte(m.Payload),
		millis(m.CreatedAt),
		millis(m.DueAt),
	)
}

// mailFields are scanned by mails.
const mailFields = `
		number,
		kind,
		recipient,
		account,
		language,
		payload,
		created_at,
		due_at,
		tries,
		sent_at,
		failed_at,
		reason`

// DueMail lists mails to be sent now, the one that waits longest first.
func (tx *Tx) DueMail(now time.Time, limit int) ([]*letterlock.Mail, error) {
	return tx.mails("SELECT"+mailFields+`
		FROM outbox
		WHERE due_at <= $1
		AND sent_at IS NULL
		AND failed_at IS NULL
		ORDER BY due_at
		LIMIT $2`, millis(now), limit)
}

// NextMail is when the next mail is due, the zero time if none waits.
func (tx *Tx) NextMail() (time.Time, error) {
	var due time.Time
	err := tx.scan(tx.conn.row(`
		SELECT MIN(due_at)
		FROM outbox
		WHERE sent_at IS NULL
		AND failed_at IS NULL`), instant{&due})
	return due, err
}

// ClaimMail counts a try to send a mail that is due and puts the next one off,
// and reports false if somebody else did, or it is not to be sent any more.
func (tx *Tx) ClaimMail(number int64, now, next time.Time) (bool, error) {
	n, err := tx.exec(`
		UPDATE outbox SET
			due_at = $1,
			tries  = tries + 1
		WHERE number = $2
		AND due_at <= $3
		AND sent_at IS NULL
		AND failed_at IS NULL`, millis(next), number, millis(now))
	return n == 1, err
}

// MailSent records that a mail server took a mail, and forgets what it said.
func (tx *Tx) MailSent(number int64, at time.Time) error {
	return tx.one(`
		UPDATE outbox SET
			sent_at = $1,
			payload = NULL,
			reason  = ''
		WHERE number = $2
		AND failed_at IS NULL`, millis(at), number)
}

// MailDelayed records why a try failed and when to try again.
func (tx *Tx) MailDelayed(number int64, due time.Time, reason string) error {
	return tx.one(`
		UPDATE outbox SET
			due_at = $1,
			reason = $2
		WHERE number = $3
		AND sent_at IS NULL
		AND failed_at IS NULL`, millis(due), reason, number)
}

// MailFailed gives a mail up, and forgets what it said.
func (tx *Tx) MailFailed(number int64, at time.Time, reason string) error {
	return tx.one(`
		UPDATE outbox SET
			failed_at = $1,
			payload   = NULL,
			reason    = $2
		WHERE number = $3
		AND sent_at IS NULL
		AND failed_at IS NULL`, millis(at), reason, number)
}

// FailedMail lists mails that were given up, the latest first, before one of
// this number; 0 is the end of the list.
func (tx *Tx) FailedMail(before int64, limit int) ([]*letterlock.Mail, error) {
	return tx.mails("SELECT"+mailFields+`
		FROM outbox
		WHERE failed_at IS NOT NULL
		AND (CAST($1 AS BIGINT) = 0 OR number < $1)
		ORDER BY number DESC
		LIMIT $2`, before, limit)
}

func (tx *Tx) mails(query string, args ...any) ([]*letterlock.Mail, error) {
	var mails []*letterlock.Mail
	err := tx.each(func(rows *sql.Rows) error {
		var m letterlock.Mail
		err := tx.scan(rows,
			&m.Number,
			(*string)(&m.Kind),
			(*string)(&m.To),
			text{(*string)(&m.UserID)},
			&m.Language,
			(*[]byte)(&m.Payload),
			instant{&m.CreatedAt},
			instant{&m.DueAt},
			number{&m.Tries},
			instant{&m.SentAt},
			instant{&m.FailedAt},
			&m.Reason,
		)
		mails = append(mails, &m)
		return err
	}, query, args...)
	return mails, err
}

// PruneMail removes mails of before a time that were sent or given up.
func (tx *Tx) PruneMail(before time.Time) error {
	_, err := tx.exec(`
		DELETE FROM outbox
		WHERE created_at < $1
		AND (sent_at IS NOT NULL OR failed_at IS NOT NULL)`, millis(before))
	return err
}
