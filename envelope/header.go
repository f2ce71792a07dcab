package envelope

import "encoding/binary"

// HeaderSize is the length of a header in bytes.
const HeaderSize = 64

// Header is the public first part of an envelope. Its hash goes into the keys,
// so it cannot be changed without breaking the content.
type Header [HeaderSize]byte

const (
	magic = "SHE1"
	suite = 1 // HKDF-SHA-256, AES-256-GCM, STREAM of 64 KiB
)

// KDF says how a password becomes a key: A iterations of PBKDF2, or Argon2id
// with A KiB, B passes and C lanes.
type KDF struct {
	Kind    byte
	A, B, C uint32
}

// Kinds of key derivation.
const (
	NoPassword = 0
	PBKDF2     = 1 // HMAC-SHA-256
	Argon2id   = 2 // version 1.3
)

// DefaultKDF is what [Seal] uses for a password: 64 MiB, three passes, one lane
// (the second recommended option of RFC 9106, with one lane for browsers).
var DefaultKDF = KDF{Argon2id, 65_536, 3, 1}

// valid holds the floor against downgrade and the ceiling against denial of
// service.
func (k KDF) valid() bool {
	switch k.Kind {
	case NoPassword:
		return k == KDF{}
	case PBKDF2:
		return k.A >= 600_000 && k.A <= 10_000_000 && k.B == 0 && k.C == 0
	case Argon2id:
		return k.A >= 19_456 && k.A <= 1_048_576 && k.B >= 1 && k.B <= 16 && (k.B >= 2 || k.A >= 47_104) && k.C >= 1 && k.C <= 4
	}
	return false
}

func newHeader(id [16]byte, kdf KDF, salt [16]byte) Header {
	var h Header
	copy(h[0:], magic)
	h[4] = suite
	if kdf.Kind != NoPassword {
		h[5] = flagPassword
	}
	h[6] = kdf.Kind
	binary.BigEndian.PutUint32(h[8:], kdf.A)
	binary.BigEndian.PutUint32(h[12:], kdf.B)
	binary.BigEndian.PutUint32(h[16:], kdf.C)
	copy(h[20:], salt[:])
	copy(h[36:], id[:])
	return h
}

// ParseHeader reads a header and refuses what a careful client must not use:
// other formats, reserved bytes that are set, weak or excessive parameters.
func ParseHeader(b []byte) (Header, error) {
	if len(b) != HeaderSize {
		return Header{}, ErrDamaged
	}
	h := Header(b)
	switch {
	case string(h[:4]) != magic:
		return Header{}, ErrDamaged
	case h[4] != suite || h[5]&^flagPassword != 0:
		return Header{}, ErrNewer
	case h[7] != 0 || !zero(h[52:]):
		return Header{}, ErrDamaged
	case h.Password() != (h.KDF().Kind != NoPassword) || h.Password() == zero(h[20:36]):
		return Header{}, ErrWeak
	case !h.KDF().valid():
		return Header{}, ErrWeak
	}
	return h, nil
}

// Password reports whether a password is mixed into the keys.
func (h Header) Password() bool { return h[5]&flagPassword != 0 }

// KDF is how the password becomes a key.
func (h Header) KDF() KDF {
	return KDF{h[6], binary.BigEndian.Uint32(h[8:]), binary.BigEndian.Uint32(h[12:]), binary.BigEndian.Uint32(h[16:])}
}

// ID is the id of the secret.
func (h Header) ID() [16]byte { return [16]byte(h[36:52]) }

func (h Header) salt() []byte { return h[20:36] }

func zero(b []byte) bool {
	for _, x := range b {
		if x != 0 {
			return false
		}
	}
	return true
}
