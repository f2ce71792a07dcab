package service

import (
	"context"
	"time"

	"letterlock"
	"letterlock/internal/store"
)

const (
	// sweepEvery bounds how long after its time something is removed.
	sweepEvery = 10 * time.Second

	// sweepBatch is how many secrets one transaction looks at: enough to be
	// quick through a million, few enough to keep nobody waiting.
	sweepBatch = 64

	// countEvery is how often the bound on stored bytes is counted anew.
	countEvery = time.Minute
)

// Run does the housekeeping until the context ends: what is over is marked,
// what may no longer be fetched is removed, receipts go when they are old.
func (s *Service) Run(ctx context.Context) {
	sweep, count := time.NewTicker(sweepEvery), time.NewTicker(countEvery)
	defer sweep.Stop()
	defer count.Stop()
	for {
		var err error
		select {
		case <-ctx.Done():
			return
		case <-sweep.C:
			_, err = s.Sweep(ctx)
		case <-count.C:
			err = s.countStored(ctx)
		}
		if err != nil && ctx.Err() == nil {
			s.config.Log.Warn("housekeeping failed and will be tried again", "error", err)
		}
	}
}

// Sweep deals with everything that is due, step by step where several are, and
// reports how many steps it took. Where content was removed, it leaves no trace
// in the write-ahead log either.
func (s *Service) Sweep(ctx context.Context) (int, error) {
	total := 0
	for {
		n, err := s.sweepOnce(ctx)
		total += n
		if err != nil {
			return total, err
		}
		if n == 0 {
			break
		}
	}
	if s.purged.Swap(false) {
		if err := s.db.TruncateLog(ctx); err != nil {
			s.purged.Store(true)
			return total, err
		}
	}
	return total, nil
}

func (s *Service) sweepOnce(ctx context.Context) (int, error) {
	var due []letterlock.SecretID
	err := s.db.Read(ctx, func(tx *store.Tx) error {
		now, err := tx.Now()
		if err != nil {
			return err
		}
		due, err = tx.Due(now, sweepBatch)
		return err
	})
	if err != nil || len(due) == 0 {
		return 0, err
	}
	return len(due), s.purging(ctx, func(tx *store.Tx, freed *int64) error {
		for _, id := range due {
			if err := settle(tx, id, freed); err != nil {
				return err
			}
		}
		return nil
	})
}

// settle does what is due for one secret: mark that it expired, then remove the
// content when no view can be open any more, then all but the id. Each sets when
// to look again.
func settle(tx *store.Tx, id letterlock.SecretID, freed *int64) error {
	secret, now, err := lock(tx, id)
	if err == letterlock.ErrNotFound {
		return nil
	}
	if err != nil || now.Before(secret.DueAt) {
		return err
	}
	switch {
	case secret.Ended == "":
		return expire(tx, secret, now)
	case secret.Stored > 0:
		return purge(tx, secret, freed)
	case now.Before(secret.RetireAt()):
		return tx.SetDue(id, secret.RetireAt())
	default:
		return tx.RetireSecret(id)
	}
}

// countStored counts the bytes kept, which other nodes change too.
func (s *Service) countStored(ctx context.Context) error {
	counted := s.quota.recount()
	return s.db.Read(ctx, func(tx *store.Tx) error {
		bytes, err := tx.Stored()
		if err == nil {
			counted(bytes)
		}
		return err
	})
}
