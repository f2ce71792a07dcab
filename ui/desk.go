package ui

import (
	"bytes"
	"cmp"
	"fmt"
	"html/template"
	"io/fs"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/text/feature/plural"
	"golang.org/x/text/language"
)

// Screen is a page made for one reader at a time: a form, a list, a note. Its
// type embeds Frame and says which template shows it.
type Screen interface {
	screen() screen
	frame() *Frame
}

// screen is how the pages of a type are made.
type screen struct {
	file string // of templates/desk
	key  string // of its title and words in the catalog
	tab  string // of the bar, "" for none
	wide bool   // as the desk, not as a letter
}

// Frame is what every screen has. Whoever answers the request fills in what is
// exported; templates ask its methods.
type Frame struct {
	Reader *Reader // who is signed in; nil for nobody
	Done   *Done   // what was done just before, nil for nothing
	Sent   *Sent   // the form that was refused, nil for none

	view
	screen screen
	used   []string // icons, in the order in which they were asked for
	main   template.HTML
}

func (f *Frame) frame() *Frame { return f }

// Fill says for whom a screen is made.
func Fill(s Screen, reader *Reader, done *Done, sent *Sent) {
	f := s.frame()
	f.Reader, f.Done, f.Sent = reader, done, sent
}

// Reader is who is signed in, and where.
type Reader struct {
	Name     string // or the address
	Operator bool
	Org      string  // the name of the organization that the session works in; "" for the personal space
	Spaces   []Space // all that there are to work in, but the one of now
}

// Space is an organization or, without an ID, the personal space.
type Space struct{ ID, Name string }

// Done is what was done: the key of its sentence after "done.", and how many it
// was done to.
type Done struct {
	Key string
	N   int
}

// loadScreens parses the templates of all screens, by file.
func loadScreens() (map[string]*template.Template, error) {
	layout, err := template.New("").Option("missingkey=error").ParseFS(templateFiles, "templates/desk.html")
	if err != nil {
		return nil, err
	}
	files, err := fs.Glob(templateFiles, "templates/desk/*.html")
	if err != nil {
		return nil, err
	}
	all := map[string]*template.Template{}
	for _, file := range files {
		t, err := layout.Clone()
		if err != nil {
			return nil, err
		}
		if all[path.Base(file)], err = t.ParseFS(templateFiles, file); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// Screen shows a screen in one of [Languages].
func (p *Pages) Screen(lang string, s Screen) ([]byte, error) {
	f := s.frame()
	f.screen, f.view, f.used = s.screen(), *p.views[lang], nil
	f.view.page.key = f.screen.key
	screens, err := p.screens()
	if err != nil {
		return nil, err
	}
	t, ok := screens[f.screen.file]
	if !ok {
		return nil, fmt.Errorf("no template %q", f.screen.file)
	}
	var main, body bytes.Buffer
	if err := t.ExecuteTemplate(&main, "main", s); err != nil {
		return nil, err
	}
	f.main = template.HTML(main.String())
	err = t.ExecuteTemplate(&body, "desk", f)
	return indentation.ReplaceAll(body.Bytes(), []byte("\n")), err
}

// Main is the page within its frame.
func (f *Frame) Main() template.HTML { return f.main }

// Wide reports whether the page takes the width of the desk.
func (f *Frame) Wide() bool { return f.screen.wide }

// Tab is one entry of the bar.
type Tab struct {
	Key, Path string
	Here      bool
}

// Tabs are the parts of the desk for this reader.
func (f *Frame) Tabs() []Tab {
	all := []Tab{{Key: "desk.secrets", Path: "/secrets"}}
	if f.Reader.Org != "" {
		all = append(all, Tab{Key: "desk.organization", Path: "/organization"})
	}
	if f.Reader.Operator {
		all = append(all, Tab{Key: "desk.instance", Path: "/instance"})
	}
	for i := range all {
		all[i].Here = all[i].Path == f.screen.tab
	}
	return all
}

// Home is where the part of the desk begins that the page belongs to.
func (f *Frame) Home() string { return cmp.Or(f.screen.tab, "/secrets") }

// Said is the sentence of what was done just before, "" for nothing.
func (f *Frame) Said() (string, error) {
	if f.Done == nil {
		return "", nil
	}
	key := "done." + f.Done.Key
	if f.words[key].forms != nil {
		return f.N(key, f.Done.N)
	}
	return f.T(key)
}

// CanSay reports whether there is a sentence for what was done.
func (p *Pages) CanSay(done string) bool {
	_, ok := p.views[defaultLanguage].words["done."+done]
	return ok
}

// N is a sentence that counts, in the form that its language has for n; it is
// the sentence's {n}.
func (f *Frame) N(key string, n int, pairs ...string) (string, error) {
	forms := f.words[key].forms
	if forms == nil {
		return "", fmt.Errorf("no sentence %q that counts", key)
	}
	text, ok := forms[formNames[plural.Cardinal.MatchPlural(language.MustParse(f.Lang), n, 0, 0, 0, 0)]]
	if !ok {
		text = forms["other"]
	}
	return fill(text, append(pairs, "n", strconv.Itoa(n))...), nil
}

// formNames are the plural forms as Intl.PluralRules and the catalogs name them.
var formNames = map[plural.Form]string{
	plural.Other: "other", plural.Zero: "zero", plural.One: "one", plural.Two: "two", plural.Few: "few", plural.Many: "many",
}

// When is an instant. Scripts put it into the reader's zone; without them it
// stays in UTC, and says so.
func (f *Frame) When(t time.Time) template.HTML {
	t = t.UTC()
	return template.HTML(`<time datetime="` + t.Format(time.RFC3339) + `">` + t.Format("2006-01-02 15:04") + ` UTC</time>`)
}

// Icon is one icon beside a word. The page carries those that it asks for.
func (f *Frame) Icon(name string) (template.HTML, error) {
	if err := f.use(name); err != nil {
		return "", err
	}
	return f.view.Icon(name), nil
}

// Drawing is where <use> finds one of the sprite's drawings.
func (f *Frame) Drawing(name string) (string, error) { return "#i-" + name, f.use(name) }

func (f *Frame) use(name string) error {
	if _, ok := f.icons[name]; !ok {
		return fmt.Errorf("no icon %q", name)
	}
	if !slices.Contains(f.used, name) {
		f.used = append(f.used, name)
	}
	return nil
}

// Sprite is the icons that were asked for. It stands at the end of the page.
func (f *Frame) Sprite() template.HTML {
	var b strings.Builder
	for _, name := range f.used {
		b.WriteString(string(f.icons[name]))
	}
	return template.HTML(b.String())
}
