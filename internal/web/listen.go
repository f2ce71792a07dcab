package web

import (
	"errors"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"sync"
	"time"
)

// Deadlines of a connection. The longest body is read at 24 KiB/s or faster, or
// not at all.
const (
	headerTimeout = 5 * time.Second
	readTimeout   = headerTimeout + bodyBrand/(24<<10)*time.Second
	writeTimeout  = 60 * time.Second
	idleTimeout   = 60 * time.Second
	maxHeader     = 16 << 10
)

// How many connections are held at a time. One takes some 10 KB, and a
// descriptor.
const (
	connectionsPerClient  = 64
	connectionsPerSite    = 640
	connectionsAltogether = 8192
)

// HTTPServer is an http.Server for s with its deadlines and bounds set.
func (s *Server) HTTPServer() *http.Server {
	return &http.Server{
		Handler:           s,
		ReadHeaderTimeout: headerTimeout,
		ReadTimeout:       readTimeout,
		WriteTimeout:      writeTimeout,
		IdleTimeout:       idleTimeout,
		MaxHeaderBytes:    maxHeader,
		ErrorLog:          slog.NewLogLogger(s.config.Log.Handler(), slog.LevelWarn),

		DisableGeneralOptionsHandler: true, // it knows nothing of our headers
	}
}

// Listener bounds how many connections are held at a time: of one client and
// one site, trusted proxies aside, and altogether. Without rate limits it is l
// itself.
func (s *Server) Listener(l net.Listener) net.Listener {
	if s.limiter == nil {
		return l
	}
	return &boundedListener{Listener: l, trusted: s.config.TrustedProxies, open: map[netip.Prefix]int{}}
}

// boundedListener closes connections beyond a bound as they come.
type boundedListener struct {
	net.Listener
	trusted []netip.Prefix

	mu   sync.Mutex // guards all below
	all  int
	open map[netip.Prefix]int
}

// Accept waits for a connection within the bounds.
func (l *boundedListener) Accept() (net.Conn, error) {
	for {
		conn, err := l.Listener.Accept()
		if err != nil {
			return nil, err
		}
		var counted []netip.Prefix
		if addr := peer(conn.RemoteAddr().String()); !contains(l.trusted, addr) {
			counted = networksOf(addr)
		}
		if l.enter(counted) {
			return &boundedConn{Conn: conn, leave: sync.OnceFunc(func() { l.leave(counted) })}, nil
		}
		conn.Close()
	}
}

func (l *boundedListener) enter(counted []netip.Prefix) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.all >= connectionsAltogether {
		return false
	}
	for _, network := range counted {
		most := connectionsPerClient
		if isSite(network) {
			most = connectionsPerSite
		}
		if l.open[network] >= most {
			return false
		}
	}
	l.all++
	for _, network := range counted {
		l.open[network]++
	}
	return true
}

func (l *boundedListener) leave(counted []netip.Prefix) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.all--
	for _, network := range counted {
		if l.open[network]--; l.open[network] == 0 {
			delete(l.open, network)
		}
	}
}

// boundedConn gives its places back when it is closed.
type boundedConn struct {
	net.Conn
	leave func()
}

// Close closes the connection.
func (c *boundedConn) Close() error {
	c.leave()
	return c.Conn.Close()
}

// CloseWrite ends what is sent and leaves what is read, so that a client that
// is still sending reads its refusal instead of a reset.
func (c *boundedConn) CloseWrite() error {
	half, ok := c.Conn.(interface{ CloseWrite() error })
	if !ok {
		return errors.ErrUnsupported
	}
	return half.CloseWrite()
}
