package web_test

import (
	"encoding/csv"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/go-json-experiment/json"
	"github.com/google/go-cmp/cmp"

	"letterlock"
	"letterlock/api"
	"letterlock/internal/testkit"
)

// create is a create request of a fresh secret, by somebody, with more fields.
func (i *instance) create(t *testing.T, p *testkit.Person, more ...member) (request, *testkit.Sealed) {
	t.Helper()
	rt := routeNamed(t, "POST /secrets")
	i.fresh = testkit.Seal(t, "text", "")
	r := i.as(i.valid(t, rt), p)
	r.body = append(i.body(rt), more...).String()
	return r, i.fresh
}

// Whoever has an account names a secret, and where it belongs: where they work
// unless they say.
func TestCreateSignedIn(t *testing.T) {
	i := newInstance(t, testkit.ServerConfig{})
	id := string(i.org.ID)
	receipt := routeNamed(t, "GET /secrets/{id}")
	for what, tt := range map[string]struct {
		more []member
		org  *letterlock.OrgID
		only bool
	}{
		"no organization":        {[]member{{"name", text("Name")}}, &i.org.ID, false},
		"null":                   {[]member{{"name", text("Name")}, {"organization", "null"}}, nil, false},
		"the organization":       {[]member{{"name", text("Name")}, {"organization", text(id)}, {"language", text("de")}}, &i.org.ID, false},
		"the organization, only": {[]member{{"name", text("Name")}, {"organization_only", "true"}}, &i.org.ID, true},
	} {
		r, secret := i.create(t, i.owner, tt.more...)
		if res := i.send(t, r); res.status != 201 {
			t.Errorf("POST /secrets with %s = %d %s, want 201", what, res.status, res.body)
			continue
		}
		r = i.as(i.valid(t, receipt), i.owner).with(api.HeaderLinkProof)
		r.path = strings.Replace(r.path, string(i.secret.ID), string(secret.ID), 1)
		var got api.ReceiptResponse
		i.send(t, r).into(t, &got)
		want := api.Sender{Email: i.owner.Email}
		if got.Name != "Name" || !cmp.Equal(got.Organization, tt.org) || got.OrganizationOnly != tt.only || got.Owner == nil || *got.Owner != want {
			t.Errorf("the receipt of a secret with %s = %+v, want it by the owner, in %v, only %v", what, got, tt.org, tt.only)
		}
	}
	for field, tt := range map[string]struct {
		member member
		fault  letterlock.FieldCode
	}{
		"name":              {member{"name", text(strings.Repeat("n", 101))}, letterlock.FieldTooLong},
		"language":          {member{"language", text("canary")}, letterlock.FieldOutOfRange},
		"organization_only": {member{"organization_only", "true"}, letterlock.FieldNoOrg},
	} {
		r, _ := i.create(t, i.owner, member{"organization", "null"}, tt.member)
		bad{"POST /secrets", r, 422, letterlock.ErrInvalid, field, tt.fault}.check(t, i.send(t, r))
	}
}

// Readers learn who a secret is from and who may open it; those who may not are
// told what they lack, and count no view.
func TestGates(t *testing.T) {
	i := newInstance(t, testkit.ServerConfig{})
	i.send(t, i.valid(t, routeNamed(t, "PUT /organizations/{org}/brand")))
	r, secret := i.create(t, i.owner, member{"organization_only", "true"}, member{"language", text("de")})
	i.send(t, r)
	i.secret = secret
	peek, open := i.valid(t, routeNamed(t, "GET /secrets/{id}")), i.valid(t, routeNamed(t, "POST /secrets/{id}/views"))
	both := []letterlock.Gate{letterlock.GateOrganization, letterlock.GateSignIn}
	for _, tt := range []struct {
		who   string
		as    func(request) request
		gates []letterlock.Gate
	}{
		{"nobody", withoutAccount, both},
		{"a guest", func(r request) request { return i.as(r, i.guest) }, both[:1]},
		{"a member", func(r request) request { return i.as(r, i.member) }, []letterlock.Gate{}},
		{"a member's token", func(r request) request { return r.with("Authorization", "Bearer "+string(i.member.Token)) }, []letterlock.Gate{}},
		{"the owner", func(r request) request { return i.as(r, i.owner) }, []letterlock.Gate{}},
	} {
		var seen api.SecretResponse
		res := i.send(t, tt.as(peek))
		res.into(t, &seen)
		if diff := cmp.Diff(tt.gates, seen.Gates); diff != "" {
			t.Errorf("the gates for %s differ: %s", tt.who, diff)
		}
		if seen.Sender == nil || seen.Sender.Email != i.owner.Email || seen.Organization != "Harbour" || seen.Language != "de" || seen.Brand == nil || seen.Brand.Accent != "#224466" {
			t.Errorf("%s sees %s, want the sender, the organization, the language and the brand", tt.who, res.body)
		}
		if len(tt.gates) > 0 {
			res := i.send(t, tt.as(open))
			res.wantProblem(t, "opening by "+tt.who, 403, letterlock.ErrGate)
			if diff := cmp.Diff(tt.gates, res.problem(t, tt.who).Gates); diff != "" {
				t.Errorf("the refusal for %s has other gates: %s", tt.who, diff)
			}
		}
	}
	if res := i.send(t, i.as(open, i.member)); res.status != 201 {
		t.Errorf("opening by a member = %d %s, want 201: the only view is left", res.status, res.body)
	}
}

// A list has one's own secrets or, for those who lead it, an organization's,
// page by page; nothing in it opens anything.
func TestListOfSecrets(t *testing.T) {
	i := newInstance(t, testkit.ServerConfig{})
	for n := range 5 {
		r, _ := i.create(t, i.member, member{"name", text(fmt.Sprintf("Name %d", n))})
		if res := i.send(t, r); res.status != 201 {
			t.Fatalf("POST /secrets = %d %s", res.status, res.body)
		}
	}
	names := func(p *testkit.Person, query string) (all []string) {
		t.Helper()
		r := i.as(i.valid(t, routeNamed(t, "GET /secrets")), p)
		path := r.path
		for cursor := ""; ; {
			r.path = path + "?limit=2&" + query + cursor
			var page api.SecretList
			res := i.send(t, r)
			res.into(t, &page)
			for _, s := range page.Secrets {
				all = append(all, s.Name)
			}
			for _, secret := range []string{b64(i.fresh.LinkHash[:]), b64(i.fresh.Commit[:]), b64(i.fresh.Header[:])} {
				if strings.Contains(string(res.body), secret) {
					t.Errorf("the list tells %s", secret)
				}
			}
			if page.NextCursor == "" {
				return all
			}
			cursor = "&cursor=" + page.NextCursor
		}
	}
	down := []string{"Name 4", "Name 3", "Name 2", "Name 1", "Name 0"}
	up := slices.Clone(down)
	slices.Reverse(up)
	for query, want := range map[string][]string{
		"": down, "sort=created&order=asc": up, "sort=name&order=asc": up, "query=name%203": {"Name 3"}, "state=waiting": down, "state=opened": nil,
	} {
		if diff := cmp.Diff(want, names(i.member, query)); diff != "" {
			t.Errorf("GET /secrets?%s differs: %s", query, diff)
		}
	}
	all := append(slices.Clone(down), "") // and the owner's own
	for _, query := range []string{"scope=organization", "organization=" + string(i.org.ID)} {
		if diff := cmp.Diff(all, names(i.owner, query)); diff != "" {
			t.Errorf("GET /secrets?%s by the owner differs: %s", query, diff)
		}
		r := i.as(i.valid(t, routeNamed(t, "GET /secrets")), i.member)
		r.path += "?" + query
		i.send(t, r).wantProblem(t, query+" by a member", 403, letterlock.ErrForbidden)
	}
	r := i.as(i.valid(t, routeNamed(t, "GET /secrets")), i.guest)
	r.path += "?scope=organization"
	bad{"a scope without an organization", r, 422, letterlock.ErrInvalid, "scope", letterlock.FieldNoOrg}.check(t, i.send(t, r))
}

// Members and invitations come page by page too, each once.
func TestPagesOfMembers(t *testing.T) {
	i := newInstance(t, testkit.ServerConfig{})
	for n := range 5 {
		i.Join(t, i.org, i.Enrol(t, fmt.Sprintf("m%d@example.org", n)), letterlock.PlainMember)
		i.Clock.Advance(1)
	}
	r := i.valid(t, routeNamed(t, "GET /organizations/{org}/members"))
	path := r.path
	var got []string
	for cursor := ""; ; {
		r.path = path + "?limit=3" + cursor
		var page api.Members
		i.send(t, r).into(t, &page)
		for _, m := range page.Members {
			got = append(got, string(m.Email))
		}
		if page.NextCursor == "" {
			break
		}
		cursor = "&cursor=" + page.NextCursor
	}
	slices.Sort(got)
	want := []string{"m0@example.org", "m1@example.org", "m2@example.org", "m3@example.org", "m4@example.org", "member@example.org", "owner@example.org"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the pages of members differ: %s", diff)
	}
}

// The link of an invitation is made of the public address, is told once, and
// leads whoever was invited into the organization.
func TestInvitationLink(t *testing.T) {
	config := testkit.ServerConfig{}
	config.Origin = "https://share.example.org"
	i := newInstance(t, config)
	renew := i.valid(t, routeNamed(t, "POST /organizations/{org}/invitations/{invitation}/links")).with("X-Forwarded-Host", "canary.example")
	var link api.Link
	i.send(t, renew).into(t, &link)
	token, ok := strings.CutPrefix(link.Link, "https://share.example.org/invitation#")
	if !ok {
		t.Fatalf("the link is %s", link.Link)
	}
	if res := i.send(t, i.valid(t, routeNamed(t, "GET /organizations/{org}/invitations"))); strings.Contains(string(res.body), token) {
		t.Errorf("the list of invitations tells the link: %s", res.body)
	}
	look := i.valid(t, routeNamed(t, "POST /invitations"))
	look.body = object{{"token", text(token)}}.String()
	before := i.Dump(t)
	var offer api.Offer
	i.send(t, look).into(t, &offer)
	if offer.Organization.Name != "Harbour" || offer.Email != i.guest.Email || offer.Role != letterlock.PlainMember {
		t.Errorf("the invitation is %+v, want one to Harbour for the guest", offer)
	}
	if after := i.Dump(t); after != before {
		t.Errorf("looking at it changed the database from\n%s\nto\n%s", before, after)
	}
	i.send(t, i.valid(t, routeNamed(t, "POST /invitations"))).wantProblem(t, "the link before", 404, letterlock.ErrNotFound)
}

// An export has every line of the log, also the one that tells of it, and the
// same in both forms. What people chose as a name is no formula in a table.
func TestExport(t *testing.T) {
	i := newInstance(t, testkit.ServerConfig{})
	rename := i.as(i.valid(t, routeNamed(t, "PATCH /me")), i.owner)
	rename.body = `{"name":"=cmd|'/C calc'!A0"}`
	i.send(t, rename)
	r := i.valid(t, routeNamed(t, "GET /organizations/{org}/events"))
	var page api.Log
	i.send(t, r).into(t, &page)

	res := i.send(t, r.with("Accept", "text/csv"))
	rows, err := csv.NewReader(strings.NewReader(string(res.body))).ReadAll()
	if err != nil {
		t.Fatalf("the table %s: %v", res.body, err)
	}
	if kind := res.header.Get("Content-Type"); kind != "text/csv; charset=utf-8" || res.header.Get("Content-Disposition") != `attachment; filename="events.csv"` {
		t.Errorf("the table is of type %s, %s", kind, res.header.Get("Content-Disposition"))
	}
	if want := len(page.Events) + 2; len(rows) != want { // with names, and of the export itself
		t.Errorf("the table has %d rows, want %d: %s", len(rows), want, res.body)
	}
	for _, row := range rows {
		for _, cell := range row {
			if cell != "" && strings.ContainsAny(cell[:1], "=+-@\t\r") {
				t.Errorf("%q is a formula", cell)
			}
		}
	}
	if rows[1][1] != string(letterlock.ActionEventsExported) || rows[1][3] != "'=cmd|'/C calc'!A0" {
		t.Errorf("the first row is %q, want the export, by a name with an apostrophe before it", rows[1])
	}

	res = i.send(t, r.with("Accept", "application/x-ndjson"))
	lines := strings.Split(strings.TrimSuffix(string(res.body), "\n"), "\n")
	if len(lines) != len(rows) { // no names, but the second export
		t.Errorf("there are %d lines, want %d: %s", len(lines), len(rows), res.body)
	}
	for _, line := range lines {
		var e api.LogEvent
		if err := json.Unmarshal([]byte(line), &e, json.RejectUnknownMembers(true)); err != nil {
			t.Errorf("the line %s: %v", line, err)
		}
	}
	i.send(t, i.as(r, i.member).with("Accept", "text/csv")).wantProblem(t, "an export by a member", 403, letterlock.ErrForbidden)
	r.path += "?action=events_exported&limit=1"
	i.send(t, r).into(t, &page)
	if len(page.Events) != 1 || page.Events[0].Action != letterlock.ActionEventsExported || page.NextCursor == "" {
		t.Errorf("a page of one line = %+v, want the last of the exports and a cursor", page)
	}
}

// A logo comes back as a picture of our own, stays where none is given, and goes
// where an empty one is.
func TestLogo(t *testing.T) {
	i := newInstance(t, testkit.ServerConfig{})
	rt := routeNamed(t, "PUT /organizations/{org}/brand")
	put := i.valid(t, rt)
	logo := func(body object) api.Bytes {
		t.Helper()
		put.body = body.String()
		if res := i.send(t, put); res.status != 204 {
			t.Fatalf("PUT brand = %d %s, want 204", res.status, res.body)
		}
		var got api.Brand
		i.send(t, i.valid(t, routeNamed(t, "GET /organizations/{org}/brand"))).into(t, &got)
		return got.Logo
	}
	if got := logo(i.body(rt)); !strings.HasPrefix(string(got), "\x89PNG") {
		t.Errorf("the logo is %x, want a PNG", got)
	}
	if got := logo(i.body(rt).without("logo")); len(got) == 0 {
		t.Error("the logo went where none was given")
	}
	if got := logo(i.body(rt).set("logo", `""`)); len(got) != 0 {
		t.Errorf("the logo is still %x after an empty one", got)
	}
}

// A token is told once, and is what it says: a program may do with it what its
// scopes name, in its organization, and nothing else.
func TestNewToken(t *testing.T) {
	i := newInstance(t, testkit.ServerConfig{})
	res := i.send(t, i.valid(t, routeNamed(t, "POST /tokens")))
	var made api.Token
	res.into(t, &made)
	if _, err := letterlock.ParseToken(made.Token); err != nil {
		t.Fatalf("POST /tokens = %s, want a token in it", res.body)
	}
	if res := i.send(t, i.valid(t, routeNamed(t, "GET /tokens"))); strings.Contains(string(res.body), made.Token) || !strings.Contains(string(res.body), string(made.ID)) {
		t.Errorf("GET /tokens = %s, want the token's id and not its text", res.body)
	}
	bearer := func(r request) request { return withoutAccount(r).with("Authorization", "Bearer "+made.Token) }
	r, _ := i.create(t, i.owner)
	if res := i.send(t, bearer(r)); res.status != 201 {
		t.Errorf("creating with it = %d %s, want 201", res.status, res.body)
	}
	i.send(t, bearer(i.valid(t, routeNamed(t, "GET /secrets")))).wantProblem(t, "a list with it", 403, letterlock.ErrForbidden)
	r, _ = i.create(t, i.owner, member{"organization", "null"})
	i.send(t, bearer(r)).wantProblem(t, "a personal secret with it", 403, letterlock.ErrForbidden)
	i.Exec(t, `DELETE FROM member WHERE account = $1`, string(i.owner.ID))
	r, _ = i.create(t, i.owner)
	i.send(t, bearer(r)).wantProblem(t, "creating with it after leaving", 401, letterlock.ErrUnauthorized)
}
