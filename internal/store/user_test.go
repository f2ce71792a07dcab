package store_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"letterlock"
	"letterlock/internal/store"
	"letterlock/internal/testkit"
)

// none is an error unless a row function found nothing.
func none(call string, err error) error {
	return want(call+" finds nothing", true, err == letterlock.ErrNotFound, nil)
}

func TestUserComesBackAsItWas(t *testing.T) {
	testkit.Engines(t, func(t *testing.T, e *testkit.Engine) {
		now := e.Clock.Now()
		u := &letterlock.User{
			ID:                "ann",
			Email:             "Ann@example.org",
			Name:              "Änn",
			Language:          "de",
			PasswordHash:      "$argon2id$",
			PasswordChangedAt: now.Add(time.Second),
			VerifiedAt:        now.Add(2 * time.Second),
			Operator:          true,
			CreatedAt:         now,
		}
		write(t, e.DB, func(tx *store.Tx) error {
			has, err := tx.HasOperator()
			added, err2 := tx.InsertUser(u)
			return errors.Join(want("HasOperator", false, has, err), want("InsertUser", true, added, err2))
		})
		write(t, e.DB, func(tx *store.Tx) error {
			other := newUser(e, "other")
			other.Email = "aNN@example.org"
			added, err := tx.InsertUser(other)
			return want("InsertUser of a taken address", false, added, err)
		})
		write(t, e.DB, func(tx *store.Tx) error {
			byID, err := tx.User("ann")
			locked, err2 := tx.LockUser("ann")
			byEmail, err3 := tx.UserByEmail("ann@example.org")
			has, err4 := tx.HasOperator()
			_, unknown := tx.User("other")
			_, unknown2 := tx.UserByEmail("other@example.org")
			return errors.Join(
				want("User", u, byID, err), want("LockUser", u, locked, err2), want("UserByEmail", u, byEmail, err3),
				want("HasOperator", true, has, err4), none("User", unknown), none("UserByEmail", unknown2))
		})
	})
}

func TestUserChanges(t *testing.T) {
	testkit.Engines(t, func(t *testing.T, e *testkit.Engine) {
		people(t, e)
		now := e.Clock.Now().Add(time.Minute)
		ann := newUser(e, "ann")
		yes, no := true, false
		for _, test := range []struct {
			call   string
			change func(*store.Tx) (bool, error)
			took   *bool
			wanted func()
		}{
			{"SetPassword", func(tx *store.Tx) (bool, error) { return true, tx.SetPassword("ann", "one", now) }, &yes,
				func() { ann.PasswordHash, ann.PasswordChangedAt = "one", now }},
			{"Rehash of another password", func(tx *store.Tx) (bool, error) { return tx.Rehash("ann", "none", "two") }, &no, nil},
			{"Rehash", func(tx *store.Tx) (bool, error) { return tx.Rehash("ann", "one", "two") }, &yes, func() { ann.PasswordHash = "two" }},
			{"Verify of another address", func(tx *store.Tx) (bool, error) { return tx.Verify("ann", "bob@example.org", now) }, &no, nil},
			{"Verify", func(tx *store.Tx) (bool, error) { return tx.Verify("ann", "ANN@example.org", now) }, &yes, func() { ann.VerifiedAt = now }},
			{"Verify again", func(tx *store.Tx) (bool, error) { return tx.Verify("ann", ann.Email, now.Add(ms)) }, &no, nil},
			{"SetEmail to another's", func(tx *store.Tx) (bool, error) { return tx.SetEmail("ann", "BOB@example.org", now) }, &no, nil},
			{"SetEmail in another case", func(tx *store.Tx) (bool, error) { return tx.SetEmail("ann", "Ann@example.org", now) }, &yes,
				func() { ann.Email = "Ann@example.org" }},
			{"SetEmail", func(tx *store.Tx) (bool, error) { return tx.SetEmail("ann", "new@example.org", now.Add(ms)) }, &yes,
				func() { ann.Email, ann.VerifiedAt = "new@example.org", now.Add(ms) }},
			{"SetProfile", func(tx *store.Tx) (bool, error) { return true, tx.SetProfile("ann", "Ann", "de") }, &yes,
				func() { ann.Name, ann.Language = "Ann", "de" }},
			{"SetOperator", func(tx *store.Tx) (bool, error) { return true, tx.SetOperator("ann", true) }, &yes, func() { ann.Operator = true }},
		} {
			if test.wanted != nil {
				test.wanted()
			}
			write(t, e.DB, func(tx *store.Tx) error {
				took, err := test.change(tx)
				return want(test.call, *test.took, took, err)
			})
			read(t, e.DB, func(tx *store.Tx) error {
				got, err := tx.User("ann")
				bob, err2 := tx.User("bob")
				return errors.Join(want("ann after "+test.call, ann, got, err), want("bob after "+test.call, newUser(e, "bob"), bob, err2))
			})
		}
		for call, f := range map[string]func(*store.Tx) error{
			"SetPassword": func(tx *store.Tx) error { return tx.SetPassword("nobody", "", now) },
			"SetProfile":  func(tx *store.Tx) error { return tx.SetProfile("nobody", "", "") },
			"SetOperator": func(tx *store.Tx) error { return tx.SetOperator("nobody", true) },
			"DeleteUser":  func(tx *store.Tx) error { return tx.DeleteUser("nobody") },
		} {
			if err := e.DB.Tx(context.Background(), f); err != letterlock.ErrNotFound {
				t.Errorf("%s of nobody = %v, want %v", call, err, letterlock.ErrNotFound)
			}
		}
	})
}

// Failures are counted in a window that begins with the first, for a network
// and from anywhere apart.
func TestSignInFailures(t *testing.T) {
	testkit.Engines(t, func(t *testing.T, e *testkit.Engine) {
		const window = 15 * time.Minute
		begin := e.Clock.Now()
		who, home := letterlock.Hash{'a'}, letterlock.Net("203.0.113.0/24")
		count := func(after time.Duration, from letterlock.Net, wanted int) {
			t.Helper()
			write(t, e.DB, func(tx *store.Tx) error {
				n, err := tx.CountFailure(who, from, begin.Add(after), window)
				return want("CountFailure", wanted, n, err)
			})
		}
		expect := func(who letterlock.Hash, from letterlock.Net, after time.Duration, wanted int) {
			t.Helper()
			read(t, e.DB, func(tx *store.Tx) error {
				n, err := tx.Failures(who, from, begin.Add(after), window)
				return want("Failures", wanted, n, err)
			})
		}
		count(0, home, 1)
		count(time.Minute, home, 2)
		count(time.Minute, "", 1)
		count(window-ms, home, 3)
		expect(who, home, window-ms, 3)
		expect(who, home, window, 0)
		expect(who, "198.51.100.0/24", 0, 0)
		expect(letterlock.Hash{'b'}, home, 0, 0)
		write(t, e.DB, func(tx *store.Tx) error { return tx.ForgetFailure(who, home) })
		expect(who, home, 0, 2)
		count(window, home, 1)
		write(t, e.DB, func(tx *store.Tx) error { return tx.ForgetFailure(who, home) })
		expect(who, home, window, 0)
		count(window, home, 1)
		write(t, e.DB, func(tx *store.Tx) error { return tx.PruneFailures(begin.Add(window)) })
		expect(who, home, window, 1)
		expect(who, "", time.Minute, 0)
		write(t, e.DB, func(tx *store.Tx) error { return tx.ForgetFailures(who) })
		expect(who, home, window, 0)
	})
}

// Tries side by side are counted one by one.
func TestSignInFailuresRace(t *testing.T) {
	testkit.Engines(t, func(t *testing.T, e *testkit.Engine) {
		const tries = 20
		var mu sync.Mutex
		counts := map[int]int{} // guarded by mu
		var all sync.WaitGroup
		for range tries {
			all.Go(func() {
				var n int
				err := e.DB.Tx(context.Background(), func(tx *store.Tx) (err error) {
					n, err = tx.CountFailure(letterlock.Hash{'a'}, "", e.Clock.Now(), time.Hour)
					return err
				})
				mu.Lock()
				defer mu.Unlock()
				if err != nil {
					t.Errorf("CountFailure: %v", err)
				}
				counts[n]++
			})
		}
		all.Wait()
		for n := 1; n <= tries; n++ {
			if counts[n] != 1 {
				t.Errorf("%d of %d tries were told they are number %d, want 1", counts[n], tries, n)
			}
		}
	})
}

func TestNetworks(t *testing.T) {
	testkit.Engines(t, func(t *testing.T, e *testkit.Engine) {
		people(t, e)
		for i, test := range []struct {
			user letterlock.UserID
			from letterlock.Net
			want bool
		}{
			{"ann", "203.0.113.0/24", true}, {"ann", "203.0.113.0/24", false},
			{"ann", "2001:db8::/48", true}, {"bob", "203.0.113.0/24", true},
		} {
			write(t, e.DB, func(tx *store.Tx) error {
				known, err := tx.KnowsNetwork(test.user, test.from)
				first, err2 := tx.AddNetwork(test.user, test.from, e.Clock.Now().Add(time.Duration(i)))
				return errors.Join(want("KnowsNetwork", !test.want, known, err), want("AddNetwork", test.want, first, err2))
			})
		}
	})
}

// An account goes with all that is its own, and with nothing of others.
func TestDeleteUser(t *testing.T) {
	testkit.Engines(t, func(t *testing.T, e *testkit.Engine) {
		people(t, e)
		now := e.Clock.Now()
		furnish := func(id letterlock.UserID) {
			write(t, e.DB, func(tx *store.Tx) error {
				_, err := tx.InsertMember(&letterlock.Member{OrgID: "acme", UserID: id, Role: letterlock.Owner, JoinedAt: now})
				_, err2 := tx.AddNetwork(id, "203.0.113.0/24", now)
				return errors.Join(err, err2,
					tx.InsertSession(&letterlock.Session{ID: letterlock.SessionID(id), UserID: id, Hash: letterlock.Hash{id[0]}, CreatedAt: now, SeenAt: now}),
					tx.InsertTicket(&letterlock.Ticket{Hash: letterlock.Hash{id[0]}, Kind: letterlock.TicketReset, UserID: id, CreatedAt: now, ExpiresAt: now}),
					tx.InsertToken(&letterlock.APIToken{ID: letterlock.TokenID(id), UserID: id, Hash: letterlock.Hash{id[0]}, CreatedAt: now, ExpiresAt: now}))
			})
		}
		furnish("bob")
		before := e.Dump(t)
		write(t, e.DB, func(tx *store.Tx) error {
			_, err := tx.InsertUser(newUser(e, "eve"))
			return err
		})
		furnish("eve")
		insert(t, e, "hers", func(s *letterlock.Secret) { s.Owner = "eve" })
		if err := e.DB.Tx(context.Background(), func(tx *store.Tx) error { return tx.DeleteUser("eve") }); err == nil {
			t.Error("DeleteUser of an owner of secrets = nil, want an error")
		}
		write(t, e.DB, func(tx *store.Tx) error {
			n, err := tx.Disown("eve", 10)
			return errors.Join(want("Disown", 1, n, err), tx.RetireSecret("hers"), tx.Exec(`DELETE FROM secret`), tx.DeleteUser("eve"))
		})
		if after := e.Dump(t); after != before {
			t.Errorf("after DeleteUser there is\n%s\nwant what was before\n%s", after, before)
		}
	})
}

func TestOwnersSecrets(t *testing.T) {
	testkit.Engines(t, func(t *testing.T, e *testkit.Engine) {
		people(t, e)
		for id, space := range map[letterlock.SecretID]letterlock.OrgID{"personal": "", "acme 1": "acme", "acme 2": "acme", "other": "other"} {
			insert(t, e, id, func(s *letterlock.Secret) { s.Owner, s.Org, s.Name = "ann", space, "canary" })
		}
		live := func(owner letterlock.UserID, org letterlock.OrgID, wanted int) {
			t.Helper()
			read(t, e.DB, func(tx *store.Tx) error {
				ids, err := tx.LiveSecrets(owner, org, 10)
				return want("LiveSecrets of "+string(owner)+" in "+string(org), wanted, len(ids), err)
			})
		}
		live("ann", "", 1)
		live("ann", "acme", 2)
		live("bob", "acme", 0)
		write(t, e.DB, func(tx *store.Tx) error {
			one, err := tx.HandOver("ann", "bob", "acme", 1)
			rest, err2 := tx.HandOver("ann", "bob", "acme", 10)
			return errors.Join(want("HandOver of at most one", 1, one, err), want("HandOver of the rest", 1, rest, err2),
				tx.EndSecret("acme 1", letterlock.Deleted, e.Clock.Now(), e.Clock.Now()))
		})
		live("ann", "acme", 0)
		live("bob", "acme", 1)
		live("ann", "other", 1)
		write(t, e.DB, func(tx *store.Tx) error {
			n, err := tx.Disown("ann", 10)
			return want("Disown", 1, n, err)
		})
		if s := stored(t, e, "personal"); s.Owner != "" || s.Name != "" {
			t.Errorf("a disowned secret has the owner %q and the name %q", s.Owner, s.Name)
		}
		live("ann", "", 0)
	})
}
