package store_test

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"letterlock"
	"letterlock/internal/store"
	"letterlock/internal/testkit"
)

// listed are secrets of ann, two spaces of hers and one of bob's, in every
// state, many of them equal in what is sorted by. They are in the order of their
// numbers.
func listed(t *testing.T, e *testkit.Engine) []*letterlock.Secret {
	t.Helper()
	people(t, e)
	names := []string{"", "Zebra", "émail", "Email of the bank", "E\u0301mail", "email", "STRASSE", "straße", "a", "ab", "\U0010ffff", "%_"}
	var all []*letterlock.Secret
	for i := range 60 {
		s := insert(t, e, letterlock.SecretID(fmt.Sprintf("secret-%02d", i)), func(s *letterlock.Secret) {
			s.Owner = []letterlock.UserID{"ann", "ann", "bob"}[i%3]
			s.Org = []letterlock.OrgID{"", "acme"}[i%2]
			s.OrganizationOnly = i%4 == 1
			s.Name = names[i*7%len(names)]
			s.Limits.Views = letterlock.MaxViews
			s.ExpiresAt = s.CreatedAt.Add(time.Duration(i%5) * time.Hour)
		})
		s.Views = i * 5 % 4
		switch state := letterlock.States()[i*11%6]; state {
		case letterlock.Locked:
			s.LockedAt = s.CreatedAt
		case letterlock.UsedUp, letterlock.Expired, letterlock.Deleted:
			s.Ended, s.EndedAt = state, s.CreatedAt
		}
		write(t, e.DB, func(tx *store.Tx) error {
			return tx.Exec(`UPDATE secret SET views = $1, locked_at = $2, ended = $3, ended_at = $4 WHERE id = $5`,
				s.Views, millis(s.LockedAt), nullable(s.Ended), millis(s.EndedAt), string(s.ID))
		})
		all = append(all, s)
	}
	return all
}

func millis(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t.UnixMilli()
}

func nullable[T ~string](s T) any {
	if s == "" {
		return nil
	}
	return string(s)
}

// queries of every kind.
func secretQueries() []letterlock.SecretQuery {
	var all []letterlock.SecretQuery
	for _, scope := range []letterlock.SecretQuery{{Owner: "ann"}, {Org: "acme"}, {Owner: "ann", Org: "acme"}} {
		for _, scope.Sort = range letterlock.SecretSorts() {
			for _, scope.State = range append(letterlock.States(), "") {
				for _, scope.Name = range []string{"", "E", "Stras", "nothing begins so"} {
					for _, scope.Descending = range []bool{false, true} {
						all = append(all, scope)
					}
				}
			}
		}
	}
	return all
}

// recorded is the state that the database knows of: an expiry only once the
// sweeper has seen it.
func recorded(s *letterlock.Secret) letterlock.State { return s.State(s.ExpiresAt.Add(-1)) }

// expected is what a query should find, by the plainest means.
func expected(all []*letterlock.Secret, q letterlock.SecretQuery, now time.Time) []letterlock.SecretID {
	place := func(s *letterlock.Secret) int { return slices.Index(all, s) }
	found := slices.DeleteFunc(slices.Clone(all), func(s *letterlock.Secret) bool {
		live := s.Ended == ""
		return q.Owner != "" && s.Owner != q.Owner || q.Org != "" && s.Org != q.Org ||
			q.State != "" && (recorded(s) != q.State || live && !now.Before(s.ExpiresAt)) ||
			!strings.HasPrefix(letterlock.NameKey(s.Name), letterlock.NameKey(q.Name))
	})
	slices.SortFunc(found, func(a, b *letterlock.Secret) int {
		order := 0
		switch q.Sort {
		case letterlock.ByExpires:
			order = a.ExpiresAt.Compare(b.ExpiresAt)
		case letterlock.ByViews:
			order = cmp.Compare(a.Views, b.Views)
		case letterlock.ByName:
			order = cmp.Compare(letterlock.NameKey(a.Name), letterlock.NameKey(b.Name))
		case letterlock.ByStatus:
			states := letterlock.States()
			order = cmp.Compare(slices.Index(states, recorded(a)), slices.Index(states, recorded(b)))
		}
		order = cmp.Or(order, cmp.Compare(place(a), place(b)))
		if q.Descending {
			order = -order
		}
		return order
	})
	ids := []letterlock.SecretID{}
	for _, s := range found {
		ids = append(ids, s.ID)
	}
	return ids
}

// Every sort in both directions, with every filter and searches, page by page:
// nothing twice, nothing left out, and never another's.
func TestListSecrets(t *testing.T) {
	testkit.Engines(t, func(t *testing.T, e *testkit.Engine) {
		all := listed(t, e)
		found := 0
		for _, q := range secretQueries() {
			ids := []letterlock.SecretID{}
			for pages := 0; pages == 0 || q.After != (letterlock.Cursor{}); pages++ {
				q.Limit = 4
				read(t, e.DB, func(tx *store.Tx) error {
					page, err := tx.ListSecrets(q)
					if err != nil {
						return fmt.Errorf("ListSecrets(%+v): %w", q, err)
					}
					for _, s := range page.Secrets {
						ids = append(ids, s.ID)
					}
					if n := len(page.Secrets); n > q.Limit || n < q.Limit && page.Next != (letterlock.Cursor{}) {
						return fmt.Errorf("ListSecrets(%+v) = %d secrets and the cursor %+v", q, n, page.Next)
					}
					q.After = page.Next
					return nil
				})
			}
			found += len(ids)
			if diff := gocmp.Diff(expected(all, q, e.Clock.Now()), ids); diff != "" {
				t.Errorf("ListSecrets(%+v) differs (-want +got):\n%s", q, diff)
			}
		}
		if found < 1000 {
			t.Errorf("all queries found %d secrets together, too few to say something", found)
		}
	})
}

func TestListedSecretIsComplete(t *testing.T) {
	testkit.Engines(t, func(t *testing.T, e *testkit.Engine) {
		people(t, e)
		s := insert(t, e, "one", func(s *letterlock.Secret) {
			s.Owner, s.Org, s.OrganizationOnly, s.Name, s.Language = "ann", "acme", true, "Prod", "de"
		})
		opened := s.CreatedAt.Add(time.Minute)
		write(t, e.DB, func(tx *store.Tx) error {
			for n := 1; n <= 2; n++ {
				v := newView(e, letterlock.ViewID(fmt.Sprint("view", n)), "one", n)
				v.OpenedAt = opened.Add(time.Duration(n-1) * time.Minute)
				if _, err := tx.InsertView(v); err != nil {
					return err
				}
				if _, err := tx.CountView("one", opened, opened); err != nil {
					return err
				}
			}
			return nil
		})
		s.Views, s.GraceUntil = 2, opened
		q := letterlock.SecretQuery{Org: "acme", Sort: letterlock.ByCreated, Limit: 1}
		for _, test := range []struct {
			step, owner string
			change      func(*store.Tx) error
		}{
			{"without a name of its owner", "ann@example.org", func(*store.Tx) error { return nil }},
			{"with one", "Ann", func(tx *store.Tx) error { return tx.SetProfile("ann", "Ann", "") }},
			{"handed to nobody", "", func(tx *store.Tx) error {
				s.Owner = ""
				n, err := tx.HandOver("ann", "", "acme", 10)
				return want("HandOver", 1, n, err)
			}},
		} {
			write(t, e.DB, test.change)
			read(t, e.DB, func(tx *store.Tx) error {
				page, err := tx.ListSecrets(q)
				return want("ListSecrets "+test.step, &letterlock.SecretPage{
					Secrets: []letterlock.ListedSecret{{Secret: *s, OpenedAt: opened, OwnerName: test.owner}},
				}, page, err)
			})
		}
	})
}

// Retired secrets are in no list.
func TestListWithoutTheRetired(t *testing.T) {
	testkit.Engines(t, func(t *testing.T, e *testkit.Engine) {
		people(t, e)
		insert(t, e, "one", func(s *letterlock.Secret) { s.Owner, s.Org = "ann", "acme" })
		write(t, e.DB, func(tx *store.Tx) error { return tx.RetireSecret("one") })
		for _, q := range []letterlock.SecretQuery{{Owner: "ann"}, {Org: "acme"}, {Org: "other"}} {
			q.Sort, q.Limit = letterlock.ByName, 10
			read(t, e.DB, func(tx *store.Tx) error {
				page, err := tx.ListSecrets(q)
				return want("ListSecrets", &letterlock.SecretPage{Secrets: []letterlock.ListedSecret{}}, page, err)
			})
		}
	})
}

// A page costs the same however many secrets there are: each run of it begins
// at its place in an index and is in order there, and nothing reads the table
// from the beginning. What SQLite plans does not depend on the rows, since it
// has no statistics.
func TestListsComeFromAnIndex(t *testing.T) {
	e := testkit.SQLite(t)
	people(t, e)
	for _, q := range secretQueries() {
		if q.Name != "" && q.Sort != letterlock.ByName {
			continue // sorts what it finds
		}
		q.Limit = 50
		for _, q.After = range []letterlock.Cursor{{}, {Sort: q.Sort, Descending: q.Descending, Key: 1, NameKey: "e", Number: 1}} {
			read(t, e.DB, func(tx *store.Tx) error {
				runs, page, err := tx.Plans(q)
				if err != nil {
					return err
				}
				for _, plan := range runs {
					if !strings.HasPrefix(plan, "SEARCH secret USING ") || strings.Contains(plan, "\n") || !strings.Contains(plan, index(q)) {
						t.Errorf("a run of %+v is read by\n%s\nwant a search of %s in its order", q, plan, index(q))
					}
				}
				if strings.Contains(page, "SCAN secret") || strings.Contains(page, "SCAN account") || strings.Contains(page, "SCAN first") {
					t.Errorf("the page of %+v is read by\n%s", q, page)
				}
				return nil
			})
		}
	}
}

// index is the one made for a query, and how far into it the search goes.
func index(q letterlock.SecretQuery) string {
	scope, after := "owner", ">"
	if q.Org != "" {
		scope = "org"
	}
	if q.Descending {
		after = "<"
	}
	switch {
	case q.Sort == letterlock.ByStatus, q.Sort == letterlock.ByCreated:
		return "INDEX secret_" + scope + "_created (" + scope + "=? AND <expr>=? AND number" + after
	case q.Sort == letterlock.ByExpires:
		return "INDEX secret_" + scope + "_expires (" + scope + "=? AND <expr>=? AND "
	default:
		return "INDEX secret_" + scope + "_" + string(q.Sort) + " (" + scope + "=? AND <expr>=? AND "
	}
}
