package e2e

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"strings"
	"testing"

	"letterlock/envelope"
	"letterlock/internal/testkit"
)

// What goes into the pages and must come out nowhere.
const (
	canaryText     = "canary-of-the-text-5c1f0e"
	canaryPassword = "canary-of-the-password-91ab"
)

// canaries are the text, the password and the key, as they could be written.
func canaries(t *testing.T, link string) map[string]string {
	t.Helper()
	_, parsed, err := envelope.ParseURL(link)
	if err != nil {
		t.Fatalf("ParseURL of the page's own link: %v", err)
	}
	key := parsed.Key[:]
	return map[string]string{
		"the text":               canaryText,
		"the text in base64":     base64.StdEncoding.EncodeToString([]byte(canaryText))[:30],
		"the password":           canaryPassword,
		"the password in base64": base64.StdEncoding.EncodeToString([]byte(canaryPassword))[:30],
		"the fragment":           parsed.Fragment(),
		"half of the fragment":   parsed.Fragment()[20:],
		"the key":                string(key),
		"the key in hex":         hex.EncodeToString(key),
		"the key in base64":      base64.RawStdEncoding.EncodeToString(key),
		"the key in base64url":   base64.RawURLEncoding.EncodeToString(key),
	}
}

// search fails the test for each canary in a haystack, whatever its case.
func search(t *testing.T, where, haystack string, canaries map[string]string) {
	t.Helper()
	for what, canary := range canaries {
		if strings.Contains(haystack, canary) || strings.Contains(strings.ToLower(haystack), strings.ToLower(canary)) {
			t.Errorf("%s is in %s", what, where)
		}
	}
}

const kept = `JSON.stringify([{...localStorage}, {...sessionStorage}, document.cookie, document.title, history.state])`

func written(requests []testkit.Request) string {
	var b strings.Builder
	for _, r := range requests {
		fmt.Fprintf(&b, "%s %s\n%s\n%s\n", r.Method, r.URL, r.Headers, r.Body)
	}
	return b.String()
}

// TestNothingLeaks shares and opens, with everything that can go wrong on the
// way, and looks for the secret, the password and the key wherever they must
// not be: in all that browsers sent, in what they keep, and with the server.
func TestNothingLeaks(t *testing.T) {
	s := launch(t)
	sender := s.visitor(t, testkit.Desktop).Open(s.URL)
	link := share(sender, canaryText, canaryPassword)
	hidden := canaries(t, link)
	sender.Click("#copy-link")
	search(t, "what the sender's browser keeps", testkit.Eval[string](sender, kept), hidden)

	reader := s.visitor(t, testkit.Phone).Open(link)
	reader.WaitFor("#ready")
	try(reader, "not the password")
	reader.LoseAnswers("*/views")
	try(reader, canaryPassword)
	reader.WaitFor("#problem")
	during := testkit.Eval[string](reader, kept)
	search(t, "what the reader's browser keeps while opening", during, hidden)
	reader.Mend()
	reader.Reload()
	open(reader, canaryPassword)
	opened(t, reader, canaryText)
	search(t, "what the reader's browser keeps", testkit.Eval[string](reader, kept), hidden)
	search(t, "what the reader's browser sent", written(reader.Requests()), hidden)
	again := s.visitor(t, testkit.Phone).Open(link)
	ended(t, again, "This was opened on ")
	sender.Click("[data-again]")
	sender.WaitFor("#recent")
	search(t, "what the sender's browser sent", written(sender.Requests()), hidden)

	searchServer(t, s, hidden)
	// The searches find what is there: the id, which is public, and the claim.
	_, parsed, _ := envelope.ParseURL(link)
	if !strings.Contains(written(reader.Requests()), parsed.PathID()) || !strings.Contains(during, "viewSecret") {
		t.Error("the id is not in the requests or the claim not in storage: the search does not search")
	}
}

// searchServer looks through the files of the database and the log, while the
// server runs and once it has stopped.
func searchServer(t *testing.T, s *site, hidden map[string]string) {
	t.Helper()
	const marker = "CREATE TABLE" // that the files of a database hold for sure
	for _, when := range []string{"while it serves", "once it has stopped"} {
		found := false
		for file, content := range s.Files() {
			search(t, file+" "+when, string(content), hidden)
			found = found || bytes.Contains(content, []byte(marker))
		}
		if !found {
			t.Errorf("no %q in the data directory %s: the search does not search", marker, when)
		}
		search(t, "the log "+when, s.Log(), hidden)
		s.Stop()
	}
	if !strings.Contains(s.Log(), "request") {
		t.Error("the log has no line for any request: the search does not search")
	}
}

// TestRepairedLinkIsNotLogged: a mail program that writes %23 sends the key to
// the server. The server cannot help that; it must not write it down.
func TestRepairedLinkIsNotLogged(t *testing.T) {
	s := launch(t)
	x := s.secret(canaryText, "", 1)
	link := s.link(x)
	reader := s.visitor(t, testkit.Desktop).Open(strings.Replace(link, "#", "%23", 1))
	open(reader, "")
	opened(t, reader, canaryText)
	searchServer(t, s, canaries(t, link))
}

// TestFirstVisit holds the first visit to its budget: all that is fetched, as it
// is compressed. The headers of the answers come on top.
func TestFirstVisit(t *testing.T) {
	s := launch(t)
	for name, tc := range map[string]struct {
		address, ready string
		bytes          int
	}{
		"create": {s.URL + "/", "#create", 25_000},
		"open":   {s.link(s.secret("x", "", 1)), "#ready", 20_000},
	} {
		tab := s.visitor(t, testkit.Desktop).Open(tc.address)
		tab.WaitFor(tc.ready)
		tab.WaitUntil("performance.now() > 1500") // long enough for what comes late
		sum, wire, files := 0, 0, 0
		for _, r := range tab.Requests() {
			sum, wire = sum+r.Encoded, wire+r.Bytes
			if r.Status != 200 || r.Encoded == 0 {
				t.Errorf("%s page: %s %s gives %d %s, %d bytes", name, r.Method, r.URL, r.Status, r.Failure, r.Encoded)
			}
			if !strings.Contains(r.URL, "/api/") {
				files++
			}
		}
		if files > 5 || sum > tc.bytes {
			t.Errorf("%s page: %d requests of %d bytes, want at most 5 of %d", name, files, sum, tc.bytes)
		}
		t.Logf("%s page: %d bytes, %d with headers\n%s", name, sum, wire, weights(tab.Requests()))
	}
}

func weights(requests []testkit.Request) string {
	var b strings.Builder
	for _, r := range requests {
		fmt.Fprintf(&b, "%6d %6d  %s %s\n", r.Encoded, r.Bytes, r.Method, r.URL)
	}
	return b.String()
}

// TestNothingBeforeTheGesture: before a person presses the button, the opening
// page reads once and writes nothing; what a script presses does not count.
func TestNothingBeforeTheGesture(t *testing.T) {
	s := launch(t)
	for name, password := range passwords {
		x := s.secret("x", password, 1)
		tab := s.visitor(t, testkit.Desktop).Open(s.link(x))
		tab.WaitFor("#ready")
		if password != "" {
			tab.Type("#password", password)
		}
		testkit.Eval[bool](tab, `(() => {
			document.querySelector("#show").click();
			document.querySelector("#form").requestSubmit();
			return document.querySelector("#form").dispatchEvent(new SubmitEvent("submit", {bubbles: true, cancelable: true}));
		})()`)
		tab.WaitUntil("performance.now() > 1500")
		var calls []string
		for _, r := range tab.Requests() {
			if strings.Contains(r.URL, "/api/") {
				calls = append(calls, r.Method+" "+strings.TrimPrefix(r.URL, s.URL))
			}
		}
		if want := "GET /api/v1/secrets/" + string(x.ID); len(calls) != 1 || calls[0] != want {
			t.Errorf("%s: before the gesture the page calls %q, want %q", name, calls, want)
		}
		if got := s.views(x); got != 0 {
			t.Errorf("%s: %d views before the gesture, want 0", name, got)
		}
		if cookies := testkit.Eval[string](tab, "document.cookie"); cookies != "" {
			t.Errorf("%s: the page has cookies: %q", name, cookies)
		}
	}
}
