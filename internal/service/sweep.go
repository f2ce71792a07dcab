package service

import (
	"context"
	"errors"
	"sync"
	"time"

	"letterlock"
	"letterlock/internal/store"
)

const (
	// sweepEvery bounds how long after its time something is removed.
	sweepEvery = 10 * time.Second

	// sweepBatch is how many secrets one transaction looks at, and sweepRows how
	// many of their views and events it removes: enough to be quick through a
	// million, few enough to keep nobody waiting.
	sweepBatch = 64
	sweepRows  = 500

	// sweepAgain is when a secret that could not be dealt with is looked at next.
	sweepAgain = 10 * time.Minute

	// countEvery is how often the bound on stored bytes is counted anew.
	countEvery = time.Minute

	// refreshEvery bounds how long after another node's change the settings hold.
	refreshEvery = 10 * time.Second
)

// Run does the housekeeping until the context ends: what is over is marked,
// what may no longer be fetched is removed, receipts and logs go when they are
// old, mails are sent.
func (s *Service) Run(ctx context.Context) {
	var tasks sync.WaitGroup
	tasks.Go(func() { s.deliver(ctx) })
	for _, task := range []struct {
		every time.Duration
		do    func(context.Context) error
	}{
		{sweepEvery, func(ctx context.Context) error { _, err := s.Sweep(ctx); return err }},
		{countEvery, s.countStored},
		{refreshEvery, s.loadSettings},
		{pruneEvery, s.Prune},
	} {
		tasks.Go(func() { s.repeat(ctx, task.every, task.do) })
	}
	tasks.Wait()
}

// repeat does a task at once, and again that long after it is done, until the
// context ends.
func (s *Service) repeat(ctx context.Context, every time.Duration, do func(context.Context) error) {
	next := time.NewTimer(0)
	defer next.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-next.C:
		}
		if err := do(ctx); err != nil && ctx.Err() == nil {
			s.config.Log.Warn("housekeeping failed and will be tried again", "error", err)
		}
		next.Reset(every)
	}
}

// Sweep deals with everything that is due, step by step where several are, and
// reports how many steps it took. Where content was removed, it leaves no trace
// in the write-ahead log either. A secret that cannot be dealt with is put off
// and keeps no other from it.
func (s *Service) Sweep(ctx context.Context) (int, error) {
	total, err := s.sweepAll(ctx)
	if s.purged.Swap(false) {
		if failed := s.db.TruncateLog(ctx); failed != nil {
			s.purged.Store(true)
			err = errors.Join(err, failed)
		}
	}
	return total, err
}

func (s *Service) sweepAll(ctx context.Context) (total int, err error) {
	for n := 1; n > 0; total += n {
		if n, err = s.sweepOnce(ctx); err != nil {
			return total, err
		}
		if err := ctx.Err(); err != nil {
			return total + n, err
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
	if s.settle(ctx, due...) == nil {
		return len(due), nil
	}
	failed := 0
	for _, id := range due {
		if err = s.settle(ctx, id); err != nil {
			failed++
			if err := s.putOff(ctx, id, err); err != nil {
				return 0, err
			}
		}
	}
	if failed < len(due) {
		err = nil
	}
	return len(due), err
}

// putOff has a secret that could not be dealt with come up again later. If not
// even that can be written, it is not the secret.
func (s *Service) putOff(ctx context.Context, id letterlock.SecretID, why error) error {
	s.config.Log.Error("a secret could not be cleared up", "secret", id, "again_in", sweepAgain, "error", why)
	return s.db.Tx(ctx, func(tx *store.Tx) error {
		now, err := tx.Now()
		if err != nil {
			return err
		}
		return tx.SetDue(id, now.Add(sweepAgain))
	})
}

// settle does what is due for secrets in one transaction, as far as there is
// room in it; the rest stays due.
func (s *Service) settle(ctx context.Context, due ...letterlock.SecretID) error {
	return s.purging(ctx, func(tx *store.Tx, freed *int64) error {
		rows := int64(sweepRows)
		for _, id := range due {
			if err := settle(tx, id, &rows, freed); err != nil || rows <= 0 {
				return err
			}
		}
		return nil
	})
}

// settle does what is due for one secret: mark that it expired, then remove the
// content when no view is open any more, then all but the id. Each sets when to
// look again. It removes not many more views and events than rows, and takes
// them off.
func settle(tx *store.Tx, id letterlock.SecretID, rows, freed *int64) error {
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
		return purgeIfDone(tx, secret, now, freed)
	case now.Before(secret.RetireAt()):
		return tx.SetDue(id, secret.RetireAt())
	}
	removed, err := tx.RemoveHistory(id, int(*rows))
	if *rows -= removed; err != nil || *rows <= 0 {
		return err
	}
	return tx.RetireSecret(id)
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
