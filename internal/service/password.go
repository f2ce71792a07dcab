package service

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	_ "embed"
	"encoding/base64"
	"fmt"
	"runtime"
	"strings"
	"sync/atomic"

	"golang.org/x/crypto/argon2"
	"golang.org/x/text/unicode/norm"

	"letterlock"
)

// How long a password may be, in bytes, once it is normalized.
const (
	minPassword = 12
	maxPassword = 1024
)

// common are passwords long enough that are guessed first, a line each.
//
//go:embed common.txt
var common string

// normal is a password as it is hashed: however a keyboard writes its accents.
func normal(password string) string { return norm.NFC.String(password) }

// checkPassword refuses a new password that is too short, or among the first to
// be guessed: a common one, or one with the address or the instance's name in it.
func checkPassword(field, password string, email letterlock.Email, instance string) error {
	password = normal(password)
	key := letterlock.NameKey(password)
	local, _, _ := strings.Cut(email.Key(), "@")
	switch {
	case len(password) < minPassword:
		return letterlock.Invalid(field, letterlock.FieldTooShort)
	case len(password) > maxPassword:
		return letterlock.Invalid(field, letterlock.FieldTooLong)
	case isCommon(key), contains(key, letterlock.NameKey(instance)), contains(key, local), contains(key, email.Key()):
		return letterlock.Invalid(field, letterlock.FieldTooCommon)
	}
	return nil
}

func isCommon(key string) bool {
	for line := range strings.Lines(common) {
		if key == strings.TrimSuffix(line, "\n") {
			return true
		}
	}
	return false
}

// contains reports whether a word is in a password. Short words are in many by
// chance.
func contains(key, word string) bool { return len(word) >= 5 && strings.Contains(key, word) }

// argon are the parameters of Argon2id.
type argon struct {
	memory uint32 // KiB
	passes uint32
	lanes  uint8
}

// argonNow are those of new hashes: about a third of a second, and 64 MiB.
var argonNow = argon{memory: 64 << 10, passes: 3, lanes: 1}

const (
	saltLength = 16
	keyLength  = 32
)

// hasher hashes passwords. Each takes a processor and much memory, so only as
// many as there are processors go on at once, and only so many wait.
type hasher struct {
	argon
	slots   chan struct{}
	waiting atomic.Int64
}

// queueFactor is how many hashings may wait, for each one under way: more than
// some ten seconds nobody would wait.
const queueFactor = 32

func newHasher(a argon) *hasher {
	return &hasher{argon: a, slots: make(chan struct{}, runtime.GOMAXPROCS(0))}
}

// do runs f when it is its turn. Where too many wait it refuses at once.
func (h *hasher) do(ctx context.Context, f func()) error {
	if h.waiting.Add(1) > int64(cap(h.slots)*(1+queueFactor)) {
		h.waiting.Add(-1)
		return fmt.Errorf("service: %w: too many passwords are being checked", letterlock.ErrUnavailable)
	}
	defer h.waiting.Add(-1)
	select {
	case h.slots <- struct{}{}:
	case <-ctx.Done():
		return fmt.Errorf("service: %w: %w", letterlock.ErrUnavailable, ctx.Err())
	}
	defer func() { <-h.slots }()
	// The collector would let several of these blocks lie about before it runs.
	defer runtime.GC()
	f()
	return nil
}

// hash hashes a new password, in PHC form.
func (h *hasher) hash(ctx context.Context, password string) (hash letterlock.PasswordHash, err error) {
	salt := make([]byte, saltLength)
	rand.Read(salt)
	err = h.do(ctx, func() { hash = phc(h.argon, salt, h.key(normal(password), salt)) })
	return hash, err
}

// matches reports whether a password is the one that was hashed, and whether it
// should be hashed anew. Nothing matches an empty hash, after the same work.
func (h *hasher) matches(ctx context.Context, hash letterlock.PasswordHash, password string) (match, stale bool, err error) {
	a, salt, want, ok := parsePHC(hash)
	if !ok {
		a, salt, want = h.argon, make([]byte, saltLength), nil
	}
	err = h.do(ctx, func() { match = subtle.ConstantTimeCompare(a.key(normal(password), salt), want) == 1 })
	return match, a != h.argon, err
}

func (a argon) key(password string, salt []byte) []byte {
	return argon2.IDKey([]byte(password), salt, a.passes, a.memory, a.lanes, keyLength)
}

func phc(a argon, salt, key []byte) letterlock.PasswordHash {
	b64 := base64.RawStdEncoding.EncodeToString
	return letterlock.PasswordHash(fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, a.memory, a.passes, a.lanes, b64(salt), b64(key)))
}

// parsePHC reads what phc wrote, and nothing else.
func parsePHC(hash letterlock.PasswordHash) (a argon, salt, key []byte, ok bool) {
	parts := strings.Split(string(hash), "$")
	if len(parts) != 6 {
		return a, nil, nil, false
	}
	if _, err := fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &a.memory, &a.passes, &a.lanes); err != nil {
		return a, nil, nil, false
	}
	salt, saltErr := base64.RawStdEncoding.DecodeString(parts[4])
	key, keyErr := base64.RawStdEncoding.DecodeString(parts[5])
	ok = saltErr == nil && keyErr == nil && len(key) == keyLength && a.passes > 0 && a.lanes > 0 && phc(a, salt, key) == hash
	return a, salt, key, ok
}
