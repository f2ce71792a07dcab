package e2e

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"letterlock/internal/testkit"
)

// state is one thing that a page can show: reach goes there in a fresh visitor's
// first tab.
type state struct {
	name  string
	reach func(s *site, v *testkit.Visitor) *testkit.Tab
}

// reached is a tab once an element is there.
func reached(tab *testkit.Tab, selector string) *testkit.Tab {
	tab.WaitFor(selector)
	return tab
}

const longText = "host: db.example\nuser: anna\npassword: R4nd0m-and-long-enough\nhttps://share.example/a/very/long/address/without/any/place/to/break/it?with=a&long=query&and=more#and-a-fragment-too"

// impatient shortens the pauses before a call is repeated.
const impatient = `{ const wait = window.setTimeout; window.setTimeout = (f, ms, ...rest) => wait(f, ms / 50, ...rest); }`

// createStates are what senders see.
func createStates() []state {
	return []state{
		{"create", func(s *site, v *testkit.Visitor) *testkit.Tab { return reached(v.Open(s.URL), "#create") }},
		{"create-filled", func(s *site, v *testkit.Visitor) *testkit.Tab {
			tab := reached(v.Open(s.URL), "#create")
			tab.Type("#secret", longText)
			tab.Choose("#views", "custom")
			tab.Choose("#expires", "custom")
			tab.Click("#suggest")
			tab.WaitUntil(`document.querySelector("#password").value !== ""`)
			return tab
		}},
		{"create-errors", func(s *site, v *testkit.Visitor) *testkit.Tab {
			tab := reached(v.Open(s.URL), "#create")
			tab.Choose("#views", "custom")
			tab.Choose("#expires", "custom")
			fill(tab, "#number", "0")
			fill(tab, "#until", "")
			tab.Click("#submit")
			return reached(tab, "#secret-error")
		}},
		{"create-offline", func(s *site, v *testkit.Visitor) *testkit.Tab {
			v.Before(impatient)
			tab := reached(v.Open(s.URL), "#create")
			tab.Type("#secret", longText)
			tab.Disconnect()
			tab.Click("#submit")
			tab.WaitFor("#problem")
			tab.Mend()
			return tab
		}},
		{"result", func(s *site, v *testkit.Visitor) *testkit.Tab {
			tab := v.Open(s.URL)
			share(tab, longText, "")
			return reached(tab, "#qr svg")
		}},
		{"result-password", func(s *site, v *testkit.Visitor) *testkit.Tab {
			tab := v.Open(s.URL)
			share(tab, longText, "a password of some length")
			return reached(tab, "#qr svg")
		}},
		{"delete", func(s *site, v *testkit.Visitor) *testkit.Tab {
			tab := v.Open(s.URL)
			share(tab, longText, "")
			tab.Click("#delete")
			return reached(tab, "#confirm")
		}},
		{"deleted", func(s *site, v *testkit.Visitor) *testkit.Tab {
			tab := v.Open(s.URL)
			share(tab, longText, "")
			tab.Click("#delete")
			tab.Click(`#confirm [data-answer="yes"]`)
			return reached(tab, "#withdrawn")
		}},
		{"recent", recentLinks},
		{"how", func(s *site, v *testkit.Visitor) *testkit.Tab { return reached(v.Open(s.URL+"/how"), "h1") }},
		{"language", func(s *site, v *testkit.Visitor) *testkit.Tab {
			tab := reached(v.Open(s.URL+"/how"), "h1")
			tab.Click("#language summary")
			return reached(tab, "#language a")
		}},
		{"unable", func(s *site, v *testkit.Visitor) *testkit.Tab {
			v.Before(`Object.defineProperty(crypto, "subtle", {value: undefined})`)
			return reached(v.Open(s.URL), "#unable")
		}},
	}
}

// recentLinks is the form above a link in each state that its list can show.
func recentLinks(s *site, v *testkit.Visitor) *testkit.Tab {
	type heard map[string]any
	at := func(h heard) heard {
		all := heard{"expires_at": "2031-01-02T03:04:05Z", "max_views": 1, "views": 0}
		for k, value := range h {
			all[k] = value
		}
		return all
	}
	ended := "2031-01-01T03:04:05Z"
	var entries []map[string]any
	for i, h := range []heard{
		at(heard{"state": "waiting"}), at(heard{"state": "opened", "max_views": 5, "views": 2}), at(heard{"state": "opened", "max_views": nil, "views": 3}),
		at(heard{"state": "used_up", "views": 1, "ended_at": ended}), at(heard{"state": "expired", "ended_at": ended}),
		at(heard{"state": "deleted", "ended_at": ended}), at(heard{"state": "locked"}), at(heard{"state": "used_up", "disputed_at": ended}), nil,
	} {
		// Heard of just now, so that the server is not asked.
		entries = append(entries, map[string]any{"id": fmt.Sprint("x", i), "token": "x", "created": "2030-12-31T03:04:05Z", "heard": h, "at": int64(1) << 50})
	}
	tab := reached(v.Open(s.URL), "#create")
	testkit.CallPage[bool](tab, `((all) => { localStorage.setItem("recent", JSON.stringify(all)); return true; })`, entries)
	tab.Reload()
	tab.WaitUntil(fmt.Sprintf(`document.querySelectorAll("#recent li").length === %d`, len(entries)))
	return tab
}

// openStates are what readers see.
func openStates() []state {
	openFor := func(text, password string, views int) func(s *site, v *testkit.Visitor) *testkit.Tab {
		return func(s *site, v *testkit.Visitor) *testkit.Tab {
			return reached(v.Open(s.link(s.secret(text, password, views))), "#ready")
		}
	}
	openedFor := func(views int) func(s *site, v *testkit.Visitor) *testkit.Tab {
		return func(s *site, v *testkit.Visitor) *testkit.Tab {
			tab := openFor(longText, "", views)(s, v)
			open(tab, "")
			tab.WaitFor("#opened")
			tab.WaitUntil("location.hash === ''")
			return tab
		}
	}
	return []state{
		{"open", openFor(longText, "", 1)},
		{"open-password", openFor(longText, "pw", 3)},
		{"open-unlimited", openFor(longText, "", 0)},
		{"open-wrong-password", func(s *site, v *testkit.Visitor) *testkit.Tab {
			tab := openFor(longText, "pw", 1)(s, v)
			try(tab, "wrong")
			return reached(tab, "#password-error")
		}},
		{"open-viewed", func(s *site, v *testkit.Visitor) *testkit.Tab {
			x := s.secret(longText, "", 3)
			s.use(x)
			return reached(v.Open(s.link(x)), "#viewed")
		}},
		{"open-repaired", func(s *site, v *testkit.Visitor) *testkit.Tab {
			return reached(v.Open(strings.Replace(s.link(s.secret(longText, "", 1)), "#", "%23", 1)), "#repaired")
		}},
		{"open-offline", func(s *site, v *testkit.Visitor) *testkit.Tab {
			v.Before(impatient)
			tab := openFor(longText, "", 1)(s, v)
			tab.LoseAnswers("*/views")
			open(tab, "")
			tab.WaitFor("#problem")
			tab.Mend()
			return tab
		}},
		{"open-again", func(s *site, v *testkit.Visitor) *testkit.Tab {
			v.Before(impatient)
			tab := openFor(longText, "", 1)(s, v)
			tab.LoseAnswers("*/views")
			open(tab, "")
			tab.WaitFor("#problem")
			tab.Mend()
			tab.Reload()
			return reached(tab, "#ready")
		}},
		{"opened", openedFor(1)},
		{"opened-shown", func(s *site, v *testkit.Visitor) *testkit.Tab {
			tab := openedFor(3)(s, v)
			tab.Click("#reveal")
			return tab
		}},
	}
}

// endStates are the dead ends.
func endStates() []state {
	over := func(password string, end func(s *site, x *testkit.Sealed)) func(s *site, v *testkit.Visitor) *testkit.Tab {
		return func(s *site, v *testkit.Visitor) *testkit.Tab {
			x := s.secret("x", password, 1)
			end(s, x)
			return reached(v.Open(s.link(x)), "#ended")
		}
	}
	changed := func(change func(link string) string) func(s *site, v *testkit.Visitor) *testkit.Tab {
		return func(s *site, v *testkit.Visitor) *testkit.Tab {
			return reached(v.Open(change(s.link(s.secret("x", "", 1)))), "#ended")
		}
	}
	return []state{
		{"ended-used-up", over("", (*site).use)},
		{"ended-not-me", func(s *site, v *testkit.Visitor) *testkit.Tab {
			tab := over("", (*site).use)(s, v)
			tab.Click(`#question [value="no"]`)
			waitFilled(tab, "#answered")
			return tab
		}},
		{"ended-expired", over("", (*site).expire)},
		{"ended-deleted", over("", (*site).withdraw)},
		{"ended-locked", over("pw", (*site).lock)},
		{"ended-missing", changed(func(l string) string { return strings.Split(l, "#")[0] })},
		{"ended-damaged", changed(func(l string) string { return l[:len(l)-3] })},
		{"ended-newer", changed(func(l string) string { a, b, _ := strings.Cut(l, "#"); return a + "#b" + b[1:] })},
		{"ended-unknown", func(s *site, v *testkit.Visitor) *testkit.Tab {
			return reached(v.Open(s.link(testkit.Seal(s.t, "x", ""))), "#ended")
		}},
		{"ended-offline", func(s *site, v *testkit.Visitor) *testkit.Tab {
			link := s.link(s.secret("x", "", 1))
			v.Before(impatient)
			v.Before(`window.fetch = () => Promise.reject(new TypeError("offline"))`)
			return reached(v.Open(link), "#ended")
		}},
		{"ended-cleared", func(s *site, v *testkit.Visitor) *testkit.Tab {
			tab := reached(v.Open(s.link(s.secret("x", "", 1))), "#ready")
			open(tab, "")
			tab.Click("#done")
			return reached(tab, "#ended")
		}},
	}
}

func waitFilled(tab *testkit.Tab, selector string) {
	tab.WaitUntil(fmt.Sprintf(`document.querySelector(%q).innerText !== ""`, selector))
}

// TestStates goes to every state in every language, and there looks at every
// screen: axe finds nothing, nothing scrolls sideways down to 320 pixels, and a
// picture is kept in e2e/pictures.
func TestStates(t *testing.T) {
	s := launch(t)
	light := []testkit.Screen{testkit.Desktop, testkit.Phone, {Width: 320, Height: 640}}
	dark := []testkit.Screen{testkit.Desktop.InDark(), testkit.Phone.InDark()}
	// Colours are the same in every language.
	for language, screens := range map[string][]testkit.Screen{"en": append(dark, light...), "de": light} {
		for _, st := range append(append(createStates(), openStates()...), endStates()...) {
			t.Run(language+"/"+st.name, func(t *testing.T) {
				t.Parallel()
				s := s.as(t)
				v := s.visitor(t, testkit.Desktop.InLanguage(language))
				tab := st.reach(s, v)
				if got := testkit.Eval[string](tab, "document.documentElement.lang"); got != language {
					t.Errorf("the page is in %q, want %q", got, language)
				}
				for _, screen := range screens {
					inspect(t, tab, screen, filepath.Join("pictures", language, st.name))
				}
			})
		}
	}
}

func inspect(t *testing.T, tab *testkit.Tab, screen testkit.Screen, picture string) {
	t.Helper()
	light := "light"
	if screen.Dark {
		light = "dark"
	}
	on := fmt.Sprintf("%d-%s", screen.Width, light)
	tab.LookOn(screen)
	tab.WaitUntil(fmt.Sprintf("document.documentElement.clientWidth === %d && matchMedia('(prefers-color-scheme: %s)').matches", screen.Width, light))
	if wide := testkit.Eval[string](tab, overflow); wide != "" {
		t.Errorf("%s: wider than the screen: %s", on, wide)
	}
	tab.Picture(picture + "-" + on + ".png")
	if screen.Width < testkit.Phone.Width {
		return
	}
	for _, found := range tab.Axe() {
		t.Errorf("%s: axe: %s", on, found)
	}
}

// overflow names what makes the page scroll sideways.
const overflow = `(() => {
	const root = document.scrollingElement;
	if (root.scrollWidth <= root.clientWidth) return "";
	const wide = [...document.querySelectorAll("main *, header *, footer *")].filter((e) => e.getBoundingClientRect().right > root.clientWidth + 0.5);
	return root.scrollWidth + " pixels: " + wide.map((e) => e.tagName + "#" + e.id + "." + e.className).join(" ");
})()`
