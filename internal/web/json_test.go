package web

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"

	"letterlock"
)

// slowBody is n bytes that come a few at a time.
type slowBody struct{ come, n int }

func (b *slowBody) Read(p []byte) (int, error) {
	if b.come == b.n {
		return 0, io.EOF
	}
	n := min(len(p), 100, b.n-b.come)
	copy(p, strings.Repeat("x", n))
	b.come += n
	return n, nil
}

func (b *slowBody) Close() error { return nil }

// What a client promises to send costs no memory before it comes.
func TestBodiesTakeMemoryAsTheyCome(t *testing.T) {
	for _, n := range []int{0, 1, 500, firstBuffer, firstBuffer + 1, 100_000, bodyCreate} {
		for _, promised := range []int64{int64(n), -1, bodyCreate} {
			from := &slowBody{n: n}
			body, err := readBody(&http.Request{Body: from, ContentLength: promised}, bodyCreate)
			if err != nil || len(body) != n {
				t.Errorf("readBody of %d bytes, %d promised = %d bytes, %v", n, promised, len(body), err)
			}
			if most := 3 * max(n, firstBuffer); cap(body) > most {
				t.Errorf("readBody of %d bytes, %d promised, makes room for %d, want %d at most", n, promised, cap(body), most)
			}
		}
	}
	_, err := readBody(&http.Request{Body: &slowBody{n: bodyCreate + 1}, ContentLength: -1}, bodyCreate)
	if !errors.Is(err, letterlock.ErrTooLarge) {
		t.Errorf("readBody of one byte too many = %v, want it too large", err)
	}
}
