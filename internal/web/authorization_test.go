package web_test

import (
	"strings"
	"testing"

	"letterlock"
	"letterlock/api"
	"letterlock/internal/service"
	"letterlock/internal/testkit"
	"letterlock/internal/web"
)

// guarded says what keeps people of other organizations away from a route.
type guarded int

const (
	byPath    guarded = iota + 1 // ids in the path
	byBody                       // ids in the body
	byQuery                      // ids in the query
	bySecret                     // link proofs, manage tokens and view secrets too
	byInvite                     // the token of an invitation
	byAccount                    // it names nothing of anybody's: all is the caller's
	byRole                       // it is the operator's
	byNothing                    // it is for anyone
)

// guards has a row for each route of the API. One that is missing fails.
var guards = map[string]guarded{
	"POST /secrets":                  byBody,
	"GET /secrets/{id}":              bySecret,
	"PATCH /secrets/{id}":            bySecret,
	"DELETE /secrets/{id}":           bySecret,
	"POST /secrets/{id}/views":       bySecret,
	"POST /secrets/{id}/feedback":    bySecret,
	"DELETE /views/{view}":           bySecret,
	"GET /views/{view}/parts/{part}": bySecret,
	"GET /secrets":                   byQuery,
	"POST /secrets/deletions":        byBody,

	"GET /setup":     byNothing,
	"POST /setup":    byNothing,
	"POST /sessions": byNothing,
	"GET /instance":  byRole,
	"PUT /instance":  byRole,

	"GET /me":                                                  byAccount,
	"PATCH /me":                                                byAccount,
	"DELETE /me":                                               byAccount,
	"PUT /me/password":                                         byAccount,
	"PUT /me/email":                                            byAccount,
	"GET /sessions":                                            byAccount,
	"DELETE /sessions":                                         byAccount,
	"PATCH /sessions/current":                                  byBody,
	"DELETE /sessions/current":                                 byAccount,
	"DELETE /sessions/{session}":                               byPath,
	"GET /tokens":                                              byAccount,
	"POST /tokens":                                             byBody,
	"DELETE /tokens/{token}":                                   byPath,
	"GET /organizations":                                       byAccount,
	"POST /organizations":                                      byAccount,
	"GET /organizations/{org}":                                 byPath,
	"PATCH /organizations/{org}":                               byPath,
	"POST /invitations":                                        byInvite,
	"POST /memberships":                                        byInvite,
	"GET /organizations/{org}/policy":                          byPath,
	"PUT /organizations/{org}/policy":                          byPath,
	"GET /organizations/{org}/brand":                           byPath,
	"PUT /organizations/{org}/brand":                           byPath,
	"GET /organizations/{org}/members":                         byPath,
	"PATCH /organizations/{org}/members/{user}":                byPath,
	"DELETE /organizations/{org}/members/{user}":               byPath,
	"GET /organizations/{org}/invitations":                     byPath,
	"POST /organizations/{org}/invitations":                    byPath,
	"DELETE /organizations/{org}/invitations/{invitation}":     byPath,
	"POST /organizations/{org}/invitations/{invitation}/links": byPath,
	"GET /organizations/{org}/events":                          byPath,
	"PATCH /organizations/{org}/events":                        byPath,
}

func TestEveryRouteIsGuarded(t *testing.T) {
	for _, rt := range web.Routes() {
		if isAPI(rt) && guards[name(rt)] == 0 {
			t.Errorf("no row says what guards the new route %s", name(rt))
		}
	}
}

// outsiders are people beside the organization of an instance: one for each
// relation to another organization, those who are not yet members of this one,
// and those who were.
func (i *instance) outsiders(t *testing.T) map[string]*testkit.Person {
	t.Helper()
	other := i.FoundOrg(t, "Hinterland")
	all := map[string]*testkit.Person{"nowhere": i.Enrol(t, "nowhere@example.com"), "pending": i.guest}
	for _, role := range []letterlock.Role{letterlock.PlainMember, letterlock.Admin, letterlock.Owner} {
		p := i.Enrol(t, string(role)+"@example.com")
		i.Join(t, other, p, role)
		all["the other's "+string(role)] = p
	}
	for _, role := range []letterlock.Role{letterlock.PlainMember, letterlock.Admin, letterlock.Owner} {
		p := i.Enrol(t, "removed-"+string(role)+"@example.com")
		i.Join(t, i.org, p, role)
		p.Session, p.Cookie = i.OpenSession(t, p.User) // which never worked in it
		if err := i.Service.RemoveMember(t.Context(), i.owner.Caller(), i.org.ID, p.ID, service.Estate{}); err != nil {
			t.Fatalf("RemoveMember: %v", err)
		}
		all["removed "+string(role)] = p
	}
	return all
}

// foreign is the valid request of a member, sent by an outsider with what is
// theirs: their session or token, their password, and no proof of any kind.
func (i *instance) foreign(t *testing.T, rt web.Route) request {
	t.Helper()
	r := withoutAccount(i.valid(t, rt))
	for _, header := range []string{api.HeaderLinkProof, api.HeaderManageToken, api.HeaderViewSecret} {
		r = r.with(header)
	}
	r.path = strings.Replace(r.path, string(i.secret.ID), string(i.mine.ID), 1)
	switch name(rt) {
	case "POST /secrets":
		r.body = i.body(rt).set("organization", text(string(i.org.ID))).String()
	case "GET /secrets":
		r.path += "?organization=" + string(i.org.ID)
	}
	return r
}

// Whatever people name of an organization that is not theirs is not found,
// whoever they are elsewhere, whatever they were, and however they sign in; and
// nothing has changed, not even in a log.
func TestOtherOrganizationsIDs(t *testing.T) {
	i := newInstance(t, testkit.ServerConfig{})
	outsiders := i.outsiders(t)
	before, total := i.Dump(t), 0
	for _, rt := range web.Routes() {
		switch guards[name(rt)] {
		case byPath, byBody, byQuery, bySecret:
		default:
			continue
		}
		r := i.foreign(t, rt)
		for who, p := range outsiders {
			for how, r := range map[string]request{"session": i.as(r, p), "token": r.with("Authorization", "Bearer "+string(p.Token))} {
				if how == "token" && sessionsOnly[name(rt)] {
					continue
				}
				i.notTheirs(t, rt, who+" by "+how, r)
				if after := i.Dump(t); after != before {
					t.Errorf("%s by %s by %s: the database changed from\n%s\nto\n%s", name(rt), who, how, before, after)
					before = after
				}
				total++
			}
		}
	}
	if least := 200; total < least {
		t.Errorf("%d requests were sent, want at least %d", total, least)
	}
	t.Logf("%d requests by outsiders", total)
}

// notTheirs sends a request that has to find nothing.
func (i *instance) notTheirs(t *testing.T, rt web.Route, who string, r request) {
	t.Helper()
	res := i.send(t, r)
	if name(rt) == "POST /secrets/deletions" { // which answers for each id
		var answer api.DeleteResponse
		res.into(t, &answer)
		if len(answer.Missing) != 1 || answer.Missing[0] != i.mine.ID {
			t.Errorf("%s by %s = %s, want it missing", name(rt), who, res.body)
		}
		return
	}
	res.wantProblem(t, name(rt)+" by "+who, 404, letterlock.ErrNotFound)
	if strings.Contains(string(res.body), string(i.org.ID)) || strings.Contains(string(res.body), i.org.Name) {
		t.Errorf("%s by %s tells of the organization: %s", name(rt), who, res.body)
	}
}

// sessionsOnly are routes that refuse every API token, before they look at what
// is named, and record that.
var sessionsOnly = map[string]bool{
	"PATCH /me": true, "DELETE /me": true, "PUT /me/password": true, "PUT /me/email": true, "GET /sessions": true, "DELETE /sessions": true,
	"DELETE /sessions/{session}": true, "PATCH /sessions/current": true, "GET /tokens": true, "POST /tokens": true, "DELETE /tokens/{token}": true,
	"POST /organizations": true, "POST /memberships": true,
}

// An account and its tokens are changed by sessions only, whatever a token's
// scopes are.
func TestSessionsOnly(t *testing.T) {
	i := newInstance(t, testkit.ServerConfig{})
	for _, rt := range web.Routes() {
		if sessionsOnly[name(rt)] {
			r := withoutAccount(i.valid(t, rt)).with("Authorization", "Bearer "+string(i.signedInTo(rt).Token))
			i.send(t, r).wantProblem(t, name(rt)+" by a token", 403, letterlock.ErrForbidden)
		}
	}
}

// The token of an invitation is good for the invited address alone.
func TestInvitationOfSomebodyElse(t *testing.T) {
	i := newInstance(t, testkit.ServerConfig{})
	rt := routeNamed(t, "POST /memberships")
	for who, p := range i.outsiders(t) {
		if p == i.guest {
			continue
		}
		i.send(t, i.as(i.valid(t, rt), p)).wantProblem(t, name(rt)+" by "+who, 403, letterlock.ErrForbidden)
	}
	unknown := i.valid(t, rt)
	unknown.body = object{{"token", quoted(make([]byte, 32))}}.String()
	i.send(t, unknown).wantProblem(t, "an unknown token", 404, letterlock.ErrNotFound)
	if res := i.send(t, i.valid(t, rt)); res.status != 201 {
		t.Errorf("%s by who is invited = %d %s, want 201", name(rt), res.status, res.body)
	}
}

// What is the operator's is not found by anybody else, owners of organizations
// among them, and by no token.
func TestInstanceIsTheOperators(t *testing.T) {
	i := newInstance(t, testkit.ServerConfig{})
	people := i.outsiders(t)
	people["member"] = i.member
	before := i.Dump(t)
	for _, what := range []string{"GET /instance", "PUT /instance"} {
		rt := routeNamed(t, what)
		r := i.foreign(t, rt)
		for who, p := range people {
			i.send(t, i.as(r, p)).wantProblem(t, what+" by "+who, 404, letterlock.ErrNotFound)
		}
		i.send(t, r.with("Authorization", "Bearer "+string(i.owner.Token))).wantProblem(t, what+" by the operator's token", 404, letterlock.ErrNotFound)
	}
	if after := i.Dump(t); after != before {
		t.Errorf("the database changed from\n%s\nto\n%s", before, after)
	}
}

// leastRole is the least role that may call a route of an organization; the
// others that are members may not.
var leastRole = map[string]letterlock.Role{
	"GET /organizations/{org}":                                 letterlock.PlainMember,
	"GET /organizations/{org}/policy":                          letterlock.PlainMember,
	"GET /organizations/{org}/brand":                           letterlock.PlainMember,
	"GET /organizations/{org}/members":                         letterlock.PlainMember,
	"PATCH /organizations/{org}":                               letterlock.Admin,
	"PUT /organizations/{org}/policy":                          letterlock.Admin,
	"PUT /organizations/{org}/brand":                           letterlock.Admin,
	"PATCH /organizations/{org}/members/{user}":                letterlock.Admin,
	"DELETE /organizations/{org}/members/{user}":               letterlock.Admin,
	"GET /organizations/{org}/invitations":                     letterlock.Admin,
	"POST /organizations/{org}/invitations":                    letterlock.Admin,
	"DELETE /organizations/{org}/invitations/{invitation}":     letterlock.Admin,
	"POST /organizations/{org}/invitations/{invitation}/links": letterlock.Admin,
	"GET /organizations/{org}/events":                          letterlock.Admin,
	"PATCH /organizations/{org}/events":                        letterlock.Owner,
}

// Each role may do what its line says, and no more. Tokens only read.
func TestRoles(t *testing.T) {
	for _, rt := range web.Routes() {
		if !strings.Contains(rt.Path, "{org}") {
			continue
		}
		least, ok := leastRole[name(rt)]
		if !ok {
			t.Errorf("no row says who may call the new route %s", name(rt))
			continue
		}
		for _, role := range []letterlock.Role{letterlock.PlainMember, letterlock.Admin, letterlock.Owner} {
			i := newInstance(t, testkit.ServerConfig{})
			p := i.Enrol(t, "somebody@example.org")
			i.Join(t, i.org, p, role)
			r := withoutAccount(i.valid(t, rt))
			byToken := r.with("Authorization", "Bearer "+string(p.Token))
			if what := name(rt) + " by a token of an " + string(role); rt.Method != "GET" || !role.AtLeast(least) {
				i.send(t, byToken).wantProblem(t, what, 403, letterlock.ErrForbidden)
			} else if res := i.send(t, byToken); res.status != 200 {
				t.Errorf("%s = %d %s, want 200", what, res.status, res.body)
			}
			what := name(rt) + " by an " + string(role)
			if res := i.send(t, i.as(r, p)); !role.AtLeast(least) {
				res.wantProblem(t, what, 403, letterlock.ErrForbidden)
			} else if res.status/100 != 2 {
				t.Errorf("%s = %d %s, want 2xx", what, res.status, res.body)
			}
		}
	}
}
