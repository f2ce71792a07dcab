package letterlock_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"letterlock"
)

func TestRoleAtLeast(t *testing.T) {
	ranks := map[letterlock.Role]int{"": 0, "king": 0, letterlock.PlainMember: 1, letterlock.Admin: 2, letterlock.Owner: 3}
	for role, rank := range ranks {
		for other, least := range ranks {
			if got, want := role.AtLeast(other), least > 0 && rank >= least; got != want {
				t.Errorf("%q.AtLeast(%q) = %v, want %v", role, other, got, want)
			}
		}
		if _, ok := letterlock.ParseRole(string(role)); ok != (rank > 0) {
			t.Errorf("ParseRole(%q) = %v, want %v", role, ok, rank > 0)
		}
	}
}

func TestInvitationGood(t *testing.T) {
	until := created.Add(letterlock.InvitationLife)
	for _, test := range []struct {
		name string
		i    letterlock.Invitation
		at   time.Time
		want bool
	}{
		{"a millisecond before its end", letterlock.Invitation{}, until.Add(-ms), true},
		{"at its end", letterlock.Invitation{}, until, false},
		{"accepted", letterlock.Invitation{AcceptedAt: created}, created, false},
		{"revoked", letterlock.Invitation{RevokedAt: created}, created, false},
	} {
		test.i.ExpiresAt = until
		if got := test.i.Good(test.at); got != test.want {
			t.Errorf("%s: Good() = %v, want %v", test.name, got, test.want)
		}
	}
}

func TestPolicyCheck(t *testing.T) {
	day, three := letterlock.Policy{SharingOutside: true, MaxLifetime: 24 * time.Hour}, letterlock.Policy{SharingOutside: true, MaxViews: 3}
	strictest := letterlock.Policy{MaxLifetime: 24 * time.Hour, MaxViews: 3, PasswordRequired: true}
	field := func(name string) []letterlock.FieldError { return invalidField(name, letterlock.FieldPolicy) }
	for _, test := range []struct {
		name     string
		policy   letterlock.Policy
		limits   letterlock.Limits
		password bool
		inside   bool
		want     []letterlock.FieldError
	}{
		{"default", letterlock.DefaultPolicy(), letterlock.Limits{ExpiresIn: letterlock.MaxLifetime, Views: letterlock.Unlimited}, false, false, nil},
		{"as long as allowed", day, letterlock.Limits{ExpiresIn: 24 * time.Hour}, false, false, nil},
		{"a second longer", day, letterlock.Limits{ExpiresIn: 24*time.Hour + time.Second}, false, false, field("expires_in")},
		{"as often as allowed", three, letterlock.Limits{Views: 3}, false, false, nil},
		{"once more", three, letterlock.Limits{Views: 4}, false, false, field("max_views")},
		{"without a limit", three, letterlock.Limits{Views: letterlock.Unlimited}, false, false, field("max_views")},
		{"with a password", letterlock.Policy{SharingOutside: true, PasswordRequired: true}, letterlock.Limits{}, true, false, nil},
		{"without one", letterlock.Policy{SharingOutside: true, PasswordRequired: true}, letterlock.Limits{}, false, false, field("password")},
		{"inside", letterlock.Policy{}, letterlock.Limits{}, false, true, nil},
		{"outside", letterlock.Policy{}, letterlock.Limits{}, false, false, field("organization_only")},
		{"everything", strictest, letterlock.Limits{ExpiresIn: 48 * time.Hour}, false, false, []letterlock.FieldError{
			{Field: "expires_in", Code: letterlock.FieldPolicy}, {Field: "max_views", Code: letterlock.FieldPolicy},
			{Field: "password", Code: letterlock.FieldPolicy}, {Field: "organization_only", Code: letterlock.FieldPolicy},
		}},
	} {
		checkRefusal(t, test.name+": Check", test.policy.Check(test.limits, test.password, test.inside), refuse(test.want...))
	}
}

func TestPolicyValid(t *testing.T) {
	lifetime, views := invalidField("max_lifetime", letterlock.FieldOutOfRange), invalidField("max_views", letterlock.FieldOutOfRange)
	for _, test := range []struct {
		lifetime time.Duration
		views    int
		want     []letterlock.FieldError
	}{
		{0, letterlock.Unlimited, nil},
		{letterlock.MinLifetime, 1, nil},
		{letterlock.MaxLifetime, letterlock.MaxViews, nil},
		{letterlock.MinLifetime - time.Second, 1, lifetime},
		{letterlock.MaxLifetime + time.Second, 1, lifetime},
		{-time.Second, -1, append(lifetime, views...)},
		{0, letterlock.MaxViews + 1, views},
	} {
		p := letterlock.Policy{MaxLifetime: test.lifetime, MaxViews: test.views}
		checkRefusal(t, "Valid", p.Valid(), refuse(test.want...))
	}
	for life, ok := range map[time.Duration]bool{
		letterlock.MinEventLife - 1: false, letterlock.MinEventLife: true, letterlock.EventLife: true,
		letterlock.MaxEventLife: true, letterlock.MaxEventLife + 1: false,
	} {
		if err := letterlock.CheckEventLife(life); (err == nil) != ok {
			t.Errorf("CheckEventLife(%v) = %v, want allowed: %v", life, err, ok)
		}
	}
}

// Text on the colours of a brand has to be readable.
func TestBrandCheck(t *testing.T) {
	for _, test := range []struct {
		colour letterlock.Colour
		want   letterlock.FieldCode
	}{
		{"", ""},
		{"#a72120", ""}, // the instance's own, wax-2
		{"#000000", ""},
		{"#757575", ""}, // 4.53 to one
		{"#767676", letterlock.FieldContrast},
		{"#ffffff", letterlock.FieldContrast},
		{"#fefdfa", letterlock.FieldContrast},
		{"#ffcc00", letterlock.FieldContrast},
		{"#A72120", letterlock.FieldNotColour},
		{"#a7212", letterlock.FieldNotColour},
		{"#a721201", letterlock.FieldNotColour},
		{"a72120#", letterlock.FieldNotColour},
		{"#a7212g", letterlock.FieldNotColour},
		{"red", letterlock.FieldNotColour},
		{"#a72120;background:url(//x)", letterlock.FieldNotColour},
	} {
		accent := letterlock.Brand{Name: "Acme", Accent: test.colour}
		deep := letterlock.Brand{Name: "Acme", AccentDeep: test.colour}
		var want, wantDeep *letterlock.Refusal
		if test.want != "" {
			want, wantDeep = refuse(invalidField("accent", test.want)...), refuse(invalidField("accent_deep", test.want)...)
		}
		checkRefusal(t, "Check of accent "+string(test.colour), accent.Check(), want)
		checkRefusal(t, "Check of the deep accent "+string(test.colour), deep.Check(), wantDeep)
	}
	named := letterlock.Brand{Name: "Ac\nme"}
	checkRefusal(t, "Check of the name", named.Check(), refuse(invalidField("name", letterlock.FieldNotText)...))
}

// What was shared before a policy is measured by it at each opening.
func TestPolicyAllows(t *testing.T) {
	made := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	secret := &letterlock.Secret{CreatedAt: made, Views: 2}
	withPassword := *secret
	withPassword.Header[5] = 1
	hour := letterlock.Policy{MaxLifetime: time.Hour}
	for _, test := range []struct {
		name   string
		policy letterlock.Policy
		secret *letterlock.Secret
		after  time.Duration
		want   bool
	}{
		{"no limits", letterlock.DefaultPolicy(), secret, letterlock.MaxLifetime, true},
		{"inside only", letterlock.Policy{}, secret, 0, true},
		{"before the lifetime is over", hour, secret, time.Hour - time.Millisecond, true},
		{"at its end", hour, secret, time.Hour, false},
		{"one view left", letterlock.Policy{MaxViews: 3}, secret, 0, true},
		{"no view left", letterlock.Policy{MaxViews: 2}, secret, 0, false},
		{"without a password", letterlock.Policy{PasswordRequired: true}, secret, 0, false},
		{"with one", letterlock.Policy{PasswordRequired: true}, &withPassword, 0, true},
	} {
		if got := test.policy.Allows(test.secret, made.Add(test.after)); got != test.want {
			t.Errorf("%s: Allows = %t, want %t", test.name, got, test.want)
		}
	}
}

func TestInvitationOver(t *testing.T) {
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	earlier, end := now.Add(-time.Hour), now.Add(time.Hour)
	for _, test := range []struct {
		name string
		i    letterlock.Invitation
		at   time.Time
		want error
	}{
		{"open", letterlock.Invitation{ExpiresAt: end}, now, nil},
		{"at the last moment", letterlock.Invitation{ExpiresAt: end}, end.Add(-time.Millisecond), nil},
		{"at its end", letterlock.Invitation{ExpiresAt: end}, end, letterlock.Gone(letterlock.Expired, end)},
		{"accepted", letterlock.Invitation{ExpiresAt: end, AcceptedAt: earlier}, end, letterlock.Gone(letterlock.UsedUp, earlier)},
		{"taken back", letterlock.Invitation{ExpiresAt: end, RevokedAt: earlier}, end, letterlock.Gone(letterlock.Deleted, earlier)},
	} {
		if diff := cmp.Diff(test.want, test.i.Over(test.at)); diff != "" {
			t.Errorf("%s: Over (-want +got):\n%s", test.name, diff)
		}
		if good := test.i.Good(test.at); good != (test.want == nil) {
			t.Errorf("%s: Good = %t, want %t", test.name, good, test.want == nil)
		}
	}
}
