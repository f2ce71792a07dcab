package service_test

import (
	"testing"

	"letterlock/internal/service"
)

// TestAnnounce starts a service beside the one that is served.
func TestAnnounce(t *testing.T) {
	accounts(t, func(t *testing.T, h *house) {
		beside := func(want string) {
			t.Helper()
			if got := startWith(t, h.Engine, service.Config{}).Settings().URL; got != want {
				t.Errorf("address beside the served instance = %q, want %q", got, want)
			}
		}
		beside("")
		want(t, "Announce", h.Announce(ctx), "ok")
		beside("https://share.example.org")
		h.unchanged(t, func() { want(t, "Announce again", h.Announce(ctx), "ok") })

		moved := configFor(h.box)
		moved.URL = "https://moved.example.org"
		want(t, "Announce", startWith(t, h.Engine, moved).Announce(ctx), "ok")
		beside("https://moved.example.org")

		chosen := h.Settings()
		chosen.URL = "https://chosen.example.org"
		want(t, "ChangeSettings", h.ChangeSettings(ctx, h.operator(t).Caller, chosen), "ok")
		beside("https://chosen.example.org")
	})
}
