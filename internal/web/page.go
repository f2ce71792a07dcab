package web

import (
	"net/http"
	"strconv"
	"strings"

	"golang.org/x/text/language"

	"letterlock"
	"letterlock/ui"
)

// document is the handler of a static page: the same bytes for everyone, per
// language.
func document(page ui.Page) handler {
	return func(s *Server, w http.ResponseWriter, r *http.Request) error {
		s.writeDocument(w, r, page, http.StatusOK)
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

// accepts reports whether an Accept-Encoding names a coding without refusing it.
func accepts(header, coding string) bool {
	for part := range strings.SplitSeq(header, ",") {
		name, weight, _ := strings.Cut(strings.TrimSpace(part), ";")
		if strings.TrimSpace(name) != coding {
			continue
		}
		weight = strings.ReplaceAll(weight, " ", "")
		return weight != "q=0" && !strings.HasPrefix(weight, "q=0.000")
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

// languageOf is one of our languages: asked for in the address, chosen before
// and kept in a cookie that scripts set, or the browser's.
func languageOf(r *http.Request) string {
	asked := r.URL.Query().Get("lang")
	if c, err := r.Cookie("lang"); err == nil && asked == "" {
		asked = c.Value
	}
	for _, name := range languages {
		if asked == name {
			return name
		}
	}
	preferred, _, err := language.ParseAcceptLanguage(r.Header.Get("Accept-Language"))
	if err != nil {
		return languages[0]
	}
	_, i, _ := matcher.Match(preferred...)
	return languages[i]
}

// assets are the files of the user interface by their name, which changes with
// their content.
func assets() map[string]ui.Asset {
	all := map[string]ui.Asset{}
	for _, a := range ui.Assets() {
		all[strings.TrimPrefix(a.Path, "/assets/")] = a
	}
	return all
}

func (s *Server) getAsset(w http.ResponseWriter, r *http.Request) error {
	a, ok := s.assets[r.PathValue("name")]
	if !ok {
		return letterlock.ErrNotFound
	}
	h := w.Header()
	s.files.set(h)
	h.Set("Content-Type", a.Type)
	h.Set("Vary", "Accept-Encoding")
	if a.CSP != "" {
		newWorkerHeader(a.CSP).set(h)
	}
	send(w, r, http.StatusOK, a.Body, func() []byte { return a.Brotli }, func() []byte { return a.Gzip })
	return nil
}

// getRobots keeps crawlers out of everything but the first page.
func (s *Server) getRobots(w http.ResponseWriter, r *http.Request) error {
	s.header.set(w.Header())
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	send(w, r, http.StatusOK, []byte("User-agent: *\nDisallow: "+s.config.Base+"/s/\nDisallow: "+s.config.Base+"/api/\n"), nil, nil)
	return nil
}

// getLive says that the process runs.
func (s *Server) getLive(w http.ResponseWriter, r *http.Request) error { return s.ok(w, r) }

// getReady says that secrets can be shared and opened: the database takes
// transactions.
func (s *Server) getReady(w http.ResponseWriter, r *http.Request) error {
	if err := s.service.Ready(r.Context()); err != nil {
		return err
	}
	return s.ok(w, r)
}

func (s *Server) ok(w http.ResponseWriter, r *http.Request) error {
	s.header.set(w.Header())
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	send(w, r, http.StatusOK, []byte("ok\n"), nil, nil)
	return nil
}
