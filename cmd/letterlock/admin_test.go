package main

import (
	"context"
	"encoding/base64"
	"errors"
	"log/slog"
	"net/http"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/go-json-experiment/json"
	"github.com/google/go-cmp/cmp"

	"letterlock"
	"letterlock/api"
	"letterlock/internal/config"
	"letterlock/internal/service"
	"letterlock/internal/store"
	"letterlock/internal/testkit"
)

const (
	password = "a lantern beside the harbour"
	browser  = "Firefox on Linux"
)

// storages runs f on a new database of each kind.
func storages(t *testing.T, f func(t *testing.T, at config.Storage)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) { f(t, config.Storage{Data: t.TempDir()}) })
	t.Run("postgres", func(t *testing.T) { f(t, config.Storage{Data: t.TempDir(), Database: testkit.Postgres(t).Source}) })
}

// adminArgs is a command line of "letterlock admin".
func adminArgs(at config.Storage, command string, args ...string) []string {
	return slices.Concat([]string{"admin"}, strings.Fields(command), []string{"--data=" + at.Data, "--database=" + at.Database}, args)
}

// administer runs an admin command, which prints one line or nothing.
func administer(t *testing.T, at config.Storage, command string, args ...string) string {
	t.Helper()
	stdout, stderr, code := run(t, nil, adminArgs(at, command, args...)...)
	if code != 0 || stderr != "" || strings.Count(stdout, "\n") > 1 {
		t.Fatalf("letterlock admin %s %q = exit code %d, on standard error %q, on standard output %q; want 0, nothing and one line at most",
			command, args, code, stderr, stdout)
	}
	return strings.TrimSuffix(stdout, "\n")
}

// beside is a service beside the serving one.
func beside(t *testing.T, at config.Storage) *service.Service {
	t.Helper()
	db, err := store.Open(t.Context(), at.Source(), store.SystemClock{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	svc, err := service.New(t.Context(), db, service.Config{Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	return svc
}

// opens is what a link to a page of an instance carries.
func opens(t *testing.T, link, address, page string) letterlock.Proof {
	t.Helper()
	text, ok := strings.CutPrefix(link, address+page+"#")
	opens, err := base64.RawURLEncoding.DecodeString(text)
	if !ok || err != nil || len(opens) < 16 {
		t.Fatalf("link %q, want one to %s%s", link, address, page)
	}
	return opens
}

// TestAdmin runs every command while the instance is served and used.
func TestAdmin(t *testing.T) {
	storages(t, func(t *testing.T, at config.Storage) {
		s := serve(t, at.Data, "--database="+at.Database)
		svc := beside(t, at)
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		shared := make(chan []*crashed, 1)
		go func() { shared <- share(ctx, t, s, func() {}) }()

		first := opens(t, administer(t, at, "user add", "--name=Jane", "jane@example.org"), s.url, "/reset")
		link := opens(t, administer(t, at, "user reset", "Jane@Example.org"), s.url, "/reset")
		_, err := svc.CompleteReset(ctx, letterlock.Caller{}, first, password, browser)
		wantError(t, "CompleteReset with the link before", err, letterlock.ErrNotFound)
		_, err = svc.CompleteReset(ctx, letterlock.Caller{}, link, password, browser)
		wantError(t, "CompleteReset", err, nil)
		jane, err := svc.SignIn(ctx, letterlock.Caller{}, "jane@example.org", password, browser)
		if err != nil || jane.User.Name != "Jane" {
			t.Fatalf("SignIn = %+v, %v; want Jane", jane, err)
		}

		org := letterlock.OrgID(administer(t, at, "organization add", "--owner=jane@example.org", "Acme"))
		administer(t, at, "user add", "bob@example.org")
		administer(t, at, "member add", "--role=admin", "Acme", "bob@example.org")
		wantMembers(t, svc, jane, org, "bob@example.org admin", "jane@example.org owner")
		administer(t, at, "member add", string(org), "bob@example.org")
		wantMembers(t, svc, jane, org, "bob@example.org member", "jane@example.org owner")

		wantOwner(t, s, administer(t, at, "token add", "jane@example.org"), "jane@example.org")

		cancel()
		if len(<-shared) == 0 {
			t.Error("nothing was shared meanwhile")
		}
		s.kill()
		if said := s.said.String(); strings.Contains(said, "failed") {
			t.Errorf("meanwhile the instance said:\n%s\nwant nothing that failed", said)
		}
	})
}

func wantError(t *testing.T, what string, got, want error) {
	t.Helper()
	if !errors.Is(got, want) {
		t.Errorf("%s = %v, want %v", what, got, want)
	}
}

// wantMembers looks at an organization as somebody who is in it.
func wantMembers(t *testing.T, svc *service.Service, who *service.SignedIn, org letterlock.OrgID, want ...string) {
	t.Helper()
	members, err := svc.Members(t.Context(), letterlock.Caller{User: who.User, Session: who.Session}, org, letterlock.Member{}, 10)
	var got []string
	for _, m := range members {
		got = append(got, string(m.Email)+" "+string(m.Role))
	}
	slices.Sort(got) // those who joined at the same instant come in any order
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Errorf("Members: %v (-want +got):\n%s", err, diff)
	}
}

// wantOwner asks the instance whose API token it is.
func wantOwner(t *testing.T, s *instance, token, want string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.url+api.Prefix+"/me", nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+token)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	var me struct {
		Email string `json:"email"`
	}
	if err := json.UnmarshalRead(res.Body, &me); err != nil || me.Email != want {
		t.Errorf("GET %s with the token = %s of %q, %v; want %q", api.Prefix+"/me", res.Status, me.Email, err, want)
	}
}

// TestAdminRefuses asks for what cannot be done with the accounts there are.
func TestAdminRefuses(t *testing.T) {
	at := config.Storage{Data: t.TempDir()}
	serve(t, at.Data)
	administer(t, at, "user add", "jane@example.org")
	for range 2 {
		administer(t, at, "organization add", "--owner=jane@example.org", "Acme")
	}
	org := administer(t, at, "organization add", "--owner=jane@example.org", "Emca")
	const account, organization = "no account has this address", "no organization has this id or name"
	for _, tt := range []struct {
		says, command string
		args          []string
	}{
		{"user reset", "user add", []string{"JANE@example.org"}},
		{account, "user reset", []string{"bob@example.org"}},
		{account, "user operator", []string{"bob@example.org"}},
		{account, "token add", []string{"bob@example.org"}},
		{account, "organization add", []string{"--owner=bob@example.org", "Acme"}},
		{account, "member add", []string{"Emca", "bob@example.org"}},
		{organization, "member add", []string{"Else", "jane@example.org"}},
		{organization, "member add", []string{strings.Repeat("a", len(org)), "jane@example.org"}},
		{"give the id", "member add", []string{"Acme", "jane@example.org"}},
		{"no other owner", "member add", []string{org, "jane@example.org"}},
	} {
		wantRefused(t, tt.says, adminArgs(at, tt.command, tt.args...)...)
	}
}

// TestSetupLink sets an instance up with one of the links that it printed. None
// is good or made after that.
func TestSetupLink(t *testing.T) {
	storages(t, func(t *testing.T, at config.Storage) {
		start := func() (address string, links []string) {
			s := serve(t, at.Data, "--database="+at.Database)
			s.kill()
			for _, line := range regexp.MustCompile(`(?m)^Setup: (\S+)$`).FindAllStringSubmatch(s.said.String(), -1) {
				links = append(links, line[1])
			}
			return s.url, links
		}
		address, links := start()
		if len(links) != 1 {
			t.Fatalf("a new instance prints the setup links %q, want one", links)
		}
		printed := opens(t, links[0], address, "/setup")
		another := opens(t, administer(t, at, "setup-link"), address, "/setup")

		svc := beside(t, at)
		_, err := svc.CompleteSetup(t.Context(), letterlock.Caller{}, printed, "Jane", "jane@example.org", password, "", browser)
		wantError(t, "CompleteSetup", err, nil)
		for _, ticket := range []letterlock.Proof{printed, another} {
			_, err := svc.CompleteSetup(t.Context(), letterlock.Caller{}, ticket, "Bob", "bob@example.org", password, "", browser)
			wantError(t, "CompleteSetup again", err, letterlock.ErrNotFound)
		}
		wantRefused(t, "is set up", adminArgs(at, "setup-link")...)
		if _, links := start(); len(links) != 0 {
			t.Errorf("an instance that is set up prints the setup links %q, want none", links)
		}

		wantRefused(t, "nobody else", adminArgs(at, "user operator", "--revoke", "jane@example.org")...)
		administer(t, at, "user add", "bob@example.org")
		administer(t, at, "user operator", "bob@example.org")
		administer(t, at, "user operator", "--revoke", "jane@example.org")
		wantRefused(t, "nobody else", adminArgs(at, "user operator", "--revoke", "bob@example.org")...)
	})
}

// TestAdminFirst adds an account before the instance was ever served.
func TestAdminFirst(t *testing.T) {
	at := config.Storage{Data: t.TempDir()}
	stdout, stderr, code := run(t, []string{"LETTERLOCK_DATA=" + at.Data, "LETTERLOCK_NAME=Acme"}, "admin", "user", "add", "jane@example.org")
	if code != 0 || !strings.Contains(stderr, unserved) {
		t.Errorf("letterlock admin user add = exit code %d, said %q; want 0, and which address is meant", code, stderr)
	}
	link := opens(t, strings.TrimSuffix(stdout, "\n"), unserved, "/reset")
	in, err := beside(t, at).CompleteReset(t.Context(), letterlock.Caller{}, link, password, browser)
	if err != nil || in.User.Name != "" {
		t.Errorf("CompleteReset = %+v, %v; want somebody who is not called what the instance is", in, err)
	}
}

// TestStartTogether has several processes make the same database.
func TestStartTogether(t *testing.T) {
	at := config.Storage{Data: t.TempDir()}
	var commands []*exec.Cmd
	for _, name := range []string{"ann", "bob", "cid"} {
		cmd := program(t.Context(), t, nil, adminArgs(at, "user add", name+"@example.org")...)
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		commands = append(commands, cmd)
	}
	serve(t, at.Data)
	for _, cmd := range commands {
		if err := cmd.Wait(); err != nil {
			t.Errorf("letterlock %q beside others: %v", cmd.Args[1:], err)
		}
	}
}

// TestNobodyListens has nowhere to print what is shown once.
func TestNobodyListens(t *testing.T) {
	full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	if err != nil {
		t.Skip("there is no /dev/full")
	}
	defer full.Close()
	cmd := program(t.Context(), t, nil, adminArgs(config.Storage{Data: t.TempDir()}, "setup-link")...)
	cmd.Stdout = full
	if cmd.Run(); cmd.ProcessState.ExitCode() != exitFailed {
		t.Errorf("letterlock admin setup-link > /dev/full = exit code %d, want %d", cmd.ProcessState.ExitCode(), exitFailed)
	}
}
