package web

import (
	"net/http"

	"letterlock"
	"letterlock/api"
	"letterlock/internal/service"
)

func (s *Server) listSecrets(c *call) error {
	q, err := secretQuery(c)
	if err != nil {
		return err
	}
	list, err := s.service.ListSecrets(c.r.Context(), c.caller, q)
	if err != nil {
		return err
	}
	return c.answer(http.StatusOK, secretList(list))
}

// secretQuery is what a list is asked for: one's own secrets in all spaces,
// unless an organization is named, or meant.
func secretQuery(c *call) (letterlock.SecretQuery, error) {
	q, err := c.query("scope", "organization", "query", "state", "sort", "order", "limit", "cursor")
	if err != nil {
		return letterlock.SecretQuery{}, err
	}
	find := letterlock.SecretQuery{
		Name:       q.values.Get("query"),
		State:      letterlock.State(q.values.Get("state")),
		Sort:       letterlock.SecretSort(q.oneOf("sort", sorts...)),
		Descending: q.oneOf("order", "desc", "asc") == "desc",
		Limit:      q.limit(),
	}
	var ok bool
	if find.After, ok = letterlock.ParseCursor(q.values.Get("cursor")); !ok {
		q.refuse("cursor", letterlock.FieldOutOfRange)
	}
	all := q.oneOf("scope", "own", "organization") == "organization"
	switch id := q.values.Get("organization"); {
	case q.values.Has("organization"):
		if !isID(id) {
			return find, letterlock.ErrNotFound
		}
		find.Org = letterlock.OrgID(id)
	case all && c.caller.Org == "":
		q.refuse("scope", letterlock.FieldNoOrg)
	case all:
		find.Org = c.caller.Org
	}
	return find, q.err()
}

// sorts are the names of all sorts, the one first that is meant by none.
var sorts = func() (names []string) {
	for _, sort := range letterlock.SecretSorts() {
		names = append(names, string(sort))
	}
	return names
}()

func secretList(list *service.SecretList) api.SecretList {
	answer := api.SecretList{Secrets: make([]api.ListedSecret, len(list.Secrets)), NextCursor: list.Next.String()}
	for i := range list.Secrets {
		s := &list.Secrets[i]
		answer.Secrets[i] = api.ListedSecret{
			ID:               s.ID,
			Name:             s.Name,
			State:            s.State(list.Now),
			CreatedAt:        s.CreatedAt,
			ExpiresAt:        s.ExpiresAt,
			EndedAt:          optional(s.EndTime(list.Now)),
			OpenedAt:         optional(s.OpenedAt),
			MaxViews:         maxViews(&s.Secret),
			Views:            s.Views,
			ViewsLeft:        s.ViewsLeft(),
			NeedsPassword:    s.NeedsPassword(),
			Organization:     given(s.Org),
			OrganizationOnly: s.OrganizationOnly,
			Owner:            named(string(s.Owner), s.OwnerName),
		}
	}
	return answer
}

// named is somebody by id and name, nil for nobody.
func named(id, name string) *api.Named {
	if id == "" {
		return nil
	}
	return &api.Named{ID: id, Name: name}
}

func (s *Server) deleteSecrets(c *call, req *api.DeleteRequest) error {
	if req.IDs == nil {
		return letterlock.Invalid("ids", letterlock.FieldRequired)
	}
	for _, id := range req.IDs {
		if !isID(string(id)) {
			return letterlock.Invalid("ids", letterlock.FieldOutOfRange)
		}
	}
	missing, err := s.service.DeleteSecrets(c.r.Context(), c.caller, req.IDs)
	if err != nil {
		return err
	}
	return c.answer(http.StatusOK, api.DeleteResponse{Missing: append([]letterlock.SecretID{}, missing...)})
}
