package service_test

import (
	"errors"
	"slices"
	"testing"

	"letterlock"
	"letterlock/internal/service"
)

func TestMembers(t *testing.T) {
	companies(t, func(t *testing.T, h *company) {
		var got []string
		after := letterlock.Member{}
		for range 5 {
			page, err := h.Members(ctx, h.member.Caller, h.org, after, 2)
			if err != nil {
				t.Fatalf("Members: %v", err)
			}
			for _, m := range page {
				got = append(got, string(m.Email)+" "+string(m.Role))
				after = m.Member
			}
		}
		slices.Sort(got)
		wanted := []string{"admin@example.org admin", "member@example.org member", "owner@example.org owner"}
		if !slices.Equal(got, wanted) {
			t.Errorf("Members, page by page = %v, want %v", got, wanted)
		}
		for _, limit := range []int{0, letterlock.MaxPage + 1} {
			_, err := h.Members(ctx, h.member.Caller, h.org, after, limit)
			want(t, "Members with a bad limit", err, "invalid limit:out_of_range")
		}
	})
}

func TestChangeRole(t *testing.T) {
	companies(t, func(t *testing.T, h *company) {
		for _, test := range []struct {
			call string
			by   *person
			of   *person
			to   letterlock.Role
			want string
		}{
			{"to no role", h.owner, h.member, "king", "invalid role:out_of_range"},
			{"of a stranger", h.owner, h.outsider, letterlock.Admin, "not_found"},
			{"by a member", h.member, h.member, letterlock.Admin, "forbidden"},
			{"above one's own", h.admin, h.member, letterlock.Owner, "forbidden"},
			{"of oneself above one's own", h.admin, h.admin, letterlock.Owner, "forbidden"},
			{"of who is above", h.admin, h.owner, letterlock.PlainMember, "forbidden"},
			{"of the last owner", h.owner, h.owner, letterlock.Admin, "last_owner"},
			{"up to one's own", h.admin, h.member, letterlock.Admin, "ok"},
			{"down", h.admin, h.member, letterlock.PlainMember, "ok"},
			{"to a second owner", h.owner, h.admin, letterlock.Owner, "ok"},
			{"of one owner of two", h.admin, h.owner, letterlock.PlainMember, "ok"},
			{"by who was an owner", h.owner, h.admin, letterlock.PlainMember, "forbidden"},
			{"of the last owner again", h.admin, h.admin, letterlock.PlainMember, "last_owner"},
		} {
			err := h.ChangeRole(ctx, test.by.Caller, h.org, test.of.User.ID, test.to)
			want(t, "ChangeRole "+test.call, err, test.want)
		}
	})
}

// Of two owners who step down side by side, one stays.
func TestAnOwnerStays(t *testing.T) {
	companies(t, func(t *testing.T, h *company) {
		want(t, "AddMember", h.AddMember(ctx, h.org, h.admin.email(), letterlock.Owner), "ok")
		both := []*person{h.owner, h.admin}
		ends := together(2, func(i int) error {
			if i == 0 {
				return h.ChangeRole(ctx, both[i].Caller, h.org, both[i].User.ID, letterlock.PlainMember)
			}
			return h.RemoveMember(ctx, both[i].Caller, h.org, both[i].User.ID, service.Estate{})
		})
		if ends["ok"] != 1 || ends["last_owner"] != 1 {
			t.Errorf("two owners step down side by side: %v, want one ok and one last_owner", ends)
		}
	})
}

// share makes a secret of somebody's in a space, or ends the test.
func (h *house) share(t testing.TB, p *person, org letterlock.OrgID, change ...func(*letterlock.NewSecret)) *sealed {
	t.Helper()
	x := sealWithPassword(3)
	x.Org = org
	for _, f := range change {
		f(&x.NewSecret)
	}
	if _, created, err := h.CreateSecret(ctx, p.Caller, &x.NewSecret); err != nil || !created {
		t.Fatalf("CreateSecret: created %t, %v; want true, ok", created, err)
	}
	return x
}

// ownerOf is who owns a secret now, by its receipt.
func (h *house) ownerOf(t testing.TB, x *sealed) letterlock.UserID {
	return h.receipt(t, x).Secret.Owner
}

// many is more secrets than one transaction does away with.
const many = 70

func TestRemoveMember(t *testing.T) {
	leave := map[string]struct {
		by     func(h *company) *person
		action letterlock.Action
	}{
		"removed": {func(h *company) *person { return h.admin }, letterlock.ActionRemoved},
		"left":    {func(h *company) *person { return h.member }, letterlock.ActionLeft},
	}
	for name, test := range leave {
		t.Run(name, func(t *testing.T) {
			companies(t, func(t *testing.T, h *company) {
				var live []*sealed
				for range many {
					live = append(live, h.share(t, h.member, h.org))
				}
				over, personal, others := h.share(t, h.member, h.org), h.share(t, h.member, ""), h.share(t, h.admin, h.org)
				want(t, "DeleteSecret", h.delete(over), "ok")
				want(t, "SwitchOrg", h.SwitchOrg(ctx, h.member.Caller, h.org), "ok")

				want(t, "RemoveMember", h.RemoveMember(ctx, test.by(h).Caller, h.org, h.member.User.ID, service.Estate{}), "ok")
				for _, x := range live {
					h.wantState(t, x, letterlock.Deleted, letterlock.ActionDeleted)
				}
				h.wantPurged(t, live[0])
				if owner := h.ownerOf(t, over); owner != "" {
					t.Errorf("a receipt of who left belongs to %q, want nobody", owner)
				}
				if owner := h.ownerOf(t, personal); owner != h.member.User.ID || h.peek(personal) != nil {
					t.Error("a personal secret of who left is not as it was")
				}
				if owner := h.ownerOf(t, others); owner != h.admin.User.ID || h.peek(others) != nil {
					t.Error("somebody else's secret is not as it was")
				}
				if h.again(t, h.member); h.member.Org != "" {
					t.Error("the session of who left still works in the organization")
				}
				_, err := h.Org(ctx, h.member.Caller, h.org)
				want(t, "Org by who left", err, "not_found")
				events, err := h.Events(ctx, h.owner.Caller, letterlock.EventQuery{Org: h.org, Action: test.action, Limit: 1})
				if err != nil || len(events) != 1 || events[0].Actor != test.by(h).User.ID || events[0].Subject != string(h.member.User.ID) {
					t.Errorf("the log's last %q is %+v, %v", test.action, events, err)
				}
			})
		})
	}
}

func TestRemoveMemberAndHandOver(t *testing.T) {
	companies(t, func(t *testing.T, h *company) {
		x, over := h.share(t, h.member, h.org), h.share(t, h.member, h.org)
		want(t, "DeleteSecret", h.delete(over), "ok")
		for call, heir := range map[string]letterlock.UserID{"a stranger": h.outsider.User.ID, "the same member": h.member.User.ID, "nobody there": "unknown"} {
			err := h.RemoveMember(ctx, h.owner.Caller, h.org, h.member.User.ID, service.Estate{HandTo: heir})
			want(t, "RemoveMember in favour of "+call, err, "invalid hand_to:out_of_range")
		}
		want(t, "RemoveMember", h.RemoveMember(ctx, h.owner.Caller, h.org, h.member.User.ID, service.Estate{HandTo: h.admin.User.ID}), "ok")
		for _, x := range []*sealed{x, over} {
			if owner := h.ownerOf(t, x); owner != h.admin.User.ID {
				t.Errorf("a secret that was handed over belongs to %q, want the admin", owner)
			}
		}
		want(t, "PeekSecret", h.peek(x), "ok")
		_, err := h.SecretReceipt(ctx, h.member.Caller, x.id())
		want(t, "SecretReceipt by who left", err, "not_found")
		_, err = h.SecretReceipt(ctx, h.admin.Caller, x.id())
		want(t, "SecretReceipt by the heir", err, "ok")
	})
}

func TestRemoveMemberRefuses(t *testing.T) {
	companies(t, func(t *testing.T, h *company) {
		for _, test := range []struct {
			call   string
			by, of *person
			want   string
		}{
			{"an admin by a member", h.member, h.admin, "forbidden"},
			{"an owner by an admin", h.admin, h.owner, "forbidden"},
			{"the last owner", h.owner, h.owner, "last_owner"},
			{"a stranger", h.owner, h.outsider, "not_found"},
		} {
			x := h.share(t, h.member, h.org)
			err := h.RemoveMember(ctx, test.by.Caller, h.org, test.of.User.ID, service.Estate{})
			want(t, "RemoveMember, "+test.call, err, test.want)
			want(t, "PeekSecret after that", h.peek(x), "ok")
		}
	})
}

func TestAddMember(t *testing.T) {
	companies(t, func(t *testing.T, h *company) {
		want(t, "AddMember", h.AddMember(ctx, h.org, h.outsider.email(), letterlock.Owner), "ok")
		h.unchanged(t, func() {
			want(t, "AddMember again", h.AddMember(ctx, h.org, h.outsider.email(), letterlock.Owner), "ok")
			want(t, "AddMember of nobody", h.AddMember(ctx, h.org, "nobody@example.org", letterlock.Admin), "not_found")
			want(t, "AddMember to nothing", h.AddMember(ctx, "unknown", h.outsider.email(), letterlock.Admin), "not_found")
			want(t, "AddMember of no address", h.AddMember(ctx, h.org, "nobody", letterlock.Admin), "invalid email:not_an_address")
			want(t, "AddMember with no role", h.AddMember(ctx, h.org, h.outsider.email(), ""), "invalid role:out_of_range")
		})
		want(t, "AddMember with another role", h.AddMember(ctx, h.org, h.outsider.email(), letterlock.PlainMember), "ok")
		h.unchanged(t, func() {
			err := h.AddMember(ctx, h.org, h.owner.email(), letterlock.Admin)
			if !errors.Is(err, letterlock.ErrLastOwner) {
				t.Errorf("AddMember that leaves no owner: %v, want last_owner", err)
			}
		})
	})
}
