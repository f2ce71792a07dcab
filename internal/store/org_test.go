package store_test

import (
	"errors"
	"testing"
	"time"

	"letterlock"
	"letterlock/internal/store"
	"letterlock/internal/testkit"
)

func TestOrgs(t *testing.T) {
	testkit.Engines(t, func(t *testing.T, e *testkit.Engine) {
		people(t, e)
		strict := &letterlock.Org{
			ID:   "strict",
			Name: "Strict",
			Policy: letterlock.Policy{
				MaxLifetime: day, MaxViews: 3, PasswordRequired: true, StrictViews: true,
			},
			EventLife: 30 * day,
			CreatedAt: e.Clock.Now(),
		}
		write(t, e.DB, func(tx *store.Tx) error { return tx.InsertOrg(strict) })
		expect := func(step string) {
			t.Helper()
			write(t, e.DB, func(tx *store.Tx) error {
				got, err := tx.Org("strict")
				locked, err2 := tx.LockOrg("strict")
				other, err3 := tx.Org("other")
				_, unknown := tx.Org("none")
				return errors.Join(want("Org "+step, strict, got, err), want("LockOrg "+step, strict, locked, err2),
					want("another Org "+step, newOrg(e, "other"), other, err3), none("Org", unknown))
			})
		}
		expect("at first")
		strict.Name, strict.Policy, strict.EventLife = "Lax", letterlock.DefaultPolicy(), letterlock.EventLife
		write(t, e.DB, func(tx *store.Tx) error {
			return errors.Join(tx.RenameOrg("strict", "Lax"), tx.SetPolicy("strict", strict.Policy), tx.SetEventLife("strict", strict.EventLife))
		})
		expect("after all was changed")
		read(t, e.DB, func(tx *store.Tx) error {
			ids, err := tx.OrgsByName("Lax", 2)
			first, err2 := tx.Orgs("", 2)
			rest, err3 := tx.Orgs("other", 2)
			return errors.Join(want("OrgsByName", []letterlock.OrgID{"strict"}, ids, err),
				want("Orgs", []letterlock.OrgID{"acme", "other"}, first, err2), want("the rest of Orgs", []letterlock.OrgID{"strict"}, rest, err3))
		})
	})
}

func TestBrands(t *testing.T) {
	testkit.Engines(t, func(t *testing.T, e *testkit.Engine) {
		people(t, e)
		for _, brand := range []*letterlock.Brand{
			{Name: "Acme", Logo: []byte("\x89PNG"), Accent: "#a72120", AccentDeep: "#8a1616"},
			{Name: "Acme Ltd"},
		} {
			write(t, e.DB, func(tx *store.Tx) error { return tx.SetBrand("acme", brand) })
			read(t, e.DB, func(tx *store.Tx) error {
				got, err := tx.Brand("acme")
				_, unknown := tx.Brand("other")
				return errors.Join(want("Brand", brand, got, err), none("Brand", unknown))
			})
		}
	})
}

// join adds a member that joined so long after the beginning.
func join(tx *store.Tx, e *testkit.Engine, org letterlock.OrgID, user letterlock.UserID, role letterlock.Role, after time.Duration) (*letterlock.Member, error) {
	m := &letterlock.Member{OrgID: org, UserID: user, Role: role, JoinedAt: e.Clock.Now().Add(after)}
	added, err := tx.InsertMember(m)
	return m, want("InsertMember", true, added, err)
}

func TestMembers(t *testing.T) {
	testkit.Engines(t, func(t *testing.T, e *testkit.Engine) {
		people(t, e)
		var bob, ann *letterlock.Member
		write(t, e.DB, func(tx *store.Tx) (err error) {
			var err2, err3 error
			bob, err = join(tx, e, "acme", "bob", letterlock.Owner, 0)
			ann, err2 = join(tx, e, "acme", "ann", letterlock.PlainMember, ms)
			_, err3 = join(tx, e, "other", "ann", letterlock.Admin, 0)
			again, err4 := tx.InsertMember(&letterlock.Member{OrgID: "acme", UserID: "bob", Role: letterlock.PlainMember, JoinedAt: ann.JoinedAt})
			return errors.Join(err, err2, err3, want("InsertMember again", false, again, err4))
		})
		list := func(m *letterlock.Member) letterlock.ListedMember {
			return letterlock.ListedMember{Member: *m, Email: letterlock.Email(m.UserID + "@example.org")}
		}
		write(t, e.DB, func(tx *store.Tx) error {
			one, err := tx.Member("acme", "ann")
			_, unknown := tx.Member("other", "bob")
			first, err2 := tx.Members("acme", letterlock.Member{}, 1)
			rest, err3 := tx.Members("acme", *bob, 5)
			memberships, err4 := tx.Memberships("ann")
			owners, err5 := tx.CountOwners("acme")
			return errors.Join(want("Member", ann, one, err), none("Member", unknown),
				want("Members", []letterlock.ListedMember{list(bob)}, first, err2),
				want("the rest of Members", []letterlock.ListedMember{list(ann)}, rest, err3),
				want("Memberships", []letterlock.Membership{
					{Org: *newOrg(e, "other"), Role: letterlock.Admin}, {Org: *newOrg(e, "acme"), Role: letterlock.PlainMember},
				}, memberships, err4),
				want("CountOwners", 1, owners, err5))
		})
		write(t, e.DB, func(tx *store.Tx) error {
			if err := errors.Join(tx.SetRole("acme", "ann", letterlock.Owner), tx.DeleteMember("acme", "bob")); err != nil {
				return err
			}
			owners, err := tx.CountOwners("acme")
			_, gone := tx.Member("acme", "bob")
			other, err2 := tx.Member("other", "ann")
			return errors.Join(want("CountOwners", 1, owners, err), none("Member that left", gone), none("DeleteMember again", tx.DeleteMember("acme", "bob")),
				none("SetRole of no member", tx.SetRole("acme", "bob", letterlock.Owner)), want("role elsewhere", letterlock.Admin, other.Role, err2))
		})
	})
}

// Two owners who leave at once: under the lock of the organization, the one who
// comes second sees that they are the last.
func TestLastOwnerStays(t *testing.T) {
	testkit.Engines(t, func(t *testing.T, e *testkit.Engine) {
		people(t, e)
		owners := []letterlock.UserID{"ann", "bob"}
		write(t, e.DB, func(tx *store.Tx) error {
			_, err := join(tx, e, "acme", "ann", letterlock.Owner, 0)
			_, err2 := join(tx, e, "acme", "bob", letterlock.Owner, 0)
			return errors.Join(err, err2)
		})
		turn := make(chan letterlock.UserID, 16)
		for i := range cap(turn) {
			turn <- owners[i%2]
		}
		left := race(t, e, func(tx *store.Tx) (bool, error) {
			user := <-turn
			turn <- user // a transaction may run again
			if _, err := tx.LockOrg("acme"); err != nil {
				return false, err
			}
			if n, err := tx.CountOwners("acme"); err != nil || n < 2 {
				return false, err
			}
			err := tx.DeleteMember("acme", user)
			return err == nil, err
		})
		read(t, e.DB, func(tx *store.Tx) error {
			n, err := tx.CountOwners("acme")
			return errors.Join(want("owners that left", 1, left, nil), want("CountOwners", 1, n, err))
		})
	})
}

func TestInvitations(t *testing.T) {
	testkit.Engines(t, func(t *testing.T, e *testkit.Engine) {
		people(t, e)
		now := e.Clock.Now()
		invite := func(id letterlock.InvitationID, org letterlock.OrgID, email letterlock.Email, wanted bool) *letterlock.Invitation {
			t.Helper()
			i := &letterlock.Invitation{
				ID: id, OrgID: org, Email: email, Role: letterlock.Admin, Hash: letterlock.Hash{id[0]}, InvitedBy: "ann",
				CreatedAt: now, ExpiresAt: now.Add(letterlock.InvitationLife),
			}
			write(t, e.DB, func(tx *store.Tx) error {
				added, err := tx.InsertInvitation(i)
				return want("InsertInvitation "+string(id), wanted, added, err)
			})
			return i
		}
		a := invite("a", "acme", "New@example.org", true)
		invite("x", "acme", "nEW@example.org", false)
		b := invite("b", "acme", "another@example.org", true)
		c := invite("c", "other", "New@example.org", true)
		expect := func(step string, wanted ...*letterlock.Invitation) {
			t.Helper()
			read(t, e.DB, func(tx *store.Tx) error {
				got, err := tx.Invitations("acme", letterlock.Invitation{}, 5)
				return want("Invitations "+step, append([]*letterlock.Invitation{}, wanted...), got, err)
			})
		}
		expect("at first", a, b)
		read(t, e.DB, func(tx *store.Tx) error {
			one, err := tx.Invitation("acme", "a")
			_, elsewhere := tx.Invitation("other", "a")
			byHash, err2 := tx.InvitationByHash(letterlock.Hash{'c'})
			rest, err3 := tx.Invitations("acme", *a, 5)
			return errors.Join(want("Invitation", a, one, err), none("Invitation of another organization", elsewhere),
				want("InvitationByHash", c, byHash, err2), want("the rest of Invitations", []*letterlock.Invitation{b}, rest, err3))
		})
		b.Hash, b.ExpiresAt, b.InvitedBy = letterlock.Hash{'n'}, now.Add(2*letterlock.InvitationLife), "bob"
		stray, late := *b, *a
		stray.OrgID = "other"
		for _, test := range []struct {
			call string
			f    func(*store.Tx) (bool, error)
			want bool
		}{
			{"AcceptInvitation at its end", func(tx *store.Tx) (bool, error) { return tx.AcceptInvitation("a", a.ExpiresAt) }, false},
			{"RevokeInvitation of another organization", func(tx *store.Tx) (bool, error) { return tx.RevokeInvitation("other", "a", now) }, false},
			{"RenewInvitation of another organization", func(tx *store.Tx) (bool, error) { return tx.RenewInvitation(&stray) }, false},
			{"RenewInvitation", func(tx *store.Tx) (bool, error) { return tx.RenewInvitation(b) }, true},
			{"AcceptInvitation", func(tx *store.Tx) (bool, error) { return tx.AcceptInvitation("a", a.ExpiresAt.Add(-ms)) }, true},
			{"AcceptInvitation again", func(tx *store.Tx) (bool, error) { return tx.AcceptInvitation("a", now) }, false},
			{"RevokeInvitation after that", func(tx *store.Tx) (bool, error) { return tx.RevokeInvitation("acme", "a", now) }, false},
			{"RenewInvitation after that", func(tx *store.Tx) (bool, error) { return tx.RenewInvitation(&late) }, false},
			{"RevokeInvitation", func(tx *store.Tx) (bool, error) { return tx.RevokeInvitation("other", "c", now) }, true},
			{"AcceptInvitation after that", func(tx *store.Tx) (bool, error) { return tx.AcceptInvitation("c", now) }, false},
		} {
			write(t, e.DB, func(tx *store.Tx) error {
				took, err := test.f(tx)
				return want(test.call, test.want, took, err)
			})
		}
		expect("in the end", b)
		invite("y", "acme", "New@example.org", true) // once the first one was accepted
		if n := race(t, e, func(tx *store.Tx) (bool, error) { return tx.AcceptInvitation("b", now) }); n != 1 {
			t.Errorf("an invitation was accepted %d times side by side, want 1", n)
		}
	})
}
