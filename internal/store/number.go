package store

import (
	"crypto/rand"
	"encoding/binary"
	"sync/atomic"
	"time"
)

// numbers rise with time. They are the keys of what is kept in the order of
// insertion: new rows come together at the end, where one page holds many. Two
// nodes may write within the same millisecond; each starts at an offset of its
// own in it.
type numbers struct {
	offset int64
	last   atomic.Int64
}

const numbersPerMilli = 1 << 20

func newNumbers() *numbers {
	var b [4]byte
	rand.Read(b[:])
	return &numbers{offset: int64(binary.BigEndian.Uint32(b[:]) % numbersPerMilli)}
}

// next is a number for what happens at a time, above all before it.
func (n *numbers) next(at time.Time) int64 {
	for {
		last := n.last.Load()
		next := max(at.UnixMilli()*numbersPerMilli+n.offset, last+1)
		if n.last.CompareAndSwap(last, next) {
			return next
		}
	}
}

// timeless is a number that says nothing of a time, for what is over.
func timeless() int64 {
	var b [8]byte
	rand.Read(b[:])
	return -1 - int64(binary.BigEndian.Uint64(b[:])>>1)
}
