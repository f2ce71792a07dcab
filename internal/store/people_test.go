package store_test

import (
	"errors"
	"testing"

	"letterlock"
	"letterlock/internal/store"
	"letterlock/internal/testkit"
)

// newUser is an account without a name or a password.
func newUser(e *testkit.Engine, id letterlock.UserID) *letterlock.User {
	return &letterlock.User{ID: id, Email: letterlock.Email(id + "@example.org"), CreatedAt: e.Clock.Now()}
}

// newOrg is an organization with the policy of new ones.
func newOrg(e *testkit.Engine, id letterlock.OrgID) *letterlock.Org {
	return &letterlock.Org{
		ID:        id,
		Name:      string(id),
		Policy:    letterlock.DefaultPolicy(),
		EventLife: letterlock.EventLife,
		CreatedAt: e.Clock.Now(),
	}
}

// people adds ann and bob, acme and other.
func people(t *testing.T, e *testkit.Engine) {
	t.Helper()
	write(t, e.DB, func(tx *store.Tx) error {
		ann, err := tx.InsertUser(newUser(e, "ann"))
		bob, err2 := tx.InsertUser(newUser(e, "bob"))
		return errors.Join(
			want("InsertUser ann", true, ann, err),
			want("InsertUser bob", true, bob, err2),
			tx.InsertOrg(newOrg(e, "acme")),
			tx.InsertOrg(newOrg(e, "other")),
		)
	})
}
