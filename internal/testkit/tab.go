package testkit

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/fetch"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// Tab is one tab of a visitor. What a step cannot do fails the test. Elements
// are named by CSS selectors.
type Tab struct {
	t       testing.TB
	ctx     context.Context
	traffic *traffic
}

func (tab *Tab) do(what string, steps ...chromedp.Action[chromedp.Void]) {
	tab.t.Helper()
	ctx, cancel := context.WithTimeout(tab.ctx, patience)
	defer cancel()
	if err := chromedp.Do(ctx, steps...); err != nil {
		tab.t.Fatalf("%s: %v\n%s", what, err, tab.describe())
	}
}

// describe says what the page shows, for the messages of failed tests.
func (tab *Tab) describe() string {
	ctx, cancel := context.WithTimeout(tab.ctx, 5*time.Second)
	defer cancel()
	text, err := chromedp.Run(ctx, chromedp.Evaluate[string]("document.body?.innerText ?? ''"))
	if err != nil {
		return fmt.Sprintf("the page answers nothing: %v", err)
	}
	return "the page shows:\n" + text + "\n" + strings.Join(tab.Complaints(), "\n")
}

// Go loads an address, also if only its fragment differs from the one before.
func (tab *Tab) Go(url string) {
	tab.t.Helper()
	tab.do("leave the page", chromedp.Navigate("about:blank"))
	tab.do("open "+withoutFragment(url), chromedp.Navigate(url))
}

// Reload loads the page again.
func (tab *Tab) Reload() {
	tab.t.Helper()
	tab.do("reload", chromedp.Reload())
}

// WaitFor waits until an element is visible.
func (tab *Tab) WaitFor(selector string) {
	tab.t.Helper()
	tab.WaitUntil(fmt.Sprintf("document.querySelector(%q)?.checkVisibility()", selector))
}

// WaitUntil waits until a JavaScript expression is true, also across the loading
// of a page.
func (tab *Tab) WaitUntil(condition string) {
	tab.t.Helper()
	if err := tab.within(patience, condition); err != nil {
		tab.t.Fatalf("wait until %s: %v\n%s", condition, err, tab.describe())
	}
}

// Within reports whether a JavaScript expression becomes true in time.
func (tab *Tab) Within(limit time.Duration, condition string) bool {
	tab.t.Helper()
	return tab.within(limit, condition) == nil
}

func (tab *Tab) within(limit time.Duration, condition string) error {
	ctx, cancel := context.WithTimeout(tab.ctx, limit)
	defer cancel()
	for {
		met, err := chromedp.Run(ctx, chromedp.Evaluate[bool]("Boolean("+condition+")"))
		if err == nil && met {
			return nil
		}
		select {
		case <-ctx.Done():
			return cmp.Or(err, ctx.Err())
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// Click clicks an element once it is visible.
func (tab *Tab) Click(selector string) {
	tab.t.Helper()
	tab.do("click "+selector, chromedp.Click(chromedp.CSS(selector), chromedp.NodeVisible))
}

// Type clicks a field and types into it.
func (tab *Tab) Type(selector, text string) {
	tab.t.Helper()
	tab.Click(selector)
	tab.Press(text)
}

// Choose sets a list to one of its values, as a person who picks it.
func (tab *Tab) Choose(selector, value string) {
	tab.t.Helper()
	Eval[bool](tab, fmt.Sprintf(`(() => {
		const list = document.querySelector(%q);
		list.value = %q;
		return list.dispatchEvent(new Event("input", {bubbles: true})) && list.dispatchEvent(new Event("change", {bubbles: true}));
	})()`, selector, value))
	if got := tab.Value(selector); got != value {
		tab.t.Fatalf("choose %q in %s: it has %q", value, selector, got)
	}
}

// Keys for Press.
const (
	KeyTab    = kb.Tab
	KeyEnter  = kb.Enter
	KeyEscape = kb.Escape
	KeySpace  = " "
)

// Press types keys into whatever has the focus.
func (tab *Tab) Press(keys string) {
	tab.t.Helper()
	tab.do("press keys", chromedp.KeyEvent(keys))
}

// TabTo presses Tab until the element has the focus, and fails if it never
// comes.
func (tab *Tab) TabTo(selector string) {
	tab.t.Helper()
	var passed []string
	for range 40 {
		tab.Press(KeyTab)
		if Eval[bool](tab, fmt.Sprintf("document.activeElement?.matches(%q) ?? false", selector)) {
			return
		}
		passed = append(passed, tab.Focused())
	}
	tab.t.Fatalf("Tab never comes to %s; it went by %s", selector, strings.Join(passed, ", "))
}

// Focused names the element that has the focus, as tag#id.
func (tab *Tab) Focused() string {
	tab.t.Helper()
	return Eval[string](tab, `(e => e.tagName.toLowerCase() + (e.id ? "#" + e.id : ""))(document.activeElement ?? document.body)`)
}

// Text is the visible text of an element.
func (tab *Tab) Text(selector string) string {
	tab.t.Helper()
	return Eval[string](tab, fmt.Sprintf("document.querySelector(%q)?.innerText ?? ''", selector))
}

// Value is what a field holds.
func (tab *Tab) Value(selector string) string {
	tab.t.Helper()
	return Eval[string](tab, fmt.Sprintf("document.querySelector(%q).value", selector))
}

// Visible reports whether an element is shown now.
func (tab *Tab) Visible(selector string) bool {
	tab.t.Helper()
	return Eval[bool](tab, fmt.Sprintf("document.querySelector(%q)?.checkVisibility() ?? false", selector))
}

// Address is what stands in the address bar.
func (tab *Tab) Address() string {
	tab.t.Helper()
	return Eval[string](tab, "location.href")
}

// Eval runs JavaScript in the page. A promise is waited for.
func Eval[T any](tab *Tab, expression string) T {
	tab.t.Helper()
	ctx, cancel := context.WithTimeout(tab.ctx, 2*patience)
	defer cancel()
	value, err := chromedp.Run(ctx, chromedp.Evaluate[T](expression, chromedp.EvalAwaitPromise))
	if err != nil {
		tab.t.Fatalf("run %.200s: %v", expression, err)
	}
	return value
}

// CallPage calls a function of the page with arguments given as JSON.
func CallPage[T any](tab *Tab, function string, arguments ...any) T {
	tab.t.Helper()
	text, err := json.Marshal(arguments)
	if err != nil {
		tab.t.Fatalf("arguments of %s: %v", function, err)
	}
	return Eval[T](tab, fmt.Sprintf("%s(...%s)", function, text))
}

// Picture writes the whole page to a PNG file.
func (tab *Tab) Picture(file string) {
	tab.t.Helper()
	ctx, cancel := context.WithTimeout(tab.ctx, patience)
	defer cancel()
	shot, err := chromedp.Call(ctx, page.CaptureScreenshot, page.CaptureScreenshotParams{
		Format: page.CaptureScreenshotFormatPng, CaptureBeyondViewport: new(true),
	})
	if err == nil {
		err = os.MkdirAll(filepath.Dir(file), 0o755)
	}
	if err == nil {
		err = os.WriteFile(file, shot.Data, 0o644)
	}
	if err != nil {
		tab.t.Fatalf("picture %s: %v", file, err)
	}
}

// Axe runs axe-core on the page as it stands and returns what it finds, a line
// for each element.
func (tab *Tab) Axe() []string {
	tab.t.Helper()
	source, err := axeSource()
	if err != nil {
		missing(tab.t, "axe-core is missing: run npm ci in ui")
	}
	if !Eval[bool](tab, `typeof axe === "object"`) {
		tab.do("load axe-core", chromedp.Evaluate[chromedp.Void](source))
	}
	return Eval[[]string](tab, `axe.run(document, {resultTypes: ["violations", "incomplete"]}).then((result) =>
		result.violations.flatMap((v) => v.nodes.map((n) =>
			v.id + " (" + v.impact + "): " + n.target.join(" ") + ": " + n.failureSummary.replaceAll("\n", " "))))`)
}

var axeSource = sync.OnceValues(func() (string, error) {
	module, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}").Output()
	if err != nil {
		return "", fmt.Errorf("go list -m: %w", err)
	}
	source, err := os.ReadFile(filepath.Join(strings.TrimSpace(string(module)), "ui/node_modules/axe-core/axe.min.js"))
	return string(source), err
})

// LoseAnswers lets requests for addresses like the pattern reach the server and
// breaks the connection before the answer arrives. Mend ends it.
func (tab *Tab) LoseAnswers(pattern string) {
	tab.t.Helper()
	tab.intercept(&fetch.RequestPattern{URLPattern: pattern, RequestStage: fetch.RequestStageResponse})
}

// Disconnect keeps every request from leaving. Mend ends it.
func (tab *Tab) Disconnect() {
	tab.t.Helper()
	tab.intercept(&fetch.RequestPattern{URLPattern: "*", RequestStage: fetch.RequestStageRequest})
}

// Mend ends LoseAnswers and Disconnect.
func (tab *Tab) Mend() {
	tab.t.Helper()
	if _, err := chromedp.Call(tab.ctx, fetch.Disable, struct{}{}); err != nil {
		tab.t.Fatalf("mend the connection: %v", err)
	}
}

func (tab *Tab) intercept(pattern *fetch.RequestPattern) {
	tab.t.Helper()
	if _, err := chromedp.Call(tab.ctx, fetch.Enable, fetch.EnableParams{Patterns: []*fetch.RequestPattern{pattern}}); err != nil {
		tab.t.Fatalf("break the connection: %v", err)
	}
}

// fail breaks a request that intercept caught. It runs beside the tab's events:
// they must not wait for an answer of their own.
func (tab *Tab) fail(id fetch.RequestID) {
	// The tab may have gone on by itself; then there is nothing to fail.
	_, _ = chromedp.Call(tab.ctx, fetch.FailRequest, fetch.FailRequestParams{RequestID: id, ErrorReason: network.ErrorReasonConnectionReset})
}

// accept answers a dialog, for the same reason beside the tab's events.
func (tab *Tab) accept() {
	_, _ = chromedp.Call(tab.ctx, page.HandleJavaScriptDialog, page.HandleJavaScriptDialogParams{Accept: true})
}
