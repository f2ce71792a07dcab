package service_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"letterlock"
	"letterlock/internal/service"
)

// invite makes an invitation to the company, or ends the test. Its mail is
// taken.
func (h *company) invite(t testing.TB, by *person, email string, role letterlock.Role) (*letterlock.Invitation, letterlock.Proof) {
	t.Helper()
	i, proof, err := h.Invite(ctx, by.Caller, h.org, service.NewInvitation{Email: email, Role: role})
	if err != nil {
		t.Fatalf("Invite: %v", err)
	}
	h.takeMail(t)
	return i, proof
}

func (h *company) look(proof letterlock.Proof) error {
	_, err := h.LookAtInvitation(ctx, from(home), proof)
	return err
}

func (h *company) accept(p *person, proof letterlock.Proof) error {
	_, err := h.AcceptInvitation(ctx, p.Caller, proof)
	return err
}

func TestInvitation(t *testing.T) {
	companies(t, func(t *testing.T, h *company) {
		guest := h.join(t, "guest@example.org")
		n := service.NewInvitation{Email: "Guest@EXAMPLE.org", Role: letterlock.Admin}
		i, proof, err := h.Invite(ctx, h.admin.Caller, h.org, n)
		want(t, "Invite", err, "ok")
		if mailed := h.mail(t, "Guest@example.org", "Acme"); string(mailed) != string(proof) {
			t.Error("the link in the mail is not the one that the inviter was given")
		}
		h.unchanged(t, func() {
			for range 3 { // mail programs follow links
				offer, err := h.LookAtInvitation(ctx, from(train), proof)
				wanted := &letterlock.Offer{
					Org: h.org, Organization: "Acme", Email: "Guest@example.org", Role: letterlock.Admin,
					Inviter: "admin@example.org", ExpiresAt: h.Clock.Now().Add(letterlock.InvitationLife),
				}
				if diff := cmp.Diff(wanted, offer); err != nil || diff != "" {
					t.Errorf("LookAtInvitation: %v, (-want +got):\n%s", err, diff)
				}
			}
			want(t, "AcceptInvitation by nobody", h.accept(&person{}, proof), "unauthorized")
			want(t, "AcceptInvitation of no invitation", h.accept(guest, random(32)), "not_found")
		})
		want(t, "AcceptInvitation by another address", h.accept(h.outsider, proof), "forbidden")
		h.wantRefused(t, "AcceptInvitation by another address", h.outsider.User.ID, letterlock.ErrForbidden)

		m, err := h.AcceptInvitation(ctx, guest.Caller, proof)
		want(t, "AcceptInvitation", err, "ok")
		if err == nil && (m.Role != letterlock.Admin || m.Org.ID != h.org) {
			t.Errorf("AcceptInvitation = %+v, want an admin of %s", m, h.org)
		}
		if h.again(t, guest); guest.Org != h.org || guest.Role != letterlock.Admin {
			t.Errorf("after AcceptInvitation the session works in %q as %q", guest.Org, guest.Role)
		}
		h.unchanged(t, func() {
			want(t, "AcceptInvitation again", h.accept(guest, proof), "ok")
			want(t, "LookAtInvitation after that", h.look(proof), "gone used_up")
			want(t, "RevokeInvitation after that", h.RevokeInvitation(ctx, from(home), h.org, i.ID), "unauthorized")
		})
		want(t, "RevokeInvitation after that", h.RevokeInvitation(ctx, h.owner.Caller, h.org, i.ID), "conflict")
	})
}

func TestInviteRefuses(t *testing.T) {
	companies(t, func(t *testing.T, h *company) {
		for _, test := range []struct {
			email string
			role  letterlock.Role
			want  string
		}{
			{"nobody", letterlock.Admin, "invalid email:not_an_address"},
			{"new@example.org", "king", "invalid role:out_of_range"},
			{"MEMBER@example.org", letterlock.Admin, "invalid email:member"},
			{"Pending@example.org", letterlock.Admin, "invalid email:invited"},
			{"new@example.org", letterlock.Owner, "forbidden"},
		} {
			_, _, err := h.Invite(ctx, h.admin.Caller, h.org, service.NewInvitation{Email: test.email, Role: test.role})
			want(t, "Invite "+test.email+" as "+string(test.role), err, test.want)
		}
		if letters := h.takeMail(t); len(letters) != 0 {
			t.Errorf("%d mails went out for invitations that were refused", len(letters))
		}
		open, err := h.Invitations(ctx, h.admin.Caller, h.org, letterlock.Invitation{}, 10)
		if err != nil || len(open) != 1 || open[0].Email != "pending@example.org" {
			t.Errorf("Invitations = %+v, %v; want the one that was there", open, err)
		}
	})
}

func TestInvitationEnds(t *testing.T) {
	ends := map[string]struct {
		end  func(t *testing.T, h *company, i *letterlock.Invitation) error
		want string
	}{
		"revoked": {func(t *testing.T, h *company, i *letterlock.Invitation) error {
			return h.RevokeInvitation(ctx, h.owner.Caller, h.org, i.ID)
		}, "gone deleted"},
		"late": {func(t *testing.T, h *company, i *letterlock.Invitation) error {
			h.Clock.Set(i.ExpiresAt)
			return nil
		}, "gone expired"},
		"renewed": {func(t *testing.T, h *company, i *letterlock.Invitation) error {
			_, err := h.RenewInvitation(ctx, h.owner.Caller, h.org, i.ID, "")
			return err
		}, "not_found"},
		"inviter removed": {func(t *testing.T, h *company, i *letterlock.Invitation) error {
			return h.RemoveMember(ctx, h.owner.Caller, h.org, h.admin.User.ID, service.Estate{})
		}, "gone deleted"},
		"inviter no admin any more": {func(t *testing.T, h *company, i *letterlock.Invitation) error {
			return h.ChangeRole(ctx, h.owner.Caller, h.org, h.admin.User.ID, letterlock.PlainMember)
		}, "gone deleted"},
	}
	for name, test := range ends {
		t.Run(name, func(t *testing.T) {
			companies(t, func(t *testing.T, h *company) {
				guest := h.join(t, "guest@example.org")
				i, proof := h.invite(t, h.admin, guest.email(), letterlock.PlainMember)
				want(t, "LookAtInvitation at first", h.look(proof), "ok")
				want(t, name, test.end(t, h, i), "ok")
				want(t, "LookAtInvitation", h.look(proof), test.want)
				want(t, "AcceptInvitation", h.accept(guest, proof), test.want)
				_, err := h.Org(ctx, guest.Caller, h.org)
				want(t, "Org by the guest", err, "not_found")
			})
		})
	}
}

// Whoever renews an invitation stands in for it from then on.
func TestRenewInvitation(t *testing.T) {
	companies(t, func(t *testing.T, h *company) {
		guest := h.join(t, "guest@example.org")
		i, _ := h.invite(t, h.admin, guest.email(), letterlock.PlainMember)
		want(t, "RemoveMember", h.RemoveMember(ctx, h.owner.Caller, h.org, h.admin.User.ID, service.Estate{}), "ok")
		h.Clock.Advance(letterlock.InvitationLife + time.Hour)
		h.owner = h.entered(t)(h.SignIn(ctx, from(home), h.owner.email(), password, browser))
		guest = h.entered(t)(h.SignIn(ctx, from(home), guest.email(), password, browser))
		proof, err := h.RenewInvitation(ctx, h.owner.Caller, h.org, i.ID, "de")
		want(t, "RenewInvitation", err, "ok")
		if mailed := h.mail(t, guest.email(), "Acme"); string(mailed) != string(proof) {
			t.Error("the link in the mail is not the new one")
		}
		want(t, "AcceptInvitation", h.accept(guest, proof), "ok")
		_, err = h.RenewInvitation(ctx, h.owner.Caller, h.org, i.ID, "")
		want(t, "RenewInvitation of what was accepted", err, "conflict")
		_, err = h.RenewInvitation(ctx, h.owner.Caller, h.org, "unknown", "")
		want(t, "RenewInvitation of none", err, "not_found")
	})
}

// An admin cannot come by an owner's invitation, by renewing it.
func TestRenewTakesTheRole(t *testing.T) {
	companies(t, func(t *testing.T, h *company) {
		i, _ := h.invite(t, h.owner, "guest@example.org", letterlock.Owner)
		_, err := h.RenewInvitation(ctx, h.admin.Caller, h.org, i.ID, "")
		want(t, "RenewInvitation by an admin of an owner's", err, "forbidden")
	})
}

func TestInvitationIsAcceptedOnce(t *testing.T) {
	companies(t, func(t *testing.T, h *company) {
		guest := h.join(t, "guest@example.org")
		_, proof := h.invite(t, h.owner, guest.email(), letterlock.PlainMember)
		ends := together(8, func(int) error { return h.accept(guest, proof) })
		if ends["ok"] != 8 {
			t.Errorf("the same accepting, side by side: %v, want ok each time", ends)
		}
		joined, err := h.Events(ctx, h.owner.Caller, letterlock.EventQuery{Org: h.org, Actor: guest.User.ID, Action: letterlock.ActionJoined, Limit: 10})
		if err != nil || len(joined) != 1 {
			t.Errorf("%d lines say that the guest joined, %v; want 1", len(joined), err)
		}
	})
}
