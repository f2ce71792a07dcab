package web

import (
	"net/http"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/text/language"

	"letterlock"
	"letterlock/ui"
)

// document is the handler of a static page: the same bytes for everyone, per
// language.
func document(page ui.Page) handler {
	return func(s *Server, c *call) error {
		s.writeDocument(c.w, c.r, page, http.StatusOK)
		return nil
	}
}

func (s *Server) writeDocument(w http.ResponseWriter, r *http.Request, page ui.Page, status int) {
	h := w.Header()
	s.header.set(h)
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Vary", "Accept-Encoding, Accept-Language, Cookie")
	d := s.pages.Document(page, languageOf(r))
	send(w, r, status, d.Body, d.Brotli, d.Gzip)
}

// send writes the smallest encoding that the client takes; nil is none.
func send(w http.ResponseWriter, r *http.Request, status int, plain []byte, brotli, gzip func() []byte) {
	h := w.Header()
	body := plain
	switch accepted := r.Header.Get("Accept-Encoding"); {
	case brotli != nil && accepts(accepted, "br"):
		body = brotli()
		h.Set("Content-Encoding", "br")
	case gzip != nil && accepts(accepted, "gzip"):
		body = gzip()
		h.Set("Content-Encoding", "gzip")
	}
	h.Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(status)
	if r.Method != http.MethodHead {
		w.Write(body)
	}
}

// accepts reports whether an Accept-Encoding names a coding without refusing it,
// with a weight of zero.
func accepts(header, coding string) bool {
	for part := range strings.SplitSeq(header, ",") {
		name, parameter, weighted := strings.Cut(part, ";")
		if !strings.EqualFold(strings.TrimSpace(name), coding) {
			continue
		}
		_, weight, _ := strings.Cut(parameter, "=")
		q, err := strconv.ParseFloat(strings.TrimSpace(weight), 64)
		return !weighted || err == nil && q > 0
	}
	return false
}

var (
	languages = ui.Languages()
	matcher   = language.NewMatcher(tags(languages))
)

func tags(names []string) []language.Tag {
	all := make([]language.Tag, len(names))
	for i, name := range names {
		all[i] = language.MustParse(name)
	}
	return all
}

// languageOf is one of our languages: chosen, or the browser's.
func languageOf(r *http.Request) string {
	if lang, ok := chosenLanguage(r); ok {
		return lang
	}
	preferred, _, err := language.ParseAcceptLanguage(r.Header.Get("Accept-Language"))
	if err != nil {
		return languages[0]
	}
	_, i, _ := matcher.Match(preferred...)
	return languages[i]
}

// chosenLanguage is the language asked for in the address, or chosen before and
// kept in a cookie that scripts set, and whether there is one.
func chosenLanguage(r *http.Request) (string, bool) {
	asked := r.URL.Query().Get("lang")
	if c, err := r.Cookie("lang"); err == nil && asked == "" {
		asked = c.Value
	}
	return asked, isLanguage(asked)
}

func isLanguage(name string) bool { return slices.Contains(languages, name) }

// assets are the files of the user interface by their name, which changes with
// their content.
func assets() map[string]ui.Asset {
	all := map[string]ui.Asset{}
	for _, a := range ui.Assets() {
		all[strings.TrimPrefix(a.Path, "/assets/")] = a
	}
	return all
}

func (s *Server) getAsset(c *call) error {
	a, ok := s.assets[c.r.PathValue("name")]
	if !ok {
		return letterlock.ErrNotFound
	}
	h := c.w.Header()
	s.files.set(h)
	h.Set("Content-Type", a.Type)
	h.Set("Vary", "Accept-Encoding")
	delete(h, "X-Request-Id") // files are no work that anyone asks about
	switch {
	case a.CSP != "":
		newWorkerHeader(a.CSP).set(h)
	case a.Type == "image/svg+xml":
		h["Content-Security-Policy"] = drawingPolicy
	}
	send(c.w, c.r, http.StatusOK, a.Body, func() []byte { return a.Brotli }, func() []byte { return a.Gzip })
	return nil
}

// getRobots keeps crawlers out of everything but the first page.
func (s *Server) getRobots(c *call) error {
	s.header.set(c.w.Header())
	c.w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	send(c.w, c.r, http.StatusOK, []byte("User-agent: *\nDisallow: "+s.config.Base+"/s/\nDisallow: "+s.config.Base+"/api/\n"), nil, nil)
	return nil
}
