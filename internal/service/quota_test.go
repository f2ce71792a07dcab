package service_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"letterlock"
	"letterlock/internal/testkit"
)

func (s *instance) tryCreate(x *sealed) error {
	_, _, err := s.CreateSecret(ctx, letterlock.Caller{}, &x.NewSecret)
	return err
}

// A full instance takes nothing new, still answers a repeated create, and takes
// new secrets as soon as content is purged in any of the ways it can be.
func TestFull(t *testing.T) {
	frees := map[string]func(t *testing.T, s *instance, x *sealed){
		"deleted":      func(t *testing.T, s *instance, x *sealed) { s.delete(x) },
		"acknowledged": func(t *testing.T, s *instance, x *sealed) { s.acknowledge(s.opened(t, x)) },
		"used up": func(t *testing.T, s *instance, x *sealed) {
			s.opened(t, x)
			s.Clock.Advance(letterlock.Grace)
			s.sweep(t)
		},
		"expired": func(t *testing.T, s *instance, x *sealed) {
			s.shorten(x, 0)
			s.Clock.Advance(letterlock.Grace)
			s.sweep(t)
		},
	}
	enginesWithRoom(t, 3*size+size-1, func(t *testing.T, s *instance) {
		x := s.create(t, seal(1))
		s.create(t, seal(1))
		s.create(t, seal(1))
		for name, free := range frees {
			t.Run(name, func(t *testing.T) {
				next, another := seal(1), seal(1)
				sameID := seal(1)
				sameID.Header = x.Header
				s.unchanged(t, func() {
					want(t, "CreateSecret on a full instance", s.tryCreate(next), "full")
					want(t, "the same CreateSecret again on a full instance", s.tryCreate(x), "ok")
					want(t, "CreateSecret under a taken id on a full instance", s.tryCreate(sameID), "conflict")
				})
				free(t, s, x)
				want(t, "CreateSecret after a purge", s.tryCreate(next), "ok")
				s.unchanged(t, func() { want(t, "one more CreateSecret", s.tryCreate(another), "full") })
				x = next
			})
		}
	})
}

// What is refused takes no room: not a conflict, not the same request again.
func TestRefusedCreatesTakeNoRoom(t *testing.T) {
	enginesWithRoom(t, 2*size, func(t *testing.T, s *instance) {
		x := s.create(t, seal(1))
		other := seal(1)
		other.Header = x.Header
		for range 5 {
			want(t, "CreateSecret under a taken id", s.tryCreate(other), "conflict")
			want(t, "the same CreateSecret again", s.tryCreate(x), "ok")
		}
		want(t, "CreateSecret of the last that fits", s.tryCreate(seal(1)), "ok")
		want(t, "CreateSecret of one more", s.tryCreate(seal(1)), "full")
	})
}

// Creates side by side never pass the bound together.
func TestCreatesRaceForRoom(t *testing.T) {
	enginesWithRoom(t, 10*size, func(t *testing.T, s *instance) {
		all := make([]*sealed, 64)
		for i := range all {
			all[i] = seal(1)
		}
		got := together(len(all), func(i int) error { return s.tryCreate(all[i]) })
		if diff := cmp.Diff(map[string]int{"ok": 10, "full": 54}, got); diff != "" {
			t.Errorf("64 times CreateSecret where 10 fit (-want +got):\n%s", diff)
		}
	})
}

// A purge that did not happen frees nothing.
func TestFailedPurgeFreesNothing(t *testing.T) {
	enginesWithRoom(t, size, func(t *testing.T, s *instance) {
		x := s.create(t, seal(1))
		s.Exec(t, `ALTER TABLE event RENAME TO event_away`)
		want(t, "DeleteSecret that cannot be recorded", s.delete(x), "unavailable")
		s.Exec(t, `ALTER TABLE event_away RENAME TO event`)
		want(t, "CreateSecret on an instance still full", s.tryCreate(seal(1)), "full")
		want(t, "DeleteSecret", s.delete(x), "ok")
		want(t, "CreateSecret", s.tryCreate(seal(1)), "ok")
	})
}

// A service that starts counts what is there.
func TestRoomIsCountedAtStart(t *testing.T) {
	testkit.Engines(t, func(t *testing.T, e *testkit.Engine) {
		start(t, e, size).create(t, seal(1))
		want(t, "CreateSecret after a restart of a full instance", start(t, e, size).tryCreate(seal(1)), "full")
	})
}
