package web

import (
	"errors"
	"testing"

	"letterlock"
)

func TestRangeOf(t *testing.T) {
	const n = sealedChunk + 2064
	for _, c := range []struct {
		header   string
		from, to int64 // of the answer; 0, 0: refused
	}{
		{"", 0, n},
		{"bytes=0-", 0, n},
		{"bytes=65552-", sealedChunk, n},
		{"bytes=0-65551", 0, sealedChunk},
		{"bytes=65552-67615", sealedChunk, n},
		{"bytes=65552-999999", sealedChunk, n},
		// forms that are not understood
		{"bytes=", 0, n}, {"bytes=-", 0, n}, {"bytes=-0", 0, n}, {"bytes=-100", 0, n}, {"bytes=5-2", 0, n}, {"bytes=a-b", 0, n},
		{"bytes=0-65551,65552-", 0, n}, {"items=0-1", 0, n}, {"x", 0, n}, {"bytes=18446744073709551616-", 0, n}, {"bytes=+0-", 0, n},
		// not between chunks, or past the end
		{"bytes=1-", 0, 0}, {"bytes=0-0", 0, 0}, {"bytes=0-65552", 0, 0}, {"bytes=65551-", 0, 0}, {"bytes=67616-", 0, 0}, {"bytes=131104-", 0, 0},
		{"bytes=9223372036854775807-", 0, 0},
	} {
		got, err := rangeOf(c.header, n)
		if want := (span{c.from, c.to}); got != want || (want == span{}) != errors.Is(err, letterlock.ErrRange) {
			t.Errorf("rangeOf(%q, %d) = %v, %v, want %v", c.header, n, got, err, want)
		}
	}
}
