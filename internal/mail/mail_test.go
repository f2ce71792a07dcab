package mail_test

import (
	"bytes"
	"errors"
	"html"
	"log/slog"
	"net/netip"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"letterlock"
	"letterlock/internal/mail"
)

var instance = mail.Instance{Name: "Acme Secrets", URL: "https://share.example.org/secrets"}

var languages = []string{"de", "en"}

var (
	at    = time.Date(2026, 11, 25, 13, 0, 0, 0, time.UTC)
	until = at.Add(24 * time.Hour)
	act   = mail.Act{At: at, Network: netip.MustParsePrefix("203.0.113.0/24"), Browser: "Firefox on Linux"}
)

const link = "https://share.example.org/secrets/verify#aeaaaaicamcakbqhbaequcymbuha6earcijrifiwc4mbsgq3dqor4hy"

// contents are one of every kind.
var contents = []mail.Content{
	mail.Verify{Link: link, Until: until},
	mail.HasAccount{Link: "https://share.example.org/secrets/signin"},
	mail.Reset{Link: link, Until: at.Add(30 * time.Minute)},
	mail.PasswordChanged{Act: act, Link: "https://share.example.org/secrets/reset"},
	mail.ConfirmEmail{Link: link, Until: until},
	mail.EmailChanged{Act: act, Address: "jane@example.net", Link: link, Until: at.Add(7 * 24 * time.Hour)},
	mail.Invitation{Inviter: "Jane Miller", Address: "jane.miller@example.com", Organization: "Example & Sons", Role: letterlock.PlainMember, Link: link, Until: until},
	mail.NewSignIn{Act: act, Link: "https://share.example.org/secrets/account/sessions"},
	mail.TokenCreated{Act: act, Name: "backup job", Scopes: []letterlock.Scope{letterlock.ScopeCreate, letterlock.ScopeRead}, Ends: at.AddDate(1, 0, 0), Link: "https://share.example.org/secrets/account/tokens"},
	mail.Test{},
}

func writer(t *testing.T) *mail.Writer {
	t.Helper()
	w := mail.NewWriter()
	return w
}

func write(t *testing.T, lang string, c mail.Content) mail.Message {
	t.Helper()
	m, err := writer(t).Write(instance, "sam@example.com", lang, c)
	if err != nil {
		t.Fatalf("Write %s in %s: %v", kind(t, c), lang, err)
	}
	return m
}

func kind(t *testing.T, c mail.Content) string {
	t.Helper()
	k, _, err := mail.Keep(c)
	if err != nil {
		t.Fatalf("Keep(%#v): %v", c, err)
	}
	return string(k)
}

// eachMail runs f for every mail in every language.
func eachMail(t *testing.T, f func(t *testing.T, name string, c mail.Content, m mail.Message)) {
	t.Helper()
	for _, lang := range languages {
		for _, c := range contents {
			name := kind(t, c) + "." + lang
			t.Run(name, func(t *testing.T) { f(t, name, c, write(t, lang, c)) })
		}
	}
}

// TestMails holds every mail to testdata. UPDATE=1 rewrites it.
func TestMails(t *testing.T) {
	made := map[string]bool{}
	eachMail(t, func(t *testing.T, name string, _ mail.Content, m mail.Message) {
		made[name+".txt"], made[name+".html"] = true, true
		golden(t, name+".txt", "Subject: "+m.Subject+"\n\n"+m.Text)
		golden(t, name+".html", m.HTML)
	})
	files, err := os.ReadDir("testdata")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if !made[f.Name()] {
			t.Errorf("testdata/%s is of no mail: remove it", f.Name())
		}
	}
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if os.Getenv("UPDATE") != "" {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got): if it is meant, run UPDATE=1 go test ./internal/mail\n%s", file, diff)
	}
}

var (
	style = regexp.MustCompile(`(?s)<style>.*</style>|<title>.*</title>`)
	tag   = regexp.MustCompile(`<[^>]*>`)
	// remote is what makes a mail program ask somebody for something.
	remote = regexp.MustCompile(`(?i)<(?:img|link|script|iframe|object|embed|video|audio|form|base|input)|\s(?:src|srcset|background|on\w+|style)=|url\(|@import|http-equiv`)
	href   = regexp.MustCompile(`href="([^"]*)"`)
)

// TestMailsSayTheSameTwice: what is read with styles stripped is the text, and
// nothing in a mail is fetched from anywhere.
func TestMailsSayTheSameTwice(t *testing.T) {
	eachMail(t, func(t *testing.T, _ string, _ mail.Content, m mail.Message) {
		bare := words(html.UnescapeString(tag.ReplaceAllString(style.ReplaceAllString(m.HTML, ""), " ")))
		if !strings.HasPrefix(m.Text, m.Subject+"\n") || strings.ContainsAny(m.Text+m.Subject, "{}") {
			t.Errorf("text does not begin with its subject, or is not filled in:\n%s", m.Text)
		}
		for line := range strings.Lines(m.Text) {
			if line = strings.TrimSuffix(strings.TrimSpace(line), ":"); !strings.Contains(bare, words(line)) {
				t.Errorf("the text says %q, the HTML does not:\n%s", line, bare)
			}
		}
		if found := remote.FindString(m.HTML); found != "" {
			t.Errorf("HTML has %q", found)
		}
		for _, m2 := range href.FindAllStringSubmatch(m.HTML, -1) {
			if address := html.UnescapeString(m2[1]); strings.Count(m.Text, address) != 1 {
				t.Errorf("HTML leads to %s, which is not in the text once", address)
			}
		}
		if !strings.Contains(m.Text, "share.example.org") {
			t.Errorf("the text does not name the host:\n%s", m.Text)
		}
	})
}

func words(s string) string { return strings.Join(strings.Fields(s), " ") }

// TestContentsAreKept: a queue has a mail as its kind and JSON.
func TestContentsAreKept(t *testing.T) {
	var kinds []letterlock.MailKind
	for _, c := range contents {
		kind, kept, err := mail.Keep(c)
		if err != nil {
			t.Fatalf("Keep(%#v): %v", c, err)
		}
		kinds = append(kinds, kind)
		got, err := mail.Read(kind, kept)
		if diff := cmp.Diff(c, got, cmp.Comparer(func(a, b netip.Prefix) bool { return a == b })); diff != "" || err != nil {
			t.Errorf("Read(%s, %s): %v (-want +got):\n%s", kind, string(kept), err, diff)
		}
	}
	if want := mail.Kinds(); !slices.Equal(slices.Sorted(slices.Values(kinds)), want) {
		t.Errorf("these tests have the kinds %q, want %q", kinds, want)
	}
	if c, err := mail.Read("nothing", []byte("{}")); err == nil {
		t.Errorf("Read(nothing) = %v, want an error", c)
	}
	if c, err := mail.Read("verify", []byte(`{"Link": "canarykey"`)); err == nil || strings.Contains(err.Error(), "canary") {
		t.Errorf("Read of half a verify = %v, %v, want an error that repeats nothing", c, err)
	}
}

// TestWriteWithLittle: what need not be known leaves no hole.
func TestWriteWithLittle(t *testing.T) {
	w := writer(t)
	m, err := w.Write(mail.Instance{Name: "Letterlock"}, "sam@example.com", "xx", mail.NewSignIn{Act: mail.Act{At: at}, Link: link})
	if err != nil || !strings.HasPrefix(m.Text, "New sign-in to your account on Letterlock\nLetterlock\n") || strings.Contains(m.Text, "Network") {
		t.Errorf("Write in a language we do not have, without an address: %v, want English and the name alone:\n%s", err, m.Text)
	}
	for _, role := range []letterlock.Role{letterlock.Owner, letterlock.Admin, letterlock.PlainMember} {
		if m := write(t, "en", mail.Invitation{Address: "jane@example.com", Organization: "Example", Role: role}); !strings.Contains(m.Text, string(role)+". People") {
			t.Errorf("invitation as %s: %s", role, m.Text)
		}
	}
	if m, err := w.Write(instance, "sam@example.com", "en", mail.Invitation{Role: "king"}); err == nil {
		t.Errorf("Write of an invitation as king: no error:\n%s", m.Text)
	}
}

// TestNamesOfOthers: whoever invites a stranger does not get to write the mail.
func TestNamesOfOthers(t *testing.T) {
	const joiner = "\u2060"
	for _, c := range []struct{ name, want string }{
		{"Jane Miller", "Jane Miller"},
		{"J. R. Miller, Inc.", "J. R. Miller, Inc."},
		{" Jane \t Miller\n", "Jane Miller"},
		{"Jane\r\n\r\nClick here", "Jane Click here"},
		{"Jane\x00\u202eMiller\u200b\x80", "JaneMiller"},
		{"evil.example", "evil." + joiner + "example"},
		{"https://evil.example/x", "https:" + joiner + "//" + joiner + "evil." + joiner + "example/" + joiner + "x"},
		{"eve@evil.example", "eve@" + joiner + "evil." + joiner + "example"},
		{strings.Repeat("é", 101), strings.Repeat("é", 99) + "…"},
		{"{host}{until}", "{host}{until}"},
		{"<b>&amp;", "<b>&amp;"},
	} {
		if got := mail.Plain(c.name); got != c.want {
			t.Errorf("Plain(%q) = %q, want %q", c.name, got, c.want)
		}
	}
	const eve = "<script>{host}\r\nBcc: x"
	m := write(t, "en", mail.Invitation{Inviter: eve, Address: "eve@example.com", Organization: eve, Role: letterlock.PlainMember, Link: `javascript:"><b>`, Until: until})
	if strings.Contains(m.HTML, "<script") || strings.Contains(m.HTML, "<b>") || strings.Contains(m.HTML, `href="javascript:`) {
		t.Errorf("a name or a link became markup:\n%s", m.HTML)
	}
	if !strings.HasPrefix(m.Subject, "<script>{host} Bcc: x invites you to") || strings.ContainsAny(m.Subject, "\r\n") {
		t.Errorf("subject %q, want the name as it is, in one line", m.Subject)
	}
}

var (
	chosenKey = regexp.MustCompile(`"mail\.(?:fact|problem)\.([a-z_]+)"`)
	chosen    = regexp.MustCompile(`(?:return|Key:) "([a-z_]+)"`)
)

// TestChosenSentencesAreThere, and no others: the keys that the code picks at
// run time are those of the catalog.
func TestChosenSentencesAreThere(t *testing.T) {
	used, there := map[string]bool{}, map[string]bool{}
	for _, source := range []string{"failure.go", "content.go"} {
		for _, m := range chosen.FindAllStringSubmatch(read(t, source), -1) {
			used[m[1]] = true
		}
	}
	for _, m := range chosenKey.FindAllStringSubmatch(read(t, "../../ui/locales/en.json"), -1) {
		there[strings.TrimSuffix(m[1], "_do")] = true
	}
	if diff := cmp.Diff(used, there); diff != "" || len(used) < 20 {
		t.Errorf("facts and problems (-used +in the catalog):\n%s", diff)
	}
}

func read(t *testing.T, file string) string {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestUnsent(t *testing.T) {
	var log bytes.Buffer
	err := mail.Unsent{Log: slog.New(slog.NewTextHandler(&log, nil))}.Send(t.Context(), message)
	if !errors.Is(err, mail.ErrNoServer) {
		t.Errorf("Send: %v, want ErrNoServer", err)
	}
	if got := log.String(); !strings.Contains(got, "a mail was not sent") || strings.Contains(got, "canarykey") || strings.Contains(got, "jane") || strings.Contains(got, "Adresse") {
		t.Errorf("logged %q, want that a mail was not sent, and neither to whom nor what", got)
	}
	if e := explain(t, err, "de"); e.What != "Es ist kein Mailserver eingerichtet, deshalb wurde nichts gesendet." {
		t.Errorf("explained as %q", e.What)
	}
}
