// Package ui is everything people see: documents, styles, scripts and
// sentences. Documents are rendered once per language when an instance starts
// and are the same bytes for everyone; scripts do the rest.
package ui

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"html/template"
	"io"
	"io/fs"
	"path"
	"regexp"
	"strings"
	"sync"
	"time"

	"github.com/andybalholm/brotli"
	"github.com/go-json-experiment/json"
)

//go:embed dist
var distFiles embed.FS

//go:embed templates
var templateFiles embed.FS

// Site is what the operator decided and the documents show.
type Site struct {
	Name        string        // of the instance
	Base        string        // path prefix, "" or like "/share"
	URL         string        // public address without a slash at its end; "" if none is configured
	MaxLifetime time.Duration // the longest the form offers
}

// Page names a document.
type Page int

// The documents. The last five answer errors outside the API.
const (
	PageCreate Page = iota
	PageShare       // the create page of who has signed in
	PageOpen
	PageBack // where signing in leads from the opening page
	PageHow
	PageNotFound
	PageNotAllowed
	PageBusy
	PageError
	PageSetUpFirst
	pageCount
)

// page is how a document is made.
type page struct {
	file   string
	key    string   // of its title and words in the catalog
	script string   // of dist
	icons  []string // of the sprite
	words  []string // prefixes of the sentences its script gets
}

var barIcons = []string{"mark", "shade", "globe"}

var pages = [pageCount]page{
	PageCreate: {"create.html", "create", "create.js",
		[]string{"lock", "down", "eye", "alert", "seal", "copy", "mail", "plus", "bin", "sealed", "opened", "spent", "clock", "close", "key"},
		[]string{"create.js.", "result.js.", "recent.js.", "js."}},
	PageShare: {"create.html", "share", "share.js",
		[]string{"lock", "down", "eye", "alert", "seal", "copy", "mail", "plus", "bin", "sealed", "people"},
		[]string{"create.js.", "result.js.", "share.js.", "recent.js.deleting", "recent.js.delete_failed", "js."}},
	PageOpen: {"open.html", "open", "open.js",
		[]string{"lock", "eye", "alert", "seal", "seal-broken", "copy", "save", "check"},
		[]string{"open.js.", "opened.js.", "ended.js.", "js."}},
	PageBack:       {"back.html", "back", "page.js", nil, []string{"js."}},
	PageHow:        {"how.html", "how", "page.js", nil, []string{"js."}},
	PageNotFound:   {"message.html", "error.not_found", "page.js", []string{"seal-broken"}, []string{"js."}},
	PageNotAllowed: {"message.html", "error.not_allowed", "page.js", []string{"seal-broken"}, []string{"js."}},
	PageBusy:       {"message.html", "error.busy", "page.js", []string{"seal-broken"}, []string{"js."}},
	PageError:      {"message.html", "error.failed", "page.js", []string{"seal-broken"}, []string{"js."}},
	PageSetUpFirst: {"message.html", "error.set_up_first", "page.js", []string{"seal-broken"}, []string{"js."}},
}

// Document is a page as it is sent. Its compressed forms are made once, when
// somebody first asks for one: the smallest take longer than a start should.
type Document struct {
	Body         []byte
	Brotli, Gzip func() []byte
}

// Pages are all documents of an instance in all languages.
type Pages struct {
	documents map[string][pageCount]*Document
	screens   func() (map[string]*template.Template, error) // by file; read when somebody signs in
	views     map[string]*view                              // what screens begin with, by language
}

// Document is a page in one of [Languages].
func (p *Pages) Document(page Page, lang string) *Document { return p.documents[lang][page] }

// Render makes every document once.
func Render(site Site) (*Pages, error) {
	p := &Pages{documents: map[string][pageCount]*Document{}, screens: sync.OnceValues(loadScreens), views: map[string]*view{}}
	layout, err := template.New("").Funcs(template.FuncMap{"list": func(s ...string) []string { return s }}).
		Option("missingkey=error").ParseFS(templateFiles, "templates/layout.html")
	if err != nil {
		return nil, err
	}
	icons, err := loadIcons()
	if err != nil {
		return nil, err
	}
	assets := Assets()
	for _, lang := range Languages() {
		words, err := loadCatalog(lang)
		if err != nil {
			return nil, err
		}
		var all [pageCount]*Document
		for i := range pages {
			v := &view{Site: site, Lang: lang, page: pages[i], words: words, icons: icons, assets: assets}
			if all[i], err = v.render(layout); err != nil {
				return nil, fmt.Errorf("page %s in %s: %w", pages[i].key, lang, err)
			}
		}
		p.documents[lang] = all
		p.views[lang] = &view{Site: site, Lang: lang, page: page{script: "desk.js", words: []string{"js.", "desk.js."}}, words: words, icons: icons, assets: assets}
	}
	return p, nil
}

// view is what a template sees.
type view struct {
	Site
	Lang  string
	page  page
	words catalog

	icons  map[string]template.HTML
	assets []Asset
}

func (v *view) render(layout *template.Template) (*Document, error) {
	t, err := layout.Clone()
	if err != nil {
		return nil, err
	}
	if t, err = t.ParseFS(templateFiles, "templates/"+v.page.file); err != nil {
		return nil, err
	}
	var body bytes.Buffer
	if err := t.ExecuteTemplate(&body, "layout", v); err != nil {
		return nil, err
	}
	return newDocument(indentation.ReplaceAll(body.Bytes(), []byte("\n"))), nil
}

// indentation of templates is for those who edit them.
var indentation = regexp.MustCompile(`\n\s+`)

func newDocument(body []byte) *Document {
	return &Document{
		Body: body,
		Brotli: sync.OnceValue(func() []byte {
			// The window holds any document; a larger one would cost megabytes.
			return compress(body, func(w io.Writer) io.WriteCloser {
				return brotli.NewWriterOptions(w, brotli.WriterOptions{Quality: brotli.BestCompression, LGWin: 16})
			})
		}),
		Gzip: sync.OnceValue(func() []byte {
			return compress(body, func(w io.Writer) io.WriteCloser { return gzip.NewWriter(w) })
		}),
	}
}

func compress(body []byte, with func(io.Writer) io.WriteCloser) []byte {
	var out bytes.Buffer
	w := with(&out)
	w.Write(body)
	w.Close()
	return out.Bytes()
}

// T is a sentence in the document's language.
func (v *view) T(key string, pairs ...string) (string, error) { return v.words.text(key, pairs...) }

// P is a sentence of the page's own.
func (v *view) P(key string) (string, error) { return v.words.text(v.page.key + "." + key) }

// Title of the document. It never says anything about a secret.
func (v *view) Title() (string, error) {
	title, err := v.P("title")
	return title + " · " + v.Name, err
}

// Words is what the page's script says, as JSON.
func (v *view) Words() (string, error) {
	b, err := json.Marshal(v.words.under(v.page.words), json.Deterministic(true))
	return string(b), err
}

// Sprite is the icons that the page uses.
func (v *view) Sprite() (template.HTML, error) {
	var b strings.Builder
	for _, name := range append(barIcons, v.page.icons...) {
		symbol, ok := v.icons[name]
		if !ok {
			return "", fmt.Errorf("no icon %q", name)
		}
		b.WriteString(string(symbol))
	}
	return template.HTML(b.String()), nil
}

// Icon is one icon beside a word.
func (v *view) Icon(name string) template.HTML {
	return template.HTML(`<svg class="icon" aria-hidden="true"><use href="#i-` + template.HTMLEscapeString(name) + `"/></svg>`)
}

// SignedIn reports whether the page is for those who have signed in. It is the
// same for all of them: who they are is for its script to ask.
func (v *view) SignedIn() bool { return v.page.script == "share.js" }

// ForReaders reports whether the page is for whoever got a link: they need no
// account, and should not leave.
func (v *view) ForReaders() bool { return v.page.script == "open.js" }

// Script is the page's own script.
func (v *view) Script() (*File, error) { return v.Asset(v.page.script) }

// Asset is a file of dist with its address under this instance.
func (v *view) Asset(name string) (*File, error) {
	for _, a := range v.assets {
		if a.name == name {
			return &File{URL: v.Base + a.Path, Integrity: a.integrity}, nil
		}
	}
	return nil, fmt.Errorf("no asset %q", name)
}

// File is where a browser gets an asset and how it checks it.
type File struct{ URL, Integrity string }

// Others are the languages besides this one.
func (v *view) Others() []Language {
	var others []Language
	for _, lang := range Languages() {
		if lang != v.Lang {
			others = append(others, Language{lang, languageNames[lang]})
		}
	}
	return others
}

// Language is one entry of the language menu.
type Language struct{ Code, Name string }

// Language is the name of the document's language in itself.
func (v *view) Language() string { return languageNames[v.Lang] }

var languageNames = map[string]string{"en": "English", "de": "Deutsch"}

// Lifetimes are the choices of the form within what the instance allows.
func (v *view) Lifetimes() []Lifetime {
	var all []Lifetime
	for _, l := range lifetimes {
		if time.Duration(l.Seconds)*time.Second <= v.MaxLifetime {
			all = append(all, l)
		}
	}
	return all
}

// DefaultLifetime is the one chosen at first: a day, or the longest if that is
// shorter.
func (v *view) DefaultLifetime() int64 {
	all := v.Lifetimes()
	for _, l := range all {
		if l.Seconds == 24*60*60 {
			return l.Seconds
		}
	}
	return all[len(all)-1].Seconds
}

// MaxSeconds is the longest lifetime in seconds.
func (v *view) MaxSeconds() int64 { return int64(v.MaxLifetime / time.Second) }

// Lifetime is one choice of "Expires in".
type Lifetime struct {
	Seconds int64
	Key     string
}

var lifetimes = []Lifetime{
	{5 * 60, "create.5m"}, {30 * 60, "create.30m"}, {60 * 60, "create.1h"}, {24 * 60 * 60, "create.1d"},
	{7 * 24 * 60 * 60, "create.7d"}, {14 * 24 * 60 * 60, "create.14d"}, {30 * 24 * 60 * 60, "create.30d"},
}

// Asset is a file of dist as it is served: under a name that changes with its
// content.
type Asset struct {
	Path string // under the instance's base path
	Type string
	CSP  string // its own policy where it has one

	Body, Brotli, Gzip []byte

	name, integrity string
}

// workerPolicy lets the worker compile WebAssembly, and do nothing else.
const workerPolicy = "default-src 'none'; script-src 'wasm-unsafe-eval'"

var mediaTypes = map[string]string{
	".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml", // UTF-8, as the document that asks
}

// Assets lists every file of dist. They are read once; nobody may change them.
func Assets() []Asset { return allAssets() }

var allAssets = sync.OnceValue(func() []Asset {
	names, err := fs.Glob(distFiles, "dist/*")
	if err != nil {
		panic(err) // only for a malformed pattern
	}
	var all []Asset
	for _, name := range names {
		ext := path.Ext(name)
		if mediaTypes[ext] == "" {
			continue // the compressed forms
		}
		a := Asset{name: path.Base(name), Type: mediaTypes[ext], Body: dist(name), Brotli: dist(name + ".br"), Gzip: dist(name + ".gz")}
		sum := sha256.Sum256(a.Body)
		a.integrity = "sha256-" + base64.StdEncoding.EncodeToString(sum[:])
		a.Path = "/assets/" + strings.TrimSuffix(a.name, ext) + "." + hex.EncodeToString(sum[:6]) + ext
		if a.name == "kdf-worker.js" {
			a.CSP = workerPolicy
		}
		all = append(all, a)
	}
	return all
})

func dist(name string) []byte {
	b, err := distFiles.ReadFile(name)
	if err != nil {
		panic(err) // embedded: there or not when it is built
	}
	return b
}

var symbol = regexp.MustCompile(`<symbol id="i-([a-z-]+)".*</symbol>`)

func loadIcons() (map[string]template.HTML, error) {
	text, err := templateFiles.ReadFile("templates/icons.svg")
	if err != nil {
		return nil, err
	}
	icons := map[string]template.HTML{}
	for _, m := range symbol.FindAllSubmatch(text, -1) {
		icons[string(m[1])] = template.HTML(m[0])
	}
	return icons, nil
}
