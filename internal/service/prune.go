package service

import (
	"context"
	"errors"
	"time"
)

// pruneEvery is how often Run has old things removed.
const pruneEvery = time.Hour

// Prune removes what was kept for long enough: lines of the logs, and what is of
// no use any more of accounts.
func (s *Service) Prune(ctx context.Context) error {
	return errors.Join(s.pruneLogs(ctx), s.pruneAccounts(ctx))
}
