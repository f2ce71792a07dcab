package web

import (
	"errors"
	"io"
	"mime"
	"net/http"
	"os"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"letterlock"
	"letterlock/api"
)

// strict refuses members we do not know; the decoder itself refuses repeated
// ones, other spellings of a name, and what is not UTF-8.
var strict = json.JoinOptions(json.RejectUnknownMembers(true))

// decode reads a JSON body of at most limit bytes into v. The error names the
// field, never a value.
func decode(r *http.Request, limit int64, v any) error {
	if !isJSON(r.Header) {
		return letterlock.ErrMediaType
	}
	body, err := readBody(r, limit)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(body, v, strict); err != nil {
		return decodeError(err)
	}
	return nil
}

// isJSON reports whether a body is JSON as we read it: in UTF-8, not compressed.
func isJSON(h http.Header) bool {
	kind, params, err := mime.ParseMediaType(h.Get("Content-Type"))
	charset, named := params["charset"]
	return err == nil && kind == "application/json" && (!named || strings.EqualFold(charset, "utf-8")) && h.Get("Content-Encoding") == ""
}

func readBody(r *http.Request, limit int64) ([]byte, error) {
	if r.ContentLength > limit {
		return nil, letterlock.ErrTooLarge
	}
	body := make([]byte, 0, max(r.ContentLength, 512)+1) // one more, so that the end is seen without growing
	limited := io.LimitReader(r.Body, limit+1)
	for {
		n, err := limited.Read(body[len(body):cap(body)])
		body = body[:len(body)+n]
		switch {
		case int64(len(body)) > limit:
			return nil, letterlock.ErrTooLarge
		case err == io.EOF:
			return body, nil
		case errors.Is(err, os.ErrDeadlineExceeded):
			return nil, letterlock.ErrTimeout
		case err != nil:
			return nil, letterlock.ErrMalformed // cut short, or badly framed
		case len(body) == cap(body):
			body = append(body, 0)[:len(body)]
		}
	}
}

// signedInOnly are fields of a create request that belong to signed-in senders.
var signedInOnly = map[string]bool{
	"name": true, "organization": true, "language": true, "one_view_per_person": true, "organization_only": true, "emails": true,
	"email_check": true, "send_fragment": true, "notify": true, "recipient_may_delete": true,
}

// decodeError says which field is wrong and how. Names that we do not know are
// repeated only if they look like a name.
func decodeError(err error) error {
	var semantic *json.SemanticError
	var syntactic *jsontext.SyntacticError
	switch {
	case errors.As(err, &syntactic) && errors.Is(err, jsontext.ErrDuplicateName):
		return letterlock.Invalid(fieldName(syntactic.JSONPointer), letterlock.FieldDuplicate)
	case !errors.As(err, &semantic) || semantic.JSONPointer == "":
		return letterlock.ErrMalformed
	}
	field := fieldName(semantic.JSONPointer)
	switch {
	case errors.Is(err, api.ErrNotBase64URL):
		return letterlock.Invalid(field, letterlock.FieldNotBase64URL)
	case errors.Is(err, json.ErrUnknownName) && signedInOnly[field]:
		return letterlock.Invalid(field, letterlock.FieldNotSignedIn)
	case errors.Is(err, json.ErrUnknownName):
		return letterlock.Invalid(field, letterlock.FieldUnknown)
	default:
		return letterlock.Invalid(field, letterlock.FieldWrongType)
	}
}

func fieldName(p jsontext.Pointer) string {
	name := p.LastToken()
	if name == "" || len(name) > 40 || strings.Trim(name, "abcdefghijklmnopqrstuvwxyz_") != "" {
		return "?"
	}
	return name
}

// fields collects what is wrong with the binary fields of a request.
type fields []letterlock.FieldError

// fixed copies a binary field of exactly len(dst) bytes.
func (f *fields) fixed(name string, dst []byte, b api.Bytes) {
	switch {
	case b == nil:
		*f = append(*f, letterlock.FieldError{Field: name, Code: letterlock.FieldRequired})
	case len(b) != len(dst):
		*f = append(*f, letterlock.FieldError{Field: name, Code: letterlock.FieldWrongSize})
	default:
		copy(dst, b)
	}
}

// err is the refusal of all of them, nil if there is none.
func (f fields) err() error {
	if len(f) == 0 {
		return nil
	}
	return &letterlock.Refusal{Code: letterlock.ErrInvalid, Fields: f}
}

// respond writes a JSON answer.
func respond(w http.ResponseWriter, status int, v any) error {
	body, err := json.Marshal(v)
	if err != nil {
		return err
	}
	write(w, status, jsonType, body)
	return nil
}

var (
	jsonType    = []string{"application/json"}
	problemType = []string{api.ProblemType}
	octetStream = []string{"application/octet-stream"}

	noStore     = []string{"no-store"}
	nosniff     = []string{"nosniff"}
	apiPolicy   = []string{"default-src 'none'; frame-ancestors 'none'; sandbox"}
	noReferrer  = []string{"no-referrer"}
	sameOrigin  = []string{"same-origin"}
	requireCORP = []string{"require-corp"}
	noRobots    = []string{"noindex, nofollow, noarchive"}
)

// write sends an answer of the API. Header values are shared slices: the maps
// are assigned, since most of an answer's time would go into setting them.
func write(w http.ResponseWriter, status int, contentType []string, body []byte) {
	h := w.Header()
	h["Content-Type"] = contentType
	h["Content-Length"] = []string{strconv.Itoa(len(body))}
	setAPIHeader(h)
	w.WriteHeader(status)
	w.Write(body)
}

// noContent sends a 204.
func noContent(w http.ResponseWriter) {
	setAPIHeader(w.Header())
	w.WriteHeader(http.StatusNoContent)
}

func setAPIHeader(h http.Header) {
	h["Cache-Control"] = noStore
	h["X-Content-Type-Options"] = nosniff
	h["Content-Security-Policy"] = apiPolicy
	h["Referrer-Policy"] = noReferrer
	h["Cross-Origin-Resource-Policy"] = sameOrigin
	h["X-Robots-Tag"] = noRobots
}
