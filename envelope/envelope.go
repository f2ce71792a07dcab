// Package envelope is format E1: how a secret is sealed by its sender and
// opened by its reader, and by nobody in between. Only clients import it; the
// serving half of this program could not decrypt if it wanted to.
//
// A link carries a random key K. From K derive the secret's id, a proof that
// someone holds the link, and, together with the password if there is one, the
// keys of the content. docs/envelope.md is the specification; the TypeScript in
// ui/ts/envelope mirrors this package file by file, and both reproduce the
// vectors in testdata.
//
// [Seal] makes an envelope. To open one: [ParseLink], fetch the header,
// [ParseHeader], [DeriveKeys], show the access proof to get the content, and
// [Keys.Open] it.
package envelope

import (
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"time"
)

// What a client has to tell apart. Every error of this package is one of these.
var (
	ErrMissing  = errors.New("envelope: the key part of the link is missing")
	ErrDamaged  = errors.New("envelope: damaged")
	ErrNewer    = errors.New("envelope: made by a newer version")
	ErrWeak     = errors.New("envelope: key derivation parameters outside the accepted range")
	ErrPassword = errors.New("envelope: the password is not valid text of at most 1,024 bytes")
	ErrTooLarge = errors.New("envelope: the text is longer than 65,536 bytes")
)

// MaxText is the longest text in bytes of UTF-8.
const MaxText = 64 << 10

// Intent is what the sender meant, sealed with the content so that the reader's
// client notices a server that serves other limits.
type Intent struct {
	MaxViews  int // 0: unlimited
	ExpiresIn time.Duration
	Gates     []string // what else readers have to show: "email", "organization", "sign_in"
}

// Sealed is an envelope and what else a create call needs. The link goes to the
// reader, everything else to the server.
type Sealed struct {
	Link       Link
	Header     Header
	Commit     [32]byte
	LinkHash   [32]byte
	AccessHash [32]byte
	Content    []byte // part 0
}

// Seal seals a text under a fresh key. An empty password means none; with one,
// Argon2id takes 64 MiB for a moment. A key seals once: to retry, send the same
// Sealed again; to change anything, call Seal again.
func Seal(text, password string, intent Intent, createdAt time.Time) (*Sealed, error) {
	var k Key
	rand.Read(k[:])
	kdf := KDF{}
	var salt [16]byte
	if password != "" {
		kdf = DefaultKDF
		rand.Read(salt[:])
	}
	return seal(k, kdf, salt, text, password, intent, createdAt)
}

// seal is Seal with its randomness given.
func seal(k Key, kdf KDF, salt [16]byte, text, password string, intent Intent, createdAt time.Time) (*Sealed, error) {
	link := newLink(k, password != "")
	header := newHeader(link.ID, kdf, salt)
	keys, err := DeriveKeys(link, header, password)
	if err != nil {
		return nil, err
	}
	part, err := packPart0(newManifest(intent, createdAt), text)
	if err != nil {
		return nil, err
	}
	return &Sealed{
		Link:       link,
		Header:     header,
		Commit:     keys.commit,
		LinkHash:   sha256.Sum256(link.Proof()),
		AccessHash: sha256.Sum256(keys.accessProof[:]),
		Content:    keys.sealPart(0, part),
	}, nil
}

// Open verifies and opens part 0 of an envelope. Nothing of it is returned
// unless all of it is as it was sealed.
func (k *Keys) Open(commit [32]byte, content []byte) (*Manifest, string, error) {
	if commit != k.commit {
		return nil, "", ErrDamaged
	}
	part, err := k.openPart(0, content)
	if err != nil {
		return nil, "", err
	}
	return unpackPart0(part)
}
