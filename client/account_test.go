package client_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"

	"letterlock"
	"letterlock/internal/testkit"
)

// A program with a token makes secrets in the organization of its user, finds
// them in a list, page by page, and withdraws them without a manage token.
func TestWithToken(t *testing.T) {
	s := testkit.Serve(t, testkit.ServerConfig{})
	ada, org := s.Enrol(t, "ada@example.org"), s.FoundOrg(t, "Acme")
	s.Join(t, org, ada, letterlock.Owner)
	anonymous := dial(t, s.URL)
	c, ctx := anonymous.As(ada.Token), t.Context()

	me, err := c.Me(ctx)
	if err != nil || me.ID != ada.ID || me.Organization == nil || me.Organization.ID != org.ID {
		t.Fatalf("Me = %+v, %v, want Ada in Acme", me, err)
	}
	for _, name := range []string{"first", "second", "third"} {
		secret := testkit.Seal(t, name, "")
		secret.Org, secret.Name, secret.OrganizationOnly, secret.Language = org.ID, name, true, "de"
		create(t, c, secret)
	}
	q := letterlock.SecretQuery{Sort: letterlock.ByName, Descending: true, Limit: 2, Org: org.ID, State: letterlock.Waiting}
	var names []string
	var last letterlock.SecretID
	for more := true; more; {
		page, err := c.ListSecrets(ctx, q)
		if err != nil {
			t.Fatalf("ListSecrets: %v", err)
		}
		for _, found := range page.Secrets {
			names, last = append(names, found.Name), found.ID
		}
		q.After, more = cursor(t, page.NextCursor), page.NextCursor != ""
	}
	if len(names) != 3 || names[0] != "third" || names[2] != "first" {
		t.Errorf("the pages list %q, want third, second, first", names)
	}
	if err := anonymous.DeleteSecret(ctx, last, nil); !errors.Is(err, letterlock.ErrNotFound) {
		t.Errorf("DeleteSecret by nobody = %v, want not found", err)
	}
	if err := c.DeleteSecret(ctx, last, nil); err != nil {
		t.Errorf("DeleteSecret by the owner: %v", err)
	}
	receipt, err := c.SecretReceipt(ctx, last, nil)
	if err != nil || receipt.State != letterlock.Deleted || receipt.Name != "first" || !receipt.OrganizationOnly {
		t.Errorf("SecretReceipt by the owner = %+v, %v, want a deleted secret called first, of the organization only", receipt, err)
	}
	if _, err := anonymous.Me(ctx); !errors.Is(err, letterlock.ErrUnauthorized) {
		t.Errorf("Me by nobody = %v, want unauthorized", err)
	}
	if _, err := c.ListSecrets(ctx, letterlock.SecretQuery{}); !errors.Is(err, letterlock.ErrInvalid) {
		t.Errorf("ListSecrets of no limit = %v, want invalid", err)
	}
}

func cursor(t *testing.T, text string) letterlock.Cursor {
	t.Helper()
	c, ok := letterlock.ParseCursor(text)
	if !ok {
		t.Fatalf("ParseCursor(%q) refuses it", text)
	}
	return c
}

// An instance that somebody has to set up first is not asked again and again.
func TestSetupIsNotRetried(t *testing.T) {
	s := testkit.Serve(t, testkit.ServerConfig{SetupFirst: true})
	var calls atomic.Int32
	counted := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		calls.Add(1)
		s.Web.ServeHTTP(w, r)
	}))
	defer counted.Close()
	secret := testkit.Seal(t, "text", "")
	if _, err := dial(t, counted.URL).CreateSecret(t.Context(), &secret.NewSecret); !errors.Is(err, letterlock.ErrSetup) || calls.Load() != 1 {
		t.Errorf("CreateSecret = %v after %d requests, want setup_required after 1", err, calls.Load())
	}
}
