package e2e

import (
	"strings"
	"testing"

	"letterlock/internal/testkit"
)

// tamper changes what the server answers to calls of one method, as a hostile
// or broken server would: change is JavaScript that works on the body b and the
// status.
func tamper(v *testkit.Visitor, method, change string) {
	v.Before(`{
		const real = window.fetch;
		window.fetch = async (address, init) => {
			const answer = await real(address, init);
			if (init.method !== "` + method + `" || answer.status === 204) return answer;
			const b = await answer.json();
			let status = answer.status;
			` + change + `;
			return new Response(JSON.stringify(b), {status, headers: answer.headers});
		};
	}`)
}

// flipBytes changes the beginning of a base64url field of the body.
func flipBytes(field string) string {
	return `b.` + field + ` = (b.` + field + `[0] === "A" ? "B" : "A") + b.` + field + `.slice(1)`
}

// TestForgedAnswers: what does not fit the link is not shown, not even in part,
// and not acknowledged, so that the tab can still get the real one.
func TestForgedAnswers(t *testing.T) {
	s := launch(t)
	for name, change := range map[string]string{
		"content changed":    flipBytes("content"),
		"content cut":        `b.content = b.content.slice(0, 400)`,
		"content missing":    `b.content = ""`,
		"content not base64": `b.content = "!" + b.content.slice(1)`,
		"commitment changed": flipBytes("commit"),
		"another header":     `b.header = b.header.slice(0, -4) + "AAAB"`,
	} {
		t.Run(name, func(t *testing.T) {
			x := s.secret("the real one", "", 1)
			v := s.visitor(t, testkit.Desktop)
			tamper(v, "POST", change)
			tab := v.Open(s.link(x))
			open(tab, "")
			ended(t, tab, "This is not what the sender sealed")
			if strings.Contains(tab.Text("body"), "the real one") {
				t.Error("some of it is shown")
			}
			for _, r := range tab.Requests() {
				if r.Method == "DELETE" {
					t.Error("the view was acknowledged")
				}
			}
			if got := testkit.Eval[int](tab, "sessionStorage.length"); got != 1 {
				t.Errorf("the tab holds %d claims, want the one it began with", got)
			}
		})
	}
}

// TestHostileHeader: a server that weakens the password's protection gets
// nothing that was derived from the password.
func TestHostileHeader(t *testing.T) {
	s := launch(t)
	for name, tc := range map[string]struct{ change, title string }{
		"one iteration":  {bytesOfHeader(`h[6] = 1; h.fill(0, 8, 20); h[11] = 1`), "This is not safe to open"},
		"a gigabyte":     {bytesOfHeader(`h[8] = 0xff`), "This is not safe to open"},
		"no password":    {bytesOfHeader(`h.fill(0, 5, 36)`), "This is not what the sender sealed"},
		"another id":     {bytesOfHeader(`h[40] ^= 1`), "This is not what the sender sealed"},
		"a newer format": {bytesOfHeader(`h[4] = 2`), "This link is from a newer version"},
		"no header":      {`b.header = ""`, "This is not what the sender sealed"},
	} {
		t.Run(name, func(t *testing.T) {
			x := s.secret("x", "pw", 1)
			v := s.visitor(t, testkit.Desktop)
			tamper(v, "GET", tc.change)
			tab := v.Open(s.link(x))
			ended(t, tab, tc.title)
			if tab.Visible("#password") {
				t.Error("the page asks for the password")
			}
			if got := s.views(x); got != 0 {
				t.Errorf("%d views, want 0", got)
			}
		})
	}
}

// bytesOfHeader changes the bytes h of the header in the body.
func bytesOfHeader(change string) string {
	return `{
		const h = Uint8Array.from(atob(b.header.replaceAll("-", "+").replaceAll("_", "/")), (c) => c.charCodeAt(0));
		` + change + `;
		b.header = btoa(String.fromCharCode(...h)).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
	}`
}

// TestServedLimits: the sender's own limits are in the envelope, and a server
// that serves others is named.
func TestServedLimits(t *testing.T) {
	s := launch(t)
	for name, tc := range map[string]struct{ change, warning string }{
		"as sealed":     {``, ""},
		"more views":    {`b.views_left = 3`, "another number of times"},
		"unlimited":     {`b.views_left = null`, "another number of times"},
		"a later end":   {`b.expires_at = "2099-01-01T00:00:00Z"`, "times do not fit"},
		"an hour later": {`b.expires_at = new Date(Date.parse(b.expires_at) + 3600_000).toISOString()`, "times do not fit"},
	} {
		t.Run(name, func(t *testing.T) {
			v := s.visitor(t, testkit.Desktop)
			tamper(v, "POST", tc.change)
			tab := v.Open(s.link(s.secret("x", "", 2)))
			open(tab, "")
			tab.WaitFor("#opened")
			got := ""
			if tab.Visible("#warning") {
				got = tab.Text("#warning")
			}
			if (got == "") != (tc.warning == "") || !strings.Contains(got, tc.warning) {
				t.Errorf("the page warns %q, want %q in it", got, tc.warning)
			}
		})
	}
}

// TestServerInTrouble: errors that pass cost nothing, and the page says so.
func TestServerInTrouble(t *testing.T) {
	s := launch(t)
	const problem = `b.code = "%s"; status = %s`
	for name, tc := range map[string]struct{ code, status, title string }{
		"looking, too many": {"rate_limited", "429", "Too many requests from your network"},
		"looking, broken":   {"internal", "500", "Something went wrong on the server"},
		"looking, busy":     {"unavailable", "503", "Something went wrong on the server"},
	} {
		t.Run(name, func(t *testing.T) {
			v := s.visitor(t, testkit.Desktop)
			change := strings.Replace(strings.Replace(problem, "%s", tc.code, 1), "%s", tc.status, 1)
			tamper(v, "GET", `if (!window.untampered) { `+change+` }`)
			tab := v.Open(s.link(s.secret("in the end", "", 1)))
			ended(t, tab, tc.title)
			says(t, tab, "#ended", "Nothing was used up.")
			testkit.Eval[bool](tab, "window.untampered = true")
			tab.Click("#again button")
			open(tab, "")
			opened(t, tab, "in the end")
		})
	}
}

// TestViewClosed: a view that ended elsewhere leaves the others.
func TestViewClosed(t *testing.T) {
	s := launch(t)
	x := s.secret("still one left", "", 2)
	v := s.visitor(t, testkit.Desktop)
	tamper(v, "POST", `if (!window.tampered) { window.tampered = true; status = 410; b.code = "gone"; b.reason = "view_closed"; }`)
	tab := v.Open(s.link(x))
	open(tab, "")
	waitSays(tab, "#problem", "That view has ended. You can use another one.")
	says(t, tab, "#how-long", "1 view left")
	tab.Click("#show")
	opened(t, tab, "still one left")
}
