package web_test

import (
	"encoding/binary"
	"fmt"
	"slices"
	"strings"
	"testing"

	"letterlock"
	"letterlock/internal/web"
)

// badFields spoils each field in turn: its name, its kind and, where it is
// binary, its spelling.
func (i *instance) badFields(t *testing.T, rt web.Route) []bad {
	o, valid := i.body(rt), i.valid(t, rt)
	var all []bad
	for at, m := range o {
		add := func(what string, body object, field string, fault letterlock.FieldCode) {
			r := valid
			r.body = body.String()
			all = append(all, bad{m.name + " " + what, r, 422, letterlock.ErrInvalid, field, fault})
		}
		rest := o.without(m.name)
		if !isOptional(rt, m.name) {
			add("missing", rest, m.name, letterlock.FieldRequired)
		}
		add("twice", append(slices.Clone(o), m), m.name, letterlock.FieldDuplicate)
		add("twice, one null", append(slices.Clone(o), member{m.name, "null"}), m.name, letterlock.FieldDuplicate)
		for _, spelled := range []string{strings.ToUpper(m.name), strings.ToUpper(m.name[:1]) + m.name[1:]} {
			renamed := slices.Clone(o)
			renamed[at].name = spelled
			add("spelled "+spelled, renamed, "?", letterlock.FieldUnknown)
		}
		add("with a dash", rest.set(strings.ReplaceAll(m.name, "_", "-")+"-", m.value), "?", letterlock.FieldUnknown)
		for _, value := range []string{`"canary-text"`, `12345678`, `["canary-item"]`, `{"canary":"canary-member"}`, `{}`, `[]`, `true`} {
			if fault := wrongKind(m.value, value); fault != "" {
				add("is "+value, o.set(m.name, value), m.name, fault)
			}
		}
		switch fixed, isBinary := fixedSize[m.name]; {
		case isBinary:
			if !isOptional(rt, m.name) {
				add("is null", o.set(m.name, "null"), m.name, letterlock.FieldWrongType)
			}
			all = append(all, i.badSpellings(t, valid, o, m, fixed)...)
		case strings.HasPrefix(m.value, `"`) && m.name != "organization" && !isOptional(rt, m.name):
			add("is null", o.set(m.name, "null"), m.name, letterlock.FieldRequired)
		}
	}
	return all
}

// wrongKind is the fault of a value in the place of another, "" if it is of the
// same kind.
func wrongKind(was, value string) letterlock.FieldCode {
	kind := func(v string) string {
		switch {
		case strings.HasPrefix(v, `"`):
			return "string"
		case v == "true" || v == "false":
			return "bool"
		case strings.HasPrefix(v, "["):
			return "array"
		case strings.Trim(v, "0123456789") == "":
			return "number"
		}
		return v
	}
	if kind(was) == kind(value) {
		return ""
	}
	return letterlock.FieldWrongType
}

// badSpellings writes a binary field in other ways than the one: what a lenient
// decoder would take for the same bytes, and what is longer or shorter.
func (i *instance) badSpellings(t *testing.T, valid request, o object, m member, fixed bool) []bad {
	good := strings.Trim(m.value, `"`)
	raw := i.proof(t, good)
	last := len(good) - 1
	var all []bad
	add := func(what, text string, fault letterlock.FieldCode) {
		r := valid
		r.body = o.set(m.name, text).String()
		all = append(all, bad{m.name + " " + what, r, 422, letterlock.ErrInvalid, m.name, fault})
	}
	for what, text := range map[string]string{
		"padded": good + "=", "padded twice": good + "==", "not canonical": good[:last] + otherBits(good[last:]), "with a plus": "+" + good[1:], "with a slash": "/" + good[1:],
		"after a space": " " + good, "before a space": good + " ", "with a space": good[:8] + " " + good[8:], "with a line break": good[:8] + "\n" + good[8:],
		"before a line break": good + "\r\n", "with NUL": good + "\x00", "with a letter beyond ASCII": good[:last] + "é", "as hexadecimal with a mark": "0x" + fmt.Sprintf("%x", raw) + "!",
		"as a data URL": "data:;base64," + good,
	} {
		add(what, wrote(t, text), letterlock.FieldNotBase64URL)
	}
	add("escaped", `"\u0041`+good[1:]+`"`, letterlock.FieldNotBase64URL)
	if fixed {
		add("empty", `""`, letterlock.FieldWrongSize)
		add("one byte less", quoted(raw[:len(raw)-1]), letterlock.FieldWrongSize)
		add("one byte more", quoted(append(slices.Clone(raw), 0)), letterlock.FieldWrongSize)
		add("twice as long", quoted(append(slices.Clone(raw), raw...)), letterlock.FieldWrongSize)
	}
	r := valid
	r.body = o.set(m.name, `"`+good[:8]+"\n"+good[8:]+`"`).String()
	return append(all, bad{m.name + " with a bare line break", r, 400, letterlock.ErrMalformed, "", ""})
}

// badLimits are limits beyond the rules, and fields that are not the caller's.
func (i *instance) badLimits(t *testing.T, rt web.Route) []bad {
	o, valid := i.body(rt), i.valid(t, rt)
	var all []bad
	add := func(field string, fault letterlock.FieldCode, values ...string) {
		for _, value := range values {
			r := valid
			r.body = o.set(field, value).String()
			all = append(all, bad{field + " is " + value, r, 422, letterlock.ErrInvalid, field, fault})
		}
	}
	const outOfRange, wrongType = letterlock.FieldOutOfRange, letterlock.FieldWrongType
	switch name(rt) {
	case "POST /secrets":
		add("expires_in", outOfRange, "-1", "0", "-0", "299", "2592001", "31536001", "4294967296", "9223372036854775807", "-9223372036854775808")
		add("expires_in", letterlock.FieldRequired, "null")
		add("expires_in", wrongType, "1.5", "3600.0", "36e2", "9223372036854775808", "1e400", `"3600"`)
		add("max_views", outOfRange, "-1", "0", "1001", "2147483648", "9223372036854775807")
		add("max_views", wrongType, "1.5", "1.0", "1e2", "9223372036854775808", `"1"`, "false")
		add("name", letterlock.FieldNotSignedIn, `"canary-name"`)
		add("organization", letterlock.FieldNotSignedIn, `"canary-organization"`, text(string(i.org.ID)), `""`)
		add("organization_only", letterlock.FieldNotSignedIn, "true")
		add("language", letterlock.FieldNotSignedIn, `"de"`)
		add("language", outOfRange, `"canary-language"`)
		for _, field := range []string{"name", "organization", "organization_only", "language"} {
			add(field, wrongType, "1234567")
		}
		for _, field := range []string{"one_view_per_person", "emails", "email_check", "send_fragment", "notify", "recipient_may_delete", "owner"} {
			add(field, letterlock.FieldUnknown, `"canary-value"`)
		}
	case "PATCH /secrets/{id}":
		add("expires_in", outOfRange, "-1", "31536001", "9223372036854775807", "-9223372036854775808")
		add("expires_in", letterlock.FieldNotSooner, "3601", "31536000")
		add("expires_in", wrongType, "1.5", "1e2", `"1800"`)
		add("expires_in", letterlock.FieldRequired, "null")
		add("unlock", outOfRange, "false")
		add("unlock", wrongType, "1234567", `"true"`, "[true]", "{}", `"canary-value"`)
		for _, field := range []string{"content", "max_views", "header", "commit", "manage_hash", "state", "views"} {
			add(field, letterlock.FieldUnknown, `"canary-value"`)
		}
	case "POST /secrets/{id}/feedback":
		add("mine", letterlock.FieldRequired, "null")
		add("mine", wrongType, `"true"`, "0", "[false]")
	default:
		i.badTexts(rt, add)
	}
	return all
}

// weakKDFs are key derivations that every client refuses, each just outside of
// what it accepts.
var weakKDFs = []struct {
	name        string
	flags, kind byte
	a, b, c     uint32
	salt        byte
}{
	{"a password and no key derivation", 1, 0, 0, 0, 0, 1},
	{"key derivation and no password", 0, 2, 65_536, 3, 1, 1},
	{"an unknown key derivation", 1, 3, 65_536, 3, 1, 1},
	{"parameters of none", 0, 0, 1, 0, 0, 0},
	{"a salt for nothing", 0, 0, 0, 0, 0, 1},
	{"no salt", 1, 2, 65_536, 3, 1, 0},
	{"weak PBKDF2", 1, 1, 599_999, 0, 0, 1},
	{"excessive PBKDF2", 1, 1, 10_000_001, 0, 0, 1},
	{"PBKDF2 with passes", 1, 1, 600_000, 1, 0, 1},
	{"weak Argon2id", 1, 2, 19_455, 2, 1, 1},
	{"one pass of little memory", 1, 2, 47_103, 1, 1, 1},
	{"excessive memory", 1, 2, 1_048_577, 3, 1, 1},
	{"no passes", 1, 2, 65_536, 0, 1, 1},
	{"too many passes", 1, 2, 65_536, 17, 1, 1},
	{"no lanes", 1, 2, 65_536, 3, 0, 1},
	{"too many lanes", 1, 2, 65_536, 3, 5, 1},
}

// badEnvelopes are uploads that no careful client could open: the server, which
// cannot read them, refuses what it can see.
func (i *instance) badEnvelopes(t *testing.T, rt web.Route) []bad {
	if name(rt) != "POST /secrets" {
		return nil
	}
	o, valid := i.body(rt), i.valid(t, rt)
	var all []bad
	add := func(what, field, value string, fault letterlock.FieldCode) {
		r := valid
		r.body = o.set(field, value).String()
		all = append(all, bad{what, r, 422, letterlock.ErrInvalid, field, fault})
	}
	header := func(what string, fault letterlock.FieldCode, change func(h []byte)) {
		h := slices.Clone(i.fresh.Header[:])
		change(h)
		add("header "+what, "header", quoted(h), fault)
	}
	header("of nothing", letterlock.FieldNotEnvelope, func(h []byte) { clear(h) })
	header("of another format", letterlock.FieldNotEnvelope, func(h []byte) { copy(h, "age-encryption.org/v1") })
	header("in lower case", letterlock.FieldNotEnvelope, func(h []byte) { copy(h, "she1") })
	header("of a later version", letterlock.FieldNotEnvelope, func(h []byte) { h[3] = '2' })
	header("of another suite", letterlock.FieldUnknownSuite, func(h []byte) { h[4] = 2 })
	header("of suite 0", letterlock.FieldUnknownSuite, func(h []byte) { h[4] = 0 })
	for at, value := range map[int]byte{5: 2, 7: 1, 52: 1, 63: 1} {
		header(fmt.Sprintf("with byte %d set", at), letterlock.FieldReserved, func(h []byte) { h[at] = value })
	}
	for _, k := range weakKDFs {
		header("with "+k.name, letterlock.FieldWeakKDF, func(h []byte) {
			h[5], h[6], h[20] = k.flags, k.kind, k.salt
			binary.BigEndian.PutUint32(h[8:], k.a)
			binary.BigEndian.PutUint32(h[12:], k.b)
			binary.BigEndian.PutUint32(h[16:], k.c)
		})
	}

	plain := strings.Repeat("my password is hunter2. ", 3000)
	for _, size := range []int{1040, 4112, 16400, 65552, 67616} {
		add(fmt.Sprintf("content is %d bytes of text", size), "content", quoted([]byte(plain[:size])), letterlock.FieldPlaintext)
	}
	add("content is zero", "content", quoted(make([]byte, 1040)), letterlock.FieldPlaintext)
	for _, size := range []int{1, 16, 1024, 4096, 5000, 65_553, 67_617} {
		add(fmt.Sprintf("content is %d bytes", size), "content", quoted([]byte(strings.Repeat("\xff", size))), letterlock.FieldWrongSize)
	}
	other := valid
	other.body = o.set("header", quoted(i.secret.Header[:])).String()
	return append(all, bad{"header of another secret", other, 409, letterlock.ErrConflict, "", ""})
}
