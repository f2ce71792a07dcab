package service_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"letterlock"
	"letterlock/internal/service"
)

// rename makes n lines in the company's log.
func (h *company) rename(t testing.TB, n int) {
	t.Helper()
	for i := range n {
		if err := h.RenameOrg(ctx, h.admin.Caller, h.org, fmt.Sprintf("Acme %d %d", h.Clock.Now().Unix(), i)); err != nil {
			t.Fatalf("RenameOrg: %v", err)
		}
	}
}

// export is all that is found of the company's log.
func (h *company) export(t testing.TB, q letterlock.EventQuery) []letterlock.Event {
	t.Helper()
	q.Org = h.org
	lines, err := h.ExportEvents(ctx, h.owner.Caller, q)
	if err != nil {
		t.Fatalf("ExportEvents: %v", err)
	}
	var events []letterlock.Event
	for e, err := range lines {
		if err != nil {
			t.Fatalf("ExportEvents: %v", err)
		}
		events = append(events, e)
	}
	return events
}

func TestEvents(t *testing.T) {
	companies(t, func(t *testing.T, h *company) {
		begin := h.Clock.Now()
		h.Clock.Advance(time.Minute)
		h.rename(t, 5)
		h.Clock.Advance(time.Minute)
		want(t, "SetPolicy", h.SetPolicy(ctx, h.owner.Caller, h.org, letterlock.Policy{}), "ok")
		for name, test := range map[string]struct {
			q    letterlock.EventQuery
			want int
		}{
			"by person":            {letterlock.EventQuery{Actor: h.admin.User.ID}, 5},
			"by action":            {letterlock.EventQuery{Action: letterlock.ActionPolicyChanged}, 1},
			"by person and action": {letterlock.EventQuery{Actor: h.admin.User.ID, Action: letterlock.ActionPolicyChanged}, 0},
			"by time":              {letterlock.EventQuery{From: begin.Add(time.Minute), Until: begin.Add(2 * time.Minute)}, 5},
		} {
			var found []letterlock.Event
			q := test.q
			q.Org, q.Limit = h.org, 2
			for page := []letterlock.Event{{}}; len(page) > 0; {
				var err error
				if page, err = h.Events(ctx, h.owner.Caller, q); err != nil {
					t.Fatalf("Events %s: %v", name, err)
				}
				found = append(found, page...)
				if len(found) > 0 {
					q.Before = found[len(found)-1].Number
				}
			}
			if len(found) != test.want || !slices.IsSortedFunc(found, func(a, b letterlock.Event) int { return int(b.Number - a.Number) }) {
				t.Errorf("Events %s, page by page: %d lines, want %d, the newest first", name, len(found), test.want)
			}
			if n := len(h.export(t, test.q)); n != test.want {
				t.Errorf("ExportEvents %s: %d lines, want %d", name, n, test.want)
			}
		}
	})
}

// What was exported is in the log, before the first line was out; and who loses
// the right meanwhile gets no more.
func TestExportEvents(t *testing.T) {
	companies(t, func(t *testing.T, h *company) {
		h.rename(t, 510) // more than one page
		lines, err := h.ExportEvents(ctx, h.admin.Caller, letterlock.EventQuery{Org: h.org})
		want(t, "ExportEvents", err, "ok")
		if all := h.export(t, letterlock.EventQuery{Limit: 1, Before: 1}); len(all) < 510 {
			t.Errorf("ExportEvents: %d lines, want all", len(all))
		}
		exported, err := h.Events(ctx, h.owner.Caller, letterlock.EventQuery{Org: h.org, Action: letterlock.ActionEventsExported, Limit: 10})
		if err != nil || len(exported) != 2 || exported[1].Actor != h.admin.User.ID {
			t.Errorf("the log says of exports: %+v, %v; want that of the admin and that of the owner", exported, err)
		}
		want(t, "ChangeRole", h.ChangeRole(ctx, h.owner.Caller, h.org, h.admin.User.ID, letterlock.PlainMember), "ok")
		for e, err := range lines {
			want(t, "the first line after that", err, "forbidden")
			if e != (letterlock.Event{}) {
				t.Errorf("the first line after that is %+v", e)
			}
		}
	})
}

// The log is kept as long as its organization wants, and what went says so.
func TestLogIsPruned(t *testing.T) {
	companies(t, func(t *testing.T, h *company) {
		want(t, "SetEventLife too short", h.SetEventLife(ctx, h.owner.Caller, h.org, time.Hour), "invalid event_life:out_of_range")
		want(t, "SetEventLife", h.SetEventLife(ctx, h.owner.Caller, h.org, letterlock.MinEventLife), "ok")
		h.rename(t, 3)
		kept := func(actor letterlock.UserID, n int) {
			t.Helper()
			if got := len(h.log(t, h.org, letterlock.EventQuery{Actor: actor})); got != n {
				t.Errorf("the log has %d lines of that person, want %d", got, n)
			}
		}
		prune := func() {
			t.Helper()
			if err := h.Prune(ctx); err != nil {
				t.Fatalf("Prune: %v", err)
			}
		}
		h.Clock.Advance(letterlock.MinEventLife)
		prune()
		kept(h.admin.User.ID, 3)

		h.Clock.Advance(25 * time.Hour)
		prune()
		kept(h.admin.User.ID, 0)
		if pruned := h.log(t, h.org, letterlock.EventQuery{Action: letterlock.ActionEventsPruned}); len(pruned) != 1 {
			t.Errorf("%d lines say that the log was pruned, want 1", len(pruned))
		}
		h.unchanged(t, func() {
			if err := h.Prune(ctx); err != nil {
				t.Errorf("Prune with nothing to do: %v", err)
			}
		})
		if others := h.log(t, h.other, letterlock.EventQuery{}); len(others) == 0 {
			t.Error("the log of an organization that keeps it for a year is empty after a month")
		}
		h.Clock.Advance(letterlock.EventLife)
		prune()
		if others := h.log(t, h.other, letterlock.EventQuery{}); len(others) != 1 || others[0].Action != letterlock.ActionEventsPruned {
			t.Errorf("after a year, that log is %+v; want the line that says it was pruned", others)
		}
	})
}

// log is an organization's log as it is, whoever is still signed in.
func (h *company) log(t testing.TB, org letterlock.OrgID, q letterlock.EventQuery) []letterlock.Event {
	t.Helper()
	owner := map[letterlock.OrgID]*person{h.org: h.owner, h.other: h.outsider}[org]
	q.Org, q.Limit = org, letterlock.MaxPage
	events, err := h.Events(ctx, owner.Caller, q)
	if err != nil {
		t.Fatalf("Events: %v", err)
	}
	return events
}

// What cannot be recorded does not happen, in an organization either.
func TestNothingHappensUnrecordedInAnOrganization(t *testing.T) {
	companies(t, func(t *testing.T, h *company) {
		h.share(t, h.member, h.org)
		verbs := []right{
			{verb: "RemoveMember, right away", call: func(c letterlock.Caller) error {
				return h.RemoveMember(ctx, c, h.org, h.admin.User.ID, service.Estate{})
			}},
			{verb: "CreateOrg", call: func(c letterlock.Caller) error { _, err := h.CreateOrg(ctx, c, "New"); return err }},
			{verb: "CreateSecret", call: func(c letterlock.Caller) error {
				x := seal(1)
				x.Org = h.org
				_, _, err := h.CreateSecret(ctx, c, &x.NewSecret)
				return err
			}},
			{verb: "RemoveMember, with secrets", call: func(c letterlock.Caller) error {
				return h.RemoveMember(ctx, c, h.org, h.member.User.ID, service.Estate{})
			}},
		}
		for _, r := range h.rights(t) {
			if slices.Contains([]string{"RenameOrg", "SetEventLife", "SetBrand", "Invite", "RenewInvitation", "RevokeInvitation", "ExportEvents"}, r.verb) {
				verbs = append(verbs, r)
			}
		}
		h.unchanged(t, func() {
			h.Exec(t, `ALTER TABLE event RENAME TO event_away`)
			defer h.Exec(t, `ALTER TABLE event_away RENAME TO event`)
			for _, r := range verbs {
				want(t, r.verb, r.call(h.owner.Caller), "unavailable")
			}
			want(t, "a refusal that cannot be recorded", h.RenameOrg(ctx, h.member.Caller, h.org, "Mine"), "unavailable")
		})
		for _, r := range verbs {
			want(t, r.verb+" once events can be kept", r.call(h.owner.Caller), "ok")
		}
	})
}
