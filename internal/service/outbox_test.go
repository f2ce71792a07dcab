package service_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"letterlock"
	"letterlock/internal/store"
	"letterlock/internal/testkit"
)

// failed are the mails that were given up.
func (h *house) failed(t testing.TB) (mails []*letterlock.Mail) {
	t.Helper()
	err := h.DB.Read(ctx, func(tx *store.Tx) (err error) {
		mails, err = tx.FailedMail(0, 100)
		return err
	})
	if err != nil {
		t.Fatalf("FailedMail: %v", err)
	}
	return mails
}

// wantFailed checks that one mail was given up, and holds no link any more.
func (h *house) wantFailed(t testing.TB, reason string) {
	t.Helper()
	mails := h.failed(t)
	if len(mails) != 1 || !strings.Contains(mails[0].Reason, reason) || mails[0].Payload != nil {
		t.Errorf("%d mails were given up: %+v; want one because …%s…, without its payload", len(mails), mails, reason)
	}
}

// ask queues a mail to somebody who has an account.
func (h *house) ask(t testing.TB) {
	t.Helper()
	h.join(t, "jane@example.com")
	want(t, "AskReset", h.AskReset(ctx, from(home), "jane@example.com"), "ok")
}

// What was sent is not kept: it holds a link that opens an account.
func TestSentMailIsBlanked(t *testing.T) {
	accounts(t, func(t *testing.T, h *house) {
		h.ask(t)
		h.mail(t, "jane@example.com", "Choose a new password")
		h.unchanged(t, func() { h.wantMails(t) })
		err := h.DB.Read(ctx, func(tx *store.Tx) error {
			next, err := tx.NextMail()
			if !next.IsZero() {
				t.Errorf("a mail is due at %v, want none", next)
			}
			return err
		})
		want(t, "NextMail", err, "ok")
		for line := range strings.Lines(h.Dump(t)) {
			const payload = 5
			if cells := strings.Split(line, " | "); strings.HasPrefix(line, "outbox ") && cells[payload] != "<nil>" {
				t.Errorf("a sent mail is kept: %s", line)
			}
		}
	})
}

// A server that cannot take a mail now is asked again, after longer and longer.
func TestMailIsTriedAgain(t *testing.T) {
	accounts(t, func(t *testing.T, h *house) {
		h.ask(t)
		h.box.Refuse(451)
		for _, wait := range []time.Duration{1, 2, 4, 8} {
			h.wantMails(t)
			h.Clock.Advance(wait*time.Minute - time.Millisecond)
			h.unchanged(t, func() { h.wantMails(t) })
			h.Clock.Advance(time.Millisecond)
		}
		h.box.Refuse(0)
		h.mail(t, "jane@example.com", "Choose a new password")
	})
}

func TestMailIsGivenUp(t *testing.T) {
	tests := map[string]struct {
		code   int
		after  time.Duration
		reason string
	}{
		"refused for good": {550, 0, "550"},
		"its link ended":   {451, 31 * time.Minute, "its link has ended"},
	}
	accounts(t, func(t *testing.T, h *house) {
		h.join(t, "jane@example.com")
		for name, test := range tests {
			t.Run(name, func(t *testing.T) {
				h.Exec(t, `DELETE FROM outbox`)
				h.box.Refuse(test.code)
				want(t, "AskReset", h.AskReset(ctx, from(home), "jane@example.com"), "ok")
				h.wantMails(t)
				h.Clock.Advance(test.after)
				h.box.Refuse(test.code)
				h.wantMails(t)
				h.wantFailed(t, test.reason)
			})
		}
	})
}

// After a day nobody waits for a mail any more.
func TestMailIsGivenUpAfterADay(t *testing.T) {
	accounts(t, func(t *testing.T, h *house) {
		p := h.join(t, "jane@example.com")
		want(t, "SignIn on the train", h.signIn(train, p.email(), password), "ok")
		h.box.Refuse(451)
		h.Clock.Advance(24*time.Hour - time.Millisecond)
		h.wantMails(t)
		if mails := h.failed(t); len(mails) != 0 {
			t.Errorf("%d mails were given up before a day, want 0", len(mails))
		}
		h.Clock.Advance(time.Hour)
		h.wantMails(t)
		h.wantFailed(t, "451")
	})
}

// Without a mail server mails wait for one.
func TestMailWaitsForAServer(t *testing.T) {
	accounts(t, func(t *testing.T, h *house) {
		operator := h.operator(t)
		h.ask(t)
		none, some := h.Settings(), h.Settings()
		none.MailServer = ""
		want(t, "ChangeSettings to no mail server", h.ChangeSettings(ctx, operator.Caller, none), "ok")
		h.wantMails(t)
		want(t, "ChangeSettings to a mail server", h.ChangeSettings(ctx, operator.Caller, some), "ok")
		h.Clock.Advance(time.Minute)
		h.mail(t, "jane@example.com", "Choose a new password")
	})
}

// Several nodes send each mail once.
func TestNodesShareTheQueue(t *testing.T) {
	accounts(t, func(t *testing.T, h *house) {
		const mails = 40
		p := h.join(t, "jane@example.com")
		for i := range mails {
			want(t, "SignIn from somewhere new", h.signIn(network(i), p.email(), password), "ok")
		}
		nodes := []*instance{h.instance, startWith(t, h.Engine, configFor(h.box)), startWith(t, h.Engine, configFor(h.box))}
		together(len(nodes), func(i int) error {
			_, err := nodes[i].SendMail(ctx)
			return err
		})
		if got := len(h.box.Take()); got != mails {
			t.Errorf("%d mails arrived, want %d", got, mails)
		}
	})
}

// Run sends a mail as soon as it is queued, and on its end what is left.
func TestRunSendsMail(t *testing.T) {
	accounts(t, func(t *testing.T, h *house) {
		p := h.join(t, "jane@example.com")
		running, stop := context.WithCancel(ctx)
		stopped := make(chan struct{})
		go func() {
			defer close(stopped)
			h.Run(running)
		}()
		defer func() { stop(); <-stopped }()
		want(t, "SignIn on the train", h.signIn(train, p.email(), password), "ok")
		arrived(t, h.box)

		want(t, "SignIn from elsewhere", h.signIn(network(1), p.email(), password), "ok")
		stop()
		select {
		case <-stopped:
		case <-time.After(10 * time.Second):
			t.Fatal("Run goes on 10 s after its context ended")
		}
		if got := len(h.box.Take()); got != 1 {
			t.Errorf("%d mails were sent before Run returned, want 1", got)
		}
	})
}

// arrived waits for a mail, for less time than the queue is left alone when
// nobody wakes its worker.
func arrived(t testing.TB, box *testkit.Mailbox) {
	t.Helper()
	for end := time.Now().Add(5 * time.Second); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
		if len(box.Take()) > 0 {
			return
		}
	}
	t.Fatal("no mail arrived within 5 s")
}
