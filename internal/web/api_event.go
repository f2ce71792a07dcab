package web

import (
	"encoding/csv"
	"fmt"
	"iter"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/go-json-experiment/json"

	"letterlock"
	"letterlock/api"
)

// listEvents answers a page of an organization's log or, for whoever accepts
// lines, all of it.
func (s *Server) listEvents(c *call) error {
	q, err := eventQuery(c)
	if err != nil {
		return err
	}
	c.w.Header().Set("Vary", "Accept")
	if form, ok := exportForm(c.r.Header.Get("Accept")); ok {
		events, err := s.service.ExportEvents(c.r.Context(), c.caller, q)
		if err != nil {
			return err
		}
		return export(c, form, events)
	}
	events, err := s.service.Events(c.r.Context(), c.caller, q)
	if err != nil {
		return err
	}
	return c.answer(http.StatusOK, logPage(events, q.Limit))
}

func eventQuery(c *call) (letterlock.EventQuery, error) {
	q, err := c.query("actor", "action", "from", "until", "limit", "cursor")
	if err != nil {
		return letterlock.EventQuery{}, err
	}
	find := letterlock.EventQuery{
		Org:    c.orgID(),
		Actor:  letterlock.UserID(q.values.Get("actor")),
		Action: letterlock.Action(q.values.Get("action")),
		From:   q.time("from"),
		Until:  q.time("until"),
		Limit:  q.limit(),
	}
	if q.values.Has("cursor") {
		find.Before, err = strconv.ParseInt(q.values.Get("cursor"), 10, 64)
		if err != nil || find.Before < 1 {
			q.refuse("cursor", letterlock.FieldOutOfRange)
		}
	}
	return find, q.err()
}

func logPage(events []letterlock.Event, limit int) api.Log {
	page := api.Log{Events: make([]api.LogEvent, len(events))}
	for i := range events {
		page.Events[i] = logEvent(&events[i])
	}
	if len(events) == limit {
		page.NextCursor = strconv.FormatInt(events[limit-1].Number, 10)
	}
	return page
}

func logEvent(e *letterlock.Event) api.LogEvent {
	return api.LogEvent{
		At:      e.At,
		Action:  e.Action,
		Actor:   named(string(e.Actor), e.ActorName),
		Subject: e.Subject,
		Secret:  e.SecretID,
		Refused: e.Refused,
		Network: e.Net,
	}
}

func (s *Server) changeLog(c *call, req *api.LogRequest) error {
	if req.EventLife == nil {
		return letterlock.Invalid("event_life", letterlock.FieldRequired)
	}
	const most = int64(letterlock.MaxEventLife / time.Second)
	life := time.Duration(min(max(*req.EventLife, 0), most+1)) * time.Second
	return c.done(s.service.SetEventLife(c.r.Context(), c.caller, c.orgID(), life))
}

// form is a way to write a whole log, line by line.
type form struct {
	kind, name string // media type, and what a browser calls the file
	begin      func(http.ResponseWriter) func(*letterlock.Event) error
}

var exportForms = []form{
	{"text/csv", "events.csv", writeCSV},
	{"application/x-ndjson", "events.ndjson", writeLines},
}

// exportForm is the form that a caller asks for by name: whoever takes anything
// gets a page.
func exportForm(accept string) (form, bool) {
	for part := range strings.SplitSeq(accept, ",") {
		kind, _, _ := strings.Cut(part, ";")
		for _, f := range exportForms {
			if strings.EqualFold(strings.TrimSpace(kind), f.kind) {
				return f, true
			}
		}
	}
	return form{}, false
}

// How many lines of an export are written between two looks at the clock: each
// such part has as long as any other answer.
const exportPart = 500

// export writes a whole log. What goes wrong after the first line breaks the
// connection, so that nobody takes a part for the whole.
func export(c *call, f form, events iter.Seq2[letterlock.Event, error]) error {
	var write func(*letterlock.Event) error
	begin := func() {
		h := c.w.Header()
		setAPIHeader(h)
		h.Set("Content-Type", f.kind+"; charset=utf-8")
		h.Set("Content-Disposition", fmt.Sprintf("attachment; filename=%q", f.name))
		c.w.WriteHeader(http.StatusOK)
		write = f.begin(c.w)
	}
	n := 0
	for e, err := range events {
		switch {
		case err != nil && n == 0:
			return err
		case err != nil:
			panic(http.ErrAbortHandler)
		case n == 0:
			begin()
		}
		if n++; n%exportPart == 0 {
			http.NewResponseController(c.w).SetWriteDeadline(time.Now().Add(writeTimeout))
		}
		if err := write(&e); err != nil {
			panic(http.ErrAbortHandler)
		}
	}
	if n == 0 {
		begin()
	}
	return nil
}

// writeLines writes JSON, a line each.
func writeLines(w http.ResponseWriter) func(*letterlock.Event) error {
	return func(e *letterlock.Event) error {
		line, err := json.Marshal(logEvent(e))
		if err == nil {
			_, err = w.Write(append(line, '\n'))
		}
		return err
	}
}

var csvColumns = []string{"at", "action", "actor", "actor_name", "subject", "secret", "refused", "network"}

// writeCSV writes values apart by commas. Names are what people chose: none is a
// formula.
func writeCSV(w http.ResponseWriter) func(*letterlock.Event) error {
	table := csv.NewWriter(w)
	table.UseCRLF = true
	row := func(cells ...string) error {
		for i, cell := range cells {
			cells[i] = plainCell(cell)
		}
		table.Write(cells)
		table.Flush()
		return table.Error()
	}
	headed := row(append([]string{}, csvColumns...)...)
	return func(e *letterlock.Event) error {
		if headed != nil {
			return headed
		}
		return row(e.At.UTC().Format(time.RFC3339Nano), string(e.Action), string(e.Actor), e.ActorName, e.Subject, string(e.SecretID), string(e.Refused), string(e.Net))
	}
}

// plainCell is a text that no spreadsheet takes for a formula: those that begin
// like one get an apostrophe in front.
func plainCell(text string) string {
	if text != "" && strings.ContainsRune("=+-@\t\r\n|%", rune(text[0])) {
		return "'" + text
	}
	return text
}
