package web_test

import (
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"letterlock"
	"letterlock/api"
	"letterlock/internal/testkit"
	"letterlock/internal/web"
)

// What every document carries.
var documentHeader = map[string]string{
	"Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; font-src 'self'; " +
		"connect-src 'self'; worker-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; object-src 'none'; " +
		"frame-src 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types app-worker",
	"Integrity-Policy":             "blocked-destinations=(script)",
	"Cross-Origin-Opener-Policy":   "same-origin",
	"Cross-Origin-Embedder-Policy": "require-corp",
	"Cross-Origin-Resource-Policy": "same-origin",
	"Referrer-Policy":              "no-referrer",
	"X-Content-Type-Options":       "nosniff",
	"X-Robots-Tag":                 "noindex, nofollow, noarchive",
	"Cache-Control":                "no-store",
	"Strict-Transport-Security":    "max-age=63072000",
}

// What every file carries; workers and drawings have policies besides.
var assetHeader = map[string]string{
	"Cross-Origin-Resource-Policy": "same-origin",
	"X-Content-Type-Options":       "nosniff",
	"Cache-Control":                "public, max-age=31536000, immutable",
	"Strict-Transport-Security":    "max-age=63072000",
}

// What every answer of the API carries.
var apiHeader = map[string]string{
	"Content-Security-Policy":      "default-src 'none'; frame-ancestors 'none'; sandbox",
	"Cross-Origin-Resource-Policy": "same-origin",
	"Referrer-Policy":              "no-referrer",
	"X-Content-Type-Options":       "nosniff",
	"X-Robots-Tag":                 "noindex, nofollow, noarchive",
	"Cache-Control":                "no-store",
}

// secure checks what an answer must and must not carry.
func (r response) secure(t *testing.T, what string, want map[string]string) {
	t.Helper()
	for name, value := range want {
		if got := r.header.Values(name); len(got) != 1 || got[0] != value {
			t.Errorf("%s: %s is %q, want %q", what, name, got, value)
		}
	}
	for name := range r.header {
		if strings.HasPrefix(name, "Access-Control-") || name == "Set-Cookie" && !setsCookie[strings.Replace(what, api.Prefix, "", 1)] || name == "Server" || name == "Location" {
			t.Errorf("%s carries %s", what, name)
		}
	}
}

// setsCookie are the routes that begin or end a session.
var setsCookie = map[string]bool{
	"POST /setup": true, "POST /sessions": true, "PUT /me/password": true, "DELETE /me": true, "DELETE /sessions/current": true,
}

var methods = []string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND", "get"}

// Every path, asked with every method, answers with the headers that apply to
// it: granted, refused or not allowed.
func TestSecurityHeadersEverywhere(t *testing.T) {
	config := testkit.ServerConfig{}
	config.Origin = "https://share.example.org"
	i := newInstance(t, config)
	for _, rt := range web.Routes() {
		if once[name(rt)] || name(rt) == "DELETE /sessions/current" { // by then their sessions may be over
			i = newInstance(t, config)
		}
		want := documentHeader
		switch {
		case isAPI(rt):
			want = apiHeader
		case strings.HasPrefix(rt.Path, "/assets/"):
			want = assetHeader
		}
		r := i.valid(t, rt)
		i.send(t, r).secure(t, name(rt), want)
		if rt.Path != "/assets/{name}" { // other methods there get a page
			for _, method := range methods {
				r.method = method
				i.send(t, withoutAccount(r)).secure(t, method+" "+rt.Path, want)
			}
		}
	}
	i.send(t, request{method: "GET", path: "/nothing/here"}).secure(t, "GET of nothing", documentHeader)
	i.send(t, request{method: "GET", path: "/assets/nothing.js"}).secure(t, "GET of no asset", documentHeader)
	i.send(t, request{method: "GET", path: "/api/nothing"}).secure(t, "GET of nothing in the API", apiHeader)
}

func TestPermissionsAreDeniedButForOurOwn(t *testing.T) {
	i := newInstance(t, testkit.ServerConfig{})
	policy := i.send(t, request{method: "GET", path: "/"}).header.Get("Permissions-Policy")
	ours := map[string]bool{
		"clipboard-write=(self)": true, "web-share=(self)": true, "publickey-credentials-create=(self)": true, "publickey-credentials-get=(self)": true,
	}
	for feature := range strings.SplitSeq(policy, ", ") {
		if !strings.HasSuffix(feature, "=()") && !ours[feature] {
			t.Errorf("Permissions-Policy grants %s", feature)
		}
	}
	for _, feature := range []string{"camera=()", "microphone=()", "geolocation=()", "clipboard-read=()", "display-capture=()", "clipboard-write=(self)"} {
		if !strings.Contains(policy, feature) {
			t.Errorf("Permissions-Policy %q lacks %s", policy, feature)
		}
	}
}

// Where the public address is plain http, browsers are not told to use https.
func TestNoStrictTransportWithoutHTTPS(t *testing.T) {
	i := newInstance(t, testkit.ServerConfig{})
	if got := i.send(t, request{method: "GET", path: "/"}).header.Get("Strict-Transport-Security"); got != "" {
		t.Errorf("Strict-Transport-Security is %q on http, want none", got)
	}
}

// The worker that derives keys may compile WebAssembly; no document may.
func TestWorkerPolicy(t *testing.T) {
	i := newInstance(t, testkit.ServerConfig{})
	worker := i.asset(t, "kdf-worker.")
	want := map[string]string{
		"Content-Security-Policy":      "default-src 'none'; script-src 'wasm-unsafe-eval'",
		"Cross-Origin-Embedder-Policy": "require-corp",
		"X-Content-Type-Options":       "nosniff",
		"Content-Type":                 "text/javascript",
	}
	i.send(t, request{method: "GET", path: worker}).secure(t, "GET "+worker, want)
}

// What other sites make a browser send is refused and changes nothing, and what
// it sends ahead of a person; what our own pages, people and programs send is
// granted.
func TestCrossOrigin(t *testing.T) {
	refused := map[string]string{
		"Sec-Fetch-Site": "cross-site same-site",
		"Origin":         "null https://evil.example http://share.example.org:8080",
		"Sec-Purpose":    "prefetch prefetch;prerender",
		"Purpose":        "prefetch Prefetch",
	}
	granted := map[string]string{
		"Sec-Fetch-Site": "same-origin none",
		"Origin":         "http://share.example.org https://share.example.org",
	}
	for _, rt := range web.Routes() {
		if rt.Method == "GET" {
			continue
		}
		t.Run(name(rt), func(t *testing.T) {
			t.Parallel()
			i := newInstance(t, testkit.ServerConfig{})
			before, r := i.Dump(t), i.valid(t, rt)
			for header, values := range refused {
				for value := range strings.FieldsSeq(values) {
					i.send(t, r.with(header, value)).wantProblem(t, header+" "+value, 403, letterlock.ErrCrossOrigin)
				}
			}
			if after := i.Dump(t); after != before {
				t.Errorf("the database changed from\n%s\nto\n%s", before, after)
			}
			for header, values := range granted {
				for value := range strings.FieldsSeq(values) {
					if once[name(rt)] {
						i = newInstance(t, testkit.ServerConfig{})
						r = i.valid(t, rt)
					}
					if res := i.send(t, r.with(header, value)); res.status/100 != 2 {
						t.Errorf("%s %s = %d %s, want it granted", header, value, res.status, res.body)
					}
				}
			}
		})
	}
}

// GET, HEAD and OPTIONS of anything write nothing, whoever asks.
func TestSafeMethodsWriteNothing(t *testing.T) {
	i := newInstance(t, testkit.ServerConfig{})
	before := i.Dump(t)
	for _, rt := range web.Routes() {
		valid := i.valid(t, rt)
		for _, method := range []string{"GET", "HEAD", "OPTIONS"} {
			for _, token := range []string{"", api.HeaderManageToken} {
				r := valid
				r.method = method
				if token != "" {
					r = r.with(api.HeaderLinkProof).with(token, b64(i.secret.Manage))
				}
				if res := i.send(t, r); res.status >= 500 {
					t.Errorf("%s %s = %d", method, r.path, res.status)
				}
				if after := i.Dump(t); after != before {
					t.Fatalf("%s %s changed the database from\n%s\nto\n%s", method, r.path, before, after)
				}
			}
		}
	}
}

// HEAD is GET without the body: the same status and headers.
func TestHeadIsGetWithoutBody(t *testing.T) {
	i := newInstance(t, testkit.ServerConfig{})
	for _, rt := range web.Routes() {
		if rt.Method != "GET" {
			continue
		}
		r := i.valid(t, rt)
		for _, r := range []request{r, r.with(api.HeaderLinkProof).with(api.HeaderViewSecret)} {
			get := i.send(t, r)
			r.method = "HEAD"
			head := i.send(t, r)
			if head.status != get.status || len(head.body) != 0 {
				t.Errorf("HEAD %s = %d with %d bytes, want %d with none", r.path, head.status, len(head.body), get.status)
			}
			for _, name := range []string{"Content-Type", "Content-Length", "Cache-Control", "Content-Security-Policy"} {
				if got, want := head.header.Get(name), get.header.Get(name); got != want {
					t.Errorf("HEAD %s: %s is %q, want %q as for GET", r.path, name, got, want)
				}
			}
		}
	}
}

// Whoever uses a method that a path does not have is told which it has. OPTIONS
// tells it without an error.
func TestMethods(t *testing.T) {
	i := newInstance(t, testkit.ServerConfig{})
	has := map[string][]string{} // by path
	for _, rt := range web.Routes() {
		has[rt.Path] = append(has[rt.Path], rt.Method)
		if rt.Method == "GET" {
			has[rt.Path] = append(has[rt.Path], "HEAD")
		}
	}
	for _, rt := range web.Routes() {
		for _, method := range methods {
			if slices.Contains(has[rt.Path], method) {
				continue
			}
			r := i.valid(t, rt)
			r.method = method
			res := i.send(t, r)
			allowed := strings.Split(res.header.Get("Allow"), ", ")
			want := append(slices.Clone(has[rt.Path]), "OPTIONS")
			slices.Sort(allowed)
			slices.Sort(want)
			if !slices.Equal(allowed, want) {
				t.Errorf("%s %s allows %q, want %q", method, rt.Path, allowed, want)
			}
			switch {
			case method == "OPTIONS":
				if res.status != http.StatusNoContent || len(res.body) != 0 {
					t.Errorf("OPTIONS %s = %d %s, want 204", rt.Path, res.status, res.body)
				}
			case method == "HEAD":
				if res.status != 405 || len(res.body) != 0 {
					t.Errorf("HEAD %s = %d %s, want 405 without a body", rt.Path, res.status, res.body)
				}
			case isAPI(rt):
				res.wantProblem(t, method+" "+rt.Path, 405, letterlock.ErrMethod)
			case res.status != 405 || !strings.HasPrefix(res.header.Get("Content-Type"), "text/html"):
				t.Errorf("%s %s = %d of type %s, want a page with 405", method, rt.Path, res.status, res.header.Get("Content-Type"))
			}
		}
	}
}

// What is asked of no path gets our answers too.
func TestTargetsWithoutAPath(t *testing.T) {
	i := newInstance(t, testkit.ServerConfig{})
	for _, tt := range []struct {
		method, target string
		status         int
	}{
		{"OPTIONS", "*", 204}, {"GET", "*", 404}, {"POST", "*", 404}, {"GET", "http://share.example.org", 200}, {"HEAD", "http://share.example.org/", 200},
		{"POST", "http://share.example.org", 405}, {"GET", "http://share.example.org/how", 200},
	} {
		what := tt.method + " " + tt.target
		res := i.send(t, request{method: tt.method, path: tt.target})
		if res.status != tt.status {
			t.Errorf("%s = %d, want %d", what, res.status, tt.status)
		}
		want := maps.Clone(documentHeader)
		delete(want, "Strict-Transport-Security") // of https only
		res.secure(t, what, want)
		if allow := res.header.Get("Allow"); tt.target == "*" && tt.method == "OPTIONS" && allow != "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS" {
			t.Errorf("%s allows %q, want every method", what, allow)
		}
	}
}
