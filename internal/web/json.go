package web

import (
	"bytes"
	"errors"
	"io"
	"mime"
	"net/http"
	"os"
	"slices"
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
	if isNull(body) { // which would pass for an object without members
		return letterlock.ErrMalformed
	}
	if err := json.Unmarshal(body, v, strict); err != nil {
		return decodeError(err)
	}
	return nil
}

func isNull(body []byte) bool { return string(bytes.TrimSpace(body)) == "null" }

// isJSON reports whether a body is JSON as we read it: in UTF-8, not compressed.
func isJSON(h http.Header) bool {
	kind, params, err := mime.ParseMediaType(h.Get("Content-Type"))
	charset, named := params["charset"]
	return err == nil && kind == "application/json" && (!named || strings.EqualFold(charset, "utf-8")) && h.Get("Content-Encoding") == ""
}

// firstBuffer is long enough for a secret of a few lines.
const firstBuffer = 4 << 10

func readBody(r *http.Request, limit int64) ([]byte, error) {
	if r.ContentLength > limit {
		return nil, letterlock.ErrTooLarge
	}
	// A promise costs a client nothing, so what is kept for it grows with what
	// comes. One more than that, so that the end is seen without growing.
	body := make([]byte, 0, min(max(r.ContentLength, 512), firstBuffer)+1)
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
			body = slices.Grow(body, len(body))
		}
	}
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
	case errors.Is(err, json.ErrUnknownName):
		return letterlock.Invalid(field, letterlock.FieldUnknown)
	default:
		return letterlock.Invalid(field, letterlock.FieldWrongType)
	}
}

func fieldName(p jsontext.Pointer) string {
	// What is wrong with an entry is wrong with its list.
	field, _, _ := strings.Cut(strings.TrimPrefix(string(p), "/"), "/")
	return plain(jsontext.Pointer("/" + field).LastToken())
}

// plain is a name that looks like the name of a field, and "?" instead of any
// other.
func plain(name string) string {
	if name == "" || len(name) > 40 || strings.Trim(name, "abcdefghijklmnopqrstuvwxyz_") != "" {
		return "?"
	}
	return name
}

// fields collects what is wrong with the fields of a request.
type fields []letterlock.FieldError

func (f *fields) refuse(name string, code letterlock.FieldCode) {
	*f = append(*f, letterlock.FieldError{Field: name, Code: code})
}

// fixed copies a binary field of exactly len(dst) bytes.
func (f *fields) fixed(name string, dst []byte, b api.Bytes) {
	switch {
	case b == nil:
		f.refuse(name, letterlock.FieldRequired)
	case len(b) != len(dst):
		f.refuse(name, letterlock.FieldWrongSize)
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

// required refuses texts that are empty, given as name and value in turn.
func required(texts ...string) error {
	var f fields
	for i := 0; i < len(texts); i += 2 {
		if texts[i+1] == "" {
			f.refuse(texts[i], letterlock.FieldRequired)
		}
	}
	return f.err()
}

// checkLanguage refuses a language that we do not speak. None is fine.
func checkLanguage(name string) error {
	if name != "" && !slices.Contains(languages, name) {
		return letterlock.Invalid("language", letterlock.FieldOutOfRange)
	}
	return nil
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

func setAPIHeader(h http.Header) {
	h["Cache-Control"] = noStore
	h["X-Content-Type-Options"] = nosniff
	h["Content-Security-Policy"] = apiPolicy
	h["Referrer-Policy"] = noReferrer
	h["Cross-Origin-Resource-Policy"] = sameOrigin
	h["X-Robots-Tag"] = noRobots
}
