package web

import (
	"net/netip"
	"slices"
	"time"

	"letterlock"
)

// Route is a line of the table as tests see it.
type Route struct {
	Method, Path string
	Body         int64
	Unlimited    bool
	SignedIn     bool // it takes an account
}

// Routes are those whose answers are the same for everyone, and the API's.
func Routes() []Route { return seen(slices.Concat(apiRoutes, siteRoutes)) }

// PageRoutes are those of pages made for one reader, and of their forms.
func PageRoutes() []Route { return seen(pageRoutes) }

func seen(routes []route) []Route {
	all := make([]Route, len(routes))
	for i, rt := range routes {
		all[i] = Route{Method: rt.method, Path: rt.path, Body: rt.body, Unlimited: rt.limit == unlimited, SignedIn: rt.access == signedIn}
	}
	return all
}

// Statuses are the rows of the table of answers.
func Statuses() map[letterlock.Code]int {
	all := map[letterlock.Code]int{}
	for code, answer := range answers {
		all[code] = answer.status
	}
	return all
}

// NetworksKnown is how many networks the limiter remembers.
const NetworksKnown = networksKnown

// SetClock makes the limits run by a clock of the test's.
func (s *Server) SetClock(now func() time.Time) {
	s.limiter.mu.Lock()
	defer s.limiter.mu.Unlock()
	s.limiter.now, s.limiter.begun = now, now()
}

// Look takes one request from the budget that a client has for looking, and
// reports how many networks the limiter knows after it.
func (s *Server) Look(client netip.Addr) (known int) {
	s.limiter.allow(client, limitLook)
	return s.limiter.networks.Len()
}

// Parameters reads the names in a pattern.
var Parameters = parameters
