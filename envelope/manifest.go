package envelope

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"io"
	"math/bits"
	"time"
	"unicode/utf8"
)

// Manifest is what only sender and reader know of a secret beside the text.
type Manifest struct {
	CreatedAt time.Time
	Intent    Intent
	Files     []File
	Gates     []string // what else the sender asked for: "email", "organization", "sign_in"
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
	}{manifestVersion, []struct{}{}, createdAt.Unix(), [2]any{views, int64(intent.ExpiresIn / time.Second)}})
	if err != nil {
		panic(err) // no value of these types can fail
	}
	return m
}

// parseManifest reads a manifest: unknown members are ignored, so that newer
// clients can add some; repeated ones are refused, since two readers could
// disagree about them.
func parseManifest(b []byte) (*Manifest, error) {
	if !utf8.Valid(b) {
		return nil, ErrDamaged
	}
	members, err := parseObject(b)
	if err != nil {
		return nil, err
	}
	var version int
	if err := json.Unmarshal(members["v"], &version); err != nil {
		return nil, ErrDamaged
	}
	if version != manifestVersion {
		return nil, ErrNewer
	}
	var created int64
	var policy []*int64
	var files []json.RawMessage
	var m Manifest
	for name, dest := range map[string]any{"created_at": &created, "policy": &policy, "files": &files} {
		if err := json.Unmarshal(members[name], dest); err != nil {
			return nil, ErrDamaged
		}
	}
	if len(policy) != 2 || policy[1] == nil || files == nil || created < 0 {
		return nil, ErrDamaged
	}
	if gates, ok := members["gates"]; ok && json.Unmarshal(gates, &m.Gates) != nil {
		return nil, ErrDamaged
	}
	m.CreatedAt = time.Unix(created, 0).UTC()
	m.Intent.ExpiresIn = time.Duration(*policy[1]) * time.Second
	if policy[0] != nil {
		m.Intent.MaxViews = int(*policy[0])
	}
	if len(files) == 0 && len(b) > maxManifest {
		return nil, ErrDamaged
	}
	m.Files, err = parseFiles(files)
	return &m, err
}

func parseFiles(raw []json.RawMessage) ([]File, error) {
	var files []File
	for _, r := range raw {
		members, err := parseObject(r)
		if err != nil {
			return nil, err
		}
		var f File
		for name, dest := range map[string]any{"name": &f.Name, "type": &f.Type, "size": &f.Size, "part": &f.Part} {
			if err := json.Unmarshal(members[name], dest); err != nil {
				return nil, ErrDamaged
			}
		}
		if f.Size < 0 || f.Part < 1 {
			return nil, ErrDamaged
		}
		files = append(files, f)
	}
	return files, nil
}

// parseObject splits an object into its members. encoding/json alone would
// accept repeated names and other cases of a name.
func parseObject(b []byte) (map[string]json.RawMessage, error) {
	dec := json.NewDecoder(bytes.NewReader(b))
	if t, err := dec.Token(); err != nil || t != json.Delim('{') {
		return nil, ErrDamaged
	}
	members := map[string]json.RawMessage{}
	for dec.More() {
		name, err := dec.Token()
		if err != nil {
			return nil, ErrDamaged
		}
		key, ok := name.(string)
		if _, twice := members[key]; !ok || twice {
			return nil, ErrDamaged
		}
		var value json.RawMessage
		if err := dec.Decode(&value); err != nil {
			return nil, ErrDamaged
		}
		members[key] = value
	}
	if _, err := dec.Token(); err != nil {
		return nil, ErrDamaged
	}
	if _, err := dec.Token(); err != io.EOF {
		return nil, ErrDamaged
	}
	return members, nil
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
