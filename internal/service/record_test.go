package service_test

import (
	"testing"
	"time"

	"letterlock"
)

// What cannot be recorded does not happen: the event is part of the act's own
// transaction. The events are put out of reach, and everything else must be as
// it was.
func TestNothingHappensUnrecorded(t *testing.T) {
	// Each prepares a secret and returns the verb to try on it.
	verbs := map[string]func(t *testing.T, s *instance) func() error{
		"CreateSecret": func(t *testing.T, s *instance) func() error {
			x := seal(1)
			return func() error {
				_, _, err := s.CreateSecret(ctx, letterlock.Caller{}, &x.NewSecret)
				return err
			}
		},
		"ViewSecret": func(t *testing.T, s *instance) func() error {
			x := s.create(t, seal(1))
			return func() error { return s.open(x, x.tab()) }
		},
		"ViewSecret, wrong password": func(t *testing.T, s *instance) func() error {
			x := s.create(t, sealWithPassword(1))
			return func() error { return s.open(x, x.wrongTab()) }
		},
		"AcknowledgeView": func(t *testing.T, s *instance) func() error {
			v := s.opened(t, s.create(t, seal(1)))
			return func() error { return s.acknowledge(v) }
		},
		"DeleteSecret": func(t *testing.T, s *instance) func() error {
			x := s.create(t, seal(1))
			return func() error { return s.delete(x) }
		},
		"ChangeSecret, sooner": func(t *testing.T, s *instance) func() error {
			x := s.create(t, seal(1))
			return func() error { return s.shorten(x, time.Minute) }
		},
		"ChangeSecret, unlock": func(t *testing.T, s *instance) func() error {
			x := s.create(t, sealWithPassword(1))
			s.lock(t, x)
			return func() error { return s.unlock(x) }
		},
		"GiveFeedback": func(t *testing.T, s *instance) func() error {
			x := s.create(t, seal(1))
			s.opened(t, x)
			return func() error { return s.GiveFeedback(ctx, x.reader(), x.id(), false) }
		},
	}
	engines(t, func(t *testing.T, s *instance) {
		for name, prepare := range verbs {
			t.Run(name, func(t *testing.T) {
				verb := prepare(t, s)
				s.unchanged(t, func() {
					s.Exec(t, `ALTER TABLE event RENAME TO event_away`)
					defer s.Exec(t, `ALTER TABLE event_away RENAME TO event`)
					want(t, name, verb(), "unavailable")
				})
				want(t, name+" once events can be kept", ignoreWrongPassword(verb()), "ok")
			})
		}
	})
}

// ignoreWrongPassword: a wrong password that was counted is what was tried.
func ignoreWrongPassword(err error) error {
	if outcome(err) == "wrong_password 9" {
		return nil
	}
	return err
}
