package mail

import (
	"errors"
	"fmt"
	"net/netip"
	"regexp"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/go-json-experiment/json"

	"letterlock"
	"letterlock/ui"
)

// Content is what one kind of mail says. The types below are all there are.
type Content interface{ letter() ui.Letter }

// Link is where a mail's button leads. Most open something, so it never prints.
type Link string

// Format prints [redacted] under every verb.
func (Link) Format(f fmt.State, _ rune) { f.Write([]byte("[redacted]")) }

// Verify asks the owner of a new account to prove the mailbox.
type Verify struct {
	Link  Link
	Until time.Time
}

// HasAccount goes to an address that somebody wants an account for, and that
// has one. Link leads to signing in.
type HasAccount struct{ Link Link }

// Reset lets the owner of an account choose a new password.
type Reset struct {
	Link  Link
	Until time.Time
}

// PasswordChanged tells the owner of an account. Link leads to asking for a new
// password.
type PasswordChanged struct {
	Act
	Link Link
}

// ConfirmEmail goes to the new address before an account uses it. It names
// neither the account nor its owner: the address may be a stranger's.
type ConfirmEmail struct {
	Link  Link
	Until time.Time
}

// EmailChanged goes to the old address, with a link that undoes the change.
type EmailChanged struct {
	Act
	Address letterlock.Email // the new one
	Link    Link
	Until   time.Time
}

// Invitation asks somebody to join an organization.
type Invitation struct {
	Inviter      string           // name, may be empty
	Address      letterlock.Email // the inviter's
	Organization string
	Role         letterlock.Role
	Link         Link
	Until        time.Time
}

// NewSignIn tells of a sign-in from somewhere new. Link leads to the sessions.
type NewSignIn struct {
	Act
	Link Link
}

// TokenCreated tells of a new API token. Link leads to the tokens.
type TokenCreated struct {
	Act
	Name   string
	Scopes []letterlock.Scope
	Ends   time.Time // zero if it does not end
	Link   Link
}

// Test shows that mail arrives.
type Test struct{}

// Act is when and from where something was done.
type Act struct {
	At      time.Time
	Network netip.Prefix // cut as for the audit log
	Browser string
}

func (a Act) facts() []ui.Fact {
	facts := []ui.Fact{{Key: "time", At: a.At}}
	if a.Network.IsValid() {
		facts = append(facts, ui.Fact{Key: "network", Value: a.Network.String()})
	}
	if browser := plain(a.Browser); browser != "" {
		facts = append(facts, ui.Fact{Key: "browser", Value: browser})
	}
	return facts
}

func (v Verify) letter() ui.Letter {
	return ui.Letter{Kind: "verify", Link: string(v.Link), Until: v.Until}
}

func (h HasAccount) letter() ui.Letter { return ui.Letter{Kind: "has_account", Link: string(h.Link)} }

func (r Reset) letter() ui.Letter {
	return ui.Letter{Kind: "reset", Link: string(r.Link), Until: r.Until}
}

func (p PasswordChanged) letter() ui.Letter {
	return ui.Letter{Kind: "password_changed", Facts: p.facts(), Link: string(p.Link)}
}

func (c ConfirmEmail) letter() ui.Letter {
	return ui.Letter{Kind: "confirm_email", Link: string(c.Link), Until: c.Until}
}

func (e EmailChanged) letter() ui.Letter {
	facts := append([]ui.Fact{{Key: "address", Value: string(e.Address)}}, e.facts()...)
	return ui.Letter{Kind: "email_changed", Facts: facts, Link: string(e.Link), Until: e.Until}
}

func (i Invitation) letter() ui.Letter {
	inviter, address := plain(i.Inviter), string(i.Address)
	sender := inviter + ", " + address
	if inviter == "" {
		inviter, sender = address, address
	}
	return ui.Letter{
		Kind:   "invitation",
		Sender: sender,
		Fill:   map[string]string{"inviter": inviter, "organization": plain(i.Organization)},
		Words:  map[string]string{"role": "mail.role." + string(i.Role)},
		Link:   string(i.Link),
		Until:  i.Until,
	}
}

func (n NewSignIn) letter() ui.Letter {
	return ui.Letter{Kind: "new_sign_in", Facts: n.facts(), Link: string(n.Link)}
}

func (t TokenCreated) letter() ui.Letter {
	var scopes []string
	for _, scope := range t.Scopes {
		scopes = append(scopes, string(scope))
	}
	facts := []ui.Fact{{Key: "token", Value: plain(t.Name)}, {Key: "scopes", Value: strings.Join(scopes, ", ")}}
	if !t.Ends.IsZero() {
		facts = append(facts, ui.Fact{Key: "ends", At: t.Ends})
	}
	return ui.Letter{Kind: "token_created", Facts: append(facts, t.facts()...), Link: string(t.Link)}
}

func (Test) letter() ui.Letter { return ui.Letter{Kind: "test"} }

// kinds read back what was kept.
var kinds = map[letterlock.MailKind]func(letterlock.Payload) (Content, error){
	"verify": read[Verify], "has_account": read[HasAccount], "reset": read[Reset], "password_changed": read[PasswordChanged],
	"confirm_email": read[ConfirmEmail], "email_changed": read[EmailChanged], "invitation": read[Invitation],
	"new_sign_in": read[NewSignIn], "token_created": read[TokenCreated], "test": read[Test],
}

// Keep is a content as the outbox keeps it.
func Keep(c Content) (letterlock.MailKind, letterlock.Payload, error) {
	kept, err := json.Marshal(c)
	return letterlock.MailKind(c.letter().Kind), kept, err
}

// Read is a content that was kept.
func Read(kind letterlock.MailKind, kept letterlock.Payload) (Content, error) {
	from, ok := kinds[kind]
	if !ok {
		return nil, fmt.Errorf("no kind of mail %q", string(kind))
	}
	return from(kept)
}

func read[C Content](kept letterlock.Payload) (Content, error) {
	var c C
	if err := json.Unmarshal(kept, &c); err != nil {
		return nil, errors.New("the kept mail cannot be read") // the error could repeat a part of it
	}
	return c, nil
}

// Until is when a content is of no use any more, the zero time if it always is.
func Until(c Content) time.Time { return c.letter().Until }

// longestName is how much of a name a mail shows.
const longestName = 100

// plain makes a name that somebody chose fit for a mail to somebody else: one
// line, of bounded length, and nothing that a mail program takes for an address
// and makes a link of. So nobody sends their own message in our name.
func plain(name string) string {
	name = oneLine(name)
	if utf8.RuneCountInString(name) > longestName {
		name = string([]rune(name)[:longestName-1]) + "…"
	}
	return linkable.ReplaceAllString(name, "$1\u2060$2")
}

// linkable is a mark inside an address, and what follows. A word joiner between
// them has no width and breaks the address.
var linkable = regexp.MustCompile(`([.:/@])(\S)`)

// oneLine drops what is not there to be seen, above all line ends and marks that
// change the direction of what follows.
func oneLine(s string) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case !unicode.IsGraphic(r) || r == utf8.RuneError:
			return -1
		}
		return r
	}, s)
	return strings.Join(strings.Fields(s), " ")
}
