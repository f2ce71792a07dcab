package web

import (
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"letterlock"
	"letterlock/ui"
)

// maker makes a page for whoever asks. It changes nothing.
type maker func(*Server, *call) (ui.Screen, error)

// elsewhere is the answer where there is nothing to show: where to go instead,
// within this instance.
type elsewhere string

func (e elsewhere) Error() string { return "go to " + string(e) }

// shows is the handler of a page.
func shows(make maker) handler {
	return func(s *Server, c *call) error {
		page, err := make(s, c)
		var to elsewhere
		if errors.As(err, &to) {
			s.redirect(c.w, string(to))
			return nil
		}
		if err != nil {
			return err
		}
		return s.show(c, http.StatusOK, page, nil)
	}
}

// forms are what the forms of a page do, by the name that each sends along as
// "do".
type forms map[string]func(*Server, *call, *filled) (outcome, error)

// outcome is what a form led to: another page, with a sentence on what was done,
// or a page that is shown this once since it holds what is not kept, or another
// answer.
type outcome struct {
	to     string
	done   ui.Done
	once   ui.Screen
	answer func() error
}

// takes is the handler of a page's forms. One that is refused is shown again,
// with what was typed and why.
func takes(make maker, all forms) handler {
	return func(s *Server, c *call) error {
		f, err := readForm(c.r, c.body)
		if err != nil {
			return err
		}
		do, ok := all[f.text("do")]
		if !ok {
			return letterlock.ErrMalformed
		}
		out, err := do(s, c, f)
		if err != nil {
			return s.showAgain(c, make, f, err)
		}
		switch {
		case out.answer != nil:
			return out.answer()
		case out.once != nil:
			return s.show(c, http.StatusOK, out.once, nil)
		}
		s.sayDone(c.w, out.done)
		s.redirect(c.w, out.to)
		return nil
	}
}

// inWords are the refusals that a form's page says itself. All others have pages
// of their own.
var inWords = map[letterlock.Code]bool{
	letterlock.ErrInvalid: true, letterlock.ErrWrongPass: true, letterlock.ErrRateLimited: true, letterlock.ErrForbidden: true,
	letterlock.ErrConflict: true, letterlock.ErrLastOwner: true, letterlock.ErrNotFound: true, letterlock.ErrGone: true, letterlock.ErrUnavailable: true,
}

// showAgain shows a form's page with the form as it came and why it was refused.
func (s *Server) showAgain(c *call, make maker, f *filled, refused error) error {
	code := codeOf(refused)
	if !inWords[code] {
		return refused
	}
	page, err := make(s, c)
	if err != nil {
		return refused
	}
	if s.limiter != nil {
		s.limiter.note(s.client(c.r), limitSign, refused)
	}
	s.report(c.w, c.r, code, refused)
	sent := &ui.Sent{Do: f.text("do"), Typed: f.typed(), Code: code}
	var refusal *letterlock.Refusal
	if errors.As(refused, &refusal) {
		sent.Wrong = refusal.Fields
	}
	return s.show(c, answers[code].status, page, sent)
}

// show answers with a page made for this reader.
func (s *Server) show(c *call, status int, page ui.Screen, sent *ui.Sent) error {
	reader, err := s.reader(c)
	if err != nil {
		return err
	}
	ui.Fill(page, reader, s.takeDone(c), sent)
	body, err := s.pages.Screen(languageFor(c), page)
	if err != nil {
		return err
	}
	s.desk.set(c.w.Header())
	c.w.Header().Set("Content-Type", "text/html; charset=utf-8")
	// Not compressed: the length would tell of what else is on the page.
	send(c.w, c.r, status, body, nil, nil)
	return nil
}

// reader is what a page says of who is signed in, nil of nobody.
func (s *Server) reader(c *call) (*ui.Reader, error) {
	user := c.caller.User
	if user == nil {
		return nil, nil
	}
	all, err := s.service.Orgs(c.r.Context(), c.caller)
	if err != nil {
		return nil, err
	}
	r := &ui.Reader{Name: user.Display(), Operator: user.Operator}
	if c.caller.Org != "" {
		r.Spaces = append(r.Spaces, ui.Space{})
	}
	for _, m := range all {
		if m.Org.ID == c.caller.Org {
			r.Org = m.Org.Name
		} else {
			r.Spaces = append(r.Spaces, ui.Space{ID: string(m.Org.ID), Name: m.Org.Name})
		}
	}
	return r, nil
}

// languageFor is the language of a page: chosen in this browser, or that of
// the account, or what the browser asks for.
func languageFor(c *call) string {
	if lang, ok := chosenLanguage(c.r); ok {
		return lang
	}
	if user := c.caller.User; user != nil && isLanguage(user.Language) {
		return user.Language
	}
	return languageOf(c.r)
}

// redirect sends a browser to another page of this instance, by GET.
func (s *Server) redirect(w http.ResponseWriter, to string) {
	s.desk.set(w.Header())
	w.Header().Set("Location", s.config.Base+to)
	w.WriteHeader(http.StatusSeeOther)
}

// sendToSignIn sends whoever is not signed in there, and afterwards back.
func (s *Server) sendToSignIn(w http.ResponseWriter, r *http.Request) {
	next := *r.URL
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		next.RawQuery = ""
	}
	s.redirect(w, "/signin?next="+url.QueryEscape(strings.TrimPrefix(next.RequestURI(), s.config.Base)))
}

// localPath is where to go next if that is within this instance, and else the
// desk: nobody can make a link here that leads to another site.
func localPath(next string) string {
	u, err := url.Parse(next)
	if err != nil || u.Scheme != "" || u.Host != "" || u.User != nil || !strings.HasPrefix(next, "/") || strings.HasPrefix(next, "//") || strings.Contains(next, `\`) {
		return "/secrets"
	}
	return u.RequestURI()
}

// doneCookie keeps what was done for the page that says it, which is the next.
const doneCookie = "done"

// sayDone has the next page say what was done.
func (s *Server) sayDone(w http.ResponseWriter, done ui.Done) {
	if done.Key != "" {
		s.writeDone(w, done.Key+"."+strconv.Itoa(done.N), 60)
	}
}

// takeDone is what was done just before, nil for nothing. It is said once.
func (s *Server) takeDone(c *call) *ui.Done {
	cookie, err := c.r.Cookie(doneCookie)
	if err != nil || c.r.Method != http.MethodGet {
		return nil
	}
	s.writeDone(c.w, "", -1)
	key, number, _ := strings.Cut(cookie.Value, ".")
	n, err := strconv.Atoi(number)
	if err != nil || !s.pages.CanSay(key) {
		return nil
	}
	return &ui.Done{Key: key, N: n}
}

func (s *Server) writeDone(w http.ResponseWriter, value string, maxAge int) {
	http.SetCookie(w, &http.Cookie{
		Name:     doneCookie,
		Value:    value,
		Path:     s.config.Base + "/",
		MaxAge:   maxAge,
		Secure:   s.secureCookies(),
		HttpOnly: true,
		SameSite: http.SameSiteLaxMode,
	})
}
