package envelope

import (
	"encoding/base32"
	"fmt"
	"net/url"
	"strings"
)

// Link is what a reader holds: the secret's id, which is public, and its key,
// which is in the fragment that browsers never send.
type Link struct {
	ID       [16]byte
	Key      Key
	Password bool // a password is needed too
}

// Key is the K of an envelope. It never prints.
type Key [32]byte

// Format prints [redacted] under every verb.
func (Key) Format(f fmt.State, _ rune) { f.Write([]byte("[redacted]")) }

// MarshalJSON writes "[redacted]".
func (Key) MarshalJSON() ([]byte, error) { return []byte(`"[redacted]"`), nil }

const (
	linkVersion    = 1
	flagPassword   = 1
	fragmentLength = 55 // of 34 bytes in base32
	alphabet       = "abcdefghijklmnopqrstuvwxyz234567"
)

// base32 without padding survives case folding, Markdown, linkifiers and
// dictation.
var encoding = base32.NewEncoding(alphabet).WithPadding(base32.NoPadding)

func newLink(k Key, password bool) Link {
	return Link{ID: secretID(k), Key: k, Password: password}
}

// ParseLink reads a link from the id in its path and its fragment, without the
// #. What programs append to a fragment is dropped; a key that does not belong
// to the id is a damaged link, found before anything is asked of a server.
func ParseLink(id, fragment string) (Link, error) {
	if fragment == "" {
		return Link{}, ErrMissing
	}
	fragment = fold(fragment)
	if len(fragment) < fragmentLength {
		return Link{}, ErrDamaged
	}
	if len(fragment) > fragmentLength && strings.IndexByte(alphabet, fragment[fragmentLength]) >= 0 {
		return Link{}, ErrDamaged
	}
	raw, err := decodeBase32(fragment[:fragmentLength])
	if err != nil {
		return Link{}, err
	}
	if raw[0] != linkVersion || raw[1]&^flagPassword != 0 {
		return Link{}, ErrNewer
	}
	link := newLink(Key(raw[2:]), raw[1]&flagPassword != 0)
	if fold(id) != link.PathID() {
		return Link{}, ErrDamaged
	}
	return link, nil
}

// ParseURL reads a whole link and returns the address of its instance with it.
// Mail programs write the # as %23; that is repaired. It is taken apart by hand,
// since what follows the key may be anything, and no valid URL.
func ParseURL(text string) (server string, link Link, err error) {
	address, fragment, _ := strings.Cut(strings.TrimSpace(text), "#")
	address, _, _ = strings.Cut(address, "?")
	if before, after, ok := strings.Cut(address, "%23"); ok {
		address, fragment = before, after
	}
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" || u.User != nil {
		return "", Link{}, ErrDamaged
	}
	path := u.EscapedPath()
	at := strings.LastIndex(path, "/s/")
	if at < 0 {
		return "", Link{}, ErrDamaged
	}
	link, err = ParseLink(path[at+len("/s/"):], fragment)
	return u.Scheme + "://" + u.Host + path[:at], link, err
}

// PathID is the id as it stands in the path of the link.
func (l Link) PathID() string { return encoding.EncodeToString(l.ID[:]) }

// Fragment is the secret part of the link, without the #.
func (l Link) Fragment() string {
	raw := make([]byte, 2, 2+len(l.Key))
	raw[0] = linkVersion
	if l.Password {
		raw[1] = flagPassword
	}
	return encoding.EncodeToString(append(raw, l.Key[:]...))
}

// URL is the whole link on an instance at server, an address without a slash at
// its end.
func (l Link) URL(server string) string { return server + "/s/" + l.PathID() + "#" + l.Fragment() }

// Format prints the public half only, under every verb.
func (l Link) Format(f fmt.State, _ rune) { fmt.Fprintf(f, "%s#[redacted]", l.PathID()) }

// fold lowers A to Z and leaves everything else: other letters have no business
// here.
func fold(s string) string {
	return strings.Map(func(r rune) rune {
		if 'A' <= r && r <= 'Z' {
			return r + 'a' - 'A'
		}
		return r
	}, s)
}

// decodeBase32 accepts the one spelling of a value only: the decoder of the
// standard library skips line breaks and ignores unused bits.
func decodeBase32(s string) ([]byte, error) {
	raw, err := encoding.DecodeString(s)
	if err != nil || encoding.EncodeToString(raw) != s {
		return nil, ErrDamaged
	}
	return raw, nil
}
