package web

import (
	"errors"
	"fmt"
	"math"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"sync"
	"time"

	"github.com/hashicorp/golang-lru/v2/simplelru"

	"letterlock"
)

// limit names what a client's requests are counted as.
type limit int

const (
	unlimited    limit = iota + 1 // files and documents, which cost nothing to send
	limitCreate                   // making secrets
	limitLook                     // asking what a link is
	limitManage                   // the sender's calls
	limitOpen                     // opening and closing views
	limitAccount                  // the calls of people who have an account
	limitSign                     // what takes a password, or mails an address: hashing is dear
	limitLink                     // what was not found, as a wrong link proof finds nothing
	limitAccess                   // wrong access proofs
)

// budget is how many requests a client may send in a time, all at once or
// spread. A site is a /48 of IPv6, which one customer has as a whole.
type budget struct {
	limit limit
	n     int // of one client
	site  int // of a site
	per   time.Duration
}

// budgets are all there are. Every one of a limit's budgets has to have room.
// A site may create no more in a day than one client: it bounds what somebody
// can store.
var budgets = [...]budget{
	{limitCreate, 10, 100, time.Minute},
	{limitCreate, 60, 600, time.Hour},
	{limitCreate, 200, 200, 24 * time.Hour},
	{limitLook, 60, 600, time.Minute},
	{limitManage, 240, 2400, time.Minute},
	{limitOpen, 60, 600, time.Minute}, // a view and its acknowledgement: 30 openings
	{limitAccount, 240, 2400, time.Minute},
	{limitSign, 10, 100, time.Minute},
	{limitSign, 100, 1000, time.Hour},
	{limitLink, 20, 200, time.Minute},
	{limitAccess, 30, 300, time.Hour},
}

// spent is when each of a network's budgets is whole again, on the limiter's
// clock. That says everything: a budget has room while that is far enough from
// as late as it can be.
type spent [len(budgets)]time.Duration

// networksKnown bounds the memory of the limiter to some 10 MB; the network that was
// quiet longest is forgotten first.
const networksKnown = 1 << 15

// limiter bounds what one client may ask for. It lives in memory: what guards
// secrets is counted in the database.
type limiter struct {
	now   func() time.Time
	begun time.Time

	mu       sync.Mutex // guards all below, so that a request that one network refuses takes nothing from another
	networks *simplelru.LRU[netip.Prefix, *spent]
}

func newLimiter(now func() time.Time) *limiter {
	networks, err := simplelru.NewLRU[netip.Prefix, *spent](networksKnown, nil)
	if err != nil {
		panic(err) // only for a size that is not positive
	}
	return &limiter{now: now, begun: now(), networks: networks}
}

// limitError is a refusal with the time to wait.
type limitError struct{ wait time.Duration }

func (e *limitError) Error() string { return fmt.Sprintf("rate limited for %v", e.wait) }
func (e *limitError) Unwrap() error { return letterlock.ErrRateLimited }
func (e *limitError) seconds() int  { return max(1, int(math.Ceil(e.wait.Seconds()))) }

// allow takes a request from the client's budgets, or says how long to wait and
// takes nothing. Clients that keep guessing proofs have to wait with everything
// that is limited.
func (l *limiter) allow(client netip.Addr, which limit) error {
	return l.take(client, which, limitLink, limitAccess)
}

// note takes a failed proof of a secret from the client's budgets, after the
// fact. While a view is open, wrong access proofs of a locked secret are answered
// as locked and not counted in the database.
func (l *limiter) note(client netip.Addr, which limit, err error) {
	var refusal *letterlock.Refusal
	switch {
	case which == limitAccount, which == limitSign: // ids open nothing, and passwords are counted for their account
	case errors.Is(err, letterlock.ErrNotFound):
		l.take(client, limitLink)
	case errors.Is(err, letterlock.ErrWrongPass), errors.Is(err, letterlock.ErrWrongProof):
		l.take(client, limitAccess)
	case which == limitOpen && errors.As(err, &refusal) && refusal.Reason == letterlock.Locked:
		l.take(client, limitAccess)
	}
}

// take takes one from each budget of a limit, if they and those of the others
// have room in all of the client's networks.
func (l *limiter) take(client netip.Addr, which limit, others ...limit) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.now().Sub(l.begun)
	counted := networksOf(client)
	var wait time.Duration
	asked := append(others, which)
	for _, network := range counted {
		for _, lim := range asked {
			wait = max(wait, l.known(network).wait(lim, isSite(network), now))
		}
	}
	if wait > 0 {
		return &limitError{wait}
	}
	for _, network := range counted {
		l.known(network).take(which, isSite(network), now)
	}
	return nil
}

// known is what a network has spent.
func (l *limiter) known(network netip.Prefix) *spent {
	s, ok := l.networks.Get(network)
	if !ok {
		s = &spent{}
		l.networks.Add(network, s)
	}
	return s
}

// wait is how long until every budget of a limit has room, zero if it has.
func (s *spent) wait(which limit, site bool, now time.Duration) (longest time.Duration) {
	for i, b := range budgets {
		if b.limit == which {
			longest = max(longest, s.with(i, site, now)-now-b.per)
		}
	}
	return longest
}

// take takes one from every budget of a limit.
func (s *spent) take(which limit, site bool, now time.Duration) {
	for i, b := range budgets {
		if b.limit == which {
			s[i] = s.with(i, site, now)
		}
	}
}

// with is when a budget would be whole again with one more taken from it.
func (s *spent) with(i int, site bool, now time.Duration) time.Duration {
	n := budgets[i].n
	if site {
		n = budgets[i].site
	}
	return max(s[i], now) + budgets[i].per/time.Duration(n)
}

const siteBits = 48

// networksOf are the networks that a client is counted as: an IPv4 address
// alone, an IPv6 address as its /64 and as its site.
func networksOf(client netip.Addr) []netip.Prefix {
	all := []netip.Prefix{networkOf(client)}
	if !client.Is4() {
		site, _ := client.WithZone("").Prefix(siteBits)
		all = append(all, site)
	}
	return all
}

func isSite(network netip.Prefix) bool { return !network.Addr().Is4() && network.Bits() == siteBits }

// networkOf is the smallest network that belongs to one client.
func networkOf(client netip.Addr) netip.Prefix {
	bits := 64
	if client.Is4() {
		bits = 32
	}
	p, _ := client.WithZone("").Prefix(bits)
	return p
}

// client is who sent a request: the connection's address, unless that is a
// trusted proxy; then the last address in X-Forwarded-For that is not one. Other
// headers are not looked at, since anyone can send them.
func (s *Server) client(r *http.Request) netip.Addr {
	addr := peer(r.RemoteAddr)
	if !s.trusted(addr) {
		if r.Header["X-Forwarded-For"] != nil {
			s.warnProxy.Do(func() {
				s.config.Log.Warn("requests come through a proxy that is not trusted, so all its visitors share one limit; start with --trusted-proxy",
					"proxy", addr.String())
			})
		}
		return addr
	}
	hops := strings.Split(strings.Join(r.Header["X-Forwarded-For"], ","), ",")
	for i := len(hops) - 1; i >= 0; i-- {
		hop, err := parseHop(strings.TrimSpace(hops[i]))
		if err != nil {
			break
		}
		addr = hop.Unmap()
		if !s.trusted(addr) {
			break
		}
	}
	return addr
}

// parseHop reads one entry of X-Forwarded-For. Some gateways add the port.
func parseHop(text string) (netip.Addr, error) {
	if withPort, err := netip.ParseAddrPort(text); err == nil {
		return withPort.Addr(), nil
	}
	return netip.ParseAddr(text)
}

func (s *Server) trusted(addr netip.Addr) bool { return contains(s.config.TrustedProxies, addr) }

func contains(prefixes []netip.Prefix, addr netip.Addr) bool {
	for _, p := range prefixes {
		if p.Contains(addr) {
			return true
		}
	}
	return false
}

func peer(remote string) netip.Addr {
	host, _, err := net.SplitHostPort(remote)
	if err != nil {
		host = remote
	}
	addr, err := netip.ParseAddr(host)
	if err != nil {
		return netip.IPv4Unspecified()
	}
	return addr.Unmap()
}
