package service

import (
	"context"
	"strings"
	"time"
	"unicode"

	"letterlock"
	"letterlock/internal/mail"
	"letterlock/internal/store"
)

// How many failures to sign in with one address are taken: from one network, and
// from everywhere. Beyond the second, only networks from which its owner signed
// in before may go on, so that nobody can lock the owner out.
const (
	nearFailures = 5
	nearWindow   = 15 * time.Minute
	farFailures  = 20
	farWindow    = time.Hour
)

// touchEvery is how exactly it is kept when a session was used last.
const touchEvery = time.Minute

// nowhere stands for a network that is not known, where none means everywhere.
const nowhere letterlock.Net = "unknown"

// SignedIn is a new session, and what opens it.
type SignedIn struct {
	User    *letterlock.User
	Session *letterlock.Session
	Cookie  letterlock.Proof
}

// SignIn begins a session for whoever knows the password of an address, and ends
// the one in which that was asked. An address that nobody has, or that was not
// confirmed, and a wrong password are all the same wrong password.
func (s *Service) SignIn(ctx context.Context, c letterlock.Caller, email, password, browser string) (*SignedIn, error) {
	address, ok := letterlock.ParseEmail(email)
	if !ok {
		return nil, letterlock.Invalid("email", letterlock.FieldNotAddress)
	}
	user, err := s.try(ctx, c, address, password)
	if err != nil {
		return nil, err
	}
	var in *SignedIn
	e := letterlock.Event{Action: letterlock.ActionSignedIn}
	err = s.act(ctx, c, &e, func(tx *store.Tx) error {
		now, err := lockSame(tx, user)
		if err != nil {
			return err
		}
		e.Actor = user.ID
		first, err := newNetwork(tx, now, c, user)
		if err != nil {
			return err
		}
		if in, err = startSession(tx, now, c, user, browser); err != nil || !first {
			return err
		}
		return s.tell(tx, now, user, mail.NewSignIn{Act: by(c, now, browser), Link: s.page("/account/sessions")})
	})
	if err != nil {
		return nil, err
	}
	s.wake()
	return in, nil
}

// lockSame locks an account of which the password was checked, unless it was
// changed since.
func lockSame(tx *store.Tx, user *letterlock.User) (time.Time, error) {
	locked, err := tx.LockUser(user.ID)
	switch {
	case err == letterlock.ErrNotFound:
		return time.Time{}, letterlock.ErrWrongPass
	case err != nil:
		return time.Time{}, err
	case locked.PasswordHash != user.PasswordHash:
		return time.Time{}, letterlock.ErrWrongPass
	}
	return tx.Now()
}

// by is what a mail says of an act.
func by(c letterlock.Caller, now time.Time, browser string) mail.Act {
	return mail.Act{At: now, Network: c.Net.Prefix(), Browser: browser}
}

// newNetwork notes that a user was here from the caller's network, and reports
// whether that is the first time.
func newNetwork(tx *store.Tx, now time.Time, c letterlock.Caller, user *letterlock.User) (bool, error) {
	if c.Net == "" {
		return false, nil
	}
	return tx.AddNetwork(user.ID, c.Net, now)
}

// startSession signs a user in. Whoever is in one organization only begins
// there.
func startSession(tx *store.Tx, now time.Time, c letterlock.Caller, user *letterlock.User, browser string) (*SignedIn, error) {
	if c.Session != nil {
		if _, err := tx.EndSession(c.Session.UserID, c.Session.ID); err != nil {
			return nil, err
		}
	}
	in := &SignedIn{User: user, Cookie: newProof()}
	in.Session = &letterlock.Session{
		ID:        newID[letterlock.SessionID](),
		UserID:    user.ID,
		Hash:      in.Cookie.Hash(),
		CreatedAt: now,
		SeenAt:    now,
		Agent:     oneLine(browser),
		Net:       c.Net,
	}
	memberships, err := tx.Memberships(user.ID)
	if err != nil {
		return nil, err
	}
	if len(memberships) == 1 {
		in.Session.Org = memberships[0].Org.ID
	}
	return in, tx.InsertSession(in.Session)
}

// oneLine is what a browser calls itself, fit for a list.
func oneLine(browser string) string {
	line := []rune(strings.Map(func(r rune) rune {
		if unicode.IsGraphic(r) {
			return r
		}
		return -1
	}, strings.ToValidUTF8(browser, "")))
	return string(line[:min(len(line), letterlock.NameLength)])
}

// try checks a password for an address, as often as the limits allow, and
// returns whose it is. The failure is counted before anything is looked at and
// taken back if it was none: so tries side by side are counted too. What the
// limits refuse does not count, so that nobody gets an address refused
// elsewhere by going on.
func (s *Service) try(ctx context.Context, c letterlock.Caller, email letterlock.Email, password string) (*letterlock.User, error) {
	who := signInWith(email)
	from := c.Net
	if from == "" {
		from = nowhere
	}
	user, err := s.countTry(ctx, who, from, email)
	if err != nil {
		return nil, err
	}
	match, stale, failed := s.hasher.matches(ctx, user.PasswordHash, password)
	if failed == nil && !match {
		return nil, letterlock.ErrWrongPass
	}
	err = s.db.Tx(ctx, func(tx *store.Tx) error {
		if err := tx.ForgetFailure(who, from); err != nil {
			return err
		}
		return tx.ForgetFailure(who, "")
	})
	switch {
	case failed != nil:
		return nil, failed
	case err != nil:
		return nil, err
	case stale:
		return user, s.rehash(ctx, user, password)
	}
	return user, nil
}

// signInWith is what failures to sign in with an address are counted under.
func signInWith(email letterlock.Email) letterlock.Hash {
	return letterlock.Proof("sign in " + email.Key()).Hash()
}

// countTry counts a try, and refuses one too many. Where nobody has the address
// the user is one without id and password.
func (s *Service) countTry(ctx context.Context, who letterlock.Hash, from letterlock.Net, email letterlock.Email) (user *letterlock.User, err error) {
	err = s.db.Tx(ctx, func(tx *store.Tx) error {
		user, err = tx.UserByEmail(email)
		if err == letterlock.ErrNotFound {
			user, err = &letterlock.User{}, nil
		}
		if err != nil {
			return err
		}
		now, err := tx.Now()
		if err != nil {
			return err
		}
		near, err := tx.CountFailure(who, from, now, nearWindow)
		if err != nil {
			return err
		}
		far, err := tx.CountFailure(who, "", now, farWindow)
		if err != nil {
			return err
		}
		known, err := tx.KnowsNetwork(user.ID, from)
		if err == nil && (near > nearFailures || far > farFailures && !known) {
			err = letterlock.ErrRateLimited
		}
		return err
	})
	return user, err
}

// rehash hashes a password anew that was hashed with less work.
func (s *Service) rehash(ctx context.Context, user *letterlock.User, password string) error {
	hash, err := s.hasher.hash(ctx, password)
	if err != nil {
		return err
	}
	return s.db.Tx(ctx, func(tx *store.Tx) error {
		done, err := tx.Rehash(user.ID, user.PasswordHash, hash)
		if done {
			user.PasswordHash = hash
		}
		return err
	})
}

// confirmPassword makes sure that whoever is signed in also knows the password.
// Failures count like those to sign in.
func (s *Service) confirmPassword(ctx context.Context, c letterlock.Caller, password string) error {
	_, err := s.confirmed(ctx, c, password)
	return err
}

// confirmed is confirmPassword that returns the account as it is now.
func (s *Service) confirmed(ctx context.Context, c letterlock.Caller, password string) (*letterlock.User, error) {
	if err := bySession(c); err != nil {
		return nil, err
	}
	user, err := s.try(ctx, c, c.User.Email, password)
	return user, s.mark(ctx, c, &letterlock.Event{Action: letterlock.ActionSignedIn}, err)
}

// bySession refuses whoever has not signed in in a browser.
func bySession(c letterlock.Caller) error {
	switch {
	case c.User == nil:
		return letterlock.ErrUnauthorized
	case c.Session == nil:
		return letterlock.ErrForbidden
	}
	return nil
}

// SessionCaller adds to a caller who it is, by the cookie of a session. One that
// is over, or none, is refused as unauthorized.
func (s *Service) SessionCaller(ctx context.Context, c letterlock.Caller, cookie letterlock.Proof) (letterlock.Caller, error) {
	var now time.Time
	err := s.db.Read(ctx, func(tx *store.Tx) (err error) {
		if c.Session, err = tx.SessionByHash(cookie.Hash()); err != nil {
			return err
		}
		if now, err = tx.Now(); err != nil {
			return err
		}
		if !c.Session.Alive(now) {
			return letterlock.ErrNotFound
		}
		if c.User, err = tx.User(c.Session.UserID); err != nil || c.Session.Org == "" {
			return err
		}
		switch member, err := tx.Member(c.Session.Org, c.User.ID); err {
		case nil:
			c.Org, c.Role = member.OrgID, member.Role
			return nil
		case letterlock.ErrNotFound: // not any more
			return nil
		default:
			return err
		}
	})
	if err == nil && !now.Before(c.Session.SeenAt.Add(touchEvery)) {
		err = s.db.Tx(ctx, func(tx *store.Tx) error { return tx.TouchSession(c.Session.ID, now, c.Net) })
	}
	if err == letterlock.ErrNotFound {
		err = letterlock.ErrUnauthorized
	}
	if err != nil {
		return letterlock.Caller{}, err
	}
	return c, nil
}

// SignOut ends the session in which it is asked. Without one there is nothing to
// do.
func (s *Service) SignOut(ctx context.Context, c letterlock.Caller) error {
	if c.Session == nil {
		return nil
	}
	return s.endSession(ctx, c, letterlock.ActionSignedOut, c.Session.ID, errUnchanged)
}

// EndSession ends one of the caller's sessions, wherever it is.
func (s *Service) EndSession(ctx context.Context, c letterlock.Caller, id letterlock.SessionID) error {
	if err := bySession(c); err != nil {
		return err
	}
	return s.endSession(ctx, c, letterlock.ActionSessionsEnded, id, letterlock.ErrNotFound)
}

// endSession returns missing if there is no such session.
func (s *Service) endSession(ctx context.Context, c letterlock.Caller, action letterlock.Action, id letterlock.SessionID, missing error) error {
	e := letterlock.Event{Action: action, Subject: string(id)}
	return s.act(ctx, c, &e, func(tx *store.Tx) error {
		ended, err := tx.EndSession(c.User.ID, id)
		if err == nil && !ended {
			err = missing
		}
		return err
	})
}

// EndOtherSessions signs the caller out everywhere else.
func (s *Service) EndOtherSessions(ctx context.Context, c letterlock.Caller) error {
	if err := bySession(c); err != nil {
		return err
	}
	e := letterlock.Event{Action: letterlock.ActionSessionsEnded}
	return s.act(ctx, c, &e, func(tx *store.Tx) error {
		ended, err := tx.EndSessions(c.User.ID, c.Session.ID)
		if err == nil && ended == 0 {
			err = errUnchanged
		}
		return err
	})
}

// Sessions lists where the caller is signed in, the one used last first.
func (s *Service) Sessions(ctx context.Context, c letterlock.Caller) (live []*letterlock.Session, err error) {
	if err := bySession(c); err != nil {
		return nil, err
	}
	err = s.db.Read(ctx, func(tx *store.Tx) error {
		live = nil
		sessions, err := tx.Sessions(c.User.ID)
		if err != nil {
			return err
		}
		now, err := tx.Now()
		for _, session := range sessions {
			if session.Alive(now) {
				live = append(live, session)
			}
		}
		return err
	})
	return live, err
}
