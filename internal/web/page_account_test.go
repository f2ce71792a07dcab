package web_test

import (
	"bytes"
	"image"
	"image/png"
	"mime/multipart"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"letterlock"
	"letterlock/internal/testkit"
)

const newPassword = "four quiet words at noon"

// Somebody signs in, is sent on within this instance and nowhere else, and signs
// out.
func TestSignInForm(t *testing.T) {
	h := newHouse(t, testkit.ServerConfig{})
	for next, to := range map[string]string{
		"": "/secrets", "/account?a=b": "/account?a=b", "//evil.example": "/secrets", "////evil.example": "/secrets", "///evil.example": "/secrets", "https://evil.example/": "/secrets", `/\evil.example`: "/secrets",
		"evil.example": "/secrets", "/secrets#x": "/secrets", "javascript:alert(1)": "/secrets", "/%0d%0aSet-Cookie:a=b": "/%0d%0aSet-Cookie:a=b",
	} {
		b := h.anybody()
		b.post(t, "/signin", "do", "sign_in", "email", "ADA@example.org", "password", testkit.Password, "next", next).wantGone(t, "sign in with next="+next, to)
		if b.cookies["session"] == "" {
			t.Fatal("no session was begun")
		}
		if next == "" {
			b.get(t, "/signin?next=/account").wantGone(t, "signing in again", "/account")
			was := b.cookies["session"]
			b.post(t, "/signout").wantGone(t, "sign out", "/signin")
			b.get(t, "/signin").wantPage(t, "the page after it", 200, "You are signed out.")
			b.cookies["session"] = was
			b.get(t, "/account").wantGone(t, "the session that was", "/signin?next=%2Faccount")
		}
	}
}

// An address that nobody has, and a wrong password, are answered alike.
func TestSignInTellsNothing(t *testing.T) {
	h := newHouse(t, testkit.ServerConfig{})
	var first response
	for i, email := range []string{"ada@example.org", "zoe@example.org"} {
		res := h.anybody().post(t, "/signin", "do", "sign_in", "email", email, "password", "wrong, surely wrong")
		res.wantPage(t, "a wrong sign-in", 403, "This address and password do not belong together.")
		if res.body = bytes.ReplaceAll(res.body, []byte(email), nil); i == 0 {
			first = res
		} else if !bytes.Equal(first.body, res.body) || first.header.Get("Set-Cookie") != res.header.Get("Set-Cookie") {
			t.Errorf("an unknown address gets\n%s\nand a known one\n%s", res.body, first.body)
		}
	}
}

// Forms that mail an address answer alike whether somebody has it.
func TestFormsTellNothingOfAddresses(t *testing.T) {
	h := newHouse(t, testkit.ServerConfig{})
	h.ada.post(t, "/instance", "do", "access", "create", "anyone", "sign_up", "open", "domains", "").wantGone(t, "open sign-up", "/instance")
	for path, do := range map[string]string{"/reset": "ask", "/signup": "sign_up"} {
		known := h.anybody().post(t, path, "do", do, "email", "ada@example.org")
		unknown := h.anybody().post(t, path, "do", do, "email", "zoe@example.org")
		known.wantGone(t, "POST "+path, "/signin")
		if known.status != unknown.status || !bytes.Equal(known.body, unknown.body) || known.header.Get("Location") != unknown.header.Get("Location") ||
			known.header.Get("Set-Cookie") != unknown.header.Get("Set-Cookie") {
			t.Errorf("POST %s: %d %v for a known address, %d %v for another", path, known.status, known.header, unknown.status, unknown.header)
		}
	}
}

// What is wrong is said beside the field, what was typed is kept, passwords are
// not, and nothing is written.
func TestFormErrors(t *testing.T) {
	h := newHouse(t, testkit.ServerConfig{})
	long := strings.Repeat("x", 101)
	member := "/organization/members/" + string(h.bob.who.ID)
	for _, tt := range []struct {
		who      *browser
		path     string
		fields   []string
		status   int
		sentence string
		kept     string
	}{
		{h.anybody(), "/signin", []string{"do", "sign_in", "email", "nobody", "password", "p"}, 422, "This is not the address of one mailbox.", "nobody"},
		{h.anybody(), "/reset", []string{"do", "ask", "email", "a@b@c"}, 422, "This is not the address of one mailbox.", "a@b@c"},
		{h.anybody(), "/signup", []string{"do", "sign_up", "email", "new@example.org"}, 403, "Ask for an invitation.", ""},
		{h.anybody(), "/verify", []string{"do", "verify", "ticket", "AAAAAAAAAAAAAAAAAAAAAAAA", "name", "Zoe", "password", newPassword}, 404, "This link was used, or is too old.", "Zoe"},
		{h.anybody(), "/verify", []string{"do", "verify", "ticket", "!", "name", long, "password", newPassword}, 422, "This is too long.", long},
		{h.anybody(), "/reset", []string{"do", "set", "ticket", "AAAA", "password", newPassword}, 404, "This link was used, or is too old.", "AAAA"},
		{h.anybody(), "/email", []string{"do", "confirm", "ticket", "AAAA"}, 404, "This link was used, or is too old.", "AAAA"},
		{h.anybody(), "/email/undo", []string{"do", "undo", "ticket", ""}, 404, "This link was used, or is too old.", ""},
		{h.anybody(), "/invitation", []string{"do", "look", "ticket", "AAAA"}, 404, "There is no such invitation", "AAAA"},
		{h.ada, "/account", []string{"do", "profile", "name", long, "language", "en"}, 422, "This is too long.", long},
		{h.ada, "/account", []string{"do", "profile", "name", "Ada", "language", "xx"}, 422, "This is outside of what is possible.", "Ada"},
		{h.ada, "/account", []string{"do", "email", "email", "no", "password", testkit.Password}, 422, "This is not the address of one mailbox.", "no"},
		{h.ada, "/account", []string{"do", "email", "email", "new@example.org", "password", "wrong, surely wrong"}, 403, "This is not your password.", "new@example.org"},
		{h.ada, "/account", []string{"do", "password", "current", "wrong, surely wrong", "password", newPassword}, 403, "This is not your password.", ""},
		{h.ada, "/account", []string{"do", "password", "current", testkit.Password, "password", "short"}, 422, "Take at least 12 characters.", ""},
		{h.ada, "/account", []string{"do", "delete", "secrets", "keep", "password", "wrong, surely wrong"}, 403, "This is not your password.", ""},
		{h.ada, "/account/sessions", []string{"do", "end", "session", string(h.eve.who.Session.ID)}, 404, "It is not there any more.", ""},
		{h.ada, "/account/tokens", []string{"do", "create", "name", "x", "expires_in", "90", "password", testkit.Password}, 422, "Fill this in.", "x"},
		{h.ada, "/account/tokens", []string{"do", "create", "name", "", "scopes", "org:read", "expires_in", "90", "password", testkit.Password}, 422, "Fill this in.", ""},
		{h.ada, "/account/tokens", []string{"do", "create", "name", "x", "scopes", "org:read", "expires_in", "400", "password", testkit.Password}, 422, "This is outside of what is possible.", "400"},
		{h.ada, "/account/tokens", []string{"do", "create", "name", "x", "scopes", "org:read", "expires_in", "ten", "password", testkit.Password}, 422, "This is outside of what is possible.", "ten"},
		{h.ada, "/account/tokens", []string{"do", "create", "name", "x", "scopes", "org:read", "expires_in", "9", "password", "wrong, surely wrong"}, 403, "This is not your password.", "x"},
		{h.ada, "/account/tokens", []string{"do", "create", "name", "x", "scopes", "org:read", "space", string(h.evil.ID), "expires_in", "9", "password", testkit.Password}, 404, "It is not there any more.", "x"},
		{h.ada, "/account/tokens", []string{"do", "revoke", "token", string(h.eve.who.API.ID)}, 404, "It is not there any more.", ""},
		{h.ada, "/organization/new", []string{"do", "create", "name", "  "}, 422, "Fill this in.", ""},
		{h.ada, "/organization", []string{"do", "rename", "name", long}, 422, "This is too long.", long},
		{h.ada, "/organization", []string{"do", "invite", "email", "no", "role", "member"}, 422, "This is not the address of one mailbox.", "no"},
		{h.ada, "/organization", []string{"do", "invite", "email", "bob@example.org", "role", "member"}, 422, "This is the address of a member.", "bob@example.org"},
		{h.ada, "/organization", []string{"do", "invite", "email", "zoe@example.org", "role", "king"}, 422, "This is outside of what is possible.", "zoe@example.org"},
		{h.ada, "/organization", []string{"do", "revoke", "invitation", "x"}, 404, "It is not there any more.", ""},
		{h.ada, member, []string{"do", "role", "role", "king"}, 422, "This is outside of what is possible.", ""},
		{h.ada, member, []string{"do", "remove", "hand_to", string(h.eve.who.ID)}, 422, "This is outside of what is possible.", ""},
		{h.ada, "/organization/members/" + string(h.ada.who.ID), []string{"do", "remove", "hand_to", ""}, 409, "An organization keeps an owner.", ""},
		{h.ada, "/organization/policy", []string{"do", "policy", "max_lifetime", "4000"}, 422, "This is outside of what is possible.", "4000"},
		{h.ada, "/organization/policy", []string{"do", "policy", "max_views", "-1"}, 422, "This is outside of what is possible.", "-1"},
		{h.ada, "/organization/policy", []string{"do", "log", "event_life", "29"}, 422, "This is outside of what is possible.", "29"},
		{h.ada, "/organization/brand", []string{"do", "brand", "accent", "#ffffff"}, 422, "White text on it could not be read.", "#ffffff"},
		{h.ada, "/organization/brand", []string{"do", "brand", "accent_deep", "reddish"}, 422, "Write a colour as #", "reddish"},
		{h.ada, "/instance", []string{"do", "general", "name", "", "url", "http://x"}, 422, "Fill this in.", "http://x"},
		{h.ada, "/instance", []string{"do", "general", "name", "N", "url", "nowhere"}, 422, "This is not such an address.", "nowhere"},
		{h.ada, "/instance", []string{"do", "access", "create", "anyone", "sign_up", "domains", "domains", "no_domain"}, 422, "", "no_domain"},
		{h.ada, "/setup/mail", []string{"do", "mail", "mail_server", "gopher://x", "mail_from", "a@example.org"}, 422, "This is not such an address.", "gopher://x"},
		{h.ada, "/instance", []string{"do", "mail", "test", "1", "mail_server", "smtp://localhost:1", "mail_from", "a@example.org", "email", "no"}, 422, "This is not the address of one mailbox.", "no"},
	} {
		what := "POST " + tt.path + " " + strings.Join(tt.fields, " ")
		before := deskDump(h, t)
		res := tt.who.post(t, tt.path, tt.fields...)
		res.wantPage(t, what, tt.status, tt.sentence)
		if !strings.Contains(string(res.body), `role="alert"`) || tt.kept != "" && !strings.Contains(string(res.body), `value="`+tt.kept) {
			t.Errorf("%s: no summary, or %q is not kept", what, tt.kept)
		}
		for _, secret := range []string{testkit.Password, newPassword, "wrong, surely wrong"} {
			if bytes.Contains(res.body, []byte(secret)) {
				t.Errorf("%s: a password comes back", what)
			}
		}
		if after := deskDump(h, t); after != before {
			t.Errorf("%s changed the database from\n%s\nto\n%s", what, before, after)
		}
	}
}

// recorded are the lines of the database that a refused form may leave: that it
// was refused, and a counted try.
var recorded = regexp.MustCompile(`(?m)^(event|sign_in_failure) [^\n]*\n?`)

// deskDump is the database without what every refusal leaves.
func deskDump(h *house, t *testing.T) string {
	t.Helper()
	return recorded.ReplaceAllString(h.Dump(t), "")
}

// From an empty instance to a signed-in operator, each step by its form.
func TestSetupForms(t *testing.T) {
	h := &house{Server: testkit.Serve(t, testkit.ServerConfig{})}
	ticket, err := h.Service.MakeSetupTicket(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	b := h.anybody()
	b.get(t, "/setup").wantPage(t, "GET /setup", 200, "Set up this instance")
	b.post(t, "/setup", "do", "set_up", "ticket", b64(ticket), "name", "Ada", "email", "ada@example.org", "password", "short").
		wantPage(t, "a short password", 422, "Take at least 12 characters.")
	b.post(t, "/setup", "do", "set_up", "ticket", h.URL+"/setup#"+b64(ticket), "name", "Ada", "email", "ada@example.org", "password", newPassword).
		wantGone(t, "set up with the whole link", "/setup/general")
	b.get(t, "/setup/general").wantPage(t, "the next step", 200, "Skip")
	b.post(t, "/setup/general", "do", "general", "name", "Ours", "url", "http://share.example.org:8080/").wantGone(t, "general", "/setup/access")
	b.post(t, "/setup/access", "do", "access", "create", "signed_in", "sign_up", "domains", "domains", "example.org, example.com").wantGone(t, "access", "/setup/mail")
	box := testkit.Mail(t)
	b.post(t, "/setup/mail", "do", "mail", "test", "1", "mail_server", box.URL, "mail_from", "us@example.org", "email", "ada@example.org").
		wantPage(t, "a test mail", 200, "was taken on")
	if letters := box.Take(); len(letters) != 1 || letters[0].To != "ada@example.org" {
		t.Errorf("the mailbox has %v, want the test mail", letters)
	}
	b.post(t, "/setup/mail", "do", "mail", "test", "1", "mail_server", "smtp://127.0.0.1:1", "mail_from", "us@example.org", "email", "ada@example.org").
		wantPage(t, "a test mail to no server", 200, `class="error"`)
	b.post(t, "/setup/mail", "do", "mail", "mail_server", box.URL, "mail_from", "us@example.org").wantGone(t, "mail", "/setup/done")
	b.get(t, "/setup/done").wantPage(t, "the last step", 200, "Everything is set up.")
	got := h.Service.Settings()
	want := letterlock.Settings{Name: "Ours", URL: "http://share.example.org:8080", Create: letterlock.CreateSignedIn, SignUp: letterlock.SignUpDomains,
		Domains: []string{"example.org", "example.com"}, MailServer: letterlock.MailServer(box.URL), MailFrom: "us@example.org"}
	if len(got.Domains) != 2 || got.Name != want.Name || got.URL != want.URL || got.Create != want.Create || got.SignUp != want.SignUp || got.MailServer != want.MailServer {
		t.Errorf("the settings are %+v, want %+v", got, want)
	}
	h.anybody().get(t, "/setup").wantGone(t, "GET /setup afterwards", "/signin")
	if res := h.anybody().post(t, "/setup", "do", "set_up", "ticket", b64(ticket), "name", "Eve", "email", "eve@example.org", "password", newPassword); res.status != 404 {
		t.Errorf("the link a second time = %d, want 404", res.status)
	}
}

// An account from its first mail to its last click.
func TestAccountForms(t *testing.T) {
	h := newHouse(t, testkit.ServerConfig{})
	box := h.mailbox(t)
	h.ada.post(t, "/instance", "do", "access", "create", "anyone", "sign_up", "open", "domains", "").wantGone(t, "open sign-up", "/instance")

	b := h.anybody()
	b.post(t, "/signup", "do", "sign_up", "email", "zoe@example.org").wantGone(t, "sign up", "/signin")
	link := h.links(t, box)["zoe@example.org"]
	before := h.Dump(t)
	b.get(t, link[0]).wantPage(t, "GET "+link[0], 200, "Set up your account")
	if h.Dump(t) != before {
		t.Errorf("GET %s spends the link", link[0])
	}
	b.post(t, link[0], "do", "verify", "ticket", link[1], "name", "Zoe", "password", newPassword).wantGone(t, "verify", "/secrets")
	b.get(t, "/account").wantPage(t, "the account", 200, "Zoe")

	b.post(t, "/account", "do", "password", "current", newPassword, "password", newPassword+" again").wantGone(t, "change the password", "/account")
	b.get(t, "/account").wantPage(t, "the account after it", 200, "Your password is changed.")
	b.post(t, "/account", "do", "email", "email", "zed@example.org", "password", newPassword+" again").wantGone(t, "change the address", "/account")
	link = h.links(t, box)["zed@example.org"]
	h.anybody().post(t, link[0], "do", "confirm", "ticket", link[1]).wantGone(t, "confirm the address", "/account")
	link = h.links(t, box)["zoe@example.org"]
	res := b.post(t, link[0], "do", "undo", "ticket", link[1])
	res.wantPage(t, "undo", 200, "Your new password")
	ticket := regexp.MustCompile(`name="ticket" value="([\w-]+)"`).FindSubmatch(res.body)
	if ticket == nil || b.cookies["session"] != "" {
		t.Fatalf("after the change is undone: no ticket to go on with, or still signed in: %v", b.cookies)
	}
	b.post(t, "/reset", "do", "set", "ticket", string(ticket[1]), "password", newPassword).wantGone(t, "set another password", "/secrets")

	b.post(t, "/reset", "do", "ask", "email", "zoe@example.org").wantGone(t, "ask for a reset", "/signin")
	link = h.links(t, box)["zoe@example.org"]
	b.post(t, link[0], "do", "set", "ticket", link[1], "password", newPassword+" third").wantGone(t, "reset", "/secrets")
	b.post(t, "/account", "do", "delete", "secrets", "delete", "password", newPassword+" third").wantGone(t, "delete the account", "/signin")
	if b.cookies["session"] != "" {
		t.Error("the browser keeps the session of an account that is deleted")
	}
	b.get(t, "/signin").wantPage(t, "the page after it", 200, "Your account is deleted.")
}

// Sessions end, tokens are shown once and end.
func TestSessionAndTokenForms(t *testing.T) {
	h := newHouse(t, testkit.ServerConfig{})
	other, _ := h.OpenSession(t, h.ada.who.User)
	h.ada.get(t, "/account/sessions").wantPage(t, "the sessions", 200, string(other.ID))
	h.ada.post(t, "/account/sessions", "do", "end", "session", string(other.ID)).wantGone(t, "end a session", "/account/sessions")
	h.OpenSession(t, h.ada.who.User)
	h.ada.post(t, "/account/sessions", "do", "end_others").wantGone(t, "end all others", "/account/sessions")
	if n := strings.Count(string(h.ada.get(t, "/account/sessions").body), `role="rowheader"`); n != 1 {
		t.Errorf("%d sessions are left, want this one", n)
	}

	res := h.ada.post(t, "/account/tokens", "do", "create", "name", "backup", "scopes", "org:read", "scopes", "secret:read", "space", string(h.acme.ID), "expires_in", "30", "password", testkit.Password)
	res.wantPage(t, "a new token", 200, "it is not kept, and cannot be shown again")
	text := regexp.MustCompile(`value="(ll_\w+)"`).FindSubmatch(res.body)
	if text == nil {
		t.Fatal("the token is not shown")
	}
	asked := func() int {
		return h.anybody().do(t, "GET", "/api/v1/organizations", "", http.Header{"Authorization": {"Bearer " + string(text[1])}}).status
	}
	if status := asked(); status != 200 {
		t.Errorf("the token is answered %d, want 200", status)
	}
	page := h.ada.get(t, "/account/tokens")
	if bytes.Contains(page.body, text[1]) {
		t.Error("the token is shown again")
	}
	id := regexp.MustCompile(`name="token" value="(\w+)" aria-label="Revoke backup"`).FindSubmatch(page.body)
	h.ada.post(t, "/account/tokens", "do", "revoke", "token", string(id[1])).wantGone(t, "revoke", "/account/tokens")
	if status := asked(); status != 401 {
		t.Errorf("a revoked token is answered %d, want 401", status)
	}
}

// blank is a PNG of a size.
func blank(t *testing.T, width, height int) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, width, height))); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// upload sends a form with a file.
func (b *browser) upload(t *testing.T, path string, file []byte, fields ...string) response {
	t.Helper()
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	for i := 0; i < len(fields); i += 2 {
		w.WriteField(fields[i], fields[i+1])
	}
	part, err := w.CreateFormFile("logo", "logo.png")
	if err != nil {
		t.Fatal(err)
	}
	part.Write(file)
	w.Close()
	return b.do(t, "POST", path, body.String(), http.Header{"Content-Type": {w.FormDataContentType()}})
}
