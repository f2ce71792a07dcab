package web

import (
	"net/netip"
	"time"

	"letterlock"
)

// Route is a line of the table as tests see it.
type Route struct {
	Method, Path string
	Body         int64
	Unlimited    bool
}

// Routes is the whole table.
func Routes() []Route {
	all := make([]Route, len(routes))
	for i, rt := range routes {
		all[i] = Route{Method: rt.method, Path: rt.path, Body: rt.body, Unlimited: rt.limit == unlimited}
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

// ClientsKnown is how many networks the limiter remembers.
const ClientsKnown = clientsKnown

// SetClock makes the limits run by a clock of the test's.
func (s *Server) SetClock(now func() time.Time) { s.limits.now = now }

// Look takes one request from the budget that a client has for looking, and
// reports how many clients the limiter knows after it.
func (s *Server) Look(client netip.Addr) (known int) {
	s.limits.allow(client, limitLook)
	return s.limits.clients.Len()
}
