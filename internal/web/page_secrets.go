package web

import (
	"letterlock"
	"letterlock/internal/service"
	"letterlock/ui"
)

// secretsPerPage is how many secrets a page of the list has.
const secretsPerPage = 50

// secretsPage is the list of the reader's secrets or, for admins who want that,
// of all of the organization. An address that nobody was given leads to the
// whole list.
func (s *Server) secretsPage(c *call) (ui.Screen, error) {
	mayAll := c.caller.Org != "" && c.caller.Role.AtLeast(letterlock.Admin)
	page := &ui.Secrets{MayAll: mayAll}
	var err error
	if page.Query, err = listQuery(c); err != nil {
		return nil, err
	}
	if page.All = mayAll && c.r.URL.Query().Get("scope") == "organization"; page.All {
		page.Query.Org = c.caller.Org
	}
	list, err := s.service.ListSecrets(c.r.Context(), c.caller, page.Query)
	if err != nil {
		return nil, err
	}
	page.Page, page.Now = list.SecretPage, list.Now
	return page, nil
}

// listQuery is what the address of a list asks for.
func listQuery(c *call) (letterlock.SecretQuery, error) {
	v := c.r.URL.Query()
	q := letterlock.SecretQuery{
		Name:       v.Get("query"),
		State:      letterlock.State(v.Get("state")),
		Sort:       letterlock.SecretSort(v.Get("sort")),
		Descending: v.Get("order") != "asc",
		Limit:      secretsPerPage,
	}
	if q.Sort == "" {
		q.Sort = letterlock.ByCreated
	}
	var ok bool
	if q.After, ok = letterlock.ParseCursor(v.Get("cursor")); !ok || q.Check() != nil {
		return q, elsewhere("/secrets")
	}
	return q, nil
}

// deleteForm asks once, and deletes what it was sure about. What was deleted
// meanwhile, or is not the caller's, is left out of the count.
func (s *Server) deleteForm(c *call, f *filled) (outcome, error) {
	ids, err := chosen(f)
	back := localPath(f.text("back"))
	switch {
	case err != nil:
		return outcome{}, err
	case len(ids) == 0:
		return outcome{to: back}, nil
	case !f.on("sure"):
		return outcome{once: &ui.Deletion{IDs: ids, Back: back}}, nil
	}
	missing, err := s.service.DeleteSecrets(c.r.Context(), c.caller, ids)
	deleted := len(ids) - len(missing)
	if err == nil && deleted == 0 {
		err = letterlock.ErrNotFound
	}
	return outcome{to: back, done: ui.Done{Key: "secrets_deleted", N: deleted}}, err
}

// chosen are the secrets that a form is about: the one whose button was pressed,
// or all that are ticked.
func chosen(f *filled) ([]letterlock.SecretID, error) {
	texts := f.values["id"]
	if f.on("one") {
		texts = f.values["one"]
	}
	ids := make([]letterlock.SecretID, len(texts))
	for i, text := range texts {
		if !isID(text) {
			return nil, letterlock.ErrMalformed
		}
		ids[i] = letterlock.SecretID(text)
	}
	return ids, nil
}

// receiptPage is what became of a secret.
func (s *Server) receiptPage(c *call) (ui.Screen, error) {
	record, err := s.service.SecretReceipt(c.r.Context(), c.caller, c.secretID())
	if err != nil {
		return nil, err
	}
	return &ui.Receipt{Record: *record, Mine: record.Secret.Owner == c.caller.UserID()}, nil
}

func (s *Server) shortenForm(c *call, f *filled) (outcome, error) {
	seconds, err := f.number("expires_in")
	switch {
	case err != nil:
		return outcome{}, err
	case seconds == 0: // would be at once
		return outcome{}, letterlock.Invalid("expires_in", letterlock.FieldRequired)
	}
	in := duration(int64(seconds))
	return s.change(c, service.Change{ExpiresIn: &in}, "shortened")
}

func (s *Server) unlockForm(c *call, _ *filled) (outcome, error) {
	return s.change(c, service.Change{Unlock: true}, "unlocked")
}

func (s *Server) change(c *call, change service.Change, done string) (outcome, error) {
	err := s.service.ChangeSecret(c.r.Context(), c.caller, c.secretID(), change)
	return outcome{to: "/secrets/" + string(c.secretID()), done: ui.Done{Key: done}}, err
}
