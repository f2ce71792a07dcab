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

// settle ends a reservation, once it is known whether anything was stored.
func (q *quota) settle(size int64, stored bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.adding -= size
	if !stored {
		q.kept -= size
	}
}

// release gives back the room of what was purged.
func (q *quota) release(size int64) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.kept -= size
}

// recount begins to count what is stored; the function it returns takes the
// result. What was reserved at the beginning is added, since the count may have
// missed it: until the next count the bound is rather too tight than too wide.
func (q *quota) recount() func(stored int64) {
	q.mu.Lock()
	defer q.mu.Unlock()
	was, adding := q.kept, q.adding
	return func(stored int64) {
		q.mu.Lock()
		defer q.mu.Unlock()
		q.kept += stored + adding - was
	}
}
