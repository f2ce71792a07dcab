package envelope

import (
	"crypto/aes"
	"crypto/cipher"
	"encoding/binary"
)

// Parts are sealed as in age v1's STREAM: chunks of 64 KiB, each under a nonce
// of its number and whether it is the last, so that chunks can be neither
// dropped nor swapped nor repeated, and the end cannot be cut off.

const (
	chunkSize = 64 << 10
	tagSize   = 16
)

// SealedSize is how long a part of n bytes is once sealed.
func SealedSize(n int) int { return n + tagSize*max(1, (n+chunkSize-1)/chunkSize) }

func (k *Keys) aead(part uint32) cipher.AEAD {
	block, err := aes.NewCipher(k.partKey(part))
	if err != nil {
		panic(err) // only for another key length
	}
	aead, err := cipher.NewGCM(block)
	if err != nil {
		panic(err) // only for another block size
	}
	return aead
}

// nonce is an 11-byte counter and the mark of the final chunk.
func nonce(chunk int, final bool) []byte {
	n := make([]byte, 12)
	binary.BigEndian.PutUint64(n[3:11], uint64(chunk)) // its upper three bytes stay zero
	if final {
		n[11] = 1
	}
	return n
}

// sealPart seals a padded part. Only an empty part has an empty chunk.
func (k *Keys) sealPart(part uint32, plain []byte) []byte {
	aead := k.aead(part)
	out := make([]byte, 0, SealedSize(len(plain)))
	for i := 0; ; i++ {
		final := len(plain) <= chunkSize
		chunk := plain[:min(len(plain), chunkSize)]
		out = aead.Seal(out, nonce(i, final), chunk, nil)
		if final {
			return out
		}
		plain = plain[chunkSize:]
	}
}

// openPart opens a sealed part, all of it or nothing.
func (k *Keys) openPart(part uint32, sealed []byte) ([]byte, error) {
	aead := k.aead(part)
	var out []byte
	for i := 0; ; i++ {
		final := len(sealed) <= chunkSize+tagSize
		chunk := sealed[:min(len(sealed), chunkSize+tagSize)]
		if i > 0 && len(chunk) <= tagSize {
			return nil, ErrDamaged // an empty chunk after others
		}
		var err error
		if out, err = aead.Open(out, nonce(i, final), chunk, nil); err != nil {
			return nil, ErrDamaged
		}
		if final {
			return out, nil
		}
		sealed = sealed[len(chunk):]
	}
}
