package letterlock_test

import (
	"encoding/binary"
	"testing"
	"time"

	"letterlock"
)

// plainHeader is a well-formed header without a password.
func plainHeader() letterlock.Header {
	var h letterlock.Header
	copy(h[:], "SHE1\x01")
	copy(h[36:52], "sixteen id bytes")
	return h
}

// passwordHeader is one with a password under Argon2id.
func passwordHeader() letterlock.Header {
	h := plainHeader()
	h[5] = 1
	copy(h[20:36], "sixteen salt byt")
	return kdf(h, 2, 47_104, 1, 1)
}

// kdf sets the key derivation and its three parameters.
func kdf(h letterlock.Header, id byte, a, b, c uint32) letterlock.Header {
	h[6] = id
	binary.BigEndian.PutUint32(h[8:], a)
	binary.BigEndian.PutUint32(h[12:], b)
	binary.BigEndian.PutUint32(h[16:], c)
	return h
}

func set(h letterlock.Header, at int, value byte) letterlock.Header {
	h[at] = value
	return h
}

func unsalted(h letterlock.Header) letterlock.Header {
	clear(h[20:36])
	return h
}

func TestHeaderShape(t *testing.T) {
	plain, locked := plainHeader(), passwordHeader()
	const (
		notEnvelope = letterlock.FieldNotEnvelope
		suite       = letterlock.FieldUnknownSuite
		reserved    = letterlock.FieldReserved
		weak        = letterlock.FieldWeakKDF
	)
	for _, test := range []struct {
		name   string
		header letterlock.Header
		want   letterlock.FieldCode
	}{
		{"no password", plain, ""},
		{"password", locked, ""},
		{"zeros", letterlock.Header{}, notEnvelope},
		{"lower-case magic", set(plain, 0, 's'), notEnvelope},
		{"the magic of the next format", set(plain, 3, '2'), notEnvelope},
		{"suite 0", set(plain, 4, 0), suite},
		{"suite 2", set(plain, 4, 2), suite},
		{"unknown flag", set(plain, 5, 2), reserved},
		{"unknown flag beside password", set(locked, 5, 0x81), reserved},
		{"reserved byte", set(plain, 7, 1), reserved},
		{"first reserved byte at the end", set(plain, 52, 1), reserved},
		{"last reserved byte at the end", set(plain, 63, 1), reserved},

		{"password flag without a function", set(plain, 5, 1), weak},
		{"function without the password flag", set(locked, 5, 0), weak},
		{"salt without a password", set(plain, 20, 1), weak},
		{"last byte of a salt without a password", set(plain, 35, 1), weak},
		{"first parameter without a password", kdf(plain, 0, 1, 0, 0), weak},
		{"second parameter without a password", kdf(plain, 0, 0, 1, 0), weak},
		{"third parameter without a password", kdf(plain, 0, 0, 0, 1), weak},
		{"unknown function", kdf(locked, 3, 47_104, 1, 1), weak},

		{"PBKDF2 at its floor", kdf(locked, 1, 600_000, 0, 0), ""},
		{"PBKDF2 below its floor", kdf(locked, 1, 599_999, 0, 0), weak},
		{"PBKDF2 at its ceiling", kdf(locked, 1, 10_000_000, 0, 0), ""},
		{"PBKDF2 above its ceiling", kdf(locked, 1, 10_000_001, 0, 0), weak},
		{"PBKDF2 with a second parameter", kdf(locked, 1, 600_000, 1, 0), weak},
		{"PBKDF2 with a third parameter", kdf(locked, 1, 600_000, 0, 1), weak},
		{"PBKDF2 without salt", unsalted(kdf(locked, 1, 600_000, 0, 0)), weak},

		{"Argon2id at its floor", kdf(locked, 2, 19_456, 2, 1), ""},
		{"Argon2id with too little memory", kdf(locked, 2, 19_455, 2, 1), weak},
		{"Argon2id with one pass over little memory", kdf(locked, 2, 47_103, 1, 1), weak},
		{"Argon2id with one pass over enough memory", kdf(locked, 2, 47_104, 1, 1), ""},
		{"Argon2id without a pass", kdf(locked, 2, 47_104, 0, 1), weak},
		{"Argon2id at its ceilings", kdf(locked, 2, 1_048_576, 16, 4), ""},
		{"Argon2id with too much memory", kdf(locked, 2, 1_048_577, 2, 1), weak},
		{"Argon2id with too many passes", kdf(locked, 2, 47_104, 17, 1), weak},
		{"Argon2id with no lane", kdf(locked, 2, 47_104, 2, 0), weak},
		{"Argon2id with too many lanes", kdf(locked, 2, 47_104, 2, 5), weak},
		{"Argon2id without salt", unsalted(locked), weak},
	} {
		t.Run(test.name, func(t *testing.T) {
			n := letterlock.NewSecret{
				Header:  test.header,
				Content: ciphertext(1040),
				Limits:  letterlock.Limits{ExpiresIn: time.Hour, Views: 1},
			}
			var want *letterlock.Refusal
			if test.want != "" {
				want = letterlock.Invalid("header", test.want)
			}
			checkRefusal(t, "Check()", n.Check(letterlock.DefaultLifetime), want)
		})
	}
}

func TestHeaderNamesItsSecret(t *testing.T) {
	h := plainHeader()
	if got, want := h.ID(), letterlock.SecretID("onuxq5dfmvxca2leebrhs5dfom"); got != want {
		t.Errorf("ID() = %q, want %q", got, want)
	}
	for i := range h {
		other := set(h, i, h[i]+1)
		if inID := i >= 36 && i < 52; (other.ID() != h.ID()) != inID {
			t.Errorf("changing byte %d of the header gives id %s, it was %s", i, other.ID(), h.ID())
		}
	}
	if h.Password() || !passwordHeader().Password() {
		t.Error("Password() does not follow the flag")
	}
}
