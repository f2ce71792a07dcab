package ui

import (
	"embed"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"sort"
	"strings"

	"github.com/go-json-experiment/json"
)

//go:embed locales/*.json
var localeFiles embed.FS

// catalog is every sentence of one language by its flat key. A sentence that
// counts has plural forms, chosen in the browser by Intl.PluralRules.
type catalog map[string]message

// message is a string, or an object of plural forms.
type message struct {
	text  string
	forms map[string]string
}

// UnmarshalJSON reads either kind.
func (m *message) UnmarshalJSON(b []byte) error {
	if b[0] == '{' {
		return json.Unmarshal(b, &m.forms)
	}
	return json.Unmarshal(b, &m.text)
}

// MarshalJSON writes it as it was read.
func (m message) MarshalJSON() ([]byte, error) {
	if m.forms != nil {
		return json.Marshal(m.forms, json.Deterministic(true))
	}
	return json.Marshal(m.text)
}

// defaultLanguage is what readers get whose languages we do not have.
const defaultLanguage = "en"

// Languages lists the languages there are catalogs for, the default first.
func Languages() []string {
	names, err := fs.Glob(localeFiles, "locales/*.json")
	if err != nil {
		panic(err) // only for a malformed pattern
	}
	languages := []string{defaultLanguage}
	for _, name := range names {
		if lang := strings.TrimSuffix(path.Base(name), ".json"); lang != defaultLanguage {
			languages = append(languages, lang)
		}
	}
	sort.Strings(languages[1:])
	return languages
}

func loadCatalog(lang string) (catalog, error) {
	text, err := localeFiles.ReadFile("locales/" + lang + ".json")
	if err != nil {
		return nil, err
	}
	var c catalog
	if err := json.Unmarshal(text, &c); err != nil {
		return nil, fmt.Errorf("catalog %s: %w", lang, err)
	}
	return c, nil
}

// text is the sentence of a key with its placeholders filled: pairs of a name
// and its value, in which nothing is filled in again.
func (c catalog) text(key string, pairs ...string) (string, error) {
	m, ok := c[key]
	if !ok || m.forms != nil {
		return "", fmt.Errorf("no sentence %q", key)
	}
	return fill(m.text, pairs...), nil
}

func fill(text string, pairs ...string) string {
	var values []string
	for pair := range slices.Chunk(pairs, 2) {
		values = append(values, "{"+pair[0]+"}", pair[1])
	}
	return strings.NewReplacer(values...).Replace(text)
}

// under is the part of the catalog that a page's script gets: the sentences
// whose keys begin with one of the prefixes.
func (c catalog) under(prefixes []string) catalog {
	some := catalog{}
	for key, m := range c {
		for _, prefix := range prefixes {
			if strings.HasPrefix(key, prefix) {
				some[key] = m
			}
		}
	}
	return some
}
