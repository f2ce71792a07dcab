package service

import "testing"

// A recount beside creates in every phase: until the next one it may find too
// little room, never too much.
func TestRecountBesideCreates(t *testing.T) {
	tests := map[string]struct {
		during func(q *quota) // from the beginning of the count to its end
		stored int64          // what the count found
		least  int64          // what must be taken as kept
	}{
		"nothing happens":             {func(q *quota) {}, 30, 40},
		"other nodes added":           {func(q *quota) {}, 90, 100},
		"one is stored, and missed":   {func(q *quota) { q.settle(10, true) }, 30, 40},
		"one is stored, and counted":  {func(q *quota) { q.settle(10, true) }, 40, 40},
		"one is refused":              {func(q *quota) { q.settle(10, false) }, 30, 30},
		"one begins":                  {func(q *quota) { q.reserve(7) }, 30, 47},
		"one comes and goes, missed":  {func(q *quota) { q.reserve(7); q.settle(7, true) }, 30, 47},
		"one comes and goes, counted": {func(q *quota) { q.reserve(7); q.settle(7, true) }, 37, 47},
		"one is purged, and missed":   {func(q *quota) { q.purge()(5) }, 30, 35},
		"one is purged, and counted":  {func(q *quota) { q.purge()(5) }, 25, 35},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			q := quota{max: 1000}
			q.reserve(30)
			q.settle(30, true)
			q.reserve(10) // under way when the count begins
			counted := q.recount()
			test.during(&q)
			counted(test.stored)
			if q.kept < test.least {
				t.Errorf("kept is %d, want at least %d", q.kept, test.least)
			}
		})
	}
}

// A purge around a recount: the count may have found it gone, so its room is
// free after the next one only.
func TestPurgeAroundARecount(t *testing.T) {
	q := quota{max: 1000}
	q.reserve(30)
	q.settle(30, true)
	release := q.purge() // is durable, and not yet released
	q.recount()(20)
	release(10)
	if q.kept < 20 {
		t.Errorf("kept is %d after a purge that the count had found, want 20", q.kept)
	}
	q.recount()(20)
	if q.kept != 20 {
		t.Errorf("kept is %d after the next count, want 20", q.kept)
	}
}
