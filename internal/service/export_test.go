package service

import "context"

// HashCheaply has passwords hashed with next to no work from now on.
func (s *Service) HashCheaply() { s.hasher = newHasher(argon{memory: 64, passes: 1, lanes: 1}) }

// HashDearly has new ones hashed with more work than HashCheaply.
func (s *Service) HashDearly() { s.hasher = newHasher(argon{memory: 128, passes: 1, lanes: 1}) }

// RefuseToHash makes it look as if too many passwords were being checked, until
// the function it returns is called.
func (s *Service) RefuseToHash() (again func()) {
	const many = 1 << 30
	s.hasher.waiting.Add(many)
	return func() { s.hasher.waiting.Add(-many) }
}

// PruneAccounts is what Run does once in a while.
func (s *Service) PruneAccounts(ctx context.Context) error { return s.pruneAccounts(ctx) }
