package e2e

import (
	"strings"
	"testing"

	"letterlock/internal/testkit"
)

// TestSkipLink: it moves the focus. The address, which holds the key, and the
// opened text stay.
func TestSkipLink(t *testing.T) {
	s := launch(t)
	link := s.link(s.secret("still here", "", 1))
	tab := s.visitor(t, testkit.Desktop).Open(link)
	tab.WaitFor("#ready")
	skip := func() {
		testkit.Eval[bool](tab, `(document.querySelector(".skip").focus(), true)`)
		tab.Press(testkit.KeyEnter)
		focusIs(t, tab, "main#main")
	}
	skip()
	if got := tab.Address(); got != link {
		t.Error("the skip link changes the address of a link that was not opened")
	}
	tab.Click("#show")
	tab.WaitFor("#opened")
	skip()
	tab.Click("#reveal")
	waitSays(tab, "#value", "still here")
}

// TestFormIsHeld: what would be typed while a secret is on its way would be lost
// with the form, so nothing can be.
func TestFormIsHeld(t *testing.T) {
	s := launch(t)
	v := s.visitor(t, testkit.Desktop)
	v.Before(`
		const fetchNow = fetch;
		const gate = new Promise((open) => (window.letGo = open));
		window.fetch = async (...args) => (await gate, fetchNow(...args));`)
	tab := v.Open(s.URL)
	tab.WaitFor("#create")
	tab.Type("#secret", "first")
	tab.Click("#submit")
	tab.WaitUntil(`document.querySelector("#form").inert`)
	tab.Press(" and more")
	if got := tab.Value("#secret"); got != "first" {
		t.Errorf("while it is sealed the text becomes %q", got)
	}
	testkit.Eval[bool](tab, `(letGo(), true)`)
	tab.WaitFor("#result")
	reader := s.visitor(t, testkit.Desktop).Open(tab.Value("#link"))
	open(reader, "")
	opened(t, reader, "first")
}

// TestDoneMeansDone: the cleared page cannot show the secret again, also where
// the service has not heard yet that it arrived.
func TestDoneMeansDone(t *testing.T) {
	s := launch(t)
	v := s.visitor(t, testkit.Desktop)
	v.Before(`
		const fetchNow = fetch;
		window.fetch = (url, init) => init?.method === "DELETE" ? new Promise(() => {}) : fetchNow(url, init);`)
	tab := v.Open(s.link(s.secret("x", "", 1)))
	open(tab, "")
	tab.WaitFor("#opened")
	tab.Click("#done")
	ended(t, tab, "Cleared")
	if got := tab.Address(); strings.Contains(got, "#") {
		t.Error("the key is still in the address bar")
	}
	if got := testkit.Eval[int](tab, "sessionStorage.length"); got != 0 {
		t.Errorf("the tab keeps %d claims, want none", got)
	}
	tab.Reload()
	ended(t, tab, "Cleared")
}

// TestCopyingRefused: nothing counts as taken along, the text is there to be
// copied by hand, and leaving still asks.
func TestCopyingRefused(t *testing.T) {
	s := launch(t)
	v := s.visitor(t, testkit.Desktop)
	v.Before(`if (navigator.clipboard) navigator.clipboard.writeText = () => Promise.reject(new Error("refused"))`)
	tab := v.Open(s.URL)
	link := share(tab, "by hand", "")
	tab.Click("#copy-link")
	tab.WaitFor("#copy-problem")
	if got := testkit.Eval[string](tab, `(e => e.value.slice(e.selectionStart, e.selectionEnd))(document.querySelector("#link"))`); got != link {
		t.Errorf("%d characters of the link are selected, want all %d", len(got), len(link))
	}
	asked := tab.Asked()
	tab.Go(link)
	if got := tab.Asked() - asked; got != 1 {
		t.Errorf("leaving a link that was not copied asks %d times, want once", got)
	}
	tab.Click("#show")
	tab.WaitFor("#opened")
	tab.Click("#copy")
	tab.WaitFor("#copy-problem")
	if got := testkit.Eval[string](tab, "String(getSelection())"); got != "by hand" {
		t.Errorf("selected is %q, want the value", got)
	}
}

// TestOfflineWithAPassword: the worker that cannot be fetched is a matter of the
// connection, and nobody is told to leave the password out.
func TestOfflineWithAPassword(t *testing.T) {
	s := launch(t)
	tab := testkit.NewVisitor(t, testkit.Desktop).Open(s.URL)
	tab.WaitFor("#create")
	tab.Type("#secret", "x")
	tab.Disconnect()
	tab.Type("#password", "pw")
	tab.Click("#submit")
	tab.WaitFor("#problem")
	says(t, tab, "#problem", "cannot be reached")
	tab.Mend()
	tab.Click("#submit")
	tab.WaitFor("#result")
}

// TestScriptThatDoesNotCome: the page says so instead of staying empty.
func TestScriptThatDoesNotCome(t *testing.T) {
	s := launch(t)
	for page, address := range map[string]string{"create": s.URL, "open": s.link(s.secret("x", "", 1))} {
		tab := testkit.NewVisitor(t, testkit.Desktop).Open(s.URL + "/how")
		tab.LoseAnswers("*/assets/" + page + ".*")
		tab.Go(address)
		tab.WaitFor(".broken")
		says(t, tab, "main", "Nothing was sent")
		tab.Mend()
		tab.Reload()
		tab.WaitFor("#create, #ready")
		if tab.Visible(".broken") {
			t.Error("the sentence stays when the script has come")
		}
	}
}
