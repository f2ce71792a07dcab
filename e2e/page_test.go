package e2e

import (
	"net"
	"strings"
	"testing"

	"letterlock/internal/testkit"
)

// copies has the page's clipboard remembered in window.copied.
const copies = `navigator.clipboard && Object.defineProperty(navigator.clipboard, "writeText", {value: async (text) => { window.copied = text; }})`

func copied(tab *testkit.Tab, button string) string {
	testkit.Eval[bool](tab, `(window.copied = "", true)`)
	tab.Click(button)
	waitSays(tab, button, "Copied")
	return testkit.Eval[string](tab, "window.copied")
}

func TestWhatIsCopied(t *testing.T) {
	s := launch(t)
	v := s.visitor(t, testkit.Desktop)
	v.Before(copies)
	sender := v.Open(s.URL)
	link := share(sender, "x", "pass phrase")
	if got := copied(sender, "#copy-link"); got != link {
		t.Errorf("Copy link copies %q, want the link", got)
	}
	if got := copied(sender, "#copy-password"); got != "pass phrase" {
		t.Errorf("Copy copies %q, want the password", got)
	}
	message := copied(sender, "#copy-message")
	if !strings.Contains(message, link) || !strings.Contains(message, "Ask me for the password.") || strings.Contains(message, "pass phrase") {
		t.Errorf("Copy message copies %q, want the link, the sentence about the password, and not the password", message)
	}
	mail := testkit.Eval[string](sender, `decodeURIComponent(document.querySelector("#mail").href)`)
	if !strings.HasPrefix(mail, "mailto:?") || !strings.Contains(mail, link) || strings.Contains(mail, "pass phrase") {
		t.Errorf("the mail link is %q, want mailto: with the link and without the password", mail)
	}
	sender.Reload()
	sender.WaitFor("#create")
	if sender.Visible("#result") || strings.Contains(testkit.Eval[string](sender, "document.documentElement.outerHTML"), strings.Split(link, "#")[1]) {
		t.Error("after a reload the link is still there")
	}
}

// TestTheOpenedValue copies, saves and hides it.
func TestTheOpenedValue(t *testing.T) {
	const text = "line one\n\tline two  \n"
	s := launch(t)
	v := s.visitor(t, testkit.Desktop)
	v.Before(copies)
	v.Before(`{
		const make = URL.createObjectURL;
		URL.createObjectURL = (blob) => { window.saved = blob; return make(blob); };
		const wait = window.setTimeout;
		window.setTimeout = (f, ms, ...rest) => wait(f, ms === 60_000 ? 1_000 : ms, ...rest);
	}`)
	tab := v.Open(s.link(s.secret(text, "", 1)))
	open(tab, "")
	tab.WaitFor("#opened")
	if got := copied(tab, "#copy"); got != text {
		t.Errorf("Copy copies %q, want %q", got, text)
	}
	tab.Click("#save")
	if got := testkit.Eval[string](tab, "window.saved.text()"); got != text {
		t.Errorf("Save as a file saves %q, want %q", got, text)
	}
	const shown = `!document.querySelector("#value").classList.contains("value-masked")`
	tab.Click("#reveal")
	tab.WaitUntil(shown)
	tab.WaitUntil("!(" + shown + ")") // a minute later
	tab.Click("#reveal")
	tab.WaitUntil(shown)
	testkit.Eval[bool](tab, `(Object.defineProperty(document, "hidden", {value: true, configurable: true}), document.dispatchEvent(new Event("visibilitychange")))`)
	if testkit.Eval[bool](tab, shown) {
		t.Error("the value stays shown when the tab is left")
	}
	tab.Click("#done")
	ended(t, tab, "Cleared")
	if html := testkit.Eval[string](tab, "document.documentElement.outerHTML"); strings.Contains(html, "line one") {
		t.Error("the cleared page still has the value in it")
	}
	tab.Reload()
	ended(t, tab, "Cleared")
}

// TestLanguageAndTheme: both are choices that stay, and the key survives them.
func TestLanguageAndTheme(t *testing.T) {
	s := launch(t)
	tab := s.visitor(t, testkit.Desktop).Open(s.link(s.secret("x", "", 1)))
	tab.WaitFor("#ready")
	tab.Click("#theme")
	if got := testkit.Eval[string](tab, `document.documentElement.dataset.theme`); got != "dark" {
		t.Errorf("the theme of a light system after a click is %q, want dark", got)
	}
	tab.Click("#language summary")
	tab.Click(`#language [hreflang="de"]`)
	tab.WaitUntil(`document.documentElement.lang === "de"`)
	if got := testkit.Eval[string](tab, `document.documentElement.dataset.theme`); got != "dark" {
		t.Errorf("the theme in the other language is %q, want dark", got)
	}
	open(tab, "")
	tab.WaitFor("#opened")
	tab.Click("#reveal")
	waitSays(tab, "#value", "x")
}

// TestUnderAPath serves everything below a path, as behind a proxy.
func TestUnderAPath(t *testing.T) {
	s := launch(t, underPath(t)...)
	if !strings.HasSuffix(s.URL, "/share") {
		t.Fatalf("the instance is at %s, want a path", s.URL)
	}
	for name, password := range passwords {
		sender := s.visitor(t, testkit.Desktop).Open(s.URL + "/")
		link := share(sender, name, password)
		if !strings.HasPrefix(link, s.URL+"/s/") {
			t.Errorf("%s: the link does not begin with %s/s/", name, s.URL)
		}
		sender.WaitFor("#qr svg")
		reader := s.visitor(t, testkit.Desktop).Open(strings.Replace(link, "#", "%23", 1))
		open(reader, password)
		opened(t, reader, name)
	}
}

// underPath are the options for a free port and a path.
func underPath(t *testing.T) []string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := l.Addr().String()
	l.Close()
	return []string{"--listen=" + address, "--url=http://" + address + "/share"}
}

// TestWithoutScripts says what is missing.
func TestWithoutScripts(t *testing.T) {
	s := launch(t)
	v := s.visitor(t, testkit.Desktop)
	v.WithoutScripts()
	for _, address := range []string{s.URL, s.link(s.secret("x", "", 1))} {
		tab := v.Open(address)
		if got := tab.Text("main"); !strings.Contains(got, "Scripts are switched off") {
			t.Errorf("without scripts the page says %q", got)
		}
	}
}

// TestPagesOfErrors: what leads nowhere outside the API is a page like the
// others.
func TestPagesOfErrors(t *testing.T) {
	s := launch(t)
	tab := testkit.NewVisitor(t, testkit.Phone).Open(s.URL + "/nothing/here")
	tab.WaitFor("h1")
	says(t, tab, "main", "There is nothing to show here", "Share a secret")
	for _, found := range tab.Axe() {
		t.Errorf("axe: %s", found)
	}
	tab.Click("main a")
	tab.WaitFor("#create")
}
