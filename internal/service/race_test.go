package service_test

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"letterlock"
)

// However many readers race, as many get content as the sender allowed.
func TestReadersRace(t *testing.T) {
	races := []struct{ readers, views int }{{50, 1}, {64, 10}}
	engines(t, func(t *testing.T, s *instance) {
		for _, race := range races {
			t.Run(fmt.Sprintf("%d for %d", race.readers, race.views), func(t *testing.T) {
				x := s.create(t, seal(race.views))
				got := together(race.readers, func(int) error { return s.open(x, x.tab()) })
				if diff := cmp.Diff(map[string]int{"ok": race.views, "gone used_up": race.readers - race.views}, got); diff != "" {
					t.Errorf("%d times ViewSecret (-want +got):\n%s", race.readers, diff)
				}
				r := s.receipt(t, x)
				if opened := count(r, letterlock.ActionOpened); r.Views != race.views || opened != race.views {
					t.Errorf("%d views counted, %d recorded; want %d", r.Views, opened, race.views)
				}
			})
		}
	})
}

// One view id sent many times at once is one view, and everyone who sent it has
// the same answer.
func TestOneViewRaces(t *testing.T) {
	engines(t, func(t *testing.T, s *instance) {
		x := s.create(t, seal(2))
		v := x.tab()
		openings := make([]*letterlock.Opening, 20)
		got := together(len(openings), func(i int) (err error) {
			openings[i], err = s.view(x, v)
			return err
		})
		if diff := cmp.Diff(map[string]int{"ok": 20}, got); diff != "" {
			t.Fatalf("the same ViewSecret 20 times (-want +got):\n%s", diff)
		}
		first := 0
		for _, o := range openings {
			if !o.Again {
				first++
			}
			if diff := cmp.Diff(openings[0].View, o.View); diff != "" {
				t.Errorf("two answers for one view:\n%s", diff)
			}
		}
		if views := s.receipt(t, x).Views; views != 1 || first != 1 {
			t.Errorf("%d views counted, %d answers say it was counted just now; want 1 and 1", views, first)
		}
	})
}

// One view id on two secrets at once belongs to one of them, and the other
// counts nothing.
func TestOneViewOfTwoSecretsRaces(t *testing.T) {
	engines(t, func(t *testing.T, s *instance) {
		for range 10 {
			both := []*sealed{s.create(t, seal(1)), s.create(t, seal(1))}
			v := both[0].tab()
			got := together(2, func(i int) error { return s.open(both[i], v.with(both[i].access)) })
			if diff := cmp.Diff(map[string]int{"ok": 1, "gone view_closed": 1}, got); diff != "" {
				t.Errorf("ViewSecret of two secrets with one view id (-want +got):\n%s", diff)
			}
			if a, b := s.receipt(t, both[0]).Views, s.receipt(t, both[1]).Views; a+b != 1 {
				t.Errorf("%d and %d views counted, want one in all", a, b)
			}
		}
	})
}

// One create sent many times at once makes one secret.
func TestOneCreateRaces(t *testing.T) {
	engines(t, func(t *testing.T, s *instance) {
		x := seal(1)
		other := seal(1)
		other.Header = x.Header
		made := make([]bool, 20)
		got := together(len(made), func(i int) (err error) {
			_, made[i], err = s.CreateSecret(ctx, letterlock.Caller{}, &x.NewSecret)
			return err
		})
		created := 0
		for _, m := range made {
			if m {
				created++
			}
		}
		if got["ok"] != 20 || created != 1 {
			t.Errorf("the same CreateSecret 20 times: %v, of which %d created; want 20 ok, 1 created", got, created)
		}
		if events := actions(s.receipt(t, x)); len(events) != 1 {
			t.Errorf("recorded %v, want one event", events)
		}
	})
}

// Ten wrong passwords are tested and not one more, however many come at once.
func TestWrongPasswordsRace(t *testing.T) {
	engines(t, func(t *testing.T, s *instance) {
		x := s.create(t, sealWithPassword(1))
		want := map[string]int{"gone locked": 90}
		for left := range letterlock.PasswordTries {
			want[fmt.Sprintf("wrong_password %d", left)] = 1
		}
		got := together(100, func(int) error { return s.open(x, x.wrongTab()) })
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("100 wrong passwords (-want +got):\n%s", diff)
		}
		r := s.receipt(t, x)
		if n := count(r, letterlock.ActionWrongPassword); n != letterlock.PasswordTries || r.PasswordFailures != n || count(r, letterlock.ActionLocked) != 1 {
			t.Errorf("%d wrong passwords recorded, %d counted, want 10; locked %d times, want once", n, r.PasswordFailures, count(r, letterlock.ActionLocked))
		}
	})
}

// Once DeleteSecret has returned nobody gets a byte, whoever was reading.
func TestDeleteRacesViews(t *testing.T) {
	engines(t, func(t *testing.T, s *instance) {
		for range 5 {
			x := s.create(t, seal(letterlock.Unlimited))
			var tabs [20]tab
			got := together(len(tabs)+1, func(i int) error {
				if i < len(tabs) {
					tabs[i] = x.tab()
					return s.open(x, tabs[i])
				}
				err := s.delete(x)
				want(t, "ViewSecret after DeleteSecret", s.open(x, x.tab()), "gone deleted")
				return err
			})
			if got["ok"]+got["gone deleted"] != len(tabs)+1 || got["ok"] == 0 {
				t.Errorf("ViewSecret beside DeleteSecret: %v, want only ok and gone deleted", got)
			}
			s.unchanged(t, func() {
				for _, v := range tabs {
					if end := outcome(s.content(v)); end != "gone deleted" && end != "not_found" {
						t.Errorf("ViewContent after DeleteSecret: %s", end)
					}
				}
			})
			if views := s.receipt(t, x).Views; views != got["ok"]-1 {
				t.Errorf("%d views counted, %d answered", views, got["ok"]-1)
			}
			s.wantPurged(t, x)
		}
	})
}

// The reader of one view acknowledges while the last view is taken: whoever was
// counted has the content, and it goes only after both are done.
func TestAcknowledgeRacesTheLastView(t *testing.T) {
	engines(t, func(t *testing.T, s *instance) {
		for range 10 {
			x := s.create(t, seal(2))
			first, last := s.opened(t, x), x.tab()
			got := together(2, func(i int) error {
				if i == 0 {
					return s.acknowledge(first)
				}
				return s.open(x, last)
			})
			if got["ok"] != 2 {
				t.Errorf("AcknowledgeView beside ViewSecret: %v, want both ok", got)
			}
			want(t, "ViewContent of the last view", s.content(last), "ok")
			want(t, "AcknowledgeView of the last view", s.acknowledge(last), "ok")
			s.wantPurged(t, x)
		}
	})
}

// Two readers who acknowledge at once leave nothing behind.
func TestAcknowledgementsRace(t *testing.T) {
	engines(t, func(t *testing.T, s *instance) {
		x := s.create(t, seal(10))
		var tabs [10]tab
		for i := range tabs {
			tabs[i] = s.opened(t, x)
		}
		if got := together(2*len(tabs), func(i int) error { return s.acknowledge(tabs[i/2]) }); got["ok"] != 2*len(tabs) {
			t.Errorf("every AcknowledgeView twice: %v, want all ok", got)
		}
		if n := count(s.receipt(t, x), letterlock.ActionConfirmed); n != len(tabs) {
			t.Errorf("%d confirmations recorded, want %d", n, len(tabs))
		}
		s.wantPurged(t, x)
	})
}

// A view that is acknowledged while it is fetched again gets its content or is
// closed, and is never counted twice.
func TestAcknowledgeRacesTheSameView(t *testing.T) {
	engines(t, func(t *testing.T, s *instance) {
		for range 10 {
			x := s.create(t, seal(1))
			v := s.opened(t, x)
			got := together(9, func(i int) error {
				switch i % 3 {
				case 0:
					return s.acknowledge(v)
				case 1:
					return s.content(v)
				}
				return s.open(x, v)
			})
			if got["ok"]+got["gone view_closed"] != 9 || got["ok"] < 3 {
				t.Errorf("AcknowledgeView beside the same view again: %v, want ok and gone view_closed", got)
			}
			if views := s.receipt(t, x).Views; views != 1 {
				t.Errorf("%d views counted, want 1", views)
			}
		}
	})
}
