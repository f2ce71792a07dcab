package e2e

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/evanw/esbuild/pkg/api"
	"github.com/google/go-cmp/cmp"

	"letterlock/envelope"
	"letterlock/internal/testkit"
	"letterlock/ui"
)

// envelopePage is a tab with window.e1: the browser's envelope, and the worker
// for passwords as it is shipped, under its own policy.
func envelopePage(t *testing.T) *testkit.Tab {
	t.Helper()
	built := api.Build(api.BuildOptions{EntryPoints: []string{"testdata/envelope.ts"}, Bundle: true, Format: api.FormatIIFE, Target: api.ES2022})
	if len(built.Errors) > 0 {
		t.Fatalf("bundle testdata/envelope.ts: %s", built.Errors[0].Text)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /e1.js", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/javascript; charset=utf-8")
		w.Write(built.OutputFiles[0].Contents)
	})
	worker := workerAsset(t)
	mux.HandleFunc("GET "+worker.Path, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", worker.Type)
		w.Header().Set("Content-Security-Policy", worker.CSP)
		w.Write(worker.Body)
	})
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintf(w, `<!doctype html><html lang="en" data-worker="%s"><link rel="icon" href="data:,"><script src="/e1.js"></script>`, worker.Path)
	})
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	tab := testkit.NewVisitor(t, testkit.Desktop).Open(server.URL)
	tab.WaitUntil("window.e1")
	return tab
}

func workerAsset(t *testing.T) ui.Asset {
	t.Helper()
	for _, a := range ui.Assets() {
		if strings.Contains(a.Path, "/kdf-worker.") {
			return a
		}
	}
	t.Fatal("no asset kdf-worker")
	return ui.Asset{}
}

const vectorFiles = "../envelope/testdata/*.json"

// TestBrowserVectors has the browser compute every field of every vector.
func TestBrowserVectors(t *testing.T) {
	tab := envelopePage(t)
	files, err := filepath.Glob(vectorFiles)
	if err != nil || len(files) < 2 {
		t.Fatalf("glob %s: %d files, %v; want at least 2", vectorFiles, len(files), err)
	}
	given := []string{"name", "password", "kdf", "kdf_a", "kdf_b", "kdf_c", "file_fill_rule"} // not computed
	for _, file := range files {
		for _, want := range readJSON[[]map[string]any](t, file) {
			got := testkit.CallPage[map[string]any](tab, "e1.vector", want)
			for _, name := range given {
				delete(want, name)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%s: the browser's vector (-want +got):\n%s", file, diff)
			}
		}
	}
}

// TestBrowserRefuses has the browser judge every case that the Go side refuses
// or lets by.
func TestBrowserRefuses(t *testing.T) {
	want := readJSON[map[string][]map[string]any](t, "../envelope/testdata/refused/e1.json")
	asked := maps.Clone(want)
	got := testkit.CallPage[map[string][]map[string]any](envelopePage(t), "e1.refused", asked)
	for kind, cases := range want {
		if len(got[kind]) != len(cases) || len(cases) == 0 {
			t.Fatalf("%s: %d judged, want %d", kind, len(got[kind]), len(cases))
		}
		for i, c := range cases {
			if kind == "envelopes" {
				if diff := cmp.Diff(c, got[kind][i]); diff != "" {
					t.Errorf("envelope %v as the browser seals it (-want +got):\n%s", c["name"], diff)
				}
				continue
			}
			if got[kind][i]["problem"] != c["problem"] {
				t.Errorf("%s, %v: the browser says %q, want %q", kind, c["name"], got[kind][i]["problem"], c["problem"])
			}
		}
	}
}

func readJSON[T any](t *testing.T, file string) T {
	t.Helper()
	var value T
	text, err := os.ReadFile(file)
	if err == nil {
		err = json.Unmarshal(text, &value)
	}
	if err != nil {
		t.Fatalf("%s: %v", file, err)
	}
	return value
}

// TestBrowserRefusesWords covers what Go's strings cannot hold: half a
// character.
func TestBrowserRefusesWords(t *testing.T) {
	tab := envelopePage(t)
	for _, tc := range []struct{ function, argument, want string }{
		{"passwordProblem", `""`, "password"},
		{"passwordProblem", `"\ud800"`, "password"},
		{"passwordProblem", `"a\udc00b"`, "password"},
		{"passwordProblem", `"x".repeat(1025)`, "password"},
		{"passwordProblem", `"é".repeat(513)`, "password"},
		{"passwordProblem", `"e\u0301".repeat(512)`, ""}, // 1,024 bytes once composed
		{"passwordProblem", `"\ud83d\ude00"`, ""},
		{"passwordProblem", `" "`, ""},
		{"textProblem", `"\ud800"`, "damaged"},
		{"textProblem", `"x".repeat(65537)`, "too_large"},
		{"textProblem", `"€".repeat(21846)`, "too_large"}, // 65,538 bytes
		{"textProblem", `"€".repeat(21845)`, ""},
		{"textProblem", `"\0"`, ""},
	} {
		if got := testkit.Eval[string](tab, fmt.Sprintf("e1.%s(%s)", tc.function, tc.argument)); got != tc.want {
			t.Errorf("%s(%s) = %q, want %q", tc.function, tc.argument, got, tc.want)
		}
	}
}

// texts are what goes through both languages.
func texts() map[string]string {
	return map[string]string{
		"1 byte":       "x",
		"1 KiB":        strings.Repeat("0123456789abcdef", 64),
		"65,536 bytes": strings.Repeat("x", envelope.MaxText),
		"multi-byte":   "\ufeffpässwörd ✓ 🔑 e\u0301\x00\r\n\u2028 日本語",
	}
}

// sealedHere is an envelope as it comes from the browser.
type sealedHere struct {
	ID         string `json:"id"`
	Fragment   string `json:"fragment"`
	Header     string `json:"header"`
	Commit     string `json:"commit"`
	LinkHash   string `json:"link_hash"`
	AccessHash string `json:"access_hash"`
	Content    string `json:"content"`
}

func TestSealInBrowserOpenInGo(t *testing.T) {
	tab := envelopePage(t)
	for name, text := range texts() {
		for _, password := range []string{"", "cafe\u0301 noir"} {
			s := testkit.CallPage[sealedHere](tab, "e1.sealHere", text, password, 3, 3600)
			m, got, err := openInGo(s, strings.ReplaceAll(password, "e\u0301", "é"))
			if err != nil || got != text {
				t.Errorf("%s, password %q, sealed in the browser: Go opens %d bytes, %v; want the %d sealed", name, password, len(got), err, len(text))
				continue
			}
			want := envelope.Manifest{CreatedAt: time.Unix(1767225600, 0).UTC(), Intent: envelope.Intent{MaxViews: 3, ExpiresIn: time.Hour, Gates: []string{"organization"}}}
			if diff := cmp.Diff(want, *m); diff != "" {
				t.Errorf("%s: manifest (-want +got):\n%s", name, diff)
			}
			if _, _, err := openInGo(s, password+"x"); password != "" && err != envelope.ErrDamaged {
				t.Errorf("%s, another password: %v, want %v", name, err, envelope.ErrDamaged)
			}
		}
	}
}

func openInGo(s sealedHere, password string) (*envelope.Manifest, string, error) {
	link, err := envelope.ParseLink(s.ID, s.Fragment)
	if err != nil {
		return nil, "", err
	}
	header, err := envelope.ParseHeader(unbase64(s.Header))
	if err != nil {
		return nil, "", err
	}
	keys, err := envelope.DeriveKeys(link, header, password)
	if err != nil {
		return nil, "", err
	}
	return keys.Open([32]byte(unbase64(s.Commit)), unbase64(s.Content))
}

func unbase64(text string) []byte {
	b, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil {
		panic(err) // the browser's own
	}
	return b
}

func TestSealInGoOpenInBrowser(t *testing.T) {
	type opened struct {
		Text      string `json:"text"`
		MaxViews  *int   `json:"max_views"`
		ExpiresIn int    `json:"expires_in"`
		CreatedAt int64  `json:"created_at"`
	}
	tab := envelopePage(t)
	base64url := base64.RawURLEncoding.EncodeToString
	for name, text := range texts() {
		for _, password := range []string{"", "café noir"} {
			s, err := envelope.Seal(text, password, envelope.Intent{ExpiresIn: time.Hour}, time.Unix(1767225600, 0))
			if err != nil {
				t.Fatal(err)
			}
			got := testkit.CallPage[opened](tab, "e1.openHere", s.Link.PathID(), s.Link.Fragment(),
				base64url(s.Header[:]), base64url(s.Commit[:]), base64url(s.Content), strings.ReplaceAll(password, "é", "e\u0301"))
			if diff := cmp.Diff(opened{text, nil, 3600, 1767225600}, got); diff != "" {
				t.Errorf("%s, password %q, sealed in Go, opened in the browser (-want +got):\n%s", name, password, diff)
			}
		}
	}
}

// kind is the browser's name for an error of the envelope.
func kind(err error) string {
	for name, e := range map[string]error{
		"missing": envelope.ErrMissing, "damaged": envelope.ErrDamaged, "newer": envelope.ErrNewer, "weak": envelope.ErrWeak,
	} {
		if errors.Is(err, e) {
			return name
		}
	}
	if err != nil {
		return err.Error()
	}
	return ""
}

// differ compares the two sides over many inputs, and wants of each kind of
// answer at least a few: else the inputs test nothing.
func differ(t *testing.T, seed uint64, inputs [][2]string, inGo func([2]string) error, inBrowser []string, kinds ...string) {
	t.Helper()
	if len(inBrowser) != len(inputs) {
		t.Fatalf("seed %d: the browser answers %d of %d", seed, len(inBrowser), len(inputs))
	}
	seen := map[string]int{}
	for i, input := range inputs {
		want := kind(inGo(input))
		seen[want]++
		if inBrowser[i] != want {
			t.Errorf("seed %d: %+q: the browser says %q, Go %q", seed, input, inBrowser[i], want)
		}
	}
	for _, k := range kinds {
		if seen[k] < 5 {
			t.Errorf("seed %d: %d inputs are %q, want at least 5", seed, seen[k], k)
		}
	}
}

func seeded() (uint64, *rand.Rand) {
	seed := uint64(time.Now().UnixNano())
	return seed, rand.New(rand.NewPCG(seed, 1))
}

func TestBothReadLinksAlike(t *testing.T) {
	seed, r := seeded()
	var links [][2]string
	for range 3000 {
		s, err := envelope.Seal("x", "", envelope.Intent{ExpiresIn: time.Hour}, time.Unix(0, 0))
		if err != nil {
			t.Fatal(err)
		}
		link := [2]string{s.Link.PathID(), s.Link.Fragment()}
		for range r.IntN(3) {
			part := r.IntN(2)
			link[part] = mutate(r, link[part])
		}
		links = append(links, link)
	}
	got := testkit.CallPage[[]string](envelopePage(t), "e1.links", links)
	parse := func(l [2]string) error { _, err := envelope.ParseLink(l[0], l[1]); return err }
	differ(t, seed, links, parse, got, "", "damaged", "newer", "missing")
}

// mutate changes a text as programs and people do.
func mutate(r *rand.Rand, s string) string {
	const junk = "aZ19=.-_#%&?/ \n\x00éK🔑"
	runes := []rune(s)
	odd := []rune(junk)[r.IntN(len([]rune(junk)))]
	at := r.IntN(len(runes) + 1)
	switch r.IntN(8) {
	case 0:
		return strings.ToUpper(s)
	case 1:
		return s + string(odd)
	case 2:
		return string(slices.Insert(runes, at, odd))
	case 3:
		return string(runes[:at])
	case 4:
		return ""
	case 5:
		return s + s
	}
	if at == len(runes) {
		return s
	}
	if at > 8 && r.IntN(2) == 0 {
		at = r.IntN(8) // version and flags
	}
	runes[at] = rune("abcdefghijklmnopqrstuvwxyz234567"[r.IntN(32)])
	return string(runes)
}

func TestBothReadHeadersAlike(t *testing.T) {
	seed, r := seeded()
	var headers [][2]string
	var asked []string
	for range 5000 {
		h := randomHeader(r)
		headers = append(headers, [2]string{hex.EncodeToString(h)})
		asked = append(asked, headers[len(headers)-1][0])
	}
	got := testkit.CallPage[[]string](envelopePage(t), "e1.headers", asked)
	parse := func(h [2]string) error {
		b, err := hex.DecodeString(h[0])
		if err != nil {
			return err
		}
		_, err = envelope.ParseHeader(b)
		return err
	}
	differ(t, seed, headers, parse, got, "", "damaged", "newer", "weak")
}

// randomHeader is a header near the edges of what is accepted.
func randomHeader(r *rand.Rand) []byte {
	h := make([]byte, envelope.HeaderSize)
	copy(h, "SHE1\x01")
	copy(h[36:52], bytes.Repeat([]byte{7}, 16))
	put := func(at int, values ...uint32) {
		v := values[r.IntN(len(values))]
		copy(h[at:], []byte{byte(v >> 24), byte(v >> 16), byte(v >> 8), byte(v)})
	}
	if r.IntN(4) > 0 {
		h[5], h[20] = 1, 1
		if h[6] = byte(1 + r.IntN(2)); h[6] == 1 {
			put(8, 599_999, 600_000, 1_000_000, 10_000_000, 10_000_001)
		} else {
			put(8, 19_455, 19_456, 47_103, 47_104, 65_536, 1_048_576, 1_048_577)
			put(12, 0, 1, 2, 3, 16, 17)
			put(16, 0, 1, 4, 5)
		}
	}
	switch r.IntN(4) {
	case 0:
		h[r.IntN(len(h))] = byte(r.IntN(256))
	case 1:
		h[4+r.IntN(4)] ^= 1 << r.IntN(8)
	case 2:
		h = h[:len(h)-r.IntN(2)]
	}
	return h
}
