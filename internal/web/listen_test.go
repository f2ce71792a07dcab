package web_test

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"letterlock"
	"letterlock/internal/testkit"
)

// impatient are deadlines that a test can wait for.
func impatient(s *http.Server) {
	s.ReadHeaderTimeout, s.ReadTimeout, s.IdleTimeout = 300*time.Millisecond, 600*time.Millisecond, 300*time.Millisecond
}

// bounded is an instance as it is run: with its bounds on connections.
func bounded(t *testing.T, change func(*http.Server)) *instance {
	t.Helper()
	config := testkit.ServerConfig{HTTP: change}
	config.RateLimit = true
	return newInstance(t, config)
}

// ended waits for the server to end a connection, and returns what it sent.
func ended(t *testing.T, conn net.Conn) string {
	t.Helper()
	conn.SetReadDeadline(time.Now().Add(10 * time.Second))
	sent, err := io.ReadAll(conn)
	if errors.Is(err, os.ErrDeadlineExceeded) {
		t.Fatal("the server keeps the connection")
	}
	return string(sent)
}

// The product sets every deadline and bound that net/http has.
func TestDeadlinesAreSet(t *testing.T) {
	i := bounded(t, nil)
	s := i.Web.HTTPServer()
	for name, got := range map[string]struct{ is, most time.Duration }{
		"ReadHeaderTimeout": {s.ReadHeaderTimeout, 5 * time.Second},
		"ReadTimeout":       {s.ReadTimeout, 15 * time.Second}, // the longest body at 24 KiB/s, after the header
		"WriteTimeout":      {s.WriteTimeout, time.Minute},
		"IdleTimeout":       {s.IdleTimeout, time.Minute},
	} {
		if got.is <= 0 || got.is > got.most {
			t.Errorf("%s is %v, want up to %v", name, got.is, got.most)
		}
	}
	if s.MaxHeaderBytes != 16<<10 {
		t.Errorf("MaxHeaderBytes is %d, want 16 KiB", s.MaxHeaderBytes)
	}
}

// A client that does not get on with it loses its connection.
func TestSlowHeaders(t *testing.T) {
	i := bounded(t, impatient)
	for what, begin := range map[string]string{
		"nothing": "", "half a line": "GET /s", "no end": "GET / HTTP/1.1\r\nHost: share.example.org\r\nX: ",
	} {
		conn := i.dial(t)
		defer conn.Close()
		io.WriteString(conn, begin)
		if sent := ended(t, conn); strings.HasPrefix(sent, "HTTP/1.1 2") {
			t.Errorf("%s was answered with %.40q", what, sent)
		}
	}
}

// One byte now and then does not help.
func TestDrippingHeaders(t *testing.T) {
	i := bounded(t, impatient)
	conn := i.dial(t)
	defer conn.Close()
	io.WriteString(conn, "GET / HTTP/1.1\r\nHost: share.example.org\r\nX-Drip: ")
	for begun := time.Now(); time.Since(begun) < 10*time.Second; time.Sleep(20 * time.Millisecond) {
		if _, err := io.WriteString(conn, "x"); err != nil {
			return
		}
	}
	t.Error("a client that drips is kept for ten seconds")
}

// A body that does not come is a timeout, said so, and ends the connection.
func TestSlowBodies(t *testing.T) {
	i := bounded(t, impatient)
	before := i.Dump(t)
	for _, what := range []string{"POST /secrets", "POST /secrets/{id}/views", "PATCH /secrets/{id}"} {
		r := i.valid(t, routeNamed(t, what)).with("Content-Length", "3000")
		r.body = r.body[:len(r.body)/2]
		conn := i.dial(t)
		defer conn.Close()
		conn.Write(r.bytes())
		from := bufio.NewReader(conn)
		receive(t, from, r).wantProblem(t, what+" with half a body", 408, letterlock.ErrTimeout)
		if _, err := from.ReadByte(); err != io.EOF {
			t.Errorf("%s: after the timeout the connection has %v, want its end", what, err)
		}
	}
	if after := i.Dump(t); after != before {
		t.Errorf("the database changed from\n%s\nto\n%s", before, after)
	}
}

// A connection that is not used is given up.
func TestIdleConnections(t *testing.T) {
	i := bounded(t, impatient)
	conn := i.dial(t)
	defer conn.Close()
	r := request{method: "GET", path: "/livez"}
	conn.Write(r.bytes())
	if res := receive(t, bufio.NewReader(conn), r); res.status != 200 {
		t.Fatalf("GET /livez = %d, want 200", res.status)
	}
	ended(t, conn)
}

func TestLongHeaders(t *testing.T) {
	i := bounded(t, nil)
	r := request{method: "GET", path: "/"}
	if res := i.send(t, r.with("X-Long", strings.Repeat("a", 12<<10))); res.status != 200 {
		t.Errorf("a header of 12 KiB = %d, want 200", res.status)
	}
	conn := i.dial(t)
	defer conn.Close()
	begun := time.Now()
	io.WriteString(conn, "GET / HTTP/1.1\r\nHost: share.example.org\r\nX-Long: "+strings.Repeat("a", 40<<10))
	sent, err := io.ReadAll(conn)
	if !strings.HasPrefix(string(sent), "HTTP/1.1 431 ") || err != nil {
		t.Errorf("a header of 40 KiB was answered with %.60q and %v, want 431 and the end", sent, err)
	}
	// The server is silent first and closes later, so that nothing is reset.
	if took := time.Since(begun); took > 400*time.Millisecond {
		t.Errorf("a header of 40 KiB was answered to its end in %v, want it at once", took)
	}
}

// A client that sends its whole body before it looks still reads the refusal,
// whether it said the length first or not.
func TestTooLargeReachesTheClient(t *testing.T) {
	i := bounded(t, nil)
	before := i.Dump(t)
	for _, what := range []string{"POST /secrets", "POST /secrets/{id}/views", "PATCH /secrets/{id}", "POST /secrets/{id}/feedback"} {
		rt := routeNamed(t, what)
		for _, size := range []int{int(rt.Body) + 1, 1 << 20, 8 << 20} {
			valid := i.valid(t, rt)
			valid.body = valid.body[:len(valid.body)-1] + strings.Repeat(" ", size-len(valid.body)) + "}"
			chunked := valid.with("Transfer-Encoding", "chunked")
			chunked.body = fmt.Sprintf("%x\r\n%s\r\n0\r\n\r\n", len(valid.body), valid.body)
			for how, r := range map[string]request{"at once": valid, "in chunks": chunked} {
				i.send(t, r).wantProblem(t, fmt.Sprintf("%s with %d bytes %s", what, size, how), 413, letterlock.ErrTooLarge)
			}
		}
	}
	if after := i.Dump(t); after != before {
		t.Errorf("the database changed from\n%s\nto\n%s", before, after)
	}
}

// A client that asks first is told before it sends anything.
func TestTooLargeIsToldBeforeTheBody(t *testing.T) {
	i := bounded(t, nil)
	r := i.valid(t, routeNamed(t, "POST /secrets")).with("Expect", "100-continue").with("Content-Length", "1000000000")
	r.body = ""
	conn := i.dial(t)
	defer conn.Close()
	conn.Write(r.bytes())
	from := bufio.NewReader(conn)
	receive(t, from, r).wantProblem(t, "a gigabyte announced", 413, letterlock.ErrTooLarge)
	conn.SetReadDeadline(time.Now().Add(2 * time.Second)) // sooner than a body would be given up
	if _, err := from.ReadByte(); err != io.EOF {
		t.Errorf("after the refusal the connection has %v, want its end", err)
	}
}

// A client that sends slowly, or waits for an answer before it goes on, has it
// at once.
func TestTooLargeIsToldWhileTheBodyComes(t *testing.T) {
	i := bounded(t, nil)
	r := i.valid(t, routeNamed(t, "POST /secrets")).with("Content-Length", strconv.Itoa(200<<10))
	r.body = strings.Repeat(" ", 1000)
	conn := i.dial(t)
	defer conn.Close()
	conn.Write(r.bytes())
	conn.SetReadDeadline(time.Now().Add(5 * time.Second)) // before the body's own deadline
	receive(t, bufio.NewReader(conn), r).wantProblem(t, "a large body under way", 413, letterlock.ErrTooLarge)
}

// What follows a refused body is not taken for the next request.
func TestTooLargeEndsTheConnection(t *testing.T) {
	i := bounded(t, nil)
	r := i.valid(t, routeNamed(t, "POST /secrets"))
	r.body = strings.Repeat(" ", 200<<10)
	conn := i.dial(t)
	defer conn.Close()
	conn.Write(append(r.bytes(), request{method: "GET", path: "/livez"}.bytes()...))
	if sent := ended(t, conn); strings.Count(sent, "HTTP/1.1 ") != 1 || !strings.Contains(sent, "Connection: close") {
		t.Errorf("a body too large and another request were answered with %.300q, want one answer that closes", sent)
	}
}

// One address holds so many connections and no more; those it gives back it can
// have again.
func TestConnectionsPerClient(t *testing.T) {
	i := bounded(t, nil)
	r := request{method: "GET", path: "/livez"}
	held := make([]net.Conn, 64)
	for n := range held {
		held[n] = i.dial(t)
		defer held[n].Close()
		held[n].Write(r.bytes())
		if res := receive(t, bufio.NewReader(held[n]), r); res.status != 200 {
			t.Fatalf("connection %d of %d = %d, want 200", n+1, len(held), res.status)
		}
	}
	refused := i.dial(t)
	defer refused.Close()
	refused.Write(r.bytes())
	if sent := ended(t, refused); sent != "" {
		t.Errorf("one connection more was answered with %.40q, want its end", sent)
	}
	held[0].Close()
	for range 100 { // the server hears of it soon
		again := i.dial(t)
		defer again.Close()
		again.Write(r.bytes())
		if res, err := http.ReadResponse(bufio.NewReader(again), nil); err == nil && res.StatusCode == 200 {
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
	t.Error("after one connection was closed, no other is accepted")
}
