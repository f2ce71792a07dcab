package web_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"letterlock"
	"letterlock/internal/testkit"
)

// share makes a secret of somebody's, in Acme.
func (h *house) share(t *testing.T, b *browser, name string) *testkit.Sealed {
	t.Helper()
	x := testkit.Seal(t, "the content of "+name, "")
	x.Name, x.Org = name, h.acme.ID
	if _, _, err := h.Service.CreateSecret(t.Context(), b.who.Caller(), &x.NewSecret); err != nil {
		t.Fatalf("CreateSecret: %v", err)
	}
	return x
}

// state is how a secret stands, as its owner sees it.
func (h *house) state(t *testing.T, b *browser, x *testkit.Sealed) letterlock.State {
	t.Helper()
	receipt, err := h.Service.SecretReceipt(t.Context(), b.who.Caller(), x.ID)
	if err != nil {
		t.Fatalf("SecretReceipt: %v", err)
	}
	return receipt.State()
}

// A receipt is for whoever shared the secret and for admins of the organization.
// To all others there is nothing, and nothing can be done.
func TestReceiptsOfOthers(t *testing.T) {
	h := newHouse(t, testkit.ServerConfig{})
	x := h.share(t, h.bob, "of Bob")
	h.Join(t, h.acme, h.eve.who, letterlock.PlainMember) // and no admin there
	path := "/secrets/" + string(x.ID)
	h.bob.get(t, path).wantPage(t, "the owner's receipt", 200, "Created by you")
	h.ada.get(t, path).wantPage(t, "an admin's receipt", 200, "Created by bob@example.org")
	before := h.Dump(t)
	h.eve.get(t, path).wantPage(t, "a member's look", 404, "There is nothing to show here")
	for _, fields := range [][]string{
		{"do", "shorten", "expires_in", "300"}, {"do", "unlock"}, {"do", "delete", "sure", "yes", "one", string(x.ID), "back", "/secrets"},
	} {
		if res := h.eve.post(t, path, fields...); res.status != 404 {
			t.Errorf("%s of another's secret = %d, want 404", fields[1], res.status)
		}
	}
	h.eve.post(t, "/secrets", "do", "delete", "sure", "yes", "id", string(x.ID), "back", "/secrets").wantPage(t, "deleting from the list", 404, "It is not there any more")
	if after := h.Dump(t); after != before {
		t.Errorf("looking at another's secret changed the database from\n%s\nto\n%s", before, after)
	}
	h.eve.get(t, "/secrets?scope=organization").wantPage(t, "a member's list of all", 200, "Nothing sent yet")
	h.ada.get(t, "/secrets?scope=organization").wantPage(t, "an admin's list of all", 200, "of Bob")
}

// Deleting asks once, says what will happen, and says that it was done only once
// it was.
func TestDeletingAsks(t *testing.T) {
	h := newHouse(t, testkit.ServerConfig{})
	one, two, three := h.share(t, h.bob, "one"), h.share(t, h.bob, "two"), h.share(t, h.bob, "three")
	foreign := h.share(t, h.ada, "of Ada")
	back := "/secrets?order=asc&query=t&sort=name"
	before := h.Dump(t)
	ids := []string{"do", "delete", "back", back, "id", string(one.ID), "id", string(two.ID)}
	res := h.bob.post(t, back, ids...)
	res.wantPage(t, "a question", 200, "Delete 2 secrets?")
	res.wantPage(t, "a question", 200, "Their links stop working at once. This cannot be undone.")
	res = h.bob.post(t, back, append(ids, "one", string(three.ID))...)
	res.wantPage(t, "the question of one trash can", 200, "Delete 1 secret?")
	if strings.Contains(string(res.body), string(one.ID)) {
		t.Error("a trash can asks for what is ticked too")
	}
	h.bob.post(t, back, "do", "delete", "back", back).wantGone(t, "deleting nothing", back)
	h.bob.post(t, back, "do", "delete", "sure", "yes", "id", "junk").wantPage(t, "deleting junk", 400, "")
	if after := h.Dump(t); after != before {
		t.Fatalf("asking changed the database from\n%s\nto\n%s", before, after)
	}
	h.bob.post(t, back, append(ids, "sure", "yes", "id", string(foreign.ID))...).wantGone(t, "deleting", back)
	h.bob.get(t, back).wantPage(t, "the page after it", 200, "2 secrets were deleted. Their links no longer work.")
	got := []letterlock.State{h.state(t, h.bob, one), h.state(t, h.bob, two), h.state(t, h.bob, three), h.state(t, h.ada, foreign)}
	if want := []letterlock.State{letterlock.Deleted, letterlock.Deleted, letterlock.Waiting, letterlock.Waiting}; !slices.Equal(got, want) {
		t.Errorf("the secrets are %v, want %v", got, want)
	}
	h.bob.post(t, back, "do", "delete", "sure", "yes", "one", string(three.ID), "back", "https://evil.example/").wantGone(t, "deleting with a foreign way back", "/secrets")
}

// The forms of a receipt do what its sender still can.
func TestReceiptForms(t *testing.T) {
	h := newHouse(t, testkit.ServerConfig{})
	x := h.share(t, h.bob, "mine")
	path := "/secrets/" + string(x.ID)
	h.bob.post(t, path, "do", "unlock").wantPage(t, "unlocking what is not locked", 409, "It is not locked")
	for _, in := range []string{"", "ten", "-1", "0", "7200", "99999999999999999999"} {
		res := h.bob.post(t, path, "do", "shorten", "expires_in", in)
		if res.status != 422 || !strings.Contains(string(res.body), `id="shorten-expires_in-error"`) {
			t.Errorf("shortening to %q s = %d, want 422 and a sentence beside the field", in, res.status)
		}
	}
	h.bob.post(t, path, "do", "shorten", "expires_in", "300").wantGone(t, "shortening", path)
	h.bob.get(t, path).wantPage(t, "the receipt after it", 200, "It expires sooner now.")
	h.bob.get(t, path).wantPage(t, "the receipt", 200, "Shortened by you")
	h.bob.post(t, path, "do", "delete", "sure", "yes", "one", string(x.ID), "back", path).wantGone(t, "deleting", path)
	h.bob.post(t, path, "do", "shorten", "expires_in", "300").wantPage(t, "shortening what is over", 410, "It is over already.")
}

// An address of a list that no page leads to leads to the whole list.
func TestListAddresses(t *testing.T) {
	h := newHouse(t, testkit.ServerConfig{})
	for i := range 51 {
		h.share(t, h.bob, fmt.Sprintf("%02d", i))
	}
	for _, query := range []string{"sort=size", "state=gone", "cursor=junk", "cursor=AAAAAAAAAAAAAAAAAAAAAAA&sort=name", "query=" + strings.Repeat("x", 101), "query=%00"} {
		h.bob.get(t, "/secrets?"+query).wantGone(t, "a list with "+query, "/secrets")
	}
	first := h.bob.get(t, "/secrets?sort=name&order=asc")
	first.wantPage(t, "a list of 51", 200, "Next page")
	if strings.Contains(string(first.body), ">50<") {
		t.Error("the first page has 51 secrets")
	}
	_, rest, _ := strings.Cut(string(first.body), `href="/secrets?cursor=`)
	cursor, _, _ := strings.Cut(rest, `"`)
	h.bob.get(t, "/secrets?cursor="+strings.ReplaceAll(cursor, "&amp;", "&")).wantPage(t, "the next page", 200, ">50<")
}
