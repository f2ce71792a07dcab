package service

import (
	"context"
	"iter"
	"time"

	"letterlock"
	"letterlock/internal/store"
)

// Events is a page of an organization's audit log, the newest line first. It
// takes an admin.
func (s *Service) Events(ctx context.Context, c letterlock.Caller, q letterlock.EventQuery) ([]letterlock.Event, error) {
	if err := checkLimit(q.Limit); err != nil {
		return nil, err
	}
	return s.events(ctx, c, q)
}

func (s *Service) events(ctx context.Context, c letterlock.Caller, q letterlock.EventQuery) ([]letterlock.Event, error) {
	var events []letterlock.Event
	err := s.look(ctx, c, &letterlock.Event{Action: letterlock.ActionLooked, Org: q.Org}, func(tx *store.Tx) error {
		if _, err := asMember(tx, c, q.Org, letterlock.Admin, letterlock.ScopeAudit); err != nil {
			return err
		}
		var err error
		events, err = tx.Log(q)
		return err
	})
	return events, err
}

// exportPage is how many lines an export reads at a time.
const exportPage = 500

// ExportEvents is all that a query finds, the newest line first, whatever its
// page says. That it was asked for is recorded before the first line is out, and
// the right is looked at again with every page. After an error there are no more
// lines.
func (s *Service) ExportEvents(ctx context.Context, c letterlock.Caller, q letterlock.EventQuery) (iter.Seq2[letterlock.Event, error], error) {
	err := s.act(ctx, c, &letterlock.Event{Action: letterlock.ActionEventsExported, Org: q.Org}, func(tx *store.Tx) error {
		_, err := asMember(tx, c, q.Org, letterlock.Admin, letterlock.ScopeAudit)
		return err
	})
	if err != nil {
		return nil, err
	}
	q.Before, q.Limit = 0, exportPage
	return func(yield func(letterlock.Event, error) bool) {
		for {
			page, err := s.events(ctx, c, q)
			if err != nil {
				yield(letterlock.Event{}, err)
				return
			}
			for _, e := range page {
				if !yield(e, nil) {
					return
				}
				q.Before = e.Number
			}
			if len(page) < q.Limit {
				return
			}
		}
	}, nil
}

const (
	// pruneSlack is how much longer than it has to a line may stay, so that
	// each log gets one line a day at most that tells of what went.
	pruneSlack = 24 * time.Hour

	pruneBatch = 1000 // lines
	orgBatch   = 100  // organizations
)

// pruneLogs removes the lines of every log whose time is over. The time is the
// organization's choice; lines of people and of the instance have the one that
// organizations begin with.
func (s *Service) pruneLogs(ctx context.Context) error {
	if err := s.pruneLog(ctx, ""); err != nil {
		return err
	}
	var after letterlock.OrgID
	for {
		var ids []letterlock.OrgID
		err := s.db.Read(ctx, func(tx *store.Tx) (err error) {
			ids, err = tx.Orgs(after, orgBatch)
			return err
		})
		if err != nil || len(ids) == 0 {
			return err
		}
		for _, id := range ids {
			if err := s.pruneLog(ctx, id); err != nil {
				return err
			}
			after = id
		}
	}
}

// pruneLog removes what is over of one log, batch by batch. A line that says so
// comes first, and stays.
func (s *Service) pruneLog(ctx context.Context, org letterlock.OrgID) error {
	if due, err := s.pruneDue(ctx, org); err != nil || !due {
		return err
	}
	pruned := letterlock.Event{Action: letterlock.ActionEventsPruned, Org: org}
	if org == "" {
		pruned.Subject = "instance"
	}
	var before time.Time
	err := s.db.Tx(ctx, func(tx *store.Tx) error {
		var err error
		if before, err = keptSince(tx, org); err != nil {
			return err
		}
		return note(tx, letterlock.Caller{}, pruned)
	})
	for gone := int64(pruneBatch); err == nil && gone == pruneBatch; {
		err = s.db.Tx(ctx, func(tx *store.Tx) (err error) {
			gone, err = tx.PruneLog(org, before, pruneBatch)
			return err
		})
	}
	return err
}

// pruneDue reports whether a log has lines that should be gone.
func (s *Service) pruneDue(ctx context.Context, org letterlock.OrgID) (due bool, err error) {
	err = s.db.Read(ctx, func(tx *store.Tx) error {
		since, err := keptSince(tx, org)
		if err != nil {
			return err
		}
		oldest, err := tx.OldestEvent(org)
		switch err {
		case nil:
			due = oldest.Before(since.Add(-pruneSlack))
		case letterlock.ErrNotFound:
			return nil
		}
		return err
	})
	return due, err
}

// keptSince is from when on a log is kept.
func keptSince(tx *store.Tx, org letterlock.OrgID) (time.Time, error) {
	life := letterlock.EventLife
	if org != "" {
		o, err := tx.Org(org)
		if err != nil {
			return time.Time{}, err
		}
		life = o.EventLife
	}
	now, err := tx.Now()
	return now.Add(-life), err
}
