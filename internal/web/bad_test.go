package web_test

import (
	"encoding/json"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"letterlock"
	"letterlock/api"
	"letterlock/internal/testkit"
	"letterlock/internal/web"
)

// bad is a valid request with one thing spoiled, and what it has to be told.
type bad struct {
	name   string
	req    request
	status int
	code   letterlock.Code
	field  string // that the answer has to name; "" for none
	fault  letterlock.FieldCode
}

// Over every route: whatever is wrong with a request, the answer is a refusal
// in the 400s that names the field where one is at fault, repeats nothing that
// was sent, and has changed nothing: no view is counted either.
func TestBadInput(t *testing.T) {
	i := newInstance(t, testkit.ServerConfig{})
	before, total := i.Dump(t), 0
	for _, rt := range web.Routes() {
		cases := slices.Concat(
			i.badFields(t, rt), i.badLimits(t, rt), i.badEnvelopes(t, rt), i.badBodies(t, rt), i.badMediaTypes(t, rt),
			i.badProofs(t, rt), i.badViews(t, rt), i.badIDs(t, rt), i.badMethods(t, rt), i.badSessions(t, rt), i.badQueries(t, rt))
		if least := 4; len(cases) < least {
			t.Errorf("%s has %d bad requests, want at least %d", name(rt), len(cases), least)
		}
		total += len(cases)
		for _, b := range cases {
			b.name = name(rt) + ": " + b.name
			b.check(t, i.send(t, b.req))
			if after := i.Dump(t); after != before {
				t.Errorf("%s: the database changed from\n%s\nto\n%s", b.name, before, after)
				before = after
			}
		}
	}
	if least := 300; total < least {
		t.Errorf("the table has %d requests, want at least %d", total, least)
	}
	t.Logf("%d bad requests", total)
}

func (b bad) check(t *testing.T, res response) {
	t.Helper()
	switch {
	case b.code == "": // outside the API
		if res.status != b.status {
			t.Errorf("%s = %d, want %d", b.name, res.status, b.status)
		}
	case b.req.method == "HEAD":
		if res.status != b.status || len(res.body) != 0 {
			t.Errorf("%s = %d with %d bytes, want %d with none", b.name, res.status, len(res.body), b.status)
		}
	default:
		b.checkProblem(t, res)
	}
	answer := string(res.body)
	for key, values := range res.header {
		answer += "\n" + key + ": " + strings.Join(values, ", ")
	}
	for _, value := range b.sent() {
		if strings.Contains(answer, value) {
			t.Errorf("%s: the answer repeats %q", b.name, value)
		}
	}
}

func (b bad) checkProblem(t *testing.T, res response) {
	t.Helper()
	p := res.problem(t, b.name)
	if res.status != b.status || p.Code != b.code {
		t.Errorf("%s = %d %s %v, want %d %s", b.name, res.status, p.Code, p.Errors, b.status, b.code)
		return
	}
	want := api.FieldError{Field: b.field, Code: b.fault}
	if b.field == "" && p.Errors != nil || b.field != "" && !slices.Contains(p.Errors, want) {
		t.Errorf("%s names %v, want %v", b.name, p.Errors, want)
	}
}

var (
	sentString = regexp.MustCompile(`"((?:[^"\\]|\\.){8,})"`)
	sentNumber = regexp.MustCompile(`:-?([0-9]{6,})`)
	plainName  = regexp.MustCompile(`^[a-z_]+$`) // of a field, which an answer may and has to repeat
)

// sent are the values of a request that are long enough to be recognised: of
// the body, the headers, the path and the method.
func (b bad) sent() []string {
	var all []string
	for _, re := range []*regexp.Regexp{sentString, sentNumber} {
		for _, m := range re.FindAllStringSubmatch(b.req.body, -1) {
			all = append(all, m[1])
		}
	}
	for _, values := range b.req.header {
		all = append(all, values...)
	}
	for segment := range strings.SplitSeq(b.req.path, "/") {
		decoded, err := url.PathUnescape(segment)
		if err != nil {
			decoded = segment
		}
		all = append(all, segment, decoded)
	}
	all = append(all, b.req.method)
	// What is in answers anyway: a valid request's media type, the method of an
	// Allow header, the files that a document names.
	return slices.DeleteFunc(all, func(s string) bool {
		return len(s) < 6 || plainName.MatchString(s) || strings.HasSuffix(s, "+json") || strings.HasSuffix(s, ".css") ||
			slices.Contains([]string{"application/json", "DELETE", "Bearer", "session="}, s)
	})
}

// The table would prove nothing if it did not see a value that came back.
func TestBadInputSeesReflection(t *testing.T) {
	b := bad{req: request{method: "EVILMETHOD", path: "/x/%3Cscript%3E", body: `{"a":"canary-string","<bad name>":1234567}`,
		header: map[string][]string{"Link-Proof": {"canary-header"}}}}
	got := b.sent()
	for _, want := range []string{"EVILMETHOD", "%3Cscript%3E", "<script>", "canary-string", "<bad name>", "1234567", "canary-header"} {
		if !slices.Contains(got, want) {
			t.Errorf("sent() = %q, which lacks %q", got, want)
		}
	}
}

// badBodies spoils the body as a whole.
func (i *instance) badBodies(t *testing.T, rt web.Route) []bad {
	o := i.body(rt)
	if o == nil {
		return nil
	}
	valid, text := i.valid(t, rt), o.String()
	half := text[:len(text)/2]
	var all []bad
	add := func(name, body string, status int, code letterlock.Code, field string, fault letterlock.FieldCode) {
		r := valid
		r.body = body
		all = append(all, bad{name, r, status, code, field, fault})
	}
	for name, body := range map[string]string{
		"empty": "", "white space": " \r\n\t", "an array": "[" + text + "]", "a string": `"canary-string"`, "a number": "1234567", "true": "true",
		"truncated": half, "open": "{", "closed": "}", "unclosed": text[:len(text)-1], "trailing": text + "canary", "two documents": text + text, "two lines": text + "\n" + text,
		"byte order mark": "\xef\xbb\xbf" + text, "UTF-16": "\xff\xfe" + strings.Join(strings.Split(text, ""), "\x00") + "\x00", "not UTF-8": strings.Replace(text, `:`, ":\"\xff\xfe\",\"x\":", 1),
		"NUL first": "\x00" + text, "NUL last": text + "\x00", "single quotes": strings.ReplaceAll(text, `"`, `'`), "trailing comma": text[:len(text)-1] + ",}",
		"comment": "/* canary */" + text, "form": "mine=false&expires_in=1800", "XML": "<secret>canary</secret>", "NaN": strings.Replace(text, ":", ":NaN,\"x\":", 1),
		"deep arrays": strings.Repeat("[", 2000) + strings.Repeat("]", 2000), "deep objects": strings.Repeat(`{"a":`, 600) + "1" + strings.Repeat("}", 600), "only openings": strings.Repeat("[", 4000),
	} {
		status, code, field, fault := 400, letterlock.ErrMalformed, "", letterlock.FieldCode("")
		if name == "deep objects" {
			status, code, field, fault = 422, letterlock.ErrInvalid, "a", letterlock.FieldUnknown
		}
		add(name, body, status, code, field, fault)
	}
	add("null", "null", 400, letterlock.ErrMalformed, "", "")
	if !isOptional(rt, o[0].name) {
		add("no members", "{}", 422, letterlock.ErrInvalid, o[0].name, letterlock.FieldRequired)
	}
	add("too large", text[:len(text)-1]+strings.Repeat(" ", int(rt.Body))+"}", 413, letterlock.ErrTooLarge, "", "")
	for unknown, named := range map[string]string{
		"canary": "canary", "Canary": "?", "__proto__": "__proto__", "<script>alert(1)</script>": "?", strings.Repeat("n", 41): "?", "a b": "?", "": "?",
	} {
		add("unknown field "+unknown, o.set(unknown, `"canary-value"`).String(), 422, letterlock.ErrInvalid, named, letterlock.FieldUnknown)
	}
	cut := valid.with("Content-Length", "4000")
	cut.body, cut.cut = half, true
	chunked := valid.with("Transfer-Encoding", "chunked")
	chunked.body = "zz\r\n" + text + "\r\n0\r\n\r\n"
	return append(all,
		bad{"cut short", cut, 400, letterlock.ErrMalformed, "", ""},
		bad{"badly chunked", chunked, 400, letterlock.ErrMalformed, "", ""})
}

// badMediaTypes says that the body is something else.
func (i *instance) badMediaTypes(t *testing.T, rt web.Route) []bad {
	if i.body(rt) == nil {
		return nil
	}
	valid := i.valid(t, rt)
	all := []bad{
		{"no media type", valid.with("Content-Type"), 415, letterlock.ErrMediaType, "", ""},
		{"compressed", valid.with("Content-Encoding", "gzip"), 415, letterlock.ErrMediaType, "", ""},
	}
	for _, kind := range []string{
		"text/plain", "text/json", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "application/jsonx", "application/problem+json",
		"application/octet-stream", "json", "*/*", "application/json; charset", "application/json; charset=iso-8859-1", "application/json, text/plain", ";",
	} {
		all = append(all, bad{"media type " + kind, valid.with("Content-Type", kind), 415, letterlock.ErrMediaType, "", ""})
	}
	return all
}

// badProofs shows what opens nothing. That it is malformed must not be
// something else than that it is wrong.
func (i *instance) badProofs(t *testing.T, rt web.Route) []bad {
	if !isAPI(rt) {
		return nil
	}
	valid := i.valid(t, rt)
	all := []bad{
		{"an API token", valid.with("Authorization", "Bearer ll_canary-token"), 401, letterlock.ErrUnauthorized, "", ""},
		{"an API token, in capitals", valid.with("Authorization", "BEARER ll_canary-token"), 401, letterlock.ErrUnauthorized, "", ""},
	}
	names := []string{api.HeaderLinkProof, api.HeaderManageToken, api.HeaderViewSecret}
	for at, name := range names {
		good := valid.header.Get(name)
		if good == "" {
			continue
		}
		bare, raw := valid.with(name), []byte(good)
		add := func(what string, r request) {
			all = append(all, bad{name + " " + what, r, 404, letterlock.ErrNotFound, "", ""})
		}
		add("missing", bare)
		add("under another name", bare.with(names[(at+1)%len(names)], good))
		add("twice", valid.with(name, good, good))
		add("twice, one wrong", valid.with(name, good, b64(make([]byte, 32))))
		add("in one line", valid.with(name, good+", "+good))
		for what, value := range map[string]string{
			"empty": "", "padded": good + "=", "one byte less": b64(i.proof(t, good)[:31]), "one byte more": b64(append(i.proof(t, good), 0)),
			"of the standard alphabet": "+" + good[1:], "not canonical": good[:42] + otherBits(good[42:]), "with a space": good[:9] + " " + good[9:],
			"quoted": `"` + good + `"`, "twice as long": good + good, "zero": b64(make([]byte, 32)), "in capitals": strings.ToUpper(good), "very long": strings.Repeat("A", 8000),
			"of another secret": b64(i.fresh.Link), "another kind": b64(i.fresh.Manage), "with its last bit flipped": flipped(raw), "not ASCII": "\xff\xfe" + good,
		} {
			add(what, valid.with(name, value))
		}
	}
	return all
}

func (i *instance) proof(t *testing.T, text string) []byte {
	t.Helper()
	b, err := api.ParseBytes(text)
	if err != nil {
		t.Fatalf("ParseBytes(%s): %v", text, err)
	}
	return b
}

// flipped is base64url text with one bit of its first byte changed.
func flipped(text []byte) string {
	first := byte('A')
	if text[0] == first {
		first = 'B'
	}
	return string(first) + string(text[1:])
}

// otherBits is the last character of a base64url text with unused bits set: the
// same bytes for a lenient decoder.
func otherBits(last string) string {
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
	return string(alphabet[strings.Index(alphabet, last)+1])
}

// badIDs names what is not there, in ways that are an id and ways that are not.
func (i *instance) badIDs(t *testing.T, rt web.Route) []bad {
	var all []bad
	valid := i.valid(t, rt)
	for _, name := range []string{
		string(i.secret.ID), string(i.view.ID), "/parts/0", string(i.org.ID), string(i.member.ID), string(i.invitation.ID), string(i.elsewhere.ID), string(i.owner.API.ID),
	} {
		prefix, rest, ok := strings.Cut(valid.path, name)
		if !ok || !isAPI(rt) {
			continue
		}
		values := []string{
			"x", "0", "null", "undefined", name + "a", name[:len(name)-1], strings.ToUpper(name), name + "%00", name + "%20", name + "%0a", "%20" + name,
			name + "=", name + "%23canary", "..%2f", "..%2f" + name, "%2e%2e%2f", "..", "%00", "%ff", "%F0%9F%94%91", "'%20OR%20'1'='1", "%3Cscript%3E", "%25s%25s%25n",
			strings.Repeat("a", 5000), strings.Repeat("%2e", 1000), string(i.fresh.ID), b64(make([]byte, 16)), "a;b", "a%3Fb", "-1", "1e3", "*",
		}
		if name == "/parts/0" {
			values = []string{"/parts/1", "/parts/-1", "/parts/00", "/parts/0.0", "/parts/0x0", "/parts/" + strings.Repeat("9", 4000), "/parts/..%2f0", "/parts/", "/parts", "/parts/0/", "/parts/0/0"}
		}
		for _, value := range values {
			if value == name {
				continue
			}
			r := valid
			r.path = prefix + value + rest
			all = append(all, bad{"id " + value, r, 404, letterlock.ErrNotFound, "", ""})
		}
	}
	return all
}

// badMethods uses what the path does not have.
func (i *instance) badMethods(t *testing.T, rt web.Route) []bad {
	var all []bad
	for _, method := range []string{"PUT", "TRACE", "PROPFIND", "EVILMETHOD", "get", "post", "QUERY"} {
		if slices.ContainsFunc(web.Routes(), func(other web.Route) bool { return other.Path == rt.Path && other.Method == method }) {
			continue
		}
		r := i.valid(t, rt)
		r.method = method
		b := bad{"method " + method, r, 405, letterlock.ErrMethod, "", ""}
		if !isAPI(rt) {
			b.code = ""
		}
		all = append(all, b)
	}
	return all
}

// badViews are well-formed and open nothing, nor is a view or a try counted.
func (i *instance) badViews(t *testing.T, rt web.Route) []bad {
	if name(rt) != "POST /secrets/{id}/views" {
		return nil
	}
	o, wrong, taken := i.body(rt), i.valid(t, rt), i.valid(t, rt)
	wrong.body = o.set("access_proof", quoted(i.fresh.Access)).String()
	taken.body = o.set("view_id", `"`+string(i.view.ID)+`"`).String()
	return []bad{
		{"wrong access proof", wrong, 403, letterlock.ErrWrongProof, "", ""},
		{"the id of another's view", taken, 410, letterlock.ErrGone, "", ""},
	}
}

// wrote is a JSON string of a text.
func wrote(t *testing.T, text string) string {
	t.Helper()
	b, err := json.Marshal(text)
	if err != nil {
		t.Fatalf("json.Marshal(%q): %v", text, err)
	}
	return string(b)
}
