package web

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"testing"
)

// crowd is a listener that has a connection from each of these addresses, and
// then no more.
type crowd struct {
	net.Listener
	from []string
}

var errNoMore = errors.New("no more")

func (l *crowd) Accept() (net.Conn, error) {
	if len(l.from) == 0 {
		return nil, errNoMore
	}
	conn := visitor{from: net.TCPAddrFromAddrPort(netip.AddrPortFrom(netip.MustParseAddr(l.from[0]), 1))}
	l.from = l.from[1:]
	return conn, nil
}

type visitor struct {
	net.Conn
	from net.Addr
}

func (v visitor) RemoteAddr() net.Addr { return v.from }
func (v visitor) Close() error         { return nil }

// admitted are the connections that a listener lets in.
func admitted(l *boundedListener, from []string) (all []net.Conn) {
	l.Listener = &crowd{from: from}
	for {
		conn, err := l.Accept()
		if err != nil {
			return all
		}
		all = append(all, conn)
	}
}

// addresses spells n of them, the first n times 64 in 64 each.
func addresses(n int, format string) (all []string) {
	for i := range n {
		all = append(all, fmt.Sprintf(format, i/64))
	}
	return all
}

func TestConnectionsAreBounded(t *testing.T) {
	trusted := []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}
	tests := []struct {
		name string
		from []string
		want int
	}{
		{"one address", addresses(64, "192.0.2.%d"), 64},
		{"one address, more", append(addresses(64, "192.0.2.%d"), "192.0.2.0", "192.0.2.1"), 65},
		{"one /64", append(addresses(64, "2001:db8::%d"), "2001:db8::ffff"), 64},
		{"one /48", addresses(2000, "2001:db8:0:%d::1"), 640},
		{"many sites", addresses(2000, "2001:db8:%d::1"), 2000},
		{"a trusted proxy", addresses(2000, "10.0.%d.1"), 2000},
		{"the whole world", addresses(9000, "2001:db8:%d::1"), 8192},
		{"the whole world by a proxy", addresses(9000, "10.0.%d.1"), 8192},
	}
	for _, tt := range tests {
		l := &boundedListener{trusted: trusted, open: map[netip.Prefix]int{}}
		conns := admitted(l, tt.from)
		if len(conns) != tt.want {
			t.Errorf("%s: %d connections are let in of %d, want %d", tt.name, len(conns), len(tt.from), tt.want)
		}
		for _, conn := range conns {
			conn.Close()
			conn.Close() // gives back one place, not two
		}
		if l.all != 0 || len(l.open) != 0 {
			t.Errorf("%s: after all are closed %d are counted, %v", tt.name, l.all, l.open)
		}
	}
}
