package service_test

import (
	"encoding/base64"
	"io"
	"log/slog"
	"net/netip"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"letterlock"
	"letterlock/internal/service"
	"letterlock/internal/store"
	"letterlock/internal/testkit"
)

const (
	password = "a lantern beside the harbour"
	another  = "seven grey geese over water"
	browser  = "Firefox on Linux"
)

// Two networks from which people in these tests come.
var (
	home  = letterlock.NetOf(netip.MustParseAddr("192.0.2.7"))
	train = letterlock.NetOf(netip.MustParseAddr("198.51.100.9"))
)

// house is an instance where people have accounts, and their mail arrives.
type house struct {
	*instance
	box *testkit.Mailbox
}

// accounts runs f on an instance of its own with mail, on each engine.
func accounts(t *testing.T, f func(t *testing.T, h *house)) {
	t.Helper()
	testkit.Engines(t, func(t *testing.T, e *testkit.Engine) {
		box := testkit.Mail(t)
		f(t, &house{startWith(t, e, configFor(box)), box})
	})
}

func configFor(box *testkit.Mailbox) service.Config {
	return service.Config{
		MaxLifetime: letterlock.DefaultLifetime,
		MaxStored:   1 << 30,
		Log:         slog.New(slog.NewTextHandler(io.Discard, nil)),
		Name:        "Letterlock",
		URL:         "https://share.example.org",
		MailServer:  letterlock.MailServer(box.URL),
		MailFrom:    "Letterlock <no-reply@example.org>",
	}
}

func startWith(t *testing.T, e *testkit.Engine, config service.Config) *instance {
	t.Helper()
	s, err := service.New(ctx, e.DB, config)
	if err != nil {
		t.Fatalf("New: %v", err)
	}
	s.HashCheaply()
	return &instance{s, e}
}

// person is somebody with an account who is signed in.
type person struct {
	letterlock.Caller
	cookie letterlock.Proof
}

func (p *person) email() string { return string(p.User.Email) }

// join gives somebody an account and signs them in at home.
func (h *house) join(t testing.TB, email string) *person {
	t.Helper()
	_, ticket, err := h.AddUser(ctx, "", email)
	if err != nil {
		t.Fatalf("AddUser: %v", err)
	}
	return h.entered(t)(h.CompleteReset(ctx, from(home), ticket, password, browser))
}

// entered is who was signed in by a verb, or ends the test.
func (h *house) entered(t testing.TB) func(*service.SignedIn, error) *person {
	return func(in *service.SignedIn, err error) *person {
		t.Helper()
		if err != nil {
			t.Fatalf("signing in: %v", err)
		}
		h.takeMail(t)
		p := &person{cookie: in.Cookie}
		p.Caller, err = h.SessionCaller(ctx, from(home), in.Cookie)
		if err != nil {
			t.Fatalf("SessionCaller: %v", err)
		}
		return p
	}
}

func from(net letterlock.Net) letterlock.Caller { return letterlock.Caller{Net: net} }

// alive reports how it ends to use a session.
func (h *house) alive(p *person) error {
	_, err := h.SessionCaller(ctx, from(home), p.cookie)
	return err
}

// signIn tries a password for an address and reports how that ends.
func (h *house) signIn(net letterlock.Net, email, password string) error {
	_, err := h.SignIn(ctx, from(net), email, password, browser)
	return err
}

// takeMail has all that is due sent, and takes what arrived.
func (h *house) takeMail(t testing.TB) []testkit.Letter {
	t.Helper()
	if _, err := h.SendMail(ctx); err != nil {
		t.Fatalf("SendMail: %v", err)
	}
	return h.box.Take()
}

// mail is the one mail that arrived, with the ticket in its link.
func (h *house) mail(t testing.TB, to, subject string) letterlock.Proof {
	t.Helper()
	letters := h.takeMail(t)
	if len(letters) != 1 || letters[0].To != to || !strings.Contains(letters[0].Subject, subject) {
		t.Fatalf("mails %+v arrived, want one to %s with the subject …%s…", letters, to, subject)
	}
	return ticketIn(t, letters[0])
}

var linkInMail = regexp.MustCompile(`https://share\.example\.org/[a-z/]+(?:#([A-Za-z0-9_-]+))?\n`)

func ticketIn(t testing.TB, letter testkit.Letter) letterlock.Proof {
	t.Helper()
	match := linkInMail.FindStringSubmatch(letter.Text)
	if match == nil {
		t.Fatalf("the mail has no link of this instance:\n%s", letter.Text)
	}
	ticket, err := base64.RawURLEncoding.DecodeString(match[1])
	if err != nil {
		t.Fatalf("the mail's link ends in %q: %v", match[1], err)
	}
	return ticket
}

// wantMails compares to whom mails went.
func (h *house) wantMails(t testing.TB, to ...string) {
	t.Helper()
	var got []string
	for _, letter := range h.takeMail(t) {
		got = append(got, letter.To)
	}
	if diff := cmp.Diff(to, got); diff != "" {
		t.Errorf("mails went to (-want +got):\n%s", diff)
	}
}

// signUpMode changes who may sign up.
func (h *house) signUpMode(t testing.TB, mode letterlock.SignUpMode, domains ...string) {
	t.Helper()
	operator := h.operator(t)
	n := h.Settings()
	n.SignUp, n.Domains = mode, domains
	if err := h.ChangeSettings(ctx, operator.Caller, n); err != nil {
		t.Fatalf("ChangeSettings: %v", err)
	}
}

// operator is the one person who may change the instance.
func (h *house) operator(t testing.TB) *person {
	t.Helper()
	p := h.join(t, "operator@example.org")
	if err := h.SetOperator(ctx, p.email(), true); err != nil {
		t.Fatalf("SetOperator: %v", err)
	}
	return p
}

func TestSignUp(t *testing.T) {
	accounts(t, func(t *testing.T, h *house) {
		h.signUpMode(t, letterlock.SignUpOpen)
		want(t, "SignUp", h.SignUp(ctx, from(home), "Jane@Example.com", "de", nil), "ok")
		first := h.mail(t, "Jane@example.com", "Bestätigen")
		want(t, "SignUp again", h.SignUp(ctx, from(home), "jane@example.com", "en", nil), "ok")
		ticket := h.mail(t, "Jane@example.com", "Confirm")

		complete := func(ticket letterlock.Proof, password string) error {
			_, err := h.CompleteSignUp(ctx, from(home), ticket, "Jane", password, "en", browser)
			return err
		}
		want(t, "SignIn before the address is proved", h.signIn(home, "jane@example.com", ""), "wrong_password")
		h.unchanged(t, func() {
			want(t, "CompleteSignUp with the link before", complete(first, password), "not_found")
			want(t, "CompleteSignUp with another's ticket", complete(random(32), password), "not_found")
			want(t, "CompleteSignUp with a short password", complete(ticket, "short"), "invalid password:too_short")
		})
		in, err := h.CompleteSignUp(ctx, from(home), ticket, " Jane ", password, "en", browser)
		if err != nil {
			t.Fatalf("CompleteSignUp: %v", err)
		}
		got := letterlock.User{Email: in.User.Email, Name: in.User.Name, Language: in.User.Language, VerifiedAt: in.User.VerifiedAt}
		if diff := cmp.Diff(letterlock.User{Email: "Jane@example.com", Name: "Jane", Language: "en", VerifiedAt: h.Clock.Now().UTC()}, got); diff != "" {
			t.Errorf("the account (-want +got):\n%s", diff)
		}
		h.unchanged(t, func() { want(t, "CompleteSignUp again", complete(ticket, another), "not_found") })
		if c, err := h.SessionCaller(ctx, from(home), in.Cookie); err != nil || c.User.Name != "Jane" {
			t.Errorf("SessionCaller after CompleteSignUp: %v, %v; want Jane", c.User, err)
		}
		want(t, "SignIn", h.signIn(home, "JANE@example.com", password), "ok")
		h.wantMails(t)
	})
}

func TestSignUpLinkEnds(t *testing.T) {
	accounts(t, func(t *testing.T, h *house) {
		h.signUpMode(t, letterlock.SignUpOpen)
		want(t, "SignUp", h.SignUp(ctx, from(home), "jane@example.com", "en", nil), "ok")
		ticket := h.mail(t, "jane@example.com", "Confirm")
		h.Clock.Advance(24 * time.Hour)
		_, err := h.CompleteSignUp(ctx, from(home), ticket, "Jane", password, "en", browser)
		want(t, "CompleteSignUp after a day", err, "not_found")
	})
}

// Whoever types an address learns nothing of whether somebody has it: the same
// answer, and one line more in the queue.
func TestTypedAddressesAreUniform(t *testing.T) {
	type ask func(h *house, email string) error
	asks := map[string]ask{
		"SignUp":   func(h *house, email string) error { return h.SignUp(ctx, from(home), email, "en", nil) },
		"AskReset": func(h *house, email string) error { return h.AskReset(ctx, from(home), email) },
	}
	accounts(t, func(t *testing.T, h *house) {
		h.signUpMode(t, letterlock.SignUpOpen)
		h.join(t, "known@example.com")
		for name, ask := range asks {
			for _, email := range []string{"known@example.com", name + "-unknown@example.com"} {
				queued := h.queued(t)
				want(t, name+" "+email, ask(h, email), "ok")
				if got := h.queued(t) - queued; got != 1 {
					t.Errorf("%s %s queued %d mails, want 1", name, email, got)
				}
			}
		}
		var got []string
		for _, letter := range h.takeMail(t) {
			got = append(got, letter.To+": "+letter.Subject)
		}
		wanted := map[string]bool{
			"known@example.com: You have an account on share.example.org already":    true,
			"SignUp-unknown@example.com: Confirm your address for share.example.org": true,
			"known@example.com: Choose a new password for share.example.org":         true,
		}
		for _, letter := range got {
			if !wanted[letter] {
				t.Errorf("a mail arrived that should not: %s", letter)
			}
		}
		if len(got) != len(wanted) {
			t.Errorf("mails %q arrived, want %d", got, len(wanted))
		}
	})
}

// queued is how many lines the queue has.
func (h *house) queued(t testing.TB) int {
	return strings.Count("\n"+h.Dump(t), "\noutbox ")
}

// Nobody can have an address flooded with mail.
func TestTypedAddressesAreBounded(t *testing.T) {
	accounts(t, func(t *testing.T, h *house) {
		h.join(t, "jane@example.com")
		for range 5 {
			want(t, "AskReset", h.AskReset(ctx, from(home), "jane@example.com"), "ok")
		}
		if got := len(h.takeMail(t)); got != 5 {
			t.Errorf("%d mails for 5 resets, want 5", got)
		}
		h.unchanged(t, func() { want(t, "the sixth AskReset", h.AskReset(ctx, from(train), "JANE@example.com"), "ok") })
		h.Clock.Advance(time.Hour)
		want(t, "AskReset an hour later", h.AskReset(ctx, from(home), "jane@example.com"), "ok")
		h.wantMails(t, "jane@example.com")
	})
}

func TestSignUpModes(t *testing.T) {
	tests := []struct {
		mode    letterlock.SignUpMode
		domains []string
		email   string
		want    string
	}{
		{letterlock.SignUpOpen, nil, "jane@example.com", "ok"},
		{letterlock.SignUpOpen, nil, "no address", "invalid email:not_an_address"},
		{letterlock.SignUpInvited, nil, "jane@example.com", "forbidden"},
		{letterlock.SignUpInvited, nil, "operator@example.org", "forbidden"},
		{letterlock.SignUpDomains, []string{"example.net", "example.com"}, "jane@EXAMPLE.com", "ok"},
		{letterlock.SignUpDomains, []string{"example.com"}, "jane@sub.example.com", "forbidden"},
		{letterlock.SignUpDomains, []string{"example.com"}, "jane@badexample.com", "forbidden"},
	}
	accounts(t, func(t *testing.T, h *house) {
		operator := h.operator(t)
		for _, test := range tests {
			n := h.Settings()
			n.SignUp, n.Domains = test.mode, test.domains
			if err := h.ChangeSettings(ctx, operator.Caller, n); err != nil {
				t.Fatalf("ChangeSettings: %v", err)
			}
			want(t, "SignUp of "+test.email+", "+string(test.mode), h.SignUp(ctx, from(home), test.email, "en", nil), test.want)
		}
	})
}

// An invitation lets its address in, as long as it is good.
func TestSignUpByInvitation(t *testing.T) {
	accounts(t, func(t *testing.T, h *house) {
		owner := h.join(t, "owner@example.com")
		org, err := h.CreateOrg(ctx, owner.Caller, "Acme")
		want(t, "CreateOrg", err, "ok")
		i, invitation, err := h.Invite(ctx, owner.Caller, org.ID, service.NewInvitation{Email: "jane@example.com", Role: letterlock.PlainMember})
		want(t, "Invite", err, "ok")
		h.takeMail(t)

		want(t, "SignUp of another address", h.SignUp(ctx, from(home), "sam@example.com", "en", invitation), "forbidden")
		want(t, "SignUp with another's invitation", h.SignUp(ctx, from(home), "jane@example.com", "en", random(32)), "forbidden")
		want(t, "SignUp", h.SignUp(ctx, from(home), "JANE@example.com", "en", invitation), "ok")
		h.mail(t, "JANE@example.com", "Confirm")
		want(t, "RevokeInvitation", h.RevokeInvitation(ctx, owner.Caller, org.ID, i.ID), "ok")
		want(t, "SignUp with a revoked invitation", h.SignUp(ctx, from(home), "jane@example.com", "en", invitation), "forbidden")
	})
}

func TestChangeProfile(t *testing.T) {
	accounts(t, func(t *testing.T, h *house) {
		p := h.join(t, "jane@example.com")
		want(t, "ChangeProfile", h.ChangeProfile(ctx, p.Caller, " Jane Miller ", "de"), "ok")
		if c, _ := h.SessionCaller(ctx, from(home), p.cookie); c.User.Name != "Jane Miller" || c.User.Language != "de" {
			t.Errorf("the profile is %q, %q; want Jane Miller, de", c.User.Name, c.User.Language)
		}
		h.unchanged(t, func() {
			want(t, "ChangeProfile by nobody", h.ChangeProfile(ctx, from(home), "x", ""), "unauthorized")
			want(t, "ChangeProfile to two lines", h.ChangeProfile(ctx, p.Caller, "a\nb", ""), "invalid name:not_text")
		})
	})
}

// An account that nobody proved goes after a week, with all that belongs to it.
func TestUnprovedAccountsGo(t *testing.T) {
	accounts(t, func(t *testing.T, h *house) {
		h.signUpMode(t, letterlock.SignUpOpen)
		want(t, "SignUp", h.SignUp(ctx, from(home), "jane@example.com", "en", nil), "ok")
		h.Clock.Advance(7*24*time.Hour + time.Millisecond)
		if err := h.PruneAccounts(ctx); err != nil {
			t.Fatalf("Prune: %v", err)
		}
		err := h.DB.Read(ctx, func(tx *store.Tx) error {
			_, err := tx.UserByEmail("jane@example.com")
			return err
		})
		want(t, "UserByEmail of who proved nothing for a week", err, "not_found")
	})
}

// refusals is how many refusals of an action were recorded.
func (h *house) refusals(t testing.TB, action letterlock.Action) (n int) {
	t.Helper()
	for line := range strings.Lines(h.Dump(t)) {
		const actions, refused = 2, 7 // columns
		if cells := strings.Split(line, " | "); strings.HasPrefix(line, "event ") && cells[actions] == string(action) && cells[refused] != "<nil>" {
			n++
		}
	}
	return n
}
