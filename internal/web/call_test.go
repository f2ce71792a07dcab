package web_test

import (
	"strings"
	"testing"

	"letterlock"
	"letterlock/internal/testkit"
	"letterlock/internal/web"
)

// The longest bodies, as docs/api.md has them. Routes not named read none.
var longestBody = map[string]int{
	"POST /secrets":                             128 << 10,
	"PATCH /secrets/{id}":                       4 << 10,
	"POST /secrets/{id}/views":                  4 << 10,
	"POST /secrets/{id}/feedback":               4 << 10,
	"POST /secrets/deletions":                   16 << 10,
	"POST /setup":                               16 << 10,
	"PUT /instance":                             16 << 10,
	"PATCH /me":                                 4 << 10,
	"DELETE /me":                                16 << 10,
	"PUT /me/password":                          16 << 10,
	"PUT /me/email":                             16 << 10,
	"POST /sessions":                            16 << 10,
	"PATCH /sessions/current":                   4 << 10,
	"POST /tokens":                              16 << 10,
	"POST /organizations":                       4 << 10,
	"PATCH /organizations/{org}":                4 << 10,
	"PUT /organizations/{org}/policy":           4 << 10,
	"PUT /organizations/{org}/brand":            192 << 10,
	"PATCH /organizations/{org}/members/{user}": 4 << 10,
	"POST /organizations/{org}/invitations":     4 << 10,
	"POST /organizations/{org}/invitations/{invitation}/links": 4 << 10,
	"PATCH /organizations/{org}/events":                        4 << 10,
	"POST /invitations":                                        4 << 10,
	"POST /memberships":                                        4 << 10,
}

// Each route reads as much as its line in the table says, and no byte more.
func TestLongestBodies(t *testing.T) {
	for _, rt := range web.Routes() {
		longest := longestBody[name(rt)]
		if rt.Body != int64(longest) {
			t.Errorf("%s reads %d bytes, want %d", name(rt), rt.Body, longest)
		}
		if longest == 0 {
			continue
		}
		i := newInstance(t, testkit.ServerConfig{})
		r := i.valid(t, rt)
		r.body = r.body[:len(r.body)-1] + strings.Repeat(" ", longest+1-len(r.body)) + "}"
		i.send(t, r).wantProblem(t, name(rt)+" with one byte too many", 413, letterlock.ErrTooLarge)
		r.body = strings.TrimSuffix(r.body, " }") + "}"
		if res := i.send(t, r); res.status/100 != 2 {
			t.Errorf("%s with %d bytes = %d %s, want 2xx", name(rt), len(r.body), res.status, res.body)
		}
	}
}

// Who asks for a page or a file is not looked at, so a token that is not valid
// is no reason to refuse it.
func TestPagesAreForEveryone(t *testing.T) {
	i := newInstance(t, testkit.ServerConfig{})
	for _, rt := range web.Routes() {
		r := i.valid(t, rt).with("Authorization", "Bearer ll_x")
		switch res := i.send(t, r); {
		case isAPI(rt):
			res.wantProblem(t, name(rt)+" with a token", 401, letterlock.ErrUnauthorized)
		case res.status != 200:
			t.Errorf("%s with a token = %d, want 200", name(rt), res.status)
		}
	}
}

// A path that names something of a new kind needs a spelling for it.
func TestEveryParameterHasASpelling(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("a pattern with {canary} is taken")
		}
	}()
	web.Parameters("/x/{id}/{canary}")
}
