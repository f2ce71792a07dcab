package ui

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"letterlock"
)

var (
	testNow     = time.Date(2026, 11, 25, 14, 0, 0, 0, time.UTC)
	testMembers = []letterlock.ListedMember{
		{Member: letterlock.Member{UserID: "u1", Role: letterlock.Owner, JoinedAt: testNow}, Name: "Jane <b>Miller</b>", Email: "jane@example.org"},
		{Member: letterlock.Member{UserID: "u2", Role: letterlock.PlainMember, JoinedAt: testNow}, Email: "kim@example.org"},
	}
	testOrg = letterlock.Membership{
		Org:  letterlock.Org{ID: "o1", Name: "Acme & Sons", Policy: letterlock.Policy{MaxLifetime: 36 * time.Hour, MaxViews: 3}, EventLife: letterlock.EventLife},
		Role: letterlock.Owner,
	}
	testOffer = &letterlock.Offer{Org: "o1", Organization: "Acme & Sons", Email: "kim@example.org", Role: letterlock.Admin, Inviter: "Jane Miller", ExpiresAt: testNow}
)

// samples are screens of every kind, by what is special about them. Each is made
// anew, since rendering fills it.
func samples() map[string]func() Screen {
	in := func(p interface {
		Screen
		In(*letterlock.Membership)
	}) Screen {
		p.In(&testOrg)
		return p
	}
	instance := func(step string) func() Screen {
		return func() Screen {
			return &Instance{Step: step, Settings: letterlock.Settings{Name: "Letterlock", SignUp: letterlock.SignUpDomains, Domains: []string{"example.org"}}}
		}
	}
	return map[string]func() Screen{
		"signin": func() Screen { return &SignIn{Next: "/secrets?a=b&c"} },
		"signup": func() Screen {
			return &SignUp{Mode: letterlock.SignUpDomains, Domains: []string{"example.org", "example.com"}}
		},
		"signup invited": func() Screen { return &SignUp{Mode: letterlock.SignUpInvited} },
		"verify":         func() Screen { return &Verify{} },
		"reset":          func() Screen { return &Reset{} },
		"reset set":      func() Screen { return &Reset{Ticket: "abcdefghijklmnopqrstuvwxyz"} },
		"email":          func() Screen { return &ConfirmEmail{} },
		"undo":           func() Screen { return &UndoEmail{} },
		"invitation":     func() Screen { return &Invitation{} },
		"offer":          func() Screen { return &Invitation{Offer: testOffer, Ticket: "t"} },
		"offer mine":     func() Screen { return &Invitation{Offer: testOffer, Ticket: "t", Email: "Kim@example.org"} },
		"offer mailed":   func() Screen { return &Invitation{Offer: testOffer, Ticket: "t", Mailed: true} },
		"setup":          func() Screen { return &Setup{} },
		"setup general":  instance("general"),
		"setup access":   instance("access"),
		"setup mail":     instance("mail"),
		"setup done":     instance("done"),
		"instance": func() Screen {
			return &Instance{To: "a@example.org", Test: &MailTest{To: "a@example.org", What: "No answer.", Do: "Look.", Conversation: []string{"> EHLO", "< 250"}},
				Failed: []*letterlock.Mail{{To: "b@example.org", FailedAt: testNow, Reason: "550 no"}}}
		},
		"account": func() Screen {
			return &Account{User: &letterlock.User{Name: "Jane", Email: "jane@example.org", Language: "de"}}
		},
		"sessions": func() Screen {
			return &Sessions{Here: "s1", All: []*letterlock.Session{{ID: "s1", Agent: "Firefox on Linux", Net: "192.0.2.0/24", CreatedAt: testNow, SeenAt: testNow}, {ID: "s2"}}}
		},
		"tokens": func() Screen {
			return &Tokens{Made: "ll_x", Orgs: []letterlock.Membership{testOrg}, All: []*letterlock.APIToken{
				{ID: "t1", OrgID: "o1", Name: "backup", Scopes: letterlock.Scopes(), ExpiresAt: testNow, UsedAt: testNow}, {ID: "t2", Name: "old", RevokedAt: testNow}}}
		},
		"organization_new": func() Screen { return &NewOrganization{} },
		"organization": func() Screen {
			return in(&Organization{Me: "u1", Members: testMembers, More: "?after=u2&b", Link: "https://secrets.example.org/invitation#x", LinkFor: "lee@example.org", Now: testNow,
				Invitations: []*letterlock.Invitation{{ID: "i1", Email: "lee@example.org", Role: letterlock.Admin, ExpiresAt: testNow.Add(1)}, {ID: "i2", Email: "max@example.org", Role: letterlock.PlainMember, ExpiresAt: testNow}}})
		},
		"member":    func() Screen { return in(&Member{Who: testMembers[1], Others: testMembers[:1]}) },
		"member me": func() Screen { return in(&Member{Who: testMembers[0], Me: true}) },
		"policy":    func() Screen { return in(&Policy{}) },
		"brand": func() Screen {
			return in(&Brand{Brand: letterlock.Brand{Name: "Acme", Logo: []byte("x"), Accent: "#7a1f22"}})
		},
		"events": func() Screen {
			return in(&Events{People: testMembers, Earlier: "?before=1", Query: EventFilter{Actor: "u1"}, Events: []letterlock.Event{
				{At: testNow, Action: letterlock.ActionJoined, Actor: "u1", ActorName: "Jane", Subject: "i1", Net: "192.0.2.0/24"},
				{At: testNow, Action: letterlock.ActionDeleted, Actor: "u3", SecretID: "abcdefghijklmnopqrstuvwxyz", Refused: letterlock.ErrForbidden},
				{At: testNow, Action: "unheard_of"}}})
		},
		"events none": func() Screen { return in(&Events{}) },
	}
}

// testReader is an operator who works in an organization.
var testReader = Reader{Name: "Jane Miller", Operator: true, Org: "Acme & Sons", Spaces: []Space{{}, {ID: "o2", Name: "Other"}}}

// eachScreen runs f for every sample in every language: to whom nobody is, and
// to who is signed in; with nothing said, and with a refusal of all its fields.
func eachScreen(t *testing.T, f func(t *testing.T, d *document)) {
	t.Helper()
	pages, err := Render(testSite)
	if err != nil {
		t.Fatalf("Render: %v", err)
	}
	all := samples()
	for i := range secretScreens() {
		all[fmt.Sprintf("secrets %d", i)] = func() Screen { return secretScreens()[i] }
	}
	for _, lang := range Languages() {
		for name, sample := range all {
			for _, reader := range []*Reader{nil, &testReader} {
				s := sample()
				if reader == nil && (s.screen().wide || s.screen().tab != "") {
					continue // nobody gets to see it
				}
				t.Run(fmt.Sprintf("%s/%s/%v", lang, name, reader != nil), func(t *testing.T) {
					Fill(s, reader, &Done{Key: "saved"}, nil)
					body, err := pages.Screen(lang, s)
					if err != nil {
						t.Fatal(err)
					}
					f(t, &document{Document: &Document{Body: body}, lang: lang, elements: parse(t, body)})
				})
			}
		}
	}
}

// TestScreensAreWhole: language, title, one heading for all, and what the frame
// owes.
func TestScreensAreWhole(t *testing.T) {
	eachScreen(t, func(t *testing.T, d *document) {
		if got := d.named("html")[0].attr["lang"]; got != d.lang {
			t.Errorf(`<html lang="%s">, want %q`, got, d.lang)
		}
		if title := d.named("title")[0].text; !strings.HasSuffix(title, " · Letterlock") {
			t.Errorf("title %q, want the instance's name at its end", title)
		}
		if n := len(d.named("h1")); n == 0 {
			t.Error("there is no <h1>")
		}
		if strings.Contains(string(d.Body), "<b>Miller") {
			t.Error("a name is read as markup")
		}
		if d.ids(t)["done"] == nil {
			t.Error("what was done is not said")
		}
	})
}

// TestScreensSendForms: every form says where it goes and how, and every field
// for a password which one it takes, and is empty.
func TestScreensSendForms(t *testing.T) {
	eachScreen(t, func(t *testing.T, d *document) {
		for _, form := range d.named("form") {
			if !strings.HasPrefix(form.attr["action"], "/share/") {
				t.Errorf("<form action=%q>, want a path of ours", form.attr["action"])
			}
		}
		for _, e := range d.named("input") {
			if e.attr["type"] == "password" && (e.attr["value"] != "" || e.attr["autocomplete"] == "") {
				t.Errorf("<input id=%q> is filled in, or does not say which password it takes", e.attr["id"])
			}
		}
	})
}

// TestScreensHoldTheIconsTheyUse, each once.
func TestScreensHoldTheIconsTheyUse(t *testing.T) {
	eachScreen(t, func(t *testing.T, d *document) {
		ids := d.ids(t)
		for _, e := range d.named("use") {
			if ids[strings.TrimPrefix(e.attr["href"], "#")] == nil {
				t.Errorf("there is no icon %s", e.attr["href"])
			}
		}
	})
}

// TestRefusalIsSaid: beside each field, in a summary above that leads there, and
// nothing that was typed is lost but passwords.
func TestRefusalIsSaid(t *testing.T) {
	pages, err := Render(testSite)
	if err != nil {
		t.Fatal(err)
	}
	for _, lang := range Languages() {
		s := &Verify{}
		Fill(s, nil, nil, &Sent{
			Do: "verify", Code: letterlock.ErrInvalid, Typed: map[string]string{"name": "Jane <Miller>", "password": "never", "ticket": "a-ticket"},
			Wrong: []letterlock.FieldError{{Field: "name", Code: letterlock.FieldTooLong}, {Field: "password", Code: letterlock.FieldTooShort}},
		})
		body, err := pages.Screen(lang, s)
		if err != nil {
			t.Fatal(err)
		}
		d := &document{Document: &Document{Body: body}, lang: lang, elements: parse(t, body)}
		ids := d.ids(t)
		if got := ids["verify-name"].attr["value"]; got != "Jane &lt;Miller&gt;" && got != "Jane <Miller>" {
			t.Errorf("%s: the name is %q, want it as it was typed", lang, got)
		}
		if strings.Contains(string(body), "never") {
			t.Errorf("%s: the password comes back", lang)
		}
		if !strings.Contains(string(body), `value="a-ticket"`) {
			t.Errorf("%s: the ticket is lost", lang)
		}
		for _, field := range []string{"name", "password"} {
			input, sentence := ids["verify-"+field], ids["verify-"+field+"-error"]
			if sentence == nil || strings.TrimSpace(sentence.text) == "" || input.attr["aria-invalid"] != "true" || !strings.Contains(input.attr["aria-describedby"], "verify-"+field+"-error") {
				t.Errorf("%s: %s is not marked, or without a sentence: %v, %v", lang, field, input, sentence)
			}
			if !strings.Contains(string(body), `href="#verify-`+field+`"`) {
				t.Errorf("%s: the summary does not lead to %s", lang, field)
			}
		}
		if ids["refused"] == nil || ids["refused"].attr["role"] != "alert" {
			t.Errorf("%s: there is no summary with role=alert", lang)
		}
	}
}

// TestDesk: the parts of the desk that a reader has.
func TestDesk(t *testing.T) {
	for _, tt := range []struct {
		reader Reader
		want   string
	}{
		{Reader{}, "/secrets"}, {Reader{Org: "Acme"}, "/secrets /organization"}, {Reader{Operator: true}, "/secrets /instance"},
	} {
		f := &Frame{Reader: &tt.reader, screen: screen{tab: "/secrets"}}
		var paths []string
		for _, tab := range f.Tabs() {
			paths = append(paths, tab.Path)
			if tab.Here != (tab.Path == "/secrets") {
				t.Errorf("%+v: %s is current: %v", tt.reader, tab.Path, tab.Here)
			}
		}
		if got := strings.Join(paths, " "); got != tt.want {
			t.Errorf("%+v has %q, want %q", tt.reader, got, tt.want)
		}
	}
}

// TestCount takes the form that the language has for a number.
func TestCount(t *testing.T) {
	f := &Frame{view: view{Lang: "en", words: catalog{"n": {forms: map[string]string{"one": "{n} thing", "other": "{n} things"}}, "text": {text: "x"}}}}
	for n, want := range map[int]string{0: "0 things", 1: "1 thing", 2: "2 things"} {
		if got, err := f.N("n", n); got != want || err != nil {
			t.Errorf("N(n, %d) = %q, %v, want %q", n, got, err, want)
		}
	}
	if got, err := f.N("text", 1); err == nil {
		t.Errorf("N of a sentence that does not count = %q, want an error", got)
	}
}

var (
	calledKey  = regexp.MustCompile(`\.(?:T|N|Hint|Label|Once) "([^"]+)"(?: "([a-z_]+\.[^"]+)")?`)
	fieldKey   = regexp.MustCompile(`\.(?:Input|Select|Switch|ID) "([a-z_]+)"`)
	literalKey = regexp.MustCompile(`"([a-z_]+\.[a-z_.]+)"`)
	doneKey    = regexp.MustCompile(`Done\{Key: "([a-z_]+)"`)
	titleKey   = regexp.MustCompile(`key: "([a-z_]+)"`)
)

// builtPrefixes are those of sentences that are chosen by a value, such as a
// role, a code or a step: which there are is for other tests.
var builtPrefixes = regexp.MustCompile(`^(wrong|refused|role|scope|action|setup\.step_|instance\.(create|sign_up)_|account\.secrets_)`)

// screenKeys are the sentences that screens ask for.
func screenKeys(t *testing.T) []string {
	t.Helper()
	keys := append([]string{"field.ticket", "field.other"}, secretKeys()...)
	add := func(text, prefix string, pattern *regexp.Regexp, suffix string) {
		for _, m := range pattern.FindAllStringSubmatch(text, -1) {
			for _, key := range m[1:] {
				if key != "" {
					keys = append(keys, prefix+key+suffix)
				}
			}
		}
	}
	files, err := fs.Glob(templateFiles, "templates/desk*/*.html")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range append(files, "templates/desk.html") {
		text := templateText(t, strings.TrimPrefix(file, "templates/"))
		add(text, "", calledKey, "")
		add(text, "field.", fieldKey, "")
	}
	add(templateText(t, "desk/policy.html"), "field.", regexp.MustCompile(`\.Switch "([a-z_]+)"`), "_hint")
	for _, source := range sources(t, ".", "../internal/web") {
		add(source, "", literalKey, "")
		add(source, "done.", doneKey, "")
		add(source, "", titleKey, ".title")
	}
	return keys
}

// sources are the texts of the Go files in directories, tests aside.
func sources(t *testing.T, dirs ...string) (all []string) {
	t.Helper()
	for _, dir := range dirs {
		files, err := filepath.Glob(dir + "/*.go")
		if err != nil || len(files) == 0 {
			t.Fatalf("sources in %s: %v, %v", dir, files, err)
		}
		for _, file := range files {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if !strings.HasSuffix(file, "_test.go") {
				all = append(all, string(text))
			}
		}
	}
	return all
}
