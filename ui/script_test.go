package ui

import (
	"io/fs"
	"maps"
	"os"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// Scripts are read as they are served: bundled, and readable. The test of
// ui/bundle holds them to their sources.

// builtKeys are the keys that scripts put together: how each begins in the
// script, and how it may go on.
var builtKeys = map[string][]string{
	"create.js.":          with(names("once times unlimited"), "", "_locked"),
	"result.js.sentence_": names("once times unlimited"),
	"recent.js.":          with(names("delete unlock forget"), "", "_of"),
	"open.js.":            names("once times left unlimited"),
	"opened.js.warn_":     names("gates views expiry"),
	"ended.js.": append(with(names("used_up expired deleted locked closed missing damaged newer weak forged unknown cleared sign_in members policy"), "", "_lead", "_line"),
		with(names("offline busy failed"), "", "_line")...),
}

// scriptIcons are the icons that scripts put into a page.
var scriptIcons = map[string][]string{
	"create.js": names("sealed opened spent clock bin alert close key"),
	"open.js":   names("seal seal-broken"),
}

func names(list string) []string { return strings.Fields(list) }

func with(names []string, endings ...string) []string {
	var all []string
	for _, name := range names {
		for _, ending := range endings {
			all = append(all, name+ending)
		}
	}
	return all
}

// scripts are what the pages run at once, by name in dist.
func scripts() map[string]string {
	all := map[string]string{}
	for _, p := range pages {
		all[p.script] = string(dist("dist/" + p.script))
	}
	return all
}

var (
	literal  = regexp.MustCompile(`"([a-z0-9_.]+)"`)
	builtKey = regexp.MustCompile("say\\(`([a-z0-9_.]+)\\$\\{")
)

// keysIn are the keys of sentences that a script can ask for.
func keysIn(t *testing.T, script string) map[string]bool {
	t.Helper()
	keys := map[string]bool{}
	for _, m := range literal.FindAllStringSubmatch(script, -1) {
		for _, p := range pages {
			for _, prefix := range p.words {
				if strings.HasPrefix(m[1], prefix) {
					keys[m[1]] = true
				}
			}
		}
	}
	for _, m := range builtKey.FindAllStringSubmatch(script, -1) {
		if builtKeys[m[1]] == nil {
			t.Errorf("a script builds keys that begin with %q: say in builtKeys how they go on", m[1])
		}
		for _, ending := range builtKeys[m[1]] {
			keys[m[1]+ending] = true
		}
	}
	return keys
}

// TestScriptsGetTheirSentences: a page carries every sentence that its script
// asks for. In the browser a missing one is silence.
func TestScriptsGetTheirSentences(t *testing.T) {
	words, err := loadCatalog(defaultLanguage)
	if err != nil {
		t.Fatal(err)
	}
	sources := scripts()
	for _, p := range pages {
		carried := words.under(p.words)
		for _, key := range sortedKeys(keysIn(t, sources[p.script])) {
			if _, ok := carried[key]; !ok {
				t.Errorf("%s asks for %q, which %s does not carry", p.script, key, p.file)
			}
		}
	}
}

var (
	templateKey = regexp.MustCompile(`\$?\.T "([^"]+)"`)
	pageKey     = regexp.MustCompile(`\.P "([^"]+)"`)
)

// TestSentencesAreUsed by a template or a script: translators have enough to do.
func TestSentencesAreUsed(t *testing.T) {
	used := map[string]bool{}
	for _, l := range lifetimes {
		used[l.Key] = true
	}
	for _, script := range scripts() {
		for key := range keysIn(t, script) {
			used[key] = true
		}
	}
	layout := templateText(t, "layout.html")
	for _, p := range pages {
		text := layout + templateText(t, p.file)
		for _, m := range templateKey.FindAllStringSubmatch(text, -1) {
			used[m[1]] = true
		}
		for _, m := range pageKey.FindAllStringSubmatch(text, -1) {
			used[p.key+"."+m[1]] = true
		}
		used[p.key+".title"] = true
	}
	for _, key := range letterKeys(t) {
		used[key] = true
	}
	words, err := loadCatalog(defaultLanguage)
	if err != nil {
		t.Fatal(err)
	}
	for _, key := range screenKeys(t) {
		if _, ok := words[key]; ok {
			used[key] = true
		}
	}
	for key := range words {
		if builtPrefixes.MatchString(key) {
			used[key] = true
		}
	}
	maps.DeleteFunc(words, func(key string, _ message) bool { return chosenByMail.MatchString(key) })
	if diff := cmp.Diff(sortedKeys(used), sortedKeys(words)); diff != "" {
		t.Errorf("sentences (-used +in the catalog):\n%s", diff)
	}
}

func templateText(t *testing.T, name string) string {
	t.Helper()
	text, err := templateFiles.ReadFile("templates/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

var scriptID = regexp.MustCompile(`\b(?:el|setError|showSection)\("([^"]+)"|"([a-z]+-error)"`)

// TestScriptsFindTheirElements in the documents that run them.
func TestScriptsFindTheirElements(t *testing.T) {
	sources := scripts()
	eachDocument(t, func(t *testing.T, p page, d *document) {
		ids := d.ids(t)
		found := scriptID.FindAllStringSubmatch(sources[p.script], -1)
		if len(found) == 0 {
			t.Errorf("%s looks for no element at all", p.script)
		}
		for _, m := range found {
			if id := m[1] + m[2]; ids[id] == nil {
				t.Errorf("%s looks for #%s, which %s has not", p.script, id, p.file)
			}
		}
	})
}

// TestScriptIcons holds the list above to the scripts.
func TestScriptIcons(t *testing.T) {
	for name, script := range scripts() {
		if builds, listed := strings.Contains(script, "#i-"), scriptIcons[name] != nil; builds != listed {
			t.Errorf("%s puts icons into a page: %v; in scriptIcons: %v", name, builds, listed)
		}
		for _, icon := range scriptIcons[name] {
			if !strings.Contains(script, `"`+icon+`"`) {
				t.Errorf("%s uses no icon %q", name, icon)
			}
		}
	}
}

// sink is what makes code or markup of text. The policy forbids it too.
var sink = regexp.MustCompile(`innerHTML|outerHTML|insertAdjacentHTML|document\.write|createContextualFragment|\bsetHTML|DOMParser|srcdoc|\beval\(|new Function|set(?:Timeout|Interval)\("`)

// foreign is an address of somebody else, comments aside.
var foreign = regexp.MustCompile("[\"'`](?:https?:)?//")

// namespace is an address that nothing is asked of.
const namespace = `"http://www.w3.org/2000/svg"`

func TestScriptsHaveNoSinks(t *testing.T) {
	files, err := fs.Glob(os.DirFS("."), "dist/*.js")
	if err != nil {
		t.Fatal(err)
	}
	err = fs.WalkDir(os.DirFS("."), "ts", func(name string, d fs.DirEntry, err error) error {
		if err == nil && path.Ext(name) == ".ts" {
			files = append(files, name)
		}
		return err
	})
	if err != nil || !slices.Contains(files, "dist/open.js") || !slices.Contains(files, "ts/open.ts") {
		t.Fatalf("scripts: %v, %v, want those of dist and ts", files, err)
	}
	for _, name := range files {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		code := strings.ReplaceAll(string(text), namespace, "")
		for _, bad := range []*regexp.Regexp{sink, foreign} {
			if found := bad.FindString(code); found != "" {
				t.Errorf("%s has %s", name, found)
			}
		}
	}
}
