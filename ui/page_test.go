package ui

import (
	"bytes"
	"encoding/xml"
	"io"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

var testSite = Site{Name: "Letterlock", Base: "/share", URL: "https://secrets.example.org/share", MaxLifetime: 30 * 24 * time.Hour}

// eachDocument runs f for every page in every language.
func eachDocument(t *testing.T, f func(t *testing.T, page page, d *document)) {
	t.Helper()
	rendered, err := Render(testSite)
	if err != nil {
		t.Fatalf("Render: %v", err)
	}
	for _, lang := range Languages() {
		for i, p := range pages {
			t.Run(lang+"/"+p.key, func(t *testing.T) {
				sent := rendered.Document(Page(i), lang)
				f(t, p, &document{Document: sent, lang: lang, elements: parse(t, sent.Body)})
			})
		}
	}
}

// eachPage runs f for every document and every screen.
func eachPage(t *testing.T, f func(t *testing.T, d *document)) {
	t.Helper()
	eachDocument(t, func(t *testing.T, _ page, d *document) { f(t, d) })
	eachScreen(t, f)
}

// document is a page with its elements in order.
type document struct {
	*Document
	lang     string
	elements []*element
}

type element struct {
	name string
	attr map[string]string
	text string // of it and what is in it
	in   *element
}

// void elements have no end.
var void = map[string]bool{"meta": true, "link": true, "input": true, "br": true, "img": true}

// parse reads a document strictly: what is opened is closed, in order.
func parse(t *testing.T, body []byte) []*element {
	t.Helper()
	d := xml.NewDecoder(bytes.NewReader(body))
	d.Strict = false // attributes without a value
	var all, open []*element
	for {
		token, err := d.RawToken() // Token would close by itself what is not closed
		if err == io.EOF && len(open) == 0 {
			return all
		}
		if err != nil {
			t.Fatalf("parse the document: %v", err)
		}
		switch token := token.(type) {
		case xml.StartElement:
			e := &element{name: token.Name.Local, attr: map[string]string{}}
			for _, a := range token.Attr {
				e.attr[a.Name.Local] = a.Value
			}
			if len(open) > 0 {
				e.in = open[len(open)-1]
			}
			if all = append(all, e); !void[e.name] {
				open = append(open, e)
			}
		case xml.EndElement:
			if len(open) == 0 || open[len(open)-1].name != token.Name.Local {
				t.Fatalf("</%s> closes what is not open", token.Name.Local)
			}
			open = open[:len(open)-1]
		case xml.CharData:
			for _, e := range open {
				e.text += string(token)
			}
		}
	}
}

// named are the elements of a name.
func (d *document) named(name string) []*element {
	var found []*element
	for _, e := range d.elements {
		if e.name == name {
			found = append(found, e)
		}
	}
	return found
}

// ids are the elements that have one.
func (d *document) ids(t *testing.T) map[string]*element {
	t.Helper()
	found := map[string]*element{}
	for _, e := range d.elements {
		id, ok := e.attr["id"]
		if !ok {
			continue
		}
		if found[id] != nil {
			t.Errorf("two elements have the id %q", id)
		}
		found[id] = e
	}
	return found
}

func TestDocuments(t *testing.T) {
	eachDocument(t, func(t *testing.T, p page, d *document) {
		if got := d.named("html")[0].attr["lang"]; got != d.lang {
			t.Errorf(`<html lang="%s">, want %q`, got, d.lang)
		}
		words, err := loadCatalog(d.lang)
		if err != nil {
			t.Fatal(err)
		}
		title, err := words.text(p.key + ".title")
		if got, want := d.named("title")[0].text, title+" · Letterlock"; err != nil || got != want {
			t.Errorf("title %q (%v), want %q", got, err, want)
		}
		if br, gz := len(d.Brotli()), len(d.Gzip()); br == 0 || gz == 0 || br > len(d.Body)/2 {
			t.Errorf("%d bytes are %d in Brotli and %d in gzip, want both and less than half", len(d.Body), br, gz)
		}
	})
}

// TestDocumentsReferToWhatIsThere follows every id that one element names of
// another.
func TestDocumentsReferToWhatIsThere(t *testing.T) {
	eachPage(t, func(t *testing.T, d *document) {
		ids := d.ids(t)
		for _, e := range d.elements {
			for _, name := range []string{"for", "aria-describedby", "aria-labelledby", "data-reveals", "data-copies"} {
				for _, id := range strings.Fields(e.attr[name]) {
					if ids[id] == nil {
						t.Errorf("<%s %s=%q>: no element has the id %q", e.name, name, e.attr[name], id)
					}
				}
			}
		}
	})
}

// TestDocumentsHoldNothingInline is what the policy in the header rests on.
func TestDocumentsHoldNothingInline(t *testing.T) {
	eachPage(t, func(t *testing.T, d *document) {
		for _, e := range d.elements {
			if e.name == "style" || e.name == "script" && (e.attr["src"] == "" || e.text != "") {
				t.Errorf("inline <%s>", e.name)
			}
			for name, value := range e.attr {
				if name == "style" || strings.HasPrefix(name, "on") || strings.HasPrefix(strings.ToLower(value), "javascript:") {
					t.Errorf("<%s %s=%q> is inline code or style", e.name, name, value)
				}
			}
		}
	})
}

// address is an attribute that makes a browser ask somebody for something.
var address = regexp.MustCompile(`^(src|srcset|href|action|formaction|poster|data|ping|data-(worker|list|qr))$`)

// ourPages are what pages lead to, besides the first.
const ourPages = `how signin signup verify reset email email/undo invitation signout switch setup setup/general setup/access setup/mail setup/done
	instance account account/sessions account/tokens organization organization/new organization/members/u1 organization/members/u2
	organization/policy organization/brand organization/logo organization/events secrets secrets/new secrets/abcdefghijklmnopqrstuvwxyz`

// TestDocumentsStayHome follows every address: to this instance, under its base
// path, to something that is served.
func TestDocumentsStayHome(t *testing.T) {
	served := map[string]bool{"/share/": true}
	for page := range strings.FieldsSeq(ourPages) {
		served["/share/"+page] = true
	}
	for _, a := range Assets() {
		served[testSite.Base+a.Path] = true
	}
	eachPage(t, func(t *testing.T, d *document) {
		for _, e := range d.elements {
			for name, value := range e.attr {
				if !address.MatchString(name) || strings.HasPrefix(value, "#") || strings.HasPrefix(value, "?") {
					continue
				}
				if page, _, _ := strings.Cut(value, "?"); !served[page] {
					t.Errorf("<%s %s=%q> leads to nothing of ours", e.name, name, value)
				}
			}
		}
	})
}

// TestDocumentsCheckTheirAssets: a browser refuses a script or a style that is
// not the one the document was made with.
func TestDocumentsCheckTheirAssets(t *testing.T) {
	integrity := map[string]string{}
	for _, a := range Assets() {
		integrity[testSite.Base+a.Path] = a.integrity
	}
	eachPage(t, func(t *testing.T, d *document) {
		checked := 0
		check := func(url, got string) {
			checked++
			if want, ok := integrity[url]; !ok || got != want {
				t.Errorf("integrity of %s: %q, want %q", url, got, want)
			}
		}
		for _, e := range d.named("script") {
			check(e.attr["src"], e.attr["integrity"])
		}
		for _, e := range d.named("link") {
			if e.attr["rel"] == "stylesheet" {
				check(e.attr["href"], e.attr["integrity"])
			}
		}
		root := d.named("html")[0].attr
		for _, name := range []string{"data-list", "data-qr"} {
			if root[name] != "" {
				check(root[name], root[name+"-integrity"])
			}
		}
		if checked < 3 {
			t.Errorf("%d scripts and styles, want at least 3", checked)
		}
	})
}

// TestDocumentsNameTheirControls: whoever cannot see a control hears what it
// is.
func TestDocumentsNameTheirControls(t *testing.T) {
	eachPage(t, func(t *testing.T, d *document) {
		labelled := map[string]bool{}
		for _, e := range d.named("label") {
			labelled[e.attr["for"]] = strings.TrimSpace(e.text) != ""
		}
		for _, e := range d.elements {
			named := e.attr["aria-label"] != "" || e.attr["aria-labelledby"] != ""
			switch e.name {
			case "input", "textarea", "select":
				named = named || labelled[e.attr["id"]] || e.attr["type"] == "hidden" || e.in.name == "label" && strings.TrimSpace(e.in.text) != ""
			case "button", "a", "summary":
				// The theme's button says in what theme it is, so a script names it.
				named = named || strings.TrimSpace(e.text) != "" || e.attr["id"] == "theme"
			default:
				continue
			}
			if !named {
				t.Errorf("<%s id=%q class=%q> has no name", e.name, e.attr["id"], e.attr["class"])
			}
		}
	})
}

// TestDocumentsHoldTheIconsTheyUse and no others: they are bytes of every visit.
func TestDocumentsHoldTheIconsTheyUse(t *testing.T) {
	eachDocument(t, func(t *testing.T, p page, d *document) {
		held, used := map[string]bool{}, map[string]bool{}
		for _, name := range scriptIcons[p.script] {
			used[name] = true
		}
		for _, e := range d.elements {
			if e.name == "symbol" {
				held[strings.TrimPrefix(e.attr["id"], "i-")] = true
			}
			if name, ok := strings.CutPrefix(e.attr["href"], "#i-"); ok {
				used[name] = true
			}
		}
		if diff := cmp.Diff(sortedKeys(used), sortedKeys(held)); diff != "" {
			t.Errorf("icons (-used +held):\n%s", diff)
		}
	})
}

// TestWeight bounds what a first visit takes over the wire: the document and
// everything it makes a browser ask for. It is a size, not a time, so a test can
// hold it.
func TestWeight(t *testing.T) {
	limits := map[string]struct{ bytes, requests int }{
		"create": {25_000, 5},
		"open":   {20_000, 5},
	}
	sizes := map[string]int{}
	for _, a := range Assets() {
		sizes[testSite.Base+a.Path] = len(a.Brotli)
	}
	eachDocument(t, func(t *testing.T, p page, d *document) {
		limit, ok := limits[p.key]
		if !ok {
			return
		}
		asked := map[string]bool{}
		for _, e := range slices.Concat(d.named("link"), d.named("script")) {
			asked[e.attr["href"]+e.attr["src"]] = true
		}
		total, requests := len(d.Brotli()), 1+len(asked)
		for url := range maps.Keys(asked) {
			total += sizes[url]
		}
		t.Logf("%d bytes in %d requests, document %d", total, requests, len(d.Brotli()))
		if total > limit.bytes || requests > limit.requests {
			t.Errorf("first visit: %d bytes in %d requests, want at most %d in %d", total, requests, limit.bytes, limit.requests)
		}
	})
}

// TestLifetimes holds the form to what the instance allows.
func TestLifetimes(t *testing.T) {
	const hour, day = 60 * 60, 24 * 60 * 60
	for _, c := range []struct {
		longest      time.Duration
		last, chosen int64
	}{
		{5 * time.Minute, 5 * 60, 5 * 60},
		{90 * time.Minute, hour, hour},
		{24 * time.Hour, day, day},
		{10 * 24 * time.Hour, 7 * day, day},
		{365 * 24 * time.Hour, 30 * day, day},
	} {
		v := &view{Site: Site{MaxLifetime: c.longest}}
		all := v.Lifetimes()
		if last, got := all[len(all)-1].Seconds, v.DefaultLifetime(); last != c.last || got != c.chosen {
			t.Errorf("at most %v: choices end at %d s and %d s is chosen, want %d and %d", c.longest, last, got, c.last, c.chosen)
		}
	}
}
