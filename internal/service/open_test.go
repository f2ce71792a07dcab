package service_test

import (
	"bytes"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"letterlock"
)

func TestPeekSecret(t *testing.T) {
	engines(t, func(t *testing.T, s *instance) {
		x := s.create(t, sealWithPassword(3))
		s.opened(t, x)
		s.open(x, x.wrongTab())
		s.unchanged(t, func() {
			seen, err := s.PeekSecret(ctx, x.reader(), x.id())
			if err != nil {
				t.Fatalf("PeekSecret: %v", err)
			}
			if seen.State() != letterlock.Opened || *seen.ViewsLeft() != 2 || *seen.TriesLeft() != 9 || seen.Header != x.Header {
				t.Errorf("PeekSecret: %s, %d views left, %d tries left; want opened, 2, 9", seen.State(), *seen.ViewsLeft(), *seen.TriesLeft())
			}
		})
	})
}

func TestViewSecretAnswers(t *testing.T) {
	engines(t, func(t *testing.T, s *instance) {
		x := s.create(t, seal(2))
		for left := 1; left >= 0; left-- {
			got, err := s.view(x, x.tab())
			if err != nil {
				t.Fatalf("ViewSecret: %v", err)
			}
			if !bytes.Equal(got.Content, x.Content) || got.Secret.Header != x.Header || got.Secret.Commit != x.Commit {
				t.Error("ViewSecret: not the envelope that was created")
			}
			if got.Again || *got.View.LeftAfter(got.Secret) != left || !got.View.GraceUntil.Equal(s.Clock.Now().Add(letterlock.Grace)) {
				t.Errorf("ViewSecret: again %t, %d left, grace until %v; want false, %d, 15 minutes", got.Again, *got.View.LeftAfter(got.Secret), got.View.GraceUntil, left)
			}
		}
		s.wantState(t, x, letterlock.UsedUp, letterlock.ActionCreated, letterlock.ActionOpened, letterlock.ActionOpened)
	})
}

func TestUnlimitedViews(t *testing.T) {
	engines(t, func(t *testing.T, s *instance) {
		x := s.create(t, seal(letterlock.Unlimited))
		for range 5 {
			got, err := s.view(x, x.tab())
			if err != nil || got.View.LeftAfter(got.Secret) != nil {
				t.Fatalf("ViewSecret without a limit: %v, want ok and no number left", err)
			}
		}
		s.wantState(t, x, letterlock.Opened)
	})
}

// Step 1 of protocol.md 6: without the link proof there is no secret, whatever
// it went through, and nothing is written.
func TestStep1WithoutTheLink(t *testing.T) {
	engines(t, func(t *testing.T, s *instance) {
		waiting := s.create(t, sealWithPassword(1))
		opened := s.create(t, seal(2))
		v := s.opened(t, opened)
		usedUp := s.create(t, seal(1))
		s.opened(t, usedUp)
		locked := s.create(t, sealWithPassword(1))
		s.lock(t, locked)
		deleted := s.create(t, seal(1))
		s.delete(deleted)
		expired := s.create(t, seal(1))
		s.shorten(expired, 0)
		unknown := seal(1)

		for state, x := range map[string]*sealed{
			"waiting": waiting, "opened": opened, "used up": usedUp, "locked": locked,
			"deleted": deleted, "expired": expired, "unknown": unknown,
		} {
			callers := x.strangers()
			callers["sender"] = x.sender()
			for name, c := range callers {
				s.unchanged(t, func() {
					call := name + " on a secret that is " + state + ": "
					_, err := s.PeekSecret(ctx, c, x.id())
					want(t, call+"PeekSecret", err, "not_found")
					for _, access := range []letterlock.Proof{x.access, random(32)} {
						for _, id := range []letterlock.ViewID{v.id, x.tab().id} {
							_, err = s.ViewSecret(ctx, c, x.id(), letterlock.NewView{ID: id, Hash: v.secret.Hash(), Access: access})
							want(t, call+"ViewSecret", err, "not_found")
						}
					}
					want(t, call+"GiveFeedback", s.GiveFeedback(ctx, c, x.id(), false), "not_found")
				})
			}
		}
	})
}

// Step 2: deleted comes before everything else that may be true of it.
func TestStep2Deleted(t *testing.T) {
	engines(t, func(t *testing.T, s *instance) {
		x := s.create(t, sealWithPassword(2))
		open, closed := s.opened(t, x), s.opened(t, x)
		s.acknowledge(closed)
		s.delete(x)
		s.Clock.Advance(lifetime)
		s.unchanged(t, func() {
			want(t, "an open view again", s.open(x, open), "gone deleted")
			want(t, "an open view again, wrong password", s.open(x, open.with(random(32))), "gone deleted")
			want(t, "an acknowledged view again", s.open(x, closed), "gone deleted")
			want(t, "a new view", s.open(x, x.tab()), "gone deleted")
			want(t, "a new view, wrong password", s.open(x, x.wrongTab()), "gone deleted")
			want(t, "ViewContent of an open view", s.content(open), "gone deleted")
		})
	})
}

// Step 3: a view id that exists is never counted again. Whose it is, and
// whether it is still open, comes before the end of the secret and before the
// password.
func TestStep3ViewClosed(t *testing.T) {
	engines(t, func(t *testing.T, s *instance) {
		x, other := s.create(t, sealWithPassword(10)), s.create(t, sealWithPassword(10))
		open, acknowledged, ofOther := s.opened(t, x), s.opened(t, x), s.opened(t, other)
		s.acknowledge(acknowledged)
		otherHash := open
		otherHash.secret = random(32)
		unopened, over := s.create(t, sealWithPassword(10)), s.create(t, sealWithPassword(10))
		s.shorten(over, 0)

		cases := map[string]struct {
			of *sealed
			v  tab
		}{
			"of another secret":                          {x, ofOther},
			"of another secret, this one not yet opened": {unopened, ofOther},
			"of another secret, this one over":           {over, ofOther},
			"other view hash":                            {x, otherHash},
			"acknowledged":                               {x, acknowledged},
		}
		for name, test := range cases {
			s.unchanged(t, func() {
				v := test.v.with(test.of.access)
				want(t, "ViewSecret, "+name, s.open(test.of, v), "gone view_closed")
				want(t, "ViewSecret, wrong password, "+name, s.open(test.of, v.with(random(32))), "gone view_closed")
			})
		}
		s.Clock.Advance(letterlock.Grace - time.Millisecond)
		s.unchanged(t, func() { want(t, "ViewSecret, grace nearly over", s.open(x, open), "ok") })
		s.Clock.Advance(time.Millisecond)
		s.unchanged(t, func() {
			want(t, "ViewSecret, grace over", s.open(x, open), "gone view_closed")
			want(t, "ViewSecret, wrong password, grace over", s.open(x, open.with(random(32))), "gone view_closed")
		})
		s.opened(t, x) // the secret itself has views left
	})
}

// Step 3, the same view again: the same answer, also when the secret is used
// up, expired or locked by then, and nothing is written.
func TestStep3SameAnswer(t *testing.T) {
	then := map[string]func(t *testing.T, s *instance, x *sealed){
		"at once":      func(t *testing.T, s *instance, x *sealed) {},
		"after a view": func(t *testing.T, s *instance, x *sealed) { s.opened(t, x) },
		"used up":      func(t *testing.T, s *instance, x *sealed) { s.opened(t, x); s.opened(t, x) },
		"locked":       func(t *testing.T, s *instance, x *sealed) { s.lock(t, x) },
		"expired": func(t *testing.T, s *instance, x *sealed) {
			s.Clock.Advance(letterlock.Grace / 2)
			s.sweep(t)
		},
	}
	engines(t, func(t *testing.T, s *instance) {
		for name, wait := range then {
			t.Run(name, func(t *testing.T) {
				x := sealWithPassword(3)
				x.Limits.ExpiresIn = letterlock.MinLifetime // shorter than the grace
				v := s.create(t, x).tab()
				first, err := s.view(x, v)
				if err != nil {
					t.Fatalf("ViewSecret: %v", err)
				}
				wait(t, s, x)
				s.unchanged(t, func() {
					again, err := s.view(x, v)
					if err != nil || !again.Again {
						t.Fatalf("the same ViewSecret: %s, want ok, again", outcome(err))
					}
					if !bytes.Equal(again.Content, first.Content) || again.Secret.Header != first.Secret.Header || again.Secret.Commit != first.Secret.Commit {
						t.Error("the same ViewSecret handed out another envelope")
					}
					if diff := cmp.Diff(first.View, again.View); diff != "" {
						t.Errorf("the same ViewSecret answers otherwise (-first +again):\n%s", diff)
					}
					if first, again := *first.View.LeftAfter(first.Secret), *again.View.LeftAfter(again.Secret); first != again {
						t.Errorf("the same ViewSecret tells of %d views left, first of %d", again, first)
					}
				})
			})
		}
	})
}

// Step 3, a wrong password for an open view: counted like any other, the view
// stays open; once locked, locked, and still the view stays open.
func TestStep3WrongPasswordForAnOpenView(t *testing.T) {
	engines(t, func(t *testing.T, s *instance) {
		x := s.create(t, sealWithPassword(1))
		v := s.opened(t, x)
		want(t, "the view with a wrong password", s.open(x, v.with(random(32))), "wrong_password 9")
		want(t, "the view with the right one", s.open(x, v), "ok")
		for range letterlock.PasswordTries - 1 {
			s.open(x, v.with(random(32)))
		}
		s.unchanged(t, func() {
			want(t, "locked, the view with a wrong password", s.open(x, v.with(random(32))), "gone locked")
			want(t, "locked, the view with the right one", s.open(x, v), "ok")
		})
		if r := s.receipt(t, x); r.Views != 1 || r.PasswordFailures != letterlock.PasswordTries {
			t.Errorf("%d views and %d failures, want 1 and %d", r.Views, r.PasswordFailures, letterlock.PasswordTries)
		}
	})
}

// Step 4: what is over is over with the reason, before any password is tested.
func TestStep4Over(t *testing.T) {
	engines(t, func(t *testing.T, s *instance) {
		expired, usedUp, locked := s.create(t, sealWithPassword(1)), s.create(t, sealWithPassword(1)), s.create(t, sealWithPassword(1))
		s.shorten(expired, 0)
		s.opened(t, usedUp)
		s.lock(t, locked)
		for reason, x := range map[string]*sealed{"expired": expired, "used_up": usedUp, "locked": locked} {
			s.unchanged(t, func() {
				want(t, "PeekSecret", s.peek(x), "gone "+reason)
				want(t, "ViewSecret", s.open(x, x.tab()), "gone "+reason)
				want(t, "ViewSecret with a wrong password", s.open(x, x.wrongTab()), "gone "+reason)
			})
		}
	})
}

// Views stop exactly at the expiry: a millisecond before is in time.
func TestStep4ExpiryToTheMillisecond(t *testing.T) {
	engines(t, func(t *testing.T, s *instance) {
		x := s.create(t, seal(5))
		s.Clock.Advance(lifetime - time.Millisecond)
		want(t, "PeekSecret a millisecond before", s.peek(x), "ok")
		want(t, "ViewSecret a millisecond before", s.open(x, x.tab()), "ok")
		s.Clock.Advance(time.Millisecond)
		s.unchanged(t, func() {
			want(t, "PeekSecret at the expiry", s.peek(x), "gone expired")
			want(t, "ViewSecret at the expiry", s.open(x, x.tab()), "gone expired")
		})
	})
}

// Step 6: each wrong password costs one try and never a view; the last one sent
// again costs nothing.
func TestStep6WrongPassword(t *testing.T) {
	engines(t, func(t *testing.T, s *instance) {
		x := s.create(t, sealWithPassword(2))
		first, second := x.wrongTab(), x.wrongTab()
		want(t, "a wrong password", s.open(x, first), "wrong_password 9")
		s.wantState(t, x, letterlock.Waiting, letterlock.ActionCreated, letterlock.ActionWrongPassword)
		s.unchanged(t, func() {
			want(t, "the same again", s.open(x, first), "wrong_password 9")
			want(t, "the same in another tab", s.open(x, x.tab().with(first.access)), "wrong_password 9")
		})
		want(t, "another wrong password", s.open(x, second), "wrong_password 8")
		want(t, "the first one, no longer the last", s.open(x, first), "wrong_password 7")
		want(t, "the right one under the same view id", s.open(x, first.with(x.access)), "ok")
		if r := s.receipt(t, x); r.Views != 1 || r.PasswordFailures != 3 {
			t.Errorf("%d views and %d failures, want 1 and 3", r.Views, r.PasswordFailures)
		}
	})
}

func TestStep6WithoutAPassword(t *testing.T) {
	engines(t, func(t *testing.T, s *instance) {
		x := s.create(t, seal(1))
		s.unchanged(t, func() {
			for range letterlock.PasswordTries + 1 {
				want(t, "a wrong access proof", s.open(x, x.wrongTab()), "wrong_proof")
			}
		})
		v := s.opened(t, x)
		s.unchanged(t, func() {
			want(t, "a wrong access proof for an open view", s.open(x, v.with(random(32))), "wrong_proof")
		})
	})
}

// What cannot be read must not cost a view.
func TestContentThatCannotBeReadCostsNothing(t *testing.T) {
	engines(t, func(t *testing.T, s *instance) {
		cut, lost := s.create(t, seal(1)), s.create(t, seal(1))
		s.Exec(t, `UPDATE content SET sealed = $1 WHERE secret = (SELECT number FROM secret WHERE id = $2)`, cut.Content[1:], string(cut.id()))
		s.Exec(t, `DELETE FROM content WHERE secret = (SELECT number FROM secret WHERE id = $1)`, string(lost.id()))
		s.unchanged(t, func() {
			want(t, "ViewSecret of cut content", s.open(cut, cut.tab()), "unavailable")
			want(t, "ViewSecret of lost content", s.open(lost, lost.tab()), "unavailable")
		})
	})
}

func TestViewContent(t *testing.T) {
	engines(t, func(t *testing.T, s *instance) {
		x := s.create(t, seal(3))
		v, closed := s.opened(t, x), s.opened(t, x)
		s.acknowledge(closed)
		s.unchanged(t, func() {
			got, err := s.ViewContent(ctx, v.caller(), v.id)
			if err != nil || !bytes.Equal(got, x.Content) {
				t.Errorf("ViewContent: %d bytes, %v; want what was created", len(got), err)
			}
			want(t, "ViewContent of an acknowledged view", s.content(closed), "gone view_closed")
			want(t, "ViewContent of no view", s.content(x.tab()), "not_found")
			for name, c := range x.viewStrangers() {
				_, err := s.ViewContent(ctx, c, v.id)
				want(t, name+": ViewContent", err, "not_found")
			}
		})
		s.Clock.Advance(letterlock.Grace - time.Millisecond)
		want(t, "ViewContent a millisecond before the grace ends", s.content(v), "ok")
		s.Clock.Advance(time.Millisecond)
		want(t, "ViewContent when the grace ends", s.content(v), "gone view_closed")
	})
}

// viewStrangers do not hold the view secret; the link and the manage token are
// none.
func (x *sealed) viewStrangers() map[string]letterlock.Caller {
	callers := x.strangers()
	callers["reader"] = letterlock.Caller{Link: x.link, View: x.link}
	callers["sender"] = letterlock.Caller{Manage: x.manage, View: x.manage}
	return callers
}

func TestAcknowledgeView(t *testing.T) {
	engines(t, func(t *testing.T, s *instance) {
		x := s.create(t, seal(2))
		first, second := s.opened(t, x), s.opened(t, x)
		s.unchanged(t, func() {
			want(t, "AcknowledgeView of no view", s.acknowledge(x.tab()), "not_found")
			for name, c := range x.viewStrangers() {
				want(t, name+": AcknowledgeView", s.AcknowledgeView(ctx, c, first.id), "not_found")
			}
		})
		want(t, "AcknowledgeView", s.acknowledge(first), "ok")
		s.wantState(t, x, letterlock.UsedUp, letterlock.ActionConfirmed)
		s.unchanged(t, func() { want(t, "AcknowledgeView again", s.acknowledge(first), "ok") })
		want(t, "ViewContent of the view still open", s.content(second), "ok")

		want(t, "AcknowledgeView of the last", s.acknowledge(second), "ok")
		s.wantPurged(t, x)
	})
}

// With views left, or time left, the content stays for the next reader.
func TestAcknowledgeKeepsWhatCanBeOpened(t *testing.T) {
	engines(t, func(t *testing.T, s *instance) {
		x := s.create(t, seal(2))
		s.acknowledge(s.opened(t, x))
		s.acknowledge(s.opened(t, x))
		s.wantPurged(t, x)

		unlimited := s.create(t, seal(letterlock.Unlimited))
		s.acknowledge(s.opened(t, unlimited))
		s.Clock.Advance(lifetime - time.Millisecond)
		v := s.opened(t, unlimited)
		s.Clock.Advance(time.Millisecond)
		want(t, "AcknowledgeView after the expiry", s.acknowledge(v), "ok")
		s.wantState(t, unlimited, letterlock.Expired, letterlock.ActionExpired, letterlock.ActionConfirmed)
		s.wantPurged(t, unlimited)
	})
}

func TestGiveFeedback(t *testing.T) {
	engines(t, func(t *testing.T, s *instance) {
		x := s.create(t, seal(1))
		feedback := func(mine bool) error { return s.GiveFeedback(ctx, x.reader(), x.id(), mine) }
		s.unchanged(t, func() { want(t, "GiveFeedback before it was opened", feedback(false), "conflict") })
		s.acknowledge(s.opened(t, x))
		s.unchanged(t, func() { want(t, "GiveFeedback, it was me", feedback(true), "ok") })
		want(t, "GiveFeedback, it wasn't me", feedback(false), "ok")
		s.wantState(t, x, letterlock.UsedUp, letterlock.ActionNotMe)
		if at := s.receipt(t, x).Disputed; !at.Equal(s.Clock.Now()) {
			t.Errorf("marked as disputed at %v, want now", at)
		}
		s.Clock.Advance(time.Second)
		s.unchanged(t, func() { want(t, "GiveFeedback again", feedback(false), "ok") })
	})
}
