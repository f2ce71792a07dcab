package letterlock

import "encoding/binary"

// HeaderSize is the length of an E1 header in bytes.
const HeaderSize = 64

// Header is the public, immutable first part of an envelope. The server checks
// its shape so that what is stored can be opened by a careful client; it can do
// nothing else with it.
type Header [HeaderSize]byte

// ID is the id of the secret that the header belongs to.
func (h Header) ID() SecretID { return SecretID(idEncoding.EncodeToString(h[36:52])) }

// Password reports whether a password is needed besides the link.
func (h Header) Password() bool { return h[5]&1 != 0 }

// Key derivation functions and their limits, as every client enforces them: a
// floor against downgrade, a ceiling against denial of service. The floors are
// OWASP's Password Storage Cheat Sheet.
const (
	kdfNone, kdfPBKDF2, kdfArgon2id = 0, 1, 2

	pbkdf2Min, pbkdf2Max = 600_000, 10_000_000
	argonMin, argonMax   = 19_456, 1 << 20 // KiB
	argonTwice           = 47_104          // below this many KiB one pass is too little
)

// check returns "" for a well-formed E1 header, else the code of what is wrong.
func (h Header) check() FieldCode {
	switch {
	case string(h[:4]) != "SHE1":
		return FieldNotEnvelope
	case h[4] != 1:
		return FieldUnknownSuite
	case h[5]&^1 != 0, h[7] != 0, !zero(h[52:]):
		return FieldReserved
	}
	a, b, c := binary.BigEndian.Uint32(h[8:]), binary.BigEndian.Uint32(h[12:]), binary.BigEndian.Uint32(h[16:])
	salted := !zero(h[20:36])
	ok := false
	switch h[6] {
	case kdfNone:
		ok = !h.Password() && !salted && a == 0 && b == 0 && c == 0
	case kdfPBKDF2:
		ok = h.Password() && salted && a >= pbkdf2Min && a <= pbkdf2Max && b == 0 && c == 0
	case kdfArgon2id:
		ok = h.Password() && salted && a >= argonMin && a <= argonMax &&
			b >= 1 && b <= 16 && (b >= 2 || a >= argonTwice) && c >= 1 && c <= 4
	}
	if !ok {
		return FieldWeakKDF
	}
	return ""
}

func zero(b []byte) bool {
	for _, x := range b {
		if x != 0 {
			return false
		}
	}
	return true
}
