package envelope

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"math"
	"math/bits"
	"strconv"
	"time"
	"unicode/utf8"
)

// Manifest is what only sender and reader know of a secret beside the text.
type Manifest struct {
	CreatedAt time.Time
	Intent    Intent
	Files     []File
}

// File is one file, sealed as a part of its own.
type File struct {
	Name string
	Type string // media type
	Size int64
	Part int
}

const (
	manifestVersion = 1

	// maxManifest is the longest manifest of a secret without files.
	maxManifest = 1024
)

func newManifest(intent Intent, createdAt time.Time) []byte {
	var views *int
	if intent.MaxViews != 0 {
		views = &intent.MaxViews
	}
	m, err := json.Marshal(struct {
		V         int        `json:"v"`
		Files     []struct{} `json:"files"`
		CreatedAt int64      `json:"created_at"`
		Policy    [2]any     `json:"policy"`
		Gates     []string   `json:"gates,omitempty"`
	}{manifestVersion, []struct{}{}, createdAt.Unix(), [2]any{views, int64(intent.ExpiresIn / time.Second)}, intent.Gates})
	if err != nil {
		panic(err) // no value of these types can fail
	}
	return m
}

// parseManifest reads a manifest: unknown members are ignored, so that newer
// clients can add some; repeated ones are refused, since two readers could
// disagree about them.
func parseManifest(b []byte) (*Manifest, error) {
	var members object
	if !utf8.Valid(b) || json.Unmarshal(b, &members) != nil || repeats(json.NewDecoder(bytes.NewReader(b))) {
		return nil, ErrDamaged
	}
	var version, created count
	var policy []*count
	var files []json.RawMessage
	if !members.read("v", &version) {
		return nil, ErrDamaged
	}
	if version != manifestVersion {
		return nil, ErrNewer
	}
	if !members.read("created_at", &created) || !members.read("policy", &policy) || !members.read("files", &files) {
		return nil, ErrDamaged
	}
	if len(files) == 0 && len(b) > maxManifest {
		return nil, ErrDamaged
	}
	m := &Manifest{CreatedAt: time.Unix(int64(created), 0).UTC()}
	if !m.Intent.set(policy) || !m.Intent.setGates(members) || !m.setFiles(files) {
		return nil, ErrDamaged
	}
	return m, nil
}

// set reads what the sender meant: views or null, and seconds.
func (i *Intent) set(policy []*count) bool {
	if len(policy) != 2 || policy[1] == nil || policy[0] != nil && *policy[0] == 0 {
		return false
	}
	if policy[0] != nil {
		i.MaxViews = int(*policy[0])
	}
	// Beyond three centuries all lifetimes are alike.
	i.ExpiresIn = time.Duration(min(*policy[1], count(math.MaxInt64/time.Second))) * time.Second
	return true
}

func (i *Intent) setGates(members object) bool {
	if members["gates"] == nil {
		return true
	}
	var gates []*string
	if !members.read("gates", &gates) {
		return false
	}
	for _, g := range gates {
		if g == nil {
			return false
		}
		i.Gates = append(i.Gates, *g)
	}
	return true
}

func (m *Manifest) setFiles(files []json.RawMessage) bool {
	for _, raw := range files {
		var f object
		var name, kind string
		var size, part count
		if json.Unmarshal(raw, &f) != nil || !f.read("name", &name) || !f.read("type", &kind) || !f.read("size", &size) || !f.read("part", &part) || part < 1 {
			return false
		}
		m.Files = append(m.Files, File{Name: name, Type: kind, Size: int64(size), Part: int(part)})
	}
	return true
}

// object is the members of a JSON object. Unlike the fields of a struct they
// are found by their exact names.
type object map[string]json.RawMessage

// read reads a member that must be there and not be null.
func (o object) read(name string, value any) bool {
	raw, ok := o[name]
	return ok && string(raw) != "null" && json.Unmarshal(raw, value) == nil
}

// count is a whole number, however JSON writes it, up to where every reader has
// it exactly.
type count int64

const maxCount = 1<<53 - 1

// UnmarshalJSON refuses everything else.
func (c *count) UnmarshalJSON(b []byte) error {
	f, err := strconv.ParseFloat(string(b), 64)
	if err != nil || f < 0 || f > maxCount || f != math.Trunc(f) {
		return ErrDamaged
	}
	*c = count(f)
	return nil
}

// repeats reports whether an object names a member twice, at any depth of the
// valid JSON value that comes next.
func repeats(dec *json.Decoder) bool {
	t, _ := dec.Token()
	begin, ok := t.(json.Delim)
	if !ok {
		return false
	}
	seen := map[json.Token]bool{}
	for dec.More() {
		if begin == '{' {
			name, _ := dec.Token()
			if seen[name] {
				return true
			}
			seen[name] = true
		}
		if repeats(dec) {
			return true
		}
	}
	dec.Token() // the end of it
	return false
}

// packPart0 is u32 length || manifest || u32 length || text || zeros.
func packPart0(manifest []byte, text string) ([]byte, error) {
	if len(text) > MaxText {
		return nil, ErrTooLarge
	}
	if !utf8.ValidString(text) {
		return nil, ErrDamaged
	}
	size := 8 + len(manifest) + len(text)
	part := make([]byte, 0, paddedSize(size))
	part = binary.BigEndian.AppendUint32(part, uint32(len(manifest)))
	part = append(part, manifest...)
	part = binary.BigEndian.AppendUint32(part, uint32(len(text)))
	part = append(part, text...)
	return part[:cap(part)], nil
}

// unpackPart0 refuses anything that packPart0 would not have written.
func unpackPart0(part []byte) (*Manifest, string, error) {
	size := len(part)
	manifest, rest, ok := lengthPrefixed(part)
	if !ok {
		return nil, "", ErrDamaged
	}
	text, padding, ok := lengthPrefixed(rest)
	if !ok || !zero(padding) || paddedSize(size-len(padding)) != size || !utf8.Valid(text) {
		return nil, "", ErrDamaged
	}
	m, err := parseManifest(manifest)
	if err != nil {
		return nil, "", err
	}
	return m, string(text), nil
}

func lengthPrefixed(b []byte) (value, rest []byte, ok bool) {
	if len(b) < 4 {
		return nil, nil, false
	}
	n := binary.BigEndian.Uint32(b)
	if b = b[4:]; uint64(n) > uint64(len(b)) {
		return nil, nil, false
	}
	return b[:n], b[n:], true
}

// paddedSize is what part 0 of n bytes is padded to: a few steps that most
// secrets share, then Padmé.
func paddedSize(n int) int {
	for _, step := range []int{1 << 10, 4 << 10, 16 << 10, 64 << 10} {
		if n <= step {
			return step
		}
	}
	return padme(n)
}

// padme rounds up so that at most 12 % is added and a length gives away
// O(log log n) bits (Nikitin et al., Reducing Metadata Leakage from Encrypted
// Files and Communication with PURBs, 2019, section 4.5).
func padme(n int) int {
	if n < 2 {
		return n
	}
	e := bits.Len(uint(n)) - 1
	s := bits.Len(uint(e))
	mask := 1<<(e-s) - 1
	return (n + mask) &^ mask
}
