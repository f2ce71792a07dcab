// Package service holds the verbs: the one place that says who may do what,
// records it, and does it, in one transaction.
package service

import (
	"context"
	"log/slog"
	"sync/atomic"
	"time"

	"letterlock"
	"letterlock/internal/mail"
	"letterlock/internal/store"
)

// Config is what the options of the server say. What can be changed while it
// runs is the default of what is stored.
type Config struct {
	MaxLifetime time.Duration // the longest lifetime of a secret
	MaxStored   int64         // bytes of ciphertext kept at once
	SetupFirst  bool          // nobody shares anything before somebody set the instance up
	Log         *slog.Logger

	// Defaults of the settings.
	Name       string
	URL        string // the public address: links in mails begin with it
	MailServer letterlock.MailServer
	MailFrom   string
}

// Service is safe for concurrent use.
type Service struct {
	db     *store.DB
	config Config

	quota  quota
	purged atomic.Bool // content was removed since the log was last emptied

	current atomic.Pointer[current]
	hasher  *hasher
	letters *mail.Writer
	mailed  chan struct{} // mails were queued
}

// New is a service on an open database. Run does its housekeeping.
func New(ctx context.Context, db *store.DB, config Config) (*Service, error) {
	s := &Service{
		db:      db,
		config:  config,
		quota:   quota{max: config.MaxStored},
		hasher:  newHasher(argonNow),
		letters: mail.NewWriter(),
		mailed:  make(chan struct{}, 1),
	}
	s.purged.Store(true) // perhaps, before a crash
	if err := s.loadSettings(ctx); err != nil {
		return nil, err
	}
	return s, s.countStored(ctx)
}

// Ready reports whether the service can answer: that the database takes
// transactions.
func (s *Service) Ready(ctx context.Context) error {
	return s.db.Tx(ctx, func(tx *store.Tx) error {
		_, err := tx.Now()
		return err
	})
}

// lock takes the row lock of a secret, and only then the time.
func lock(tx *store.Tx, id letterlock.SecretID) (*letterlock.Secret, time.Time, error) {
	secret, err := tx.LockSecret(id)
	if err != nil {
		return nil, time.Time{}, err
	}
	now, err := tx.Now()
	return secret, now, err
}

// lockAsSender is lock for whoever may delete and change a secret; to all others
// it is not there. What is refused is e, whose action is set.
func lockAsSender(tx *store.Tx, c letterlock.Caller, e *letterlock.Event, id letterlock.SecretID) (*letterlock.Secret, time.Time, error) {
	secret, now, err := lock(tx, id)
	if err != nil {
		*e = letterlock.Event{}
		return nil, now, err
	}
	return secret, now, mayManage(tx, c, e, secret, letterlock.ScopeDelete)
}

// lockAsReader is lock for whoever holds the link.
func lockAsReader(tx *store.Tx, c letterlock.Caller, id letterlock.SecretID) (*letterlock.Secret, time.Time, error) {
	secret, now, err := lock(tx, id)
	if err == nil && !c.HoldsLink(secret) {
		err = letterlock.ErrNotFound
	}
	return secret, now, err
}

// belongs reports whether a secret is somebody's. With all others nothing is
// kept of who was near them, and from where.
func belongs(secret *letterlock.Secret) bool { return secret.Owner != "" || secret.Org != "" }

// record writes one line of what a caller did with a secret.
func record(tx *store.Tx, c letterlock.Caller, secret *letterlock.Secret, at time.Time, action letterlock.Action) error {
	e := letterlock.Event{SecretID: secret.ID, At: at, Action: action}
	if belongs(secret) {
		e.Org, e.Actor, e.Net = secret.Org, c.UserID(), c.Net
	}
	return tx.RecordEvent(e)
}

// recordView is record for one view of a secret. The receipt of a secret without
// a limit names the first views only, and would have no end otherwise; the logs
// of people and organizations are complete.
func recordView(tx *store.Tx, reader letterlock.Caller, secret *letterlock.Secret, view *letterlock.View, at time.Time, action letterlock.Action) error {
	if view.Number > letterlock.MaxViews && secret.Org == "" {
		return nil
	}
	return record(tx, reader, secret, at, action)
}

// readerOf is as much of a reader as is recorded: where from in the log of an
// organization, and who only where that was asked.
func readerOf(c letterlock.Caller, secret *letterlock.Secret, asked bool) letterlock.Caller {
	var reader letterlock.Caller
	if secret.Org != "" {
		reader.Net = c.Net
	}
	if asked {
		reader.User = c.User
	}
	return reader
}

// purging runs f in a transaction. The room of what f purges is free once that
// is durable, and not if it fails.
func (s *Service) purging(ctx context.Context, f func(tx *store.Tx, freed *int64) error) error {
	var freed int64
	release := s.quota.purge()
	err := s.db.Tx(ctx, func(tx *store.Tx) error {
		freed = 0
		return f(tx, &freed)
	})
	if err == nil && freed > 0 {
		release(freed)
		s.purged.Store(true)
	}
	return err
}

// purge removes the ciphertext of a locked secret and adds its size to freed;
// the receipt stays.
func purge(tx *store.Tx, secret *letterlock.Secret, freed *int64) error {
	if secret.Stored == 0 {
		return nil
	}
	*freed += secret.Stored
	return tx.PurgeContent(secret.ID, secret.RetireAt())
}

// expire records that time ended a locked secret, if it did and nothing else
// ended it before. Whoever records something of a secret calls it first: what
// happened later stands below.
func expire(tx *store.Tx, secret *letterlock.Secret, now time.Time) error {
	if secret.Ended != "" || secret.State(now) != letterlock.Expired {
		return nil
	}
	secret.Ended, secret.EndedAt = letterlock.Expired, secret.ExpiresAt
	if err := tx.EndSecret(secret.ID, letterlock.Expired, secret.ExpiresAt, secret.PurgeAt()); err != nil {
		return err
	}
	return record(tx, letterlock.Caller{}, secret, secret.ExpiresAt, letterlock.ActionExpired)
}
