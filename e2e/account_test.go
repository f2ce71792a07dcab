package e2e

import (
	"path/filepath"
	"strings"
	"testing"

	"letterlock/internal/testkit"
)

// accountPages are the pages of accounts, organizations and the instance by the
// name of their picture, and who opens them.
func accountPages(tm *team) map[string]struct {
	path string
	who  *testkit.Person
} {
	member := func(p *testkit.Person) string { return "/organization/members/" + string(p.ID) }
	return map[string]struct {
		path string
		who  *testkit.Person
	}{
		"signin": {"/signin", nil}, "signup": {"/signup", nil}, "verify": {"/verify#" + strings.Repeat("A", 43), nil}, "reset": {"/reset", nil},
		"reset-set": {"/reset#" + strings.Repeat("A", 43), nil}, "email": {"/email", nil}, "email-undo": {"/email/undo", nil}, "invitation": {"/invitation", nil},
		"account": {"/account", tm.ada}, "sessions": {"/account/sessions", tm.ada}, "tokens": {"/account/tokens", tm.ada},
		"organization": {"/organization", tm.ada}, "organization-bob": {"/organization", tm.bob}, "organization-new": {"/organization/new", tm.ada},
		"member": {member(tm.bob), tm.ada}, "member-me": {member(tm.ada), tm.ada}, "policy": {"/organization/policy", tm.ada},
		"brand": {"/organization/brand", tm.ada}, "events": {"/organization/events", tm.ada},
		"instance": {"/instance", tm.ada}, "setup-general": {"/setup/general", tm.ada}, "setup-access": {"/setup/access", tm.ada},
		"setup-mail": {"/setup/mail", tm.ada}, "setup-done": {"/setup/done", tm.ada},
	}
}

// TestAccountPages looks at every one of them as TestStates does.
func TestAccountPages(t *testing.T) {
	tm := launchTeam(t)
	tm.MakeOperator(t, tm.ada)
	tm.shared(t, "one", "two")
	screens := []testkit.Screen{testkit.Desktop.InDark(), testkit.Phone.InDark(), testkit.Desktop, testkit.Phone, {Width: 320, Height: 640}}
	for language, screens := range map[string][]testkit.Screen{"en": screens, "de": screens[3:]} {
		for name, page := range accountPages(tm) {
			t.Run(language+"/"+name, func(t *testing.T) {
				t.Parallel()
				tm := tm.as(t)
				on := testkit.Desktop.InLanguage(language)
				v := tm.visitor(t, on)
				if page.who != nil {
					v = tm.person(t, page.who, on)
				}
				tab := v.Open(tm.URL + page.path)
				tab.WaitUntil(`[...document.querySelectorAll("h1")].some((e) => e.checkVisibility())`)
				for _, screen := range screens {
					inspect(t, tab, screen, filepath.Join("pictures", language, name))
				}
			})
		}
	}
}

// TestAccountRefusals looks at forms that were refused: the focus is on why, and
// axe finds nothing there either.
func TestAccountRefusals(t *testing.T) {
	tm := launchTeam(t)
	for path, fill := range map[string]map[string]string{
		"/account":             {"#email-email": "no", "#email-password": "x"},
		"/account/tokens":      {"#create-name": "x", "#create-password": "wrong, surely wrong"},
		"/organization":        {"#invite-email": "bob@acme.test"},
		"/organization/brand":  {"#brand-accent": "#ffffff"},
		"/organization/policy": {"#policy-max_views": "5000"},
	} {
		t.Run(path, func(t *testing.T) {
			tm := tm.as(t)
			tab := reached(tm.person(t, tm.ada, testkit.Desktop).Open(tm.URL+path), "h1")
			for selector, text := range fill {
				tab.Type(selector, text)
			}
			testkit.CallPage[bool](tab, `((selector) => { const form = document.querySelector(selector).form; form.noValidate = true; form.requestSubmit(); return true; })`, anyKey(fill))
			tab.WaitFor("#refused")
			tab.WaitUntil(`document.activeElement.id === "refused"`)
			inspect(t, tab, testkit.Desktop, filepath.Join("pictures", "en", "refused"+strings.ReplaceAll(path, "/", "-")))
		})
	}
}

func anyKey(m map[string]string) string {
	for key := range m {
		return key
	}
	return ""
}
