package service_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"letterlock"
	"letterlock/internal/service"
)

func TestCreateSecret(t *testing.T) {
	engines(t, func(t *testing.T, s *instance) {
		x := seal(3)
		first, created, err := s.CreateSecret(ctx, letterlock.Caller{}, &x.NewSecret)
		if err != nil || !created || first.State() != letterlock.Waiting || !first.ExpiresAt.Equal(s.Clock.Now().Add(lifetime)) {
			t.Fatalf("CreateSecret = %s, expires %v, created %t, %v; want waiting, in an hour, true, ok", first.State(), first.ExpiresAt, created, err)
		}
		s.wantState(t, x, letterlock.Waiting, letterlock.ActionCreated)

		s.Clock.Advance(time.Minute)
		s.unchanged(t, func() {
			again, created, err := s.CreateSecret(ctx, letterlock.Caller{}, &x.NewSecret)
			if err != nil || created {
				t.Fatalf("the same CreateSecret: created %t, %v; want false, ok", created, err)
			}
			if diff := cmp.Diff(first.Secret, again.Secret); diff != "" {
				t.Errorf("the same CreateSecret answers otherwise (-first +again):\n%s", diff)
			}
		})
	})
}

// What the server compares is what api.md lists; the ciphertext itself is not
// among it, only its length.
func TestCreateSecretComparesTheRequest(t *testing.T) {
	tests := map[string]struct {
		change func(n *letterlock.NewSecret)
		want   string
	}{
		"nothing":      {func(n *letterlock.NewSecret) {}, "ok"},
		"ciphertext":   {func(n *letterlock.NewSecret) { n.Content = append([]byte{0xfe}, n.Content[1:]...) }, "ok"},
		"header":       {func(n *letterlock.NewSecret) { addPassword(&n.Header) }, "conflict"},
		"commit":       {func(n *letterlock.NewSecret) { n.Commit[31]++ }, "conflict"},
		"link hash":    {func(n *letterlock.NewSecret) { n.LinkHash[31]++ }, "conflict"},
		"access hash":  {func(n *letterlock.NewSecret) { n.AccessHash[31]++ }, "conflict"},
		"manage hash":  {func(n *letterlock.NewSecret) { n.ManageHash[31]++ }, "conflict"},
		"length":       {func(n *letterlock.NewSecret) { n.Content = append(make([]byte, 4112-size), n.Content...) }, "conflict"},
		"lifetime":     {func(n *letterlock.NewSecret) { n.Limits.ExpiresIn += time.Second }, "conflict"},
		"views":        {func(n *letterlock.NewSecret) { n.Limits.Views++ }, "conflict"},
		"no limit":     {func(n *letterlock.NewSecret) { n.Limits.Views = letterlock.Unlimited }, "conflict"},
		"out of range": {func(n *letterlock.NewSecret) { n.Limits.Views = letterlock.MaxViews + 1 }, "invalid max_views:out_of_range"},
		"longer than this instance keeps": {
			func(n *letterlock.NewSecret) { n.Limits.ExpiresIn = letterlock.DefaultLifetime + time.Second },
			"invalid expires_in:out_of_range",
		},
	}
	engines(t, func(t *testing.T, s *instance) {
		x := s.create(t, seal(1))
		for name, test := range tests {
			t.Run(name, func(t *testing.T) {
				n := x.NewSecret
				test.change(&n)
				s.unchanged(t, func() {
					_, created, err := s.CreateSecret(ctx, letterlock.Caller{}, &n)
					want(t, "CreateSecret", err, test.want)
					if created {
						t.Error("CreateSecret says that it made a second secret under one id")
					}
				})
			})
		}
	})
}

// An id is taken for good: whoever holds an old link never finds something else
// under it.
func TestIDIsNeverUsedAgain(t *testing.T) {
	const never = 10 * 365 * 24 * time.Hour
	ends := map[string]struct {
		end  func(t *testing.T, s *instance, x *sealed)
		same string // what the first request gets when it comes again
	}{
		"deleted":                  {func(t *testing.T, s *instance, x *sealed) { s.delete(x) }, "ok"},
		"used up and acknowledged": {func(t *testing.T, s *instance, x *sealed) { s.acknowledge(s.opened(t, x)) }, "ok"},
		"expired":                  {func(t *testing.T, s *instance, x *sealed) { s.Clock.Advance(lifetime) }, "ok"},
		"purged":                   {func(t *testing.T, s *instance, x *sealed) { s.Clock.Advance(lifetime + letterlock.Grace); s.sweep(t) }, "ok"},
		"receipt over":             {func(t *testing.T, s *instance, x *sealed) { s.Clock.Advance(never); s.sweep(t) }, "conflict"},
	}
	engines(t, func(t *testing.T, s *instance) {
		for name, test := range ends {
			t.Run(name, func(t *testing.T) {
				x := s.create(t, seal(1))
				test.end(t, s, x)
				other := seal(1)
				other.Header = x.Header
				s.unchanged(t, func() {
					_, _, err := s.CreateSecret(ctx, letterlock.Caller{}, &other.NewSecret)
					want(t, "CreateSecret of another secret", err, "conflict")
					_, created, err := s.CreateSecret(ctx, letterlock.Caller{}, &x.NewSecret)
					want(t, "CreateSecret of the same", err, test.same)
					if created {
						t.Error("the same CreateSecret brought an ended secret back")
					}
				})
			})
		}
	})
}

// The sender's verbs are for the holder of the manage token alone. To anyone
// else, the reader and holders of a view included, there is no such secret.
func TestSenderVerbsRefuseOthers(t *testing.T) {
	in := time.Minute
	engines(t, func(t *testing.T, s *instance) {
		x := s.create(t, sealWithPassword(2))
		v := s.opened(t, x)
		others := x.strangers()
		others["reader"] = letterlock.Caller{Link: x.link, View: v.secret}
		for name, c := range others {
			s.unchanged(t, func() {
				_, err := s.SecretReceipt(ctx, c, x.id())
				want(t, name+": SecretReceipt", err, "not_found")
				want(t, name+": DeleteSecret", s.DeleteSecret(ctx, c, x.id()), "not_found")
				want(t, name+": ChangeSecret", s.ChangeSecret(ctx, c, x.id(), service.Change{ExpiresIn: &in}), "not_found")
			})
		}
		none := seal(1)
		s.unchanged(t, func() {
			_, err := s.SecretReceipt(ctx, none.sender(), none.id())
			want(t, "SecretReceipt of no secret", err, "not_found")
			want(t, "DeleteSecret of no secret", s.delete(none), "not_found")
			want(t, "ChangeSecret of no secret", s.shorten(none, in), "not_found")
		})
	})
}

func TestSecretReceiptTellsTheStory(t *testing.T) {
	engines(t, func(t *testing.T, s *instance) {
		x := s.create(t, sealWithPassword(1))
		at := map[letterlock.Action]time.Time{letterlock.ActionCreated: s.Clock.Now()}
		step := func(action letterlock.Action, err error) {
			t.Helper()
			if end := outcome(err); end != "ok" && end != "wrong_password 9" {
				t.Fatalf("%s: %s", action, end)
			}
			at[action] = s.Clock.Now()
			s.Clock.Advance(time.Second)
		}
		s.Clock.Advance(time.Second)
		step(letterlock.ActionWrongPassword, s.open(x, x.wrongTab()))
		v := x.tab()
		step(letterlock.ActionOpened, s.open(x, v))
		step(letterlock.ActionConfirmed, s.acknowledge(v))
		step(letterlock.ActionNotMe, s.GiveFeedback(ctx, x.reader(), x.id(), false))
		step(letterlock.ActionDeleted, s.delete(x))

		s.unchanged(t, func() {
			r := s.receipt(t, x)
			var want []letterlock.Event
			for _, action := range []letterlock.Action{
				letterlock.ActionCreated, letterlock.ActionWrongPassword, letterlock.ActionOpened,
				letterlock.ActionConfirmed, letterlock.ActionNotMe, letterlock.ActionDeleted,
			} {
				want = append(want, letterlock.Event{SecretID: x.id(), At: at[action], Action: action})
			}
			if diff := cmp.Diff(want, r.Events); diff != "" {
				t.Errorf("SecretReceipt: events (-want +got):\n%s", diff)
			}
			if r.State() != letterlock.UsedUp || r.Views != 1 || r.PasswordFailures != 1 || !r.Disputed.Equal(at[letterlock.ActionNotMe]) {
				t.Errorf("SecretReceipt: %s, %d views, %d failures, disputed %v", r.State(), r.Views, r.PasswordFailures, r.Disputed)
			}
		})
	})
}

func TestDeleteSecret(t *testing.T) {
	before := map[string]struct {
		prepare func(t *testing.T, s *instance, x *sealed)
		state   letterlock.State // afterwards: the first end stays
	}{
		"waiting": {func(t *testing.T, s *instance, x *sealed) {}, letterlock.Deleted},
		"opened":  {func(t *testing.T, s *instance, x *sealed) { s.opened(t, x) }, letterlock.Deleted},
		"locked":  {func(t *testing.T, s *instance, x *sealed) { s.lock(t, x) }, letterlock.Deleted},
		"used up": {func(t *testing.T, s *instance, x *sealed) { s.opened(t, x); s.opened(t, x) }, letterlock.UsedUp},
		"expired": {func(t *testing.T, s *instance, x *sealed) { s.Clock.Advance(lifetime) }, letterlock.Expired},
	}
	engines(t, func(t *testing.T, s *instance) {
		for name, test := range before {
			t.Run(name, func(t *testing.T) {
				x := s.create(t, sealWithPassword(2))
				test.prepare(t, s, x)
				want(t, "DeleteSecret", s.delete(x), "ok")
				s.wantState(t, x, test.state, letterlock.ActionDeleted)
				s.wantPurged(t, x)
				s.unchanged(t, func() { want(t, "DeleteSecret again", s.delete(x), "ok") })
			})
		}
	})
}

func TestShorten(t *testing.T) {
	engines(t, func(t *testing.T, s *instance) {
		x := s.create(t, seal(2))
		s.Clock.Advance(time.Minute)
		left := lifetime - time.Minute
		s.unchanged(t, func() {
			want(t, "ChangeSecret to a second later", s.shorten(x, left+time.Second), "invalid expires_in:not_sooner")
			want(t, "ChangeSecret to the past", s.shorten(x, -time.Second), "invalid expires_in:out_of_range")
		})
		want(t, "ChangeSecret to the same instant", s.shorten(x, left), "ok")
		want(t, "ChangeSecret to ten minutes", s.shorten(x, 10*time.Minute), "ok")
		s.wantState(t, x, letterlock.Waiting, letterlock.ActionShortened)
		if got, want := s.receipt(t, x).ExpiresAt, s.Clock.Now().Add(10*time.Minute); !got.Equal(want) {
			t.Errorf("shortened, it expires at %v, want %v", got, want)
		}
		s.unchanged(t, func() {
			want(t, "ChangeSecret back", s.shorten(x, 11*time.Minute), "invalid expires_in:not_sooner")
		})
		s.Clock.Advance(10*time.Minute - time.Millisecond)
		s.opened(t, x)
		s.Clock.Advance(time.Millisecond)
		want(t, "ViewSecret at the new expiry", s.open(x, x.tab()), "gone expired")
	})
}

// Zero seconds from now is now: no view starts after it.
func TestShortenToNow(t *testing.T) {
	engines(t, func(t *testing.T, s *instance) {
		x := s.create(t, seal(2))
		want(t, "ChangeSecret to now", s.shorten(x, 0), "ok")
		s.wantState(t, x, letterlock.Expired, letterlock.ActionShortened)
		want(t, "ViewSecret", s.open(x, x.tab()), "gone expired")
	})
}

func TestWhatIsOverCannotBeChanged(t *testing.T) {
	engines(t, func(t *testing.T, s *instance) {
		deleted, usedUp := s.create(t, seal(1)), s.create(t, seal(1))
		s.delete(deleted)
		s.opened(t, usedUp)
		s.unchanged(t, func() {
			want(t, "ChangeSecret of a deleted secret", s.shorten(deleted, 0), "gone deleted")
			want(t, "ChangeSecret of a used up one", s.shorten(usedUp, 0), "gone used_up")
		})
		expired := s.create(t, sealWithPassword(1))
		s.lock(t, expired)
		s.Clock.Advance(lifetime)
		s.unchanged(t, func() {
			want(t, "ChangeSecret of an expired one", s.shorten(expired, 0), "gone expired")
			want(t, "unlock of an expired one", s.unlock(expired), "gone expired")
		})
	})
}

// A sender can unlock once, so that at most twenty wrong passwords are ever
// tested.
func TestUnlockOnce(t *testing.T) {
	engines(t, func(t *testing.T, s *instance) {
		x := s.create(t, sealWithPassword(1))
		s.unchanged(t, func() { want(t, "unlock of what is not locked", s.unlock(x), "conflict") })
		s.lock(t, x)
		s.wantState(t, x, letterlock.Locked, letterlock.ActionWrongPassword, letterlock.ActionLocked)

		in := 2 * lifetime
		s.unchanged(t, func() {
			err := s.ChangeSecret(ctx, x.sender(), x.id(), service.Change{Unlock: true, ExpiresIn: &in})
			want(t, "unlock with an expiry that is refused", err, "invalid expires_in:not_sooner")
		})
		want(t, "unlock", s.unlock(x), "ok")
		s.wantState(t, x, letterlock.Waiting, letterlock.ActionUnlocked)
		s.unchanged(t, func() { want(t, "the same unlock again", s.unlock(x), "ok") })

		s.lock(t, x)
		s.unchanged(t, func() {
			want(t, "a second unlock", s.unlock(x), "conflict")
			want(t, "ViewSecret with a wrong password", s.open(x, x.wrongTab()), "gone locked")
			want(t, "ViewSecret with the right one", s.open(x, x.tab()), "gone locked")
		})
		if n := count(s.receipt(t, x), letterlock.ActionWrongPassword); n != 2*letterlock.PasswordTries {
			t.Errorf("%d wrong passwords were tested, want %d", n, 2*letterlock.PasswordTries)
		}
	})
}
