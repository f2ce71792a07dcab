package letterlock

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
)

// NameLength is how many characters the name of anything may have.
const NameLength = 100

// checkName reports what is wrong with a name that a person gave: one line of
// visible characters. Format characters are refused because they can make a
// name look like another one.
func checkName(name string) FieldCode {
	switch {
	case !visible(name):
		return FieldNotText
	case utf8.RuneCountInString(name) > NameLength:
		return FieldTooLong
	}
	return ""
}

// visible reports whether a string is valid text of characters that can be
// seen, plain spaces among them. The joiners of emoji and of some scripts are
// allowed inside.
func visible(s string) bool {
	return utf8.ValidString(s) && !strings.ContainsFunc(s, func(r rune) bool {
		return !unicode.IsGraphic(r) && r != zeroWidthJoiner && r != zeroWidthNonJoiner
	})
}

const (
	zeroWidthNonJoiner = '\u200c'
	zeroWidthJoiner    = '\u200d'
)

// CheckName refuses a name that a person gave to field, as a [Refusal].
func CheckName(field, name string, required bool) error {
	switch code := checkName(name); {
	case code != "":
		return Invalid(field, code)
	case required && strings.TrimSpace(name) == "":
		return Invalid(field, FieldRequired)
	}
	return nil
}

// NameKey is what a name is searched and sorted by. Names that differ in case
// or in how accents are written have the same key, and the key of the beginning
// of a name is the beginning of the name's key.
func NameKey(name string) string { return norm.NFC.String(cases.Fold().String(norm.NFC.String(name))) }
