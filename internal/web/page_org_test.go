package web_test

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"letterlock"
	"letterlock/internal/testkit"
)

var invitationLink = regexp.MustCompile(`value="[^"]*/invitation#([\w-]+)"`)

// Somebody is invited, looks, signs in in between, and joins by a click of their
// own.
func TestInvitationForms(t *testing.T) {
	h := newHouse(t, testkit.ServerConfig{})
	box := h.mailbox(t)
	res := h.ada.post(t, "/organization", "do", "invite", "email", "eve@example.org", "role", "admin")
	res.wantPage(t, "an invitation", 200, "hand over this link")
	shown := invitationLink.FindSubmatch(res.body)
	mailed := h.links(t, box)["eve@example.org"]
	if shown == nil || mailed != [2]string{"/invitation", string(shown[1])} {
		t.Fatalf("the link shown is %q, the one mailed %q, want the same", shown, mailed)
	}
	ticket := mailed[1]

	b := h.anybody()
	b.get(t, "/invitation").wantPage(t, "GET /invitation", 200, "Looking at it accepts nothing.")
	before := h.Dump(t)
	b.post(t, "/invitation", "do", "look", "ticket", ticket).wantPage(t, "a look", 200, "You are invited to Acme")
	if h.Dump(t) != before {
		t.Error("looking at an invitation writes something")
	}
	b.post(t, "/invitation", "do", "accept", "ticket", ticket).wantGone(t, "to accept by nobody", "/signin?next=%2Finvitation")
	b.post(t, "/invitation", "do", "sign_in", "ticket", ticket, "email", "eve@example.org", "password", "wrong, surely wrong").
		wantPage(t, "a wrong password", 403, "do not belong together")
	h.bob.post(t, "/invitation", "do", "look", "ticket", ticket).wantPage(t, "a look by somebody else", 200, "The invitation is for somebody else")
	h.bob.post(t, "/invitation", "do", "accept", "ticket", ticket).wantPage(t, "to accept by somebody else", 403, "This invitation is for another address.")
	b.post(t, "/invitation", "do", "sign_in", "ticket", ticket, "email", "eve@example.org", "password", testkit.Password).wantPage(t, "sign in", 200, "Join Acme")
	b.post(t, "/invitation", "do", "accept", "ticket", ticket).wantGone(t, "accept", "/organization")
	b.get(t, "/organization").wantPage(t, "the organization", 200, "You are a member now.")
	h.bob.post(t, "/invitation", "do", "sign_out", "ticket", ticket).wantPage(t, "a used invitation", 410, "This invitation was used")
}

// Without an account, one is made in between, and only for the invited address.
func TestInvitationWithoutAnAccount(t *testing.T) {
	h := newHouse(t, testkit.ServerConfig{})
	box := h.mailbox(t)
	res := h.ada.post(t, "/organization", "do", "invite", "email", "zoe@example.org", "role", "member")
	ticket := string(invitationLink.FindSubmatch(res.body)[1])
	h.links(t, box)
	b := h.anybody()
	b.post(t, "/invitation", "do", "sign_up", "ticket", ticket).wantPage(t, "sign up", 200, "The link is on its way to you.")
	link := h.links(t, box)["zoe@example.org"]
	b.post(t, link[0], "do", "verify", "ticket", link[1], "name", "Zoe", "password", newPassword).wantGone(t, "verify", "/secrets")
	b.post(t, "/invitation", "do", "look", "ticket", ticket).wantPage(t, "a look", 200, "Join Acme")
	b.post(t, "/invitation", "do", "accept", "ticket", ticket).wantGone(t, "accept", "/organization")
}

// An organization is made, renamed, left; invitations are renewed and taken
// back; members get roles and go.
func TestOrganizationForms(t *testing.T) {
	h := newHouse(t, testkit.ServerConfig{})
	h.ada.post(t, "/organization/new", "do", "create", "name", "Second").wantGone(t, "create", "/organization")
	h.ada.get(t, "/organization").wantPage(t, "the new one", 200, "<bdi>Second</bdi></h1>")
	h.ada.post(t, "/switch", "space", "", "next", "/account").wantGone(t, "to the personal space", "/account")
	h.ada.get(t, "/organization").wantGone(t, "no organization there", "/organization/new")
	if res := h.ada.post(t, "/switch", "space", string(h.evil.ID), "next", "/organization"); res.status != 404 {
		t.Errorf("to another's organization = %d, want 404", res.status)
	}
	h.ada.post(t, "/switch", "space", string(h.acme.ID), "next", "/organization").wantGone(t, "back", "/organization")

	h.ada.post(t, "/organization", "do", "rename", "name", "Acme & Sons").wantGone(t, "rename", "/organization")
	h.ada.get(t, "/organization").wantPage(t, "renamed", 200, "Acme &amp; Sons")
	first := h.ada.post(t, "/organization", "do", "invite", "email", "zoe@example.org", "role", "owner")
	id := regexp.MustCompile(`name="invitation" value="(\w+)"`).FindSubmatch(first.body)
	second := h.ada.post(t, "/organization", "do", "renew", "invitation", string(id[1]))
	second.wantPage(t, "renew", 200, "Invitation for zoe@example.org")
	was, is := string(invitationLink.FindSubmatch(first.body)[1]), string(invitationLink.FindSubmatch(second.body)[1])
	h.anybody().post(t, "/invitation", "do", "look", "ticket", was).wantPage(t, "the link before", 404, "There is no such invitation")
	h.ada.post(t, "/organization", "do", "revoke", "invitation", string(id[1])).wantGone(t, "take back", "/organization")
	h.anybody().post(t, "/invitation", "do", "look", "ticket", is).wantPage(t, "one taken back", 410, "This invitation was used, taken back, or is too old.")

	member := "/organization/members/" + string(h.bob.who.ID)
	h.ada.post(t, member, "do", "role", "role", "admin").wantGone(t, "another role", "/organization")
	h.bob.get(t, "/organization/policy").wantPage(t, "the policy for an admin", 200, "Policy")
	h.bob.post(t, member, "do", "role", "role", "owner").wantPage(t, "a role above one's own", 403, "You may not do that.")
	h.ada.post(t, member, "do", "remove", "hand_to", string(h.ada.who.ID)).wantGone(t, "remove", "/organization")
	h.bob.get(t, "/organization").wantGone(t, "the organization of who was removed", "/organization/new")
	if res := h.ada.get(t, member); res.status != 404 {
		t.Errorf("a member who was removed = %d, want 404", res.status)
	}
}

// Policy, log, brand: what is saved is what is shown.
func TestPolicyAndBrandForms(t *testing.T) {
	h := newHouse(t, testkit.ServerConfig{})
	h.ada.post(t, "/organization/policy", "do", "policy", "password_required", "1", "max_lifetime", "7", "max_views", "3").wantGone(t, "policy", "/organization/policy")
	h.ada.post(t, "/organization/policy", "do", "log", "event_life", "90").wantGone(t, "log", "/organization/policy")
	m, err := h.Service.Org(t.Context(), h.ada.who.Caller(), h.acme.ID)
	if want := (letterlock.Policy{PasswordRequired: true, MaxLifetime: 7 * 24 * 3600e9, MaxViews: 3}); err != nil || m.Org.Policy != want {
		t.Errorf("the policy is %+v (%v), want %+v", m.Org.Policy, err, want)
	}
	for _, shown := range []string{`value="7"`, `value="3"`, `value="90"`} {
		h.ada.get(t, "/organization/policy").wantPage(t, "the policy", 200, shown)
	}

	m.Org.Policy.MaxLifetime = 36 * time.Hour
	if err := h.Service.SetPolicy(t.Context(), h.ada.who.Caller(), h.acme.ID, m.Org.Policy); err != nil {
		t.Fatal(err)
	}
	h.ada.post(t, "/organization/policy", "do", "policy", "max_lifetime", "2", "max_views", "4").wantGone(t, "policy", "/organization/policy")
	if m, err = h.Service.Org(t.Context(), h.ada.who.Caller(), h.acme.ID); err != nil || m.Org.Policy.MaxLifetime != 36*time.Hour || m.Org.Policy.MaxViews != 4 {
		t.Errorf("a policy of 36 hours, saved with other views, is %+v (%v)", m.Org.Policy, err)
	}

	h.ada.upload(t, "/organization/brand", blank(t, 40, 20), "do", "brand", "name", "Acme Inc.", "accent", "7A1F22", "accent_deep", "").wantGone(t, "brand", "/organization/brand")
	page := h.ada.get(t, "/organization/brand")
	page.wantPage(t, "the brand", 200, `value="#7a1f22"`)
	page.wantPage(t, "the brand", 200, "/organization/logo")
	if res := h.bob.get(t, "/organization/logo"); res.status != 200 || res.header.Get("Content-Type") != "image/png" || !strings.HasPrefix(string(res.body), "\x89PNG") {
		t.Errorf("GET of the logo by a member = %d of type %s", res.status, res.header.Get("Content-Type"))
	}
	h.ada.upload(t, "/organization/brand", []byte("<svg/>"), "do", "brand", "name", "Acme Inc.").wantPage(t, "no picture", 422, "This is neither a PNG nor a JPEG.")
	h.ada.upload(t, "/organization/brand", blank(t, 1025, 1), "do", "brand", "name", "Acme Inc.").wantPage(t, "a wide picture", 422, "This picture is too large.")
	if res := h.ada.upload(t, "/organization/brand", make([]byte, 200<<10), "do", "brand"); res.status != 413 {
		t.Errorf("a form of 200 KiB = %d, want 413", res.status)
	}
	h.ada.upload(t, "/organization/brand", nil, "do", "brand", "name", "Acme Inc.", "remove_logo", "1").wantGone(t, "remove the logo", "/organization/brand")
	if res := h.ada.get(t, "/organization/logo"); res.status != 404 {
		t.Errorf("GET of a logo that was removed = %d, want 404", res.status)
	}
}

// The log is found, filtered, exported; an export is recorded, and takes a form.
func TestEventForms(t *testing.T) {
	h := newHouse(t, testkit.ServerConfig{})
	h.ada.post(t, "/organization", "do", "rename", "name", "Acme 2").wantGone(t, "rename", "/organization")
	h.secret(t)
	all := h.ada.get(t, "/organization/events")
	all.wantPage(t, "the log", 200, "Organization renamed")
	all.wantPage(t, "the log", 200, "Secret shared")
	some := h.ada.get(t, "/organization/events?action=created&actor="+string(h.ada.who.ID)+"&from=2020-01-01&until=2030-01-01")
	if some.wantPage(t, "the log, filtered", 200, "<td"); strings.Contains(string(some.body), "Organization renamed</th>") || !strings.Contains(string(some.body), `rowheader" scope="row">Secret shared`) {
		t.Error("the filter does not filter")
	}
	h.ada.get(t, "/organization/events?until=2020-01-01").wantPage(t, "a time before", 200, "Nothing found")
	for do, begins := range map[string]string{"csv": "at,action,", "ndjson": "{"} {
		res := h.ada.post(t, "/organization/events", "do", do, "action", "created")
		if res.status != 200 || !strings.HasPrefix(string(res.body), begins) || !strings.Contains(res.header.Get("Content-Disposition"), "attachment") || strings.Contains(string(res.body), "renamed") {
			t.Errorf("export as %s = %d %q", do, res.status, res.body)
		}
	}
	h.ada.get(t, "/organization/events").wantPage(t, "the log", 200, "Audit log exported")
	for _, path := range []string{"/organization/events", "/organization/policy", "/organization/brand"} {
		if res := h.bob.get(t, path); res.status != 403 {
			t.Errorf("GET %s by a member = %d, want 403", path, res.status)
		}
	}
	for _, path := range []string{"/instance", "/setup/general", "/organization/members/" + string(h.ada.who.ID)} {
		if res := h.bob.get(t, path); res.status != 404 {
			t.Errorf("GET %s by a member = %d, want 404", path, res.status)
		}
	}
}
