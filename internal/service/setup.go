package service

import (
	"context"
	"crypto/rand"
	"strings"
	"time"

	"letterlock"
	"letterlock/internal/store"
)

// setupTicket is how many bytes the link has that sets the instance up: few
// enough to be typed from a terminal.
const setupTicket = 16

// SetupNeeded reports whether nobody may change the instance yet.
func (s *Service) SetupNeeded(ctx context.Context) (bool, error) {
	if s.current.Load().setUp {
		return false, nil
	}
	err := s.loadSettings(ctx)
	return !s.current.Load().setUp, err
}

// RequireSetup refuses while the instance has to be set up first.
func (s *Service) RequireSetup(ctx context.Context) error {
	if !s.config.SetupFirst {
		return nil
	}
	needed, err := s.SetupNeeded(ctx)
	if err == nil && needed {
		err = letterlock.ErrSetup
	}
	return err
}

// MakeSetupTicket makes what lets somebody set the instance up, once. Those
// before it stay good. Where it is set up it is a conflict.
func (s *Service) MakeSetupTicket(ctx context.Context) (ticket letterlock.Proof, err error) {
	err = s.db.Tx(ctx, func(tx *store.Tx) error {
		if err := notSetUp(tx); err != nil {
			return err
		}
		now, err := tx.Now()
		if err != nil {
			return err
		}
		ticket = make(letterlock.Proof, setupTicket)
		rand.Read(ticket)
		return tx.InsertTicket(&letterlock.Ticket{
			Hash:      ticket.Hash(),
			Kind:      letterlock.TicketSetup,
			CreatedAt: now,
			ExpiresAt: now.Add(letterlock.TicketSetup.Lifetime()),
		})
	})
	return ticket, err
}

func notSetUp(tx *store.Tx) error {
	has, err := tx.HasOperator()
	if err == nil && has {
		err = letterlock.ErrConflict
	}
	return err
}

// CompleteSetup makes the first operator, for whoever has the link that the
// server printed, and signs in. No such link is good afterwards.
func (s *Service) CompleteSetup(ctx context.Context, c letterlock.Caller, ticket letterlock.Proof, name, email, password, lang, browser string) (*SignedIn, error) {
	user, err := newUser(name, email, lang)
	if err != nil {
		return nil, err
	}
	if _, _, err := s.goodTicket(ctx, ticket, letterlock.TicketSetup); err != nil {
		return nil, err
	}
	if err := checkPassword("password", password, user.Email, s.current.Load().Name); err != nil {
		return nil, err
	}
	if user.PasswordHash, err = s.hasher.hash(ctx, password); err != nil {
		return nil, err
	}
	user.Operator = true
	var in *SignedIn
	e := letterlock.Event{Action: letterlock.ActionSetUp, Actor: user.ID}
	err = s.act(ctx, c, &e, func(tx *store.Tx) error {
		_, _, now, err := useTicket(tx, ticket, letterlock.TicketSetup)
		if err != nil {
			return err
		}
		if err := tx.DropTickets("", letterlock.TicketSetup); err != nil {
			return err
		}
		if err := addUser(tx, now, user); err != nil {
			return err
		}
		if _, err := newNetwork(tx, now, c, user); err != nil {
			return err
		}
		in, err = startSession(tx, now, c, user, browser)
		return err
	})
	if err != nil {
		return nil, err
	}
	return in, s.loadSettings(ctx)
}

// newUser is an account to be added, with an address that needs no proof.
func newUser(name, email, lang string) (*letterlock.User, error) {
	address, ok := letterlock.ParseEmail(email)
	if !ok {
		return nil, letterlock.Invalid("email", letterlock.FieldNotAddress)
	}
	if err := checkProfile(name, lang); err != nil {
		return nil, err
	}
	return &letterlock.User{ID: newID[letterlock.UserID](), Email: address, Name: strings.TrimSpace(name), Language: lang}, nil
}

// addUser adds an account with a proved address.
func addUser(tx *store.Tx, now time.Time, user *letterlock.User) error {
	if err := makeWay(tx, user.Email, user.ID); err != nil {
		return err
	}
	user.CreatedAt, user.VerifiedAt = now, now
	if user.PasswordHash != "" {
		user.PasswordChangedAt = now
	}
	added, err := tx.InsertUser(user)
	if err == nil && !added {
		err = letterlock.Invalid("email", letterlock.FieldTaken)
	}
	return err
}

// AddUser adds an account for whoever runs the server, and a ticket that sets
// its password.
func (s *Service) AddUser(ctx context.Context, name, email string) (user *letterlock.User, reset letterlock.Proof, err error) {
	user, err = newUser(name, email, "")
	if err != nil {
		return nil, nil, err
	}
	e := letterlock.Event{Action: letterlock.ActionSignedUp, Subject: string(user.ID)}
	err = s.act(ctx, letterlock.Caller{}, &e, func(tx *store.Tx) error {
		now, err := tx.Now()
		if err != nil {
			return err
		}
		if err := addUser(tx, now, user); err != nil {
			return err
		}
		reset, _, err = newTicket(tx, now, letterlock.TicketReset, user.ID, user.Email)
		return err
	})
	if err != nil {
		return nil, nil, err
	}
	return user, reset, nil
}

// ResetTicket makes a ticket that sets the password of an account, for whoever
// runs the server.
func (s *Service) ResetTicket(ctx context.Context, email string) (reset letterlock.Proof, err error) {
	err = s.withAccount(ctx, email, func(tx *store.Tx, user *letterlock.User) error {
		now, err := tx.Now()
		if err != nil {
			return err
		}
		reset, _, err = newTicket(tx, now, letterlock.TicketReset, user.ID, user.Email)
		return err
	})
	return reset, err
}

// SetOperator gives or takes the right to change the instance, for whoever runs
// the server. The last operator keeps it: that is a conflict.
func (s *Service) SetOperator(ctx context.Context, email string, operator bool) error {
	err := s.withAccount(ctx, email, func(tx *store.Tx, user *letterlock.User) error {
		if !operator {
			if err := lastOperator(tx, user); err != nil {
				return err
			}
		}
		if err := tx.SetOperator(user.ID, operator); err != nil {
			return err
		}
		return note(tx, letterlock.Caller{}, letterlock.Event{Action: letterlock.ActionRoleChanged, Subject: string(user.ID)})
	})
	if err != nil {
		return err
	}
	return s.loadSettings(ctx)
}

// withAccount runs steps on the account of an address, which is proved.
func (s *Service) withAccount(ctx context.Context, email string, steps func(tx *store.Tx, user *letterlock.User) error) error {
	address, ok := letterlock.ParseEmail(email)
	if !ok {
		return letterlock.Invalid("email", letterlock.FieldNotAddress)
	}
	return s.db.Tx(ctx, func(tx *store.Tx) error {
		user, err := tx.UserByEmail(address)
		if err == nil {
			user, err = tx.LockUser(user.ID)
		}
		if err == nil && !user.Verified() {
			err = letterlock.ErrNotFound
		}
		if err != nil {
			return err
		}
		return steps(tx, user)
	})
}

// lastOperator refuses a user without whom nobody could change the instance.
func lastOperator(tx *store.Tx, user *letterlock.User) error {
	operators, err := tx.LockOperators()
	if err == nil && len(operators) == 1 && operators[0] == user.ID {
		err = letterlock.ErrConflict
	}
	return err
}
