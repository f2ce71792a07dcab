package envelope

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"
)

var (
	testIntent = Intent{MaxViews: 1, ExpiresIn: time.Hour}
	testTime   = time.Unix(1767225600, 0)
)

// sealed is an envelope of a known key, without a password.
func sealed(t testing.TB, text string) (*Sealed, *Keys) {
	t.Helper()
	s, err := seal(Key{1, 2, 3}, KDF{}, [16]byte{}, text, "", testIntent, testTime)
	if err != nil {
		t.Fatalf("seal: %v", err)
	}
	keys, err := DeriveKeys(s.Link, s.Header, "")
	if err != nil {
		t.Fatalf("DeriveKeys: %v", err)
	}
	return s, keys
}

func TestSealAndOpen(t *testing.T) {
	for _, size := range []int{0, 1, 955, 956, 957, 4028, 4029, 16316, 16317, 65468, 65469, MaxText} {
		text := strings.Repeat("x", size)
		s, err := Seal(text, "", testIntent, testTime)
		if err != nil {
			t.Fatalf("Seal(%d bytes): %v", size, err)
		}
		link, err := ParseLink(s.Link.PathID(), s.Link.Fragment())
		if err != nil {
			t.Fatalf("ParseLink of our own link: %v", err)
		}
		keys, err := DeriveKeys(link, s.Header, "")
		if err != nil {
			t.Fatalf("DeriveKeys: %v", err)
		}
		m, got, err := keys.Open(s.Commit, s.Content)
		if err != nil || got != text {
			t.Fatalf("Open after Seal of %d bytes: %d bytes, %v", size, len(got), err)
		}
		same(t, "intent", m.Intent, testIntent)
		same(t, "created at", m.CreatedAt, testTime.UTC())
	}
	if _, err := Seal(strings.Repeat("x", MaxText+1), "", testIntent, testTime); err != ErrTooLarge {
		t.Errorf("Seal of 65,537 bytes: %v, want %v", err, ErrTooLarge)
	}
}

// TestGates: what else the sender asks for is sealed too, so that a server that
// asks for less is found out.
func TestGates(t *testing.T) {
	intent := Intent{ExpiresIn: time.Hour, Gates: []string{"organization", "sign_in"}}
	m, err := parseManifest(newManifest(intent, testTime))
	if err != nil {
		t.Fatalf("parseManifest: %v", err)
	}
	same(t, "intent", m.Intent, intent)
}

func TestPasswords(t *testing.T) {
	s, err := Seal("hunter2", "café", Intent{ExpiresIn: time.Hour}, testTime)
	if err != nil {
		t.Fatal(err)
	}
	for password, want := range map[string]error{
		"café":                    nil,
		"cafe\u0301":              nil, // the same, decomposed
		"Café":                    ErrDamaged,
		"café ":                   ErrDamaged,
		"":                        ErrPassword,
		"\xff":                    ErrPassword,
		strings.Repeat("x", 1025): ErrPassword,
	} {
		keys, err := DeriveKeys(s.Link, s.Header, password)
		if err == nil {
			_, _, err = keys.Open(s.Commit, s.Content)
		}
		if err != want {
			t.Errorf("open with password %+q: %v, want %v", password, err, want)
		}
	}
}

func TestHeaderIsBound(t *testing.T) {
	s, _ := sealed(t, "x")
	other, _ := Seal("x", "", testIntent, testTime)
	locked := newHeader(s.Link.ID, DefaultKDF, [16]byte{1})
	for name, h := range map[string]Header{"of another secret": other.Header, "with a password": locked} {
		if _, err := DeriveKeys(s.Link, h, ""); err != ErrDamaged {
			t.Errorf("DeriveKeys with a header %s: %v, want %v", name, err, ErrDamaged)
		}
	}
	changed := s.Header
	changed[7] = 1
	keys, err := DeriveKeys(s.Link, changed, "")
	if err == nil {
		_, _, err = keys.Open(s.Commit, s.Content)
	}
	if err != ErrDamaged {
		t.Errorf("Open under a changed header: %v, want %v", err, ErrDamaged)
	}
}

func TestURLs(t *testing.T) {
	s, _ := sealed(t, "x")
	link := s.Link.URL("https://share.example/team")
	encoded := strings.Replace(link, "#", "%23", 1)
	for _, text := range []string{
		link, " " + link + "\n", encoded, link + ">", link + "%", link + ".%zz", link + "%20", link + "\u00a0", link + "#again", link + "%23again",
		encoded + "#_=_", encoded + "%23again", encoded + "%zz", strings.Replace(link, "#", "?from=mail#", 1), strings.Replace(link, "https", "HTTPS", 1),
	} {
		server, got, err := ParseURL(text)
		if err != nil || server != "https://share.example/team" || got.Key != s.Link.Key {
			t.Errorf("ParseURL of a link, %d characters of it ours and %q: server %q, %v; want https://share.example/team and the key",
				len(link), strings.TrimPrefix(text, link), server, err)
		}
	}
	for _, server := range []string{"https://share.example", "https://share.example/s", "https://share.example/a/s/b", "http://127.0.0.1:8080/s/s"} {
		if got, parsed, err := ParseURL(s.Link.URL(server)); err != nil || got != server || parsed.Key != s.Link.Key {
			t.Errorf("ParseURL of a link on %s: server %q, %v", server, got, err)
		}
	}
	for text, want := range map[string]error{
		strings.Replace(link, "https", "ftp", 1):         ErrDamaged,
		strings.Replace(link, "://", "://user:pass@", 1): ErrDamaged,
		strings.Replace(link, "/team/", "/%zz/", 1):      ErrDamaged,
		strings.Replace(link, "https:", "", 1):           ErrDamaged,
		"":                                               ErrDamaged,
		"share.example/s/x":                              ErrDamaged,
		"https://share.example/":                         ErrDamaged,
		strings.Split(link, "#")[0]:                      ErrMissing,
		"https://share.example/s/#aa":                    ErrDamaged,
	} {
		if _, _, err := ParseURL(text); err != want {
			t.Errorf("ParseURL(%q): %v, want %v", text, err, want)
		}
	}
}

func TestNothingPrints(t *testing.T) {
	s, keys := sealed(t, "x")
	text := fmt.Sprintf("%v %+v %#v %s %x %v %+v %#v %q", s.Link, s.Link, s.Link, s.Link.Key, s.Link.Key, keys, keys, keys, s.Link)
	j, err := json.Marshal(s.Link.Key)
	if err != nil {
		t.Fatal(err)
	}
	text += string(j)
	for _, secret := range []string{s.Link.Fragment(), fmt.Sprintf("%x", s.Link.Key[:]), fmt.Sprint(s.Link.Key[:]), fmt.Sprintf("%x", keys.AccessProof())} {
		if strings.Contains(text, secret) {
			t.Errorf("printing shows a secret: %s", text)
		}
	}
}

func TestPadme(t *testing.T) {
	for n, want := range map[int]int{0: 0, 1: 1, 2: 2, 65535: 65536, 65536: 65536, 65537: 67584, 66000: 67584, 200000: 200704} {
		if got := padme(n); got != want {
			t.Errorf("padme(%d) = %d, want %d", n, got, want)
		}
	}
	for n := 8; n < 1<<20; n += 997 {
		if got := padme(n); got < n || float64(got) > 1.12*float64(n) {
			t.Errorf("padme(%d) = %d, want at most 12 %% more", n, got)
		}
	}
}

func ExampleSeal() {
	s, err := Seal("hunter2", "", Intent{MaxViews: 1, ExpiresIn: time.Hour}, time.Now())
	if err != nil {
		panic(err)
	}
	link, err := ParseLink(s.Link.PathID(), s.Link.Fragment())
	if err != nil {
		panic(err)
	}
	keys, err := DeriveKeys(link, s.Header, "")
	if err != nil {
		panic(err)
	}
	_, text, err := keys.Open(s.Commit, s.Content)
	fmt.Println(text, err)
	// Output: hunter2 <nil>
}

func isOurs(err error) bool {
	for _, e := range []error{ErrMissing, ErrDamaged, ErrNewer, ErrWeak, ErrPassword, ErrTooLarge} {
		if errors.Is(err, e) {
			return true
		}
	}
	return false
}
