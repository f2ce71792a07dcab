package web

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/go-json-experiment/json"

	"letterlock"
	"letterlock/api"
	"letterlock/ui"
)

// answers is the one place that says how a refusal looks on the wire. What has
// no code is a defect: 500, logged once.
var answers = map[letterlock.Code]struct {
	status int
	title  string
	page   ui.Page // outside /api/
}{
	letterlock.ErrMalformed:    {400, "The body is not a valid JSON object.", ui.PageNotFound},
	letterlock.ErrUnauthorized: {401, "You are not signed in, or the API token is not valid.", ui.PageNotFound},
	letterlock.ErrForbidden:    {403, "You may not do that.", ui.PageNotAllowed},
	letterlock.ErrGate:         {403, "Not everyone may open it; see gates.", ui.PageNotAllowed},
	letterlock.ErrWrongPass:    {403, "The password is wrong. Nothing was done.", ui.PageNotFound},
	letterlock.ErrWrongProof:   {403, "The access proof is wrong.", ui.PageNotFound},
	letterlock.ErrCrossOrigin:  {403, "Requests from other sites, or ahead of time, are refused.", ui.PageNotAllowed},
	letterlock.ErrNotFound:     {404, "There is nothing to show here.", ui.PageNotFound},
	letterlock.ErrMethod:       {405, "The method is not allowed here; see the Allow header.", ui.PageNotAllowed},
	letterlock.ErrTimeout:      {408, "The body did not arrive in time.", ui.PageError},
	letterlock.ErrConflict:     {409, "It differs from what is there, or cannot be done any more.", ui.PageNotFound},
	letterlock.ErrLastOwner:    {409, "An organization keeps an owner.", ui.PageNotAllowed},
	letterlock.ErrGone:         {410, "It is over.", ui.PageNotFound},
	letterlock.ErrTooLarge:     {413, "The body is too large.", ui.PageNotAllowed},
	letterlock.ErrMediaType:    {415, "The body must be application/json in UTF-8, not encoded further.", ui.PageNotAllowed},
	letterlock.ErrRange:        {416, "Ranges begin and end between chunks of 65,552 bytes.", ui.PageNotFound},
	letterlock.ErrInvalid:      {422, "Some fields are not valid; see errors.", ui.PageNotFound},
	letterlock.ErrRateLimited:  {429, "Too many requests; see the Retry-After header.", ui.PageBusy},
	letterlock.ErrInternal:     {500, "Something went wrong on the server.", ui.PageError},
	letterlock.ErrSetup:        {503, "Nobody has set this instance up yet. Its log has the link to do so.", ui.PageSetUpFirst},
	letterlock.ErrUnavailable:  {503, "The server cannot answer now. Repeat the same call.", ui.PageError},
	letterlock.ErrFull:         {507, "The instance is full. Try again later.", ui.PageError},
}

// retryAfter is what a client that may repeat its call is told to wait.
const retryAfter = time.Second

// retrySignIn is what whoever tried too many passwords is told to wait.
const retrySignIn = 15 * time.Minute

// fail answers an error: a problem document under /api/, a page elsewhere.
func (s *Server) fail(w http.ResponseWriter, r *http.Request, err error) {
	code := codeOf(err)
	s.report(w, r, code, err)
	if code == letterlock.ErrUnauthorized && !s.isAPI(r) {
		s.sendToSignIn(w, r)
		return
	}
	var limited *limitError
	switch {
	case errors.As(err, &limited):
		w.Header().Set("Retry-After", strconv.Itoa(limited.seconds()))
	case code == letterlock.ErrUnavailable:
		w.Header().Set("Retry-After", strconv.Itoa(int(retryAfter.Seconds())))
	case code == letterlock.ErrRateLimited: // by what is counted for an account
		w.Header().Set("Retry-After", strconv.Itoa(int(retrySignIn.Seconds())))
	case code == letterlock.ErrUnauthorized:
		w.Header().Set("WWW-Authenticate", "Bearer")
	case code == letterlock.ErrTooLarge:
		// Written while the client still sends; see readOn.
		w.Header().Set("Connection", "close")
		http.NewResponseController(w).EnableFullDuplex()
	}
	if s.isAPI(r) {
		s.writeProblem(w, code, err)
	} else {
		s.writeDocument(w, r, answers[code].page, answers[code].status)
	}
	if code == letterlock.ErrTooLarge && !waitsToSend(r) {
		readOn(w, r)
	}
}

// report logs what an operator should know of: defects, and that nothing can be
// stored. It is silent about clients that went away, and says once a minute that
// the instance is full.
func (s *Server) report(w http.ResponseWriter, r *http.Request, code letterlock.Code, err error) {
	say := func() {
		s.config.Log.Error("request failed", "id", w.Header().Get("X-Request-Id"), "route", r.Pattern, "code", string(code), "error", err)
	}
	switch left := r.Context().Err() != nil; {
	case left && (code == letterlock.ErrUnavailable || errors.Is(err, context.Canceled)):
	case code == letterlock.ErrFull:
		s.sayFull.Do(say)
	case code == letterlock.ErrInternal || code == letterlock.ErrUnavailable:
		say()
	}
}

// waitsToSend reports whether a client that was refused has sent nothing, since
// it asked whether it may.
func waitsToSend(r *http.Request) bool {
	return r.ContentLength > 0 && strings.EqualFold(r.Header.Get("Expect"), "100-continue")
}

// codeOf is the code inside an error, ErrInternal without one.
func codeOf(err error) letterlock.Code {
	var code letterlock.Code
	if errors.As(err, &code) {
		if _, ok := answers[code]; ok {
			return code
		}
	}
	return letterlock.ErrInternal
}

func (s *Server) writeProblem(w http.ResponseWriter, code letterlock.Code, err error) {
	answer := answers[code]
	p := api.Problem{Type: "about:blank", Title: answer.title, Status: answer.status, Code: code}
	var refusal *letterlock.Refusal
	if errors.As(err, &refusal) {
		p.Reason, p.TriesLeft = refusal.Reason, refusal.TriesLeft
		p.EndedAt, p.Gates = optional(refusal.EndedAt), refusal.Gates
		for _, f := range refusal.Fields {
			p.Errors = append(p.Errors, api.FieldError{Field: f.Field, Code: f.Code})
		}
	}
	body, err := json.Marshal(p)
	if err != nil {
		panic(err) // no value of a Problem can fail
	}
	write(w, answer.status, problemType, body)
}

// readOn reads on for a while after a 413, so that the client, which may send
// its whole body before it looks, gets to read the answer instead of a reset.
func readOn(w http.ResponseWriter, r *http.Request) {
	const most, longest = 16 << 20, 5 * time.Second
	c := http.NewResponseController(w)
	c.Flush()
	c.SetReadDeadline(time.Now().Add(longest))
	io.CopyN(io.Discard, r.Body, most)
}

// optional is nil for the zero time.
func optional(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}
