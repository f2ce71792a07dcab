package store

import (
	"sync"
	"testing"
	"time"
)

// A clock that stands still or goes back must not give a number twice, whoever
// asks at once.
func TestNumbersRise(t *testing.T) {
	const each = 1000
	n, at := newNumbers(), time.UnixMilli(1_800_000_000_000)
	all := make([][]int64, 8)
	var wg sync.WaitGroup
	for i := range all {
		wg.Go(func() {
			for range each {
				all[i] = append(all[i], n.next(at))
			}
		})
	}
	wg.Wait()
	seen, last := map[int64]bool{}, int64(0)
	for _, of := range all {
		for i, number := range of {
			if i > 0 && number <= of[i-1] {
				t.Errorf("next() = %d after %d, want more", number, of[i-1])
			}
			seen[number] = true
			last = max(last, number)
		}
	}
	if len(seen) != len(all)*each {
		t.Errorf("%d calls of next() gave %d numbers", len(all)*each, len(seen))
	}
	if back := n.next(at.Add(-time.Hour)); back <= last {
		t.Errorf("next() an hour back = %d after %d, want more", back, last)
	}
	if later := n.next(at.Add(time.Second)); later < at.Add(time.Second).UnixMilli()*numbersPerMilli {
		t.Errorf("next() = %d a second later, want it to begin with that time", later)
	}
}

// What is over must not tell by its number when it was made.
func TestTimelessNumbersAreNegativeAndDiffer(t *testing.T) {
	one, two := timeless(), timeless()
	if one >= 0 || two >= 0 || one == two {
		t.Errorf("timeless() = %d and %d, want two negative numbers", one, two)
	}
}
