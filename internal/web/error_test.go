package web_test

import (
	"bytes"
	"context"
	"log/slog"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"letterlock"
	"letterlock/api"
	"letterlock/internal/testkit"
	"letterlock/internal/web"
)

// Every code has a status, the one that the contract of the API names, and
// nothing else has one.
func TestEveryCodeHasAnAnswer(t *testing.T) {
	want := map[letterlock.Code]int{
		letterlock.ErrMalformed: 400, letterlock.ErrUnauthorized: 401, letterlock.ErrWrongPass: 403, letterlock.ErrWrongProof: 403,
		letterlock.ErrCrossOrigin: 403, letterlock.ErrNotFound: 404, letterlock.ErrMethod: 405, letterlock.ErrTimeout: 408,
		letterlock.ErrConflict: 409, letterlock.ErrGone: 410, letterlock.ErrTooLarge: 413, letterlock.ErrMediaType: 415,
		letterlock.ErrRange: 416, letterlock.ErrInvalid: 422, letterlock.ErrRateLimited: 429, letterlock.ErrInternal: 500, letterlock.ErrUnavailable: 503, letterlock.ErrFull: 507,
		letterlock.ErrForbidden: 403, letterlock.ErrGate: 403, letterlock.ErrLastOwner: 409, letterlock.ErrSetup: 503,
	}
	got := web.Statuses()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the table of answers differs: %s", diff)
	}
	for _, code := range letterlock.Codes() {
		if got[code] == 0 {
			t.Errorf("%s has no answer", code)
		}
	}
}

// To whoever lacks the link or the token, a secret that exists and one that does
// not are the same, to the byte: nothing in the answer is of this request but
// the id in a header.
func TestNotFoundIsUniform(t *testing.T) {
	i := newInstance(t, testkit.ServerConfig{})
	var first response
	for _, rt := range web.Routes() {
		valid := i.valid(t, rt)
		if !strings.Contains(rt.Path, "/secrets/{id}") && !strings.Contains(rt.Path, "/views/{view}") {
			continue
		}
		unknown := valid
		unknown.path = strings.NewReplacer(string(i.secret.ID), string(i.fresh.ID), string(i.view.ID), b64(make([]byte, 16))).Replace(valid.path)
		malformed := valid
		malformed.path = strings.NewReplacer(string(i.secret.ID), "x", string(i.view.ID), "x").Replace(valid.path)
		wrong, none := valid, valid
		for _, header := range []string{api.HeaderLinkProof, api.HeaderManageToken, api.HeaderViewSecret} {
			none = none.with(header)
			if valid.header[header] != nil {
				wrong = wrong.with(header, b64(i.fresh.Link))
			}
		}
		for what, r := range map[string]request{"unknown id": unknown, "malformed id": malformed, "wrong proof": wrong, "no proof": none} {
			what = name(rt) + " with " + what
			res := i.send(t, r)
			res.wantProblem(t, what, 404, letterlock.ErrNotFound)
			id := res.header.Get("X-Request-Id")
			if len(id) != 16 || bytes.Contains(res.body, []byte(id)) {
				t.Errorf("%s: the request id %q belongs into a header and not into the body %s", what, id, res.body)
			}
			delete(res.header, "X-Request-Id")
			delete(res.header, "Date")
			if first.body == nil {
				first = res
			}
			if diff := cmp.Diff(first, res, cmp.AllowUnexported(response{})); diff != "" {
				t.Errorf("%s differs from another 404: %s", what, diff)
			}
		}
	}
}

// A full instance says so, keeps answering what it has, and takes more again
// when something ended.
func TestFull(t *testing.T) {
	i := newInstance(t, testkit.ServerConfig{MaxStored: 3000}) // two secrets of 1,040 bytes
	create := i.valid(t, routeNamed(t, "POST /secrets"))
	before := i.Dump(t)
	i.send(t, create).wantProblem(t, "a create beyond the bound", 507, letterlock.ErrFull)
	if after := i.Dump(t); after != before {
		t.Errorf("the database changed from\n%s\nto\n%s", before, after)
	}
	if _, created, err := i.Service.CreateSecret(t.Context(), letterlock.Caller{}, &i.secret.NewSecret); err != nil || created {
		t.Errorf("CreateSecret, the same again = created %v, %v, want the one there is", created, err)
	}
	if res := i.send(t, i.valid(t, routeNamed(t, "DELETE /secrets/{id}"))); res.status != 204 {
		t.Fatalf("DELETE = %d %s, want 204", res.status, res.body)
	}
	if res := i.send(t, create); res.status != 201 {
		t.Errorf("a create after another secret ended = %d %s, want 201", res.status, res.body)
	}
}

// When the database fails, the client is told to come back, and nothing of what
// went wrong; the log has it.
func TestUnavailable(t *testing.T) {
	var log logBuffer
	config := testkit.ServerConfig{}
	config.Log = slog.New(slog.NewTextHandler(&log, nil))
	i := newInstance(t, config)
	i.Exec(t, `ALTER TABLE secret_view RENAME TO elsewhere`)
	for _, table := range []string{"secret", "session", "account", "invitation", "ticket"} {
		i.Exec(t, `ALTER TABLE `+table+` RENAME TO elsewhere_`+table)
	}
	for _, rt := range web.Routes() {
		if !isAPI(rt) {
			continue
		}
		res := i.send(t, i.valid(t, rt))
		res.wantProblem(t, name(rt), 503, letterlock.ErrUnavailable)
		if got := res.header.Get("Retry-After"); got != "1" {
			t.Errorf("%s: Retry-After is %q, want 1", name(rt), got)
		}
		if strings.Contains(string(res.body), "table") || strings.Contains(string(res.body), "SQL") {
			t.Errorf("%s tells what went wrong: %s", name(rt), res.body)
		}
		if id := res.header.Get("X-Request-Id"); !strings.Contains(log.String(), id) {
			t.Errorf("%s: the log does not name the request %s", name(rt), id)
		}
	}
}

// An instance that is full says so in its log once, however many are refused.
func TestFullIsLoggedOnce(t *testing.T) {
	var log logBuffer
	config := testkit.ServerConfig{MaxStored: 3000} // two secrets of 1,040 bytes
	config.Log = slog.New(slog.NewTextHandler(&log, nil))
	i := newInstance(t, config)
	create := i.valid(t, routeNamed(t, "POST /secrets"))
	for range 10 {
		i.send(t, create).wantProblem(t, "a create", 507, letterlock.ErrFull)
	}
	if n := strings.Count(log.String(), "code=full"); n != 1 {
		t.Errorf("ten refusals made %d lines, want one: %s", n, log.String())
	}
}

// A client that goes away is no failure of ours.
func TestClientsThatGoAwayAreNotLogged(t *testing.T) {
	var log logBuffer
	config := testkit.ServerConfig{}
	config.Log = slog.New(slog.NewTextHandler(&log, nil))
	i := newInstance(t, config)
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	for _, rt := range web.Routes() {
		r := i.valid(t, rt)
		req := httptest.NewRequestWithContext(gone, r.method, r.path, strings.NewReader(r.body))
		req.Header = r.header
		i.Web.ServeHTTP(httptest.NewRecorder(), req)
	}
	if log.String() != "" {
		t.Errorf("clients that went away are logged: %s", log.String())
	}
}

// What net/http has to say of a connection can be seen.
func TestServerErrorsAreLogged(t *testing.T) {
	var log logBuffer
	config := testkit.ServerConfig{}
	config.Log = slog.New(slog.NewTextHandler(&log, nil))
	newInstance(t, config).Web.HTTPServer().ErrorLog.Print("canary")
	if !strings.Contains(log.String(), "level=WARN msg=canary") {
		t.Errorf("an error of the HTTP server is logged as %q, want a warning", log.String())
	}
}

// The access log has a line for each request that says what was asked for in
// general, and nothing of what was sent.
func TestAccessLogOfEveryRoute(t *testing.T) {
	var log logBuffer
	config := testkit.ServerConfig{}
	config.AccessLog = true
	config.Log = slog.New(slog.NewTextHandler(&log, nil))
	i := newInstance(t, config)
	lines := 2 * len(web.Routes())
	for _, rt := range web.Routes() {
		r := i.valid(t, rt)
		i.send(t, r)
		r.method = "EVILMETHOD"
		i.send(t, r.with("User-Agent", "canary-agent").with("Referer", "https://canary.example"))
	}
	for _, path := range []string{"/s/" + string(i.secret.ID) + "%23" + i.secret.Envelope.Link.Fragment(), "/canary?canary=1"} {
		i.send(t, request{method: "GET", path: path})
		lines++
	}
	// A line may be written just after its answer.
	for end := time.Now().Add(10 * time.Second); strings.Count(log.String(), "msg=request") < lines && time.Now().Before(end); {
		time.Sleep(time.Millisecond)
	}
	if n := strings.Count(log.String(), "msg=request"); n != lines {
		t.Errorf("%d requests made %d lines", lines, n)
	}
	for _, rt := range web.Routes() {
		if !strings.Contains(log.String(), "route="+rt.Path+" ") {
			t.Errorf("the log has no route=%s", rt.Path)
		}
	}
	for _, secret := range []string{
		string(i.secret.ID), string(i.view.ID), i.secret.Envelope.Link.Fragment(), b64(i.secret.Link), b64(i.secret.Manage), b64(i.viewSecret),
		b64(i.fresh.Content), "canary", "EVILMETHOD", b64(i.owner.Cookie), string(i.owner.Token), testkit.Password, b64(i.invited), b64(i.setup), "example.org",
		string(i.owner.ID), string(i.org.ID), string(i.invitation.ID),
	} {
		if strings.Contains(log.String(), secret) {
			t.Errorf("the log contains %.40s", secret)
		}
	}
}

// logBuffer is a log that is read while it is written. mu guards text.
type logBuffer struct {
	mu   sync.Mutex
	text strings.Builder
}

func (b *logBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(p)
}

func (b *logBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}
