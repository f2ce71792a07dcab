package letterlock_test

import (
	"net/netip"
	"strings"
	"testing"
	"time"

	"letterlock"
)

func TestParseEmail(t *testing.T) {
	long := strings.Repeat("a", 64)
	label := strings.Repeat("b", 63)
	domain := strings.Repeat(label+".", 2) + strings.Repeat("c", 254-65-2*64) // 189 bytes
	for _, test := range []struct{ in, want string }{
		{"ann@example.org", "ann@example.org"},
		{"Ann.Lee+x@Example.ORG", "Ann.Lee+x@example.org"},
		{"!#$%&'*+-/=?^_`{|}~@example.org", "!#$%&'*+-/=?^_`{|}~@example.org"},
		{"ann@bücher.example", "ann@xn--bcher-kva.example"},
		{"ann@BÜCHER.example", "ann@xn--bcher-kva.example"},
		{"ann@bu\u0308cher.example", "ann@xn--bcher-kva.example"},
		{"ann@xn--bcher-kva.example", "ann@xn--bcher-kva.example"},
		{"ann@straße.example", "ann@xn--strae-oqa.example"},
		{"ann@例え。テスト", "ann@xn--r8jz45g.xn--zckzah"},
		{"用户@例え.テスト", "用户@xn--r8jz45g.xn--zckzah"},
		{"änn@example.org", "änn@example.org"},
		{long + "@example.org", long + "@example.org"},
		{long + "@" + domain, long + "@" + domain},
		{long + "@" + domain + "c", ""},
		{long + "a@example.org", ""},
		{"ann@" + label + "b.org", ""},
		{"", ""},
		{"ann", ""},
		{"@example.org", ""},
		{"ann@", ""},
		{"ann@example", ""},
		{"ann@localhost", ""},
		{"ann@example.org.", ""},
		{"ann@.example.org", ""},
		{"ann@example..org", ""},
		{"ann@-example.org", ""},
		{"ann@exa_mple.org", ""},
		{"ann@example.org:25", ""},
		{"ann@192.0.2.1", ""},
		{"ann@[192.0.2.1]", ""},
		{"ann@xn--a.example", ""},
		{"ann@xn--\u00e4.example", ""},
		{".ann@example.org", ""},
		{"ann.@example.org", ""},
		{"an..n@example.org", ""},
		{"an n@example.org", ""},
		{"an\u00a0n@example.org", ""},
		{"an\u200bn@example.org", ""},
		{"an\u202en@example.org", ""},
		{"an\xffn@example.org", ""},
		{`"ann"@example.org`, ""},
		{"ann@bob@example.org", ""},
		{"ann(x)@example.org", ""},
		{"Ann <ann@example.org>", ""},
		{"<ann@example.org>", ""},
		{"ann@example.org,bob@example.org", ""},
		{"ann@example.org;bob@example.org", ""},
		{" ann@example.org", ""},
		{"ann@example.org ", ""},
		{"ann@example.org\n", ""},
		{"ann@example.org\r\nBcc: bob@example.org", ""},
		{"ann\r\nBcc: bob@example.org", ""},
		{"ann@exam\r\nple.org", ""},
		{"ann\x00@example.org", ""},
		{"mailto:ann@example.org", ""},
	} {
		got, ok := letterlock.ParseEmail(test.in)
		if string(got) != test.want || ok != (test.want != "") {
			t.Errorf("ParseEmail(%q) = %q, %v, want %q", test.in, got, ok, test.want)
		}
		if again, ok := letterlock.ParseEmail(string(got)); got != "" && (again != got || !ok) {
			t.Errorf("ParseEmail(%q) = %q, %v, want it back", got, again, ok)
		}
	}
}

func TestEmailKey(t *testing.T) {
	for _, test := range []struct {
		a, b letterlock.Email
		same bool
	}{
		{"Ann@example.org", "aNN@example.org", true},
		{"änn@example.org", "A\u0308NN@example.org", true},
		{"ann@example.org", "an.n@example.org", false},
		{"ann@example.org", "ann@example.com", false},
	} {
		if same := test.a.Key() == test.b.Key(); same != test.same {
			t.Errorf("Key() of %q and %q: the same: %v, want %v", test.a, test.b, same, test.same)
		}
	}
	if got := letterlock.Email("ann@example.org").Domain(); got != "example.org" {
		t.Errorf("Domain() = %q, want example.org", got)
	}
}

func TestNameKey(t *testing.T) {
	for _, test := range []struct {
		beginning, name string
		want            bool
	}{
		{"", "Prod", true},
		{"pro", "PROD", true},
		{"STRASS", "Straße", true},
		{"é", "E\u0301mile", true},
		{"rod", "Prod", false},
		{"Prod x", "Prod", false},
	} {
		if got := strings.HasPrefix(letterlock.NameKey(test.name), letterlock.NameKey(test.beginning)); got != test.want {
			t.Errorf("the key of %q begins with that of %q: %v, want %v", test.name, test.beginning, got, test.want)
		}
	}
}

func TestCheckName(t *testing.T) {
	for _, test := range []struct {
		name     string
		required bool
		want     letterlock.FieldCode
	}{
		{"", false, ""},
		{"", true, letterlock.FieldRequired},
		{"  ", true, letterlock.FieldRequired},
		{"Müller & Söhne, 東京 👩‍💻", true, ""},
		{strings.Repeat("ä", 100), true, ""},
		{strings.Repeat("ä", 101), true, letterlock.FieldTooLong},
		{"two\nlines", false, letterlock.FieldNotText},
		{"a\ttab", false, letterlock.FieldNotText},
		{"a\x00", false, letterlock.FieldNotText},
		{"a\u202egnp.exe", false, letterlock.FieldNotText},
		{"a\xff", false, letterlock.FieldNotText},
	} {
		var want *letterlock.Refusal
		if test.want != "" {
			want = refuse(invalidField("name", test.want)...)
		}
		checkRefusal(t, "CheckName", letterlock.CheckName("name", test.name, test.required), want)
	}
}

func TestParseID(t *testing.T) {
	id := letterlock.MakeID[letterlock.UserID]([16]byte{1, 2, 3})
	if got, err := letterlock.ParseID[letterlock.UserID](string(id)); got != id || err != nil || len(id) != 26 {
		t.Errorf("ParseID(%q) = %q, %v, want it back, of 26 characters", id, got, err)
	}
	if got, err := letterlock.ParseID[letterlock.OrgID](strings.ToUpper(string(id))); err != letterlock.ErrNotFound {
		t.Errorf("ParseID in upper case = %q, %v, want %v", got, err, letterlock.ErrNotFound)
	}
}

// A session ends when it was idle too long or is too old, at that instant.
func TestSessionAlive(t *testing.T) {
	const idle, life = 12 * time.Hour, 7 * 24 * time.Hour
	for _, test := range []struct {
		name string
		seen time.Duration
		at   time.Duration
		want bool
	}{
		{"new", 0, 0, true},
		{"a millisecond before it was idle too long", 0, idle - ms, true},
		{"idle too long", 0, idle, false},
		{"used since", time.Hour, idle, true},
		{"a millisecond before it is too old", life - time.Hour, life - ms, true},
		{"too old", life - time.Hour, life, false},
	} {
		s := letterlock.Session{CreatedAt: created, SeenAt: created.Add(test.seen)}
		if got := s.Alive(created.Add(test.at)); got != test.want {
			t.Errorf("%s: Alive() = %v, want %v", test.name, got, test.want)
		}
	}
}

func TestTicketGood(t *testing.T) {
	lifetimes := map[letterlock.TicketKind]time.Duration{
		letterlock.TicketVerify: 24 * time.Hour, letterlock.TicketReset: 30 * time.Minute,
		letterlock.TicketChangeEmail: 24 * time.Hour, letterlock.TicketUndoEmail: 7 * 24 * time.Hour, letterlock.TicketSetup: 7 * 24 * time.Hour,
	}
	for kind, life := range lifetimes {
		ticket := letterlock.Ticket{Kind: kind, ExpiresAt: created.Add(kind.Lifetime())}
		used := ticket
		used.UsedAt = created
		if !ticket.Good(created.Add(life-ms)) || ticket.Good(created.Add(life)) || used.Good(created) {
			t.Errorf("a ticket to %s is not good for exactly %v and until it was used", kind, life)
		}
	}
}

func TestNetOf(t *testing.T) {
	for _, test := range []struct {
		addr string
		want letterlock.Net
	}{
		{"203.0.113.77", "203.0.113.0/24"},
		{"::ffff:203.0.113.77", "203.0.113.0/24"},
		{"2001:db8:1:2:3::4", "2001:db8:1::/48"},
		{"fe80::1%eth0", "fe80::/48"},
	} {
		if got := letterlock.NetOf(netip.MustParseAddr(test.addr)); got != test.want {
			t.Errorf("NetOf(%s) = %q, want %q", test.addr, got, test.want)
		}
	}
	if got := letterlock.NetOf(netip.Addr{}); got != "" {
		t.Errorf("NetOf() of no address = %q, want none", got)
	}
}
