package e2e

import (
	"encoding/base32"
	"fmt"
	"strings"
	"testing"
	"time"

	"letterlock/internal/testkit"
)

// TestDeadEnds opens links that lead nowhere. None of it uses a view up.
func TestDeadEnds(t *testing.T) {
	s := launch(t)
	live := func() (*testkit.Sealed, string) { x := s.secret("x", "", 1); return x, s.link(x) }
	with := func(change func(*testkit.Sealed)) string { x, link := live(); change(x); return link }
	locked := s.secret("x", "pw", 1)
	s.lock(locked)
	x, link := live()
	path, fragment, _ := strings.Cut(link, "#")
	key := x.Envelope.Link.Key
	newer := base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(append([]byte{2, 0}, key[:]...))
	never := testkit.Seal(t, "x", "")
	for name, tc := range map[string]struct{ link, title string }{
		"opened elsewhere":  {with(s.use), "This was opened on "},
		"expired":           {with(s.expire), "This expired on "},
		"withdrawn":         {with(s.withdraw), "The sender withdrew this on "},
		"locked":            {s.link(locked), "Locked on "},
		"key missing":       {path, "The last part of the link is missing"},
		"key empty":         {path + "#", "The last part of the link is missing"},
		"key cut short":     {link[:len(link)-1], "This link is damaged"},
		"key with more":     {link + "a", "This link is damaged"},
		"a letter changed":  {strings.Replace(link, fragment[20:24], flip(fragment[20:24]), 1), "This link is damaged"},
		"id changed":        {strings.Replace(link, string(x.ID[:4]), flip(string(x.ID[:4])), 1), "This link is damaged"},
		"no id":             {s.URL + "/s/#" + fragment, "This link is damaged"},
		"newer version":     {path + "#" + strings.ToLower(newer), "This link is from a newer version"},
		"unknown":           {s.link(never), "There is nothing to show here"},
		"unknown, repaired": {strings.Replace(s.link(never), "#", "%23", 1), "There is nothing to show here"},
	} {
		t.Run(name, func(t *testing.T) {
			tab := s.visitor(t, testkit.Phone).Open(tc.link)
			ended(t, tab, tc.title)
			if title := tab.Text("title"); strings.Contains(title, tc.title) {
				t.Errorf("the tab's title tells: %q", title)
			}
		})
	}
	if got := s.views(x); got != 0 {
		t.Errorf("%d views counted, want 0", got)
	}
}

// flip changes every character of a base32 text.
func flip(text string) string {
	return strings.Map(func(r rune) rune {
		if r == 'a' {
			return 'b'
		}
		return 'a'
	}, text)
}

// TestLinksThatProgramsChanged opens although something was done to the link.
func TestLinksThatProgramsChanged(t *testing.T) {
	s := launch(t)
	for name, tc := range map[string]struct {
		change   func(link string) string
		repaired bool
	}{
		"junk after it":     {func(l string) string { return l + "?fbclid=abc" }, false},
		"a full stop":       {func(l string) string { return l + "." }, false},
		"upper case":        {func(l string) string { a, b, _ := strings.Cut(l, "/s/"); return a + "/s/" + strings.ToUpper(b) }, false},
		"the # escaped":     {func(l string) string { return strings.Replace(l, "#", "%23", 1) }, true},
		"escaped, and junk": {func(l string) string { return strings.Replace(l, "#", "%23", 1) + "." }, true},
		"escaped, and a #":  {func(l string) string { return strings.Replace(l, "#", "%23", 1) + "#_=_" }, true},
	} {
		t.Run(name, func(t *testing.T) {
			tab := s.visitor(t, testkit.Desktop).Open(tc.change(s.link(s.secret("still here", "", 1))))
			tab.WaitFor("#ready")
			if got := tab.Visible("#repaired"); got != tc.repaired {
				t.Errorf("the page says that the link was changed: %v, want %v", got, tc.repaired)
			}
			open(tab, "")
			opened(t, tab, "still here")
		})
	}
}

func TestWrongPasswords(t *testing.T) {
	s := launch(t)
	sender := s.visitor(t, testkit.Desktop).Open(s.URL)
	link := share(sender, "hunter2", "right")
	reader := s.visitor(t, testkit.Desktop).Open(link)
	reader.WaitFor("#ready")
	reader.Click("#show")
	says(t, reader, "#password-error", "Type the password")
	for left := 9; left >= 1; left-- {
		try(reader, fmt.Sprintf("wrong %d", left))
		waitSays(reader, "#password-error", "That password doesn’t fit.")
		waitSays(reader, "#password-error", fmt.Sprintf("%d %s left. A wrong one never uses up a view.", left, tries(left)))
	}
	try(reader, "wrong once more")
	ended(t, reader, "Locked on ")

	unlockFirst(t, sender)
	reader.Click("#again button")
	try(reader, "right")
	opened(t, reader, "hunter2")
	waitFresh(sender, "Opened")
}

func tries(n int) string {
	if n == 1 {
		return "try"
	}
	return "tries"
}

// try types a password over the one before and presses Enter.
func try(tab *testkit.Tab, password string) {
	tab.WaitFor("#password")
	testkit.Eval[bool](tab, `(document.querySelector("#password").select(), true)`)
	tab.Press(password + testkit.KeyEnter)
	tab.WaitUntil(`document.querySelector("#show").ariaBusy !== "true"`)
}

// unlockFirst unlocks the sender's newest link from the list below the form.
func unlockFirst(t *testing.T, sender *testkit.Tab) {
	t.Helper()
	sender.Click("[data-again]")
	waitFresh(sender, "Locked after wrong passwords")
	sender.Click("#recent li button")
	waitSays(sender, "#recent", "Waiting")
	if testkit.Eval[bool](sender, "[...document.querySelectorAll('#recent li button')].some((b) => b.textContent.includes('Unlock'))") {
		t.Error("a link that was unlocked once can be unlocked again")
	}
}

// waitFresh loads the form until the list of links says something: it asks the
// server no more often than every five seconds.
func waitFresh(sender *testkit.Tab, want string) {
	for range 3 {
		time.Sleep(5 * time.Second)
		sender.Reload()
		sender.WaitFor("#recent")
		if sender.Within(2*time.Second, fmt.Sprintf("document.querySelector('#recent').innerText.includes(%q)", want)) {
			return
		}
	}
	waitSays(sender, "#recent", want)
}

func TestDeleteNow(t *testing.T) {
	s := launch(t)
	sender := s.visitor(t, testkit.Desktop).Open(s.URL)
	link := share(sender, "not for long", "")
	sender.Click("#delete")
	sender.WaitFor("#confirm")
	focusIs(t, sender, "button")
	sender.Press(testkit.KeyEscape)
	sender.WaitUntil(`!document.querySelector("#confirm").open`)
	focusIs(t, sender, "button#delete")
	reader := s.visitor(t, testkit.Desktop).Open(link)
	reader.WaitFor("#ready")
	sender.Click("#delete")
	sender.Click(`#confirm [data-answer="yes"]`)
	sender.WaitFor("#withdrawn")
	open(reader, "")
	ended(t, reader, "The sender withdrew this on ")
	sender.Click("#withdrawn [data-again]")
	waitSays(sender, "#recent", "Deleted")
}

func TestItWasNotMe(t *testing.T) {
	s := launch(t)
	sender := s.visitor(t, testkit.Desktop).Open(s.URL)
	link := share(sender, "seen by a stranger", "")
	stranger := s.visitor(t, testkit.Desktop).Open(link)
	open(stranger, "")
	opened(t, stranger, "seen by a stranger")

	reader := s.visitor(t, testkit.Phone).Open(link)
	ended(t, reader, "This was opened on ")
	reader.Click(`#question [value="no"]`)
	waitSays(reader, "#answered", "We have told the sender.")
	sender.Click("[data-again]")
	waitFresh(sender, "it wasn’t me")
}

func TestSecondTabIsASecondView(t *testing.T) {
	s := launch(t)
	x := s.secret("twice", "", 2)
	reader := s.visitor(t, testkit.Desktop)
	first := reader.Open(s.link(x))
	second := reader.OpenAnother(s.link(x))
	open(first, "")
	opened(t, first, "twice")
	waitSays(first, "#left", "1 more time")
	open(second, "")
	opened(t, second, "twice")
	waitSays(second, "#left", "This was the last time.")
	if got := s.views(x); got != 2 {
		t.Errorf("%d views, want 2", got)
	}
}

// TestAnswerLost loses the answer that holds the secret. The tab that asked gets
// it after a reload, and that is still the same view.
func TestAnswerLost(t *testing.T) {
	for name, password := range passwords {
		t.Run(name, func(t *testing.T) {
			s := launch(t)
			x := s.secret("nearly lost", password, 1)
			tab := s.visitor(t, testkit.Desktop).Open(s.link(x))
			tab.WaitFor("#ready")
			tab.LoseAnswers("*/views")
			open(tab, password)
			tab.WaitFor("#problem")
			says(t, tab, "#problem", "it will not cost a second view")
			if got := s.views(x); got != 1 {
				t.Errorf("%d views after the lost answer, want 1", got)
			}
			tab.Mend()
			tab.Reload()
			tab.WaitFor("#ready")
			says(t, tab, "#what", "Continuing uses one view at most")
			open(tab, password)
			opened(t, tab, "nearly lost")
			if got := s.views(x); got != 1 {
				t.Errorf("%d views in the end, want 1", got)
			}
		})
	}
}

func TestOffline(t *testing.T) {
	s := launch(t)
	x := s.secret("x", "", 1)
	tab := s.visitor(t, testkit.Desktop).Open(s.link(x))
	tab.WaitFor("#ready")
	tab.Disconnect()
	tab.Click("#show")
	tab.WaitFor("#problem")
	tab.Mend()
	tab.Click("#show")
	opened(t, tab, "x")
	if got := s.views(x); got != 1 {
		t.Errorf("%d views, want 1", got)
	}
}

// TestUnsafeAddress: off localhost browsers switch their encryption off on
// http, and so the pages refuse before anything is typed or asked.
func TestUnsafeAddress(t *testing.T) {
	s := launch(t)
	plain := strings.Replace(s.URL, "127.0.0.1", testkit.PlainHost, 1)
	link := strings.Replace(s.link(s.secret("x", "", 1)), s.URL, plain, 1)
	for _, address := range []string{plain + "/", link} {
		// No s.visitor: here the browser complains about headers by itself.
		tab := testkit.NewVisitor(t, testkit.Desktop).Open(address)
		tab.WaitFor("#unable")
		says(t, tab, "#unable", "unencrypted connection", "https://", "Nothing was sent.")
		if tab.Visible("#create") || tab.Visible("#ready") {
			t.Error("the page goes on all the same")
		}
		for _, r := range tab.Requests() {
			if strings.Contains(r.URL, "/api/") {
				t.Errorf("%s %s was asked", r.Method, r.URL)
			}
		}
	}
}

// TestOldBrowser takes the browser's encryption away.
func TestOldBrowser(t *testing.T) {
	s := launch(t)
	v := s.visitor(t, testkit.Desktop)
	v.Before(`Object.defineProperty(crypto, "subtle", {value: undefined})`)
	tab := v.Open(s.URL)
	tab.WaitFor("#unable")
	says(t, tab, "#unable", "lacks the encryption", "Nothing was sent.")
}
