package service

import (
	"context"
	"fmt"
	"time"

	"letterlock"
	"letterlock/internal/store"
)

// PeekSecret is what a holder of the link may know before opening: also who
// sent it, and what the reader still lacks. It counts and writes nothing. What
// is over is refused as gone, with the reason; without the link the secret is
// not found.
func (s *Service) PeekSecret(ctx context.Context, c letterlock.Caller, id letterlock.SecretID) (letterlock.Preview, error) {
	var seen letterlock.Preview
	err := s.db.Read(ctx, func(tx *store.Tx) error {
		secret, err := tx.Secret(id)
		if err != nil {
			return err
		}
		if !c.HoldsLink(secret) {
			return letterlock.ErrNotFound
		}
		now, err := tx.Now()
		if err != nil {
			return err
		}
		if err := secret.Over(now); err != nil {
			return err
		}
		seen = letterlock.Preview{Snapshot: letterlock.Snapshot{Secret: secret, Now: now}}
		return introduce(tx, c, &seen)
	})
	if err != nil {
		return letterlock.Preview{}, err
	}
	return seen, nil
}

// introduce adds who a secret is from and what its reader lacks. Of an anonymous
// secret there is nothing to say.
func introduce(tx *store.Tx, c letterlock.Caller, seen *letterlock.Preview) (err error) {
	if seen.Sender, err = senderOf(tx, seen.Secret); err != nil || seen.Org == "" {
		return err
	}
	if seen.Brand, err = brandOf(tx, seen.Org); err != nil {
		return err
	}
	d, err := demandsOf(tx, c, seen.Secret, seen.Now)
	seen.Gates = d.missing
	if d.members {
		seen.MembersOf = d.name
	}
	return err
}

// senderOf is the owner of a secret with a proved address, nil if there is none.
func senderOf(tx *store.Tx, secret *letterlock.Secret) (*letterlock.Sender, error) {
	if secret.Owner == "" {
		return nil, nil
	}
	user, err := tx.User(secret.Owner)
	switch {
	case err == letterlock.ErrNotFound: // deleted since the secret was read
		return nil, nil
	case err != nil || !user.Verified():
		return nil, err
	}
	return &letterlock.Sender{Name: user.Name, Email: user.Email}, nil
}

// demands are what an organization asks of the readers of a secret.
type demands struct {
	missing []letterlock.Gate // what this reader lacks
	name    string            // of the organization
	members bool              // readers have to be members
	strict  bool              // an opened view is not handed out again
}

// demandsOf looks at an organization's policy and the reader's membership as
// they are now. Without an organization nothing is demanded.
func demandsOf(tx *store.Tx, c letterlock.Caller, secret *letterlock.Secret, now time.Time) (d demands, err error) {
	if secret.Org == "" {
		return d, nil
	}
	org, err := tx.Org(secret.Org)
	if err != nil {
		return d, err
	}
	d.name, d.strict = org.Name, org.Policy.StrictViews
	d.members = secret.OrganizationOnly || !org.Policy.SharingOutside
	if d.members {
		switch _, err := asMember(tx, c, secret.Org, letterlock.PlainMember, letterlock.ScopeRead); err {
		case nil:
		case letterlock.ErrUnauthorized:
			d.missing = append(d.missing, letterlock.GateOrganization, letterlock.GateSignIn)
		case letterlock.ErrNotFound, letterlock.ErrForbidden:
			d.missing = append(d.missing, letterlock.GateOrganization)
		default:
			return d, err
		}
	}
	if !org.Policy.Allows(secret, now) {
		d.missing = append(d.missing, letterlock.GatePolicy)
	}
	return d, nil
}

// ViewSecret counts one view under the reader's view id and returns the sealed
// content. The count is durable before it returns; the same id again within the
// grace returns the same answer and counts nothing, also after the secret's
// end. Who lacks what its organization demands is refused, and nothing is
// counted. Wrong passwords are counted, and lock the secret at the limit; they
// never cost a view.
func (s *Service) ViewSecret(ctx context.Context, c letterlock.Caller, id letterlock.SecretID, v letterlock.NewView) (*letterlock.Opening, error) {
	o := opener{caller: c, new: v, access: v.Access.Hash()}
	err := s.db.Tx(ctx, func(tx *store.Tx) error {
		o.opening, o.refusal, o.try = nil, nil, letterlock.Event{}
		if err := o.read(tx, id); err != nil {
			return err
		}
		return o.open(tx)
	})
	switch {
	case err != nil:
		return nil, s.mark(ctx, c, &o.try, err)
	case o.refusal != nil:
		return nil, o.refusal
	}
	return o.opening, nil
}

// opener is one try to open a secret, under its lock.
type opener struct {
	caller  letterlock.Caller
	new     letterlock.NewView
	access  letterlock.Hash
	content []byte

	secret  *letterlock.Secret
	now     time.Time
	demands demands

	try     letterlock.Event // what is refused, where it was asked who the reader is
	opening *letterlock.Opening
	refusal error // to be answered after the commit, since it leaves a mark
}

// read reads the content before anything is counted: what cannot be read must
// not cost a view. Then it takes the lock, and only then the time. By those who
// do not hold the link nothing is found, and nothing is locked either.
func (o *opener) read(tx *store.Tx, id letterlock.SecretID) error {
	secret, err := tx.Secret(id)
	if err != nil {
		return err
	}
	if !o.caller.HoldsLink(secret) {
		return letterlock.ErrNotFound
	}
	o.content, err = tx.Content(id)
	if err != nil && err != letterlock.ErrNotFound { // which is purged, and for others to refuse
		return err
	}
	if o.secret, err = tx.LockAgain(secret); err != nil {
		return err
	}
	o.now, err = tx.Now()
	return err
}

// open takes the steps of the protocol in their order, which decides what a
// reader is told when several apply.
func (o *opener) open(tx *store.Tx) error {
	if !o.secret.DeletedAt.IsZero() {
		return letterlock.Gone(letterlock.Deleted, o.secret.DeletedAt)
	}
	over := o.secret.Over(o.now)
	right := o.access.Equal(o.secret.AccessHash)
	if over != nil || !right || o.secret.Views > 0 { // else it is the first view; should its id be another secret's, the insert says so
		switch view, err := tx.View(o.new.ID); {
		case err == nil:
			return o.again(tx, view)
		case err != letterlock.ErrNotFound:
			return err
		case over != nil:
			return over
		}
	}
	if err := o.pass(tx); err != nil {
		return err
	}
	if !right {
		return o.wrong(tx)
	}
	return o.count(tx)
}

// pass refuses a reader who lacks what the organization demands, before anything
// is counted.
func (o *opener) pass(tx *store.Tx) error {
	var err error
	if o.demands, err = demandsOf(tx, o.caller, o.secret, o.now); err != nil {
		return err
	}
	if o.demands.members {
		o.try = letterlock.Event{Action: letterlock.ActionOpened, Org: o.secret.Org, SecretID: o.secret.ID}
	}
	if len(o.demands.missing) > 0 {
		return &letterlock.Refusal{Code: letterlock.ErrGate, Gates: o.demands.missing}
	}
	return nil
}

// reader is as much of the caller as is recorded.
func (o *opener) reader() letterlock.Caller { return readerOf(o.caller, o.secret, o.demands.members) }

// again answers a view that was counted before.
func (o *opener) again(tx *store.Tx, view *letterlock.View) error {
	switch {
	case view.SecretID != o.secret.ID, !view.Hash.Equal(o.new.Hash), !view.Open(o.now):
		return letterlock.Gone(letterlock.ViewClosed, time.Time{})
	case o.access.Equal(o.secret.AccessHash):
		return o.hand(view, true)
	case !o.secret.LockedAt.IsZero():
		return letterlock.Gone(letterlock.Locked, o.secret.LockedAt)
	}
	return o.wrong(tx)
}

// wrong counts a wrong password, unless it is the last one again.
func (o *opener) wrong(tx *store.Tx) error {
	s := o.secret
	if !s.NeedsPassword() {
		return letterlock.ErrWrongProof
	}
	if !o.access.Equal(s.LastWrong) {
		if err := expire(tx, s, o.now); err != nil {
			return err
		}
		counted, err := tx.CountWrongPassword(s.ID, o.access, o.now)
		if err != nil {
			return err
		}
		if !counted {
			return letterlock.Gone(letterlock.Locked, s.LockedAt)
		}
		s.PasswordFailures++
		if err := record(tx, o.reader(), s, o.now, letterlock.ActionWrongPassword); err != nil {
			return err
		}
		if s.PasswordFailures == letterlock.PasswordTries {
			if err := record(tx, o.reader(), s, o.now, letterlock.ActionLocked); err != nil {
				return err
			}
		}
	}
	o.refusal = &letterlock.Refusal{Code: letterlock.ErrWrongPass, TriesLeft: s.TriesLeft()}
	return nil
}

// count adds the view. The update carries the limits once more, so that no
// reading before it can let one view too many pass.
func (o *opener) count(tx *store.Tx) error {
	s := o.secret
	view := &letterlock.View{
		ID:         o.new.ID,
		SecretID:   s.ID,
		Hash:       o.new.Hash,
		Number:     s.Views + 1,
		OpenedAt:   o.now,
		GraceUntil: o.now.Add(letterlock.Grace),
	}
	if o.demands.strict {
		view.GraceUntil = o.now
	}
	if err := o.hand(view, false); err != nil {
		return err
	}
	grace := view.GraceUntil
	if s.GraceUntil.After(grace) { // of an earlier view: the clock went back
		grace = s.GraceUntil
	}
	counted, err := tx.CountView(s.ID, o.now, grace)
	if err != nil {
		return err
	}
	if !counted {
		return letterlock.Gone(s.State(o.now), s.EndTime(o.now))
	}
	added, err := tx.InsertView(view)
	if err != nil {
		return err
	}
	if !added { // the id is a view of another secret
		return letterlock.Gone(letterlock.ViewClosed, time.Time{})
	}
	return recordView(tx, o.reader(), s, view, o.now, letterlock.ActionOpened)
}

// hand prepares the answer, or refuses if what was read is not what was stored.
func (o *opener) hand(view *letterlock.View, again bool) error {
	if int64(len(o.content)) != o.secret.ContentLength {
		return fmt.Errorf("service: %w: content of %d bytes where %d were stored", letterlock.ErrUnavailable, len(o.content), o.secret.ContentLength)
	}
	o.opening = &letterlock.Opening{View: view, Secret: o.secret, Content: o.content, Again: again}
	return nil
}

// ViewContent is the content of an open view, for whoever holds the view
// secret; to everyone else it is not found. A view that was acknowledged or
// whose grace is over is gone, and so is every view of a deleted secret.
func (s *Service) ViewContent(ctx context.Context, c letterlock.Caller, id letterlock.ViewID) (content []byte, err error) {
	err = s.db.Read(ctx, func(tx *store.Tx) error {
		view, err := tx.View(id)
		if err != nil {
			return err
		}
		if !c.View.Opens(view.Hash) {
			return letterlock.ErrNotFound
		}
		secret, err := tx.Secret(view.SecretID)
		if err != nil {
			return err
		}
		now, err := tx.Now()
		switch {
		case err != nil:
			return err
		case !secret.DeletedAt.IsZero():
			return letterlock.Gone(letterlock.Deleted, secret.DeletedAt)
		case !view.Open(now):
			return letterlock.Gone(letterlock.ViewClosed, time.Time{})
		}
		content, err = tx.Content(view.SecretID)
		if err == letterlock.ErrNotFound { // acknowledged or deleted since the first look
			return letterlock.Gone(letterlock.ViewClosed, time.Time{})
		}
		return err
	})
	return content, err
}

// AcknowledgeView closes a view: its reader has everything. When nothing can be
// opened any more and no other view is open, the content goes at once. Again,
// it changes nothing. Without the view secret the view is not found.
func (s *Service) AcknowledgeView(ctx context.Context, c letterlock.Caller, id letterlock.ViewID) error {
	return s.purging(ctx, func(tx *store.Tx, freed *int64) error {
		view, err := tx.View(id)
		if err != nil {
			return err
		}
		if !c.View.Opens(view.Hash) {
			return letterlock.ErrNotFound
		}
		secret, now, err := lock(tx, view.SecretID)
		if err != nil {
			return err
		}
		if view, err = tx.View(id); err != nil || !view.ClosedAt.IsZero() {
			return err
		}
		if err := expire(tx, secret, now); err != nil {
			return err
		}
		if err := tx.CloseView(id, now); err != nil {
			return err
		}
		if err := recordView(tx, readerOf(c, secret, secret.OrganizationOnly), secret, view, now, letterlock.ActionConfirmed); err != nil {
			return err
		}
		return purgeIfDone(tx, secret, now, freed)
	})
}

// purgeIfDone removes the content of a secret that has ended when none of its
// views is open. While one is, the sweeper comes when the last of them ends.
func purgeIfDone(tx *store.Tx, secret *letterlock.Secret, now time.Time, freed *int64) error {
	if secret.Stored == 0 || secret.Ended == "" {
		return nil
	}
	last, err := lastGrace(tx, secret, now)
	switch {
	case err != nil:
		return err
	case last.IsZero():
		return purge(tx, secret, freed)
	case secret.Ended == letterlock.Expired && last.Before(secret.PurgeAt()):
		last = secret.PurgeAt()
	}
	return tx.SetDue(secret.ID, last)
}

// lastGrace is when the last open view of a locked secret ends, the zero time if
// none is open. Thousands of views are too many to look through: there it does
// not matter which of them were acknowledged.
func lastGrace(tx *store.Tx, secret *letterlock.Secret, now time.Time) (time.Time, error) {
	switch {
	case !now.Before(secret.GraceUntil):
		return time.Time{}, nil
	case secret.Views > letterlock.MaxViews:
		return secret.GraceUntil, nil
	}
	return tx.LastGrace(secret.ID, now)
}

// GiveFeedback answers "Was that you?" for a holder of the link, once the secret
// was opened; before that it is a conflict. A no marks the secret for its
// sender, the first time.
func (s *Service) GiveFeedback(ctx context.Context, c letterlock.Caller, id letterlock.SecretID, mine bool) error {
	return s.db.Tx(ctx, func(tx *store.Tx) error {
		secret, now, err := lockAsReader(tx, c, id)
		switch {
		case err != nil:
			return err
		case secret.Views == 0:
			return letterlock.ErrConflict
		case mine || !secret.Disputed.IsZero():
			return nil
		}
		if err := expire(tx, secret, now); err != nil {
			return err
		}
		if err := tx.MarkDisputed(id, now); err != nil {
			return err
		}
		return record(tx, readerOf(c, secret, secret.OrganizationOnly), secret, now, letterlock.ActionNotMe)
	})
}
