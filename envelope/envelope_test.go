package envelope

import (
	"bytes"
	"encoding/binary"
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

// TestRefusedContent changes sealed content in every way that must not go
// unnoticed.
func TestRefusedContent(t *testing.T) {
	s, keys := sealed(t, strings.Repeat("x", MaxText)) // two chunks
	c := s.Content
	first, last := c[:chunkSize+tagSize], c[chunkSize+tagSize:]
	aead := keys.aead(0)
	plain, _ := keys.openPart(0, c)
	wholeChunk := aead.Seal(nil, nonce(0, false), plain[:chunkSize], nil)

	for name, content := range map[string][]byte{
		"empty":                       {},
		"a tag's length short":        c[:len(c)-tagSize],
		"one byte short":              c[:len(c)-1],
		"one byte more":               append(bytes.Clone(c), 0),
		"last chunk dropped":          first,
		"first chunk dropped":         last,
		"chunks swapped":              append(bytes.Clone(last), first...),
		"first chunk twice":           append(bytes.Clone(first), c...),
		"last chunk twice":            append(bytes.Clone(c), last...),
		"empty final chunk":           aead.Seal(wholeChunk, nonce(1, true), nil, nil),
		"final mark missing":          aead.Seal(bytes.Clone(wholeChunk), nonce(1, false), plain[chunkSize:], nil),
		"final mark too early":        aead.Seal(nil, nonce(0, true), plain[:chunkSize], nil),
		"first bit flipped":           flipped(c, 0),
		"bit of the first tag":        flipped(c, chunkSize),
		"last bit flipped":            flipped(c, len(c)-1),
		"another part's key":          keys.sealPart(1, plain),
		"another envelope's content":  otherContent(t),
		"padding not zero":            keys.sealPart(0, lastByte(plain, 1)),
		"padding of another size":     keys.sealPart(0, plain[:len(plain)-1]),
		"more padding than the rule":  keys.sealPart(0, append(bytes.Clone(plain), make([]byte, 4096)...)),
		"manifest longer than part":   keys.sealPart(0, withLength(0xffffffff)),
		"text longer than part":       keys.sealPart(0, withTextLength(t, 0xffffffff)),
		"text that is no UTF-8":       keys.sealPart(0, part0(t, `{"v":1,"files":[],"created_at":1,"policy":[1,60]}`, "\xff")),
		"manifest member twice":       keys.sealPart(0, part0(t, `{"v":1,"v":1,"files":[],"created_at":1,"policy":[1,60]}`, "x")),
		"manifest in other case":      keys.sealPart(0, part0(t, `{"V":1,"files":[],"created_at":1,"policy":[1,60]}`, "x")),
		"manifest with more after it": keys.sealPart(0, part0(t, `{"v":1,"files":[],"created_at":1,"policy":[1,60]} 1`, "x")),
		"manifest without policy":     keys.sealPart(0, part0(t, `{"v":1,"files":[],"created_at":1}`, "x")),
		"manifest too long":           keys.sealPart(0, part0(t, `{"v":1,"files":[],"created_at":1,"policy":[1,60],"x":"`+strings.Repeat("x", 1024)+`"}`, "x")),
		"no manifest":                 keys.sealPart(0, make([]byte, 1024)),
	} {
		if _, text, err := keys.Open(s.Commit, content); err != ErrDamaged || text != "" {
			t.Errorf("Open, %s: %d bytes, %v; want %v and nothing", name, len(text), err, ErrDamaged)
		}
	}
	newer := keys.sealPart(0, part0(t, `{"v":2}`, "x"))
	if _, _, err := keys.Open(s.Commit, newer); err != ErrNewer {
		t.Errorf("Open, manifest of version 2: %v, want %v", err, ErrNewer)
	}
	if _, _, err := keys.Open([32]byte{1}, c); err != ErrDamaged {
		t.Errorf("Open under another commitment: %v, want %v", err, ErrDamaged)
	}
	unknown := keys.sealPart(0, part0(t, `{"v":1,"files":[],"created_at":1,"policy":[null,60],"gates":["email"],"later":{"v":2}}`, "x"))
	if m, _, err := keys.Open(s.Commit, unknown); err != nil || m.Intent.MaxViews != 0 || len(m.Gates) != 1 {
		t.Errorf("Open, manifest with more members: %+v, %v; want it read", m, err)
	}
}

func flipped(b []byte, i int) []byte {
	b = bytes.Clone(b)
	b[i] ^= 1
	return b
}

func lastByte(b []byte, v byte) []byte {
	b = bytes.Clone(b)
	b[len(b)-1] = v
	return b
}

func otherContent(t *testing.T) []byte {
	s, err := Seal(strings.Repeat("x", MaxText), "", testIntent, testTime)
	if err != nil {
		t.Fatal(err)
	}
	return s.Content
}

func part0(t *testing.T, manifest, text string) []byte {
	size := 8 + len(manifest) + len(text)
	b := make([]byte, 0, paddedSize(size))
	b = binary.BigEndian.AppendUint32(b, uint32(len(manifest)))
	b = append(b, manifest...)
	b = binary.BigEndian.AppendUint32(b, uint32(len(text)))
	b = append(b, text...)
	return b[:cap(b)]
}

func withLength(n uint32) []byte {
	b := make([]byte, 1024)
	binary.BigEndian.PutUint32(b, n)
	return b
}

func withTextLength(t *testing.T, n uint32) []byte {
	manifest := `{"v":1,"files":[],"created_at":1,"policy":[1,60]}`
	b := part0(t, manifest, "x")
	binary.BigEndian.PutUint32(b[4+len(manifest):], n)
	return b
}

func TestHeaders(t *testing.T) {
	id, salt := [16]byte{9}, [16]byte{1}
	good := newHeader(id, DefaultKDF, salt)
	change := func(i int, v byte) Header {
		h := good
		h[i] = v
		return h
	}
	kdf := func(kind byte, a, b, c uint32) Header { return newHeader(id, KDF{kind, a, b, c}, salt) }
	for name, tc := range map[string]struct {
		h    Header
		want error
	}{
		"Argon2id":                {good, nil},
		"Argon2id at the floor":   {kdf(Argon2id, 19456, 2, 1), nil},
		"Argon2id one pass":       {kdf(Argon2id, 47104, 1, 1), nil},
		"Argon2id at the ceiling": {kdf(Argon2id, 1048576, 16, 4), nil},
		"PBKDF2 at the floor":     {kdf(PBKDF2, 600000, 0, 0), nil},
		"no password":             {newHeader(id, KDF{}, [16]byte{}), nil},
		"other magic":             {change(0, 'X'), ErrDamaged},
		"newer suite":             {change(4, 2), ErrNewer},
		"unknown flag":            {change(5, 3), ErrNewer},
		"flag stripped":           {change(5, 0), ErrWeak},
		"KDF stripped":            {change(6, 0), ErrWeak},
		"unknown KDF":             {change(6, 3), ErrWeak},
		"reserved byte":           {change(7, 1), ErrDamaged},
		"reserved tail":           {change(63, 1), ErrDamaged},
		"salt zero":               {newHeader(id, DefaultKDF, [16]byte{}), ErrWeak},
		"salt without password":   {newHeader(id, KDF{}, salt), ErrWeak},
		"PBKDF2 too weak":         {kdf(PBKDF2, 599999, 0, 0), ErrWeak},
		"PBKDF2 too slow":         {kdf(PBKDF2, 10000001, 0, 0), ErrWeak},
		"PBKDF2 with passes":      {kdf(PBKDF2, 600000, 1, 0), ErrWeak},
		"Argon2id too weak":       {kdf(Argon2id, 19455, 2, 1), ErrWeak},
		"Argon2id pass too few":   {kdf(Argon2id, 47103, 1, 1), ErrWeak},
		"Argon2id no pass":        {kdf(Argon2id, 65536, 0, 1), ErrWeak},
		"Argon2id no lane":        {kdf(Argon2id, 65536, 3, 0), ErrWeak},
		"Argon2id too large":      {kdf(Argon2id, 1048577, 3, 1), ErrWeak},
		"Argon2id too slow":       {kdf(Argon2id, 65536, 17, 1), ErrWeak},
		"Argon2id too wide":       {kdf(Argon2id, 65536, 3, 5), ErrWeak},
	} {
		if _, err := ParseHeader(tc.h[:]); err != tc.want {
			t.Errorf("ParseHeader, %s: %v, want %v", name, err, tc.want)
		}
	}
	for _, n := range []int{0, 63, 65} {
		if _, err := ParseHeader(make([]byte, n)); err != ErrDamaged {
			t.Errorf("ParseHeader of %d bytes: %v, want %v", n, err, ErrDamaged)
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

func TestLinks(t *testing.T) {
	s, _ := sealed(t, "x")
	id, fragment := s.Link.PathID(), s.Link.Fragment()
	other, _ := Seal("x", "", testIntent, testTime)
	for name, tc := range map[string]struct {
		id, fragment string
		want         error
	}{
		"as made":                    {id, fragment, nil},
		"upper case":                 {strings.ToUpper(id), strings.ToUpper(fragment), nil},
		"a full stop after it":       {id, fragment + ".", nil},
		"a bracket after it":         {id, fragment + ")", nil},
		"tracking after it":          {id, fragment + "?fbclid=abc", nil},
		"more tracking after it":     {id, fragment + "&utm_source=x", nil},
		"an escaped blank after it":  {id, fragment + "%20", nil},
		"a line and text after it":   {id, fragment + "\nBest regards", nil},
		"a digit 1, which is no key": {id, fragment + "1", nil},
		"no key":                     {id, "", ErrMissing},
		"one character short":        {id, fragment[:54], ErrDamaged},
		"one character more":         {id, fragment + "a", ErrDamaged},
		"one character more, upper":  {id, fragment + "A", ErrDamaged},
		"a character changed":        {id, "b" + fragment[1:], ErrNewer},
		"a key character changed":    {id, fragment[:20] + swap(fragment[20]) + fragment[21:], ErrDamaged},
		"unused bits set":            {id, fragment[:54] + "z", ErrDamaged},
		"a line break inside":        {id, fragment[:20] + "\n" + fragment[20:], ErrDamaged},
		"no alphabet":                {id, strings.Repeat("!", 55), ErrDamaged},
		"another id":                 {other.Link.PathID(), fragment, ErrDamaged},
		"id one short":               {id[:25], fragment, ErrDamaged},
		"no id":                      {"", fragment, ErrDamaged},
	} {
		link, err := ParseLink(tc.id, tc.fragment)
		if err != tc.want {
			t.Errorf("ParseLink, %s: %v, want %v", name, err, tc.want)
		}
		if err == nil && link.Key != s.Link.Key {
			t.Errorf("ParseLink, %s: another key", name)
		}
	}
	newer := encoding.EncodeToString(append([]byte{2, 0}, s.Link.Key[:]...))
	flags := encoding.EncodeToString(append([]byte{1, 2}, s.Link.Key[:]...))
	for _, f := range []string{newer, flags} {
		if _, err := ParseLink(id, f); err != ErrNewer {
			t.Errorf("ParseLink of a newer version's: %v, want %v", err, ErrNewer)
		}
	}
}

func swap(c byte) string {
	if c == 'a' {
		return "b"
	}
	return "a"
}

func TestURLs(t *testing.T) {
	s, _ := sealed(t, "x")
	link := s.Link.URL("https://share.example/team")
	for _, text := range []string{link, " " + link + "\n", strings.Replace(link, "#", "%23", 1), link + ">"} {
		server, got, err := ParseURL(text)
		if err != nil || server != "https://share.example/team" || got.Key != s.Link.Key {
			t.Errorf("ParseURL: server %q, %v; want https://share.example/team and the key", server, err)
		}
	}
	for text, want := range map[string]error{
		"":                            ErrDamaged,
		"share.example/s/x":           ErrDamaged,
		"https://share.example/":      ErrDamaged,
		strings.Split(link, "#")[0]:   ErrMissing,
		"https://share.example/s/#aa": ErrDamaged,
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
