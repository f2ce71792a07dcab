package web

import (
	"encoding/binary"
	"math"
	"net/netip"
	"runtime"
	"testing"
	"time"

	"letterlock"
)

// clock is a limiter's time, moved by hand.
type clock struct{ now time.Time }

func newClockedLimiter() (*limiter, *clock) {
	c := &clock{time.Date(2026, 11, 25, 9, 0, 0, 0, time.UTC)}
	return newLimiter(func() time.Time { return c.now }), c
}

// granted is how many of n requests pass.
func granted(l *limiter, n int, client string, which limit) (passed int) {
	for range n {
		if l.allow(netip.MustParseAddr(client), which) == nil {
			passed++
		}
	}
	return passed
}

// A budget can be used at once, and comes back evenly.
func TestBudgetComesBack(t *testing.T) {
	l, c := newClockedLimiter()
	if n := granted(l, 100, "192.0.2.1", limitLook); n != 60 {
		t.Errorf("at once %d requests pass, want 60", n)
	}
	for _, after := range []struct {
		time time.Duration
		want int
	}{{999 * time.Millisecond, 0}, {time.Millisecond, 1}, {10 * time.Second, 10}, {time.Hour, 60}, {-time.Hour, 0}} {
		c.now = c.now.Add(after.time)
		if n := granted(l, 100, "192.0.2.1", limitLook); n != after.want {
			t.Errorf("%v later %d requests pass, want %d", after.time, n, after.want)
		}
	}
}

// What a refusal tells to wait is enough, and no less is.
func TestWaitIsExact(t *testing.T) {
	for _, b := range budgets {
		l, c := newClockedLimiter()
		client := netip.MustParseAddr("192.0.2.1")
		for l.take(client, b.limit) == nil {
		}
		wait := l.take(client, b.limit).(*limitError).wait
		c.now = c.now.Add(wait - 1)
		if l.take(client, b.limit) == nil {
			t.Errorf("limit %d: a nanosecond before the wait of %v is over a request passes", b.limit, wait)
		}
		c.now = c.now.Add(1)
		if err := l.take(client, b.limit); err != nil {
			t.Errorf("limit %d: after the wait of %v: %v", b.limit, wait, err)
		}
	}
}

// A /64 that is refused takes nothing from the others of its site, however often
// it comes: neither with requests nor with guesses.
func TestRefusedClientTakesNothingFromItsSite(t *testing.T) {
	for _, b := range budgets {
		l, _ := newClockedLimiter()
		for range 20 * b.site {
			l.take(netip.MustParseAddr("2001:db8:0:1::1"), b.limit)
		}
		passed := 0
		for range b.site {
			if l.take(netip.MustParseAddr("2001:db8:0:2::1"), b.limit) == nil {
				passed++
			}
		}
		if want := atOnce(b.limit); passed != want {
			t.Errorf("limit %d: beside a neighbour who is refused %d pass, want %d", b.limit, passed, want)
		}
	}
}

// atOnce is how many requests a limit grants one client without a pause.
func atOnce(which limit) int {
	least := math.MaxInt
	for _, b := range budgets {
		if b.limit == which {
			least = min(least, b.n)
		}
	}
	return least
}

// A whole site creates no more in a day than one client may, since that bounds
// what somebody can fill an instance with.
func TestSiteCreatesNoMoreInADay(t *testing.T) {
	l, c := newClockedLimiter()
	passed, days := 0, 30
	for range days * 24 {
		for net := range 100 {
			var addr [16]byte
			binary.BigEndian.PutUint64(addr[:], 0x2001_0db8_0000_0000+uint64(net))
			for range 2 {
				if l.allow(netip.AddrFrom16(addr), limitCreate) == nil {
					passed++
				}
			}
		}
		c.now = c.now.Add(time.Hour)
	}
	if most := 200 * (days + 1); passed > most || passed < most-200 {
		t.Errorf("in %d days a /48 creates %d secrets, want %d at most", days, passed, most)
	}
}

// Whoever tries passwords on a locked secret, of which a view is open, is told
// that it is locked. To the limiter that is a wrong password as any other.
func TestTriesOnALockedSecretCount(t *testing.T) {
	l, _ := newClockedLimiter()
	client := netip.MustParseAddr("192.0.2.1")
	locked := letterlock.Gone(letterlock.Locked, time.Time{})
	for range 40 {
		l.note(client, limitLook, locked) // asking what a link is tries nothing
		l.note(client, limitOpen, letterlock.Gone(letterlock.UsedUp, time.Time{}))
		l.note(client, limitOpen, nil)
	}
	for n := range 30 {
		if err := l.allow(client, limitOpen); err != nil {
			t.Fatalf("before try %d: %v", n+1, err)
		}
		l.note(client, limitOpen, locked)
	}
	if l.allow(client, limitOpen) == nil {
		t.Error("after 30 tries on a locked secret another one is allowed")
	}
}

// The limiter's memory is bounded, whoever comes and whatever they ask for.
func TestLimiterMemory(t *testing.T) {
	before := heap()
	l, _ := newClockedLimiter()
	for n := range 3 * networksKnown {
		var addr [16]byte
		binary.BigEndian.PutUint64(addr[:], 0x2001_0db8_0000_0000+uint64(n)<<16)
		for _, which := range []limit{limitCreate, limitLook, limitManage, limitOpen} {
			l.allow(netip.AddrFrom16(addr), which)
		}
	}
	if took, most := heap()-before, int64(10<<20); took > most {
		t.Errorf("the limiter takes %d bytes, want %d at most", took, most)
	}
	runtime.KeepAlive(l)
}

func heap() int64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}
