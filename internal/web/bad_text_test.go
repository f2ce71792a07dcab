package web_test

import (
	"slices"
	"strings"
	"testing"

	"letterlock"
	"letterlock/internal/web"
)

// badTexts are texts, numbers and lists that the routes for those who have an
// account do not take.
func (i *instance) badTexts(rt web.Route, add func(field string, fault letterlock.FieldCode, values ...string)) {
	for _, m := range i.body(rt) {
		for _, b := range textFaults[m.name] {
			add(m.name, b.fault, b.values...)
		}
	}
	if name(rt) == "PUT /me/password" || name(rt) == "POST /setup" {
		add("password", letterlock.FieldTooShort, `"canary-pass"`, `"           "`)
		add("password", letterlock.FieldTooLong, text(strings.Repeat("canary", 200)))
		add("password", letterlock.FieldTooCommon, `"password1234"`, `"letterlock letterlock"`)
	}
	switch name(rt) {
	case "PUT /me/password":
		add("password", letterlock.FieldTooCommon, `"guest@example.org"`)
	case "POST /setup":
		add("password", letterlock.FieldTooCommon, `"first@example.org"`)
		add("name", letterlock.FieldTooLong, text(strings.Repeat("n", 101)))
	case "PATCH /me":
		add("language", letterlock.FieldOutOfRange, `"canary-language"`, `"EN"`, `"en-US"`)
		add("language", letterlock.FieldWrongType, "1234567")
		for _, field := range []string{"email", "operator", "id", "password", "verified"} {
			add(field, letterlock.FieldUnknown, `"canary-value"`)
		}
	case "POST /organizations", "PATCH /organizations/{org}":
		add("name", letterlock.FieldRequired, `""`, `" "`, `"\u3000"`)
		add("id", letterlock.FieldUnknown, `"canary-value"`)
	case "POST /tokens":
		add("expires_in", letterlock.FieldOutOfRange, "0", "-1", "31536001", "9223372036854775807")
		add("user", letterlock.FieldUnknown, `"canary-value"`)
	case "PUT /organizations/{org}/policy":
		add("max_lifetime", letterlock.FieldOutOfRange, "0", "-1", "299", "31536001", "9223372036854775807")
	case "PUT /organizations/{org}/brand":
		add("css", letterlock.FieldUnknown, `"canary-value"`)
		add("logo", letterlock.FieldWrongSize, quoted(make([]byte, 128<<10+1)))
	}
}

type textFault struct {
	fault  letterlock.FieldCode
	values []string
}

// textFaults are values of a field that no route takes.
var textFaults = map[string][]textFault{
	"email": {
		{letterlock.FieldRequired, []string{`""`}},
		{letterlock.FieldNotAddress, []string{
			`"canary"`, `"canary@"`, `"@canary.example"`, `"canary@example"`, `"Canary <canary@example.org>"`, `"canary@example.org\r\nBcc: x@example.org"`, `" canary@example.org"`,
			`"canary@[127.0.0.1]"`, `"canary@127.0.0.1"`, `"\"canary\"@example.org"`, `"canary@example.org,other@example.org"`, `"canary\u0000@example.org"`,
			text(strings.Repeat("c", 65) + "@example.org"), text("canary@" + strings.Repeat("d", 250) + ".example"),
		}},
	},
	"name": {
		{letterlock.FieldTooLong, []string{text(strings.Repeat("n", 101)), text(strings.Repeat("ö", 101))}},
		{letterlock.FieldNotText, []string{`"canary\u0000name"`, `"canary\nname"`, `"canary\u202ename"`}},
	},
	"role":        {{letterlock.FieldOutOfRange, []string{`"canary-role"`, `"Owner"`, `"none"`, `"owner "`}}, {letterlock.FieldRequired, []string{`""`}}},
	"language":    {{letterlock.FieldOutOfRange, []string{`"canary-language"`, `"EN"`, `"en-US"`, `"../en"`}}},
	"scopes":      {{letterlock.FieldRequired, []string{"[]", "null"}}, {letterlock.FieldOutOfRange, []string{`["canary-scope"]`, `["secret:create","SECRET:READ"]`}}, {letterlock.FieldDuplicate, []string{`["org:read","org:read"]`}}, {letterlock.FieldWrongType, []string{`[1234567]`, `[null,{}]`}}},
	"ids":         {{letterlock.FieldOutOfRange, []string{"[]", `["canary-id"]`, `[""]`, "[" + strings.Repeat(`"aaaaaaaaaaaaaaaaaaaaaaaaaa",`, 100) + `"aaaaaaaaaaaaaaaaaaaaaaaaaa"]`}}, {letterlock.FieldWrongType, []string{`[1234567]`, `[["canary"]]`}}},
	"event_life":  {{letterlock.FieldOutOfRange, []string{"0", "-1", "2591999", "315360001", "9223372036854775807"}}, {letterlock.FieldRequired, []string{"null"}}, {letterlock.FieldWrongType, []string{"1.5"}}},
	"max_views":   {{letterlock.FieldOutOfRange, []string{"0", "-1", "1001"}}},
	"accent":      {{letterlock.FieldNotColour, []string{`"canary"`, `"#ABCDEF"`, `"#12345"`, `"red;background:url(x)"`}}, {letterlock.FieldContrast, []string{`"#ffffff"`, `"#eeeeee"`}}},
	"accent_deep": {{letterlock.FieldNotColour, []string{`"canary"`}}, {letterlock.FieldContrast, []string{`"#fefdfa"`}}},
	"logo":        {{letterlock.FieldNotPicture, []string{quoted([]byte("<svg onload=alert(1)>")), quoted([]byte("GIF89a canary")), quoted(picture[:40])}}},
	"create":      {{letterlock.FieldOutOfRange, []string{`"canary"`, `""`}}},
	"sign_up":     {{letterlock.FieldOutOfRange, []string{`"canary"`, `""`}}},
	"url":         {{letterlock.FieldNotURL, []string{`"canary"`, `"javascript:alert(1)"`, `"ftp://canary.example"`, `"https://canary.example/?a=b"`, `"https://"`}}},
	"domains":     {{letterlock.FieldNotAddress, []string{`["canary"]`, `["canary example.org"]`, `["@example.org"]`, `[""]`}}, {letterlock.FieldRequired, []string{"[]", "null"}}, {letterlock.FieldWrongType, []string{`[1234567]`}}},
	"mail_server": {{letterlock.FieldNotURL, []string{`"canary"`, `"https://canary.example"`, `"smtp://"`}}},
	"mail_from":   {{letterlock.FieldNotAddress, []string{`"canary"`, `""`, `"a@example.org\r\nBcc: canary@example.org"`}}},
}

// lists are the parameters of the routes that list something.
var lists = map[string][]string{
	"GET /secrets":                         {"scope", "organization", "query", "state", "sort", "order", "limit", "cursor"},
	"GET /organizations/{org}/members":     {"limit", "cursor"},
	"GET /organizations/{org}/invitations": {"limit", "cursor"},
	"GET /organizations/{org}/events":      {"actor", "action", "from", "until", "limit", "cursor"},
}

// queryFaults are values that a parameter does not take.
var queryFaults = map[string]struct {
	fault  letterlock.FieldCode
	values []string
}{
	"scope":  {letterlock.FieldOutOfRange, []string{"", "canary", "OWN", "all"}},
	"state":  {letterlock.FieldOutOfRange, []string{"canary", "Waiting", "waiting%00"}},
	"sort":   {letterlock.FieldOutOfRange, []string{"", "canary", "id", "name%3Bdrop%20table"}},
	"order":  {letterlock.FieldOutOfRange, []string{"", "canary", "DESC"}},
	"cursor": {letterlock.FieldOutOfRange, []string{"canary", "AAAA", "0", "-1", "1e9", "%00", b64([]byte("12345678canary"))}},
	"from":   {letterlock.FieldWrongType, []string{"", "canary", "2026-01-01", "0", "2026-13-01T00:00:00Z"}},
	"until":  {letterlock.FieldWrongType, []string{"", "canary", "yesterday"}},
}

// badQueries are parameters that a list does not have, or values that they do
// not take.
func (i *instance) badQueries(t *testing.T, rt web.Route) []bad {
	known, ok := lists[name(rt)]
	if !ok {
		return nil
	}
	var all []bad
	add := func(query, field string, fault letterlock.FieldCode) {
		r := i.valid(t, rt)
		r.path += "?" + query
		all = append(all, bad{query, r, 422, letterlock.ErrInvalid, field, fault})
	}
	for _, parameter := range known {
		add(parameter+"=&"+parameter+"=", parameter, letterlock.FieldDuplicate)
		add(strings.ToUpper(parameter)+"=canary", "?", letterlock.FieldUnknown)
		for _, value := range queryFaults[parameter].values {
			add(parameter+"="+value, parameter, queryFaults[parameter].fault)
		}
	}
	for _, limit := range []string{"", "canary", "1.5", "1e1", "9223372036854775808", "0x10"} {
		add("limit="+limit, "limit", letterlock.FieldWrongType)
	}
	for _, limit := range []string{"0", "-1", "101", "2147483648"} {
		add("limit="+limit, "limit", letterlock.FieldOutOfRange)
	}
	add("canary=1", "canary", letterlock.FieldUnknown)
	add("%3Ccanary%3E=1", "?", letterlock.FieldUnknown)
	if slices.Contains(known, "query") {
		add("query="+strings.Repeat("n", 101), "query", letterlock.FieldTooLong)
	}
	malformed := i.valid(t, rt)
	malformed.path += "?limit=%zz"
	return append(all, bad{"malformed", malformed, 400, letterlock.ErrMalformed, "", ""})
}
