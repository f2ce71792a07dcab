package service_test

import (
	"testing"
	"time"

	"letterlock"
	"letterlock/internal/testkit"
)

// setupTicket is what the server prints.
func (h *house) setupTicket(t testing.TB) letterlock.Proof {
	t.Helper()
	ticket, err := h.MakeSetupTicket(ctx)
	if err != nil {
		t.Fatalf("MakeSetupTicket: %v", err)
	}
	return ticket
}

func (h *house) setUp(ticket letterlock.Proof, email, password string) error {
	_, err := h.CompleteSetup(ctx, from(home), ticket, "Jane", email, password, "en", browser)
	return err
}

func (h *house) wantSetupNeeded(t testing.TB, want bool) {
	t.Helper()
	if needed, err := h.SetupNeeded(ctx); err != nil || needed != want {
		t.Errorf("SetupNeeded: %t, %v; want %t", needed, err, want)
	}
}

func TestSetup(t *testing.T) {
	accounts(t, func(t *testing.T, h *house) {
		h.wantSetupNeeded(t, true)
		first, ticket := h.setupTicket(t), h.setupTicket(t)
		if len(ticket) != 16 {
			t.Errorf("a setup ticket of %d bytes, want 16", len(ticket))
		}
		h.unchanged(t, func() {
			want(t, "CompleteSetup without the ticket", h.setUp(random(16), "jane@example.com", password), "not_found")
			want(t, "CompleteSetup without an address", h.setUp(ticket, "jane", password), "invalid email:not_an_address")
			want(t, "CompleteSetup with a short password", h.setUp(ticket, "jane@example.com", "secret"), "invalid password:too_short")
		})
		p := h.entered(t)(h.CompleteSetup(ctx, from(home), ticket, "Jane", "jane@example.com", password, "en", browser))
		if u := p.User; !u.Operator || !u.Verified() || u.Name != "Jane" {
			t.Errorf("the first operator: operator %t, verified %t, name %q; want true, true, Jane", u.Operator, u.Verified(), u.Name)
		}
		h.wantSetupNeeded(t, false)
		h.unchanged(t, func() {
			want(t, "CompleteSetup again", h.setUp(ticket, "sam@example.com", password), "not_found")
			want(t, "CompleteSetup with the other ticket", h.setUp(first, "sam@example.com", password), "not_found")
			_, err := h.MakeSetupTicket(ctx)
			want(t, "MakeSetupTicket afterwards", err, "conflict")
		})
		want(t, "SignIn", h.signIn(home, "jane@example.com", password), "ok")
	})
}

func TestSetupTicketEnds(t *testing.T) {
	accounts(t, func(t *testing.T, h *house) {
		ticket := h.setupTicket(t)
		h.Clock.Advance(letterlock.TicketSetup.Lifetime())
		h.unchanged(t, func() {
			want(t, "CompleteSetup after a week", h.setUp(ticket, "jane@example.com", password), "not_found")
		})
	})
}

// However many links were printed, one person sets the instance up.
func TestSetupRaces(t *testing.T) {
	accounts(t, func(t *testing.T, h *house) {
		var tickets []letterlock.Proof
		for range 4 {
			tickets = append(tickets, h.setupTicket(t))
		}
		emails := []string{"a@example.com", "b@example.com"}
		got := together(8, func(i int) error { return h.setUp(tickets[i/2], emails[i%2], password) })
		if got["ok"] != 1 || got["not_found"] != 7 {
			t.Errorf("CompleteSetup 8 times: %v, want 1 ok and 7 not_found", got)
		}
	})
}

// An instance that others can reach takes nothing before it is set up, and
// hears of it when another node was.
func TestSetupFirst(t *testing.T) {
	testkit.Engines(t, func(t *testing.T, e *testkit.Engine) {
		box := testkit.Mail(t)
		config := configFor(box)
		config.SetupFirst = true
		h, other := &house{startWith(t, e, config), box}, &house{startWith(t, e, config), box}
		h.unchanged(t, func() {
			want(t, "RequireSetup", h.RequireSetup(ctx), "setup_required")
			want(t, "CreateSecret before it is set up", h.tryCreate(seal(1)), "setup_required")
		})
		want(t, "CompleteSetup on another node", other.setUp(other.setupTicket(t), "jane@example.com", password), "ok")
		want(t, "RequireSetup once it is set up", h.RequireSetup(ctx), "ok")
		want(t, "CreateSecret once it is set up", h.tryCreate(seal(1)), "ok")
	})
}

func TestAddUser(t *testing.T) {
	accounts(t, func(t *testing.T, h *house) {
		user, ticket, err := h.AddUser(ctx, "Jane", "jane@example.com")
		want(t, "AddUser", err, "ok")
		if !user.Verified() || user.Operator {
			t.Errorf("AddUser: verified %t, operator %t; want true, false", user.Verified(), user.Operator)
		}
		want(t, "SignIn without a password", h.signIn(home, "jane@example.com", ""), "wrong_password")
		h.unchanged(t, func() {
			_, _, err := h.AddUser(ctx, "Jane", "JANE@example.com")
			want(t, "AddUser again", err, "invalid email:taken")
			_, err = h.ResetTicket(ctx, "sam@example.com")
			want(t, "ResetTicket of nobody", err, "not_found")
		})
		next, err := h.ResetTicket(ctx, "jane@example.com")
		want(t, "ResetTicket", err, "ok")
		_, err = h.CompleteReset(ctx, from(home), ticket, password, browser)
		want(t, "CompleteReset with the ticket before", err, "not_found")
		h.Clock.Advance(30*time.Minute - time.Millisecond)
		_, err = h.CompleteReset(ctx, from(home), next, password, browser)
		want(t, "CompleteReset", err, "ok")
	})
}

func TestSetOperator(t *testing.T) {
	accounts(t, func(t *testing.T, h *house) {
		jane, sam := h.operator(t), h.join(t, "sam@example.com")
		h.unchanged(t, func() {
			want(t, "SetOperator takes it from the last", h.SetOperator(ctx, jane.email(), false), "conflict")
			want(t, "SetOperator of nobody", h.SetOperator(ctx, "x@example.com", true), "not_found")
		})
		want(t, "SetOperator", h.SetOperator(ctx, sam.email(), true), "ok")
		got := together(2, func(i int) error { return h.SetOperator(ctx, []string{jane.email(), sam.email()}[i], false) })
		if got["ok"] != 1 || got["conflict"] != 1 {
			t.Errorf("SetOperator takes it from both at once: %v, want one ok and one conflict", got)
		}
	})
}
