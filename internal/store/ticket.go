package store

import (
	"time"

	"letterlock"
)

// InsertTicket adds a ticket.
func (tx *Tx) InsertTicket(t *letterlock.Ticket) error {
	return tx.one(`
		INSERT INTO ticket (
			hash,
			kind,
			account,
			email,
			created_at,
			expires_at
		) VALUES ($1, $2, $3, $4, $5, $6)`,
		t.Hash[:],
		string(t.Kind),
		orNull(t.UserID),
		string(t.Email),
		millis(t.CreatedAt),
		millis(t.ExpiresAt),
	)
}

// Ticket reads a ticket of a kind, also a used one, or one whose time is over.
func (tx *Tx) Ticket(hash letterlock.Hash, kind letterlock.TicketKind) (*letterlock.Ticket, error) {
	var t letterlock.Ticket
	err := tx.scan(tx.conn.row(`
		SELECT
			hash,
			kind,
			account,
			email,
			created_at,
			expires_at,
			used_at
		FROM ticket
		WHERE hash = $1
		AND kind = $2`, hash[:], string(kind)),
		fixed(t.Hash[:]),
		(*string)(&t.Kind),
		text{(*string)(&t.UserID)},
		(*string)(&t.Email),
		instant{&t.CreatedAt},
		instant{&t.ExpiresAt},
		instant{&t.UsedAt},
	)
	if err != nil {
		return nil, err
	}
	return &t, nil
}

// UseTicket uses a ticket of a kind up and hands it out. Unknown, used before or
// too late, it is letterlock.ErrNotFound: of many who come at once with the same
// ticket, one gets it. Use it before the effect.
func (tx *Tx) UseTicket(hash letterlock.Hash, kind letterlock.TicketKind, now time.Time) (*letterlock.Ticket, error) {
	if err := tx.one(`
		UPDATE ticket SET
			used_at = $1
		WHERE hash = $2
		AND kind = $3
		AND used_at IS NULL
		AND expires_at > $1`, millis(now), hash[:], string(kind)); err != nil {
		return nil, err
	}
	return tx.Ticket(hash, kind)
}

// DropTickets makes void the tickets of a kind that a user has not used; for
// letterlock.TicketSetup those of nobody.
func (tx *Tx) DropTickets(user letterlock.UserID, kind letterlock.TicketKind) error {
	if user == "" {
		_, err := tx.exec(`
			DELETE FROM ticket
			WHERE account IS NULL
			AND kind = $1
			AND used_at IS NULL`, string(kind))
		return err
	}
	_, err := tx.exec(`
		DELETE FROM ticket
		WHERE account = $1
		AND kind = $2
		AND used_at IS NULL`, string(user), string(kind))
	return err
}

// PruneTickets removes those whose time ended before a time.
func (tx *Tx) PruneTickets(before time.Time) error {
	_, err := tx.exec(`
		DELETE FROM ticket
		WHERE expires_at < $1`, millis(before))
	return err
}
