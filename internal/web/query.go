package web

import (
	"encoding/binary"
	"net/url"
	"slices"
	"strconv"
	"time"

	"letterlock"
	"letterlock/api"
)

// query reads the parameters of an address, each once, and collects what is
// wrong with them.
type query struct {
	values url.Values
	fields
}

// pageSize is how many entries a page has unless the caller says.
const pageSize = 50

// query is the query of a call that has these parameters and no others.
func (c *call) query(known ...string) (*query, error) {
	values, err := url.ParseQuery(c.r.URL.RawQuery)
	if err != nil {
		return nil, letterlock.ErrMalformed
	}
	q := &query{values: values}
	for name, given := range values {
		switch {
		case !slices.Contains(known, name):
			q.refuse(plain(name), letterlock.FieldUnknown)
		case len(given) > 1:
			q.refuse(name, letterlock.FieldDuplicate)
		}
	}
	return q, q.err()
}

// oneOf is the value of a parameter that has to be one of these, the first if it
// is absent.
func (q *query) oneOf(name string, values ...string) string {
	text := q.values.Get(name)
	if !q.values.Has(name) {
		return values[0]
	}
	if !slices.Contains(values, text) {
		q.refuse(name, letterlock.FieldOutOfRange)
	}
	return text
}

// limit is how many entries the page has.
func (q *query) limit() int {
	if !q.values.Has("limit") {
		return pageSize
	}
	n, err := strconv.Atoi(q.values.Get("limit"))
	if err != nil {
		q.refuse("limit", letterlock.FieldWrongType)
	}
	return n
}

// time is an instant, the zero time if the parameter is absent.
func (q *query) time(name string) time.Time {
	if !q.values.Has(name) {
		return time.Time{}
	}
	t, err := time.Parse(time.RFC3339, q.values.Get(name))
	if err != nil {
		q.refuse(name, letterlock.FieldWrongType)
	}
	return t
}

// place is where a page of a list in order of time ended.
type place struct {
	at time.Time
	id string
}

// cursor is a place as clients send it back.
func (p place) cursor() string {
	b := binary.BigEndian.AppendUint64(nil, uint64(p.at.UnixMilli()))
	return api.Bytes(append(b, p.id...)).String()
}

// place is the place in the cursor, the zero place without one.
func (q *query) place() place {
	if !q.values.Has("cursor") {
		return place{}
	}
	b, err := api.ParseBytes(q.values.Get("cursor"))
	if err != nil || len(b) < 8 || !isID(string(b[8:])) {
		q.refuse("cursor", letterlock.FieldOutOfRange)
		return place{}
	}
	return place{at: time.UnixMilli(int64(binary.BigEndian.Uint64(b))), id: string(b[8:])}
}

// next is the cursor of the page after this one: of its last entry, if the page
// is full.
func next[T any](page []T, limit int, placeOf func(T) place) string {
	if len(page) < limit {
		return ""
	}
	return placeOf(page[len(page)-1]).cursor()
}
