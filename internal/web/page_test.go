package web_test

import (
	"bytes"
	"compress/gzip"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/andybalholm/brotli"

	"letterlock/internal/testkit"
	"letterlock/ui"
)

// asset is the path of the asset whose name begins so.
func (i *instance) asset(t *testing.T, begin string) string {
	t.Helper()
	for _, a := range ui.Assets() {
		if strings.HasPrefix(a.Path, "/assets/"+begin) {
			return a.Path
		}
	}
	t.Fatalf("there is no asset %s", begin)
	return ""
}

// Whatever stands after /s/ gets the same bytes: nothing about an id can be
// learned from the page, and nothing that was sent comes back.
func TestOpeningPageIsTheSameForEveryID(t *testing.T) {
	i := newInstance(t, testkit.ServerConfig{})
	want := i.send(t, request{method: "GET", path: "/s/" + string(i.secret.ID)})
	if want.status != 200 || !bytes.HasPrefix(want.body, []byte("<!doctype html>")) && !bytes.HasPrefix(want.body, []byte("<!DOCTYPE html>")) {
		t.Fatalf("GET of the opening page = %d %.40q", want.status, want.body)
	}
	before := i.Dump(t)
	id := string(i.secret.ID)
	for _, rest := range []string{
		"", "x", string(i.fresh.ID), strings.ToUpper(id), id + "a", id[:25], id + "/", id + "/a/b", "%23" + id, id + "%23" + strings.Repeat("a", 55),
		"..%2f", "..%2f..%2fetc%2fpasswd", "%2e%2e%2fapi", "..", "../", "../../etc/passwd", "./x", "//", "a//b", "%00", "%ff%fe", "%0d%0aSet-Cookie:a=b",
		strings.Repeat("a", 5000), strings.Repeat("../", 500) + "s/x", "<script>alert(1)</script>", "%3Cscript%3E", "'%20OR%201=1--", "a?lang=xx", "?b=c&d", "%F0%9F%94%91", "a;b=c", "*",
	} {
		for _, method := range []string{"GET", "HEAD"} {
			res := i.send(t, request{method: method, path: "/s/" + rest})
			outside := strings.HasPrefix(rest, "..") && !strings.Contains(rest, "%") && !strings.Contains(rest, "s/x")
			switch {
			case res.status != 200 && !outside:
				t.Errorf("%s /s/%.60s = %d, want 200", method, rest, res.status)
			case method == "GET" && !outside && !bytes.Equal(res.body, want.body):
				t.Errorf("GET /s/%.60s differs from the page of another id", rest)
			case res.header.Get("Set-Cookie") != "" || res.header.Get("Location") != "":
				t.Errorf("%s /s/%.60s sets a cookie or redirects: %v", method, rest, res.header)
			}
		}
	}
	if after := i.Dump(t); after != before {
		t.Errorf("the database changed from\n%s\nto\n%s", before, after)
	}
}

func TestLanguage(t *testing.T) {
	i := newInstance(t, testkit.ServerConfig{})
	tests := []struct{ accept, cookie, query, want string }{
		{"", "", "", "en"},
		{"de", "", "", "de"},
		{"de-AT,en;q=0.5", "", "", "de"},
		{"en;q=0.4, de;q=0.9", "", "", "de"},
		{"fr, de;q=0.2", "", "", "de"},
		{"tlh", "", "", "en"},
		{"*", "", "", "en"},
		{"!!;q=x", "", "", "en"},
		{"en", "lang=de", "", "de"},
		{"en", "lang=xx", "", "en"},
		{"en", "lang=en", "?lang=de", "de"},
		{"de", "", "?lang=en", "en"},
		{"de", "", "?lang=../../etc", "de"},
	}
	for _, tt := range tests {
		for _, path := range []string{"/", "/s/x", "/how", "/nothing"} {
			header := http.Header{}
			if tt.accept != "" {
				header.Set("Accept-Language", tt.accept)
			}
			if tt.cookie != "" {
				header.Set("Cookie", tt.cookie)
			}
			res := i.send(t, request{method: "GET", path: path + tt.query, header: header})
			if !bytes.Contains(res.body, []byte(`lang="`+tt.want+`"`)) || !strings.Contains(res.header.Get("Vary"), "Accept-Language") {
				t.Errorf("GET %s with Accept-Language %q, Cookie %q: not in %s, or not said to vary", path+tt.query, tt.accept, tt.cookie, tt.want)
			}
		}
	}
}

// Every encoding that is sent decodes to the same document, and none is sent
// that was not asked for.
func TestEncodings(t *testing.T) {
	i := newInstance(t, testkit.ServerConfig{})
	decoders := map[string]func(io.Reader) (io.Reader, error){
		"":     func(r io.Reader) (io.Reader, error) { return r, nil },
		"br":   func(r io.Reader) (io.Reader, error) { return brotli.NewReader(r), nil },
		"gzip": func(r io.Reader) (io.Reader, error) { return gzip.NewReader(r) },
	}
	tests := map[string]string{
		"": "", "identity": "", "br": "br", "gzip, deflate, br, zstd": "br", "gzip": "gzip", "deflate, gzip;q=1.0": "gzip", "br;q=0, gzip": "gzip",
		"br; q=0.000, gzip;q=0": "", "brotli, xgzip": "",
		"br;q=0.0, gzip": "gzip", "br;q=0.00": "", "br; Q=0": "", "BR": "br", "br;q=0.001": "br", "br;q=x": "", "x;q=0,gzip ; q=0.5": "gzip",
	}
	for _, path := range []string{"/", "/s/x", "/how", i.asset(t, "app."), i.asset(t, "create."), "/nothing"} {
		plain := i.send(t, request{method: "GET", path: path})
		for accept, want := range tests {
			res := i.send(t, request{method: "GET", path: path, header: http.Header{"Accept-Encoding": {accept}}})
			if got := res.header.Get("Content-Encoding"); got != want {
				t.Errorf("GET %s with Accept-Encoding %q is encoded %q, want %q", path, accept, got, want)
				continue
			}
			from, err := decoders[want](bytes.NewReader(res.body))
			if err != nil {
				t.Fatalf("GET %s, %s: %v", path, want, err)
			}
			if body, err := io.ReadAll(from); err != nil || !bytes.Equal(body, plain.body) {
				t.Errorf("GET %s, %s, decodes to %d bytes, %v, want the %d of the plain one", path, want, len(body), err, len(plain.body))
			}
		}
	}
}

// Outside the API errors are pages, whatever Accept says.
func TestErrorsOutsideTheAPIArePages(t *testing.T) {
	i := newInstance(t, testkit.ServerConfig{})
	for _, path := range []string{"/nothing", "/apinot/x", "/assets/x.js", "/assets/", "/s", "/%2e%2e/", "//", "/./", "/livez/", "/index.html", "/.git/config", "/debug/pprof/"} {
		for _, accept := range []string{"text/html", "application/json", "*/*"} {
			res := i.send(t, request{method: "GET", path: path, header: http.Header{"Accept": {accept}}})
			if res.status != 404 || res.header.Get("Content-Type") != "text/html; charset=utf-8" {
				t.Errorf("GET %s, Accept %s = %d of type %s, want a page with 404", path, accept, res.status, res.header.Get("Content-Type"))
			}
		}
	}
}

// With a base path everything lives under it, and beside it only what the process
// is asked by those who run it.
func TestBasePath(t *testing.T) {
	config := testkit.ServerConfig{}
	config.Base = "/share"
	i := newInstance(t, config)
	for path, want := range map[string]int{
		"/share": 200, "/share/": 200, "/share/s/x": 200, "/share/s/..%2f": 200, "/share/livez": 200, "/share" + i.asset(t, "app."): 200,
		"/livez": 200, "/readyz": 200, "/": 404, "/s/x": 404, "/livez/": 404, "/api/v1/secrets": 404, "/shared/": 404,
	} {
		if res := i.send(t, request{method: "GET", path: path}); res.status != want {
			t.Errorf("GET %s = %d, want %d", path, res.status, want)
		}
	}
	i.send(t, request{method: "GET", path: "/share/api/nothing"}).secure(t, "GET of nothing in the API", apiHeader)
	if res := i.send(t, request{method: "GET", path: "/share/robots.txt"}); !strings.Contains(string(res.body), "Disallow: /share/s/\n") {
		t.Errorf("robots.txt says %q", res.body)
	}
}
