//go:build linux

package bench

import (
	"bufio"
	"bytes"
	"crypto/rand"
	"encoding/base32"
	"encoding/base64"
	"errors"
	"fmt"
	"net"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/go-json-experiment/json"

	"letterlock"
	"letterlock/api"
	"letterlock/envelope"
)

// The load shares the processors with what it measures, so it does as little as
// it can: requests are made once and only the ids in them change, over
// connections that are kept.

// secretID is what changes from request to request. The server cannot see that
// all of them have one key.
type secretID [16]byte

func newIDs(n int) []secretID {
	ids := make([]secretID, n)
	for i := range ids {
		rand.Read(ids[i][:])
	}
	return ids
}

// request is an HTTP/1.1 request with places for an id.
type request struct {
	raw   []byte
	patch func(raw []byte, id secretID)
}

// sealed is the one envelope of a run: 1 KiB of padded text.
var sealed = sync.OnceValues(func() (*envelope.Sealed, error) {
	text := strings.Repeat("correct horse battery staple ", 20)
	return envelope.Seal(text, "", envelope.Intent{MaxViews: 1, ExpiresIn: time.Hour}, time.Now())
})

func newCreateRequest(b *testing.B) *request {
	e, err := sealed()
	if err != nil {
		b.Fatal(err)
	}
	manage := letterlock.Proof("the manage token").Hash()
	body := mustMarshal(b, api.CreateRequest{
		Header:     e.Header[:],
		Commit:     e.Commit[:],
		LinkHash:   e.LinkHash[:],
		AccessHash: e.AccessHash[:],
		ManageHash: manage[:],
		Content:    e.Content,
		ExpiresIn:  new(int64(3600)),
	})
	raw := httpRequest(api.SecretsPath(), "", body)
	// Bytes 36 to 54 of the header, the id and two zeros, are 24 characters.
	at := bytes.Index(raw, []byte(api.Bytes(e.Header[:]).String())) + 48
	return &request{raw, func(raw []byte, id secretID) {
		var part [18]byte
		copy(part[:], id[:])
		base64.RawURLEncoding.Encode(raw[at:], part[:])
	}}
}

func newOpenRequest(b *testing.B) *request {
	e, err := sealed()
	if err != nil {
		b.Fatal(err)
	}
	keys, err := envelope.DeriveKeys(e.Link, e.Header, "")
	if err != nil {
		b.Fatal(err)
	}
	view := letterlock.Proof("the view secret").Hash()
	viewID := api.Bytes(e.Link.ID[:])
	body := mustMarshal(b, api.ViewRequest{ViewID: viewID, ViewHash: view[:], AccessProof: keys.AccessProof()})
	proof := api.HeaderLinkProof + ": " + api.Bytes(e.Link.Proof()).String() + "\r\n"
	raw := httpRequest(api.ViewsPath(letterlock.SecretID(e.Link.PathID())), proof, body)
	inPath := bytes.Index(raw, []byte(e.Link.PathID()))
	inBody := bytes.Index(raw, []byte(viewID.String()))
	return &request{raw, func(raw []byte, id secretID) {
		base32Lower.Encode(raw[inPath:], id[:])
		base64.RawURLEncoding.Encode(raw[inBody:], id[:])
	}}
}

var base32Lower = base32.NewEncoding("abcdefghijklmnopqrstuvwxyz234567").WithPadding(base32.NoPadding)

func mustMarshal(b *testing.B, v any) []byte {
	body, err := json.Marshal(v)
	if err != nil {
		b.Fatal(err)
	}
	return body
}

func httpRequest(path, headers string, body []byte) []byte {
	return fmt.Appendf(nil, "POST %s HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n%sContent-Length: %d\r\n\r\n%s",
		path, headers, len(body), body)
}

// load is what happened to the requests of one round.
type load struct {
	took      time.Duration
	latencies []time.Duration // sorted
}

// send sends the request once for each id over so many connections, each of
// which waits for its answer. Anything but a 201 ends the benchmark.
func send(b *testing.B, addr string, r *request, ids []secretID, connections int) load {
	conns := make([]net.Conn, connections)
	for i := range conns {
		conn, err := net.Dial("tcp", addr)
		if err != nil {
			b.Fatal(err)
		}
		defer conn.Close()
		conn.SetDeadline(time.Now().Add(time.Minute))
		conns[i] = conn
	}
	l := load{latencies: make([]time.Duration, len(ids))}
	errs := make([]error, connections)
	var next atomic.Int64
	var wg sync.WaitGroup
	began := time.Now()
	for i, conn := range conns {
		wg.Go(func() { errs[i] = sendOver(conn, r, ids, &next, l.latencies) })
	}
	wg.Wait()
	l.took = time.Since(began)
	if err := errors.Join(errs...); err != nil {
		b.Fatalf("%s: %v", addr, err)
	}
	slices.Sort(l.latencies)
	return l
}

func sendOver(conn net.Conn, r *request, ids []secretID, next *atomic.Int64, latencies []time.Duration) error {
	raw := slices.Clone(r.raw)
	answer := bufio.NewReaderSize(conn, 8<<10)
	for {
		i := int(next.Add(1)) - 1
		if i >= len(ids) {
			return nil
		}
		r.patch(raw, ids[i])
		began := time.Now()
		if _, err := conn.Write(raw); err != nil {
			return err
		}
		if err := readCreated(answer); err != nil {
			return err
		}
		latencies[i] = time.Since(began)
	}
}

// readCreated reads one answer, which must be a 201 with its length.
func readCreated(r *bufio.Reader) error {
	status, err := r.ReadSlice('\n')
	if err != nil {
		return err
	}
	if !bytes.HasPrefix(status, []byte("HTTP/1.1 201 ")) {
		return fmt.Errorf("answer is %q, want 201", status)
	}
	length := 0
	for {
		line, err := r.ReadSlice('\n')
		if err != nil {
			return err
		}
		line = bytes.TrimRight(line, "\r\n")
		if len(line) == 0 {
			break
		}
		if value, ok := bytes.CutPrefix(line, []byte("Content-Length: ")); ok {
			if length, err = strconv.Atoi(string(value)); err != nil {
				return err
			}
		}
	}
	_, err = r.Discard(length)
	return err
}
