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

	lru "github.com/hashicorp/golang-lru/v2"
	"golang.org/x/time/rate"

	"letterlock"
)

// limit names a budget that a client's requests are taken from.
type limit int

const (
	unlimited   limit = iota + 1 // files and documents, which cost nothing to send
	limitCreate                  // making secrets
	limitLook                    // asking what a link is
	limitManage                  // the sender's calls
	limitOpen                    // opening and closing views
	limitLink                    // failed link proofs
	limitAccess                  // failed access proofs
	limits
)

// budget is how many requests a client may send in a time, all at once or
// spread.
type budget struct {
	n   int
	per time.Duration
}

// budgets of one address. Every one of a limit's budgets has to have room.
var budgets = map[limit][]budget{
	limitCreate: {{10, time.Minute}, {60, time.Hour}, {200, 24 * time.Hour}},
	limitLook:   {{60, time.Minute}},
	limitManage: {{240, time.Minute}},
	limitOpen:   {{60, time.Minute}}, // a view and its acknowledgement: 30 openings
	limitLink:   {{20, time.Minute}},
	limitAccess: {{30, time.Hour}},
}

const (
	// clientsKnown bounds the memory of the limiter; the client that was quiet
	// longest is forgotten first.
	clientsKnown = 100_000

	// siteFactor is how much more a /48 of IPv6, a customer's whole site, may
	// send than one /64 of it.
	siteFactor = 10
)

// limiter bounds what one client may ask for. It lives in memory: what guards
// secrets is counted in the database.
type limiter struct {
	clients *lru.Cache[netip.Prefix, *buckets]
	now     func() time.Time
}

// buckets are one client's budgets. mu guards all of them, so that a request
// that one refuses takes nothing from another.
type buckets struct {
	mu  sync.Mutex
	all [limits][]*rate.Limiter
}

func newLimiter() *limiter {
	clients, err := lru.New[netip.Prefix, *buckets](clientsKnown)
	if err != nil {
		panic(err) // only for a size that is not positive
	}
	return &limiter{clients: clients, now: time.Now}
}

// limitError is a refusal with the time to wait.
type limitError struct{ wait time.Duration }

func (e *limitError) Error() string { return fmt.Sprintf("rate limited for %v", e.wait) }
func (e *limitError) Unwrap() error { return letterlock.ErrRateLimited }
func (e *limitError) seconds() int  { return max(1, int(math.Ceil(e.wait.Seconds()))) }

// allow takes a request from the client's budgets, or says how long to wait.
// Clients that keep guessing proofs have to wait with everything that takes one.
func (l *limiter) allow(client netip.Addr, which limit) error {
	for prefix, factor := range prefixes(client) {
		if wait := l.take(prefix, factor, which, limitLink, limitAccess); wait > 0 {
			return &limitError{wait}
		}
	}
	return nil
}

// note takes a failed proof from the client's budgets, after the fact.
func (l *limiter) note(client netip.Addr, err error) {
	var which limit
	switch {
	case errors.Is(err, letterlock.ErrNotFound):
		which = limitLink
	case errors.Is(err, letterlock.ErrWrongPass), errors.Is(err, letterlock.ErrWrongProof):
		which = limitAccess
	default:
		return
	}
	for prefix, factor := range prefixes(client) {
		l.take(prefix, factor, which)
	}
}

// take takes one from a budget, if it and the others have room; else it reports
// how long that will last.
func (l *limiter) take(client netip.Prefix, factor int, which limit, others ...limit) time.Duration {
	b, ok := l.clients.Get(client)
	if !ok {
		b = &buckets{}
		if first, ok, _ := l.clients.PeekOrAdd(client, b); ok {
			b = first
		}
	}
	now := l.now()
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, lim := range append(others, which) {
		if wait := b.wait(lim, factor, now); wait > 0 {
			return wait
		}
	}
	for _, r := range b.all[which] {
		r.AllowN(now, 1)
	}
	return 0
}

// wait is how long until the limit has room, zero if it has.
func (b *buckets) wait(which limit, factor int, now time.Time) time.Duration {
	if b.all[which] == nil {
		for _, g := range budgets[which] {
			n := g.n * factor
			b.all[which] = append(b.all[which], rate.NewLimiter(rate.Limit(float64(n)/g.per.Seconds()), n))
		}
	}
	var longest time.Duration
	for _, r := range b.all[which] {
		if missing := 1 - r.TokensAt(now); missing > 0 {
			longest = max(longest, time.Duration(missing/float64(r.Limit())*float64(time.Second)))
		}
	}
	return longest
}

// prefixes are the networks that a client is counted as, with what each may
// send in budgets: an IPv4 address alone, an IPv6 address as its /64 and, with
// more room, its /48.
func prefixes(client netip.Addr) map[netip.Prefix]int {
	all := map[netip.Prefix]int{network(client): 1}
	if !client.Is4() {
		site, _ := client.WithZone("").Prefix(48)
		all[site] = siteFactor
	}
	return all
}

// network is the smallest network that belongs to one client.
func network(client netip.Addr) netip.Prefix {
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
