package store

import (
	"database/sql"
	"time"

	"letterlock"
)

// InsertMember adds a member, and reports false if the user is one.
func (tx *Tx) InsertMember(m *letterlock.Member) (bool, error) {
	n, err := tx.exec(`
		INSERT INTO member (org, account, role, joined_at)
		VALUES ($1, $2, $3, $4)
		ON CONFLICT (org, account) DO NOTHING`,
		string(m.OrgID),
		string(m.UserID),
		string(m.Role),
		millis(m.JoinedAt),
	)
	return n == 1, err
}

// Member reads a member of an organization. A user who is none is
// letterlock.ErrNotFound.
func (tx *Tx) Member(org letterlock.OrgID, user letterlock.UserID) (*letterlock.Member, error) {
	var m letterlock.Member
	err := tx.scan(tx.conn.row(`
		SELECT
			org,
			account,
			role,
			joined_at
		FROM member
		WHERE org = $1
		AND account = $2`, string(org), string(user)),
		(*string)(&m.OrgID),
		(*string)(&m.UserID),
		(*string)(&m.Role),
		instant{&m.JoinedAt},
	)
	if err != nil {
		return nil, err
	}
	return &m, nil
}

// Members lists an organization's members in the order in which they joined,
// after one, at most limit. After the zero member is the beginning.
func (tx *Tx) Members(org letterlock.OrgID, after letterlock.Member, limit int) ([]letterlock.ListedMember, error) {
	members := []letterlock.ListedMember{}
	err := tx.each(func(rows *sql.Rows) error {
		m := letterlock.ListedMember{Member: letterlock.Member{OrgID: org}}
		err := tx.scan(rows,
			(*string)(&m.UserID),
			(*string)(&m.Role),
			instant{&m.JoinedAt},
			&m.Name,
			(*string)(&m.Email),
		)
		members = append(members, m)
		return err
	}, `
		SELECT
			member.account,
			member.role,
			member.joined_at,
			account.name,
			account.email
		FROM member
		JOIN account ON account.id = member.account
		WHERE member.org = $1
		AND (member.joined_at, member.account) > ($2, $3)
		ORDER BY member.joined_at, member.account
		LIMIT $4`, string(org), afterMillis(after.JoinedAt), string(after.UserID), limit)
	return members, err
}

// Memberships lists the organizations of a user with the user's role, in the
// order in which the user joined.
func (tx *Tx) Memberships(user letterlock.UserID) ([]letterlock.Membership, error) {
	memberships := []letterlock.Membership{}
	err := tx.each(func(rows *sql.Rows) error {
		var m letterlock.Membership
		err := tx.scan(rows, append(orgColumns(&m.Org), (*string)(&m.Role))...)
		memberships = append(memberships, m)
		return err
	}, "SELECT"+orgFields+`,
		member.role
	FROM member
	JOIN organization ON organization.id = member.org
	WHERE member.account = $1
	ORDER BY member.joined_at, member.org`, string(user))
	return memberships, err
}

// CountOwners is how many owners an organization has. Under its lock: an
// organization keeps one.
func (tx *Tx) CountOwners(org letterlock.OrgID) (int, error) {
	owners := 0
	err := tx.scan(tx.conn.row(`
		SELECT COUNT(*)
		FROM member
		WHERE org = $1
		AND role = 'owner'`, string(org)), number{&owners})
	return owners, err
}

// SetRole gives a member another role.
func (tx *Tx) SetRole(org letterlock.OrgID, user letterlock.UserID, role letterlock.Role) error {
	return tx.one(`
		UPDATE member SET
			role = $1
		WHERE org = $2
		AND account = $3`, string(role), string(org), string(user))
}

// DeleteMember takes a user out of an organization.
func (tx *Tx) DeleteMember(org letterlock.OrgID, user letterlock.UserID) error {
	return tx.one(`
		DELETE FROM member
		WHERE org = $1
		AND account = $2`, string(org), string(user))
}

// afterMillis is the time of a place in a list; the zero time is before all.
func afterMillis(t time.Time) int64 {
	if t.IsZero() {
		return -1
	}
	return t.UnixMilli()
}
