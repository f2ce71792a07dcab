package store

import (
	"database/sql"
	"time"

	"letterlock"
)

// InsertInvitation adds an invitation, and reports false if the address has an
// open one in the organization, be its time over or not.
func (tx *Tx) InsertInvitation(i *letterlock.Invitation) (bool, error) {
	n, err := tx.exec(`
		INSERT INTO invitation (
			id,
			org,
			email,
			email_key,
			role,
			hash,
			invited_by,
			created_at,
			expires_at
		) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
		ON CONFLICT (org, email_key) WHERE accepted_at IS NULL AND revoked_at IS NULL DO NOTHING`,
		string(i.ID),
		string(i.OrgID),
		string(i.Email),
		i.Email.Key(),
		string(i.Role),
		i.Hash[:],
		string(i.InvitedBy),
		millis(i.CreatedAt),
		millis(i.ExpiresAt),
	)
	return n == 1, err
}

// invitationFields are scanned by scanInvitation.
const invitationFields = `
		id,
		org,
		email,
		role,
		hash,
		invited_by,
		created_at,
		expires_at,
		accepted_at,
		revoked_at`

// Invitation reads an invitation of an organization, whatever became of it.
func (tx *Tx) Invitation(org letterlock.OrgID, id letterlock.InvitationID) (*letterlock.Invitation, error) {
	return tx.scanInvitation(tx.conn.row("SELECT"+invitationFields+`
		FROM invitation
		WHERE org = $1
		AND id = $2`, string(org), string(id)))
}

// InvitationByHash reads the invitation that a link opens, whatever became of
// it.
func (tx *Tx) InvitationByHash(hash letterlock.Hash) (*letterlock.Invitation, error) {
	return tx.scanInvitation(tx.conn.row("SELECT"+invitationFields+`
		FROM invitation
		WHERE hash = $1`, hash[:]))
}

// Invitations lists an organization's open invitations, also those whose time is
// over, in the order in which they were made, after one, at most limit. After
// the zero invitation is the beginning.
func (tx *Tx) Invitations(org letterlock.OrgID, after letterlock.Invitation, limit int) ([]*letterlock.Invitation, error) {
	invitations := []*letterlock.Invitation{}
	err := tx.each(func(rows *sql.Rows) error {
		i, err := tx.scanInvitation(rows)
		invitations = append(invitations, i)
		return err
	}, "SELECT"+invitationFields+`
		FROM invitation
		WHERE org = $1
		AND accepted_at IS NULL
		AND revoked_at IS NULL
		AND (created_at, id) > ($2, $3)
		ORDER BY created_at, id
		LIMIT $4`, string(org), afterMillis(after.CreatedAt), string(after.ID), limit)
	return invitations, err
}

func (tx *Tx) scanInvitation(row interface{ Scan(...any) error }) (*letterlock.Invitation, error) {
	var i letterlock.Invitation
	err := tx.scan(row,
		(*string)(&i.ID),
		(*string)(&i.OrgID),
		(*string)(&i.Email),
		(*string)(&i.Role),
		fixed(i.Hash[:]),
		(*string)(&i.InvitedBy),
		instant{&i.CreatedAt},
		instant{&i.ExpiresAt},
		instant{&i.AcceptedAt},
		instant{&i.RevokedAt},
	)
	if err != nil {
		return nil, err
	}
	return &i, nil
}

// AcceptInvitation records that an invitation was accepted, and reports false if
// it cannot be any more: of many who come at once, one does.
func (tx *Tx) AcceptInvitation(id letterlock.InvitationID, now time.Time) (bool, error) {
	n, err := tx.exec(`
		UPDATE invitation SET
			accepted_at = $1
		WHERE id = $2
		AND accepted_at IS NULL
		AND revoked_at IS NULL
		AND expires_at > $1`, millis(now), string(id))
	return n == 1, err
}

// RevokeInvitation takes an invitation of an organization back, and reports
// false if it was accepted or taken back before, or is not there.
func (tx *Tx) RevokeInvitation(org letterlock.OrgID, id letterlock.InvitationID, now time.Time) (bool, error) {
	n, err := tx.exec(`
		UPDATE invitation SET
			revoked_at = $1
		WHERE org = $2
		AND id = $3
		AND accepted_at IS NULL
		AND revoked_at IS NULL`, millis(now), string(org), string(id))
	return n == 1, err
}

// RenewInvitation gives an open invitation another link, more time and another
// inviter, and reports false if it is not open.
func (tx *Tx) RenewInvitation(i *letterlock.Invitation) (bool, error) {
	n, err := tx.exec(`
		UPDATE invitation SET
			hash       = $1,
			expires_at = $2,
			invited_by = $3
		WHERE org = $4
		AND id = $5
		AND accepted_at IS NULL
		AND revoked_at IS NULL`, i.Hash[:], millis(i.ExpiresAt), string(i.InvitedBy), string(i.OrgID), string(i.ID))
	return n == 1, err
}
