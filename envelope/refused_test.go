package envelope

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// refused is testdata/refused/e1.json: what must be refused and with which
// error, and beside it what must not. Made here, held here, and read by the
// TypeScript, so that both sides refuse alike. The contents are changes of two
// envelopes that each side seals for itself.
type refused struct {
	Envelopes []sealedCase   `json:"envelopes"`
	Contents  []contentCase  `json:"contents"`
	Headers   []headerCase   `json:"headers"`
	Links     []linkCase     `json:"links"`
	Manifests []manifestCase `json:"manifests"`
}

// sealedCase is an envelope without a password around a text of size x's.
type sealedCase struct {
	Name      string   `json:"name"`
	K         hexBytes `json:"k_hex"`
	Size      int      `json:"text_size"`
	Views     int      `json:"views"`
	ExpiresIn int      `json:"expires_in"`
	CreatedAt int64    `json:"created_at"`
	Header    hexBytes `json:"header_hex"`
	Commit    hexBytes `json:"commit"`
	SHA256    hexBytes `json:"content_sha256"`
}

// contentCase is content for the keys of an envelope, in pieces of its own
// content and other bytes.
type contentCase struct {
	Name     string  `json:"name"`
	Envelope string  `json:"envelope"`
	Pieces   []piece `json:"pieces"`
	Problem  string  `json:"problem"`
}

type piece struct {
	From  int    `json:"from,omitempty"`
	To    int    `json:"to,omitempty"`
	Bytes []byte `json:"bytes,omitempty"`
}

type headerCase struct {
	Name    string   `json:"name"`
	Header  hexBytes `json:"header_hex"`
	Problem string   `json:"problem"`
}

type linkCase struct {
	Name     string `json:"name"`
	ID       string `json:"id"`
	Fragment string `json:"fragment"`
	Problem  string `json:"problem"`
}

type manifestCase struct {
	Name     string `json:"name"`
	Manifest string `json:"manifest"`
	Problem  string `json:"problem"`
}

// What goes by in both languages has no problem.
const (
	fine    = ""
	missing = "missing"
	damaged = "damaged"
	newer   = "newer"
	weak    = "weak"
)

// problem is the name that the TypeScript has for an error.
func problem(err error) string {
	switch err {
	case nil:
		return fine
	case ErrMissing:
		return missing
	case ErrDamaged:
		return damaged
	case ErrNewer:
		return newer
	case ErrWeak:
		return weak
	}
	return err.Error()
}

// TestRefusedIsWritten holds testdata/refused to the cases here. UPDATE=1
// rewrites it.
func TestRefusedIsWritten(t *testing.T) {
	file := filepath.FromSlash("testdata/refused/e1.json")
	want, err := json.MarshalIndent(refused{sealedCases(t), contentCases(t), headerCases(), linkCases(t), manifestCases()}, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	want = append(want, '\n')
	if os.Getenv("UPDATE") != "" {
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, want, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if got, err := os.ReadFile(file); err != nil || !bytes.Equal(got, want) {
		t.Errorf("%s is not what the cases here make (%v): run UPDATE=1 go test ./envelope", file, err)
	}
}

func (c *sealedCase) seal(t *testing.T) (*Sealed, *Keys) {
	t.Helper()
	return sealed(t, strings.Repeat("x", c.Size))
}

func sealedCases(t *testing.T) []sealedCase {
	cases := []sealedCase{{Name: "short", Size: 1}, {Name: "two chunks", Size: MaxText}}
	for i := range cases {
		c := &cases[i]
		s, _ := c.seal(t)
		sum := sha256.Sum256(s.Content)
		c.K, c.Header, c.Commit, c.SHA256 = s.Link.Key[:], s.Header[:], s.Commit[:], sum[:]
		c.Views, c.ExpiresIn, c.CreatedAt = testIntent.MaxViews, int(testIntent.ExpiresIn.Seconds()), testTime.Unix()
	}
	return cases
}

// contentCases change sealed content in every way that must not go unnoticed.
func contentCases(t *testing.T) []contentCase {
	s, keys := sealed(t, strings.Repeat("x", MaxText))
	end := len(s.Content)
	plain, err := keys.openPart(0, s.Content)
	if err != nil {
		t.Fatal(err)
	}
	const first = chunkSize + tagSize // where the second chunk begins
	aead := keys.aead(0)
	two := func(name string, pieces ...piece) contentCase {
		return contentCase{name, "two chunks", append([]piece{}, pieces...), damaged}
	}
	cut := func(from, to int) piece { return piece{From: from, To: to} }
	raw := func(b ...byte) piece { return piece{Bytes: b} }
	flip := func(i int) []piece { return []piece{cut(0, i), raw(s.Content[i] ^ 1), cut(i+1, end)} }
	// A part that fills the first chunk: only the length of its text differs from
	// the one sealed, and so do few bytes of the ciphertext.
	length := 4 + int(binary.BigEndian.Uint32(plain))
	filling := bytes.Clone(plain[:chunkSize])
	binary.BigEndian.PutUint32(filling[length:], uint32(chunkSize-length-4))
	chunk := aead.Seal(nil, nonce(0, false), filling, nil)
	whole := []piece{cut(0, length), raw(chunk[length : length+4]...), cut(length+4, chunkSize), raw(chunk[chunkSize:]...)}
	return append(smallContentCases(t),
		two("nothing"),
		two("a tag's length short", cut(0, end-tagSize)),
		two("one byte short", cut(0, end-1)),
		two("one byte more", cut(0, end), raw(0)),
		two("last chunk dropped", cut(0, first)),
		two("first chunk dropped", cut(first, end)),
		two("chunks swapped", cut(first, end), cut(0, first)),
		two("first chunk twice", cut(0, first), cut(0, end)),
		two("last chunk twice", cut(0, end), cut(first, end)),
		two("empty final chunk", append(whole, raw(aead.Seal(nil, nonce(1, true), nil, nil)...))...),
		two("empty final chunk for the last", cut(0, first), raw(aead.Seal(nil, nonce(1, true), nil, nil)...)),
		two("whole part without final mark", whole...),
		two("final mark missing", cut(0, first), raw(aead.Seal(nil, nonce(1, false), plain[chunkSize:], nil)...)),
		two("final chunk under another number", cut(0, first), raw(aead.Seal(nil, nonce(2, true), plain[chunkSize:], nil)...)),
		two("first bit flipped", flip(0)...),
		two("bit of the first tag flipped", flip(chunkSize)...),
		two("last bit flipped", flip(end-1)...),
		contentCase{"as sealed", "two chunks", []piece{cut(0, end)}, fine},
	)
}

// smallContentCases are what a holder of the link and the server could forge
// together, and other envelopes' content.
func smallContentCases(t *testing.T) []contentCase {
	s, keys := sealed(t, "x")
	other, err := seal(Key{3, 2, 1}, KDF{}, [16]byte{}, "x", "", testIntent, testTime)
	if err != nil {
		t.Fatal(err)
	}
	plain, err := keys.openPart(0, s.Content)
	if err != nil {
		t.Fatal(err)
	}
	forged := func(name, problem string, plain []byte) contentCase {
		return contentCase{name, "short", []piece{{Bytes: keys.sealPart(0, plain)}}, problem}
	}
	const manifest = `{"v":1,"files":[],"created_at":1,"policy":[1,60]}`
	return []contentCase{
		{"final mark missing from the only chunk", "short", []piece{{Bytes: keys.aead(0).Seal(nil, nonce(0, false), plain, nil)}}, damaged},
		{"another part's key", "short", []piece{{Bytes: keys.sealPart(1, plain)}}, damaged},
		{"another envelope's content", "short", []piece{{Bytes: other.Content}}, damaged},
		forged("padding not zero", damaged, lastByte(plain, 1)),
		forged("padding of another size", damaged, plain[:len(plain)-1]),
		forged("more padding than the rule", damaged, append(bytes.Clone(plain), 0)),
		forged("an empty part", damaged, nil),
		forged("manifest longer than the part", damaged, withLength(0xffffffff)),
		forged("text longer than the part", damaged, withTextLength(manifest, 0xffffffff)),
		forged("no manifest", damaged, make([]byte, 1024)),
		forged("text that is no UTF-8", damaged, part0(manifest, "\xff")),
		forged("text with half a surrogate pair", damaged, part0(manifest, "\xed\xa0\x80")),
		forged("manifest that is no UTF-8", damaged, part0(manifest[:1]+"\"\xff\":1,"+manifest[1:], "x")),
		forged("manifest with a byte order mark", damaged, part0("\ufeff"+manifest, "x")),
		forged("manifest of a newer version", newer, part0(`{"v":2}`, "x")),
		forged("text with a byte order mark", fine, part0(manifest, "\ufeffx")),
		forged("another manifest", fine, part0(manifest, "x")),
	}
}

func lastByte(b []byte, v byte) []byte {
	b = bytes.Clone(b)
	b[len(b)-1] = v
	return b
}

func part0(manifest, text string) []byte {
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

func withTextLength(manifest string, n uint32) []byte {
	b := part0(manifest, "x")
	binary.BigEndian.PutUint32(b[4+len(manifest):], n)
	return b
}

func TestRefusedContent(t *testing.T) {
	envelopes := map[string]*sealedCase{}
	all := sealedCases(t)
	for i := range all {
		envelopes[all[i].Name] = &all[i]
	}
	for _, tc := range contentCases(t) {
		s, keys := envelopes[tc.Envelope].seal(t)
		var content []byte
		for _, p := range tc.Pieces {
			content = append(append(content, s.Content[p.From:p.To]...), p.Bytes...)
		}
		_, text, err := keys.Open(s.Commit, content)
		if got := problem(err); got != tc.Problem || got != fine && text != "" {
			t.Errorf("Open, %s: %q and %d bytes, want %q", tc.Name, got, len(text), tc.Problem)
		}
	}
	s, keys := sealed(t, "x")
	if _, _, err := keys.Open([32]byte{1}, s.Content); err != ErrDamaged {
		t.Errorf("Open under another commitment: %v, want %v", err, ErrDamaged)
	}
}

func headerCases() []headerCase {
	id, salt := [16]byte{9}, [16]byte{1}
	good := newHeader(id, DefaultKDF, salt)
	change := func(i int, v byte) hexBytes {
		h := good
		h[i] = v
		return h[:]
	}
	made := func(kdf KDF, salt [16]byte) hexBytes { h := newHeader(id, kdf, salt); return h[:] }
	kdf := func(kind byte, a, b, c uint32) hexBytes { return made(KDF{kind, a, b, c}, salt) }
	return []headerCase{
		{"Argon2id", good[:], fine},
		{"Argon2id at the floor", kdf(Argon2id, 19456, 2, 1), fine},
		{"Argon2id one pass", kdf(Argon2id, 47104, 1, 1), fine},
		{"Argon2id at the ceiling", kdf(Argon2id, 1048576, 16, 4), fine},
		{"PBKDF2 at the floor", kdf(PBKDF2, 600000, 0, 0), fine},
		{"PBKDF2 at the ceiling", kdf(PBKDF2, 10000000, 0, 0), fine},
		{"no password", made(KDF{}, [16]byte{}), fine},
		{"other magic", change(0, 'X'), damaged},
		{"magic in lower case", change(3, 'l'), damaged},
		{"newer suite", change(4, 2), newer},
		{"no suite", change(4, 0), newer},
		{"unknown flag", change(5, 3), newer},
		{"highest flag", change(5, 0x81), newer},
		{"flag stripped", change(5, 0), weak},
		{"KDF stripped", change(6, 0), weak},
		{"unknown KDF", change(6, 3), weak},
		{"reserved byte", change(7, 1), damaged},
		{"reserved tail begins", change(52, 1), damaged},
		{"reserved tail ends", change(63, 1), damaged},
		{"salt zero", made(DefaultKDF, [16]byte{}), weak},
		{"salt without password", made(KDF{}, salt), weak},
		{"parameters without password", made(KDF{NoPassword, 1, 0, 0}, [16]byte{}), weak},
		{"PBKDF2 too weak", kdf(PBKDF2, 599999, 0, 0), weak},
		{"PBKDF2 too slow", kdf(PBKDF2, 10000001, 0, 0), weak},
		{"PBKDF2 far too slow", kdf(PBKDF2, 0xffffffff, 0, 0), weak},
		{"PBKDF2 with passes", kdf(PBKDF2, 600000, 1, 0), weak},
		{"PBKDF2 with lanes", kdf(PBKDF2, 600000, 0, 1), weak},
		{"Argon2id too weak", kdf(Argon2id, 19455, 2, 1), weak},
		{"Argon2id pass too few", kdf(Argon2id, 47103, 1, 1), weak},
		{"Argon2id no pass", kdf(Argon2id, 65536, 0, 1), weak},
		{"Argon2id no lane", kdf(Argon2id, 65536, 3, 0), weak},
		{"Argon2id too large", kdf(Argon2id, 1048577, 3, 1), weak},
		{"Argon2id far too large", kdf(Argon2id, 0xffffffff, 3, 1), weak},
		{"Argon2id too slow", kdf(Argon2id, 65536, 17, 1), weak},
		{"Argon2id too wide", kdf(Argon2id, 65536, 3, 5), weak},
		{"nothing", hexBytes{}, damaged},
		{"one byte short", good[:63], damaged},
		{"one byte more", append(bytes.Clone(good[:]), 0), damaged},
		{"all zero", make(hexBytes, HeaderSize), damaged},
	}
}

func TestHeaders(t *testing.T) {
	for _, tc := range headerCases() {
		_, err := ParseHeader(tc.Header)
		if got := problem(err); got != tc.Problem {
			t.Errorf("ParseHeader, %s: %q, want %q", tc.Name, got, tc.Problem)
		}
	}
}

func linkCases(t *testing.T) []linkCase {
	s, _ := sealed(t, "x")
	id, fragment := s.Link.PathID(), s.Link.Fragment()
	other := newLink(Key{3, 2, 1}, false)
	made := func(version, flags byte) string {
		return encoding.EncodeToString(append([]byte{version, flags}, s.Link.Key[:]...))
	}
	return []linkCase{
		{"as made", id, fragment, fine},
		{"upper case", strings.ToUpper(id), strings.ToUpper(fragment), fine},
		{"with a password", id, made(1, 1), fine},
		{"a full stop after it", id, fragment + ".", fine},
		{"a bracket after it", id, fragment + ")", fine},
		{"tracking after it", id, fragment + "?fbclid=abc", fine},
		{"more tracking after it", id, fragment + "&utm_source=x", fine},
		{"an escaped blank after it", id, fragment + "%20", fine},
		{"a line and text after it", id, fragment + "\nBest regards", fine},
		{"a letter beyond ASCII after it", id, fragment + "é", fine},
		{"a digit 1, which is no key", id, fragment + "1", fine},
		{"no key", id, "", missing},
		{"one character short", id, fragment[:54], damaged},
		{"one character more", id, fragment + "a", damaged},
		{"one character more, upper", id, fragment + "A", damaged},
		{"a digit more", id, fragment + "2", damaged},
		{"a version changed", id, "b" + fragment[1:], newer},
		{"a key character changed", id, fragment[:20] + swap(fragment[20]) + fragment[21:], damaged},
		{"unused bits set", id, fragment[:54] + "z", damaged},
		{"a line break inside", id, fragment[:20] + "\n" + fragment[20:], damaged},
		{"a blank before it", id, " " + fragment, damaged},
		{"no alphabet", id, strings.Repeat("!", 55), damaged},
		{"letters that fold to others", id, strings.Repeat("\u212a", 55), damaged},
		{"another id", other.PathID(), fragment, damaged},
		{"id one short", id[:25], fragment, damaged},
		{"id with junk after it", id + ".", fragment, damaged},
		{"no id", "", fragment, damaged},
		{"version 2", id, made(2, 0), newer},
		{"version 0", id, made(0, 0), newer},
		{"an unknown flag", id, made(1, 2), newer},
	}
}

func TestLinks(t *testing.T) {
	s, _ := sealed(t, "x")
	for _, tc := range linkCases(t) {
		link, err := ParseLink(tc.ID, tc.Fragment)
		if got := problem(err); got != tc.Problem {
			t.Errorf("ParseLink, %s: %q, want %q", tc.Name, got, tc.Problem)
		}
		if err == nil && link.Key != s.Link.Key {
			t.Errorf("ParseLink, %s: another key", tc.Name)
		}
	}
}

func swap(c byte) string {
	if c == 'a' {
		return "b"
	}
	return "a"
}

// manifestCases are manifests that hold, and hostile ones: only who holds the
// link can seal one.
func manifestCases() []manifestCase {
	rest := func(members string) string { return `{"v":1,"files":[],"created_at":1,"policy":[1,60]` + members + `}` }
	with := func(name, value string) string {
		all := []string{`"v":1`, `"files":[]`, `"created_at":1`, `"policy":[1,60]`}
		for i, m := range all {
			if strings.HasPrefix(m, `"`+name+`"`) {
				all[i] = `"` + name + `":` + value
			}
		}
		return "{" + strings.Join(all, ",") + "}"
	}
	file := func(members string) string { return with("files", `[{`+members+`}]`) }
	const name, kind, size, part = `"name":"a"`, `"type":"text/plain"`, `"size":1`, `"part":1`
	long := func(n int) string { return rest(`,"x":"` + strings.Repeat("x", n-len(rest(`,"x":""`))) + `"`) }
	deep := func(n int) string { return rest(`,"x":` + strings.Repeat("[", n) + strings.Repeat("]", n)) }
	return []manifestCase{
		{"text only", rest(""), fine},
		{"unlimited", with("policy", "[null,60]"), fine},
		{"gates", rest(`,"gates":["email","sign_in"]`), fine},
		{"unknown members", rest(`,"later":{"v":2,"a":[{"b":null}]},"V":2`), fine},
		{"a name escaped", strings.Replace(rest(""), `"v"`, `"\u0076"`, 1), fine},
		{"blanks", " \n" + strings.ReplaceAll(rest(""), ",", " ,\t") + "\r\n", fine},
		{"punctuation in strings", rest(`,"x":"a:b,{}[]\"c\":1\\"`), fine},
		{"the name __proto__", rest(`,"__proto__":{"v":2}`), fine},
		{"a number written with a fraction", with("v", "1.0"), fine},
		{"a number written with an exponent", with("created_at", "1e3"), fine},
		{"a time as late as can be", with("created_at", "9007199254740991"), fine},
		{"seconds as many as can be", with("policy", "[1,9007199254740991]"), fine},
		{"as long as can be", long(maxManifest), fine},
		{"nested far", deep(200), fine},
		{"a file", file(name + "," + kind + "," + size + "," + part), fine},
		{"a file with more", file(name + "," + kind + "," + size + "," + part + `,"x":1`), fine},

		{"version 2", `{"v":2}`, newer},
		{"version 0", `{"v":0}`, newer},
		{"version 2 with another shape", `{"v":2,"files":{}}`, newer},
		{"version 2 with a name twice", `{"v":2,"a":1,"a":1}`, damaged},

		{"nothing", "", damaged},
		{"null", "null", damaged},
		{"a number", "1", damaged},
		{"an array", "[" + rest("") + "]", damaged},
		{"an empty object", "{}", damaged},
		{"more after it", rest("") + " 1", damaged},
		{"two of them", rest("") + rest(""), damaged},
		{"cut short", strings.TrimSuffix(rest(""), "}"), damaged},
		{"a comma at the end", rest(","), damaged},
		{"a comment", rest("/**/"), damaged},
		{"single quotes", strings.ReplaceAll(rest(""), `"`, `'`), damaged},
		{"a leading zero", with("v", "01"), damaged},
		{"a plus sign", with("v", "+1"), damaged},
		{"not a number", with("created_at", "NaN"), damaged},
		{"a line break in a string", rest(",\"x\":\"\n\""), damaged},
		{"an unknown escape", rest(`,"x":"\x"`), damaged},
		{"longer than can be", long(maxManifest + 1), damaged},
		{"nested too far", deep(12_000), damaged},
		{"unclosed too far", rest(`,"x":` + strings.Repeat("[", 12_000)), damaged},

		{"v missing", `{"files":[],"created_at":1,"policy":[1,60]}`, damaged},
		{"v in other case", strings.Replace(rest(""), `"v"`, `"V"`, 1), damaged},
		{"v null", with("v", "null"), damaged},
		{"v as text", with("v", `"1"`), damaged},
		{"v true", with("v", "true"), damaged},
		{"v with a fraction", with("v", "1.5"), damaged},
		{"v negative", with("v", "-1"), damaged},
		{"v beyond what is exact", with("v", "9007199254740992"), damaged},
		{"v beyond numbers", with("v", "1e400"), damaged},
		{"v twice", rest(`,"v":1`), damaged},
		{"v twice, once escaped", rest(`,"\u0076":1`), damaged},
		{"an unknown name twice", rest(`,"x":1,"x":1`), damaged},
		{"a name twice further in", rest(`,"x":[{"y":1,"y":1}]`), damaged},

		{"files missing", `{"v":1,"created_at":1,"policy":[1,60]}`, damaged},
		{"files null", with("files", "null"), damaged},
		{"files an object", with("files", "{}"), damaged},
		{"created_at missing", `{"v":1,"files":[],"policy":[1,60]}`, damaged},
		{"created_at null", with("created_at", "null"), damaged},
		{"created_at as text", with("created_at", `"1"`), damaged},
		{"created_at negative", with("created_at", "-1"), damaged},
		{"created_at with a fraction", with("created_at", "1.5"), damaged},
		{"created_at beyond what is exact", with("created_at", "9007199254740992"), damaged},

		{"policy missing", `{"v":1,"files":[],"created_at":1}`, damaged},
		{"policy null", with("policy", "null"), damaged},
		{"policy an object", with("policy", `{"0":1,"1":60}`), damaged},
		{"policy empty", with("policy", "[]"), damaged},
		{"policy of one", with("policy", "[1]"), damaged},
		{"policy of three", with("policy", "[1,60,1]"), damaged},
		{"no seconds", with("policy", "[1,null]"), damaged},
		{"no views at all", with("policy", "[0,60]"), damaged},
		{"views negative", with("policy", "[-1,60]"), damaged},
		{"views with a fraction", with("policy", "[1.5,60]"), damaged},
		{"views as text", with("policy", `["1",60]`), damaged},
		{"seconds negative", with("policy", "[1,-60]"), damaged},

		{"gates null", rest(`,"gates":null`), damaged},
		{"gates as text", rest(`,"gates":"email"`), damaged},
		{"a gate null", rest(`,"gates":[null]`), damaged},
		{"a gate as number", rest(`,"gates":[1]`), damaged},

		{"a file null", with("files", "[null]"), damaged},
		{"a file as text", with("files", `["a"]`), damaged},
		{"a file as array", with("files", `[[]]`), damaged},
		{"a file without name", file(kind + "," + size + "," + part), damaged},
		{"a file named null", file(`"name":null,` + kind + "," + size + "," + part), damaged},
		{"a file of no type", file(name + `,"type":null,` + size + "," + part), damaged},
		{"a file of negative size", file(name + "," + kind + `,"size":-1,` + part), damaged},
		{"a file of half a byte", file(name + "," + kind + `,"size":0.5,` + part), damaged},
		{"a file in part 0", file(name + "," + kind + "," + size + `,"part":0`), damaged},
		{"a file in no part", file(name + "," + kind + "," + size), damaged},
		{"a file named twice", file(name + "," + name + "," + kind + "," + size + "," + part), damaged},
	}
}

func TestManifests(t *testing.T) {
	for _, tc := range manifestCases() {
		m, err := parseManifest([]byte(tc.Manifest))
		if got := problem(err); got != tc.Problem || (m == nil) == (got == fine) {
			t.Errorf("parseManifest, %s: %q, want %q", tc.Name, got, tc.Problem)
		}
	}
}
