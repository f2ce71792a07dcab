package web

import (
	"errors"
	"io"
	"net/http"
	"strconv"
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
	letterlock.ErrUnauthorized: {401, "The API token is not valid here.", ui.PageNotFound},
	letterlock.ErrWrongPass:    {403, "The password is wrong. No view was used up.", ui.PageNotFound},
	letterlock.ErrWrongProof:   {403, "The access proof is wrong.", ui.PageNotFound},
	letterlock.ErrCrossOrigin:  {403, "Requests from other sites are refused.", ui.PageNotAllowed},
	letterlock.ErrNotFound:     {404, "There is nothing to show here.", ui.PageNotFound},
	letterlock.ErrMethod:       {405, "The method is not allowed here; see the Allow header.", ui.PageNotAllowed},
	letterlock.ErrTimeout:      {408, "The body did not arrive in time.", ui.PageError},
	letterlock.ErrConflict:     {409, "It differs from what is there, or cannot be done any more.", ui.PageNotFound},
	letterlock.ErrGone:         {410, "It is over.", ui.PageNotFound},
	letterlock.ErrTooLarge:     {413, "The body is too large.", ui.PageNotAllowed},
	letterlock.ErrMediaType:    {415, "The body must be application/json in UTF-8, not encoded further.", ui.PageNotAllowed},
	letterlock.ErrRange:        {416, "Ranges begin and end between chunks of 65,552 bytes.", ui.PageNotFound},
	letterlock.ErrInvalid:      {422, "Some fields are not valid; see errors.", ui.PageNotFound},
	letterlock.ErrRateLimited:  {429, "Too many requests; see the Retry-After header.", ui.PageBusy},
	letterlock.ErrInternal:     {500, "Something went wrong on the server.", ui.PageError},
	letterlock.ErrUnavailable:  {503, "The server cannot answer now. Repeat the same call.", ui.PageError},
	letterlock.ErrFull:         {507, "The instance is full. Try again later.", ui.PageError},
}

// retryAfter is what a client that may repeat its call is told to wait.
const retryAfter = time.Second

// fail answers an error: a problem document under /api/, a page elsewhere.
func (s *Server) fail(w http.ResponseWriter, r *http.Request, err error) {
	code := codeOf(err)
	if code == letterlock.ErrInternal || code == letterlock.ErrUnavailable || code == letterlock.ErrFull {
		s.config.Log.Error("request failed", "id", w.Header().Get("X-Request-Id"), "route", r.Pattern, "code", string(code), "error", err)
	}
	var limited *limitError
	switch {
	case errors.As(err, &limited):
		w.Header().Set("Retry-After", strconv.Itoa(limited.seconds()))
	case code == letterlock.ErrUnavailable:
		w.Header().Set("Retry-After", strconv.Itoa(int(retryAfter.Seconds())))
	case code == letterlock.ErrUnauthorized:
		w.Header().Set("WWW-Authenticate", "Bearer")
	case code == letterlock.ErrTooLarge:
		// Written while the client still sends; see drain.
		w.Header().Set("Connection", "close")
		http.NewResponseController(w).EnableFullDuplex()
	}
	if s.isAPI(r) {
		s.writeProblem(w, code, err)
	} else {
		s.writeDocument(w, r, answers[code].page, answers[code].status)
	}
	if code == letterlock.ErrTooLarge {
		drain(w, r)
	}
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
		p.EndedAt = optional(refusal.EndedAt)
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

// drain reads on for a while after a 413, so that the client, which may send
// its whole body before it looks, gets to read the answer instead of a reset.
func drain(w http.ResponseWriter, r *http.Request) {
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
