package store

import (
	"database/sql"
	"time"

	"letterlock"
)

// InsertOrg adds an organization, still without members.
func (tx *Tx) InsertOrg(o *letterlock.Org) error {
	return tx.one(`
		INSERT INTO organization (
			id,
			name,
			sharing_outside,
			max_lifetime,
			max_views,
			password_required,
			email_links,
			strict_views,
			event_life,
			created_at
		) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
		string(o.ID),
		o.Name,
		bit(o.Policy.SharingOutside),
		wholeSeconds(o.Policy.MaxLifetime),
		limit(o.Policy.MaxViews),
		bit(o.Policy.PasswordRequired),
		bit(o.Policy.EmailLinks),
		bit(o.Policy.StrictViews),
		wholeSeconds(o.EventLife),
		millis(o.CreatedAt),
	)
}

const orgFields = `
		organization.id,
		organization.name,
		organization.sharing_outside,
		organization.max_lifetime,
		organization.max_views,
		organization.password_required,
		organization.email_links,
		organization.strict_views,
		organization.event_life,
		organization.created_at`

// orgColumns are where orgFields go.
func orgColumns(o *letterlock.Org) []any {
	return []any{
		(*string)(&o.ID),
		&o.Name,
		flag{&o.Policy.SharingOutside},
		seconds{&o.Policy.MaxLifetime},
		number{&o.Policy.MaxViews},
		flag{&o.Policy.PasswordRequired},
		flag{&o.Policy.EmailLinks},
		flag{&o.Policy.StrictViews},
		seconds{&o.EventLife},
		instant{&o.CreatedAt},
	}
}

const selectOrg = "SELECT" + orgFields + `
	FROM organization
	WHERE id = $1`

// Org reads an organization.
func (tx *Tx) Org(id letterlock.OrgID) (*letterlock.Org, error) {
	return tx.scanOrg(tx.conn.row(selectOrg, string(id)))
}

// LockOrg reads an organization and keeps every other transaction that takes
// this lock waiting until this one ends. Whoever changes who its members are,
// and above all its owners, takes it first.
func (tx *Tx) LockOrg(id letterlock.OrgID) (*letterlock.Org, error) {
	return tx.scanOrg(tx.conn.row(selectOrg+tx.conn.forUpdate(), string(id)))
}

func (tx *Tx) scanOrg(row *sql.Row) (*letterlock.Org, error) {
	var o letterlock.Org
	if err := tx.scan(row, orgColumns(&o)...); err != nil {
		return nil, err
	}
	return &o, nil
}

// OrgsByName lists organizations of exactly this name, at most limit.
func (tx *Tx) OrgsByName(name string, limit int) ([]letterlock.OrgID, error) {
	return tx.orgIDs(`
		SELECT id
		FROM organization
		WHERE name = $1
		LIMIT $2`, name, limit)
}

// Orgs lists the ids of organizations in their order, after one, for
// housekeeping.
func (tx *Tx) Orgs(after letterlock.OrgID, limit int) ([]letterlock.OrgID, error) {
	return tx.orgIDs(`
		SELECT id
		FROM organization
		WHERE id > $1
		ORDER BY id
		LIMIT $2`, string(after), limit)
}

func (tx *Tx) orgIDs(query string, args ...any) ([]letterlock.OrgID, error) {
	var ids []letterlock.OrgID
	err := tx.each(func(rows *sql.Rows) error {
		var id string
		err := tx.scan(rows, &id)
		ids = append(ids, letterlock.OrgID(id))
		return err
	}, query, args...)
	return ids, err
}

// RenameOrg gives an organization another name.
func (tx *Tx) RenameOrg(id letterlock.OrgID, name string) error {
	return tx.one(`
		UPDATE organization SET
			name = $1
		WHERE id = $2`, name, string(id))
}

// SetPolicy sets what an organization demands of its secrets.
func (tx *Tx) SetPolicy(id letterlock.OrgID, p letterlock.Policy) error {
	return tx.one(`
		UPDATE organization SET
			sharing_outside   = $1,
			max_lifetime      = $2,
			max_views         = $3,
			password_required = $4,
			email_links       = $5,
			strict_views      = $6
		WHERE id = $7`,
		bit(p.SharingOutside),
		wholeSeconds(p.MaxLifetime),
		limit(p.MaxViews),
		bit(p.PasswordRequired),
		bit(p.EmailLinks),
		bit(p.StrictViews),
		string(id),
	)
}

// SetEventLife sets how long an organization keeps its audit log.
func (tx *Tx) SetEventLife(id letterlock.OrgID, life time.Duration) error {
	return tx.one(`
		UPDATE organization SET
			event_life = $1
		WHERE id = $2`, wholeSeconds(life), string(id))
}

// Brand reads an organization's brand; one that has none is
// letterlock.ErrNotFound.
func (tx *Tx) Brand(id letterlock.OrgID) (*letterlock.Brand, error) {
	var b letterlock.Brand
	err := tx.scan(tx.conn.row(`
		SELECT
			name,
			logo,
			accent,
			accent_deep
		FROM brand
		WHERE org = $1`, string(id)),
		&b.Name,
		&b.Logo,
		(*string)(&b.Accent),
		(*string)(&b.AccentDeep),
	)
	if err != nil {
		return nil, err
	}
	return &b, nil
}

// SetBrand sets an organization's brand.
func (tx *Tx) SetBrand(id letterlock.OrgID, b *letterlock.Brand) error {
	return tx.one(`
		INSERT INTO brand (org, name, logo, accent, accent_deep)
		VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (org) DO UPDATE SET
			name        = $2,
			logo        = $3,
			accent      = $4,
			accent_deep = $5`,
		string(id),
		b.Name,
		b.Logo,
		string(b.Accent),
		string(b.AccentDeep),
	)
}
