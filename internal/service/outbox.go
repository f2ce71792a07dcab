package service

import (
	"context"
	"errors"
	"sync"
	"time"

	"letterlock"
	"letterlock/internal/mail"
	"letterlock/internal/store"
)

const (
	mailPoll  = 10 * time.Second // how late a mail is at most that another node queued
	mailBatch = 16               // how many mails are looked at together
	mailSide  = 4                // how many of them are under way at once

	// A mail that is not taken on is tried again after mailRetry, then after
	// twice as long each time, up to mailRetryMost, and given up after mailLife.
	mailRetry     = time.Minute
	mailRetryMost = time.Hour
	mailLife      = 24 * time.Hour

	// mailDrain is how long mails under way may take when the process ends.
	mailDrain = 5 * time.Second
)

// decoy is the kind of a mail to nobody. Where an address that nobody has would
// leave the queue empty, it stands there, so that the work is the same.
const decoy letterlock.MailKind = "none"

// post queues a mail in a transaction. Once that is durable, call wake.
func (s *Service) post(tx *store.Tx, now time.Time, to letterlock.Email, user letterlock.UserID, lang string, c mail.Content) error {
	kind, payload, err := mail.Keep(c)
	if err != nil {
		return err
	}
	return tx.InsertMail(&letterlock.Mail{
		Kind:      kind,
		To:        to,
		UserID:    user,
		Language:  lang,
		Payload:   payload,
		CreatedAt: now,
		DueAt:     now,
	})
}

// postDecoy queues what nobody gets.
func postDecoy(tx *store.Tx, now time.Time) error {
	return tx.InsertMail(&letterlock.Mail{Kind: decoy, CreatedAt: now, DueAt: now})
}

// tell queues a mail to a user.
func (s *Service) tell(tx *store.Tx, now time.Time, u *letterlock.User, c mail.Content) error {
	return s.post(tx, now, u.Email, u.ID, u.Language, c)
}

// wake has the queue looked at now.
func (s *Service) wake() {
	select {
	case s.mailed <- struct{}{}:
	default: // it is about to be looked at
	}
}

// deliver sends what is queued until the context ends, and what is left then as
// far as mailDrain allows.
func (s *Service) deliver(ctx context.Context) {
	sending, cut := context.WithCancel(context.WithoutCancel(ctx))
	defer cut()
	context.AfterFunc(ctx, func() { time.AfterFunc(mailDrain, cut) })
	for ctx.Err() == nil {
		timer := time.NewTimer(s.deliverDue(sending))
		select {
		case <-ctx.Done():
		case <-s.mailed:
		case <-timer.C:
		}
		timer.Stop()
	}
	s.deliverDue(sending)
}

// deliverDue sends what is due, and says when to look again.
func (s *Service) deliverDue(ctx context.Context) time.Duration {
	wait := mailPoll
	_, err := s.SendMail(ctx)
	if err == nil {
		err = s.db.Read(ctx, func(tx *store.Tx) error {
			next, err := tx.NextMail()
			if err != nil || next.IsZero() {
				return err
			}
			now, err := tx.Now()
			wait = max(0, min(wait, next.Sub(now)))
			return err
		})
	}
	if err != nil {
		s.config.Log.Warn("mail is left in the queue and will be tried again", "error", err)
		return mailPoll
	}
	return wait
}

// SendMail sends what is due, on whichever of the nodes, and reports how many
// mails this one dealt with. A mail goes out once unless the process dies
// between sending it and noting that.
func (s *Service) SendMail(ctx context.Context) (int, error) {
	total := 0
	for {
		due, now, err := s.dueMail(ctx)
		if err != nil || len(due) == 0 {
			return total, err
		}
		errs := make([]error, len(due))
		side := make(chan struct{}, mailSide)
		var wg sync.WaitGroup
		for i, m := range due {
			side <- struct{}{}
			wg.Go(func() {
				errs[i] = s.send(ctx, m, now)
				<-side
			})
		}
		wg.Wait()
		total += len(due)
		if err := errors.Join(errs...); err != nil {
			return total, err
		}
	}
}

func (s *Service) dueMail(ctx context.Context) (due []*letterlock.Mail, now time.Time, err error) {
	err = s.db.Read(ctx, func(tx *store.Tx) error {
		if now, err = tx.Now(); err != nil {
			return err
		}
		due, err = tx.DueMail(now, mailBatch)
		return err
	})
	return due, now, err
}

// send tries to send one mail, unless another node does, and notes how it ended.
func (s *Service) send(ctx context.Context, m *letterlock.Mail, now time.Time) error {
	again := now.Add(min(mailRetry<<min(m.Tries, 10), mailRetryMost))
	claimed := false
	err := s.db.Tx(ctx, func(tx *store.Tx) (err error) {
		claimed, err = tx.ClaimMail(m.Number, now, again)
		return err
	})
	if err != nil || !claimed {
		return err
	}
	failure := s.hand(ctx, m, now)
	return s.db.Tx(context.WithoutCancel(ctx), func(tx *store.Tx) error {
		now, err := tx.Now()
		switch {
		case err != nil:
			return err
		case failure == nil:
			return tx.MailSent(m.Number, now)
		case permanent(failure) || !now.Before(m.CreatedAt.Add(mailLife)):
			return tx.MailFailed(m.Number, now, failure.Error())
		}
		return tx.MailDelayed(m.Number, again, failure.Error())
	})
}

var (
	errUnreadable = errors.New("it cannot be read any more")
	errLate       = errors.New("its link has ended")
)

// hand hands a mail to the mail server. What would open nothing any more is not
// sent.
func (s *Service) hand(ctx context.Context, m *letterlock.Mail, now time.Time) error {
	if m.Kind == decoy {
		return nil
	}
	content, err := mail.Read(m.Kind, m.Payload)
	if err != nil {
		return errUnreadable
	}
	if until := mail.Until(content); !until.IsZero() && !now.Before(until) {
		return errLate
	}
	message, err := s.letters.Write(s.instance(), m.To, m.Language, content)
	if err != nil {
		return err
	}
	return s.current.Load().sender.Send(ctx, message)
}

// permanent reports whether no later try can help.
func permanent(err error) bool {
	if err == errUnreadable || err == errLate {
		return true
	}
	failure, ok := errors.AsType[*mail.Failure](err)
	return ok && failure.Permanent()
}

// failedPage is how many mails a page of FailedMails has.
const failedPage = 50

// FailedMails lists mails that were given up, for the operator, the latest
// first, before one of this number; 0 is the end of the list.
func (s *Service) FailedMails(ctx context.Context, c letterlock.Caller, before int64) (mails []*letterlock.Mail, err error) {
	err = s.db.Read(ctx, func(tx *store.Tx) error {
		if err := asOperator(tx, c); err != nil {
			return err
		}
		mails, err = tx.FailedMail(before, failedPage)
		return err
	})
	return mails, err
}
