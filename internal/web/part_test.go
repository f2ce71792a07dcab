package web_test

import (
	"bytes"
	"fmt"
	"testing"

	"letterlock"
	"letterlock/internal/testkit"
)

// A part is fetched again from chunk to chunk; what lies between is refused with
// the size, as every other refusal is.
func TestPartRanges(t *testing.T) {
	i := newInstance(t, testkit.ServerConfig{})
	r := i.valid(t, routeNamed(t, "GET /views/{view}/parts/{part}"))
	whole := i.send(t, r)
	size := len(whole.body)
	if whole.status != 200 || whole.header.Get("Accept-Ranges") != "bytes" || size == 0 {
		t.Fatalf("GET = %d, Accept-Ranges %q, %d bytes", whole.status, whole.header.Get("Accept-Ranges"), size)
	}
	for _, header := range []string{"bytes=0-", "bytes=0-99999999", "bytes=-5", "bytes=0-0,2-2", "items=0-1"} {
		res := i.send(t, r.with("Range", header))
		if res.status != 200 || !bytes.Equal(res.body, whole.body) {
			t.Errorf("GET with Range %s = %d, %d bytes, want all %d", header, res.status, len(res.body), size)
		}
	}
	for _, header := range []string{"bytes=1-", "bytes=0-0", fmt.Sprintf("bytes=%d-", size)} {
		res := i.send(t, r.with("Range", header))
		res.wantProblem(t, "GET with Range "+header, 416, letterlock.ErrRange)
		res.secure(t, "GET with Range "+header, apiHeader)
		if got, want := res.header.Get("Content-Range"), fmt.Sprintf("bytes */%d", size); got != want {
			t.Errorf("GET with Range %s: Content-Range %q, want %q", header, got, want)
		}
	}
}

// What a proxy in front asks its visitors for is no token of ours.
func TestProxyAuthorizationIsIgnored(t *testing.T) {
	i := newInstance(t, testkit.ServerConfig{})
	r := i.valid(t, routeNamed(t, "GET /secrets/{id}"))
	if res := i.send(t, r.with("Authorization", "Basic dXNlcjpwYXNz")); res.status != 200 {
		t.Errorf("GET with a user and password = %d, want 200", res.status)
	}
	res := i.send(t, r.with("Authorization", "Bearer ll_x"))
	res.wantProblem(t, "GET with a token", 401, letterlock.ErrUnauthorized)
	if got := res.header.Get("WWW-Authenticate"); got != "Bearer" {
		t.Errorf("WWW-Authenticate is %q, want Bearer", got)
	}
}

// A proxy may put its own name into Host: the public origin is trusted by
// configuration, others still are not.
func TestPublicOriginBehindAProxy(t *testing.T) {
	config := testkit.ServerConfig{}
	config.Origin = "https://share.example.org"
	i := newInstance(t, config)
	r := i.valid(t, routeNamed(t, "POST /secrets"))
	if res := i.send(t, r.with("Origin", "https://share.example.org")); res.status != 201 {
		t.Errorf("POST from the public origin = %d, want 201", res.status)
	}
	for _, origin := range []string{"https://share.example.org.evil.example", "null"} {
		i.send(t, r.with("Origin", origin)).wantProblem(t, "POST from "+origin, 403, letterlock.ErrCrossOrigin)
	}
}
