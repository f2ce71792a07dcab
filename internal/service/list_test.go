package service_test

import (
	"slices"
	"testing"

	"letterlock"
	"letterlock/internal/service"
)

// listed are the ids of the secrets that somebody's list has.
func (h *house) listed(t testing.TB, c letterlock.Caller, org letterlock.OrgID) []letterlock.SecretID {
	t.Helper()
	var ids []letterlock.SecretID
	q := letterlock.SecretQuery{Org: org, Sort: letterlock.ByCreated, Limit: 2}
	for more := true; more; more = q.After != (letterlock.Cursor{}) {
		list, err := h.ListSecrets(ctx, c, q)
		if err != nil {
			t.Fatalf("ListSecrets: %v", err)
		}
		for _, s := range list.Secrets {
			ids = append(ids, s.ID)
			if state := s.State(list.Now); state != letterlock.Waiting {
				t.Errorf("a listed secret is %s, want waiting", state)
			}
		}
		q.After = list.Next
	}
	return ids
}

func TestListSecrets(t *testing.T) {
	companies(t, func(t *testing.T, h *company) {
		h.create(t, seal(1)) // an anonymous one is in no list
		second := h.found(t, h.member, "Second")
		var ids []letterlock.SecretID
		for _, x := range []*sealed{h.share(t, h.member, ""), h.share(t, h.member, h.org), h.share(t, h.member, second), h.share(t, h.admin, h.org)} {
			ids = append(ids, x.id())
		}
		bound := h.token(t, h.member, service.NewToken{Org: h.org, Scopes: letterlock.Scopes()})
		h.unchanged(t, func() {
			for name, test := range map[string]struct {
				letterlock.Caller
				org  letterlock.OrgID
				want []letterlock.SecretID
			}{
				"one's own, in all spaces":      {h.member.Caller, "", ids[:3]},
				"a token's, in its space":       {bound, "", ids[1:2]},
				"the organization's":            {h.owner.Caller, h.org, []letterlock.SecretID{ids[1], ids[3]}},
				"the owner's, who shared none":  {h.owner.Caller, "", nil},
				"the second organization's":     {h.member.Caller, second, ids[2:3]},
				"of who is not in any of these": {h.outsider.Caller, "", nil},
			} {
				if got := h.listed(t, test.Caller, test.org); !slices.Equal(got, test.want) {
					t.Errorf("ListSecrets, %s = %v, want %v", name, got, test.want)
				}
			}
			of := letterlock.SecretQuery{Owner: h.admin.User.ID, Org: h.org, Sort: letterlock.ByCreated, Limit: 10}
			one, err := h.ListSecrets(ctx, h.owner.Caller, of)
			if err != nil || len(one.Secrets) != 1 || one.Secrets[0].ID != ids[3] {
				t.Errorf("ListSecrets of one member in the organization = %+v, %v; want %s", one, err, ids[3])
			}
			spoofed := letterlock.SecretQuery{Owner: h.member.User.ID, Sort: letterlock.ByCreated, Limit: 10}
			list, err := h.ListSecrets(ctx, h.outsider.Caller, spoofed)
			if err != nil || len(list.Secrets) != 0 {
				t.Errorf("ListSecrets that names another owner = %+v, %v; want the caller's own", list, err)
			}
			_, err = h.ListSecrets(ctx, from(home), spoofed)
			want(t, "ListSecrets by nobody", err, "unauthorized")
			_, err = h.ListSecrets(ctx, h.member.Caller, letterlock.SecretQuery{})
			want(t, "ListSecrets without sort and limit", err, "invalid sort:out_of_range limit:out_of_range")
		})
		creates := h.token(t, h.member, service.NewToken{Scopes: []letterlock.Scope{letterlock.ScopeCreate}})
		_, err := h.ListSecrets(ctx, creates, letterlock.SecretQuery{Sort: letterlock.ByCreated, Limit: 10})
		want(t, "ListSecrets by a token without the scope", err, "forbidden")
	})
}

func TestDeleteSecrets(t *testing.T) {
	companies(t, func(t *testing.T, h *company) {
		mine, gone, others := h.share(t, h.member, ""), h.share(t, h.member, h.org), h.share(t, h.admin, h.org)
		want(t, "DeleteSecret", h.delete(gone), "ok")
		ids := []letterlock.SecretID{others.id(), mine.id(), gone.id(), "unknown", mine.id()}
		missing, err := h.DeleteSecrets(ctx, h.member.Caller, ids)
		slices.Sort(missing)
		wanted := []letterlock.SecretID{others.id(), "unknown"}
		slices.Sort(wanted)
		if err != nil || !slices.Equal(missing, wanted) {
			t.Errorf("DeleteSecrets: missing %v, %v; want %v, ok", missing, err, wanted)
		}
		h.wantState(t, mine, letterlock.Deleted, letterlock.ActionDeleted)
		h.wantPurged(t, mine)
		want(t, "PeekSecret of another's", h.peek(others), "ok")
		h.unchanged(t, func() {
			_, err := h.DeleteSecrets(ctx, h.member.Caller, nil)
			want(t, "DeleteSecrets of none", err, "invalid ids:out_of_range")
			_, err = h.DeleteSecrets(ctx, h.member.Caller, make([]letterlock.SecretID, letterlock.MaxPage+1))
			want(t, "DeleteSecrets of too many", err, "invalid ids:out_of_range")
			missing, err := h.DeleteSecrets(ctx, from(home), []letterlock.SecretID{others.id()})
			if err != nil || len(missing) != 1 {
				t.Errorf("DeleteSecrets by nobody: missing %v, %v; want all of them", missing, err)
			}
		})
	})
}
