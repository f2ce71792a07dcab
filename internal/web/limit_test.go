package web_test

import (
	"errors"
	"fmt"
	"net/netip"
	"strconv"
	"strings"
	"testing"
	"time"

	"letterlock"
	"letterlock/api"
	"letterlock/internal/testkit"
	"letterlock/internal/web"
)

// limited is an instance with rate limits that run by a clock of their own.
func limited(t *testing.T, proxies ...string) *instance {
	t.Helper()
	config := testkit.ServerConfig{}
	config.RateLimit = true
	for _, p := range proxies {
		config.TrustedProxies = append(config.TrustedProxies, netip.MustParsePrefix(p))
	}
	i := newInstance(t, config)
	i.Web.SetClock(i.limits.Now)
	return i
}

// perMinute is how many requests a route grants one address in a minute.
var perMinute = map[string]int{
	"POST /secrets":                              10,
	"GET /secrets/{id}":                          60,
	"PATCH /secrets/{id}":                        240,
	"DELETE /secrets/{id}":                       240,
	"POST /secrets/{id}/views":                   60,
	"POST /secrets/{id}/feedback":                60,
	"DELETE /views/{view}":                       60,
	"GET /views/{view}/parts/{part}":             60,
	"GET /secrets":                               240,
	"POST /secrets/deletions":                    240,
	"GET /setup":                                 240,
	"POST /setup":                                10,
	"GET /instance":                              240,
	"PUT /instance":                              240,
	"GET /me":                                    240,
	"PATCH /me":                                  240,
	"DELETE /me":                                 10,
	"PUT /me/password":                           10,
	"PUT /me/email":                              10,
	"GET /sessions":                              240,
	"POST /sessions":                             10,
	"DELETE /sessions":                           240,
	"PATCH /sessions/current":                    240,
	"DELETE /sessions/current":                   240,
	"DELETE /sessions/{session}":                 240,
	"GET /tokens":                                240,
	"POST /tokens":                               10,
	"DELETE /tokens/{token}":                     240,
	"GET /organizations":                         240,
	"POST /organizations":                        240,
	"GET /organizations/{org}":                   240,
	"PATCH /organizations/{org}":                 240,
	"GET /organizations/{org}/policy":            240,
	"PUT /organizations/{org}/policy":            240,
	"GET /organizations/{org}/brand":             240,
	"PUT /organizations/{org}/brand":             240,
	"GET /organizations/{org}/members":           240,
	"PATCH /organizations/{org}/members/{user}":  240,
	"DELETE /organizations/{org}/members/{user}": 240,
	"GET /organizations/{org}/invitations":       240,
	"POST /organizations/{org}/invitations":      240,
	"DELETE /organizations/{org}/invitations/{invitation}":     240,
	"POST /organizations/{org}/invitations/{invitation}/links": 240,
	"GET /organizations/{org}/events":                          240,
	"PATCH /organizations/{org}/events":                        240,
	"POST /invitations":                                        240,
	"POST /memberships":                                        240,
}

const reader = "192.0.2.1:1000"

// Every route of the API has a limit: so many requests pass and the next is
// told how long to wait, which is long enough. Other addresses notice nothing.
// Pages and files have none.
func TestEveryRouteIsLimited(t *testing.T) {
	for _, rt := range web.Routes() {
		t.Run(name(rt), func(t *testing.T) {
			t.Parallel()
			n := perMinute[name(rt)]
			switch {
			case isAPI(rt) && (n == 0 || rt.Unlimited):
				t.Fatal("there is no limit for a route of the API")
			case !isAPI(rt) && !rt.Unlimited:
				t.Fatal("a page is limited")
			case !isAPI(rt):
				return
			}
			i := limited(t)
			r := i.valid(t, rt)
			i.granted(t, r, reader)
			if rt.SignedIn || once[name(rt)] { // who asks is only looked at within the limit
				r = withoutAccount(r)
			}
			for at := 1; at < n; at++ {
				if res := i.serve(t, r, reader); res.status == 429 {
					t.Fatalf("request %d of %d = %d %s, want it answered", at+1, n, res.status, res.body)
				}
			}
			i.wantLimited(t, r, reader)
			if res := i.serve(t, r, "192.0.2.2:1000"); res.status == 429 {
				t.Errorf("another address = %d %s, want it answered", res.status, res.body)
			}
			i.limits.Advance(i.retryAfter(t, i.serve(t, r, reader)))
			if res := i.serve(t, r, reader); res.status == 429 {
				t.Errorf("after Retry-After = %d %s, want it answered", res.status, res.body)
			}
		})
	}
}

// granted expects that a request is granted.
func (i *instance) granted(t *testing.T, r request, from string) {
	t.Helper()
	if res := i.serve(t, r, from); res.status/100 != 2 {
		t.Fatalf("%s %s = %d %s, want 2xx", r.method, r.path, res.status, res.body)
	}
}

// wantLimited expects that a request is refused by a limit, before anything
// else is looked at.
func (i *instance) wantLimited(t *testing.T, r request, from string) {
	t.Helper()
	before := i.Dump(t)
	res := i.serve(t, r, from)
	res.wantProblem(t, "the request over the limit", 429, letterlock.ErrRateLimited)
	i.retryAfter(t, res)
	if after := i.Dump(t); after != before {
		t.Errorf("a refused request changed the database from\n%s\nto\n%s", before, after)
	}
}

func (i *instance) retryAfter(t *testing.T, res response) time.Duration {
	t.Helper()
	seconds, err := strconv.Atoi(res.header.Get("Retry-After"))
	if err != nil || seconds < 1 {
		t.Errorf("Retry-After is %q, want seconds", res.header.Get("Retry-After"))
	}
	return time.Duration(seconds) * time.Second
}

// Whoever creates as fast as the minute allows runs into the hour's limit, and
// then into the day's.
func TestCreatesPerHourAndDay(t *testing.T) {
	i := limited(t)
	r := i.valid(t, routeNamed(t, "POST /secrets"))
	granted := func(in, every time.Duration) (n int) {
		for end := i.limits.Now().Add(in); i.limits.Now().Before(end); i.limits.Advance(every) {
			if i.serve(t, r, reader).status/100 == 2 {
				n++
			}
		}
		return n
	}
	// A budget refills while it is used: at most twice of it is granted in its time.
	if n := granted(5*time.Minute, 6*time.Second); n != 50 {
		t.Errorf("in five minutes %d creates are granted, want 50", n)
	}
	if n := granted(55*time.Minute, 6*time.Second); n < 10 || n > 70 {
		t.Errorf("in the rest of the hour %d creates are granted, want up to 70", n)
	}
	if n := granted(23*time.Hour, time.Minute); n < 80 || n > 280 {
		t.Errorf("in the rest of the day %d creates are granted, want up to 280", n)
	}
}

// Whoever guesses links has to wait, with everything that takes a link.
func TestFailedLinkProofsAreLimited(t *testing.T) {
	i := limited(t)
	peek := i.valid(t, routeNamed(t, "GET /secrets/{id}"))
	guess := peek.with(api.HeaderLinkProof, b64(i.fresh.Link))
	for range 20 {
		i.serve(t, guess, reader).wantProblem(t, "a guess", 404, letterlock.ErrNotFound)
	}
	i.wantLimited(t, guess, reader)
	i.wantLimited(t, peek, reader)
	i.wantLimited(t, i.valid(t, routeNamed(t, "POST /secrets/{id}/views")), reader)
}

// Wrong access proofs are few in an hour, so that a link holder's guesses from
// one address are slow for every secret together.
func TestFailedAccessProofsAreLimited(t *testing.T) {
	i := limited(t)
	rt := routeNamed(t, "POST /secrets/{id}/views")
	wrong := i.valid(t, rt)
	wrong.body = i.body(rt).set("access_proof", quoted(i.fresh.Access)).String()
	for range 30 {
		i.serve(t, wrong, reader).wantProblem(t, "a wrong proof", 403, letterlock.ErrWrongProof)
	}
	i.wantLimited(t, wrong, reader)
	i.limits.Advance(time.Minute)
	i.wantLimited(t, i.valid(t, rt), reader)
	i.limits.Advance(time.Minute)
	if res := i.serve(t, i.valid(t, rt), reader); res.status != 201 {
		t.Errorf("after two minutes = %d %s, want 201", res.status, res.body)
	}
}

// One network is one client, however many addresses it has and however they
// are written.
func TestOneNetworkIsOneClient(t *testing.T) {
	tests := map[string][]string{
		"one IPv4 address":       {"192.0.2.1:1", "192.0.2.1:2"},
		"IPv4 written as IPv6":   {"192.0.2.1:1", "[::ffff:192.0.2.1]:2", "[::ffff:c000:201]:3"},
		"one /64":                {"[2001:db8::1]:1", "[2001:db8::2]:1", "[2001:db8::ffff:ffff:ffff:ffff]:1", "[2001:db8:0:0:8000::]:1"},
		"one link-local address": {"[fe80::1%eth0]:1", "[fe80::1%eth1]:1", "[fe80::2]:1"},
	}
	for name, froms := range tests {
		t.Run(name, func(t *testing.T) {
			i := limited(t)
			r := i.valid(t, routeNamed(t, "GET /secrets/{id}"))
			for n := range 60 {
				if res := i.serve(t, r, froms[n%len(froms)]); res.status != 200 {
					t.Fatalf("request %d = %d %s, want 200", n+1, res.status, res.body)
				}
			}
			for _, from := range froms {
				i.wantLimited(t, r, from)
			}
		})
	}
}

// All 65,536 addresses tried of a /64 are one client.
func TestAddressesOfOneNetwork(t *testing.T) {
	i := limited(t)
	for n := range 1 << 16 {
		known := i.Web.Look(netip.MustParseAddr(fmt.Sprintf("2001:db8::%x:%x", n>>8, n)))
		if known != 2 { // the /64 and its /48
			t.Fatalf("after %d addresses of one /64 the limiter knows %d networks, want 2", n+1, known)
		}
	}
}

// Another /64 is another client, until all of a site together ask for ten times
// as much.
func TestSiteHasALimitToo(t *testing.T) {
	i := limited(t)
	r := i.valid(t, routeNamed(t, "GET /secrets/{id}"))
	for net := range 10 {
		for range 60 {
			if res := i.serve(t, r, fmt.Sprintf("[2001:db8:0:%x::1]:1", net)); res.status != 200 {
				t.Fatalf("network %d = %d, want 200", net, res.status)
			}
		}
	}
	i.wantLimited(t, r, "[2001:db8:0:ffff::1]:1")
	if res := i.serve(t, r, "[2001:db8:1::1]:1"); res.status != 200 {
		t.Errorf("another site = %d, want 200", res.status)
	}
}

// However many clients come, the limiter's memory is bounded: it forgets those
// that were quiet longest.
func TestLimiterForgets(t *testing.T) {
	i := limited(t)
	known := 0
	for n := range web.NetworksKnown + 1000 {
		known = i.Web.Look(netip.AddrFrom4([4]byte{10, byte(n >> 16), byte(n >> 8), byte(n)}))
	}
	if known != web.NetworksKnown {
		t.Errorf("the limiter knows %d clients, want %d at most", known, web.NetworksKnown)
	}
}

// Anyone can send these headers, so without a trusted proxy none of them makes
// someone else of a client.
func TestForwardedHeadersAreNotBelieved(t *testing.T) {
	i := limited(t)
	r := i.valid(t, routeNamed(t, "GET /secrets/{id}"))
	var spoofs []request
	for _, header := range []string{
		"X-Forwarded-For", "X-Real-Ip", "Forwarded", "X-Client-Ip", "Client-Ip", "True-Client-Ip", "Cf-Connecting-Ip", "X-Cluster-Client-Ip", "Fastly-Client-Ip", "X-Original-Forwarded-For",
	} {
		for _, value := range []string{"198.51.100.7", "127.0.0.1, 198.51.100.8", "for=198.51.100.9"} {
			spoofs = append(spoofs, r.with(header, value))
		}
	}
	for n := range 60 {
		if res := i.serve(t, spoofs[n%len(spoofs)], reader); res.status != 200 {
			t.Fatalf("request %d = %d, want 200", n+1, res.status)
		}
	}
	for _, spoof := range spoofs {
		i.wantLimited(t, spoof, reader)
	}
}

// Behind a trusted proxy the client is the last address that is not one.
func TestTrustedProxies(t *testing.T) {
	const proxy = "10.0.0.1:1000"
	tests := []struct {
		name, from string
		forwarded  []string
		client     string // the address that the request counts for
	}{
		{"direct", "203.0.113.5:1", nil, "203.0.113.5:1"},
		{"one hop", proxy, []string{"203.0.113.5"}, "203.0.113.5:1"},
		{"two trusted hops", proxy, []string{"203.0.113.5, 10.9.9.9"}, "203.0.113.5:1"},
		{"in two lines", proxy, []string{"198.51.100.1", "203.0.113.5"}, "203.0.113.5:1"},
		{"spoofed before", proxy, []string{"198.51.100.1, 203.0.113.5"}, "203.0.113.5:1"},
		{"spoofed as a proxy", proxy, []string{"10.0.0.7, 203.0.113.5"}, "203.0.113.5:1"},
		{"written as IPv6", proxy, []string{"::ffff:203.0.113.5"}, "203.0.113.5:1"},
		{"proxy written as IPv6", "[::ffff:10.0.0.1]:9", []string{"203.0.113.5"}, "203.0.113.5:1"},
		{"IPv6 proxy", "[fd00::1]:9", []string{"2001:db8::7"}, "[2001:db8::8]:1"},
		{"rubbish before", proxy, []string{"rubbish, 203.0.113.5"}, "203.0.113.5:1"},
		{"rubbish last", proxy, []string{"203.0.113.5, rubbish"}, proxy},
		{"empty", proxy, []string{""}, proxy},
		{"none", proxy, nil, proxy},
		{"with a port", proxy, []string{"203.0.113.5:443"}, "203.0.113.5:1"},
		{"IPv6 with a port", proxy, []string{"[2001:db8::7]:443"}, "[2001:db8::8]:1"},
		{"not from a proxy", "203.0.113.5:1", []string{"198.51.100.1"}, "203.0.113.5:1"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			i := limited(t, "10.0.0.0/8", "fd00::/16")
			r := i.valid(t, routeNamed(t, "GET /secrets/{id}"))
			for range 60 {
				if res := i.serve(t, r.with("X-Forwarded-For", tt.forwarded...), tt.from); res.status != 200 {
					t.Fatalf("GET = %d, want 200", res.status)
				}
			}
			i.wantLimited(t, r, tt.client)
		})
	}
}

// --rate-limit=false lifts the limits of an address. What guards secrets stays.
func TestRateLimitOff(t *testing.T) {
	i := newInstance(t, testkit.ServerConfig{})
	for _, what := range []string{"POST /secrets", "GET /secrets/{id}", "DELETE /secrets/{id}"} {
		r := i.valid(t, routeNamed(t, what))
		for n := range 300 {
			if res := i.serve(t, r, reader); res.status/100 != 2 {
				t.Fatalf("%s, request %d = %d %s, want 2xx", what, n+1, res.status, res.body)
			}
		}
	}
	secret := testkit.Seal(t, "text", "a password")
	if _, _, err := i.Service.CreateSecret(t.Context(), letterlock.Caller{}, &secret.NewSecret); err != nil {
		t.Fatalf("CreateSecret: %v", err)
	}
	rt := routeNamed(t, "POST /secrets/{id}/views")
	r := i.valid(t, rt).with(api.HeaderLinkProof, b64(secret.Link))
	r.path = strings.Replace(r.path, string(i.secret.ID), string(secret.ID), 1)
	for n := range 15 {
		r.body = i.body(rt).set("access_proof", quoted(append([]byte{secret.Access[0] ^ byte(n+1)}, secret.Access[1:]...))).String()
		status, code := 403, letterlock.ErrWrongPass
		if n >= letterlock.PasswordTries {
			status, code = 410, letterlock.ErrGone
		}
		i.serve(t, r, reader).wantProblem(t, fmt.Sprintf("wrong password %d", n+1), status, code)
	}
	view, _ := secret.NewView()
	if _, err := i.Service.ViewSecret(t.Context(), letterlock.Caller{Link: secret.Link}, secret.ID, view); !errors.Is(err, letterlock.ErrGone) {
		t.Errorf("ViewSecret with the right password after the lock = %v, want gone", err)
	}
}

// Ids of accounts open nothing, so that those who name one that is gone are no
// guessers of links.
func TestWhatIsGoneIsNoGuess(t *testing.T) {
	i := limited(t)
	gone := i.valid(t, routeNamed(t, "DELETE /tokens/{token}"))
	gone.path = strings.Replace(gone.path, string(i.owner.API.ID), string(i.owner.ID), 1)
	for range 25 {
		i.serve(t, gone, reader).wantProblem(t, "a token that is gone", 404, letterlock.ErrNotFound)
	}
	i.granted(t, i.valid(t, routeNamed(t, "GET /secrets/{id}")), reader)
}
