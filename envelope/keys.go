package envelope

import (
	"crypto/hkdf"
	"crypto/pbkdf2"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"unicode/utf8"

	"golang.org/x/crypto/argon2"
	"golang.org/x/text/unicode/norm"
)

// MaxPassword is the longest password, in bytes after normalization.
const MaxPassword = 1024

// extract and expand are HKDF of RFC 5869 with SHA-256.
func extract(salt string, ikm []byte) []byte {
	prk, err := hkdf.Extract(sha256.New, ikm, []byte(salt))
	if err != nil {
		panic(err) // only in FIPS mode, for keys shorter than ours
	}
	return prk
}

func expand(prk []byte, info string, n int) []byte {
	out, err := hkdf.Expand(sha256.New, prk, info, n)
	if err != nil {
		panic(err) // only for more than 255 blocks
	}
	return out
}

func linkKey(k Key) []byte { return extract("share/e1 link", k[:]) }

func secretID(k Key) [16]byte { return [16]byte(expand(linkKey(k), "id", 16)) }

// Proof shows a server that someone holds the link, and gives nothing else
// away.
func (l Link) Proof() []byte { return expand(linkKey(l.Key), "link-proof", 32) }

// Keys are the keys of one envelope. They never print.
type Keys struct {
	prk         []byte
	accessProof [32]byte
	commit      [32]byte
}

// AccessProof shows a server that someone holds the link and knows the
// password.
func (k *Keys) AccessProof() []byte { return k.accessProof[:] }

// Format prints [redacted] under every verb.
func (*Keys) Format(f fmt.State, _ rune) { f.Write([]byte("[redacted]")) }

// DeriveKeys derives the keys of an envelope. The hash of the header goes in, so
// id, flags, parameters and salt are bound; a header that does not belong to
// the link is refused. A wrong password gives wrong keys, which only the server
// or the commitment tells. With Argon2id it takes the memory that the header
// says, at most 1 GiB.
func DeriveKeys(link Link, h Header, password string) (*Keys, error) {
	if h.ID() != link.ID || h.Password() != link.Password {
		return nil, ErrDamaged
	}
	pw, err := passwordKey(h, password)
	if err != nil {
		return nil, err
	}
	hash := sha256.Sum256(h[:])
	prk := extract(string(hash[:]), append(link.Key[:], pw...))
	return &Keys{
		prk:         prk,
		accessProof: [32]byte(expand(prk, "access-proof", 32)),
		commit:      [32]byte(expand(prk, "commit", 32)),
	}, nil
}

// passwordKey is 32 zero bytes without a password.
func passwordKey(h Header, password string) ([]byte, error) {
	if !h.Password() {
		return make([]byte, 32), nil
	}
	pw, err := passwordBytes(password)
	if err != nil {
		return nil, err
	}
	kdf := h.KDF()
	if kdf.Kind == Argon2id {
		return argon2.IDKey(pw, h.salt(), kdf.B, kdf.A, uint8(kdf.C), 32), nil
	}
	return pbkdf2.Key(sha256.New, string(pw), h.salt(), int(kdf.A), 32)
}

// passwordBytes normalizes a password, so that it is the same from every
// keyboard. It is not trimmed.
func passwordBytes(password string) ([]byte, error) {
	pw := norm.NFC.Bytes([]byte(password))
	if len(pw) == 0 || len(pw) > MaxPassword || !utf8.ValidString(password) {
		return nil, ErrPassword
	}
	return pw, nil
}

func (k *Keys) partKey(i uint32) []byte {
	return expand(k.prk, string(binary.BigEndian.AppendUint32([]byte("part"), i)), 32)
}
