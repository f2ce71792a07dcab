package e2e

import (
	"bytes"
	"fmt"
	"image"
	"image/png"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"letterlock"
	"letterlock/api"
	"letterlock/internal/service"
	"letterlock/internal/store"
	"letterlock/internal/testkit"
)

// team is an instance with an organization, Acme: its owner Ada, a member, Bob,
// and Eve, who is in none.
type team struct {
	*site
	*testkit.Engine
	service       *service.Service
	acme          *letterlock.Org
	ada, bob, eve *testkit.Person
}

// launchTeam adds the people beside the instance, as its administrator could.
func launchTeam(t *testing.T) *team {
	t.Helper()
	s := launch(t)
	db, err := store.Open(t.Context(), filepath.Join(s.Data, "letterlock.db"), store.SystemClock{})
	if err != nil {
		t.Fatalf("open the instance's database: %v", err)
	}
	t.Cleanup(func() { db.Close() })
	tm := &team{site: s, Engine: &testkit.Engine{DB: db}}
	if tm.service, err = service.New(t.Context(), db, service.Config{MaxLifetime: 30 * 24 * time.Hour, MaxStored: 1 << 30}); err != nil {
		t.Fatalf("service.New: %v", err)
	}
	tm.acme = tm.FoundOrg(t, "Acme")
	tm.ada, tm.bob, tm.eve = tm.Enrol(t, "ada@acme.test"), tm.Enrol(t, "bob@acme.test"), tm.Enrol(t, "eve@else.test")
	tm.Join(t, tm.acme, tm.ada, letterlock.Owner)
	tm.Join(t, tm.acme, tm.bob, letterlock.PlainMember)
	return tm
}

// as is the same instance for a subtest.
func (tm *team) as(t *testing.T) *team {
	here := *tm
	here.site = tm.site.as(t)
	return &here
}

// person is a visitor whose browser is signed in.
func (tm *team) person(t *testing.T, p *testkit.Person, screen testkit.Screen) *testkit.Visitor {
	t.Helper()
	v := tm.visitor(t, screen)
	tab := v.Open(tm.URL + "/how")
	testkit.CallPage[bool](tab, `((cookie) => { document.cookie = cookie; return true; })`, "session="+api.Bytes(p.Cookie).String()+"; Path=/")
	return v
}

// shared are secrets of Ada's, made without a browser, oldest first.
func (tm *team) shared(t *testing.T, names ...string) []*testkit.Sealed {
	t.Helper()
	var all []*testkit.Sealed
	for _, name := range names {
		x := testkit.SealAt(t, "the content of "+name, "", 3, time.Now())
		x.Name, x.Org = name, tm.acme.ID
		if _, _, err := tm.service.CreateSecret(t.Context(), tm.ada.Caller(), &x.NewSecret); err != nil {
			t.Fatalf("CreateSecret: %v", err)
		}
		all = append(all, x)
	}
	return all
}

// limited is a secret of Ada's for those in Acme.
func (tm *team) limited(t *testing.T) *testkit.Sealed {
	t.Helper()
	x := testkit.SealAt(t, "x", "", 1, time.Now())
	x.Org, x.OrganizationOnly = tm.acme.ID, true
	if _, _, err := tm.service.CreateSecret(t.Context(), tm.ada.Caller(), &x.NewSecret); err != nil {
		t.Fatalf("CreateSecret: %v", err)
	}
	return x
}

// column is what stands in one column of the list, from its top.
func column(tab *testkit.Tab, class string) []string {
	return testkit.Eval[[]string](tab, fmt.Sprintf(`[...document.querySelectorAll("tbody .%s")].map((e) => e.innerText.trim())`, class))
}

// TestShareWithinTheOrganization goes the whole way: Ada shares with those in
// Acme only, Bob signs in in a second tab to open it, Eve cannot, and Ada sees
// what became of it.
func TestShareWithinTheOrganization(t *testing.T) {
	tm := launchTeam(t)
	ada := tm.person(t, tm.ada, testkit.Desktop).Open(tm.URL + "/secrets")
	says(t, ada, "main", "Nothing sent yet")
	ada.Click("main .btn-wax")
	ada.WaitFor("#members-field")
	ada.Type("#secret", "hunter2")
	ada.Type("#name", "Prod database")
	ada.Click("#members")
	waitSays(ada, "#sentence", "Only people within Acme can open it")
	ada.Click("#submit")
	ada.WaitFor("#result")
	says(t, ada, "#result", "Only people within Acme can open it")
	link := ada.Value("#link")
	ada.Click(`#result a[href$="/secrets"]`)
	ada.WaitFor("#list")
	says(t, ada, "tbody", "Prod database", "Waiting", "0 / 1", "Organization")

	bob := tm.visitor(t, testkit.Desktop)
	first := bob.Open(link)
	ended(t, first, "Sign in to open this")
	says(t, first, "#ended", "people within Acme", "ada@acme.test", "This page keeps the link")
	second := bob.OpenAnother(testkit.Eval[string](first, `document.querySelector("#sign-in").href`))
	second.Type("[name=email]", "bob@acme.test")
	second.Type("[name=password]", testkit.Password)
	second.Click("main form .btn-wax")
	waitSays(second, "h1", "You are signed in")
	comeBack(first)
	first.WaitFor("#ready")
	says(t, first, "#ready", "ada@acme.test", "address confirmed", "Only people within Acme can open this")
	open(first, "")
	opened(t, first, "hunter2")
	if first.Visible("#warning") {
		t.Errorf("the reader is warned: %s", first.Text("#warning"))
	}

	ada.Reload()
	says(t, ada, "tbody", "Used up", "1 / 1")
	ada.Click("tbody .name a")
	ada.WaitFor(".timeline")
	says(t, ada, ".timeline", "Created by you", "Opened by bob@acme.test")
	if html := testkit.Eval[string](ada, "document.documentElement.outerHTML"); strings.Contains(html, "hunter2") || strings.Contains(html, strings.Split(link, "#")[1]) {
		t.Error("the receipt has the secret or its key in it")
	}
}

// comeBack is what a tab hears when its reader comes back to it.
func comeBack(tab *testkit.Tab) {
	testkit.Eval[bool](tab, `document.dispatchEvent(new Event("visibilitychange"))`)
}

// TestNotAMember: who has signed in as somebody else is told so, and nothing is
// used up.
func TestNotAMember(t *testing.T) {
	tm := launchTeam(t)
	x := tm.limited(t)
	tab := tm.person(t, tm.eve, testkit.Phone).OpenAnother(tm.link(x))
	ended(t, tab, "This is only for people within Acme")
	says(t, tab, "#ended", "not one of them")
	if !tab.Visible("#sign-in") || !strings.Contains(tab.Address(), "#") {
		t.Errorf("at %s there is no way to sign in as somebody else, or the key is gone", strings.Split(tab.Address(), "#")[0])
	}
	if got := tm.views(x); got != 0 {
		t.Errorf("%d views were used up, want none", got)
	}
}

// TestBrand: an organization's name, picture and colours reach the page of its
// readers, and neither the host's name nor the words of safety.
func TestBrand(t *testing.T) {
	tm := launchTeam(t)
	var logo bytes.Buffer
	if err := png.Encode(&logo, image.NewGray(image.Rect(0, 0, 120, 40))); err != nil {
		t.Fatalf("png.Encode: %v", err)
	}
	picture := logo.Bytes()
	brand := service.NewBrand{Name: "Acme & Sons", Accent: "#14532d", Logo: &picture}
	if err := tm.service.SetBrand(t.Context(), tm.ada.Caller(), tm.acme.ID, brand); err != nil {
		t.Fatalf("SetBrand: %v", err)
	}
	x := tm.shared(t, "branded")[0]
	tab := tm.visitor(t, testkit.Phone).Open(tm.link(x))
	tab.WaitFor("#ready")
	tab.WaitUntil(`document.querySelector(".wordmark img")?.naturalWidth === 120`)
	if got := testkit.Eval[string](tab, `document.querySelector(".wordmark img").alt`); got != brand.Name {
		t.Errorf("the picture is called %q, want %q", got, brand.Name)
	}
	if got := testkit.Eval[string](tab, `getComputedStyle(document.querySelector("#show")).backgroundColor`); got != "rgb(20, 83, 45)" {
		t.Errorf("the button is %s, want the organization's colour", got)
	}
	host := strings.TrimPrefix(tm.URL, "http://")
	says(t, tab, ".safety", host, "We never ask for money")
	says(t, tab, "footer", host)
	open(tab, "")
	opened(t, tab, "the content of branded")
}

// TestRulesOfTheOrganization: what they forbid cannot be chosen, and the form
// says whose rules they are.
func TestRulesOfTheOrganization(t *testing.T) {
	tm := launchTeam(t)
	rules := letterlock.Policy{MaxLifetime: time.Hour, MaxViews: 2, PasswordRequired: true}
	if err := tm.service.SetPolicy(t.Context(), tm.ada.Caller(), tm.acme.ID, rules); err != nil {
		t.Fatalf("SetPolicy: %v", err)
	}
	tab := tm.person(t, tm.bob, testkit.Phone).Open(tm.URL + "/secrets/new")
	tab.WaitFor("#members-field")
	for _, id := range []string{"expires", "views", "password", "members"} {
		says(t, tab, "#"+id+"-rule", "Set by Acme")
	}
	if got := testkit.Eval[[]string](tab, `[...document.querySelectorAll("#expires :enabled, #views :enabled")].map((o) => o.value)`); fmt.Sprint(got) != "[300 1800 3600 custom 1 2 custom]" {
		t.Errorf("choices that are left: %q", got)
	}
	if !testkit.Eval[bool](tab, `document.querySelector("#members").checked && document.querySelector("#members").disabled`) {
		t.Error("access can be given to people outside, want it fixed")
	}
	tab.Type("#secret", "x")
	tab.Click("#submit")
	says(t, tab, "#password-error", "Acme asks for a password")
	tab.Choose("#views", "custom")
	fill(tab, "#number", "3")
	tab.Type("#password", "a password of some length")
	tab.Click("#submit")
	says(t, tab, "#views-error", "Acme allows 2 views at most")
	fill(tab, "#number", "2")
	tab.Click("#submit")
	tab.WaitFor("#result")
	tab.Click("[data-again]")
	tab.WaitFor("#create")
	if got := tab.Value("#expires"); got != "3600" {
		t.Errorf("a new form begins with %s s, want what the rules allow", got)
	}
}

// TestDeleteFromTheList: one and many, after one question, and the list says so
// only once the server has done it.
func TestDeleteFromTheList(t *testing.T) {
	tm := launchTeam(t)
	made := tm.shared(t, "first", "second", "third", "fourth")
	tab := tm.person(t, tm.ada, testkit.Desktop).Open(tm.URL + "/secrets?sort=name&order=asc")
	tab.WaitFor("#list")

	tab.Click(fmt.Sprintf(`[name=one][value="%s"]`, made[0].ID))
	tab.WaitFor("#ask")
	says(t, tab, "#ask", "Delete 1 secret?", "stops working at once", "cannot be undone")
	tab.Click(`#ask [data-answer="no"]`)
	tab.WaitUntil(`!document.querySelector("#ask").open`)
	focusIs(t, tab, "button")

	testkit.Eval[bool](tab, `(window.fetchThen = window.fetch, window.fetch = () => Promise.reject(new TypeError("offline")), true)`)
	tab.Click(fmt.Sprintf(`[name=one][value="%s"]`, made[0].ID))
	tab.WaitFor("#ask")
	tab.Click(`#ask [data-answer="yes"]`)
	waitSays(tab, "#ask .error", "not certain")
	if tab.Visible("#done") {
		t.Error("something was said to be done while the server could not be reached")
	}
	testkit.Eval[bool](tab, `(window.fetch = window.fetchThen, true)`)
	tab.Click(`#ask [data-answer="yes"]`)
	tab.WaitFor("#done")
	says(t, tab, "#done", "1 secret was deleted")
	says(t, tab, "tbody", "Deleted")

	for _, x := range made[1:3] {
		tab.Click(fmt.Sprintf(`[name=id][value="%s"]`, x.ID))
	}
	says(t, tab, ".picked", "2 selected")
	tab.Click(".picked button:not([type])")
	tab.WaitFor("#ask")
	says(t, tab, "#ask", "Delete 2 secrets?", "Their links stop")
	tab.Click(`#ask [data-answer="yes"]`)
	waitSays(tab, "#done", "2 secrets were deleted")
	if got := strings.Join(column(tab, "state"), " "); got != "Deleted Waiting Deleted Deleted" {
		t.Errorf("the list says %q, want first, second and third deleted, and the order kept", got)
	}
	reader := tm.visitor(t, testkit.Desktop).Open(tm.link(made[1]))
	ended(t, reader, "The sender withdrew this on")
}

// TestListWithoutScripts asks on a page of its own.
func TestListWithoutScripts(t *testing.T) {
	tm := launchTeam(t)
	made := tm.shared(t, "first", "second", "third")
	v := tm.person(t, tm.ada, testkit.Desktop)
	v.WithoutScripts()
	tab := v.Open(tm.URL + "/secrets")
	if tab.Visible(".picked") {
		t.Error("the selection bar is there before anything is selected")
	}
	for _, x := range made[:2] {
		tab.Click(fmt.Sprintf(`[name=id][value="%s"]`, x.ID))
	}
	tab.Click(".picked button:not([type])")
	waitSays(tab, "h1", "Delete 2 secrets?")
	says(t, tab, "main", "Their links stop working at once")
	tab.Click("main .btn-wax")
	waitSays(tab, "#done", "2 secrets were deleted")
	tab.Click(fmt.Sprintf(`a[href$="/secrets/%s"]`, made[2].ID))
	waitSays(tab, "h1", "third")
	tab.Choose("[name=expires_in]", "300")
	tab.Click("main aside form .btn")
	waitSays(tab, "#done", "It expires sooner now")
	tab.Click("#list .btn")
	waitSays(tab, "h1", "Delete 1 secret?")
	tab.Click("main .btn-wax")
	waitSays(tab, "#done", "1 secret was deleted")
}

// TestLongList searches, filters, sorts and turns the pages of 200 secrets.
func TestLongList(t *testing.T) {
	tm := launchTeam(t)
	names := make([]string, 200)
	for i := range names {
		names[i] = fmt.Sprintf("%03d name of forty characters, all of them", i)
	}
	made := tm.shared(t, names...)
	tm.withdraw(made[7])
	tab := tm.person(t, tm.ada, testkit.Desktop).Open(tm.URL + "/secrets")
	tab.WaitFor("#list")
	for page := range 4 {
		got := column(tab, "name")
		if len(got) != 50 || got[0] != names[199-50*page] {
			t.Fatalf("page %d has %d secrets and begins with %q, want 50 from %q", page+1, len(got), got[0], names[199-50*page])
		}
		if page < 3 {
			tab.Click(".pager .btn:last-child")
			tab.WaitUntil(fmt.Sprintf(`document.querySelector("tbody .name").innerText.includes(%q)`, names[149-50*page]))
		}
	}
	tab.Click("thead th:first-of-type a")
	tab.WaitUntil(fmt.Sprintf(`document.querySelector("tbody .name").innerText.includes(%q)`, names[0]))
	tab.Type("[name=query]", "00")
	tab.Choose("[name=state]", "deleted")
	tab.Click(".tools .btn")
	tab.WaitUntil(`document.querySelectorAll("tbody tr").length === 1`)
	says(t, tab, "tbody", names[7], "Deleted")
	fill(tab, "[name=query]", "nothing like it")
	tab.Click(".tools .btn")
	waitSays(tab, "main", "Nothing fits")
}

// TestAllOfTheOrganization is for its admins: the list of everybody's secrets,
// and their receipts. To a member it is their own list.
func TestAllOfTheOrganization(t *testing.T) {
	tm := launchTeam(t)
	tm.shared(t, "of Ada")
	tm.Join(t, tm.acme, tm.eve, letterlock.Admin)
	eve := tm.person(t, tm.eve, testkit.Desktop).Open(tm.URL + "/secrets")
	says(t, eve, "main", "Nothing sent yet")
	eve.Choose("[name=scope]", "organization")
	eve.Click(".tools .btn")
	waitSays(eve, "tbody", "of Ada")
	says(t, eve, "tbody", "ada@acme.test")
	eve.Click("tbody .name a")
	waitSays(eve, ".facts", "ada@acme.test")

	bob := tm.person(t, tm.bob, testkit.Desktop).Open(tm.URL + "/secrets?scope=organization")
	says(t, bob, "main", "Nothing sent yet")
}

// deskStates are what people see who have signed in.
func deskStates() []deskState {
	at := func(path, selector string) func(tm *team, v *testkit.Visitor) *testkit.Tab {
		return func(tm *team, v *testkit.Visitor) *testkit.Tab { return reached(v.Open(tm.URL+path), selector) }
	}
	return []deskState{
		{"secrets", at("/secrets", "#list")},
		{"secrets-all", at("/secrets?scope=organization&sort=name&order=asc", "#list")},
		{"secrets-picked", func(tm *team, v *testkit.Visitor) *testkit.Tab {
			tab := reached(v.Open(tm.URL+"/secrets"), "#list")
			tab.Click("tbody tr:nth-child(2) [name=id]")
			return reached(tab, ".picked")
		}},
		{"secrets-delete", func(tm *team, v *testkit.Visitor) *testkit.Tab {
			tab := reached(v.Open(tm.URL+"/secrets"), "#list")
			tab.Click("tbody tr:nth-child(2) [name=one]")
			return reached(tab, "#ask")
		}},
		{"secrets-nothing-found", at("/secrets?query=nothing+like+it", ".nothing")},
		{"share", at("/secrets/new", "#members-field")},
		{"receipt", func(tm *team, v *testkit.Visitor) *testkit.Tab {
			tab := reached(v.Open(tm.URL+"/secrets?query=locked"), "#list")
			tab.Click("tbody .name a")
			return reached(tab, ".timeline")
		}},
		{"signed-in", at("/signed-in", "h1")},
		{"open-sender", func(tm *team, v *testkit.Visitor) *testkit.Tab {
			return reached(v.Open(tm.link(tm.limited(tm.t))), "#ready")
		}},
		{"ended-sign-in", func(tm *team, v *testkit.Visitor) *testkit.Tab {
			tab := v.Open(tm.URL + "/how")
			testkit.Eval[string](tab, `document.cookie = "session=; Path=/; Max-Age=0"`)
			tab.Go(tm.link(tm.limited(tm.t)))
			return reached(tab, "#ended")
		}},
	}
}

type deskState struct {
	name  string
	reach func(tm *team, v *testkit.Visitor) *testkit.Tab
}

// TestDeskStates looks at every one of them as TestStates does, and at an empty
// list.
func TestDeskStates(t *testing.T) {
	tm := launchTeam(t)
	made := tm.shared(t, "Prod database, new password, forty chars", "withdrawn", "opened", strings.Repeat("W", 100), "", "waiting")
	tm.withdraw(made[1])
	tm.use(made[2])
	locked := testkit.SealAt(t, "x", "pw", 1, time.Now())
	locked.Name, locked.Org = "locked", tm.acme.ID
	if _, _, err := tm.service.CreateSecret(t.Context(), tm.ada.Caller(), &locked.NewSecret); err != nil {
		t.Fatalf("CreateSecret: %v", err)
	}
	tm.lock(locked)
	screens := []testkit.Screen{testkit.Desktop.InDark(), testkit.Phone.InDark(), testkit.Desktop, testkit.Phone, {Width: 320, Height: 640}}
	for language, screens := range map[string][]testkit.Screen{"en": screens, "de": screens[2:]} {
		look := func(t *testing.T, tm *team, p *testkit.Person, name string, reach func(tm *team, v *testkit.Visitor) *testkit.Tab) {
			tab := reach(tm, tm.person(t, p, testkit.Desktop.InLanguage(language)))
			for _, screen := range screens {
				inspect(t, tab, screen, filepath.Join("pictures", language, name))
			}
		}
		for _, st := range deskStates() {
			t.Run(language+"/"+st.name, func(t *testing.T) { look(t, tm.as(t), tm.ada, st.name, st.reach) })
		}
		t.Run(language+"/secrets-empty", func(t *testing.T) {
			look(t, tm.as(t), tm.eve, "secrets-empty", func(tm *team, v *testkit.Visitor) *testkit.Tab {
				return reached(v.Open(tm.URL+"/secrets"), ".nothing")
			})
		})
	}
}
