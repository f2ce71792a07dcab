package web

import (
	"strconv"
	"strings"

	"letterlock"
)

// sealedChunk is how long a sealed chunk is: 64 KiB and a tag. Ranges begin and
// end between two of them, since less cannot be verified.
const sealedChunk = 64<<10 + 16

// span is the part of a file that is asked for: from its first byte to before
// its last.
type span struct{ from, to int64 }

// rangeOf reads a Range header for a file of n bytes. The whole is answered
// where there is none, or one in another form than "bytes=from-to", as RFC 9110,
// section 14.2, allows. What does not fall on chunks is refused.
func rangeOf(header string, n int64) (span, error) {
	whole := span{0, n}
	text, isBytes := strings.CutPrefix(header, "bytes=")
	first, last, isRange := strings.Cut(text, "-")
	from, err := strconv.ParseUint(first, 10, 63)
	if !isBytes || !isRange || err != nil {
		return whole, nil
	}
	asked := span{int64(from), n}
	if last != "" {
		to, err := strconv.ParseUint(last, 10, 63)
		if err != nil || to < from {
			return whole, nil
		}
		asked.to = min(int64(to), n-1) + 1
	}
	if asked.from >= n || asked.from%sealedChunk != 0 || asked.to%sealedChunk != 0 && asked.to != n {
		return span{}, letterlock.ErrRange
	}
	return asked, nil
}
