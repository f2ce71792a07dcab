package web_test

import (
	"bufio"
	"bytes"
	"encoding/base64"
	"fmt"
	"io"
	"iter"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/go-json-experiment/json"

	"letterlock"
	"letterlock/api"
	"letterlock/internal/testkit"
	"letterlock/internal/web"
	"letterlock/ui"
)

// instance is a server on which every route has something to answer with: a
// secret of ten views, one of them open, and a second one not yet created.
type instance struct {
	*testkit.Server
	secret, fresh *testkit.Sealed
	view          letterlock.NewView
	viewSecret    letterlock.Proof
	limits        testkit.Clock // that rate limits run by
	https         bool

	people
}

func newInstance(t *testing.T, c testkit.ServerConfig) *instance {
	t.Helper()
	i := &instance{https: strings.HasPrefix(c.Origin, "https:"), Server: testkit.Serve(t, c), secret: testkit.Seal(t, "shared", ""), fresh: testkit.Seal(t, "fresh", "")}
	i.secret.Limits.Views = 10
	if _, _, err := i.Service.CreateSecret(t.Context(), letterlock.Caller{}, &i.secret.NewSecret); err != nil {
		t.Fatalf("CreateSecret: %v", err)
	}
	i.view, i.viewSecret = i.secret.NewView()
	if _, err := i.Service.ViewSecret(t.Context(), letterlock.Caller{Link: i.secret.Link}, i.secret.ID, i.view); err != nil {
		t.Fatalf("ViewSecret: %v", err)
	}
	i.addPeople(t)
	return i
}

// request is exactly what is sent.
type request struct {
	method, path string
	header       http.Header
	body         string
	cut          bool // the client sends nothing more
}

// with is the request with one header changed; without values it is left out.
func (r request) with(name string, values ...string) request {
	header := http.Header{}
	maps.Copy(header, r.header)
	r.header = header
	delete(r.header, name)
	if len(values) > 0 {
		r.header[name] = values
	}
	return r
}

// bytes is the request on the wire.
func (r request) bytes() []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "%s %s HTTP/1.1\r\nHost: share.example.org\r\n", r.method, r.path)
	if r.body != "" && r.header["Content-Length"] == nil && r.header["Transfer-Encoding"] == nil {
		r = r.with("Content-Length", strconv.Itoa(len(r.body)))
	}
	r.header.Write(&b)
	b.WriteString("\r\n" + r.body)
	return b.Bytes()
}

// response is what came back.
type response struct {
	status int
	header http.Header
	body   []byte
}

// send sends a request on a connection of its own.
func (i *instance) send(t *testing.T, r request) response {
	t.Helper()
	conn := i.dial(t)
	defer conn.Close()
	if _, err := conn.Write(r.with("Connection", "close").bytes()); err != nil {
		t.Fatalf("%s %.80s: send: %v", r.method, r.path, err)
	}
	if r.cut {
		conn.(*net.TCPConn).CloseWrite()
	}
	return receive(t, bufio.NewReader(conn), r)
}

// dial opens a connection that ends by itself should the server never answer.
func (i *instance) dial(t *testing.T) net.Conn {
	t.Helper()
	conn, err := net.Dial("tcp", i.Addr)
	if err != nil {
		t.Fatalf("connect: %v", err)
	}
	conn.SetDeadline(time.Now().Add(30 * time.Second))
	return conn
}

func receive(t *testing.T, from *bufio.Reader, r request) response {
	t.Helper()
	res, err := http.ReadResponse(from, &http.Request{Method: r.method})
	if err != nil {
		t.Fatalf("%s %.80s: no answer: %v", r.method, r.path, err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatalf("%s %.80s: read the answer: %v", r.method, r.path, err)
	}
	return response{res.StatusCode, res.Header, body}
}

// serve answers a request as if it came from an address.
func (i *instance) serve(t *testing.T, r request, from string) response {
	t.Helper()
	req, err := http.ReadRequest(bufio.NewReader(bytes.NewReader(r.bytes())))
	if err != nil {
		t.Fatalf("%s %.80s: %v", r.method, r.path, err)
	}
	req.RemoteAddr = from
	rec := httptest.NewRecorder()
	i.Web.ServeHTTP(rec, req)
	return response{rec.Code, rec.Header(), rec.Body.Bytes()}
}

// problem reads a problem document, and checks that it is one.
func (r response) problem(t *testing.T, what string) api.Problem {
	t.Helper()
	var p api.Problem
	if kind := r.header.Get("Content-Type"); kind != api.ProblemType {
		t.Errorf("%s: status %d of type %q, want a problem document", what, r.status, kind)
	} else if err := json.Unmarshal(r.body, &p, json.RejectUnknownMembers(true)); err != nil {
		t.Errorf("%s: the problem document %s: %v", what, r.body, err)
	} else if p.Status != r.status {
		t.Errorf("%s: the problem says status %d, the answer %d", what, p.Status, r.status)
	}
	return p
}

// into reads a JSON answer that was granted.
func (r response) into(t *testing.T, v any) {
	t.Helper()
	if r.status/100 != 2 {
		t.Fatalf("status %d %s, want 2xx", r.status, r.body)
	}
	if err := json.Unmarshal(r.body, v, json.RejectUnknownMembers(true)); err != nil {
		t.Fatalf("the answer %s: %v", r.body, err)
	}
}

// wantProblem checks an answer's code.
func (r response) wantProblem(t *testing.T, what string, status int, code letterlock.Code) {
	t.Helper()
	if p := r.problem(t, what); r.status != status || p.Code != code {
		t.Errorf("%s = %d %s, want %d %s", what, r.status, p.Code, status, code)
	}
}

// isAPI reports whether errors of a route are problem documents.
func isAPI(rt web.Route) bool { return strings.HasPrefix(rt.Path, api.Prefix) }

// apiRoutes are the lines of the table for programs.
func apiRoutes() iter.Seq[web.Route] {
	return func(yield func(web.Route) bool) {
		for _, rt := range web.Routes() {
			if isAPI(rt) && !yield(rt) {
				return
			}
		}
	}
}

// name is how the cases of this package call a route.
func name(rt web.Route) string { return rt.Method + " " + strings.TrimPrefix(rt.Path, api.Prefix) }

// routeNamed is a line of the table.
func routeNamed(t *testing.T, want string) web.Route {
	t.Helper()
	all := web.Routes()
	at := slices.IndexFunc(all, func(rt web.Route) bool { return name(rt) == want })
	if at < 0 {
		t.Fatalf("there is no route %s", want)
	}
	return all[at]
}

// valid is a request that a route grants.
func (i *instance) valid(t *testing.T, rt web.Route) request {
	t.Helper()
	r := request{method: rt.Method, path: i.path(rt), header: http.Header{}}
	switch name(rt) {
	case "GET /secrets/{id}", "POST /secrets/{id}/views", "POST /secrets/{id}/feedback":
		r.header[api.HeaderLinkProof] = []string{b64(i.secret.Link)}
	case "PATCH /secrets/{id}", "DELETE /secrets/{id}":
		r.header[api.HeaderManageToken] = []string{b64(i.secret.Manage)}
	case "DELETE /views/{view}", "GET /views/{view}/parts/{part}":
		r.header[api.HeaderViewSecret] = []string{b64(i.viewSecret)}
	case "POST /secrets", "POST /sessions", "GET /setup", "POST /setup", "POST /invitations":
	case "DELETE /sessions/current":
		r = i.as(r, i.guest)
	default:
		switch {
		case rt.SignedIn:
			r = i.as(r, i.signedInTo(rt))
		case isAPI(rt):
			t.Fatalf("no valid request is known for the new route %s", name(rt))
		}
	}
	if body := i.body(rt); body != nil {
		r.header["Content-Type"] = []string{"application/json"}
		r.body = body.String()
	}
	return r
}

// path is a path of the route that names something.
func (i *instance) path(rt web.Route) string {
	asset := strings.TrimPrefix(ui.Assets()[0].Path, "/assets/")
	return strings.TrimPrefix(i.URL, "http://"+i.Addr) + strings.NewReplacer(append(i.ids(),
		"{id}", string(i.secret.ID), "{view}", string(i.view.ID), "{part}", "0", "{rest...}", string(i.secret.ID), "{name}", asset, "{$}", "",
	)...).Replace(rt.Path)
}

// body is what the route reads, nil for nothing.
func (i *instance) body(rt web.Route) object {
	switch name(rt) {
	case "POST /secrets":
		n := i.fresh
		return object{
			{"header", quoted(n.Header[:])}, {"commit", quoted(n.Commit[:])}, {"link_hash", quoted(n.LinkHash[:])},
			{"access_hash", quoted(n.AccessHash[:])}, {"manage_hash", quoted(n.ManageHash[:])}, {"content", quoted(n.Content)},
			{"expires_in", "3600"}, {"max_views", "1"},
		}
	case "POST /secrets/{id}/views":
		v, _ := i.secret.NewView()
		return object{{"view_id", `"` + string(v.ID) + `"`}, {"view_hash", quoted(v.Hash[:])}, {"access_proof", quoted(v.Access)}}
	case "PATCH /secrets/{id}":
		return object{{"expires_in", "1800"}}
	case "POST /secrets/{id}/feedback":
		return object{{"mine", "false"}}
	}
	return i.accountBody(rt)
}

// object is a JSON object as it is written: in order, and with a name twice if
// it comes to that.
type object []member

type member struct{ name, value string }

// set is the object with one member changed, or added.
func (o object) set(name, value string) object {
	o = slices.Clone(o)
	for i := range o {
		if o[i].name == name {
			o[i].value = value
			return o
		}
	}
	return append(o, member{name, value})
}

func (o object) without(name string) object {
	return slices.DeleteFunc(slices.Clone(o), func(m member) bool { return m.name == name })
}

func (o object) String() string {
	members := make([]string, len(o))
	for i, m := range o {
		members[i] = `"` + m.name + `":` + m.value
	}
	return "{" + strings.Join(members, ",") + "}"
}

func b64(b []byte) string    { return base64.RawURLEncoding.EncodeToString(b) }
func quoted(b []byte) string { return `"` + b64(b) + `"` }

// Every valid request is granted: the tests that spoil one rest on that.
func TestValidRequests(t *testing.T) {
	for _, rt := range web.Routes() {
		t.Run(name(rt), func(t *testing.T) {
			t.Parallel()
			i := newInstance(t, testkit.ServerConfig{})
			r := i.valid(t, rt)
			if res := i.send(t, r); res.status/100 != 2 {
				t.Errorf("%s %s = %d %s, want 2xx", r.method, r.path, res.status, res.body)
			}
		})
	}
}
