package ui

import (
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/feature/plural"
	"golang.org/x/text/language"
)

// catalogs are all of them by language.
func catalogs(t *testing.T) map[string]catalog {
	t.Helper()
	all := map[string]catalog{}
	for _, lang := range Languages() {
		c, err := loadCatalog(lang)
		if err != nil {
			t.Fatalf("loadCatalog(%q): %v", lang, err)
		}
		all[lang] = c
	}
	return all
}

// texts are a message's sentences by plural form; the form of one that does not
// count is "".
func (m message) texts() map[string]string {
	if m.forms != nil {
		return m.forms
	}
	return map[string]string{"": m.text}
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

func TestLanguagesHaveNames(t *testing.T) {
	want := Languages()
	slices.Sort(want)
	if diff := cmp.Diff(want, sortedKeys(languageNames)); diff != "" {
		t.Errorf("languages with a catalog and languages with a name differ (-catalog +name):\n%s", diff)
	}
}

func TestCatalogsHaveTheSameKeys(t *testing.T) {
	all := catalogs(t)
	want := sortedKeys(all[defaultLanguage])
	for lang, c := range all {
		if diff := cmp.Diff(want, sortedKeys(c)); diff != "" {
			t.Errorf("keys of %s.json differ from those of %s.json (-want +got):\n%s", lang, defaultLanguage, diff)
		}
	}
}

// TestCatalogPlurals holds a counting sentence to the forms that its language
// has for whole numbers, and to be one that counts in every language or none.
func TestCatalogPlurals(t *testing.T) {
	all := catalogs(t)
	for lang, c := range all {
		want := pluralForms(language.MustParse(lang))
		for key, m := range c {
			if counts := all[defaultLanguage][key].forms != nil; counts != (m.forms != nil) {
				t.Errorf("%s.json: %q has plural forms: %v, in %s.json: %v", lang, key, m.forms != nil, defaultLanguage, counts)
			}
			if m.forms == nil {
				continue
			}
			if diff := cmp.Diff(want, sortedKeys(m.forms)); diff != "" {
				t.Errorf("%s.json: plural forms of %q (-want +got):\n%s", lang, key, diff)
			}
			if other := m.forms["other"]; !strings.Contains(other, "{n}") && !strings.Contains(other, "{views}") {
				t.Errorf("%s.json: %q has no {n} or {views} that would choose its form", lang, key)
			}
		}
	}
}

// pluralForms are the forms that a language has for whole numbers, by CLDR, as
// Intl.PluralRules names them.
func pluralForms(lang language.Tag) []string {
	forms := map[string]bool{"other": true} // which say() falls back to
	for n := range 1000 {
		forms[formNames[plural.Cardinal.MatchPlural(lang, n, 0, 0, 0, 0)]] = true
	}
	return sortedKeys(forms)
}

// TestPluralForms shows that the rules above are the language's own.
func TestPluralForms(t *testing.T) {
	for lang, want := range map[string][]string{
		"en": {"one", "other"},
		"ja": {"other"},
		"ar": {"few", "many", "one", "other", "two", "zero"},
	} {
		if diff := cmp.Diff(want, pluralForms(language.MustParse(lang))); diff != "" {
			t.Errorf("pluralForms(%q) (-want +got):\n%s", lang, diff)
		}
	}
}

var placeholder = regexp.MustCompile(`\{[^}]*\}`)

// TestCatalogPlaceholders holds every form of every translation to the
// placeholders of the original: a lost one is a sentence without its date.
func TestCatalogPlaceholders(t *testing.T) {
	all := catalogs(t)
	for lang, c := range all {
		for key, m := range c {
			want := placeholders(all[defaultLanguage][key].texts()["other"] + all[defaultLanguage][key].text)
			for form, text := range m.texts() {
				if diff := cmp.Diff(want, placeholders(text)); diff != "" {
					t.Errorf("%s.json: placeholders of %q %s (-want +got):\n%s", lang, key, form, diff)
				}
			}
		}
	}
}

func placeholders(text string) []string {
	found := map[string]bool{}
	for _, p := range placeholder.FindAllString(text, -1) {
		found[p] = true
	}
	return sortedKeys(found)
}

// TestCatalogManners holds sentences to the rules of style that a program can
// see.
func TestCatalogManners(t *testing.T) {
	rules := []struct {
		name string
		bad  *regexp.Regexp
	}{
		{"an exclamation mark", regexp.MustCompile(`[!！¡]`)},
		{"a typewriter's quotation mark", regexp.MustCompile(`["']`)},
		{"three dots for an ellipsis", regexp.MustCompile(`\.\.\.`)},
		{"markup", regexp.MustCompile(`[<>]|&\w+;`)},
		{"white space to no purpose", regexp.MustCompile(`^\s|\s$|  `)},
		{"a password that expires: it is the link that does", regexp.MustCompile(`(?i)password[^.:]* expire|passwort[^.:]* läuft ab`)},
	}
	for lang, c := range catalogs(t) {
		for key, m := range c {
			for _, text := range m.texts() {
				if strings.TrimSpace(text) == "" {
					t.Errorf("%s.json: %q is empty", lang, key)
				}
				for _, rule := range rules {
					if rule.bad.MatchString(text) {
						t.Errorf("%s.json: %q has %s: %s", lang, key, rule.name, text)
					}
				}
			}
		}
	}
}

// TestCatalogText shows that a document is not made with a sentence missing.
func TestCatalogText(t *testing.T) {
	c := catalog{"hello": {text: "Hello {name}, {name}."}, "times": {forms: map[string]string{"other": "{n} times"}}}
	if got, err := c.text("hello", "name", "Ada"); got != "Hello Ada, Ada." || err != nil {
		t.Errorf("text(hello) = %q, %v, want its placeholders filled", got, err)
	}
	c["two"] = message{text: "{a} and {b}"}
	if got, err := c.text("two", "a", "{b}", "b", "{a}"); got != "{b} and {a}" || err != nil {
		t.Errorf("text(two) = %q, %v, want values left as they are", got, err)
	}
	for _, key := range []string{"goodbye", "times"} {
		if got, err := c.text(key); err == nil {
			t.Errorf("text(%s) = %q, want an error", key, got)
		}
	}
}
