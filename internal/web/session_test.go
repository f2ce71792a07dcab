package web_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"letterlock"
	"letterlock/api"
	"letterlock/internal/testkit"
)

// cookie is the one that an answer sets.
func (r response) cookie(t *testing.T) *http.Cookie {
	t.Helper()
	set := (&http.Response{Header: r.header}).Cookies()
	if len(set) != 1 {
		t.Fatalf("the answer sets the cookies %q, want one", r.header.Values("Set-Cookie"))
	}
	return set[0]
}

// Signing in sets a cookie that scripts and other sites cannot use, which is
// bound to https and the host where the instance has them; signing out clears
// it.
func TestSessionCookie(t *testing.T) {
	tests := map[string]struct{ origin, base, name, path string }{
		"https":             {"https://share.example.org", "", "__Host-session", "/"},
		"https with a path": {"https://share.example.org", "/share", "__Host-session", "/"},
		"http":              {"", "", "session", "/"},
		"http with a path":  {"", "/share", "session", "/share"},
	}
	for what, tt := range tests {
		t.Run(what, func(t *testing.T) {
			config := testkit.ServerConfig{}
			config.Origin, config.Base = tt.origin, tt.base
			i := newInstance(t, config)
			set := i.send(t, i.valid(t, routeNamed(t, "POST /sessions"))).cookie(t)
			secure := tt.origin != ""
			want := &http.Cookie{Name: tt.name, Value: set.Value, Path: tt.path, MaxAge: 7 * 24 * 3600, Secure: secure, HttpOnly: true, SameSite: http.SameSiteLaxMode, Raw: set.Raw}
			if diff := cmp.Diff(want, set); diff != "" {
				t.Errorf("the cookie of a new session differs: %s", diff)
			}
			if len(set.Value) != 43 {
				t.Errorf("the cookie holds %d characters, want 43: 32 bytes", len(set.Value))
			}
			me := i.valid(t, routeNamed(t, "GET /me")).with("Cookie", set.Name+"="+set.Value)
			if res := i.send(t, me); res.status != 200 {
				t.Errorf("GET /me with the cookie = %d %s, want 200", res.status, res.body)
			}
			out := i.valid(t, routeNamed(t, "DELETE /sessions/current")).with("Cookie", set.Name+"="+set.Value)
			cleared := i.send(t, out).cookie(t)
			if cleared.Name != tt.name || cleared.Value != "" || cleared.MaxAge >= 0 || cleared.Path != tt.path || cleared.Secure != secure {
				t.Errorf("signing out sets %s, want it cleared", cleared.Raw)
			}
			i.send(t, me).wantProblem(t, "GET /me after signing out", 401, letterlock.ErrUnauthorized)
		})
	}
}

// Where an instance has https, a cookie that somebody in between could have set
// is not looked at.
func TestPlainCookieOnHTTPS(t *testing.T) {
	config := testkit.ServerConfig{}
	config.Origin = "https://share.example.org"
	i := newInstance(t, config)
	r := i.valid(t, routeNamed(t, "GET /me")).with("Cookie", "session="+b64(i.owner.Cookie))
	i.send(t, r).wantProblem(t, "GET /me", 401, letterlock.ErrUnauthorized)
}

// The cookie of a session that is over is cleared, and whoever sent it goes on
// as nobody.
func TestSessionThatIsOver(t *testing.T) {
	i := newInstance(t, testkit.ServerConfig{})
	peek := i.as(i.valid(t, routeNamed(t, "GET /secrets/{id}")), i.owner)
	i.Clock.Advance(letterlock.SessionIdle - time.Second)
	i.clears(t, i.send(t, i.as(peek, i.member)), false)
	i.Clock.Advance(time.Second)
	i.clears(t, i.send(t, peek), true)
	i.clears(t, i.send(t, peek.with("Cookie", "session=canary")), true)
	i.clears(t, i.send(t, peek.with("Cookie", "other=canary")), false)
	i.clears(t, i.send(t, peek.with("Cookie")), false)
	if res := i.send(t, i.as(i.valid(t, routeNamed(t, "GET /me")), i.member)); res.status != 200 {
		t.Errorf("GET /me in a session that was used = %d %s, want 200", res.status, res.body)
	}
}

func (i *instance) clears(t *testing.T, res response, want bool) {
	t.Helper()
	got := strings.Contains(strings.Join(res.header.Values("Set-Cookie"), ""), "Max-Age=0")
	if got != want || res.status == 401 {
		t.Errorf("the answer %d sets %q, want the cookie cleared: %v", res.status, res.header.Values("Set-Cookie"), want)
	}
}

// A token and a cookie are never taken for each other, and where both come the
// token counts: one that is not valid is not made up for by the cookie.
func TestTokenOrCookie(t *testing.T) {
	i := newInstance(t, testkit.ServerConfig{})
	me := i.valid(t, routeNamed(t, "GET /me"))
	both := i.as(me, i.owner).with("Authorization", "Bearer "+string(i.member.Token))
	var user api.User
	i.send(t, both).into(t, &user)
	if user.ID != i.member.ID {
		t.Errorf("GET /me by the owner's cookie and a member's token is %s, want the member", user.Email)
	}
	i.send(t, both.with("Authorization", "Bearer "+string(i.revoked))).wantProblem(t, "a cookie and a revoked token", 401, letterlock.ErrUnauthorized)
	if res := i.send(t, i.as(me, i.owner).with("Authorization", "Basic Y2FuYXJ5OmNhbmFyeQ==")); res.status != 200 {
		t.Errorf("a cookie behind a proxy that asks for a password = %d %s, want 200", res.status, res.body)
	}
	i.send(t, withoutAccount(me).with("Cookie", "session="+string(i.owner.Token))).wantProblem(t, "a token as a cookie", 401, letterlock.ErrUnauthorized)
	i.send(t, withoutAccount(me).with("Authorization", "Bearer "+b64(i.owner.Cookie))).wantProblem(t, "a cookie as a token", 401, letterlock.ErrUnauthorized)
	query := withoutAccount(me)
	query.path += "?access_token=" + string(i.owner.Token)
	i.send(t, query).wantProblem(t, "a token in the address", 401, letterlock.ErrUnauthorized)
}

// Whoever signs in learns nothing about the address but that the password was
// wrong for it: the answers are the same, to the byte.
func TestSignInIsUniform(t *testing.T) {
	i := newInstance(t, testkit.ServerConfig{})
	rt := routeNamed(t, "POST /sessions")
	answer := func(email, password string) response {
		r := i.valid(t, rt)
		r.body = object{{"email", text(email)}, {"password", text(password)}}.String()
		res := i.send(t, r)
		res.wantProblem(t, "POST /sessions for "+email, 403, letterlock.ErrWrongPass)
		res.header.Del("X-Request-Id")
		res.header.Del("Date")
		return res
	}
	known, unknown := answer("owner@example.org", "a wrong password"), answer("nobody@example.org", "a wrong password")
	if diff := cmp.Diff(known, unknown, cmp.AllowUnexported(response{})); diff != "" {
		t.Errorf("the answers for an address with and without an account differ: %s", diff)
	}
	for range 4 {
		answer("owner@example.org", "a wrong password")
	}
	res := i.send(t, i.valid(t, rt))
	res.wantProblem(t, "the sixth try, with the right password", 429, letterlock.ErrRateLimited)
	if got := res.header.Get("Retry-After"); got != "900" {
		t.Errorf("Retry-After is %q, want 900", got)
	}
}

// Asking for a new address is answered in the same way whether somebody has it
// or not.
func TestNewAddressIsUniform(t *testing.T) {
	i := newInstance(t, testkit.ServerConfig{})
	rt := routeNamed(t, "PUT /me/email")
	for _, email := range []string{"nobody@example.org", "member@example.org"} {
		r := i.valid(t, rt)
		r.body = i.body(rt).set("email", text(email)).String()
		if res := i.send(t, r); res.status != 202 || len(res.body) != 0 {
			t.Errorf("PUT /me/email to %s = %d %s, want 202 without a body", email, res.status, res.body)
		}
	}
}

// A new password makes another cookie; those before open nothing.
func TestNewPasswordMakesAnotherCookie(t *testing.T) {
	i := newInstance(t, testkit.ServerConfig{})
	_, elsewhere := i.OpenSession(t, i.guest.User)
	set := i.send(t, i.valid(t, routeNamed(t, "PUT /me/password"))).cookie(t)
	me := i.valid(t, routeNamed(t, "GET /me"))
	for what, cookie := range map[string]string{"the cookie before": b64(i.guest.Cookie), "another session": b64(elsewhere)} {
		i.send(t, me.with("Cookie", "session="+cookie)).wantProblem(t, what, 401, letterlock.ErrUnauthorized)
	}
	if res := i.send(t, me.with("Cookie", "session="+set.Value)); res.status != 200 {
		t.Errorf("GET /me with the new cookie = %d %s, want 200", res.status, res.body)
	}
}

// The list of sessions says which is which, and nothing that opens one.
func TestListOfSessions(t *testing.T) {
	i := newInstance(t, testkit.ServerConfig{})
	sign := i.valid(t, routeNamed(t, "POST /sessions")).with("User-Agent", "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0 canary")
	set := i.send(t, sign).cookie(t)
	res := i.send(t, i.valid(t, routeNamed(t, "GET /sessions")).with("Cookie", "session="+set.Value))
	var list api.Sessions
	res.into(t, &list)
	var current []api.Session
	for _, s := range list.Sessions {
		if s.Current {
			current = append(current, s)
		}
	}
	if len(list.Sessions) != 3 || len(current) != 1 || current[0].Browser != "Firefox on Linux" || current[0].Network != "127.0.0.0/24" {
		t.Errorf("GET /sessions = %s, want three, one of them this one by Firefox on Linux from 127.0.0.0/24", res.body)
	}
	for _, secret := range []string{set.Value, b64(i.owner.Cookie), "canary"} {
		if strings.Contains(string(res.body), secret) {
			t.Errorf("GET /sessions tells %q", secret)
		}
	}
}

// What a browser is called is one of our own words, whatever it sends.
func TestBrowsers(t *testing.T) {
	i := newInstance(t, testkit.ServerConfig{})
	for agent, want := range map[string]string{
		"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36":                         "Chrome on Windows",
		"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36 Edg/140.0.0.0":           "Edge on Windows",
		"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.0 Safari/605.1.15":                   "Safari on macOS",
		"Mozilla/5.0 (iPhone; CPU iPhone OS 26_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.0 Mobile/15E148 Safari/604.1": "Safari on iOS",
		"Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/28.0 Chrome/130.0.0.0 Mobile Safari/537.36":     "Samsung Internet on Android",
		"Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36":                          "Chrome on ChromeOS",
		"curl/8.5.0":          "curl",
		"canary (Linux) \xff": "Linux",
		"canary":              "",
	} {
		res := i.serve(t, i.valid(t, routeNamed(t, "POST /sessions")).with("User-Agent", agent), reader)
		var s api.Session
		res.into(t, &s)
		if s.Browser != want {
			t.Errorf("a session by %q is of %q, want %q", agent, s.Browser, want)
		}
	}
}

// Nothing is changed before somebody set the instance up, but that; then
// everything is as usual.
func TestSetupFirst(t *testing.T) {
	i := newInstance(t, testkit.ServerConfig{})
	bare := &instance{Server: testkit.Serve(t, testkit.ServerConfig{SetupFirst: true}), secret: i.secret, fresh: i.fresh, view: i.view, viewSecret: i.viewSecret, people: i.people}
	before := bare.Dump(t)
	for rt := range apiRoutes() {
		if rt.Method != "GET" && name(rt) != "POST /setup" {
			bare.send(t, withoutAccount(bare.valid(t, rt))).wantProblem(t, name(rt), 503, letterlock.ErrSetup)
		}
	}
	if after := bare.Dump(t); after != before {
		t.Errorf("the database changed from\n%s\nto\n%s", before, after)
	}
	bare.wantSetup(t, true)
	var err error
	if bare.setup, err = bare.Service.MakeSetupTicket(t.Context()); err != nil {
		t.Fatalf("MakeSetupTicket: %v", err)
	}
	set := bare.send(t, bare.valid(t, routeNamed(t, "POST /setup"))).cookie(t)
	bare.wantSetup(t, false)
	if res := bare.send(t, bare.valid(t, routeNamed(t, "GET /instance")).with("Cookie", "session="+set.Value)); res.status != 200 {
		t.Errorf("GET /instance by who set it up = %d %s, want 200", res.status, res.body)
	}
	if res := bare.send(t, bare.valid(t, routeNamed(t, "POST /secrets"))); res.status != 201 {
		t.Errorf("POST /secrets after it = %d %s, want 201", res.status, res.body)
	}
	bare.send(t, bare.valid(t, routeNamed(t, "POST /setup"))).wantProblem(t, "POST /setup again", 404, letterlock.ErrNotFound)
}

func (i *instance) wantSetup(t *testing.T, needed bool) {
	t.Helper()
	var answer api.SetupResponse
	res := i.send(t, i.valid(t, routeNamed(t, "GET /setup")))
	if res.into(t, &answer); answer.Needed != needed {
		t.Errorf("GET /setup = %s, want needed %v", res.body, needed)
	}
}
