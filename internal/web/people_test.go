package web_test

import (
	"bytes"
	"image"
	"image/png"
	"strings"
	"testing"

	"letterlock"
	"letterlock/api"
	"letterlock/internal/service"
	"letterlock/internal/testkit"
	"letterlock/internal/web"
)

// people are those who have something to do with an instance, and what is
// theirs.
type people struct {
	owner  *testkit.Person // of org, and the operator of the instance
	member *testkit.Person // of org
	guest  *testkit.Person // of nothing; invited to org
	org    *letterlock.Org

	mine       *testkit.Sealed        // the owner's secret, in org
	elsewhere  *letterlock.Session    // another one of the owner's
	invitation *letterlock.Invitation // to the guest
	invited    letterlock.Proof       // its token
	setup      letterlock.Proof       // a ticket to set the instance up

	ended, revoked letterlock.Proof // opened a session, and were an API token
}

// addPeople gives an instance people, who work in an organization.
func (i *instance) addPeople(t *testing.T) {
	t.Helper()
	var err error
	if i.setup, err = i.Service.MakeSetupTicket(t.Context()); err != nil {
		t.Fatalf("MakeSetupTicket: %v", err)
	}
	i.owner, i.member, i.guest = i.Enrol(t, "owner@example.org"), i.Enrol(t, "member@example.org"), i.Enrol(t, "guest@example.org")
	i.MakeOperator(t, i.owner)
	i.org = i.FoundOrg(t, "Harbour")
	i.Join(t, i.org, i.owner, letterlock.Owner)
	i.Join(t, i.org, i.member, letterlock.PlainMember)
	i.elsewhere, _ = i.OpenSession(t, i.owner.User)
	i.addEnded(t)
	i.mine = testkit.Seal(t, "mine", "")
	i.mine.Org = i.org.ID
	if _, _, err := i.Service.CreateSecret(t.Context(), i.owner.Caller(), &i.mine.NewSecret); err != nil {
		t.Fatalf("CreateSecret: %v", err)
	}
	n := service.NewInvitation{Email: string(i.guest.Email), Role: letterlock.PlainMember}
	if i.invitation, i.invited, err = i.Service.Invite(t.Context(), i.owner.Caller(), i.org.ID, n); err != nil {
		t.Fatalf("Invite: %v", err)
	}
}

// addEnded gives the owner a session and a token that are over.
func (i *instance) addEnded(t *testing.T) {
	t.Helper()
	session, ended := i.OpenSession(t, i.owner.User)
	token, revoked := i.GrantToken(t, i.owner.User, "", letterlock.Scopes()...)
	if err := i.Service.EndSession(t.Context(), i.owner.Caller(), session.ID); err != nil {
		t.Fatalf("EndSession: %v", err)
	}
	if err := i.Service.RevokeToken(t.Context(), i.owner.Caller(), token.ID); err != nil {
		t.Fatalf("RevokeToken: %v", err)
	}
	i.ended, i.revoked = ended, revoked
}

// picture is a logo.
var picture = func() []byte {
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, 8, 8))); err != nil {
		panic(err) // never, into memory
	}
	if b.Len()%3 == 0 { // base64 would have no bits to spare, which a test is about
		b.WriteByte(0)
	}
	return b.Bytes()
}()

// as is a request by somebody's session.
func (i *instance) as(r request, p *testkit.Person) request {
	return r.with("Cookie", i.cookieName()+"="+b64(p.Cookie))
}

func (i *instance) cookieName() string {
	if i.https {
		return "__Host-session"
	}
	return "session"
}

// caller is whose request the route grants.
func (i *instance) signedInTo(rt web.Route) *testkit.Person {
	switch name(rt) {
	case "DELETE /me", "PUT /me/password", "POST /memberships":
		return i.guest // whom nothing depends on
	}
	return i.owner
}

// once are the routes that grant a valid request a single time.
var once = map[string]bool{
	"POST /setup": true, "DELETE /me": true, "PUT /me/password": true, "DELETE /sessions": true, "DELETE /sessions/{session}": true,
	"POST /organizations/{org}/invitations": true, "DELETE /organizations/{org}/members/{user}": true,
}

// optional are the fields that a request may leave out.
var optionalFields = map[string]string{
	"POST /secrets":                         "max_views",
	"POST /setup":                           "name language",
	"DELETE /me":                            "keep_secrets",
	"POST /tokens":                          "organization expires_in",
	"PUT /organizations/{org}/brand":        "logo",
	"POST /organizations/{org}/invitations": "language",
	"POST /organizations/{org}/invitations/{invitation}/links": "language",
}

func isOptional(rt web.Route, field string) bool {
	return strings.Contains(" "+optionalFields[name(rt)]+" ", " "+field+" ")
}

// fixedSize has the fields of base64url, and whether their size is fixed.
var fixedSize = map[string]bool{
	"header": true, "commit": true, "link_hash": true, "access_hash": true, "manage_hash": true, "content": true,
	"view_id": true, "view_hash": true, "access_proof": true, "ticket": false, "token": false, "logo": false,
}

// text is a JSON string of what needs no escapes.
func text(s string) string { return `"` + s + `"` }

// accountBody is what a route for those who have an account reads, nil for
// nothing.
func (i *instance) accountBody(rt web.Route) object {
	password := text(testkit.Password)
	switch name(rt) {
	case "POST /secrets/deletions":
		return object{{"ids", `["` + string(i.mine.ID) + `"]`}}
	case "POST /setup":
		return object{
			{"ticket", quoted(i.setup)}, {"name", text("First Owner")}, {"email", text("first@example.org")},
			{"password", text("seven grey geese over water")}, {"language", text("en")},
		}
	case "PUT /instance":
		return object{
			{"name", text("Lighthouse")}, {"url", text("https://share.example.org")}, {"create", text("anyone")}, {"sign_up", text("domains")},
			{"domains", `["example.org"]`}, {"mail_server", text("smtp://mail.example.org")}, {"mail_from", text("Lighthouse <light@example.org>")},
		}
	case "PATCH /me":
		return object{{"name", text("Another Name")}}
	case "DELETE /me":
		return object{{"password", password}, {"keep_secrets", "true"}}
	case "PUT /me/password":
		return object{{"current", password}, {"password", text("seven grey geese over water")}}
	case "PUT /me/email":
		return object{{"email", text("another@example.org")}, {"password", password}}
	case "POST /sessions":
		return object{{"email", text("owner@example.org")}, {"password", password}}
	case "PATCH /sessions/current":
		return object{{"organization", text(string(i.org.ID))}}
	case "POST /tokens":
		return object{
			{"name", text("a program")}, {"scopes", `["secret:create"]`}, {"organization", text(string(i.org.ID))}, {"expires_in", "3600"}, {"password", password},
		}
	case "POST /invitations", "POST /memberships":
		return object{{"token", quoted(i.invited)}}
	}
	return i.orgBody(rt)
}

func (i *instance) orgBody(rt web.Route) object {
	switch name(rt) {
	case "POST /organizations", "PATCH /organizations/{org}":
		return object{{"name", text("Lighthouse keepers")}}
	case "PUT /organizations/{org}/policy":
		return object{
			{"sharing_outside", "true"}, {"max_lifetime", "86400"}, {"max_views", "10"}, {"password_required", "false"}, {"email_links", "true"}, {"strict_views", "false"},
		}
	case "PUT /organizations/{org}/brand":
		return object{{"name", text("Lighthouse")}, {"accent", text("#224466")}, {"accent_deep", text("#112233")}, {"logo", quoted(picture)}}
	case "PATCH /organizations/{org}/members/{user}":
		return object{{"role", text("admin")}}
	case "POST /organizations/{org}/invitations":
		return object{{"email", text("another@example.org")}, {"role", text("member")}, {"language", text("de")}}
	case "POST /organizations/{org}/invitations/{invitation}/links":
		return object{{"language", text("de")}}
	case "PATCH /organizations/{org}/events":
		return object{{"event_life", "2592000"}}
	}
	return nil
}

// ids replaces the parameters of account routes in a path.
func (p *people) ids() []string {
	if p.org == nil {
		return nil
	}
	return []string{
		"{org}", string(p.org.ID), "{user}", string(p.member.ID), "{invitation}", string(p.invitation.ID), "{session}", string(p.elsewhere.ID), "{token}", string(p.owner.API.ID),
	}
}

// Nobody is signed in by what is not exactly the cookie of a live session, nor
// by what is not exactly a token that stands; those who are not are refused
// before anything else is looked at, wherever it takes an account.
func (i *instance) badSessions(t *testing.T, rt web.Route) []bad {
	if !rt.SignedIn {
		return nil
	}
	valid := i.valid(t, rt)
	good, token := b64(i.signedInTo(rt).Cookie), string(i.signedInTo(rt).Token)
	var all []bad
	add := func(what string, r request) {
		all = append(all, bad{what, r, 401, letterlock.ErrUnauthorized, "", ""})
	}
	add("no cookie", valid.with("Cookie"))
	for what, cookie := range map[string]string{
		"empty": "session=", "of another name": "ticket=" + good, "with a prefix": "__Host-session=" + good, "in capitals": "SESSION=" + good, "padded": "session=" + good + "=",
		"short": "session=" + good[:42], "long": "session=" + good + "AA", "flipped": "session=" + flipped([]byte(good)), "of zeros": "session=" + b64(make([]byte, 32)),
		"an id": "session=" + string(i.owner.Session.ID), "an API token": "session=" + token, "of an ended session": "session=" + b64(i.ended),
	} {
		add("cookie "+what, valid.with("Cookie", cookie))
	}
	for what, header := range map[string]string{
		"nothing": "Bearer", "no token": "Bearer ", "a cookie": "Bearer " + good, "short": "Bearer " + token[:50], "long": "Bearer " + token + "0", "in capitals": "Bearer " + strings.ToUpper(token),
		"with another digit": "Bearer " + token[:10] + other(token[10]) + token[11:], "unknown": "Bearer " + string(letterlock.MakeToken([32]byte{1})), "revoked": "Bearer " + string(i.revoked),
	} {
		add("token "+what, valid.with("Authorization", header))
	}
	return append(all, bad{"two tokens", valid.with("Authorization", "Bearer "+token, "Bearer "+token), 401, letterlock.ErrUnauthorized, "", ""})
}

func other(digit byte) string {
	if digit == 'a' {
		return "b"
	}
	return "a"
}

// withoutAccount is the same request by nobody.
func withoutAccount(r request) request { return r.with("Cookie").with("Authorization") }

// Whoever has an account reads who they are, in both ways; a token for the
// other's cookie does nothing.
func TestMe(t *testing.T) {
	i := newInstance(t, testkit.ServerConfig{})
	r := i.valid(t, routeNamed(t, "GET /me"))
	for what, r := range map[string]request{"a session": r, "a token": withoutAccount(r).with("Authorization", "Bearer "+string(i.owner.Token))} {
		var me api.User
		res := i.send(t, r)
		res.into(t, &me)
		if me.ID != i.owner.ID || me.Email != i.owner.Email || !me.Operator || me.Organization == nil || me.Organization.ID != i.org.ID || me.Organization.Role != letterlock.Owner {
			t.Errorf("GET /me with %s = %s, want the owner, in the organization", what, res.body)
		}
	}
}
