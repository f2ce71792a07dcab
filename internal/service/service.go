// Package service holds the verbs: the one place that says who may do what,
// records it, and does it, in one transaction.
package service

import (
	"context"
	"log/slog"
	"sync/atomic"
	"time"

	"letterlock"
	"letterlock/internal/store"
)

// Config is what an operator decides.
type Config struct {
	MaxLifetime time.Duration // the longest lifetime of a secret
	MaxStored   int64         // bytes of ciphertext kept at once
	Log         *slog.Logger
}

// Service is safe for concurrent use.
type Service struct {
	db     *store.DB
	config Config

	quota  quota
	purged atomic.Bool // content was removed since the log was last emptied
}

// New is a service on an open database. Run does its housekeeping.
func New(ctx context.Context, db *store.DB, config Config) (*Service, error) {
	s := &Service{db: db, config: config, quota: quota{max: config.MaxStored}}
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

// lockAsSender is lock for whoever holds the manage token; to all others the
// secret is not there.
func lockAsSender(tx *store.Tx, c letterlock.Caller, id letterlock.SecretID) (*letterlock.Secret, time.Time, error) {
	secret, now, err := lock(tx, id)
	if err == nil && !c.Manages(secret) {
		err = letterlock.ErrNotFound
	}
	return secret, now, err
}

// lockAsReader is lock for whoever holds the link.
func lockAsReader(tx *store.Tx, c letterlock.Caller, id letterlock.SecretID) (*letterlock.Secret, time.Time, error) {
	secret, now, err := lock(tx, id)
	if err == nil && !c.HoldsLink(secret) {
		err = letterlock.ErrNotFound
	}
	return secret, now, err
}

// record writes one line of what happened to a secret.
func record(tx *store.Tx, id letterlock.SecretID, at time.Time, action letterlock.Action) error {
	return tx.RecordEvent(letterlock.Event{SecretID: id, At: at, Action: action})
}

// purging runs f in a transaction. The room of what f purges is free once that
// is durable, and not if it fails.
func (s *Service) purging(ctx context.Context, f func(tx *store.Tx, freed *int64) error) error {
	var freed int64
	err := s.db.Tx(ctx, func(tx *store.Tx) error {
		freed = 0
		return f(tx, &freed)
	})
	if err == nil && freed > 0 {
		s.quota.release(freed)
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
// ended it before.
func expire(tx *store.Tx, secret *letterlock.Secret, now time.Time) error {
	if secret.Ended != "" || secret.State(now) != letterlock.Expired {
		return nil
	}
	secret.Ended, secret.EndedAt = letterlock.Expired, secret.ExpiresAt
	if err := tx.EndSecret(secret.ID, letterlock.Expired, secret.ExpiresAt, secret.PurgeAt()); err != nil {
		return err
	}
	return record(tx, secret.ID, secret.ExpiresAt, letterlock.ActionExpired)
}
