package service

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"letterlock"
)

func TestCheckPassword(t *testing.T) {
	tests := []struct {
		password string
		want     letterlock.FieldCode
	}{
		{"a lantern beside the harbour", ""},
		{"correct staple", ""},
		{strings.Repeat("x1", 512), ""},
		{strings.Repeat("x", 1025), letterlock.FieldTooLong},
		{"", letterlock.FieldTooShort},
		{"elevenbytes", letterlock.FieldTooShort},
		{"twelve bytes", ""},
		{"e\u0301e\u0301e\u0301e\u0301", letterlock.FieldTooShort}, // 12 bytes as typed, 8 normalized
		{"password1234", letterlock.FieldTooCommon},
		{"PassWord1234", letterlock.FieldTooCommon},
		{"Acme Secrets for me", letterlock.FieldTooCommon},
		{"i am JANE.MILLER, yes", letterlock.FieldTooCommon},
		{"for jane.miller@example.com", letterlock.FieldTooCommon},
		{"only example.com in it", ""},
	}
	for _, test := range tests {
		err := checkPassword("password", test.password, "Jane.Miller@example.com", "ACME Secrets")
		var refusal *letterlock.Refusal
		var got letterlock.FieldCode
		if errors.As(err, &refusal) {
			got = refusal.Fields[0].Code
		}
		if got != test.want {
			t.Errorf("checkPassword(%q) = %q, want %q", test.password, got, test.want)
		}
	}
	if err := checkPassword("password", "for sam@example.com", "sam@example.com", ""); err == nil {
		t.Error("a password with a short address in it is taken, want it refused")
	}
}

// Each common password is one that the rules on length let through, in the form
// in which it is compared.
func TestCommonPasswords(t *testing.T) {
	n := 0
	for line := range strings.Lines(common) {
		word := strings.TrimSuffix(line, "\n")
		if len(word) < minPassword || letterlock.NameKey(word) != word {
			t.Errorf("the common password %q can never be met", word)
		}
		n++
	}
	if n < 100 {
		t.Errorf("%d common passwords, want 100 at least", n)
	}
}

var cheap = argon{memory: 64, passes: 1, lanes: 1}

func TestHash(t *testing.T) {
	h := newHasher(cheap)
	const password = "Zauberhafte Bru\u0308cke"
	hash, err := h.hash(context.Background(), password)
	if err != nil {
		t.Fatalf("hash: %v", err)
	}
	if again, _ := h.hash(context.Background(), password); again == hash {
		t.Error("one password has the same hash twice, want another salt")
	}
	dearer := newHasher(argon{memory: 128, passes: 1, lanes: 1})
	for _, test := range []struct {
		name         string
		h            *hasher
		hash         letterlock.PasswordHash
		password     string
		match, stale bool
	}{
		{"the password", h, hash, password, true, false},
		{"the password, composed", h, hash, "Zauberhafte Br\u00fccke", true, false},
		{"another password", h, hash, "Zauberhafte Brucke", false, false},
		{"no password", h, hash, "", false, false},
		{"no hash", h, "", password, false, false},
		{"no hash, no password", h, "", "", false, false},
		{"a cut hash", h, hash[:len(hash)-4], password, false, false},
		{"another algorithm", h, "$argon2i" + hash[len("$argon2id"):], password, false, false},
		{"parameters of before", dearer, hash, password, true, true},
	} {
		match, stale, err := test.h.matches(context.Background(), test.hash, test.password)
		if err != nil || match != test.match || stale != test.stale {
			t.Errorf("%s: matches %t, stale %t, %v; want %t, %t", test.name, match, stale, err, test.match, test.stale)
		}
	}
}

// What is written can be read by others: the parameters that we ask for, in the
// form that is usual.
func TestPHC(t *testing.T) {
	hash, err := newHasher(argonNow).hash(context.Background(), "a lantern beside the harbour")
	if err != nil {
		t.Fatalf("hash: %v", err)
	}
	if !strings.HasPrefix(string(hash), "$argon2id$v=19$m=65536,t=3,p=1$") {
		t.Error("the hash does not begin with $argon2id$v=19$m=65536,t=3,p=1$")
	}
}

// As many hashings go on as there are slots, some wait, and more are refused.
func TestHasherIsBounded(t *testing.T) {
	h := newHasher(cheap)
	slots, waiting := cap(h.slots), cap(h.slots)*queueFactor
	release, entered := make(chan struct{}), make(chan struct{}, slots+waiting)
	var all sync.WaitGroup
	for range slots + waiting {
		all.Go(func() {
			h.do(context.Background(), func() {
				entered <- struct{}{}
				<-release
			})
		})
	}
	for h.waiting.Load() < int64(slots+waiting) || len(entered) < slots {
		time.Sleep(time.Millisecond)
	}
	if got := len(entered); got != slots {
		t.Errorf("%d hashings at once, want %d", got, slots)
	}
	if err := h.do(context.Background(), func() {}); !errors.Is(err, letterlock.ErrUnavailable) {
		t.Errorf("one more than may wait: %v, want unavailable", err)
	}
	close(release)
	all.Wait()
	if err := h.do(context.Background(), func() {}); err != nil {
		t.Errorf("once all are done: %v, want ok", err)
	}
}

// Whoever stops waiting makes room.
func TestHasherStopsWaiting(t *testing.T) {
	h := newHasher(cheap)
	for range cap(h.slots) {
		h.slots <- struct{}{}
	}
	ended, end := context.WithCancel(context.Background())
	end()
	if _, err := h.hash(ended, "x"); !errors.Is(err, letterlock.ErrUnavailable) || h.waiting.Load() != 0 {
		t.Errorf("hash with an ended context: %v, %d wait; want unavailable, 0", err, h.waiting.Load())
	}
}
