package web

import (
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// However often and however many at once somebody asks whether it is ready, the
// database is asked once a second.
func TestReadinessIsAskedOnceASecond(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var r readiness
		asked, failed := 0, errors.New("failed")
		ask := func() error {
			asked++
			if asked == 2 {
				return failed
			}
			return nil
		}
		for n, want := range []error{nil, failed, nil} {
			var all sync.WaitGroup
			for range 50 {
				all.Go(func() {
					if err := r.get(ask); err != want {
						t.Errorf("in second %d it is ready: %v, want %v", n+1, err, want)
					}
				})
			}
			all.Wait()
			if asked != n+1 {
				t.Errorf("after second %d the database was asked %d times, want %d", n+1, asked, n+1)
			}
			time.Sleep(readyFor)
		}
	})
}
