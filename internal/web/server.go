// Package web speaks HTTP: it decodes strictly, calls one verb of the service,
// and encodes the answer. The whole URL space is in routes.go, every error's
// answer in error.go.
package web

import (
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"log/slog"
	"net/http"
	"net/netip"
	"path"
	"runtime/debug"
	"strings"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"letterlock"
	"letterlock/internal/service"
	"letterlock/ui"
)

// Config is what an operator decides about the HTTP side.
type Config struct {
	Base           string         // path prefix, "" or like "/share"
	Origin         string         // of the public address, like "https://share.example.org"; "" if none is configured
	TrustedProxies []netip.Prefix // whose X-Forwarded-For is believed
	RateLimit      bool           // per-address limits; those that guard secrets have no switch
	AccessLog      bool           // one line for each request
	Log            *slog.Logger
}

// Server answers everything under the instance's address.
type Server struct {
	config  Config
	service *service.Service
	pages   *ui.Pages
	assets  map[string]ui.Asset
	limiter *limiter    // nil: no limits
	header  headerLines // of documents
	files   headerLines // of assets
	desk    headerLines // of pages made for one reader
	handler http.Handler

	readiness readiness
	warnProxy sync.Once
	sayFull   rate.Sometimes
}

// New is a server for a service, showing these pages.
func New(config Config, svc *service.Service, pages *ui.Pages) *Server {
	s := &Server{config: config, service: svc, pages: pages, assets: assets(), header: newDocumentHeader(), files: newAssetHeader(), desk: newDeskHeader()}
	s.sayFull.Interval = time.Minute
	if config.RateLimit {
		s.limiter = newLimiter(time.Now)
	}
	mux := http.NewServeMux()
	all := resources()
	for path, res := range all {
		mux.Handle(config.Base+path, s.serve(res))
	}
	mux.HandleFunc("/", s.nothingHere)
	// These two the mux would redirect to the same with a slash.
	mux.HandleFunc(config.Base+"/s", s.nothingHere)
	if config.Base != "" {
		mux.Handle(config.Base, s.serve(all["/{$}"]))
		// Those who run the process ask it directly, without the prefix.
		for _, probe := range []string{"/livez", "/readyz"} {
			mux.Handle(probe, s.serve(all[probe]))
		}
	}

	crossOrigin := http.NewCrossOriginProtection()
	if config.Origin != "" { // a proxy in front may change the Host header
		if err := crossOrigin.AddTrustedOrigin(config.Origin); err != nil {
			panic(err) // not an origin: a defect of the caller
		}
	}
	crossOrigin.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.fail(w, r, letterlock.ErrCrossOrigin)
	}))
	s.handler = s.outermost(canonical(crossOrigin.Handler(mux), s))
	return s
}

// ServeHTTP answers one request.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.handler.ServeHTTP(w, r) }

// outermost names the request, survives a panic and writes the access log.
func (s *Server) outermost(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header()["X-Request-Id"] = []string{requestID()}
		if strings.HasPrefix(s.config.Origin, "https:") {
			w.Header()["Strict-Transport-Security"] = strictTransport
		}
		if s.config.AccessLog {
			logged := &loggedWriter{ResponseWriter: w, status: http.StatusOK}
			defer s.logAccess(logged, r, time.Now())
			w = logged
		}
		defer func() {
			p := recover()
			if p == nil {
				return
			}
			if p == http.ErrAbortHandler {
				panic(p)
			}
			s.fail(w, r, fmt.Errorf("panic: %v\n%s", p, debug.Stack()))
		}()
		next.ServeHTTP(w, r)
	})
}

// canonical answers paths that are not written in the one clean way, before the
// mux would redirect them: a redirect repeats what was asked.
func canonical(next http.Handler, s *Server) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p := r.URL.EscapedPath()
		clean := path.Clean(p)
		if strings.HasSuffix(p, "/") && clean != "/" {
			clean += "/"
		}
		switch {
		case r.Method == http.MethodConnect:
			s.fail(w, r, letterlock.ErrMethod)
		case p == "*" && r.Method == http.MethodOptions: // the server as a whole
			w.Header().Set("Allow", allowAnywhere())
			s.options(w, r)
		case p == "": // of "GET http://host", which means its root
			r.URL.Path = "/"
			next.ServeHTTP(w, r)
		case p == clean && p != "*":
			next.ServeHTTP(w, r)
		case strings.HasPrefix(p, s.config.Base+"/s/"):
			r.URL.Path, r.URL.RawPath = s.config.Base+"/s/", ""
			next.ServeHTTP(w, r)
		default:
			s.fail(w, r, letterlock.ErrNotFound)
		}
	})
}

// serve answers one path: the method's route, within its limit.
func (s *Server) serve(res *resource) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		rt, ok := res.find(r.Method)
		if !ok {
			w.Header().Set("Allow", res.allow)
			if r.Method == http.MethodOptions {
				s.options(w, r)
				return
			}
			s.fail(w, r, letterlock.ErrMethod)
			return
		}
		if err := s.answer(res, rt, w, r); err != nil {
			s.fail(w, r, err)
		}
	})
}

// options tells the methods of a path, which the Allow header has.
func (s *Server) options(w http.ResponseWriter, r *http.Request) {
	if s.isAPI(r) {
		setAPIHeader(w.Header())
	} else {
		s.header.set(w.Header())
	}
	w.WriteHeader(http.StatusNoContent)
}

// answer answers a request by its route, within the client's limits.
func (s *Server) answer(res *resource, rt route, w http.ResponseWriter, r *http.Request) error {
	if s.limiter == nil || rt.limit == unlimited {
		return s.handle(res, rt, w, r)
	}
	client := s.client(r)
	if err := s.limiter.allow(client, rt.limit); err != nil {
		return err
	}
	err := s.handle(res, rt, w, r)
	s.limiter.note(client, rt.limit, err)
	return err
}

func (s *Server) handle(res *resource, rt route, w http.ResponseWriter, r *http.Request) error {
	c, err := s.begin(res, rt, w, r)
	if err != nil {
		return err
	}
	return rt.handle(s, c)
}

// nothingHere is the answer outside the routes.
func (s *Server) nothingHere(w http.ResponseWriter, r *http.Request) {
	s.fail(w, r, letterlock.ErrNotFound)
}

// isAPI reports whether errors of this request are problem documents; all
// others are pages.
func (s *Server) isAPI(r *http.Request) bool {
	p, ok := strings.CutPrefix(r.URL.Path, s.config.Base)
	return ok && (strings.HasPrefix(p, "/api/") || p == "/api")
}

func requestID() string {
	var b [8]byte
	rand.Read(b[:])
	return hex.EncodeToString(b[:])
}

// loggedWriter remembers what the access log says of an answer.
type loggedWriter struct {
	http.ResponseWriter
	status int
	bytes  int64
}

func (w *loggedWriter) WriteHeader(status int) {
	w.status = status
	w.ResponseWriter.WriteHeader(status)
}

func (w *loggedWriter) Write(b []byte) (int, error) {
	n, err := w.ResponseWriter.Write(b)
	w.bytes += int64(n)
	return n, err
}

func (w *loggedWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// logAccess writes the pattern of the route, never the path: an id, or a key
// that a mail program moved into the path, has no place in a log.
func (s *Server) logAccess(w *loggedWriter, r *http.Request, began time.Time) {
	s.config.Log.Info("request",
		"id", w.Header().Get("X-Request-Id"),
		"method", knownMethod(r.Method),
		"route", r.Pattern,
		"status", w.status,
		"bytes", w.bytes,
		"seconds", time.Since(began).Seconds(),
		"client", networkOf(s.client(r)).String())
}

// knownMethod keeps what a client invents out of the log.
func knownMethod(m string) string {
	switch m {
	case "GET", "HEAD", "POST", "PATCH", "DELETE", "PUT", "OPTIONS", "TRACE", "CONNECT":
		return m
	}
	return "other"
}
