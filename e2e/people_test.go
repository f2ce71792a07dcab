package e2e

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"letterlock/client"
	"letterlock/internal/testkit"
)

// site is an instance and the people who visit it.
type site struct {
	*testkit.Instance
	t      *testing.T
	client *client.Client
}

func launch(t *testing.T, options ...string) *site {
	t.Helper()
	s := &site{Instance: testkit.Launch(t, options...), t: t}
	var err error
	if s.client, err = client.New(s.URL); err != nil {
		t.Fatalf("client.New: %v", err)
	}
	return s
}

// as is the same instance for a subtest, whose failures are its own.
func (s *site) as(t *testing.T) *site {
	here := *s
	here.t = t
	return &here
}

// visitor is one more person. When the test is over, nothing they saw may have
// broken the rules that hold on every page.
func (s *site) visitor(t *testing.T, screen testkit.Screen) *testkit.Visitor {
	t.Helper()
	v := testkit.NewVisitor(t, screen)
	t.Cleanup(func() { s.checkManners(t, v) })
	return v
}

// checkManners fails the test if a page made the browser complain or asked
// another origin for anything.
func (s *site) checkManners(t *testing.T, v *testkit.Visitor) {
	t.Helper()
	for _, tab := range v.Tabs() {
		for _, c := range tab.Complaints() {
			t.Errorf("the browser complains: %s", c)
		}
		for _, r := range tab.Requests() {
			if !strings.HasPrefix(r.URL, s.URL+"/") {
				t.Errorf("request to another origin: %s %s", r.Method, r.URL)
			}
		}
	}
}

// secret is one made without a browser, to open in one.
func (s *site) secret(text, password string, views int) *testkit.Sealed {
	s.t.Helper()
	sealed := testkit.SealAt(s.t, text, password, views, time.Now())
	if _, err := s.client.CreateSecret(s.t.Context(), &sealed.NewSecret); err != nil {
		s.t.Fatalf("CreateSecret: %v", err)
	}
	return sealed
}

func (s *site) link(x *testkit.Sealed) string { return x.Envelope.Link.URL(s.URL) }

// expire ends a secret now, as time would.
func (s *site) expire(x *testkit.Sealed) {
	s.t.Helper()
	if err := s.client.ShortenSecret(s.t.Context(), x.ID, x.Manage, 0); err != nil {
		s.t.Fatalf("ShortenSecret: %v", err)
	}
}

// withdraw deletes a secret as its sender.
func (s *site) withdraw(x *testkit.Sealed) {
	s.t.Helper()
	if err := s.client.DeleteSecret(s.t.Context(), x.ID, x.Manage); err != nil {
		s.t.Fatalf("DeleteSecret: %v", err)
	}
}

// use opens a secret elsewhere, once.
func (s *site) use(x *testkit.Sealed) {
	s.t.Helper()
	view, secret := x.NewView()
	if _, err := s.client.ViewSecret(s.t.Context(), x.ID, x.Link, view); err != nil {
		s.t.Fatalf("ViewSecret: %v", err)
	}
	if err := s.client.AcknowledgeView(s.t.Context(), view.ID, secret); err != nil {
		s.t.Fatalf("AcknowledgeView: %v", err)
	}
}

// lock tries ten wrong passwords.
func (s *site) lock(x *testkit.Sealed) {
	s.t.Helper()
	view, _ := x.NewView()
	for i := range 10 {
		view.Access = append([]byte{byte(i)}, x.Access[1:]...)
		if view.Access[0] == x.Access[0] {
			view.Access[0] += 10
		}
		if _, err := s.client.ViewSecret(s.t.Context(), x.ID, x.Link, view); err == nil {
			s.t.Fatal("ViewSecret with a wrong password: no error")
		}
	}
}

// views is how often a secret was opened, as its sender sees it.
func (s *site) views(x *testkit.Sealed) int {
	s.t.Helper()
	receipt, err := s.client.SecretReceipt(context.Background(), x.ID, x.Manage)
	if err != nil {
		s.t.Fatalf("SecretReceipt: %v", err)
	}
	return receipt.Views
}

// share makes a link on the create page by mouse.
func share(tab *testkit.Tab, text, password string) (link string) {
	tab.WaitFor("#create")
	tab.Type("#secret", text)
	if password != "" {
		tab.Type("#password", password)
	}
	tab.Click("#submit")
	tab.WaitFor("#result")
	return tab.Value("#link")
}

// open presses the button of the opening page.
func open(tab *testkit.Tab, password string) {
	tab.WaitFor("#ready")
	if password != "" {
		tab.Type("#password", password)
	}
	tab.Click("#show")
}

// opened waits for the text and uncovers it.
func opened(t *testing.T, tab *testkit.Tab, want string) {
	t.Helper()
	tab.WaitFor("#opened")
	if got := tab.Text("#value"); strings.Contains(got, want) {
		t.Errorf("the value is shown before anyone asked: %q", got)
	}
	tab.Click("#reveal")
	if got := tab.Text("#value"); got != want {
		t.Errorf("opened: %q, want %q", got, want)
	}
	// The key is taken away once the view is acknowledged.
	tab.WaitUntil("location.hash === '' && sessionStorage.length === 0")
}

// ended waits for a dead end and compares how its title begins.
func ended(t *testing.T, tab *testkit.Tab, title string) {
	t.Helper()
	tab.WaitFor("#ended")
	if got := tab.Text("#ended-title"); !strings.HasPrefix(got, title) {
		t.Errorf("the page ends with %q, want %q", got, title)
	}
	focusIs(t, tab, "h1#ended-title")
	if tab.Visible("#ready") || tab.Visible("#opened") {
		t.Error("another section is shown beside the end")
	}
}

// says fails unless an element's text has all of these in it.
func says(t *testing.T, tab *testkit.Tab, selector string, want ...string) {
	t.Helper()
	text := tab.Text(selector)
	for _, w := range want {
		if !strings.Contains(text, w) {
			t.Errorf("%s says %q, want %q in it", selector, text, w)
		}
	}
}

// waitSays waits until an element's text has this in it.
func waitSays(tab *testkit.Tab, selector, want string) {
	tab.WaitUntil(fmt.Sprintf("document.querySelector(%q)?.innerText.includes(%q)", selector, want))
}

// fill replaces what is in a field, as pasting does.
func fill(tab *testkit.Tab, selector, value string) {
	testkit.CallPage[bool](tab, `((selector, value) => {
		const field = document.querySelector(selector);
		field.value = value;
		return field.dispatchEvent(new Event("input", {bubbles: true}));
	})`, selector, value)
}

// focusIs waits until an element, as Tab.Focused names it, has the focus: it is
// moved when there is time.
func focusIs(t *testing.T, tab *testkit.Tab, want string) {
	t.Helper()
	for deadline := time.Now().Add(3 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		got := tab.Focused()
		if got == want {
			return
		}
		if time.Now().After(deadline) {
			t.Errorf("the focus is on %s, want %s", got, want)
			return
		}
	}
}
