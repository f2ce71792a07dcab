package web_test

import (
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"letterlock/internal/testkit"
	"letterlock/internal/web"
)

// deskHeader is what every page made for one reader carries.
var deskHeader = func() map[string]string {
	h := maps.Clone(documentHeader)
	h["Referrer-Policy"] = "same-origin"
	delete(h, "Strict-Transport-Security")
	return h
}()

// secureForm is secure for answers that may set cookies and redirect.
func (r response) secureForm(t *testing.T, what string) {
	t.Helper()
	want := deskHeader
	if strings.HasPrefix(r.header.Get("Content-Type"), "image/") || r.header.Get("Content-Disposition") != "" {
		want = apiHeader
	}
	for name, value := range want {
		got := r.header.Values(name)
		plain := r.status >= 400 && name == "Referrer-Policy" && len(got) == 1 && got[0] == "no-referrer" // of error pages, which have no forms
		if !plain && (len(got) != 1 || got[0] != value) {
			t.Errorf("%s: %s is %q, want %q", what, name, got, value)
		}
	}
	for _, cookie := range r.header.Values("Set-Cookie") {
		if !strings.Contains(cookie, "; HttpOnly") || !strings.Contains(cookie, "; SameSite=Lax") {
			t.Errorf("%s sets the cookie %q, want HttpOnly and SameSite=Lax", what, cookie)
		}
	}
}

// Every page and every form's answer has its headers, whoever asks; no GET
// writes anything, and none fails.
func TestPagesOfTheDesk(t *testing.T) {
	h := newHouse(t, testkit.ServerConfig{})
	for _, rt := range web.PageRoutes() {
		path := h.pagePath(t, rt)
		before := h.Dump(t)
		for who, b := range map[string]*browser{"nobody": h.anybody(), "an owner": h.ada, "a member": h.bob} {
			for _, method := range []string{"GET", "HEAD"} {
				res := b.do(t, method, path, "", nil)
				res.secureForm(t, method+" "+path+" by "+who)
				if res.status >= 500 {
					t.Errorf("%s %s by %s = %d", method, path, who, res.status)
				}
			}
		}
		if after := h.Dump(t); after != before {
			t.Fatalf("GET %s changed the database from\n%s\nto\n%s", path, before, after)
		}
		res := h.ada.post(t, path, "do", "unheard of")
		res.secureForm(t, "POST "+path)
		if rt.Method == "POST" && res.status != 400 && rt.Path != "/switch" && rt.Path != "/signout" {
			t.Errorf("POST %s of no form there is = %d, want 400", path, res.status)
		}
	}
}

// Whoever is not signed in is sent to do so, and then back; nothing is written.
func TestPagesSendToSignIn(t *testing.T) {
	h := newHouse(t, testkit.ServerConfig{})
	nobody := h.anybody()
	for _, rt := range web.PageRoutes() {
		if !rt.SignedIn {
			continue
		}
		path := h.pagePath(t, rt)
		before := h.Dump(t)
		if rt.Method == "GET" {
			nobody.get(t, path+"?a=b").wantGone(t, "GET "+path, "/signin?next="+url.QueryEscape(path+"?a=b"))
		} else {
			nobody.post(t, path+"?a=b", "do", "x").wantGone(t, "POST "+path, "/signin?next="+url.QueryEscape(path))
		}
		if after := h.Dump(t); after != before {
			t.Errorf("%s %s by nobody changed the database", rt.Method, path)
		}
	}
}

// What another site makes a browser send to a form is refused.
func TestFormsOfOtherSites(t *testing.T) {
	h := newHouse(t, testkit.ServerConfig{})
	for _, rt := range web.PageRoutes() {
		if rt.Method != "POST" {
			continue
		}
		path := h.pagePath(t, rt)
		before := h.Dump(t)
		for name, value := range map[string]string{"Sec-Fetch-Site": "cross-site", "Origin": "null", "Sec-Purpose": "prefetch"} {
			header := http.Header{"Content-Type": {"application/x-www-form-urlencoded"}, name: {value}}
			if res := h.ada.do(t, "POST", path, "do=profile&name=x", header); res.status != 403 {
				t.Errorf("POST %s with %s: %s = %d, want 403", path, name, value, res.status)
			}
		}
		if after := h.Dump(t); after != before {
			t.Errorf("POST %s from another site changed the database", path)
		}
	}
}

// Forms are read strictly: their type, their length, their text.
func TestFormsThatAreNone(t *testing.T) {
	h := newHouse(t, testkit.ServerConfig{})
	for name, tt := range map[string]struct {
		kind, body string
		status     int
	}{
		"JSON":              {"application/json", `{"do":"profile"}`, 415},
		"no type":           {"", "do=profile", 415},
		"plain text":        {"text/plain", "do=profile", 415},
		"too long":          {"application/x-www-form-urlencoded", "do=profile&name=" + strings.Repeat("a", 16<<10), 413},
		"bad encoding":      {"application/x-www-form-urlencoded", "do=profile&name=%zz", 400},
		"no UTF-8":          {"application/x-www-form-urlencoded", "do=profile&name=%ff", 400},
		"parts without end": {"multipart/form-data; boundary=x", "--x\r\nContent-Disposition: form-data; name=\"do\"\r\n\r\nprofile", 400},
		"parts, unbounded":  {"multipart/form-data", "--x--", 400},
	} {
		before := h.Dump(t)
		header := http.Header{}
		if tt.kind != "" {
			header.Set("Content-Type", tt.kind)
		}
		if res := h.ada.do(t, "POST", "/account", tt.body, header); res.status != tt.status {
			t.Errorf("%s = %d, want %d", name, res.status, tt.status)
		}
		if after := h.Dump(t); after != before {
			t.Errorf("%s changed the database", name)
		}
	}
}

var addressOf = regexp.MustCompile(`(?:href|action|src)="(/[^"#]*)"`)

// Every address on every page leads somewhere.
func TestPagesLeadSomewhere(t *testing.T) {
	config := testkit.ServerConfig{}
	config.Base = "/share"
	h := newHouse(t, config)
	for who, b := range map[string]*browser{"nobody": h.anybody(), "an owner": h.ada, "a member": h.bob} {
		seen := map[string]bool{}
		todo := []string{"/share/signin", "/share/signup", "/share/secrets", "/share/invitation", "/share/verify", "/share/setup/done", "/share/email"}
		for len(todo) > 0 && len(seen) < 200 {
			at := strings.TrimPrefix(strings.ReplaceAll(todo[0], "&amp;", "&"), "/share")
			todo = todo[1:]
			if seen[at] {
				continue
			}
			seen[at] = true
			res := b.get(t, at)
			switch {
			case res.status == 405 && (at == "/switch" || at == "/signout"):
			case res.status == 403 && who == "a member", res.status == 404 && at == "/setup/done" && who == "a member":
			case res.status != 200 && res.status != 303:
				t.Errorf("GET %s by %s = %d", at, who, res.status)
			}
			if strings.HasPrefix(res.header.Get("Content-Type"), "text/html") {
				for _, m := range addressOf.FindAllSubmatch(res.body, -1) {
					todo = append(todo, string(m[1]))
				}
			}
		}
		if len(seen) < 10 {
			t.Errorf("%s gets to %d pages only: %v", who, len(seen), seen)
		}
	}
}

// What was done is said once, by the page that comes next; nobody can make a
// link that says something else.
func TestDoneIsSaidOnce(t *testing.T) {
	h := newHouse(t, testkit.ServerConfig{})
	h.ada.post(t, "/account", "do", "profile", "name", "Ada", "language", "en").wantGone(t, "a change", "/account")
	h.ada.get(t, "/account").wantPage(t, "the page after it", 200, "Saved.")
	if res := h.ada.get(t, "/account"); strings.Contains(string(res.body), "Saved.") {
		t.Error("it is said again")
	}
	for _, junk := range []string{"unheard.0", "saved", "saved.x", "", "<b>.1", ".", "saved.99999999999999999999"} {
		h.ada.cookies["done"] = junk
		if res := h.ada.get(t, "/account"); res.status != 200 || strings.Contains(string(res.body), `id="done"`) {
			t.Errorf("with the cookie %q: %d, and something is said", junk, res.status)
		}
	}
}

// Pages are in the language that was chosen, else that of the account, else the
// browser's.
func TestLanguageOfPages(t *testing.T) {
	h := newHouse(t, testkit.ServerConfig{})
	h.ada.post(t, "/account", "do", "profile", "name", "Ada", "language", "de").wantGone(t, "a change", "/account")
	for _, tt := range []struct {
		b                  *browser
		query, accept, set string
		want               string
	}{
		{h.ada, "", "en", "", "de"}, {h.ada, "?lang=en", "de", "", "en"}, {h.ada, "", "de", "en", "en"},
		{h.bob, "", "de", "", "de"}, {h.bob, "", "", "", "en"},
	} {
		if delete(tt.b.cookies, "lang"); tt.set != "" {
			tt.b.cookies["lang"] = tt.set
		}
		res := tt.b.do(t, "GET", "/account"+tt.query, "", http.Header{"Accept-Language": {tt.accept}})
		if !strings.Contains(string(res.body), `<html lang="`+tt.want+`"`) {
			t.Errorf("GET /account%s by %s with Accept-Language %q, cookie %q is not in %s", tt.query, tt.b.who.Email, tt.accept, tt.set, tt.want)
		}
	}
}
