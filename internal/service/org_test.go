package service_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"letterlock"
	"letterlock/internal/service"
)

// company is an organization with a member of each role, people who are near it
// and not in it, and another organization.
type company struct {
	*house
	org, other letterlock.OrgID

	owner, admin, member *person
	pending              *person // invited, and has not accepted
	removed              *person // was a member
	outsider             *person // the owner of the other organization
}

// companies runs f on a company of its own, on each engine.
func companies(t *testing.T, f func(t *testing.T, h *company)) {
	t.Helper()
	accounts(t, func(t *testing.T, house *house) {
		h := &company{house: house}
		for name, p := range map[string]**person{
			"owner": &h.owner, "admin": &h.admin, "member": &h.member,
			"pending": &h.pending, "removed": &h.removed, "outsider": &h.outsider,
		} {
			*p = h.join(t, name+"@example.org")
		}
		h.org, h.other = h.found(t, h.owner, "Acme"), h.found(t, h.outsider, "Other")
		for p, role := range map[*person]letterlock.Role{h.admin: letterlock.Admin, h.member: letterlock.PlainMember, h.removed: letterlock.Admin} {
			if err := h.AddMember(ctx, h.org, p.email(), role); err != nil {
				t.Fatalf("AddMember: %v", err)
			}
		}
		if err := h.RemoveMember(ctx, h.owner.Caller, h.org, h.removed.User.ID, service.Estate{}); err != nil {
			t.Fatalf("RemoveMember: %v", err)
		}
		h.invite(t, h.owner, h.pending.email(), letterlock.Owner)
		for _, p := range []*person{h.owner, h.admin, h.member, h.pending, h.removed, h.outsider} {
			h.again(t, p)
		}
		f(t, h)
	})
}

// found makes an organization.
func (h *house) found(t testing.TB, p *person, name string) letterlock.OrgID {
	t.Helper()
	org, err := h.CreateOrg(ctx, p.Caller, name)
	if err != nil {
		t.Fatalf("CreateOrg: %v", err)
	}
	return org.ID
}

// again looks a person's session up once more.
func (h *house) again(t testing.TB, p *person) {
	t.Helper()
	var err error
	if p.Caller, err = h.SessionCaller(ctx, from(home), p.cookie); err != nil {
		t.Fatalf("SessionCaller: %v", err)
	}
}

// near are those who are near the organization and not in it.
func (h *company) near() map[string]*person {
	return map[string]*person{"pending": h.pending, "removed": h.removed, "outsider": h.outsider}
}

// wantRefused checks that the last line of the organization's log tells of a
// refusal.
func (h *company) wantRefused(t testing.TB, call string, who letterlock.UserID, why letterlock.Code) {
	t.Helper()
	events, err := h.Events(ctx, h.owner.Caller, letterlock.EventQuery{Org: h.org, Limit: 1})
	if err != nil || len(events) != 1 || events[0].Actor != who || events[0].Refused != why || events[0].Net != home {
		t.Errorf("%s: the last line of the log is %+v, %v; want a refusal of %s, %s, from %s", call, events, err, who, why, home)
	}
}

// right is a verb and how it ends for those of each role. Whoever is not in the
// organization does not find it, and nobody signed in is told to.
type right struct {
	verb                        string
	call                        func(c letterlock.Caller) error
	member, admin, owner, token string
}

// rights of every verb about an organization. The token is the owner's and has
// every scope.
func (h *company) rights(t *testing.T) []right {
	guests := 0
	guest := func() string { guests++; return fmt.Sprintf("guest%d@example.org", guests) }
	renewed, _ := h.invite(t, h.owner, guest(), letterlock.PlainMember)
	revoked, _ := h.invite(t, h.owner, guest(), letterlock.PlainMember)
	days := letterlock.MinEventLife
	return []right{
		{"Org", func(c letterlock.Caller) error { _, err := h.Org(ctx, c, h.org); return err }, "ok", "ok", "ok", "ok"},
		{"Members", func(c letterlock.Caller) error {
			_, err := h.Members(ctx, c, h.org, letterlock.Member{}, 10)
			return err
		}, "ok", "ok", "ok", "ok"},
		{"Brand", func(c letterlock.Caller) error { _, err := h.Brand(ctx, c, h.org); return err }, "ok", "ok", "ok", "ok"},
		{"SwitchOrg", func(c letterlock.Caller) error { return h.SwitchOrg(ctx, c, h.org) }, "ok", "ok", "ok", "forbidden"},
		{"ListSecrets", func(c letterlock.Caller) error {
			_, err := h.ListSecrets(ctx, c, letterlock.SecretQuery{Org: h.org, Sort: letterlock.ByCreated, Limit: 1})
			return err
		}, "forbidden", "ok", "ok", "ok"},
		{"Invitations", func(c letterlock.Caller) error {
			_, err := h.Invitations(ctx, c, h.org, letterlock.Invitation{}, 10)
			return err
		}, "forbidden", "ok", "ok", "ok"},
		{"Events", func(c letterlock.Caller) error {
			_, err := h.Events(ctx, c, letterlock.EventQuery{Org: h.org, Limit: 1})
			return err
		}, "forbidden", "ok", "ok", "ok"},
		{"ExportEvents", func(c letterlock.Caller) error {
			_, err := h.ExportEvents(ctx, c, letterlock.EventQuery{Org: h.org})
			return err
		}, "forbidden", "ok", "ok", "ok"},
		{"RenameOrg", func(c letterlock.Caller) error { return h.RenameOrg(ctx, c, h.org, "Acme & Co") }, "forbidden", "ok", "ok", "forbidden"},
		{"SetPolicy", func(c letterlock.Caller) error { return h.SetPolicy(ctx, c, h.org, letterlock.DefaultPolicy()) }, "forbidden", "ok", "ok", "forbidden"},
		{"SetEventLife", func(c letterlock.Caller) error { days += 24 * time.Hour; return h.SetEventLife(ctx, c, h.org, days) }, "forbidden", "forbidden", "ok", "forbidden"},
		{"SetBrand", func(c letterlock.Caller) error { return h.SetBrand(ctx, c, h.org, service.NewBrand{Name: "A"}) }, "forbidden", "ok", "ok", "forbidden"},
		{"ChangeRole", func(c letterlock.Caller) error {
			return h.ChangeRole(ctx, c, h.org, h.member.User.ID, letterlock.PlainMember)
		}, "forbidden", "ok", "ok", "forbidden"},
		{"RemoveMember", func(c letterlock.Caller) error {
			return h.RemoveMember(ctx, c, h.org, h.outsider.User.ID, service.Estate{})
		}, "forbidden", "not_found", "not_found", "forbidden"},
		{"Invite", func(c letterlock.Caller) error {
			_, _, err := h.Invite(ctx, c, h.org, service.NewInvitation{Email: guest(), Role: letterlock.Admin})
			return err
		}, "forbidden", "ok", "ok", "forbidden"},
		{"RenewInvitation", func(c letterlock.Caller) error {
			_, err := h.RenewInvitation(ctx, c, h.org, renewed.ID, "")
			return err
		}, "forbidden", "ok", "ok", "forbidden"},
		{"RevokeInvitation", func(c letterlock.Caller) error { return h.RevokeInvitation(ctx, c, h.org, revoked.ID) }, "forbidden", "ok", "ok", "forbidden"},
	}
}

// What is refused inside the organization is in its log. To all others there is
// no such organization, and they leave no mark.
func TestRightsInAnOrganization(t *testing.T) {
	companies(t, func(t *testing.T, h *company) {
		token := h.token(t, h.owner, service.NewToken{Scopes: letterlock.Scopes()})
		for _, r := range h.rights(t) {
			h.unchanged(t, func() {
				want(t, r.verb+" by nobody", r.call(from(home)), "unauthorized")
				for name, p := range h.near() {
					want(t, r.verb+" by the "+name, r.call(p.Caller), "not_found")
				}
			})
			for _, by := range []struct {
				name string
				letterlock.Caller
				want string
			}{
				{"a member", h.member.Caller, r.member},
				{"an admin", h.admin.Caller, r.admin},
				{"an owner", h.owner.Caller, r.owner},
				{"an owner's token", token, r.token},
			} {
				call := r.verb + " by " + by.name
				err := r.call(by.Caller)
				want(t, call, err, by.want)
				if by.want == "forbidden" && r.verb != "SwitchOrg" {
					h.wantRefused(t, call, by.User.ID, letterlock.ErrForbidden)
				}
			}
		}
	})
}

func TestCreateOrg(t *testing.T) {
	accounts(t, func(t *testing.T, h *house) {
		ann := h.join(t, "ann@example.org")
		for name, end := range map[string]string{
			"":                       "invalid name:required",
			" ":                      "invalid name:required",
			"two\nlines":             "invalid name:not_text",
			fmt.Sprintf("%0101d", 1): "invalid name:too_long",
		} {
			h.unchanged(t, func() {
				_, err := h.CreateOrg(ctx, ann.Caller, name)
				want(t, fmt.Sprintf("CreateOrg(%q)", name), err, end)
			})
		}
		h.unchanged(t, func() {
			_, err := h.CreateOrg(ctx, from(home), "Acme")
			want(t, "CreateOrg by nobody", err, "unauthorized")
		})
		token := h.token(t, ann, service.NewToken{Scopes: letterlock.Scopes()})
		_, err := h.CreateOrg(ctx, token, "Acme")
		want(t, "CreateOrg by a token", err, "forbidden")
		unproved := ann.Caller
		unproved.User = &letterlock.User{ID: ann.User.ID, Email: ann.User.Email}
		_, err = h.CreateOrg(ctx, unproved, "Acme")
		want(t, "CreateOrg without a proved address", err, "forbidden")

		org, err := h.CreateOrg(ctx, ann.Caller, " Acme ")
		want(t, "CreateOrg", err, "ok")
		h.again(t, ann)
		if ann.Org != org.ID || ann.Role != letterlock.Owner {
			t.Errorf("after CreateOrg the session works in %q as %q, want %q as owner", ann.Org, ann.Role, org.ID)
		}
		orgs, err := h.Orgs(ctx, ann.Caller)
		wanted := []letterlock.Membership{{Role: letterlock.Owner, Org: letterlock.Org{
			ID: org.ID, Name: "Acme", Policy: letterlock.DefaultPolicy(), EventLife: letterlock.EventLife, CreatedAt: h.Clock.Now(),
		}}}
		if diff := cmp.Diff(wanted, orgs); err != nil || diff != "" {
			t.Errorf("Orgs: %v, (-want +got):\n%s", err, diff)
		}
	})
}

func TestRenameAndSwitch(t *testing.T) {
	companies(t, func(t *testing.T, h *company) {
		second := h.found(t, h.owner, "Second")
		want(t, "RenameOrg", h.RenameOrg(ctx, h.owner.Caller, second, " Third "), "ok")
		m, err := h.Org(ctx, h.owner.Caller, second)
		if err != nil || m.Org.Name != "Third" {
			t.Errorf("after RenameOrg, Org = %+v, %v; want the name Third", m, err)
		}
		h.unchanged(t, func() {
			want(t, "RenameOrg to the same", h.RenameOrg(ctx, h.owner.Caller, second, "Third"), "ok")
			want(t, "RenameOrg to nothing", h.RenameOrg(ctx, h.owner.Caller, second, ""), "invalid name:required")
		})
		for _, to := range []letterlock.OrgID{h.org, "", second} {
			want(t, "SwitchOrg", h.SwitchOrg(ctx, h.owner.Caller, to), "ok")
			if h.again(t, h.owner); h.owner.Org != to {
				t.Errorf("after SwitchOrg to %q the session works in %q", to, h.owner.Org)
			}
		}
	})
}

// The commands on the server's machine name people by address and organizations
// by id or name.
func TestOrgsByCommand(t *testing.T) {
	accounts(t, func(t *testing.T, h *house) {
		ann := h.join(t, "ann@example.org")
		for name, owner := range map[string]string{"not_found": "nobody@example.org", "invalid email:not_an_address": "nobody"} {
			h.unchanged(t, func() {
				_, err := h.Service.AddOrg(ctx, owner, "Acme")
				want(t, "AddOrg for "+owner, err, name)
			})
		}
		org, err := h.Service.AddOrg(ctx, "Ann@example.org", "Acme")
		want(t, "AddOrg", err, "ok")
		if m, err := h.Org(ctx, ann.Caller, org.ID); err != nil || m.Role != letterlock.Owner {
			t.Errorf("after AddOrg, Org = %+v, %v; want an owner", m, err)
		}
		named := func(name string, wantID letterlock.OrgID, end string) {
			t.Helper()
			id, err := h.OrgNamed(ctx, name)
			want(t, "OrgNamed "+name, err, end)
			if id != wantID {
				t.Errorf("OrgNamed(%q) = %q, want %q", name, id, wantID)
			}
		}
		named("Acme", org.ID, "ok")
		named(string(org.ID), org.ID, "ok")
		named("acme", "", "not_found")
		h.found(t, ann, "Acme")
		named("Acme", "", "conflict")
		named(string(org.ID), org.ID, "ok")
	})
}
