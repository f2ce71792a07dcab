package service

import "sync"

// quota bounds the bytes of ciphertext kept at once. What is being created has
// its room reserved, so that creates side by side cannot pass the bound
// together. The figure is this node's: others are heard of at each recount.
type quota struct {
	max int64

	mu     sync.Mutex
	kept   int64 // what is stored and what is reserved; guarded by mu
	adding int64 // the reserved part of kept; guarded by mu
	freed  int64 // what was ever released; guarded by mu
	counts int   // how many counts came to their end; guarded by mu
}

// reserve takes room for a create, or reports that there is not enough. Every
// reservation is settled.
func (q *quota) reserve(size int64) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.kept+size > q.max {
		return false
	}
	q.kept += size
	q.adding += size
	return true
}

// settle ends a reservation, once it is known whether anything was stored. What
// may have been stored was, until the next count.
func (q *quota) settle(size int64, stored bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.adding -= size
	if !stored {
		q.kept -= size
	}
}

// purge begins a purge; the function it returns gives back its room, once it is
// known what went. If a count ended in between, that may have found it gone
// already, and only the next one can tell.
func (q *quota) purge() (release func(size int64)) {
	q.mu.Lock()
	defer q.mu.Unlock()
	counts := q.counts
	return func(size int64) {
		q.mu.Lock()
		defer q.mu.Unlock()
		if q.counts == counts {
			q.kept -= size
			q.freed += size
		}
	}
}

// recount begins to count what is stored; the function it returns takes the
// result. What was reserved at the beginning is added, since the count may have
// missed it, and what was released during the count is not taken off, since the
// count may have found it gone: until the next count the bound is rather too
// tight than too wide.
func (q *quota) recount() func(stored int64) {
	q.mu.Lock()
	defer q.mu.Unlock()
	was, adding, freed := q.kept, q.adding, q.freed
	return func(stored int64) {
		q.mu.Lock()
		defer q.mu.Unlock()
		q.kept += stored + adding - was + q.freed - freed
		q.counts++
	}
}
