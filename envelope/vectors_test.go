package envelope

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// vector is one entry of testdata: every value that two implementations have to
// agree on. The TypeScript reads the same files.
type vector struct {
	Name          string          `json:"name"`
	K             hexBytes        `json:"k_hex"`
	Password      string          `json:"password"`
	KDF           byte            `json:"kdf"`
	A             uint32          `json:"kdf_a"`
	B             uint32          `json:"kdf_b"`
	C             uint32          `json:"kdf_c"`
	Header        hexBytes        `json:"header_hex"`
	HeaderSHA256  hexBytes        `json:"header_sha256"`
	ID            hexBytes        `json:"share_id_hex"`
	PathID        string          `json:"id_path"`
	Fragment      string          `json:"fragment"`
	LinkProof     hexBytes        `json:"link_proof"`
	LinkHash      hexBytes        `json:"server_link_hash"`
	PasswordKey   hexBytes        `json:"pw_key"`
	AccessProof   hexBytes        `json:"access_proof"`
	AccessHash    hexBytes        `json:"server_access_hash"`
	Commit        hexBytes        `json:"commit"`
	PartKeys      []hexBytes      `json:"part_keys"`
	PlainSizes    []int           `json:"pt_sizes"`
	SealedSizes   []int           `json:"ct_sizes"`
	SealedSHA256  []hexBytes      `json:"ct_sha256"`
	SealedFirst32 hexBytes        `json:"part0_ct_first32"`
	Manifest      string          `json:"manifest"`
	Text          string          `json:"text"`
	Fill          json.RawMessage `json:"file_fill_rule,omitempty"`
}

type hexBytes []byte

func (h *hexBytes) UnmarshalText(text []byte) (err error) {
	*h, err = hex.DecodeString(string(text))
	return err
}

func (h hexBytes) MarshalText() ([]byte, error) { return []byte(hex.EncodeToString(h)), nil }

func vectors(t testing.TB) []vector {
	t.Helper()
	files, err := filepath.Glob("testdata/*.json")
	if err != nil || len(files) < 2 {
		t.Fatalf("glob testdata: %d files, %v; want at least 2", len(files), err)
	}
	var all []vector
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var some []vector
		dec := json.NewDecoder(bytes.NewReader(text))
		dec.DisallowUnknownFields() // a field nobody checks is no vector
		if err := dec.Decode(&some); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		all = append(all, some...)
	}
	return all
}

func TestVectors(t *testing.T) {
	for _, v := range vectors(t) {
		t.Run(v.Name, func(t *testing.T) {
			link, err := ParseLink(v.PathID, v.Fragment)
			if err != nil {
				t.Fatalf("ParseLink: %v", err)
			}
			h, err := ParseHeader(v.Header)
			if err != nil {
				t.Fatalf("ParseHeader: %v", err)
			}
			pw, err := passwordKey(h, v.Password)
			if err != nil {
				t.Fatalf("passwordKey: %v", err)
			}
			keys, err := DeriveKeys(link, h, v.Password)
			if err != nil {
				t.Fatalf("DeriveKeys: %v", err)
			}
			same(t, "header", newHeader(link.ID, KDF{v.KDF, v.A, v.B, v.C}, [16]byte(v.Header[20:36])), Header(v.Header))
			same(t, "header_sha256", sha(h[:]), v.HeaderSHA256)
			same(t, "k", hexBytes(link.Key[:]), v.K)
			same(t, "id", hexBytes(link.ID[:]), v.ID)
			same(t, "fragment", link.Fragment(), v.Fragment)
			same(t, "id_path", link.PathID(), v.PathID)
			same(t, "link_proof", hexBytes(link.Proof()), v.LinkProof)
			same(t, "server_link_hash", sha(link.Proof()), v.LinkHash)
			same(t, "pw_key", hexBytes(pw), v.PasswordKey)
			same(t, "access_proof", hexBytes(keys.AccessProof()), v.AccessProof)
			same(t, "server_access_hash", sha(keys.AccessProof()), v.AccessHash)
			same(t, "commit", hexBytes(keys.commit[:]), v.Commit)
			checkParts(t, v, keys)
		})
	}
}

func checkParts(t *testing.T, v vector, keys *Keys) {
	t.Helper()
	part0, err := packPart0([]byte(v.Manifest), v.Text)
	if err != nil {
		t.Fatalf("packPart0: %v", err)
	}
	parts := [][]byte{part0}
	if len(v.PartKeys) > 1 {
		m, err := parseManifest([]byte(v.Manifest))
		if err != nil {
			t.Fatalf("parseManifest: %v", err)
		}
		for _, f := range m.Files {
			parts = append(parts, filled(int(f.Size)))
		}
	}
	same(t, "number of parts", len(parts), len(v.PartKeys))
	for i, part := range parts {
		sealed := keys.sealPart(uint32(i), part)
		same(t, "part key", hexBytes(keys.partKey(uint32(i))), v.PartKeys[i])
		same(t, "plain size", len(part), v.PlainSizes[i])
		same(t, "sealed size", len(sealed), v.SealedSizes[i])
		same(t, "SealedSize", SealedSize(len(part)), v.SealedSizes[i])
		same(t, "ct_sha256", sha(sealed), v.SealedSHA256[i])
		opened, err := keys.openPart(uint32(i), sealed)
		if err != nil || !slices.Equal(opened, part) {
			t.Errorf("openPart(%d): %d bytes, %v; want the %d sealed", i, len(opened), err, len(part))
		}
		if i == 0 {
			same(t, "part0_ct_first32", hexBytes(sealed[:32]), v.SealedFirst32)
			_, text, err := keys.Open(keys.commit, sealed)
			if err != nil || text != v.Text {
				t.Errorf("Open: %q, %v; want %q", text, err, v.Text)
			}
		}
	}
}

// filled is the content of a file in the vectors, padded.
func filled(size int) []byte {
	b := make([]byte, padme(size))
	for i := range size {
		b[i] = byte((i*31 + i>>8) % 256)
	}
	return b
}

func TestVectorManifests(t *testing.T) {
	for _, v := range vectors(t) {
		m, err := parseManifest([]byte(v.Manifest))
		if err != nil {
			t.Errorf("parseManifest(%s): %v", v.Name, err)
			continue
		}
		if len(m.Files) > 0 {
			continue
		}
		same(t, "manifest of "+v.Name, string(newManifest(m.Intent, m.CreatedAt)), v.Manifest)
		same(t, "expires in of "+v.Name, m.Intent.ExpiresIn, time.Hour)
	}
}

func sha(b []byte) hexBytes {
	h := sha256.Sum256(b)
	return h[:]
}

func same[T any](t *testing.T, what string, got, want T) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}
