package mail

import (
	"context"
	"maps"
	"net"
	"slices"
	"time"

	"letterlock"
)

// Patience is how long handing over one mail may take.
const Patience = patience

// Plain is how names appear in mails.
func Plain(name string) string { return plain(name) }

// DialTo sends every connection to that address, whatever server is meant. The
// deadline of the last one is in what it returns.
func (s *SMTP) DialTo(address string) *time.Time {
	deadline := new(time.Time)
	s.dial = func(ctx context.Context, network, _ string) (net.Conn, error) {
		*deadline, _ = ctx.Deadline()
		return new(net.Dialer).DialContext(ctx, network, address)
	}
	return deadline
}

// Kinds are the kinds of contents.
func Kinds() []letterlock.MailKind { return slices.Sorted(maps.Keys(kinds)) }
