package ui

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"letterlock"
)

// secretScreens are the pages of what was shared, as they can be.
func secretScreens() []Screen {
	now := time.Date(2026, 11, 25, 10, 0, 0, 0, time.UTC)
	newest := letterlock.SecretQuery{Sort: letterlock.ByCreated, Descending: true, Limit: 50}
	searched := newest
	searched.Name, searched.State, searched.Sort = "pro", letterlock.Expired, letterlock.ByName
	page := letterlock.SecretPage{Next: letterlock.Cursor{Sort: letterlock.ByCreated, Descending: true, Key: 1, Number: 1}}
	var all []Screen
	for i, state := range letterlock.States() {
		s := secretIn(state, now)
		page.Secrets = append(page.Secrets, letterlock.ListedSecret{Secret: *s, OwnerName: strings.Repeat("Ada ", i), OpenedAt: s.EndedAt})
		record := letterlock.Receipt{Snapshot: letterlock.Snapshot{Secret: s, Now: now}, Owner: &letterlock.Sender{Name: "Ada", Email: "ada@example.org"}, Events: everything(now)}
		all = append(all, &Receipt{Record: record}, &Receipt{Record: record, Mine: true})
	}
	disputed := secretIn(letterlock.UsedUp, now)
	disputed.Disputed, disputed.OrganizationOnly = now, true
	page.Secrets = append(page.Secrets, letterlock.ListedSecret{Secret: *disputed})
	return append(all,
		&Secrets{Page: page, Now: now, Query: newest},
		&Secrets{Page: page, Now: now, Query: searched, All: true, MayAll: true},
		&Secrets{Now: now, Query: newest},
		&Secrets{Now: now, Query: searched},
		&Deletion{IDs: []letterlock.SecretID{"a"}, Back: "/secrets"},
		&Deletion{IDs: []letterlock.SecretID{"a", "b"}, Back: "/secrets?query=pro"},
	)
}

// secretIn is a secret in a state.
func secretIn(state letterlock.State, now time.Time) *letterlock.Secret {
	s := &letterlock.Secret{
		ID: "abcdefghijklmnopqrstuvwxyz", Owner: "ada", Name: "Prod <b>database</b>, new password, of 40.", Stored: 1040,
		Limits: letterlock.Limits{ExpiresIn: 30 * 24 * time.Hour, Views: 3}, CreatedAt: now.Add(-time.Hour), ExpiresAt: now.Add(25 * time.Hour),
	}
	switch state {
	case letterlock.Opened:
		s.Views, s.Limits.Views, s.Name = 2, letterlock.Unlimited, ""
	case letterlock.Locked:
		s.LockedAt = now
	case letterlock.Expired:
		s.ExpiresAt = now
	case letterlock.UsedUp, letterlock.Deleted:
		s.Ended, s.EndedAt, s.Stored = state, now, 0
	}
	return s
}

// everything is one event of each kind that a receipt can have, by nobody, by
// somebody and by the owner.
func everything(now time.Time) (all []letterlock.Event) {
	for action := range happenings {
		all = append(all, letterlock.Event{At: now, Action: action})
		if action != letterlock.ActionExpired { // nobody's act
			all = append(all, letterlock.Event{At: now, Action: action, Actor: "bob", ActorName: "Bob"}, letterlock.Event{At: now, Action: action, Actor: "ada", ActorName: "Ada"})
		}
	}
	return all
}

// shown is a screen as English readers get it.
func shown(t *testing.T, s Screen) *document {
	t.Helper()
	pages, err := Render(testSite)
	if err != nil {
		t.Fatalf("Render: %v", err)
	}
	Fill(s, &Reader{Name: "Ada", Org: "Acme"}, nil, nil)
	body, err := pages.Screen(defaultLanguage, s)
	if err != nil {
		t.Fatalf("Screen(%T): %v", s, err)
	}
	return &document{Document: &Document{Body: body}, lang: defaultLanguage, elements: parse(t, body)}
}

// find is the text of the first element with a class.
func (d *document) find(class string) string {
	for _, e := range d.elements {
		if slices.Contains(strings.Fields(e.attr["class"]), class) {
			return strings.TrimSpace(e.text)
		}
	}
	return ""
}

// TestStatus is what the list says of a secret in each state.
func TestStatus(t *testing.T) {
	now := time.Date(2026, 11, 25, 10, 0, 0, 0, time.UTC)
	for state, want := range map[letterlock.State]string{
		letterlock.Waiting: "Waiting", letterlock.Opened: "Opened", letterlock.Locked: "Locked",
		letterlock.UsedUp: "Used up", letterlock.Expired: "Expired unopened", letterlock.Deleted: "Deleted",
	} {
		s := secretIn(state, now)
		list := &Secrets{Now: now, Page: letterlock.SecretPage{Secrets: []letterlock.ListedSecret{{Secret: *s}}}, Query: letterlock.SecretQuery{Sort: letterlock.ByCreated}}
		d := shown(t, list)
		if got := d.find("status"); got != want {
			t.Errorf("a secret that is %s has the status %q, want %q", state, got, want)
		}
		cans := 0
		for _, b := range d.named("button") {
			if b.attr["name"] == "one" {
				cans++
			}
		}
		if want := map[bool]int{true: 1}[s.Stored > 0]; cans != want {
			t.Errorf("a secret that is %s, of which %d bytes are kept, has %d trash cans, want %d", state, s.Stored, cans, want)
		}
		s.Disputed = now
		if got := standingOf(letterlock.Snapshot{Secret: s, Now: now}); got.Status != "state.disputed" || !got.Alarm {
			t.Errorf("a disputed secret that is %s: status %q, alarm %v, want its sender to be told", state, got.Status, got.Alarm)
		}
	}
}

// TestListAddresses: what a list is asked for survives sorting and turning pages,
// except that another order begins at its first page.
func TestListAddresses(t *testing.T) {
	after := letterlock.Cursor{Sort: letterlock.ByName, NameKey: "prod", Number: 7}
	s := &Secrets{All: true, Query: letterlock.SecretQuery{Name: "p&q", State: letterlock.Opened, Sort: letterlock.ByName, After: after}}
	const same = "/secrets?order=%s&query=p%%26q&scope=organization&sort=%s&state=opened"
	if got, want := s.Here(), fmt.Sprintf("/secrets?cursor=%s&"+same[len("/secrets?"):], after, "asc", "name"); got != want {
		t.Errorf("Here() = %s, want %s", got, want)
	}
	if got, want := s.First(), fmt.Sprintf(same, "asc", "name"); got != want {
		t.Errorf("First() = %s, want %s", got, want)
	}
	if got := s.More(); got != "" {
		t.Errorf("More() = %s, want none on the last page", got)
	}
	columns := s.Columns()
	if got, want := columns[0].To, "/secrets?query=p%26q&scope=organization&sort=name&state=opened"; got != want || columns[0].Now != "ascending" {
		t.Errorf("the column that sorts leads to %s and is %q, want %s and ascending", got, columns[0].Now, want)
	}
	if got, want := columns[4].To, "/secrets?query=p%26q&scope=organization&sort=expires&state=opened"; got != want || columns[4].Now != "" {
		t.Errorf("another column leads to %s and is %q, want %s and neither", got, columns[4].Now, want)
	}
}

// TestReceiptKeepsQuiet: the sealed content and what opens it stand nowhere on a
// receipt, and names are text.
func TestReceiptKeepsQuiet(t *testing.T) {
	now := time.Date(2026, 11, 25, 10, 0, 0, 0, time.UTC)
	s := secretIn(letterlock.Waiting, now)
	s.LinkHash, s.ManageHash = letterlock.Hash{1, 2, 3}, letterlock.Hash{1, 2, 3}
	d := shown(t, &Receipt{Record: letterlock.Receipt{Snapshot: letterlock.Snapshot{Secret: s, Now: now}}})
	body := string(d.Body)
	if strings.Contains(body, "<b>") || !strings.Contains(body, "Prod &lt;b&gt;database") {
		t.Error("the name of a secret is not shown as the text that it is")
	}
	for _, bad := range []string{"/s/", "#b", "redacted", "010203"} {
		if strings.Contains(body, bad) {
			t.Errorf("a receipt has %q in it", bad)
		}
	}
}

// TestSooner offers only what is sooner.
func TestSooner(t *testing.T) {
	now := time.Date(2026, 11, 25, 10, 0, 0, 0, time.UTC)
	for left, want := range map[time.Duration]int{5 * time.Minute: 0, 5*time.Minute + 1: 1, 25 * time.Hour: 4, 365 * 24 * time.Hour: 7} {
		s := secretIn(letterlock.Waiting, now)
		s.ExpiresAt = now.Add(left)
		r := &Receipt{Record: letterlock.Receipt{Snapshot: letterlock.Snapshot{Secret: s, Now: now}}}
		shown(t, r)
		if got, err := r.Sooner(); err != nil || len(got) != want {
			t.Errorf("with %v left Sooner() offers %d, %v, want %d", left, len(got), err, want)
		}
	}
}

// secretKeys are the sentences whose keys are put together of parts, or asked for
// by the script of screens.
func secretKeys() []string {
	keys := []string{"desk.js.picked", "done.shortened", "done.unlocked"}
	for _, state := range letterlock.States() {
		keys = append(keys, "state."+string(state))
	}
	for action, how := range happenings {
		key := "happened." + string(action)
		keys = append(keys, key)
		if action != letterlock.ActionExpired {
			keys = append(keys, key+"_by", key+"_by_you")
		}
		if how.more {
			keys = append(keys, "happened.more."+string(action))
		}
	}
	return keys
}
