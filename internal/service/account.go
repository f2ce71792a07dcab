package service

import (
	"context"
	"strings"
	"time"

	"letterlock"
	"letterlock/internal/mail"
	"letterlock/internal/store"
)

// mailsAnHour is how many mails an address gets in an hour because somebody
// typed it.
const mailsAnHour = 5

// unprovedLife is how long an account waits for its address to be proved.
const unprovedLife = 7 * 24 * time.Hour

// MaySignUp refuses an address that may not have an account: it was neither
// invited nor is it admitted by the settings. Whether it has one makes no
// difference.
func (s *Service) MaySignUp(ctx context.Context, _ letterlock.Caller, email string, invitation letterlock.Proof) error {
	address, ok := letterlock.ParseEmail(email)
	if !ok {
		return letterlock.Invalid("email", letterlock.FieldNotAddress)
	}
	if settings := s.current.Load(); settings.Admits(address) {
		return nil
	}
	return s.db.Read(ctx, func(tx *store.Tx) error {
		invited, err := tx.InvitationByHash(invitation.Hash())
		if err == letterlock.ErrNotFound {
			return letterlock.ErrForbidden
		}
		if err != nil {
			return err
		}
		now, err := tx.Now()
		if err == nil && (!invited.Good(now) || invited.Email.Key() != address.Key()) {
			err = letterlock.ErrForbidden
		}
		return err
	})
}

// SignUp mails an address the link that makes an account of it; asked again, it
// mails another. An address that has an account is mailed that instead, and
// nobody but its owner learns the difference. Name and password come with the
// link: no account has a password before its address is proved.
func (s *Service) SignUp(ctx context.Context, c letterlock.Caller, email, lang string, invitation letterlock.Proof) error {
	if err := s.MaySignUp(ctx, c, email, invitation); err != nil {
		return err
	}
	address, _ := letterlock.ParseEmail(email)
	return s.mailing(ctx, address, func(tx *store.Tx, now time.Time, user *letterlock.User) error {
		if user != nil && user.Verified() {
			return s.tell(tx, now, user, mail.HasAccount{Link: s.page("/signin")})
		}
		if user == nil {
			user = &letterlock.User{ID: newID[letterlock.UserID](), Email: address, Language: lang, CreatedAt: now}
			if added, err := tx.InsertUser(user); err != nil || !added {
				return err // somebody else signs it up at this moment, and gets the mail
			}
		}
		proof, ticket, err := newTicket(tx, now, letterlock.TicketVerify, user.ID, user.Email)
		if err != nil {
			return err
		}
		return s.post(tx, now, user.Email, user.ID, lang, mail.Verify{Link: s.link("/verify", proof), Until: ticket.ExpiresAt})
	})
}

// mailing runs steps that mail an address because somebody typed it, unless that
// happened too often of late. The user is nil where nobody has the address. The
// answer is the same in all cases.
func (s *Service) mailing(ctx context.Context, to letterlock.Email, steps func(tx *store.Tx, now time.Time, user *letterlock.User) error) error {
	who := letterlock.Proof("mail " + to.Key()).Hash()
	err := s.db.Tx(ctx, func(tx *store.Tx) error {
		user, err := tx.UserByEmail(to)
		if err == nil {
			user, err = tx.LockUser(user.ID)
		}
		if err != nil && err != letterlock.ErrNotFound {
			return err
		}
		now, err := tx.Now()
		if err != nil {
			return err
		}
		mails, err := tx.CountFailure(who, "", now, time.Hour)
		if err != nil {
			return err
		}
		if mails > mailsAnHour {
			return errUnchanged
		}
		return steps(tx, now, user)
	})
	if err == errUnchanged {
		return nil
	}
	if err == nil {
		s.wake()
	}
	return err
}

// CompleteSignUp makes an account of an address, for whoever has the link that
// was mailed there, and signs in. A link that is used, late or wrong is not
// found.
func (s *Service) CompleteSignUp(ctx context.Context, c letterlock.Caller, ticket letterlock.Proof, name, password, lang, browser string) (*SignedIn, error) {
	if err := checkProfile(name, lang); err != nil {
		return nil, err
	}
	hash, err := s.hashFor(ctx, ticket, letterlock.TicketVerify, password)
	if err != nil {
		return nil, err
	}
	return s.enter(ctx, c, letterlock.ActionSignedUp, ticket, letterlock.TicketVerify, browser, func(tx *store.Tx, now time.Time, user *letterlock.User) error {
		proved, err := tx.Verify(user.ID, user.Email, now)
		if err == nil && !proved {
			err = letterlock.ErrNotFound
		}
		if err != nil {
			return err
		}
		user.VerifiedAt, user.Name, user.Language = now, strings.TrimSpace(name), lang
		if err := tx.SetProfile(user.ID, user.Name, user.Language); err != nil {
			return err
		}
		return setPassword(tx, now, user, hash)
	})
}

// hashFor hashes a new password for whoever has a good ticket.
func (s *Service) hashFor(ctx context.Context, ticket letterlock.Proof, kind letterlock.TicketKind, password string) (letterlock.PasswordHash, error) {
	good, _, err := s.goodTicket(ctx, ticket, kind)
	if err != nil {
		return "", err
	}
	if err := checkPassword("password", password, good.Email, s.current.Load().Name); err != nil {
		return "", err
	}
	return s.hasher.hash(ctx, password)
}

// enter signs in with a ticket, after steps that it is for.
func (s *Service) enter(ctx context.Context, c letterlock.Caller, action letterlock.Action, ticket letterlock.Proof, kind letterlock.TicketKind, browser string,
	steps func(tx *store.Tx, now time.Time, user *letterlock.User) error) (in *SignedIn, err error) {
	e := letterlock.Event{Action: action}
	err = s.act(ctx, c, &e, func(tx *store.Tx) error {
		_, user, now, err := useTicket(tx, ticket, kind)
		if err != nil {
			return err
		}
		e.Actor = user.ID
		if err := steps(tx, now, user); err != nil {
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
	s.wake()
	return in, nil
}

func setPassword(tx *store.Tx, now time.Time, user *letterlock.User, hash letterlock.PasswordHash) error {
	user.PasswordHash, user.PasswordChangedAt = hash, now
	return tx.SetPassword(user.ID, hash, now)
}

// checkProfile refuses what a user cannot say of themselves.
func checkProfile(name, lang string) error {
	if len(lang) > letterlock.NameLength {
		return letterlock.Invalid("language", letterlock.FieldTooLong)
	}
	return letterlock.CheckName("name", name, false)
}

// ChangeProfile changes what the caller is called, and in which language.
func (s *Service) ChangeProfile(ctx context.Context, c letterlock.Caller, name, lang string) error {
	if err := bySession(c); err != nil {
		return err
	}
	if err := checkProfile(name, lang); err != nil {
		return err
	}
	e := letterlock.Event{Action: letterlock.ActionProfileChanged}
	return s.act(ctx, c, &e, func(tx *store.Tx) error {
		return tx.SetProfile(c.User.ID, strings.TrimSpace(name), lang)
	})
}

// DeleteAccount removes the caller's account, for whoever also knows the
// password. Secrets that can still be opened are deleted, or kept: then their
// links go on working, those of organizations are theirs, and the others are
// nobody's. The only owner of an organization, and the only operator, have to
// find another first.
//
// Secrets go in steps, so that nobody else waits for thousands of them. Whoever
// is cut off in between is signed out and can ask again.
func (s *Service) DeleteAccount(ctx context.Context, c letterlock.Caller, password string, keepSecrets bool) error {
	if err := s.confirmPassword(ctx, c, password); err != nil {
		return err
	}
	var spaces []letterlock.OrgID
	ended := letterlock.Event{Action: letterlock.ActionSessionsEnded}
	err := s.act(ctx, c, &ended, func(tx *store.Tx) (err error) {
		spaces, err = closeAccount(tx, c.User)
		return err
	})
	if err != nil {
		return err
	}
	var to *letterlock.UserID
	if keepSecrets {
		to = new(letterlock.UserID) // nobody
	}
	for _, org := range spaces {
		if err := s.clearSecrets(ctx, c, c.User.ID, org, to); err != nil {
			return err
		}
	}
	e := letterlock.Event{Action: letterlock.ActionAccountDeleted, Subject: string(c.User.ID)}
	return s.act(ctx, c, &e, func(tx *store.Tx) error {
		if err := mayGo(tx, c.User); err != nil {
			return err
		}
		return tx.DeleteUser(c.User.ID)
	})
}

// closeAccount ends all that could still act for a user who may go, and lists
// the spaces that the user's secrets are in.
func closeAccount(tx *store.Tx, user *letterlock.User) ([]letterlock.OrgID, error) {
	if err := mayGo(tx, user); err != nil {
		return nil, err
	}
	now, err := tx.Now()
	if err != nil {
		return nil, err
	}
	if err := endAll(tx, now, user); err != nil {
		return nil, err
	}
	memberships, err := tx.Memberships(user.ID)
	spaces := []letterlock.OrgID{""}
	for _, m := range memberships {
		spaces = append(spaces, m.Org.ID)
	}
	return spaces, err
}

// mayGo refuses a user without whom an organization has no owner, or the
// instance no operator.
func mayGo(tx *store.Tx, user *letterlock.User) error {
	if _, err := tx.LockUser(user.ID); err != nil {
		return err
	}
	if err := lastOperator(tx, user); err != nil {
		return err
	}
	memberships, err := tx.Memberships(user.ID)
	if err != nil {
		return err
	}
	for _, m := range memberships {
		if _, err := tx.LockOrg(m.Org.ID); err != nil {
			return err
		}
		member, err := tx.Member(m.Org.ID, user.ID)
		if err == letterlock.ErrNotFound {
			continue // not any more
		}
		if err == nil {
			err = lastOwner(tx, member)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// pruneAccounts removes what is of no use any more: sessions and tickets whose
// time is over, counted failures, mails that were sent or given up, and accounts
// that nobody proved.
func (s *Service) pruneAccounts(ctx context.Context) error {
	return s.db.Tx(ctx, func(tx *store.Tx) error {
		now, err := tx.Now()
		if err != nil {
			return err
		}
		for _, prune := range []func() error{
			func() error { return tx.PruneSessions(now) },
			func() error { return tx.PruneTickets(now) },
			func() error { return tx.PruneFailures(now.Add(-farWindow)) },
			func() error { return tx.PruneMail(now.Add(-letterlock.ReceiptLife)) },
			func() error { return tx.PruneUsers(now.Add(-unprovedLife)) },
		} {
			if err := prune(); err != nil {
				return err
			}
		}
		return nil
	})
}
