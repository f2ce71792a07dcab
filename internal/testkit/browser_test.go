package testkit

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"testing"
)

func TestMain(m *testing.M) { os.Exit(Main(m)) }

// servePage serves one document, under a policy if one is given.
func servePage(t *testing.T, policy, html string) *httptest.Server {
	t.Helper()
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, r *http.Request) {
		if policy != "" {
			w.Header().Set("Content-Security-Policy", policy)
		}
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		fmt.Fprint(w, "<!doctype html><html lang=en><title>x</title><meta name=viewport content=width=device-width><link rel=icon href=data:,>", html)
	})
	mux.HandleFunc("POST /echo", func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, "heard") })
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	return server
}

// TestBrowserNotices holds the browser to what the pages' tests rely on: it
// notices what a page must not do.
func TestBrowserNotices(t *testing.T) {
	for name, tc := range map[string]struct{ policy, html, want string }{
		"a policy violation":     {"script-src 'none'", `<script>1</script>`, "policy violated"},
		"an error on console":    {"", `<script>console.error("oh")</script>`, "console.error: oh"},
		"a warning on console":   {"", `<script>console.warn("oh")</script>`, "console.warning: oh"},
		"an uncaught exception":  {"", `<script>throw new Error("oh")</script>`, "Error: oh"},
		"an unhandled rejection": {"", `<script>Promise.reject(new Error("oh"))</script>`, "Error: oh"},
		"a missing file":         {"", `<img src=/missing alt="">`, "404"},
	} {
		t.Run(name, func(t *testing.T) {
			tab := NewVisitor(t, Desktop).Open(servePage(t, tc.policy, tc.html).URL)
			tab.WaitUntil("document.readyState === 'complete'")
			if got := strings.Join(tab.Complaints(), "\n"); !strings.Contains(got, tc.want) {
				t.Errorf("Complaints() = %q, want one with %q", got, tc.want)
			}
		})
	}
	tab := NewVisitor(t, Desktop).Open(servePage(t, "", `<h1>fine</h1>`).URL)
	if got := tab.Complaints(); len(got) != 0 {
		t.Errorf("Complaints() of a fine page = %q, want none", got)
	}
}

func TestBrowserRequests(t *testing.T) {
	site, other := servePage(t, "", ""), servePage(t, "", "")
	tab := NewVisitor(t, Desktop).Open(site.URL + "/#fragment")
	Eval[bool](tab, fmt.Sprintf(`Promise.all([
		fetch("/echo", {method: "POST", headers: {"X-Canary": "bird"}, body: "seed"}),
		fetch(%q, {mode: "no-cors"}),
		new Promise((done) => { new Worker(URL.createObjectURL(new Blob(["fetch('%s/echo', {method: 'POST', body: 'worker'}).then(() => postMessage(1))"]))).onmessage = done; }),
	]).then(() => true)`, other.URL, site.URL))
	var got []string
	for _, r := range tab.Requests() {
		got = append(got, fmt.Sprintf("%s %s %v %q %d", r.Method, r.URL, strings.Contains(r.Headers, "X-Canary: bird"), r.Body, r.Status))
	}
	for _, want := range []string{
		"GET " + site.URL + `/ false "" 200`,
		"POST " + site.URL + `/echo true "seed" 200`,
		"GET " + other.URL + `/ false "" 200`,
	} {
		if !slices.Contains(got, want) {
			t.Errorf("Requests() = %q, want among them %q", got, want)
		}
	}
}

func TestBrowserBreaksConnections(t *testing.T) {
	tab := NewVisitor(t, Desktop).Open(servePage(t, "", "").URL)
	ask := `fetch("/echo", {method: "POST"}).then((answer) => answer.text()).catch(() => "nothing")`
	tab.LoseAnswers("*/echo")
	if got := Eval[string](tab, ask); got != "nothing" {
		t.Errorf("with answers lost: %q", got)
	}
	tab.Mend()
	tab.Disconnect()
	if got := Eval[string](tab, ask); got != "nothing" {
		t.Errorf("disconnected: %q", got)
	}
	tab.Mend()
	if got := Eval[string](tab, ask); got != "heard" {
		t.Errorf("mended: %q, want heard", got)
	}
}

func TestVisitorsAreApart(t *testing.T) {
	site := servePage(t, "", `<h1>x</h1>`)
	first := NewVisitor(t, Phone.InDark().InLanguage("de"))
	tab := first.Open(site.URL)
	Eval[bool](tab, `(localStorage.setItem("mark", "1"), true)`)
	same := first.OpenAnother(site.URL)
	other := NewVisitor(t, Desktop).Open(site.URL)
	const facts = `[localStorage.getItem("mark"), innerWidth, matchMedia("(prefers-color-scheme: dark)").matches, matchMedia("(prefers-reduced-motion)").matches, navigator.language].join()`
	if got, want := Eval[string](same, facts), "1,390,true,true,de"; got != want {
		t.Errorf("another tab of the visitor: %s, want %s", got, want)
	}
	if got, want := Eval[string](other, facts), ",1280,false,true,en-US"; got != want {
		t.Errorf("another visitor: %s, want %s", got, want)
	}
}

func TestAxe(t *testing.T) {
	tab := NewVisitor(t, Desktop).Open(servePage(t, "", `<main><h1>x</h1><input></main>`).URL)
	if got := strings.Join(tab.Axe(), "\n"); !strings.Contains(got, "label") {
		t.Errorf("Axe() of a field without a label = %q, want it named", got)
	}
	tab = NewVisitor(t, Desktop).Open(servePage(t, "script-src 'none'", `<main><h1>x</h1></main>`).URL)
	if got := tab.Axe(); len(got) != 0 {
		t.Errorf("Axe() of a fine page = %q, want nothing", got)
	}
}

func TestLaunch(t *testing.T) {
	s := Launch(t)
	answer, err := http.Get(s.URL + "/livez")
	if err != nil {
		t.Fatal(err)
	}
	answer.Body.Close()
	s.Stop()
	if !strings.Contains(s.Log(), "route=\"GET /livez\"") && !strings.Contains(s.Log(), "/livez") {
		t.Errorf("the log has no line for GET /livez:\n%s", s.Log())
	}
	if len(s.Files()) == 0 {
		t.Error("the data directory is empty")
	}
}
