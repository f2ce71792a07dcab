package web_test

import (
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"letterlock"
	"letterlock/api"
	"letterlock/internal/testkit"
	"letterlock/internal/web"
)

// house is an instance with people: Ada owns Acme and may change the instance,
// Bob is a member of Acme, Eve owns Evil.
type house struct {
	*testkit.Server
	ada, bob, eve *browser
	acme, evil    *letterlock.Org
}

func newHouse(t *testing.T, c testkit.ServerConfig) *house {
	t.Helper()
	h := &house{Server: testkit.Serve(t, c)}
	h.acme, h.evil = h.FoundOrg(t, "Acme"), h.FoundOrg(t, "Evil")
	h.ada, h.bob, h.eve = h.enter(t, "ada@example.org"), h.enter(t, "bob@example.org"), h.enter(t, "eve@example.org")
	h.MakeOperator(t, h.ada.who)
	h.Join(t, h.acme, h.ada.who, letterlock.Owner)
	h.Join(t, h.acme, h.bob.who, letterlock.PlainMember)
	h.Join(t, h.evil, h.eve.who, letterlock.Owner)
	return h
}

// browser keeps cookies, as one does, and posts what its user types.
type browser struct {
	house   *house
	who     *testkit.Person // nil: nobody signed in
	cookies map[string]string
}

func (h *house) anybody() *browser { return &browser{house: h, cookies: map[string]string{}} }

func (h *house) enter(t *testing.T, email string) *browser {
	t.Helper()
	b := h.anybody()
	b.who = h.Enrol(t, email)
	b.cookies["session"] = api.Bytes(b.who.Cookie).String()
	return b
}

// get asks for a page.
func (b *browser) get(t *testing.T, path string) response {
	t.Helper()
	return b.do(t, "GET", path, "", nil)
}

// post sends a form, given as its fields and their values in turn.
func (b *browser) post(t *testing.T, path string, fields ...string) response {
	t.Helper()
	values := url.Values{}
	for i := 0; i < len(fields); i += 2 {
		values.Add(fields[i], fields[i+1])
	}
	return b.do(t, "POST", path, values.Encode(), http.Header{"Content-Type": {"application/x-www-form-urlencoded"}})
}

func (b *browser) do(t *testing.T, method, path, body string, header http.Header) response {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, b.house.URL+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if header != nil {
		req.Header = header
	}
	for name, value := range b.cookies {
		req.AddCookie(&http.Cookie{Name: name, Value: value})
	}
	res, err := (&http.Transport{DisableKeepAlives: true}).RoundTrip(req)
	if err != nil {
		t.Fatalf("%s %s: %v", method, path, err)
	}
	defer res.Body.Close()
	for _, c := range res.Cookies() {
		if b.cookies[c.Name] = c.Value; c.MaxAge < 0 {
			delete(b.cookies, c.Name)
		}
	}
	answer, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatalf("%s %s: read the answer: %v", method, path, err)
	}
	return response{res.StatusCode, res.Header, answer}
}

// wantPage checks that an answer is a page with a sentence on it.
func (r response) wantPage(t *testing.T, what string, status int, sentence string) {
	t.Helper()
	if r.status != status || !strings.Contains(string(r.body), sentence) {
		t.Errorf("%s = %d, want %d with %q; it says %q", what, r.status, status, sentence, said(r.body))
	}
}

// wantGone checks that a form led to another page.
func (r response) wantGone(t *testing.T, what, to string) {
	t.Helper()
	if got := r.header.Get("Location"); r.status != http.StatusSeeOther || got != to {
		t.Fatalf("%s = %d to %q, want 303 to %q; it says %q", what, r.status, got, to, said(r.body))
	}
}

var errorSentence = regexp.MustCompile(`class="error"[^>]*>.*?<span>([^<]*)`)

// said are the sentences of what is wrong on a page.
func said(body []byte) (all []string) {
	for _, m := range errorSentence.FindAllSubmatch(body, -1) {
		all = append(all, string(m[1]))
	}
	return all
}

// pagePath is a path of the route that names something.
func (h *house) pagePath(t *testing.T, rt web.Route) string {
	t.Helper()
	path := strings.NewReplacer("{step}", "general", "{user}", string(h.bob.who.ID)).Replace(rt.Path)
	if strings.Contains(path, "{id}") { // which takes a secret of its own
		return strings.ReplaceAll(path, "{id}", string(h.secret(t)))
	}
	return path
}

// mailbox has the instance's mails delivered to a mailbox of the test's.
func (h *house) mailbox(t *testing.T) *testkit.Mailbox {
	t.Helper()
	box := testkit.Mail(t)
	n, err := h.Service.InstanceSettings(t.Context(), h.ada.who.Caller())
	if err != nil {
		t.Fatal(err)
	}
	n.Name = "Letterlock"
	n.MailServer, n.MailFrom, n.URL = letterlock.MailServer(box.URL), "letterlock@example.org", h.URL
	if err := h.Service.ChangeSettings(t.Context(), h.ada.who.Caller(), n); err != nil {
		t.Fatal(err)
	}
	return box
}

var linkInMail = regexp.MustCompile(`https?://[^/\s]+/([a-z/]+)#([\w-]+)`)

// links are the pages and tickets of the links in the mails that are due, by
// whom they are for.
func (h *house) links(t *testing.T, box *testkit.Mailbox) map[string][2]string {
	t.Helper()
	if _, err := h.Service.SendMail(t.Context()); err != nil {
		t.Fatalf("SendMail: %v", err)
	}
	all := map[string][2]string{}
	for _, letter := range box.Take() {
		if m := linkInMail.FindStringSubmatch(letter.Text); m != nil {
			all[letter.To] = [2]string{"/" + m[1], m[2]}
		}
	}
	return all
}

// secret is one that Ada shares in Acme.
func (h *house) secret(t *testing.T) letterlock.SecretID {
	t.Helper()
	n := testkit.Seal(t, "shared", "")
	n.Org = h.acme.ID
	if _, _, err := h.Service.CreateSecret(t.Context(), h.ada.who.Caller(), &n.NewSecret); err != nil {
		t.Fatalf("CreateSecret: %v", err)
	}
	return n.ID
}
