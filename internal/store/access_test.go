package store_test

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"letterlock"
	"letterlock/internal/store"
	"letterlock/internal/testkit"
)

func TestSessions(t *testing.T) {
	testkit.Engines(t, func(t *testing.T, e *testkit.Engine) {
		people(t, e)
		now := e.Clock.Now()
		session := func(id letterlock.SessionID, user letterlock.UserID, seen time.Duration) *letterlock.Session {
			return &letterlock.Session{
				ID: id, UserID: user, Hash: letterlock.Hash{id[0]}, Org: "acme", CreatedAt: now, SeenAt: now.Add(seen),
				Agent: "A browser", Net: "203.0.113.0/24",
			}
		}
		a, b, c := session("a", "ann", 0), session("b", "ann", time.Second), session("c", "bob", 0)
		b.Org, b.Net = "", ""
		write(t, e.DB, func(tx *store.Tx) error {
			return errors.Join(tx.InsertSession(a), tx.InsertSession(b), tx.InsertSession(c))
		})
		expect := func(step string, user letterlock.UserID, wanted ...*letterlock.Session) {
			t.Helper()
			read(t, e.DB, func(tx *store.Tx) error {
				got, err := tx.Sessions(user)
				return want("Sessions "+step, wanted, got, err)
			})
		}
		expect("at first", "ann", b, a)
		read(t, e.DB, func(tx *store.Tx) error {
			got, err := tx.SessionByHash(letterlock.Hash{'a'})
			_, unknown := tx.SessionByHash(letterlock.Hash{'x'})
			return errors.Join(want("SessionByHash", a, got, err), none("SessionByHash", unknown))
		})
		a.SeenAt, a.Net, a.Org, a.Hash = now.Add(time.Minute), "2001:db8::/48", "other", letterlock.Hash{'n'}
		write(t, e.DB, func(tx *store.Tx) error {
			return errors.Join(tx.TouchSession("a", a.SeenAt, a.Net), tx.SetSessionOrg("a", "other"), tx.RotateSession("a", a.Hash))
		})
		expect("used, switched and rotated", "ann", a, b)
		write(t, e.DB, func(tx *store.Tx) error {
			ended, err := tx.EndSession("ann", "c")
			return errors.Join(want("EndSession of another's", false, ended, err), tx.LeaveSessions("ann", "other"))
		})
		a.Org = ""
		expect("after leaving", "ann", a, b)
		expect("of bob", "bob", c)
		write(t, e.DB, func(tx *store.Tx) error {
			n, err := tx.EndSessions("ann", "b")
			ended, err2 := tx.EndSession("ann", "b")
			again, err3 := tx.EndSession("ann", "b")
			return errors.Join(want("EndSessions but one", 1, n, err), want("EndSession", true, ended, err2), want("EndSession again", false, again, err3))
		})
		expect("after all ended", "ann")
		expect("of bob still", "bob", c)
	})
}

// Pruning and the law agree to the millisecond.
func TestPruneSessions(t *testing.T) {
	testkit.Engines(t, func(t *testing.T, e *testkit.Engine) {
		people(t, e)
		now := e.Clock.Now()
		for i, s := range []letterlock.Session{
			{CreatedAt: now.Add(-day), SeenAt: now.Add(-letterlock.SessionIdle)},
			{CreatedAt: now.Add(-day), SeenAt: now.Add(-letterlock.SessionIdle + ms)},
			{CreatedAt: now.Add(-letterlock.SessionLife), SeenAt: now},
			{CreatedAt: now.Add(-letterlock.SessionLife + ms), SeenAt: now},
		} {
			s.ID, s.UserID, s.Hash = letterlock.SessionID("0123"[i:i+1]), "ann", letterlock.Hash{byte(i)}
			write(t, e.DB, func(tx *store.Tx) error { return errors.Join(tx.InsertSession(&s)) })
			write(t, e.DB, func(tx *store.Tx) error { return tx.PruneSessions(now) })
			read(t, e.DB, func(tx *store.Tx) error {
				_, err := tx.SessionByHash(s.Hash)
				if kept := err == nil; kept != s.Alive(now) {
					t.Errorf("session %d: kept: %v, alive: %v", i, kept, s.Alive(now))
				}
				return nil
			})
		}
	})
}

func TestTickets(t *testing.T) {
	testkit.Engines(t, func(t *testing.T, e *testkit.Engine) {
		people(t, e)
		now := e.Clock.Now()
		ticket := &letterlock.Ticket{
			Hash: letterlock.Hash{'t'}, Kind: letterlock.TicketChangeEmail, UserID: "ann", Email: "new@example.org",
			CreatedAt: now, ExpiresAt: now.Add(time.Hour),
		}
		setup := &letterlock.Ticket{Hash: letterlock.Hash{'s'}, Kind: letterlock.TicketSetup, CreatedAt: now, ExpiresAt: now.Add(time.Hour)}
		write(t, e.DB, func(tx *store.Tx) error { return errors.Join(tx.InsertTicket(ticket), tx.InsertTicket(setup)) })
		use := func(hash letterlock.Hash, kind letterlock.TicketKind, at time.Time) error {
			return e.DB.Tx(context.Background(), func(tx *store.Tx) error {
				_, err := tx.UseTicket(hash, kind, at)
				return err
			})
		}
		before := e.Dump(t)
		for call, err := range map[string]error{
			"UseTicket of an unknown hash": use(letterlock.Hash{'x'}, ticket.Kind, now),
			"UseTicket of another kind":    use(ticket.Hash, letterlock.TicketReset, now),
			"UseTicket at its end":         use(ticket.Hash, ticket.Kind, ticket.ExpiresAt),
		} {
			if err != letterlock.ErrNotFound || e.Dump(t) != before {
				t.Errorf("%s = %v, want %v and no change", call, err, letterlock.ErrNotFound)
			}
		}
		write(t, e.DB, func(tx *store.Tx) error {
			got, err := tx.Ticket(ticket.Hash, ticket.Kind)
			got2, err2 := tx.Ticket(setup.Hash, setup.Kind)
			return errors.Join(want("Ticket", ticket, got, err), want("Ticket for the setup", setup, got2, err2))
		})
		ticket.UsedAt = ticket.ExpiresAt.Add(-ms)
		write(t, e.DB, func(tx *store.Tx) error {
			got, err := tx.UseTicket(ticket.Hash, ticket.Kind, ticket.UsedAt)
			return want("UseTicket", ticket, got, err)
		})
		if err := use(ticket.Hash, ticket.Kind, now); err != letterlock.ErrNotFound {
			t.Errorf("UseTicket again = %v, want %v", err, letterlock.ErrNotFound)
		}
		write(t, e.DB, func(tx *store.Tx) error {
			if err := errors.Join(tx.DropTickets("ann", ticket.Kind), tx.DropTickets("", letterlock.TicketSetup)); err != nil {
				return err
			}
			_, err := tx.Ticket(ticket.Hash, ticket.Kind)
			_, dropped := tx.Ticket(setup.Hash, setup.Kind)
			return errors.Join(err, none("Ticket for the setup", dropped), tx.PruneTickets(ticket.ExpiresAt.Add(ms)))
		})
		read(t, e.DB, func(tx *store.Tx) error {
			_, err := tx.Ticket(ticket.Hash, ticket.Kind)
			return none("Ticket of before", err)
		})
	})
}

// race runs f so often side by side and reports how many took effect.
func race(t *testing.T, e *testkit.Engine, f func(*store.Tx) (bool, error)) int64 {
	t.Helper()
	var took atomic.Int64
	var all sync.WaitGroup
	for range 16 {
		all.Go(func() {
			var did bool
			err := e.DB.Tx(context.Background(), func(tx *store.Tx) (err error) {
				did, err = f(tx)
				return err
			})
			if err != nil {
				t.Errorf("Tx: %v", err)
			}
			if did {
				took.Add(1)
			}
		})
	}
	all.Wait()
	return took.Load()
}

func TestTicketIsUsedOnce(t *testing.T) {
	testkit.Engines(t, func(t *testing.T, e *testkit.Engine) {
		people(t, e)
		now := e.Clock.Now()
		write(t, e.DB, func(tx *store.Tx) error {
			return tx.InsertTicket(&letterlock.Ticket{Kind: letterlock.TicketReset, UserID: "ann", CreatedAt: now, ExpiresAt: now.Add(1)})
		})
		write(t, e.DB, func(tx *store.Tx) error {
			return tx.InsertTicket(&letterlock.Ticket{Hash: letterlock.Hash{'r'}, Kind: letterlock.TicketReset, UserID: "ann", CreatedAt: now, ExpiresAt: now.Add(time.Hour)})
		})
		if n := race(t, e, func(tx *store.Tx) (bool, error) {
			_, err := tx.UseTicket(letterlock.Hash{'r'}, letterlock.TicketReset, now)
			if err == letterlock.ErrNotFound {
				return false, nil
			}
			return true, err
		}); n != 1 {
			t.Errorf("a ticket was used %d times side by side, want 1", n)
		}
	})
}

func TestTokens(t *testing.T) {
	testkit.Engines(t, func(t *testing.T, e *testkit.Engine) {
		people(t, e)
		now := e.Clock.Now()
		a := &letterlock.APIToken{
			ID: "a", UserID: "ann", OrgID: "acme", Name: "build", Hash: letterlock.Hash{'a'}, Scopes: letterlock.Scopes(),
			CreatedAt: now, ExpiresAt: now.Add(time.Hour),
		}
		b := &letterlock.APIToken{ID: "b", UserID: "ann", Hash: letterlock.Hash{'b'}, Scopes: []letterlock.Scope{letterlock.ScopeRead}, CreatedAt: now.Add(ms), ExpiresAt: now.Add(time.Hour)}
		c := &letterlock.APIToken{ID: "c", UserID: "bob", Hash: letterlock.Hash{'c'}, CreatedAt: now, ExpiresAt: now.Add(time.Hour)}
		write(t, e.DB, func(tx *store.Tx) error { return errors.Join(tx.InsertToken(a), tx.InsertToken(b), tx.InsertToken(c)) })
		expect := func(step string) {
			t.Helper()
			read(t, e.DB, func(tx *store.Tx) error {
				all, err := tx.Tokens("ann")
				one, err2 := tx.TokenByHash(letterlock.Hash{'a'})
				other, err3 := tx.TokenByHash(letterlock.Hash{'c'})
				_, unknown := tx.TokenByHash(letterlock.Hash{'x'})
				return errors.Join(want("Tokens "+step, []*letterlock.APIToken{b, a}, all, err), want("TokenByHash "+step, a, one, err2),
					want("TokenByHash of another's "+step, c, other, err3), none("TokenByHash", unknown))
			})
		}
		expect("at first")
		a.UsedAt, a.RevokedAt = now.Add(time.Minute), now.Add(time.Minute)
		write(t, e.DB, func(tx *store.Tx) error {
			not, err := tx.RevokeToken("bob", "a", now)
			took, err2 := tx.RevokeToken("ann", "a", a.RevokedAt)
			again, err3 := tx.RevokeToken("ann", "a", now.Add(time.Hour))
			return errors.Join(tx.TouchToken("a", a.UsedAt), want("RevokeToken of another's", false, not, err),
				want("RevokeToken", true, took, err2), want("RevokeToken again", false, again, err3))
		})
		expect("after one was used and revoked")
		b.RevokedAt = now.Add(2 * time.Minute)
		write(t, e.DB, func(tx *store.Tx) error {
			of, err := tx.RevokeTokensOf("ann", "acme", b.RevokedAt)
			all, err2 := tx.RevokeTokens("ann", b.RevokedAt)
			return errors.Join(want("RevokeTokensOf", 0, of, err), want("RevokeTokens", 1, all, err2))
		})
		expect("after all were revoked")
	})
}
