package letterlock_test

import (
	"bytes"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"letterlock"
)

var (
	created = time.Date(2026, time.January, 1, 12, 0, 0, 0, time.UTC)
	expires = created.Add(time.Hour)
)

const ms = time.Millisecond

// secret is one of three views that lives for an hour, changed as the test says.
func secret(change func(*letterlock.Secret)) *letterlock.Secret {
	s := &letterlock.Secret{
		Limits:    letterlock.Limits{ExpiresIn: time.Hour, Views: 3},
		CreatedAt: created,
		ExpiresAt: expires,
	}
	if change != nil {
		change(s)
	}
	return s
}

// end is how an ended secret is recorded.
func end(state letterlock.State, at time.Time) func(*letterlock.Secret) {
	return func(s *letterlock.Secret) { s.Ended, s.EndedAt = state, at }
}

func TestSecretState(t *testing.T) {
	opened := func(s *letterlock.Secret) { s.Views = 1 }
	locked := func(s *letterlock.Secret) { s.Views, s.LockedAt = 1, created.Add(time.Minute) }
	used, deleted := created.Add(2*time.Minute), created.Add(3*time.Minute)
	for _, test := range []struct {
		name    string
		change  func(*letterlock.Secret)
		at      time.Time
		state   letterlock.State
		reason  letterlock.State // of the refusal; "" if it can be opened
		reasons time.Time        // when that happened
	}{
		{"new", nil, created, letterlock.Waiting, "", time.Time{}},
		{"a millisecond before expiry", nil, expires.Add(-ms), letterlock.Waiting, "", time.Time{}},
		{"at expiry", nil, expires, letterlock.Expired, letterlock.Expired, expires},
		{"a millisecond after expiry", nil, expires.Add(ms), letterlock.Expired, letterlock.Expired, expires},
		{"opened", opened, expires.Add(-ms), letterlock.Opened, "", time.Time{}},
		{"opened, at expiry", opened, expires, letterlock.Expired, letterlock.Expired, expires},
		{"locked", locked, expires.Add(-ms), letterlock.Locked, letterlock.Locked, created.Add(time.Minute)},
		{"locked, at expiry", locked, expires, letterlock.Expired, letterlock.Expired, expires},
		{"used up", end(letterlock.UsedUp, used), used, letterlock.UsedUp, letterlock.UsedUp, used},
		{"used up stays so after expiry", end(letterlock.UsedUp, used), expires, letterlock.UsedUp, letterlock.UsedUp, used},
		{"deleted", end(letterlock.Deleted, deleted), deleted, letterlock.Deleted, letterlock.Deleted, deleted},
		{"deleted stays so after expiry", end(letterlock.Deleted, deleted), expires, letterlock.Deleted, letterlock.Deleted, deleted},
		{"expiry recorded", end(letterlock.Expired, expires), expires.Add(ms), letterlock.Expired, letterlock.Expired, expires},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := secret(test.change)
			if got := s.State(test.at); got != test.state {
				t.Errorf("State() = %q, want %q", got, test.state)
			}
			if got := (letterlock.Snapshot{Secret: s, Now: test.at}).State(); got != test.state {
				t.Errorf("Snapshot.State() = %q, want %q", got, test.state)
			}
			var refusal *letterlock.Refusal
			if test.reason != "" {
				refusal = letterlock.Gone(test.reason, test.reasons)
			}
			checkRefusal(t, "Over()", s.Over(test.at), refusal)
		})
	}
}

// checkRefusal compares an error with the refusal it should be, nil for none.
func checkRefusal(t *testing.T, call string, err error, want *letterlock.Refusal) {
	t.Helper()
	var got *letterlock.Refusal
	if err != nil && !errors.As(err, &got) {
		t.Fatalf("%s = %v, want a Refusal", call, err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s differs (-want +got):\n%s", call, diff)
	}
}

// A shortened secret ends at its new expiry, whatever was asked at creation.
func TestStateFollowsTheShortenedExpiry(t *testing.T) {
	sooner := created.Add(10 * time.Minute)
	s := secret(func(s *letterlock.Secret) { s.ExpiresAt = sooner })
	if got := s.State(sooner); got != letterlock.Expired {
		t.Errorf("State at the shortened expiry = %q, want %q", got, letterlock.Expired)
	}
	if got, want := s.PurgeAt(), sooner.Add(15*time.Minute); !got.Equal(want) {
		t.Errorf("PurgeAt() = %v, want the grace after expiry, %v", got, want)
	}
	if got, want := s.RetireAt(), sooner.Add(30*24*time.Hour); !got.Equal(want) {
		t.Errorf("RetireAt() = %v, want 30 days after expiry, %v", got, want)
	}
}

func TestEndTime(t *testing.T) {
	used := created.Add(time.Minute)
	for _, test := range []struct {
		name   string
		change func(*letterlock.Secret)
		at     time.Time
		want   time.Time
	}{
		{"live", nil, expires.Add(-ms), time.Time{}},
		{"expired, not yet recorded", nil, expires, expires},
		{"used up", end(letterlock.UsedUp, used), used, used},
		{"used up, past expiry", end(letterlock.UsedUp, used), expires.Add(ms), used},
	} {
		if got := secret(test.change).EndTime(test.at); !got.Equal(test.want) {
			t.Errorf("%s: EndTime() = %v, want %v", test.name, got, test.want)
		}
	}
}

func TestViewsLeft(t *testing.T) {
	number := func(n int) *int { return &n }
	for _, test := range []struct {
		limit, views int
		left         *int
	}{
		{1, 0, number(1)},
		{1, 1, number(0)},
		{3, 2, number(1)},
		{letterlock.MaxViews, 1, number(letterlock.MaxViews - 1)},
		{letterlock.Unlimited, 0, nil},
		{letterlock.Unlimited, 5000, nil},
	} {
		s := secret(func(s *letterlock.Secret) { s.Limits.Views, s.Views = test.limit, test.views })
		if diff := cmp.Diff(test.left, s.ViewsLeft()); diff != "" {
			t.Errorf("ViewsLeft() after %d of %d views (-want +got):\n%s", test.views, test.limit, diff)
		}
	}
}

// A view that is asked for again reports what it reported first, although
// others have opened the secret since.
func TestLeftAfterStaysTheSame(t *testing.T) {
	first := &letterlock.View{Number: 1}
	for views := 1; views <= 3; views++ {
		s := secret(func(s *letterlock.Secret) { s.Views = views })
		if left := first.LeftAfter(s); left == nil || *left != 2 {
			t.Errorf("LeftAfter() of view 1 of 3 after %d views = %v, want 2", views, left)
		}
	}
	unlimited := secret(func(s *letterlock.Secret) { s.Limits.Views = letterlock.Unlimited })
	if left := first.LeftAfter(unlimited); left != nil {
		t.Errorf("LeftAfter() without a limit = %d, want none", *left)
	}
}

func TestViewOpen(t *testing.T) {
	grace := created.Add(letterlock.Grace)
	for _, test := range []struct {
		name   string
		closed time.Time
		at     time.Time
		want   bool
	}{
		{"a millisecond before the grace ends", time.Time{}, grace.Add(-ms), true},
		{"when the grace ends", time.Time{}, grace, false},
		{"acknowledged", created.Add(ms), created.Add(2 * ms), false},
	} {
		v := letterlock.View{OpenedAt: created, GraceUntil: grace, ClosedAt: test.closed}
		if got := v.Open(test.at); got != test.want {
			t.Errorf("%s: Open() = %v, want %v", test.name, got, test.want)
		}
	}
}

func TestTriesLeft(t *testing.T) {
	s := secret(nil)
	if got := s.TriesLeft(); got != nil {
		t.Errorf("TriesLeft() without a password = %d, want none", *got)
	}
	s.Header = passwordHeader()
	for failures, want := range map[int]int{0: 10, 1: 9, 10: 0} {
		s.PasswordFailures = failures
		if got := s.TriesLeft(); got == nil || *got != want {
			t.Errorf("TriesLeft() after %d failures = %v, want %d", failures, got, want)
		}
	}
}

func TestLimits(t *testing.T) {
	const longest = 30 * 24 * time.Hour
	lifetime, views := invalidField("expires_in", letterlock.FieldOutOfRange), invalidField("max_views", letterlock.FieldOutOfRange)
	for _, test := range []struct {
		in    time.Duration
		views int
		want  []letterlock.FieldError
	}{
		{5 * time.Minute, 1, nil},
		{5*time.Minute - time.Second, 1, lifetime},
		{0, 1, lifetime},
		{-time.Hour, 1, lifetime},
		{longest, 1, nil},
		{longest + time.Second, 1, lifetime},
		{time.Hour, 1000, nil},
		{time.Hour, 1001, views},
		{time.Hour, letterlock.Unlimited, nil},
		{time.Hour, -1, views},
		{time.Second, 1001, append(lifetime, views...)},
	} {
		limits := letterlock.Limits{ExpiresIn: test.in, Views: test.views}
		checkRefusal(t, fmt.Sprintf("%+v.Check", limits), limits.Check(longest), refuse(test.want...))
	}
}

func invalidField(field string, code letterlock.FieldCode) []letterlock.FieldError {
	return []letterlock.FieldError{{Field: field, Code: code}}
}

// refuse is the refusal of these fields, nil for none.
func refuse(fields ...letterlock.FieldError) *letterlock.Refusal {
	if len(fields) == 0 {
		return nil
	}
	return &letterlock.Refusal{Code: letterlock.ErrInvalid, Fields: fields}
}

// ciphertext is bytes that are no UTF-8, as sealed content all but surely is.
func ciphertext(size int) []byte { return bytes.Repeat([]byte{0xc3}, size) }

func TestNewSecretCheck(t *testing.T) {
	limits := letterlock.Limits{ExpiresIn: time.Hour, Views: 1}
	good := letterlock.NewSecret{Header: plainHeader(), Content: ciphertext(1040), Limits: limits}
	for _, test := range []struct {
		name   string
		change func(*letterlock.NewSecret)
		want   []letterlock.FieldError
	}{
		{"good", func(*letterlock.NewSecret) {}, nil},
		{"plaintext", func(n *letterlock.NewSecret) { n.Content = bytes.Repeat([]byte("a"), 1040) },
			invalidField("content", letterlock.FieldPlaintext)},
		{"one byte that is no text", func(n *letterlock.NewSecret) {
			n.Content = append(bytes.Repeat([]byte("a"), 1039), 0xff)
		}, nil},
		{"another header", func(n *letterlock.NewSecret) { n.Header[0] = 'X' },
			invalidField("header", letterlock.FieldNotEnvelope)},
		{"a gate without an organization", func(n *letterlock.NewSecret) { n.OrganizationOnly = true },
			invalidField("organization_only", letterlock.FieldNoOrg)},
		{"a gate with one", func(n *letterlock.NewSecret) { n.OrganizationOnly, n.Org = true, "acme" }, nil},
		{"a name of two lines", func(n *letterlock.NewSecret) { n.Name = "a\nb" }, invalidField("name", letterlock.FieldNotText)},
		{"everything", func(n *letterlock.NewSecret) {
			*n = letterlock.NewSecret{Limits: letterlock.Limits{Views: -1}}
		}, []letterlock.FieldError{
			{Field: "header", Code: letterlock.FieldNotEnvelope},
			{Field: "content", Code: letterlock.FieldWrongSize},
			{Field: "expires_in", Code: letterlock.FieldOutOfRange},
			{Field: "max_views", Code: letterlock.FieldOutOfRange},
		}},
	} {
		n := good
		test.change(&n)
		checkRefusal(t, test.name+": Check", n.Check(letterlock.DefaultLifetime), refuse(test.want...))
	}
}

func TestContentSizes(t *testing.T) {
	padded := map[int]int64{1040: 1 << 10, 4112: 4 << 10, 16400: 16 << 10, 65552: 64 << 10, 67616: 66 << 10}
	content := ciphertext(letterlock.MaxContent + 1)
	for size := range len(content) + 1 {
		n := letterlock.NewSecret{
			Header:  plainHeader(),
			Content: content[:size],
			Limits:  letterlock.Limits{ExpiresIn: time.Hour},
		}
		want, allowed := padded[size]
		if err := n.Check(letterlock.DefaultLifetime); (err == nil) != allowed {
			t.Errorf("Check() of %d bytes of content = %v, want allowed: %v", size, err, allowed)
		}
		if got := letterlock.PaddedSize(int64(size)); allowed && got != want {
			t.Errorf("PaddedSize(%d) = %d, want %d", size, got, want)
		}
	}
}

func TestSameRequest(t *testing.T) {
	request := letterlock.NewSecret{
		Header:     plainHeader(),
		Commit:     [32]byte{1},
		LinkHash:   letterlock.Hash{2},
		AccessHash: letterlock.Hash{3},
		ManageHash: letterlock.Hash{4},
		Content:    ciphertext(1040),
		Limits:     letterlock.Limits{ExpiresIn: time.Hour, Views: 1},
	}
	s := letterlock.Secret{
		Header:        request.Header,
		Commit:        request.Commit,
		LinkHash:      request.LinkHash,
		AccessHash:    request.AccessHash,
		ManageHash:    request.ManageHash,
		ContentLength: 1040,
		Limits:        request.Limits,
		ExpiresAt:     created.Add(time.Minute), // shortened since: still the same request
	}
	if !s.SameRequest(&request) {
		t.Error("SameRequest() of the request that made it = false")
	}
	named := request
	named.Name, named.Language = "another", "de"
	if !s.SameRequest(&named) {
		t.Error("SameRequest() with another name and language = false")
	}
	for field, change := range map[string]func(*letterlock.NewSecret){
		"header":      func(n *letterlock.NewSecret) { n.Header[63]++ },
		"commit":      func(n *letterlock.NewSecret) { n.Commit[31]++ },
		"link hash":   func(n *letterlock.NewSecret) { n.LinkHash[31]++ },
		"access hash": func(n *letterlock.NewSecret) { n.AccessHash[31]++ },
		"manage hash": func(n *letterlock.NewSecret) { n.ManageHash[31]++ },
		"length":      func(n *letterlock.NewSecret) { n.Content = ciphertext(4112) },
		"lifetime":    func(n *letterlock.NewSecret) { n.Limits.ExpiresIn++ },
		"views":       func(n *letterlock.NewSecret) { n.Limits.Views++ },
		"space":       func(n *letterlock.NewSecret) { n.Org = "acme" },
		"gate":        func(n *letterlock.NewSecret) { n.OrganizationOnly = true },
	} {
		other := request
		change(&other)
		if s.SameRequest(&other) {
			t.Errorf("SameRequest() with another %s = true", field)
		}
	}
}

func TestParseSecretID(t *testing.T) {
	good := plainHeader().ID()
	if id, err := letterlock.ParseSecretID(string(good)); id != good || err != nil {
		t.Errorf("ParseSecretID(%q) = %q, %v, want it back", good, id, err)
	}
	for _, bad := range []string{
		"", string(good[:25]), string(good) + "a", string(good[:25]) + "1", "A" + string(good[1:]),
		string(good[:25]) + "b", // the last letter's unused bits are set
		string(good) + "======", string(good[:13]) + "\n" + string(good[13:]), string(good) + "\n", string(good) + "\r",
	} {
		if id, err := letterlock.ParseSecretID(bad); err != letterlock.ErrNotFound {
			t.Errorf("ParseSecretID(%q) = %q, %v, want %v", bad, id, err, letterlock.ErrNotFound)
		}
	}
}
