package e2e

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"letterlock/internal/testkit"
)

// hands work a page: with a mouse, or with the keyboard alone.
type hands struct {
	press func(tab *testkit.Tab, selector string)
	enter func(tab *testkit.Tab, selector, text string)
}

var mouse = hands{press: (*testkit.Tab).Click, enter: (*testkit.Tab).Type}

var keyboard = hands{
	press: func(tab *testkit.Tab, selector string) {
		reach(tab, selector)
		tab.Press(testkit.KeyEnter)
	},
	enter: func(tab *testkit.Tab, selector, text string) {
		reach(tab, selector)
		tab.Press(text)
	},
}

// reach has the focus go to an element by Tab, if it is not there already.
func reach(tab *testkit.Tab, selector string) {
	tab.WaitFor(selector)
	if !testkit.Eval[bool](tab, fmt.Sprintf("document.activeElement?.matches(%q) ?? false", selector)) {
		tab.TabTo(selector)
	}
}

var setupLink = regexp.MustCompile(`Setup: (\S+)`)

// TestFromNothing goes from an empty directory to a deleted secret: whoever runs
// the server comes in by the link that it printed, makes an organization, shares
// and deletes.
func TestFromNothing(t *testing.T) {
	for name, hand := range map[string]hands{"mouse": mouse, "keyboard": keyboard} {
		t.Run(name, func(t *testing.T) {
			s := launch(t)
			link := setupLink.FindStringSubmatch(s.Log())
			if link == nil {
				t.Fatalf("serve printed no setup link:\n%s", s.Log())
			}
			tab := s.visitor(t, testkit.Desktop).Open(link[1])
			tab.WaitUntil(`location.hash === ""`) // the ticket is in the form
			hand.enter(tab, "#set_up-name", "Ada")
			hand.enter(tab, "#set_up-email", "ada@acme.test")
			hand.enter(tab, "#set_up-password", "short")
			hand.press(tab, "main form .btn-wax")
			waitSays(tab, "#refused", "Nothing was changed")
			hand.enter(tab, "#set_up-password", testkit.Password)
			hand.press(tab, "main form .btn-wax")
			waitSays(tab, "h1", "Name and address")
			hand.press(tab, "main form .btn-wax")
			waitSays(tab, "h1", "Who may do what")
			hand.press(tab, "main form a.btn-quiet")
			waitSays(tab, "h1", "Mail")
			hand.press(tab, "main form a.btn-quiet")
			waitSays(tab, "main", "Everything is set up.")
			hand.press(tab, `main a[href$="/organization/new"]`)
			hand.enter(tab, "#create-name", "Acme")
			hand.press(tab, "main form .btn-wax")
			waitSays(tab, "#done", "The organization is there.")
			hand.enter(tab, "#invite-email", "bob@acme.test")
			hand.press(tab, "main form .btn-wax")
			tab.WaitFor("#shown-once")
			if link := tab.Value("#shown-once"); !strings.HasPrefix(link, s.URL+"/invitation#") {
				t.Errorf("the link of the invitation is %q, want it under %s", link, s.URL)
			}
			lookAtInvitation(t, s, hand, tab.Value("#shown-once"))

			hand.press(tab, `.tabs a[href$="/secrets"]`)
			hand.press(tab, `.nothing a.btn-wax`)
			hand.enter(tab, "#secret", "hunter2")
			hand.press(tab, "#submit")
			tab.WaitFor("#result")
			hand.press(tab, "#copy-link")
			waitSays(tab, "#copy-link", "Copied")
			hand.press(tab, `#result a[href$="/secrets"]`)
			hand.press(tab, "tbody [name=one]")
			hand.press(tab, `#ask [data-answer="yes"]`)
			waitSays(tab, "#done", "1 secret was deleted")
			hand.press(tab, ".account")
			hand.press(tab, `form[action$="/signout"] button`)
			waitSays(tab, "#done", "You are signed out.")
		})
	}
}

// lookAtInvitation opens the link of an invitation as somebody without account.
func lookAtInvitation(t *testing.T, s *site, hand hands, link string) {
	t.Helper()
	tab := s.as(t).visitor(t, testkit.Desktop).Open(link)
	tab.WaitUntil(`location.hash === ""`)
	hand.press(tab, "main form .btn-wax")
	waitSays(tab, "h1", "You are invited to Acme")
	for _, found := range tab.Axe() {
		t.Errorf("axe: %s", found)
	}
}
