package service_test

import (
	"strings"
	"testing"
	"time"

	"letterlock"
	"letterlock/internal/service"
)

// newToken makes an API token, or ends the test. Its mail is taken.
func (h *house) newToken(t testing.TB, p *person, n service.NewToken) (*letterlock.APIToken, letterlock.Proof) {
	t.Helper()
	n.Name, n.Password = "a program", password
	token, text, err := h.CreateToken(ctx, p.Caller, n)
	if err != nil {
		t.Fatalf("CreateToken: %v", err)
	}
	h.takeMail(t)
	return token, text
}

// token is a caller by a new API token.
func (h *house) token(t testing.TB, p *person, n service.NewToken) letterlock.Caller {
	t.Helper()
	_, text := h.newToken(t, p, n)
	c, err := h.TokenCaller(ctx, from(home), text)
	if err != nil {
		t.Fatalf("TokenCaller: %v", err)
	}
	return c
}

func (h *house) tokenWorks(text letterlock.Proof) error {
	_, err := h.TokenCaller(ctx, from(home), text)
	return err
}

func TestCreateToken(t *testing.T) {
	companies(t, func(t *testing.T, h *company) {
		n := service.NewToken{Name: "deploy", Org: h.org, Scopes: []letterlock.Scope{letterlock.ScopeCreate}, Password: password}
		for end, change := range map[string]func(n *service.NewToken){
			"invalid name:required":           func(n *service.NewToken) { n.Name = "" },
			"invalid scopes:required":         func(n *service.NewToken) { n.Scopes = nil },
			"invalid scopes:out_of_range":     func(n *service.NewToken) { n.Scopes = []letterlock.Scope{"all"} },
			"invalid expires_in:out_of_range": func(n *service.NewToken) { n.ExpiresIn = letterlock.MaxTokenLife + 1 },
			"not_found":                       func(n *service.NewToken) { n.Org = h.other },
		} {
			bad := n
			change(&bad)
			h.unchanged(t, func() {
				_, _, err := h.CreateToken(ctx, h.member.Caller, bad)
				want(t, "CreateToken", err, end)
			})
		}
		bad := n
		bad.Password = another
		_, _, err := h.CreateToken(ctx, h.member.Caller, bad)
		want(t, "CreateToken with a wrong password", err, "wrong_password")
		_, _, err = h.CreateToken(ctx, h.token(t, h.member, n), n)
		want(t, "CreateToken by a token", err, "forbidden")

		token, text, err := h.CreateToken(ctx, h.member.Caller, n)
		want(t, "CreateToken", err, "ok")
		if _, err := letterlock.ParseToken(string(text)); err != nil {
			t.Errorf("the token's text does not parse: %v", err)
		}
		if life := token.ExpiresAt.Sub(h.Clock.Now()); life != letterlock.TokenLife {
			t.Errorf("a token lives %v unless asked otherwise, want %v", life, letterlock.TokenLife)
		}
		letters := h.takeMail(t)
		if len(letters) != 1 || letters[0].To != h.member.email() || strings.Contains(letters[0].Text, string(text)) {
			t.Errorf("%d mails tell of the token, want one to its user that does not have it", len(letters))
		}
		if dump := h.Dump(t); strings.Contains(dump, string(text)) {
			t.Error("the token's text is in the database")
		}
	})
}

func TestTokenCaller(t *testing.T) {
	companies(t, func(t *testing.T, h *company) {
		_, everywhere := h.newToken(t, h.owner, service.NewToken{Scopes: letterlock.Scopes()})
		token, bound := h.newToken(t, h.owner, service.NewToken{Org: h.org, Scopes: letterlock.Scopes(), ExpiresIn: time.Hour})
		where := func(call string, text letterlock.Proof, org letterlock.OrgID, role letterlock.Role) {
			t.Helper()
			c, err := h.TokenCaller(ctx, from(train), text)
			if err != nil || c.User.ID != h.owner.User.ID || c.Org != org || c.Role != role || c.Session != nil || c.Net != train {
				t.Errorf("TokenCaller %s = user %s in %q as %q, %v; want the owner in %q as %q", call, c.UserID(), c.Org, c.Role, err, org, role)
			}
		}
		where("with one organization", everywhere, h.org, letterlock.Owner)
		second := h.found(t, h.owner, "Second")
		where("with two organizations", everywhere, "", "")
		where("made for one", bound, h.org, letterlock.Owner)
		h.unchanged(t, func() { where("within the minute", bound, h.org, letterlock.Owner) })
		h.Clock.Advance(time.Minute)
		where("after a minute", bound, h.org, letterlock.Owner)
		tokens, err := h.Tokens(ctx, h.owner.Caller)
		if err != nil || len(tokens) != 2 || !tokens[0].UsedAt.Equal(h.Clock.Now()) && !tokens[1].UsedAt.Equal(h.Clock.Now()) {
			t.Errorf("Tokens = %+v, %v; want two, one of them used now", tokens, err)
		}

		c, _ := h.TokenCaller(ctx, from(home), bound)
		h.unchanged(t, func() {
			_, err := h.Org(ctx, c, second)
			want(t, "Org outside of the token's", err, "not_found")
			orgs, err := h.Orgs(ctx, c)
			if err != nil || len(orgs) != 1 || orgs[0].Org.ID != h.org {
				t.Errorf("Orgs = %+v, %v; want the token's own", orgs, err)
			}
			want(t, "TokenCaller of no token", h.tokenWorks(random(52)), "unauthorized")
		})
		_, err = h.Tokens(ctx, c)
		want(t, "Tokens by a token", err, "forbidden")
		want(t, "RevokeToken by a token", h.RevokeToken(ctx, c, token.ID), "forbidden")

		h.Clock.Set(token.ExpiresAt)
		want(t, "TokenCaller at its end", h.tokenWorks(bound), "unauthorized")
		want(t, "TokenCaller of the other", h.tokenWorks(everywhere), "ok")
	})
}

// A token never has more than its user has at that moment, and no more than its
// scopes.
func TestTokenRights(t *testing.T) {
	companies(t, func(t *testing.T, h *company) {
		audit := h.token(t, h.admin, service.NewToken{Scopes: []letterlock.Scope{letterlock.ScopeAudit}})
		events := func() error {
			_, err := h.Events(ctx, audit, letterlock.EventQuery{Org: h.org, Limit: 1})
			return err
		}
		want(t, "Events with the scope", events(), "ok")
		_, err := h.Org(ctx, audit, h.org)
		want(t, "Org without the scope", err, "forbidden")
		_, err = h.Orgs(ctx, audit)
		want(t, "Orgs without the scope", err, "forbidden")

		want(t, "ChangeRole", h.ChangeRole(ctx, h.owner.Caller, h.org, h.admin.User.ID, letterlock.PlainMember), "ok")
		want(t, "Events once the user is no admin", events(), "forbidden")
		_, bound := h.newToken(t, h.admin, service.NewToken{Org: h.org, Scopes: letterlock.Scopes()})
		want(t, "RemoveMember", h.RemoveMember(ctx, h.owner.Caller, h.org, h.admin.User.ID, service.Estate{}), "ok")
		want(t, "Events once the user is no member", events(), "not_found")
		want(t, "TokenCaller of a token for the organization", h.tokenWorks(bound), "unauthorized")
		h.Exec(t, `UPDATE token SET revoked_at = NULL`)
		want(t, "the same were it not revoked", h.tokenWorks(bound), "unauthorized")
		h.Exec(t, `UPDATE token SET revoked_at = 1`)
		want(t, "AddMember", h.AddMember(ctx, h.org, h.admin.email(), letterlock.Admin), "ok")
		want(t, "the same once the user is back", h.tokenWorks(bound), "unauthorized")
	})
}

func TestRevokeToken(t *testing.T) {
	companies(t, func(t *testing.T, h *company) {
		token, text := h.newToken(t, h.member, service.NewToken{Scopes: letterlock.Scopes()})
		h.unchanged(t, func() {
			want(t, "RevokeToken by another", h.RevokeToken(ctx, h.owner.Caller, token.ID), "not_found")
			want(t, "RevokeToken by nobody", h.RevokeToken(ctx, from(home), token.ID), "unauthorized")
		})
		want(t, "TokenCaller before", h.tokenWorks(text), "ok")
		want(t, "RevokeToken", h.RevokeToken(ctx, h.member.Caller, token.ID), "ok")
		h.unchanged(t, func() {
			want(t, "RevokeToken again", h.RevokeToken(ctx, h.member.Caller, token.ID), "ok")
			want(t, "TokenCaller after", h.tokenWorks(text), "unauthorized")
		})
	})
}

func TestAddToken(t *testing.T) {
	companies(t, func(t *testing.T, h *company) {
		text, err := h.Service.AddToken(ctx, h.owner.email(), "backup")
		want(t, "AddToken", err, "ok")
		c, err := h.TokenCaller(ctx, from(home), text)
		if err != nil || c.Org != h.org || c.Role != letterlock.Owner || len(c.Token.Scopes) != len(letterlock.Scopes()) {
			t.Errorf("TokenCaller = %+v, %v; want an owner with every scope", c, err)
		}
		h.unchanged(t, func() {
			_, err := h.Service.AddToken(ctx, "nobody@example.org", "backup")
			want(t, "AddToken for nobody", err, "not_found")
		})
	})
}
