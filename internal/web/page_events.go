package web

import (
	"net/url"
	"strconv"
	"strings"
	"time"

	"letterlock"
	"letterlock/ui"
)

// moreMembers is where the page of members after one is.
func moreMembers(last letterlock.Member) string {
	return "?" + url.Values{"after": {string(last.UserID)}, "joined": {last.JoinedAt.Format(time.RFC3339Nano)}}.Encode()
}

// colour is a colour as people write it: in any case, with or without the #.
func colour(text string) letterlock.Colour {
	text = strings.ToLower(strings.TrimSpace(text))
	if text != "" && !strings.HasPrefix(text, "#") {
		text = "#" + text
	}
	return letterlock.Colour(text)
}

// eventsPage is how many lines of the log stand on a page.
const eventsPerPage = 100

func (s *Server) eventsPage(c *call) (ui.Screen, error) {
	m, err := s.asAdmin(c)
	if err != nil {
		return nil, err
	}
	asked := c.r.URL.Query()
	page := &ui.Events{Query: filterOf(asked)}
	page.In(m)
	q := queryOf(m.Org.ID, page.Query)
	q.Limit = eventsPerPage
	q.Before, _ = strconv.ParseInt(asked.Get("before"), 10, 64)
	if page.People, err = s.everyMember(c); err != nil {
		return nil, err
	}
	if page.Events, err = s.service.Events(c.r.Context(), c.caller, q); err != nil {
		return nil, err
	}
	if n := len(page.Events); n == eventsPerPage {
		page.Earlier = "?" + page.Query.Query() + "&before=" + strconv.FormatInt(page.Events[n-1].Number, 10)
	}
	return page, nil
}

func filterOf(values url.Values) ui.EventFilter {
	return ui.EventFilter{Actor: values.Get("actor"), Action: values.Get("action"), From: values.Get("from"), Until: values.Get("until")}
}

// queryOf is a filter as the service takes it. Days are those of UTC, the last
// one included; what is no day is none.
func queryOf(org letterlock.OrgID, f ui.EventFilter) letterlock.EventQuery {
	q := letterlock.EventQuery{Org: org, Actor: letterlock.UserID(f.Actor), Action: letterlock.Action(f.Action)}
	if day, err := time.Parse(time.DateOnly, f.From); err == nil {
		q.From = day
	}
	if day, err := time.Parse(time.DateOnly, f.Until); err == nil {
		q.Until = day.AddDate(0, 0, 1)
	}
	return q
}

// exportForms of the log, by what stands on their buttons. An export is
// recorded, so it takes a form.
func (s *Server) csvForm(c *call, f *filled) (outcome, error) { return s.exportLog(c, f, "text/csv") }
func (s *Server) ndjsonForm(c *call, f *filled) (outcome, error) {
	return s.exportLog(c, f, "application/x-ndjson")
}

func (s *Server) exportLog(c *call, f *filled, kind string) (outcome, error) {
	m, err := s.asAdmin(c)
	if err != nil {
		return outcome{}, err
	}
	events, err := s.service.ExportEvents(c.r.Context(), c.caller, queryOf(m.Org.ID, filterOf(f.values)))
	if err != nil {
		return outcome{}, err
	}
	as, _ := exportForm(kind)
	return outcome{answer: func() error { return export(c, as, events) }}, nil
}
