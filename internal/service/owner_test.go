package service_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"letterlock"
	"letterlock/internal/service"
)

// viewBy opens x as somebody who has the link.
func (h *house) viewBy(c letterlock.Caller, x *sealed, v tab) error {
	c.Link = x.link
	_, err := h.ViewSecret(ctx, c, x.id(), letterlock.NewView{ID: v.id, Hash: v.secret.Hash(), Access: v.access})
	return err
}

// peekBy is what somebody who has the link sees of x before opening.
func (h *house) peekBy(t testing.TB, c letterlock.Caller, x *sealed) letterlock.Preview {
	t.Helper()
	c.Link = x.link
	seen, err := h.PeekSecret(ctx, c, x.id())
	if err != nil {
		t.Fatalf("PeekSecret: %v", err)
	}
	return seen
}

func membersOnly(n *letterlock.NewSecret) { n.OrganizationOnly = true }

func TestCreateSecretAsSomebody(t *testing.T) {
	companies(t, func(t *testing.T, h *company) {
		bound := h.token(t, h.member, service.NewToken{Org: h.org, Scopes: letterlock.Scopes()})
		reads := h.token(t, h.member, service.NewToken{Scopes: []letterlock.Scope{letterlock.ScopeRead}})
		for name, test := range map[string]struct {
			letterlock.Caller
			change func(n *letterlock.NewSecret)
			want   string
		}{
			"nobody with all of it": {from(home), func(n *letterlock.NewSecret) {
				n.Org, n.OrganizationOnly, n.Name, n.Language = h.org, true, "x", "en"
			}, "invalid organization:not_signed_in organization_only:not_signed_in name:not_signed_in language:not_signed_in"},
			"a bad name":                   {h.member.Caller, func(n *letterlock.NewSecret) { n.Name = "two\nlines" }, "invalid name:not_text"},
			"members only of none":         {h.member.Caller, func(n *letterlock.NewSecret) { n.OrganizationOnly = true }, "invalid organization_only:no_organization"},
			"another organization":         {h.member.Caller, func(n *letterlock.NewSecret) { n.Org = h.other }, "not_found"},
			"no such organization":         {h.member.Caller, func(n *letterlock.NewSecret) { n.Org = "unknown" }, "not_found"},
			"who was removed":              {h.removed.Caller, func(n *letterlock.NewSecret) { n.Org = h.org }, "not_found"},
			"a token outside of its own":   {bound, func(n *letterlock.NewSecret) { n.Org = h.other }, "not_found"},
			"a token, personally":          {bound, func(n *letterlock.NewSecret) {}, "forbidden"},
			"a token, in its own":          {bound, func(n *letterlock.NewSecret) { n.Org = h.org }, "ok"},
			"a token without the scope":    {reads, func(n *letterlock.NewSecret) {}, "forbidden"},
			"a token that may not, in org": {reads, func(n *letterlock.NewSecret) { n.Org = h.org }, "forbidden"},
		} {
			x := seal(1)
			test.change(&x.NewSecret)
			_, created, err := h.CreateSecret(ctx, test.Caller, &x.NewSecret)
			want(t, "CreateSecret by "+name, err, test.want)
			if created != (err == nil) {
				t.Errorf("CreateSecret by %s: created %t, %v", name, created, err)
			}
			if err != nil {
				want(t, "PeekSecret after that", h.peek(x), "not_found")
			}
		}
		x := h.share(t, h.member, h.org, membersOnly, func(n *letterlock.NewSecret) { n.Name, n.Language = "Prod", "de" })
		r := h.receipt(t, x)
		if r.Secret.Owner != h.member.User.ID || r.Org != h.org || !r.OrganizationOnly || r.Name != "Prod" || r.Language != "de" {
			t.Errorf("the receipt says %+v", r.Secret)
		}
		wanted := []letterlock.Event{{
			SecretID: x.id(), At: h.Clock.Now(), Action: letterlock.ActionCreated,
			Actor: h.member.User.ID, ActorName: "member@example.org", Org: h.org, Net: home,
		}}
		if diff := cmp.Diff(wanted, r.Events); diff != "" {
			t.Errorf("the events of a new secret (-want +got):\n%s", diff)
		}
		moved := x.NewSecret
		moved.OrganizationOnly = false
		_, _, err := h.CreateSecret(ctx, h.member.Caller, &moved)
		want(t, "the same secret for everyone", err, "conflict")
	})
}

func TestPolicyAtCreation(t *testing.T) {
	companies(t, func(t *testing.T, h *company) {
		free := seal(letterlock.Unlimited)
		free.Org, free.Limits.ExpiresIn = h.org, 2*time.Hour
		if _, _, err := h.CreateSecret(ctx, h.member.Caller, &free.NewSecret); err != nil {
			t.Fatalf("CreateSecret: %v", err)
		}
		strict := letterlock.Policy{MaxLifetime: time.Hour, MaxViews: 5, PasswordRequired: true}
		want(t, "SetPolicy", h.SetPolicy(ctx, h.admin.Caller, h.org, strict), "ok")
		h.unchanged(t, func() {
			_, created, err := h.CreateSecret(ctx, h.member.Caller, &free.NewSecret)
			want(t, "the same CreateSecret after the policy was set", err, "ok")
			if created {
				t.Error("the same CreateSecret made a second secret")
			}
			want(t, "SetPolicy again", h.SetPolicy(ctx, h.admin.Caller, h.org, strict), "ok")
			bad := letterlock.Policy{MaxLifetime: time.Second, MaxViews: -1}
			want(t, "SetPolicy that no secret can follow", h.SetPolicy(ctx, h.admin.Caller, h.org, bad), "invalid max_lifetime:out_of_range max_views:out_of_range")
		})
		x := seal(6)
		x.Org, x.Limits.ExpiresIn = h.org, 2*time.Hour
		_, created, err := h.CreateSecret(ctx, h.member.Caller, &x.NewSecret)
		want(t, "CreateSecret against the policy", err, "invalid expires_in:policy max_views:policy password:policy organization_only:policy")
		h.wantRefused(t, "CreateSecret against the policy", h.member.User.ID, letterlock.ErrInvalid)
		if created || outcome(h.peek(x)) != "not_found" {
			t.Error("a secret that the policy does not allow was kept")
		}
		h.share(t, h.member, h.org, membersOnly)
		h.share(t, h.member, "", func(n *letterlock.NewSecret) { n.Limits.ExpiresIn = 2 * time.Hour })
	})
}

// A policy counts for what was shared before it, at the next opening.
func TestPolicyAtOpening(t *testing.T) {
	both := "gate organization sign_in"
	for name, test := range map[string]struct {
		change func(p *letterlock.Policy)
		want   string // by a stranger
		member string
	}{
		"nothing":          {func(p *letterlock.Policy) {}, "ok", "ok"},
		"sharing outside":  {func(p *letterlock.Policy) { p.SharingOutside = false }, both, "ok"},
		"lifetime":         {func(p *letterlock.Policy) { p.MaxLifetime = 10 * time.Minute }, "gate policy", "gate policy"},
		"longer lifetime":  {func(p *letterlock.Policy) { p.MaxLifetime = 10*time.Minute + time.Second }, "ok", "ok"},
		"views":            {func(p *letterlock.Policy) { p.MaxViews = 1 }, "gate policy", "gate policy"},
		"more views":       {func(p *letterlock.Policy) { p.MaxViews = 3 }, "ok", "ok"},
		"password":         {func(p *letterlock.Policy) { p.PasswordRequired = true }, "gate policy", "gate policy"},
		"outside and more": {func(p *letterlock.Policy) { p.SharingOutside, p.PasswordRequired = false, true }, both + " policy", "gate policy"},
	} {
		t.Run(name, func(t *testing.T) {
			companies(t, func(t *testing.T, h *company) {
				x := seal(letterlock.Unlimited)
				x.Org = h.org
				if _, _, err := h.CreateSecret(ctx, h.member.Caller, &x.NewSecret); err != nil {
					t.Fatalf("CreateSecret: %v", err)
				}
				want(t, "ViewSecret before", h.viewBy(from(train), x, x.tab()), "ok")
				h.Clock.Advance(10 * time.Minute)
				policy := letterlock.DefaultPolicy()
				test.change(&policy)
				want(t, "SetPolicy", h.SetPolicy(ctx, h.owner.Caller, h.org, policy), "ok")
				for by, c := range map[string]letterlock.Caller{"a stranger": from(train), "a member": h.admin.Caller} {
					end := test.want
					if by == "a member" {
						end = test.member
					}
					if gates := h.peekBy(t, c, x).Gates; outcome(gate(gates)) != end {
						t.Errorf("PeekSecret by %s: gates %v, want %s", by, gates, end)
					}
					want(t, "ViewSecret by "+by, h.viewBy(c, x, x.tab()), end)
				}
			})
		})
	}
}

// gate is the refusal of who lacks something, nil of who lacks nothing.
func gate(missing []letterlock.Gate) error {
	if len(missing) == 0 {
		return nil
	}
	return &letterlock.Refusal{Code: letterlock.ErrGate, Gates: missing}
}

// An answer that is lost is a lost view where the organization wants it so.
func TestStrictViews(t *testing.T) {
	companies(t, func(t *testing.T, h *company) {
		x := h.share(t, h.member, h.org)
		before := x.tab()
		want(t, "ViewSecret before", h.viewBy(from(train), x, before), "ok")
		policy := letterlock.DefaultPolicy()
		policy.StrictViews = true
		want(t, "SetPolicy", h.SetPolicy(ctx, h.owner.Caller, h.org, policy), "ok")
		v := x.tab()
		want(t, "ViewSecret", h.viewBy(from(train), x, v), "ok")
		h.unchanged(t, func() {
			want(t, "ViewSecret again", h.viewBy(from(train), x, v), "gone view_closed")
			want(t, "ViewContent", h.content(v), "gone view_closed")
		})
		want(t, "ViewSecret again of the one before", h.viewBy(from(train), x, before), "ok")
		last := x.tab()
		want(t, "ViewSecret, the last", h.viewBy(from(train), x, last), "ok")
		want(t, "AcknowledgeView", h.acknowledge(last), "ok")
		h.Clock.Advance(letterlock.Grace)
		h.sweep(t)
		h.wantPurged(t, x)
	})
}

// Limited to the organization, a secret opens for who is a member at that
// moment. To others nothing of a view or of a password is counted.
func TestOrganizationOnly(t *testing.T) {
	companies(t, func(t *testing.T, h *company) {
		x := h.share(t, h.owner, h.org, membersOnly)
		h.unchanged(t, func() {
			want(t, "ViewSecret by nobody", h.viewBy(from(train), x, x.tab()), "gate organization sign_in")
			want(t, "ViewSecret by nobody with a wrong password", h.viewBy(from(train), x, x.wrongTab()), "gate organization sign_in")
		})
		foreign := h.token(t, h.outsider, service.NewToken{Scopes: letterlock.Scopes()})
		creates := h.token(t, h.member, service.NewToken{Scopes: []letterlock.Scope{letterlock.ScopeCreate}})
		for name, c := range map[string]letterlock.Caller{
			"the outsider": h.outsider.Caller, "who is invited": h.pending.Caller, "who was removed": h.removed.Caller,
			"a foreign token": foreign, "a token without the scope": creates,
		} {
			want(t, "ViewSecret by "+name, h.viewBy(c, x, x.wrongTab()), "gate organization")
			events := h.log(t, h.org, letterlock.EventQuery{})
			if last := events[0]; last.Actor != c.User.ID || last.SecretID != x.id() || last.Refused != letterlock.ErrGate {
				t.Errorf("the log's last line is %+v, want that %s was refused", last, name)
			}
		}
		if r := h.receipt(t, x); r.Views != 0 || r.PasswordFailures != 0 {
			t.Errorf("%d views and %d wrong passwords were counted for who may not open it", r.Views, r.PasswordFailures)
		}
		h.unchanged(t, func() {
			if gates := h.peekBy(t, h.member.Caller, x).Gates; len(gates) != 0 {
				t.Errorf("PeekSecret by a member: gates %v, want none", gates)
			}
		})
		want(t, "ViewSecret by a member with a wrong password", h.viewBy(h.member.Caller, x, x.wrongTab()), "wrong_password 9")
		v := x.tab()
		want(t, "ViewSecret by a member", h.viewBy(h.member.Caller, x, v), "ok")
		opened := h.log(t, h.org, letterlock.EventQuery{Action: letterlock.ActionOpened})
		if e := opened[0]; e.Actor != h.member.User.ID || e.Refused != "" || e.Net != home {
			t.Errorf("the log says of the opening: %+v, want the member, from home", e)
		}

		// Between looking and opening somebody may be removed.
		want(t, "RemoveMember", h.RemoveMember(ctx, h.owner.Caller, h.org, h.member.User.ID, service.Estate{}), "ok")
		want(t, "ViewSecret by who was a member", h.viewBy(h.member.Caller, x, x.tab()), "gate organization")
		want(t, "the same view again", h.viewBy(h.member.Caller, x, v), "ok")
	})
}

// Who opens what anyone may open is nobody's business, signed in or not.
func TestReadersAreNotNamed(t *testing.T) {
	companies(t, func(t *testing.T, h *company) {
		anonymous := h.create(t, sealWithPassword(3))
		personal, org := h.share(t, h.owner, ""), h.share(t, h.owner, h.org)
		for name, test := range map[string]struct {
			*sealed
			net letterlock.Net
		}{"anonymous": {anonymous, ""}, "personal": {personal, ""}, "the organization's": {org, home}} {
			v := test.tab()
			want(t, "ViewSecret with a wrong password", h.viewBy(h.outsider.Caller, test.sealed, test.wrongTab()), "wrong_password 9")
			want(t, "ViewSecret", h.viewBy(h.outsider.Caller, test.sealed, v), "ok")
			want(t, "AcknowledgeView", h.AcknowledgeView(ctx, letterlock.Caller{User: h.outsider.User, Net: home, View: v.secret}, v.id), "ok")
			for _, e := range h.receipt(t, test.sealed).Events[1:] {
				if e.Actor != "" || e.Net != test.net {
					t.Errorf("%s secret: the event %+v names the reader, or where from: want nobody, from %q", name, e, test.net)
				}
			}
		}
		withdrawn := h.member.Caller
		withdrawn.Manage = anonymous.manage
		want(t, "DeleteSecret by the manage token, signed in", h.DeleteSecret(ctx, withdrawn, anonymous.id()), "ok")
		for _, e := range h.receipt(t, anonymous).Events {
			if e.Actor != "" || e.Net != "" {
				t.Errorf("the event %+v of an anonymous secret names somebody", e)
			}
		}
	})
}

// Readers learn who sent it, and how its organization looks.
func TestPreview(t *testing.T) {
	companies(t, func(t *testing.T, h *company) {
		want(t, "SetBrand", h.SetBrand(ctx, h.owner.Caller, h.org, service.NewBrand{Name: "Acme", Accent: "#8a1c1c"}), "ok")
		want(t, "ChangeProfile", h.ChangeProfile(ctx, h.owner.Caller, "Olga", ""), "ok")
		sender := &letterlock.Sender{Name: "Olga", Email: "owner@example.org"}
		for name, test := range map[string]struct {
			x      *sealed
			sender *letterlock.Sender
			brand  *letterlock.Brand
		}{
			"anonymous":          {h.create(t, seal(1)), nil, nil},
			"personal":           {h.share(t, h.owner, ""), sender, nil},
			"the organization's": {h.share(t, h.owner, h.org), sender, &letterlock.Brand{Name: "Acme", Accent: "#8a1c1c"}},
		} {
			h.unchanged(t, func() {
				seen := h.peekBy(t, from(train), test.x)
				if diff := cmp.Diff(test.sender, seen.Sender); diff != "" {
					t.Errorf("%s: the sender (-want +got):\n%s", name, diff)
				}
				if diff := cmp.Diff(test.brand, seen.Brand); diff != "" {
					t.Errorf("%s: the brand (-want +got):\n%s", name, diff)
				}
			})
		}
	})
}

// The owner has the sender's verbs without the manage token, and so have admins
// for what is in their organization. For all others nothing is there.
func TestRightsOnSecrets(t *testing.T) {
	in := time.Minute
	verbs := map[string]func(h *company, c letterlock.Caller, x *sealed) error{
		"SecretReceipt": func(h *company, c letterlock.Caller, x *sealed) error {
			_, err := h.SecretReceipt(ctx, c, x.id())
			return err
		},
		"DeleteSecret": func(h *company, c letterlock.Caller, x *sealed) error { return h.DeleteSecret(ctx, c, x.id()) },
		"ChangeSecret": func(h *company, c letterlock.Caller, x *sealed) error {
			return h.ChangeSecret(ctx, c, x.id(), service.Change{ExpiresIn: &in})
		},
	}
	companies(t, func(t *testing.T, h *company) {
		want(t, "AddMember", h.AddMember(ctx, h.org, h.outsider.email(), letterlock.PlainMember), "ok")
		all := h.token(t, h.member, service.NewToken{Scopes: letterlock.Scopes()})
		bound := h.token(t, h.member, service.NewToken{Org: h.org, Scopes: letterlock.Scopes()})
		creates := h.token(t, h.member, service.NewToken{Scopes: []letterlock.Scope{letterlock.ScopeCreate}})
		for verb, call := range verbs {
			for _, test := range []struct {
				by string
				letterlock.Caller
				personal, org string
			}{
				{"nobody", from(home), "not_found", "not_found"},
				{"another member", h.outsider.Caller, "not_found", "not_found"},
				{"who was removed", h.removed.Caller, "not_found", "not_found"},
				{"who is invited", h.pending.Caller, "not_found", "not_found"},
				{"an admin", h.admin.Caller, "not_found", "ok"},
				{"the organization's owner", h.owner.Caller, "not_found", "ok"},
				{"the sender", h.member.Caller, "ok", "ok"},
				{"the sender's token", all, "ok", "ok"},
				{"the sender's token for the organization", bound, "not_found", "ok"},
				{"the sender's token without the scope", creates, "forbidden", "forbidden"},
			} {
				for space, end := range map[letterlock.OrgID]string{"": test.personal, h.org: test.org} {
					x := h.share(t, h.member, space)
					try := func() { want(t, verb+" by "+test.by+" in the space "+string(space), call(h, test.Caller, x), end) }
					if end == "not_found" {
						h.unchanged(t, try)
					} else {
						try()
					}
				}
			}
		}
		x := h.share(t, h.member, h.org)
		want(t, "DeleteSecret by an admin", h.DeleteSecret(ctx, h.admin.Caller, x.id()), "ok")
		last := h.log(t, h.org, letterlock.EventQuery{Action: letterlock.ActionDeleted})[0]
		if last.Actor != h.admin.User.ID || last.SecretID != x.id() || last.Net != home {
			t.Errorf("the log says of the deletion: %+v, want the admin, from home", last)
		}
	})
}
