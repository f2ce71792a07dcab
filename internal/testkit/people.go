package testkit

import (
	"context"
	"crypto/rand"
	"testing"
	"time"

	"letterlock"
	"letterlock/internal/store"
)

// Password is everybody's whom Enrol adds.
const Password = "a lantern beside the harbour"

// passwordHash is of Password, made once: hashing is slow on purpose.
const passwordHash = "$argon2id$v=19$m=65536,t=3,p=1$9ennhrIOcyOpDAQJmz7oGg$/kgW5SX8WzRgO/P0BdZQwyjQ0YzByWe+7amfjG4JS8k"

// Person is somebody with an account, a session and an API token that is good
// for everything.
type Person struct {
	*letterlock.User
	Session *letterlock.Session
	Cookie  letterlock.Proof // of the session
	API     *letterlock.APIToken
	Token   letterlock.Proof // of API
}

// Enrol adds an account with a proved address, beside all verbs and without
// hashing.
func (e *Engine) Enrol(t testing.TB, email string) *Person {
	t.Helper()
	p := &Person{User: &letterlock.User{
		ID:           newID[letterlock.UserID](),
		Email:        letterlock.Email(email),
		PasswordHash: passwordHash,
	}}
	e.tx(t, func(tx *store.Tx, now time.Time) error {
		p.CreatedAt, p.VerifiedAt, p.PasswordChangedAt = now, now, now
		_, err := tx.InsertUser(p.User)
		return err
	})
	p.Session, p.Cookie = e.OpenSession(t, p.User)
	p.API, p.Token = e.GrantToken(t, p.User, "", letterlock.Scopes()...)
	return p
}

// OpenSession signs somebody in once more.
func (e *Engine) OpenSession(t testing.TB, u *letterlock.User) (*letterlock.Session, letterlock.Proof) {
	t.Helper()
	cookie := randomProof()
	s := &letterlock.Session{ID: newID[letterlock.SessionID](), UserID: u.ID, Hash: cookie.Hash(), Agent: "Firefox on Linux"}
	e.tx(t, func(tx *store.Tx, now time.Time) error {
		s.CreatedAt, s.SeenAt = now, now
		return tx.InsertSession(s)
	})
	return s, cookie
}

// GrantToken makes an API token for somebody, for one organization or, if that is
// empty, for all.
func (e *Engine) GrantToken(t testing.TB, u *letterlock.User, org letterlock.OrgID, scopes ...letterlock.Scope) (*letterlock.APIToken, letterlock.Proof) {
	t.Helper()
	text := letterlock.MakeToken([32]byte(randomProof()))
	token := &letterlock.APIToken{ID: newID[letterlock.TokenID](), UserID: u.ID, OrgID: org, Name: "a token", Hash: text.Hash(), Scopes: scopes}
	e.tx(t, func(tx *store.Tx, now time.Time) error {
		token.CreatedAt, token.UsedAt, token.ExpiresAt = now, now, now.Add(letterlock.TokenLife)
		if err := tx.InsertToken(token); err != nil {
			return err
		}
		return tx.TouchToken(token.ID, now) // so that its use writes nothing for a minute
	})
	return token, text
}

// FoundOrg adds an organization with nobody in it.
func (e *Engine) FoundOrg(t testing.TB, name string) *letterlock.Org {
	t.Helper()
	org := &letterlock.Org{ID: newID[letterlock.OrgID](), Name: name, Policy: letterlock.DefaultPolicy(), EventLife: letterlock.EventLife}
	e.tx(t, func(tx *store.Tx, now time.Time) error {
		org.CreatedAt = now
		return tx.InsertOrg(org)
	})
	return org
}

// Join makes somebody a member, whose session works in the organization from
// then on.
func (e *Engine) Join(t testing.TB, org *letterlock.Org, p *Person, role letterlock.Role) {
	t.Helper()
	e.tx(t, func(tx *store.Tx, now time.Time) error {
		if _, err := tx.InsertMember(&letterlock.Member{OrgID: org.ID, UserID: p.ID, Role: role, JoinedAt: now}); err != nil {
			return err
		}
		p.Session.Org = org.ID
		return tx.SetSessionOrg(p.Session.ID, org.ID)
	})
}

// MakeOperator lets somebody change the instance.
func (e *Engine) MakeOperator(t testing.TB, p *Person) {
	t.Helper()
	p.Operator = true
	e.tx(t, func(tx *store.Tx, _ time.Time) error { return tx.SetOperator(p.ID, true) })
}

// Caller is somebody by their session, as a verb is called.
func (p *Person) Caller() letterlock.Caller {
	return letterlock.Caller{User: p.User, Session: p.Session, Org: p.Session.Org}
}

func (e *Engine) tx(t testing.TB, f func(tx *store.Tx, now time.Time) error) {
	t.Helper()
	err := e.DB.Tx(context.Background(), func(tx *store.Tx) error {
		now, err := tx.Now()
		if err != nil {
			return err
		}
		return f(tx, now)
	})
	if err != nil {
		t.Fatalf("add to the test's database: %v", err)
	}
}

func newID[T ~string]() T {
	var bits [16]byte
	rand.Read(bits[:])
	return letterlock.MakeID[T](bits)
}
