package testkit

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/chromedp/cdproto/audits"
	"github.com/chromedp/cdproto/fetch"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
)

// Request is one request that a tab made.
type Request struct {
	Method, URL string
	Headers     string // a line each
	Body        string
	Status      int    // 0: no answer
	Failure     string // why there was no answer
	Bytes       int    // of the answer over the wire, headers included
	Encoded     int    // of its body alone, as compressed
	Took        time.Duration

	began   float64
	heading int // bytes of the answer's headers
}

// traffic is what a tab asked for and complained about. mu guards both.
type traffic struct {
	mu         sync.Mutex
	order      []network.RequestID
	requests   map[network.RequestID]*Request
	extra      map[network.RequestID]string // headers that came before their request
	complaints []string
	dialogs    int // that asked before leaving a page
}

func newTraffic() *traffic {
	return &traffic{requests: map[network.RequestID]*Request{}, extra: map[network.RequestID]string{}}
}

// Requests are all requests of the tab so far, in order, those for data: and
// about: aside.
func (tab *Tab) Requests() []Request {
	tr := tab.traffic
	tr.mu.Lock()
	defer tr.mu.Unlock()
	var all []Request
	for _, id := range tr.order {
		if r := *tr.requests[id]; strings.HasPrefix(r.URL, "http") {
			r.Headers += tr.extra[id]
			all = append(all, r)
		}
	}
	return all
}

// Complaints are what the browser held against the page: errors and warnings on
// the console, uncaught exceptions, violations of the Content-Security-Policy
// and whatever else its audits found. Answers of the API and to forms that are
// errors belong to the pages' work and are left out.
func (tab *Tab) Complaints() []string {
	tr := tab.traffic
	tr.mu.Lock()
	defer tr.mu.Unlock()
	return slices.Clone(tr.complaints)
}

// Asked counts how often the page asked before it was left. The answer is always
// to leave.
func (tab *Tab) Asked() int {
	tab.traffic.mu.Lock()
	defer tab.traffic.mu.Unlock()
	return tab.traffic.dialogs
}

// hear takes the tab's events. It must not wait for anything.
func (tab *Tab) hear(event any) {
	switch e := event.(type) {
	case *fetch.EventRequestPaused:
		go tab.fail(e.RequestID)
		return
	case *page.EventJavascriptDialogOpening:
		go tab.accept()
	}
	tab.traffic.mu.Lock()
	defer tab.traffic.mu.Unlock()
	tab.traffic.note(event)
}

func (tr *traffic) note(event any) {
	switch e := event.(type) {
	case *network.EventRequestWillBeSent:
		tr.noteRequest(e)
	case *network.EventRequestWillBeSentExtraInfo:
		tr.extra[e.RequestID] += lines(e.Headers)
	case *network.EventResponseReceived:
		if r := tr.requests[e.RequestID]; r != nil {
			r.Status, r.heading = int(e.Response.Status), int(e.Response.EncodedDataLength)
		}
	case *network.EventLoadingFinished:
		if r := tr.requests[e.RequestID]; r != nil {
			r.Bytes = int(e.EncodedDataLength)
			r.Encoded, r.Took = r.Bytes-r.heading, seconds(float64(e.Timestamp)-r.began)
		}
	case *network.EventLoadingFailed:
		if r := tr.requests[e.RequestID]; r != nil {
			r.Failure, r.Took = e.ErrorText, seconds(float64(e.Timestamp)-r.began)
		}
	case *log.EventEntryAdded:
		if !tr.answered(e.Entry) && (e.Entry.Level == log.EntryLevelError || e.Entry.Level == log.EntryLevelWarning) {
			tr.complain("%s %s: %s %s", e.Entry.Source, e.Entry.Level, e.Entry.Text, withoutFragment(e.Entry.URL))
		}
	case *runtime.EventConsoleAPICalled:
		if e.Type == runtime.ConsoleAPICalledTypeError || e.Type == runtime.ConsoleAPICalledTypeWarning {
			tr.complain("console.%s: %s", e.Type, arguments(e.Args))
		}
	case *runtime.EventExceptionThrown:
		tr.complain("uncaught: %s %s", e.ExceptionDetails.Text, describe(e.ExceptionDetails.Exception))
	case *page.EventJavascriptDialogOpening:
		tr.dialogs++
	case *audits.EventIssueAdded:
		tr.noteIssue(e.Issue)
	}
}

// answered reports whether an entry is about an answer of the API, or to a form,
// that is an error: which pages expect.
func (tr *traffic) answered(e *log.Entry) bool {
	if e.Source != log.EntrySourceNetwork {
		return false
	}
	r := tr.requests[e.NetworkRequestID]
	return strings.Contains(e.URL, "/api/") || r != nil && r.Method == "POST"
}

func (tr *traffic) noteRequest(e *network.EventRequestWillBeSent) {
	r := &Request{Method: e.Request.Method, URL: e.Request.URL, Headers: lines(e.Request.Headers), began: float64(e.Timestamp)}
	for _, piece := range e.Request.PostDataEntries {
		r.Body += string(piece.Bytes)
	}
	id := e.RequestID
	if old := tr.requests[id]; old != nil {
		// A redirect goes on under the same id; both are kept.
		id += network.RequestID(fmt.Sprintf(" redirected %d", len(tr.order)))
		tr.requests[id] = old
		tr.order[slices.Index(tr.order, e.RequestID)] = id
	}
	tr.requests[e.RequestID] = r
	tr.order = append(tr.order, e.RequestID)
}

func (tr *traffic) noteIssue(issue *audits.InspectorIssue) {
	d := issue.Details
	if csp := d.ContentSecurityPolicyIssueDetails; csp != nil {
		tr.complain("policy violated: %s %s", csp.ViolatedDirective, csp.BlockedURL)
		return
	}
	if issue.Code != audits.InspectorIssueCodePerformanceIssue { // which is for tests that look at document.cookie
		tr.complain("audit: %s", issue.Code)
	}
}

func (tr *traffic) complain(format string, arguments ...any) {
	tr.complaints = append(tr.complaints, strings.TrimSpace(fmt.Sprintf(format, arguments...)))
}

func lines(headers network.Headers) string {
	var b strings.Builder
	for _, name := range slices.Sorted(maps.Keys(headers)) {
		fmt.Fprintf(&b, "%s: %v\n", name, headers[name])
	}
	return b.String()
}

func arguments(all []*runtime.RemoteObject) string {
	var words []string
	for _, o := range all {
		words = append(words, describe(o))
	}
	return strings.Join(words, " ")
}

func describe(o *runtime.RemoteObject) string {
	if o == nil {
		return ""
	}
	if o.Description != "" {
		return o.Description
	}
	var text string
	if json.Unmarshal(o.Value, &text) == nil {
		return text
	}
	return string(o.Value)
}

func seconds(s float64) time.Duration { return time.Duration(s * float64(time.Second)) }

// withoutFragment keeps keys out of the output of tests.
func withoutFragment(url string) string {
	before, _, _ := strings.Cut(url, "#")
	return before
}
