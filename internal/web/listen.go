package web

import (
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"sync"
	"time"
)

// Deadlines of a connection. The longest body is read at 16 KiB/s or faster, or
// not at all.
const (
	headerTimeout = 5 * time.Second
	readTimeout   = headerTimeout + bodyCreate/(16<<10)*time.Second
	writeTimeout  = 60 * time.Second
	idleTimeout   = 60 * time.Second
	maxHeader     = 16 << 10

	connectionsPerClient = 64
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
		ErrorLog:          slog.NewLogLogger(s.config.Log.Handler(), slog.LevelDebug),
	}
}

// Listener bounds how many connections one client holds at a time, trusted
// proxies aside. Without rate limits it is l itself.
func (s *Server) Listener(l net.Listener) net.Listener {
	if s.limits == nil {
		return l
	}
	return &boundedListener{Listener: l, trusted: s.config.TrustedProxies, open: map[netip.Prefix]int{}}
}

// boundedListener closes connections beyond the bound as they come. mu guards
// open.
type boundedListener struct {
	net.Listener
	trusted []netip.Prefix

	mu   sync.Mutex
	open map[netip.Prefix]int
}

// Accept waits for a connection within the bound.
func (l *boundedListener) Accept() (net.Conn, error) {
	for {
		conn, err := l.Listener.Accept()
		if err != nil {
			return nil, err
		}
		addr := peer(conn.RemoteAddr().String())
		if contains(l.trusted, addr) {
			return conn, nil
		}
		if client := network(addr); l.enter(client) {
			return &boundedConn{Conn: conn, leave: sync.OnceFunc(func() { l.leave(client) })}, nil
		}
		conn.Close()
	}
}

func (l *boundedListener) enter(client netip.Prefix) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.open[client] >= connectionsPerClient {
		return false
	}
	l.open[client]++
	return true
}

func (l *boundedListener) leave(client netip.Prefix) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.open[client]--; l.open[client] == 0 {
		delete(l.open, client)
	}
}

// boundedConn gives its place back when it is closed.
type boundedConn struct {
	net.Conn
	leave func()
}

// Close closes the connection.
func (c *boundedConn) Close() error {
	c.leave()
	return c.Conn.Close()
}
