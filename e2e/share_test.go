package e2e

import (
	"strings"
	"testing"

	"letterlock/internal/testkit"
)

// passwords are the two ways to share.
var passwords = map[string]string{"without a password": "", "with a password": "café noir"}

func TestShareAndOpen(t *testing.T) {
	const text = "pässwörd ✓ <b>&amp;</b>"
	for name, password := range passwords {
		t.Run(name, func(t *testing.T) {
			s := launch(t)
			sender := s.visitor(t, testkit.Desktop).Open(s.URL)
			link := share(sender, text, password)
			if address := sender.Address(); address != s.URL+"/" {
				t.Errorf("the sender's address bar has %q, want nothing of the link", address)
			}
			says(t, sender, "#result", "Sealed. Now send the link.", "Opens once")

			reader := s.visitor(t, testkit.Phone).Open(link)
			reader.WaitFor("#ready")
			says(t, reader, "#ready", "We don’t know who sent this", "Opens once", strings.TrimPrefix(s.URL, "http://"))
			open(reader, password)
			opened(t, reader, text)
			waitSays(reader, "#left", "This was the last time.")

			again := s.visitor(t, testkit.Desktop).Open(link)
			ended(t, again, "This was opened on ")
			says(t, again, "#ended", "Was that you?")
			reader.Reload()
			ended(t, reader, "Cleared")
		})
	}
}

func TestKeyboardAlone(t *testing.T) {
	for name, password := range passwords {
		t.Run(name, func(t *testing.T) {
			s := launch(t)
			sender := s.visitor(t, testkit.Desktop).Open(s.URL)
			sender.WaitFor("#create")
			focusIs(t, sender, "textarea#secret")
			sender.Press("by keyboard")
			if password != "" {
				sender.TabTo("#password")
				sender.Press(password)
			}
			sender.TabTo("#submit")
			focusIsVisible(t, sender)
			sender.Press(testkit.KeyEnter)
			sender.WaitFor("#result")
			focusIs(t, sender, "h1")
			link := sender.Value("#link")
			sender.TabTo("#copy-link")
			sender.Press(testkit.KeyEnter)
			waitSays(sender, "#copy-link", "Copied")

			reader := s.visitor(t, testkit.Desktop).Open(link)
			reader.WaitFor("#ready")
			focusIs(t, reader, "h1#ready-title")
			if password != "" {
				reader.TabTo("#password")
				reader.Press(password + testkit.KeyEnter)
			} else {
				reader.TabTo("#show")
				focusIsVisible(t, reader)
				reader.Press(testkit.KeyEnter)
			}
			reader.WaitFor("#opened")
			focusIs(t, reader, "h1")
			reader.TabTo("#reveal")
			reader.Press(testkit.KeySpace)
			waitSays(reader, "#value", "by keyboard")
			reader.TabTo("#done")
			reader.Press(testkit.KeyEnter)
			reader.WaitFor("#ended")
		})
	}
}

// focusIsVisible fails if what has the focus looks as if it had none.
func focusIsVisible(t *testing.T, tab *testkit.Tab) {
	t.Helper()
	ring := testkit.Eval[string](tab, `(s => s.outlineStyle === "none" || parseFloat(s.outlineWidth) < 2 ? "" : s.outlineColor)(getComputedStyle(document.activeElement))`)
	if ring == "" {
		t.Errorf("%s has the focus and no ring", tab.Focused())
	}
}

func TestLimitsOfTheForm(t *testing.T) {
	s := launch(t)
	tab := s.visitor(t, testkit.Desktop).Open(s.URL)
	tab.WaitFor("#create")
	says(t, tab, "#sentence", "Opens once. Gone by")
	tab.Click("#submit")
	says(t, tab, "#secret-error", "Type or paste")
	focusIs(t, tab, "textarea#secret")
	tab.Choose("#views", "custom")
	tab.WaitFor("#number")
	fill(tab, "#number", "1001")
	tab.Type("#secret", "x")
	tab.Click("#submit")
	says(t, tab, "#views-error", "1 to 1,000")
	tab.Choose("#views", "5")
	says(t, tab, "#sentence", "Opens up to 5 times. Gone by")
	tab.Choose("#views", "unlimited")
	says(t, tab, "#sentence", "Opens as often as they like until")
	tab.Choose("#expires", "300")
	tab.Click("#suggest")
	tab.WaitUntil("document.querySelector('#password').value.split(/[ -]/).length === 5")
	says(t, tab, "#sentence", "with the password")
	tab.Click("#submit")
	tab.WaitFor("#result")
	says(t, tab, "#result", "Opens as often as they like, with the password, until")
}

func TestTextBeyondTheLimit(t *testing.T) {
	s := launch(t)
	tab := s.visitor(t, testkit.Desktop).Open(s.URL)
	tab.WaitFor("#create")
	fill(tab, "#secret", strings.Repeat("x", 65_537))
	tab.Click("#submit")
	says(t, tab, "#secret-error", "1 byte too long")
	fill(tab, "#secret", strings.Repeat("x", 65_536))
	tab.Click("#submit")
	tab.WaitFor("#result")
	reader := s.visitor(t, testkit.Desktop).Open(tab.Value("#link"))
	open(reader, "")
	opened(t, reader, strings.Repeat("x", 65_536))
}

// TestNoAnswerToCreating: what was stored before the connection broke is the
// secret that the same press, repeated, gives the link of.
func TestNoAnswerToCreating(t *testing.T) {
	s := launch(t)
	tab := s.visitor(t, testkit.Desktop).Open(s.URL)
	tab.WaitFor("#create")
	tab.Type("#secret", "once only")
	tab.LoseAnswers("*/api/v1/secrets")
	tab.Click("#submit")
	tab.WaitFor("#problem")
	says(t, tab, "#problem", "You will not get two links")
	if got := tab.Value("#secret"); got != "once only" {
		t.Errorf("the text is %q, want it kept", got)
	}
	tab.Mend()
	tab.Click("#submit")
	tab.WaitFor("#result")
	bodies := map[string]bool{}
	for _, r := range tab.Requests() {
		if r.Method == "POST" {
			bodies[r.Body] = true
		}
	}
	if len(bodies) != 1 {
		t.Errorf("%d different create calls were made, want the same one again", len(bodies))
	}
	reader := s.visitor(t, testkit.Desktop).Open(tab.Value("#link"))
	open(reader, "")
	opened(t, reader, "once only")
}

func TestLeavingAsks(t *testing.T) {
	s := launch(t)
	tab := s.visitor(t, testkit.Desktop).Open(s.URL)
	tab.WaitFor("#create")
	tab.Reload()
	tab.WaitFor("#create")
	if got := tab.Asked(); got != 0 {
		t.Errorf("leaving an empty form asks %d times, want none", got)
	}
	tab.Type("#secret", "x")
	tab.Reload()
	tab.WaitFor("#create")
	if got := tab.Asked(); got != 1 {
		t.Errorf("leaving a text asks %d times, want once", got)
	}
}
