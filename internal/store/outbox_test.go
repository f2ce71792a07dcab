package store_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"letterlock"
	"letterlock/internal/store"
	"letterlock/internal/testkit"
)

func TestSettings(t *testing.T) {
	testkit.Engines(t, func(t *testing.T, e *testkit.Engine) {
		now := e.Clock.Now()
		write(t, e.DB, func(tx *store.Tx) error {
			return errors.Join(tx.SetSetting("name", "one", now), tx.SetSetting("name", "two", now), tx.SetSetting("url", "", now))
		})
		read(t, e.DB, func(tx *store.Tx) error {
			value, err := tx.Setting("name")
			all, err2 := tx.Settings()
			_, unknown := tx.Setting("other")
			return errors.Join(want("Setting", "two", value, err), none("Setting", unknown),
				want("Settings", map[string]string{"name": "two", "url": ""}, all, err2))
		})
		write(t, e.DB, func(tx *store.Tx) error {
			if err := tx.DropSetting("name"); err != nil {
				return err
			}
			_, err := tx.Setting("name")
			return none("Setting after DropSetting", err)
		})
	})
}

// mail adds a mail that is due so long after the beginning.
func mail(t *testing.T, e *testkit.Engine, due time.Duration) *letterlock.Mail {
	t.Helper()
	m := &letterlock.Mail{
		Kind: "verify", To: "ann@example.org", UserID: "ann", Language: "de", Payload: letterlock.Payload("canary"),
		CreatedAt: e.Clock.Now(), DueAt: e.Clock.Now().Add(due),
	}
	write(t, e.DB, func(tx *store.Tx) error { return tx.InsertMail(m) })
	return m
}

func TestOutbox(t *testing.T) {
	testkit.Engines(t, func(t *testing.T, e *testkit.Engine) {
		now := e.Clock.Now()
		later, first, sent := mail(t, e, ms), mail(t, e, -ms), mail(t, e, 0)
		due := func(step string, at time.Time, wanted ...*letterlock.Mail) {
			t.Helper()
			read(t, e.DB, func(tx *store.Tx) error {
				got, err := tx.DueMail(at, 5)
				return want("DueMail "+step, wanted, got, err)
			})
		}
		due("at first", now, first, sent)
		read(t, e.DB, func(tx *store.Tx) error {
			next, err := tx.NextMail()
			return want("NextMail", first.DueAt, next, err)
		})
		again := now.Add(time.Minute)
		if n := race(t, e, func(tx *store.Tx) (bool, error) { return tx.ClaimMail(sent.Number, now, again) }); n != 1 {
			t.Errorf("a mail was claimed %d times side by side, want 1", n)
		}
		write(t, e.DB, func(tx *store.Tx) error {
			claimed, err := tx.ClaimMail(later.Number, now, again)
			return errors.Join(want("ClaimMail before it is due", false, claimed, err), tx.MailSent(sent.Number, now))
		})
		due("after one was sent", again, first, later)
		first.DueAt, first.Reason = again, "451 later"
		write(t, e.DB, func(tx *store.Tx) error { return tx.MailDelayed(first.Number, again, first.Reason) })
		due("after one was delayed", again, later, first)
		write(t, e.DB, func(tx *store.Tx) error {
			return errors.Join(tx.MailFailed(first.Number, again, "550 no"), tx.MailFailed(later.Number, again, "550 no"),
				none("MailSent of one given up", tx.MailSent(first.Number, again)),
				none("MailFailed of one sent", tx.MailFailed(sent.Number, again, "")),
				none("MailDelayed of one sent", tx.MailDelayed(sent.Number, again, "")))
		})
		due("in the end", again)
		if strings.Contains(e.Dump(t), "63616e617279") { // canary
			t.Error("what a mail said is still there after it was sent or given up")
		}
		for _, m := range []*letterlock.Mail{first, later} {
			m.Payload, m.FailedAt, m.Reason = nil, again, "550 no"
		}
		write(t, e.DB, func(tx *store.Tx) error {
			next, err := tx.NextMail()
			all, err2 := tx.FailedMail(0, 5)
			rest, err3 := tx.FailedMail(first.Number, 5)
			return errors.Join(want("NextMail", time.Time{}, next, err), want("FailedMail", []*letterlock.Mail{first, later}, all, err2),
				want("the rest of FailedMail", []*letterlock.Mail{later}, rest, err3), tx.PruneMail(now))
		})
		waits := mail(t, e, 0)
		write(t, e.DB, func(tx *store.Tx) error {
			if err := tx.PruneMail(now.Add(ms)); err != nil {
				return err
			}
			failed, err := tx.FailedMail(0, 5)
			return want("FailedMail after PruneMail", nil, failed, err)
		})
		due("after PruneMail", now, waits)
	})
}
