package store_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"letterlock"
	"letterlock/internal/store"
	"letterlock/internal/testkit"
)

const day = 24 * time.Hour

// recordAll records events in one transaction.
func recordAll(t *testing.T, e *testkit.Engine, events ...letterlock.Event) {
	t.Helper()
	write(t, e.DB, func(tx *store.Tx) error {
		for _, event := range events {
			if err := tx.RecordEvent(event); err != nil {
				return err
			}
		}
		return nil
	})
}

// A line comes back as it was recorded, and knows its secret also when only the
// secret's id is left.
func TestLogComesBackAsItWas(t *testing.T) {
	testkit.Engines(t, func(t *testing.T, e *testkit.Engine) {
		people(t, e)
		insert(t, e, "one", func(s *letterlock.Secret) { s.Owner, s.Org = "ann", "acme" })
		now := e.Clock.Now()
		wanted := []letterlock.Event{
			{At: now, Action: letterlock.ActionOpened, Org: "acme", SecretID: "one"},
			{At: now, Action: letterlock.ActionDeleted, Actor: "bob", Org: "acme", SecretID: "one", Refused: letterlock.ErrNotFound, ActorName: "bob@example.org"},
			{At: now, Action: letterlock.ActionRoleChanged, Actor: "ann", Org: "acme", Subject: "bob", Net: "203.0.113.0/24", ActorName: "Ann"},
			{At: now, Action: letterlock.ActionLeft, Actor: "gone", Org: "acme", Subject: "gone"},
		}
		recordAll(t, e, wanted...)
		recordAll(t, e,
			letterlock.Event{At: now, Action: letterlock.ActionCreated, Actor: "ann", Org: "other", SecretID: "one"},
			letterlock.Event{At: now, Action: letterlock.ActionSignedIn, Actor: "ann"})
		write(t, e.DB, func(tx *store.Tx) error { return tx.SetProfile("ann", "Ann", "") })
		slices.Reverse(wanted)
		look := func(tx *store.Tx) error {
			got, err := tx.Log(letterlock.EventQuery{Org: "acme", Limit: 10})
			last := int64(math.MaxInt64)
			for i, event := range got {
				if event.Number >= last {
					t.Errorf("line %d has number %d after %d", i, event.Number, last)
				}
				last, got[i].Number = event.Number, 0
			}
			return want("Log", wanted, got, err)
		}
		read(t, e.DB, look)
		write(t, e.DB, func(tx *store.Tx) error { return tx.RetireSecret("one") })
		read(t, e.DB, look)
	})
}

func TestLogFiltersAndPages(t *testing.T) {
	testkit.Engines(t, func(t *testing.T, e *testkit.Engine) {
		people(t, e)
		begin := e.Clock.Now()
		for i := range 20 {
			recordAll(t, e, letterlock.Event{
				At:      begin.Add(time.Duration(i) * time.Hour),
				Action:  []letterlock.Action{letterlock.ActionInvited, letterlock.ActionJoined}[i%2],
				Actor:   []letterlock.UserID{"ann", "bob", ""}[i%3],
				Org:     []letterlock.OrgID{"acme", "other"}[i/10],
				Subject: fmt.Sprint(i),
			})
		}
		for _, test := range []struct {
			name  string
			query letterlock.EventQuery
			want  string
		}{
			{"all", letterlock.EventQuery{}, "9 8 7 6 5 4 3 2 1 0"},
			{"another's", letterlock.EventQuery{Org: "other"}, "19 18 17 16 15 14 13 12 11 10"},
			{"by person", letterlock.EventQuery{Actor: "ann"}, "9 6 3 0"},
			{"by action", letterlock.EventQuery{Action: letterlock.ActionJoined}, "9 7 5 3 1"},
			{"by both", letterlock.EventQuery{Actor: "bob", Action: letterlock.ActionJoined}, "7 1"},
			{"from a time, that included", letterlock.EventQuery{From: begin.Add(7 * time.Hour)}, "9 8 7"},
			{"until a time, that not included", letterlock.EventQuery{Until: begin.Add(2 * time.Hour)}, "1 0"},
			{"everything", letterlock.EventQuery{Actor: "ann", Action: letterlock.ActionInvited, From: begin.Add(time.Hour), Until: begin.Add(9 * time.Hour)}, "6"},
		} {
			test.query.Limit = 3
			if test.query.Org == "" {
				test.query.Org = "acme"
			}
			var got []string
			for more := true; more; {
				read(t, e.DB, func(tx *store.Tx) error {
					page, err := tx.Log(test.query)
					for _, event := range page {
						got = append(got, event.Subject)
						test.query.Before = event.Number
					}
					more = len(page) == test.query.Limit
					return err
				})
			}
			if s := strings.Join(got, " "); s != test.want {
				t.Errorf("Log %s = %s, want %s", test.name, s, test.want)
			}
		}
	})
}

// The receipt shows who did what, and nothing that was refused.
func TestEventsOfASecretOfAnOrganization(t *testing.T) {
	testkit.Engines(t, func(t *testing.T, e *testkit.Engine) {
		people(t, e)
		insert(t, e, "one", func(s *letterlock.Secret) { s.Owner, s.Org = "ann", "acme" })
		created := letterlock.Event{At: e.Clock.Now(), Action: letterlock.ActionCreated, Actor: "ann", Org: "acme", SecretID: "one", Net: "2001:db8::/48"}
		refused := created
		refused.Action, refused.Refused = letterlock.ActionUnlocked, letterlock.ErrConflict
		recordAll(t, e, created, refused)
		created.ActorName = "ann@example.org"
		read(t, e.DB, func(tx *store.Tx) error {
			got, err := tx.Events("one")
			return want("Events", []letterlock.Event{created}, got, err)
		})
	})
}

// The log is append-only: what is not over stays as it is, whoever asks.
func TestLogIsAppendOnly(t *testing.T) {
	testkit.Engines(t, func(t *testing.T, e *testkit.Engine) {
		people(t, e)
		insert(t, e, "one", nil)
		insert(t, e, "own", func(s *letterlock.Secret) { s.Owner = "ann" })
		now := e.Clock.Now()
		recordAll(t, e,
			letterlock.Event{At: now, Action: letterlock.ActionCreated, SecretID: "one"},
			letterlock.Event{At: now, Action: letterlock.ActionCreated, SecretID: "own", Actor: "ann"},
			letterlock.Event{At: now, Action: letterlock.ActionOpened, SecretID: "own", Org: "acme"},
			letterlock.Event{At: now, Action: letterlock.ActionJoined, Actor: "ann", Org: "acme"},
			letterlock.Event{At: now, Action: letterlock.ActionSignedIn, Actor: "ann"},
			letterlock.Event{At: now, Action: letterlock.ActionSettingsChanged, Subject: "instance"})
		before := e.Dump(t)
		for _, statement := range []string{
			`UPDATE event SET at = at`,
			`UPDATE event SET org = NULL, actor = NULL WHERE org IS NOT NULL`,
			`UPDATE event SET action = 'opened' WHERE secret IS NOT NULL`,
			`DELETE FROM event WHERE actor = 'ann'`,
			`DELETE FROM event WHERE org = 'acme'`,
			`DELETE FROM event WHERE org = 'acme' AND actor IS NULL`,
			`DELETE FROM event WHERE subject = 'instance'`,
			`DELETE FROM event`,
		} {
			err := e.DB.Tx(context.Background(), func(tx *store.Tx) error { return tx.Exec(statement) })
			if err == nil || errors.Is(err, letterlock.ErrUnavailable) || !isConstraint(err) {
				t.Errorf("%s: Tx() = %v, want a plain constraint error", statement, err)
			}
		}
		if after := e.Dump(t); after != before {
			t.Errorf("the log differs:\n%s\nwas\n%s", after, before)
		}
		// What belongs to the receipt of an anonymous secret goes with it.
		write(t, e.DB, func(tx *store.Tx) error {
			return tx.Exec(`DELETE FROM event WHERE org IS NULL AND actor IS NULL AND subject IS NULL`)
		})
	})
}

// Lines go when the time that their organization chose is over, to the
// millisecond, and not without a line that says so.
func TestPruneLog(t *testing.T) {
	testkit.Engines(t, func(t *testing.T, e *testkit.Engine) {
		people(t, e)
		begin := e.Clock.Now()
		write(t, e.DB, func(tx *store.Tx) error { return tx.SetEventLife("other", 30*day) })
		for i := range 3 {
			for _, org := range []letterlock.OrgID{"acme", "other", ""} {
				recordAll(t, e, letterlock.Event{
					At:      begin.Add(time.Duration(i) * time.Millisecond),
					Action:  letterlock.ActionJoined,
					Actor:   "ann",
					Org:     org,
					Subject: fmt.Sprint("line ", i),
				})
			}
		}
		prune := func(org letterlock.OrgID, life time.Duration, now time.Time, marked bool) (gone int64, err error) {
			err = e.DB.Tx(context.Background(), func(tx *store.Tx) error {
				if marked {
					if err := tx.RecordEvent(letterlock.Event{At: now, Action: letterlock.ActionEventsPruned, Subject: "instance"}); err != nil {
						return err
					}
				}
				for {
					n, err := tx.PruneLog(org, now.Add(-life), 1)
					if err != nil || n == 0 {
						return err
					}
					gone += n
				}
			})
			return gone, err
		}
		for _, test := range []struct {
			org    letterlock.OrgID
			life   time.Duration
			after  time.Duration
			marked bool
			gone   int64 // -1: refused
		}{
			{"other", 30 * day, 30*day + 2*ms, false, -1},
			{"other", 30 * day, 30 * day, true, 0},
			{"other", 30 * day, 30*day + 1*ms, true, 1},
			{"other", 29 * day, 30*day + 1*ms, true, -1}, // tries too early
			{"acme", 30 * day, 31 * day, true, -1},
			{"acme", letterlock.EventLife, letterlock.EventLife + 2*ms, true, 2},
			{"", letterlock.EventLife, letterlock.EventLife + 3*ms, true, 3},
			{"other", 30 * day, letterlock.EventLife + 3*ms, true, 2},
		} {
			before := e.Dump(t)
			gone, err := prune(test.org, test.life, begin.Add(test.after), test.marked)
			switch {
			case test.gone < 0 && (err == nil || !isConstraint(err) || e.Dump(t) != before):
				t.Errorf("pruning %q after %v = %d, %v, want a plain constraint error and no change", test.org, test.after, gone, err)
			case test.gone >= 0 && (err != nil || gone != test.gone):
				t.Errorf("pruning %q after %v = %d, %v, want %d", test.org, test.after, gone, err, test.gone)
			}
		}
		read(t, e.DB, func(tx *store.Tx) error {
			oldest, err := tx.OldestEvent("acme")
			_, none := tx.OldestEvent("other")
			own, err2 := tx.OldestEvent("")
			return errors.Join(
				want("OldestEvent of acme", begin.Add(2*ms), oldest, err),
				want("OldestEvent of other", true, none == letterlock.ErrNotFound, nil),
				want("OldestEvent of the instance", begin.Add(30*day), own, err2))
		})
	})
}

const ms = time.Millisecond

// The schema knows the instant by itself.
func TestLogIsKeptUntilTheInstant(t *testing.T) {
	testkit.Engines(t, func(t *testing.T, e *testkit.Engine) {
		people(t, e)
		now := e.Clock.Now()
		for _, org := range []letterlock.OrgID{"acme", ""} {
			recordAll(t, e,
				letterlock.Event{At: now.Add(-letterlock.EventLife - ms), Action: letterlock.ActionLeft, Actor: "ann", Org: org},
				letterlock.Event{At: now.Add(-letterlock.EventLife), Action: letterlock.ActionJoined, Actor: "ann", Org: org})
		}
		recordAll(t, e, letterlock.Event{At: now, Action: letterlock.ActionEventsPruned, Subject: "instance"})
		write(t, e.DB, func(tx *store.Tx) error { return tx.Exec(`DELETE FROM event WHERE action = 'left'`) })
		for _, statement := range []string{
			`DELETE FROM event WHERE action = 'joined' AND org IS NOT NULL`,
			`DELETE FROM event WHERE action = 'joined' AND org IS NULL`,
			`DELETE FROM event WHERE action = 'events_pruned'`,
		} {
			if err := e.DB.Tx(context.Background(), func(tx *store.Tx) error { return tx.Exec(statement) }); err == nil || !isConstraint(err) {
				t.Errorf("%s: Tx() = %v, want a plain constraint error", statement, err)
			}
		}
	})
}

// The lines of people and organizations have a time of their own, longer than
// the receipt's.
func TestRetiringKeepsTheLog(t *testing.T) {
	testkit.Engines(t, func(t *testing.T, e *testkit.Engine) {
		people(t, e)
		insert(t, e, "one", func(s *letterlock.Secret) { s.Owner = "ann"; s.Name = "canary" })
		now := e.Clock.Now()
		recordAll(t, e,
			letterlock.Event{At: now, Action: letterlock.ActionCreated, SecretID: "one", Actor: "ann"},
			letterlock.Event{At: now, Action: letterlock.ActionOpened, SecretID: "one"})
		write(t, e.DB, func(tx *store.Tx) error { return tx.RetireSecret("one") })
		read(t, e.DB, func(tx *store.Tx) error {
			var lines int
			err := tx.Get(`SELECT COUNT(*) FROM event WHERE actor = 'ann' AND subject = 'one'`, &lines)
			var all int
			err2 := tx.Get(`SELECT COUNT(*) FROM event`, &all)
			return errors.Join(want("lines of ann", 1, lines, err), want("all lines", 1, all, err2))
		})
		if strings.Contains(e.Dump(t), "canary") {
			t.Error("the name of a retired secret is still there")
		}
	})
}

// A page of the log begins at its place in an index.
func TestLogComesFromAnIndex(t *testing.T) {
	e := testkit.SQLite(t)
	for _, test := range []struct {
		query letterlock.EventQuery
		index string
	}{
		{letterlock.EventQuery{}, "event_org ("},
		{letterlock.EventQuery{Actor: "ann"}, "event_org_actor ("},
		{letterlock.EventQuery{Actor: "ann", Action: "joined"}, "event_org_actor ("},
		{letterlock.EventQuery{Action: "joined"}, "event_org_action ("},
		{letterlock.EventQuery{Action: "joined", From: time.UnixMilli(1), Until: time.UnixMilli(2)}, "event_org_action ("},
	} {
		test.query.Org, test.query.Limit = "acme", 10
		read(t, e.DB, func(tx *store.Tx) error {
			plan, err := tx.LogPlan(test.query)
			if err == nil && (!strings.Contains(plan, "number<?)") || !strings.Contains(plan, "SEARCH event USING INDEX "+test.index) || strings.Contains(plan, "TEMP B-TREE")) {
				t.Errorf("Log(%+v) is read by\n%s\nwant a search of %s in its order", test.query, plan, test.index)
			}
			return err
		})
	}
}
