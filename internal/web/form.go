package web

import (
	"errors"
	"io"
	"mime"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"letterlock"
	"letterlock/api"
	"letterlock/ui"
)

// Longest bodies of forms. Percent-encoding makes three bytes of most.
const (
	bodyForm = 16 << 10
	bodyLogo = 192 << 10 // a logo, and the fields around it
)

// filled is what a page's form sent.
type filled struct {
	values url.Values
	file   []byte // of the field "logo"; nil: none was chosen
}

// readForm reads a form of at most limit bytes. What is not text is refused, as
// browsers send none.
func readForm(r *http.Request, limit int64) (*filled, error) {
	if r.ContentLength > limit {
		return nil, letterlock.ErrTooLarge
	}
	r.Body = http.MaxBytesReader(nil, r.Body, limit)
	kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	f := &filled{}
	switch {
	case err != nil:
		return nil, letterlock.ErrMediaType
	case kind == "application/x-www-form-urlencoded":
		err = r.ParseForm()
		f.values = r.PostForm
	case kind == "multipart/form-data":
		err = f.readParts(r, limit)
	default:
		return nil, letterlock.ErrMediaType
	}
	if err != nil {
		return nil, formError(err)
	}
	for _, values := range f.values {
		if !utf8.ValidString(strings.Join(values, "")) {
			return nil, letterlock.ErrMalformed
		}
	}
	return f, nil
}

// readParts reads a form that may carry a file.
func (f *filled) readParts(r *http.Request, limit int64) error {
	if err := r.ParseMultipartForm(limit); err != nil {
		return err
	}
	f.values = r.MultipartForm.Value
	files := r.MultipartForm.File["logo"]
	if len(files) == 0 || files[0].Size == 0 {
		return nil
	}
	file, err := files[0].Open()
	if err != nil {
		return err
	}
	defer file.Close()
	f.file, err = io.ReadAll(file)
	return err
}

func formError(err error) error {
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		return letterlock.ErrTooLarge
	case errors.Is(err, os.ErrDeadlineExceeded):
		return letterlock.ErrTimeout
	}
	return letterlock.ErrMalformed
}

// text is a field's value, "" if it was not sent.
func (f *filled) text(name string) string { return f.values.Get(name) }

// on reports whether a box is ticked.
func (f *filled) on(name string) bool { return f.text(name) != "" }

// number is a whole number, 0 where the field is empty, and else a refusal.
func (f *filled) number(name string) (int, error) {
	text := strings.TrimSpace(f.text(name))
	if text == "" {
		return 0, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n <= 0 {
		return 0, letterlock.Invalid(name, letterlock.FieldOutOfRange)
	}
	return n, nil
}

// days is a time given in days, 0 where the field is empty.
func (f *filled) days(name string) (time.Duration, error) {
	n, err := f.number(name)
	if err == nil && n > 36500 {
		err = letterlock.Invalid(name, letterlock.FieldOutOfRange)
	}
	return time.Duration(n) * 24 * time.Hour, err
}

// daysUnless is days, or the time as it is where the field still says that in
// whole days: nobody lengthens 36 hours to 2 days by saving something else.
func (f *filled) daysUnless(name string, as time.Duration) (time.Duration, error) {
	if f.text(name) == ui.Days(as) {
		return as, nil
	}
	return f.days(name)
}

// proof is what a link carried in its fragment. What cannot be one opens
// nothing, as a wrong one.
func (f *filled) proof(name string) letterlock.Proof {
	_, ticket, linked := strings.Cut(f.text(name), "#")
	if !linked {
		ticket = f.text(name)
	}
	b, err := api.ParseBytes(strings.TrimSpace(ticket))
	if err != nil {
		return letterlock.Proof{}
	}
	return letterlock.Proof(b)
}

// typed is what is shown again of a form that was refused: all but passwords.
func (f *filled) typed() map[string]string {
	all := map[string]string{}
	for name, values := range f.values {
		if name != "password" && name != "current" {
			all[name] = strings.Join(values, " ")
		}
	}
	return all
}
