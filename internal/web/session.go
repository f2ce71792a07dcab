package web

import (
	"errors"
	"net/http"
	"strings"

	"letterlock"
	"letterlock/api"
)

// visitor is who asks, by the cookie of a session if there is one. A session
// that is over is forgotten, and its cookie with it. Without a cookie nothing is
// looked up.
func (s *Server) visitor(w http.ResponseWriter, r *http.Request) (letterlock.Caller, error) {
	c := letterlock.Caller{Net: letterlock.NetOf(s.client(r))}
	cookie, sent := s.sessionCookie(r)
	if !sent {
		return c, nil
	}
	known, err := s.service.SessionCaller(r.Context(), c, cookie)
	if errors.Is(err, letterlock.ErrUnauthorized) {
		s.clearSession(w)
		return c, nil
	}
	return known, err
}

// programOrVisitor is who asks, by an API token or, without one, as a visitor. A
// token that is not valid is refused rather than ignored. What a proxy in front
// asks for in another scheme is its own affair.
func (s *Server) programOrVisitor(w http.ResponseWriter, r *http.Request) (letterlock.Caller, error) {
	given := r.Header["Authorization"]
	if len(given) == 0 {
		return s.visitor(w, r)
	}
	scheme, text, _ := strings.Cut(given[0], " ")
	switch {
	case len(given) > 1:
		return letterlock.Caller{}, letterlock.ErrUnauthorized
	case !strings.EqualFold(scheme, "bearer"):
		return s.visitor(w, r)
	}
	token, err := letterlock.ParseToken(text)
	if err != nil {
		return letterlock.Caller{}, err
	}
	return s.service.TokenCaller(r.Context(), letterlock.Caller{Net: letterlock.NetOf(s.client(r))}, token)
}

// secureCookies reports whether cookies are bound to https and to this very
// host: where the public address is https.
func (s *Server) secureCookies() bool { return strings.HasPrefix(s.config.Origin, "https:") }

// sessionName is the cookie's. Browsers take one with the prefix from this host
// only, over https, for all of its paths.
func (s *Server) sessionName() string {
	if s.secureCookies() {
		return "__Host-session"
	}
	return "session"
}

// sessionCookie is what the cookie of a session holds, and whether there is one.
// What cannot be one opens nothing, as a wrong one.
func (s *Server) sessionCookie(r *http.Request) (letterlock.Proof, bool) {
	if r.Header["Cookie"] == nil {
		return nil, false
	}
	c, err := r.Cookie(s.sessionName())
	if err != nil {
		return nil, false
	}
	b, err := api.ParseBytes(c.Value)
	if err != nil {
		return nil, true
	}
	return letterlock.Proof(b), true
}

// setSession has the browser send what opens a session, as long as one can
// live.
func (s *Server) setSession(w http.ResponseWriter, cookie letterlock.Proof) {
	s.writeSession(w, api.Bytes(cookie).String(), int(letterlock.SessionLife.Seconds()))
}

// clearSession has the browser forget it.
func (s *Server) clearSession(w http.ResponseWriter) { s.writeSession(w, "", -1) }

func (s *Server) writeSession(w http.ResponseWriter, value string, maxAge int) {
	path := "/"
	if s.config.Base != "" && !s.secureCookies() {
		path = s.config.Base
	}
	// The last one counts: one that is over may have been cleared before.
	w.Header().Del("Set-Cookie")
	http.SetCookie(w, &http.Cookie{
		Name:     s.sessionName(),
		Value:    value,
		Path:     path,
		MaxAge:   maxAge,
		Secure:   s.secureCookies(),
		HttpOnly: true,
		SameSite: http.SameSiteLaxMode,
	})
}

// browsers and systems by what they write into User-Agent, those first that
// also write what others do.
var (
	browsers = []labelled{
		{"Edg", "Edge"}, {"OPR/", "Opera"}, {"SamsungBrowser/", "Samsung Internet"}, {"Firefox/", "Firefox"}, {"FxiOS/", "Firefox"},
		{"CriOS/", "Chrome"}, {"Chrome/", "Chrome"}, {"Safari/", "Safari"}, {"curl/", "curl"},
	}
	systems = []labelled{
		{"iPhone", "iOS"}, {"iPad", "iOS"}, {"Android", "Android"}, {"CrOS", "ChromeOS"}, {"Windows", "Windows"}, {"Mac OS X", "macOS"}, {"Linux", "Linux"},
	}
)

type labelled struct{ mark, name string }

// browserOf is what lists and mails call a browser, like "Firefox on Linux".
// Nothing of what was sent is repeated.
func browserOf(r *http.Request) string {
	agent := r.Header.Get("User-Agent")
	browser, system := labelOf(browsers, agent), labelOf(systems, agent)
	if browser != "" && system != "" {
		return browser + " on " + system
	}
	return browser + system
}

func labelOf(all []labelled, agent string) string {
	for _, l := range all {
		if strings.Contains(agent, l.mark) {
			return l.name
		}
	}
	return ""
}
