package main

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"runtime/pprof"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/go-json-experiment/json"

	"letterlock"
	"letterlock/api"
	"letterlock/client"
	"letterlock/internal/config"
	"letterlock/internal/service"
	"letterlock/internal/testkit"
)

// instance is the program, serving.
type instance struct {
	url  string
	cmd  *exec.Cmd
	said bytes.Buffer // read it after the end only
	done chan struct{}
	err  error // of the end
}

// serve starts the program on a free port and waits until it says that it is
// ready. It is killed with the test.
func serve(t *testing.T, data string, options ...string) *instance {
	t.Helper()
	args := append([]string{"serve", "--listen=127.0.0.1:0", "--data=" + data, "--rate-limit=false"}, options...)
	s := &instance{cmd: program(t.Context(), t, nil, args...), done: make(chan struct{})}
	stderr, err := s.cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := s.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ready := make(chan string, 1)
	go func() {
		defer close(s.done)
		for lines := bufio.NewScanner(io.TeeReader(stderr, &s.said)); lines.Scan(); {
			if url, ok := strings.CutPrefix(lines.Text(), "Letterlock is ready: "); ok {
				ready <- url
			}
		}
		s.err = s.cmd.Wait()
	}()
	t.Cleanup(func() { s.kill() })
	select {
	case s.url = <-ready:
	case <-s.done:
		t.Fatalf("letterlock serve ended with %v; it said:\n%s", s.err, &s.said)
	case <-time.After(patience):
		t.Fatalf("letterlock serve is not ready after %v", patience)
	}
	return s
}

// kill ends the program as a crash does.
func (s *instance) kill() {
	s.cmd.Process.Kill()
	<-s.done
}

// wantEnd waits until the program has ended well.
func (s *instance) wantEnd(t *testing.T) {
	t.Helper()
	select {
	case <-s.done:
		if s.err != nil {
			t.Errorf("letterlock serve ended with %v, want success; it said:\n%s", s.err, &s.said)
		}
	case <-time.After(patience):
		t.Errorf("letterlock serve runs still after %v", patience)
	}
}

func (s *instance) client(t *testing.T) *client.Client {
	t.Helper()
	c, err := client.New(s.url)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// wantRefused runs a command that cannot be done, and wants one message.
func wantRefused(t *testing.T, says string, args ...string) {
	t.Helper()
	stdout, stderr, code := run(t, nil, args...)
	if code != exitFailed || stdout != "" || !strings.HasPrefix(stderr, "letterlock: ") || !strings.Contains(stderr, says) {
		t.Errorf("letterlock %q = exit code %d, said %q and on standard output %q; want %d, a message with %q and nothing",
			args, code, stderr, stdout, exitFailed, says)
	}
}

func TestDataIsServedOnce(t *testing.T) {
	data := t.TempDir()
	s := serve(t, data)
	wantRefused(t, "another letterlock serves", "serve", "--listen=127.0.0.1:0", "--data="+data)
	s.kill()
	serve(t, data).kill() // a crash leaves no lock behind
}

func TestPortInUse(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	wantRefused(t, "--listen", "serve", "--listen="+taken.Addr().String(), "--data="+t.TempDir())
}

func TestFilesAreTheOwnersOnly(t *testing.T) {
	data := filepath.Join(t.TempDir(), "var", "data")
	s := serve(t, data)
	if _, err := s.client(t).CreateSecret(t.Context(), &testkit.Seal(t, "text", "").NewSecret); err != nil {
		t.Fatal(err)
	}
	files := 0
	err := filepath.WalkDir(data, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		want := fs.FileMode(0o600)
		if d.IsDir() {
			want = 0o700
		} else {
			files++
		}
		if got := info.Mode().Perm(); got != want {
			t.Errorf("mode of %s = %o, want %o", d.Name(), got, want)
		}
		return nil
	})
	// The database, its log, the log's index and the lock.
	if err != nil || files < 4 {
		t.Errorf("the data directory has %d files, %v; want at least 4", files, err)
	}
}

func TestAddress(t *testing.T) {
	for _, tt := range []struct{ url, at, want string }{
		{"", "127.0.0.1:8080", "http://127.0.0.1:8080"},
		{"", "[::1]:80", "http://[::1]:80"},
		{"", "[::]:8080", "http://localhost:8080"},
		{"", "0.0.0.0:8080", "http://localhost:8080"},
		{"https://share.example.org/notes/", "[::]:8080", "https://share.example.org/notes"},
	} {
		c := serveCommand{config.Serve{URL: tt.url}}
		at := net.TCPAddrFromAddrPort(netip.MustParseAddrPort(tt.at))
		if got := c.address(at); got != tt.want {
			t.Errorf("address with --url=%s on %s = %q, want %q", tt.url, tt.at, got, tt.want)
		}
	}
}

// TestSetupFirst has an instance that others reach wait for its operator.
func TestSetupFirst(t *testing.T) {
	for at, want := range map[string]error{"127.0.0.1:80": nil, "[::1]:80": nil, "[::]:80": letterlock.ErrSetup, "192.0.2.1:80": letterlock.ErrSetup} {
		svc, err := new(serveCommand).service(t.Context(), testkit.SQLite(t).DB, net.TCPAddrFromAddrPort(netip.MustParseAddrPort(at)), "", slog.New(slog.DiscardHandler))
		if err != nil {
			t.Fatal(err)
		}
		if got := svc.RequireSetup(t.Context()); got != want {
			t.Errorf("RequireSetup while it listens on %s = %v, want %v", at, got, want)
		}
	}
}

// TestMailGoesOutAtTheEnd queues a mail beside the serving process and ends that
// before it looks at the queue again.
func TestMailGoesOutAtTheEnd(t *testing.T) {
	box, data := testkit.Mail(t), config.Storage{Data: t.TempDir()}
	s := serve(t, data.Data, "--smtp="+box.URL, "--url=https://share.example.org")
	administer(t, data, "user add", "jane@example.org")
	if err := beside(t, data).AskReset(t.Context(), letterlock.Caller{}, "jane@example.org"); err != nil {
		t.Fatal(err)
	}
	if err := s.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	s.wantEnd(t)
	letters := box.Take()
	if len(letters) != 1 || letters[0].To != "jane@example.org" || !strings.Contains(letters[0].Text, "https://share.example.org/reset#") {
		t.Errorf("at the end these mails had gone out: %+v; want the one with the link", letters)
	}
}

// TestSignals asks the program to end while a request is under way: it takes no
// more connections, answers that request, and ends well.
func TestSignals(t *testing.T) {
	for _, signal := range []os.Signal{syscall.SIGTERM, os.Interrupt} {
		t.Run(signal.String(), func(t *testing.T) {
			data := t.TempDir()
			s := serve(t, data)
			sealed := testkit.Seal(t, "text", "")
			finish := beginCreate(t, s, sealed)
			if err := s.cmd.Process.Signal(signal); err != nil {
				t.Fatal(err)
			}
			waitClosed(t, s)
			if status := finish(); status != http.StatusCreated {
				t.Errorf("create under way at %v = %d, want %d", signal, status, http.StatusCreated)
			}
			s.wantEnd(t)

			if _, err := serve(t, data).client(t).PeekSecret(t.Context(), sealed.ID, sealed.Link); err != nil {
				t.Errorf("PeekSecret after the restart: %v", err)
			}
		})
	}
}

// beginCreate sends half of a create request, of which the server is known to
// read the body. The other half follows in finish, which returns the status.
func beginCreate(t *testing.T, s *instance, sealed *testkit.Sealed) (finish func() int) {
	t.Helper()
	n := &sealed.NewSecret
	body, err := json.Marshal(api.CreateRequest{
		Header: n.Header[:], Commit: n.Commit[:], LinkHash: n.LinkHash[:], AccessHash: n.AccessHash[:], ManageHash: n.ManageHash[:],
		Content: n.Content, ExpiresIn: new(int64(n.Limits.ExpiresIn / time.Second)), MaxViews: api.LimitViews(n.Limits.Views),
	})
	if err != nil {
		t.Fatal(err)
	}
	conn, err := net.Dial("tcp", strings.TrimPrefix(s.url, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	conn.SetDeadline(time.Now().Add(patience))
	// The server says "100 Continue" when it wants the body.
	fmt.Fprintf(conn, "POST %s HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: %d\r\nExpect: 100-continue\r\n\r\n",
		api.SecretsPath(), len(body))
	answers := bufio.NewReader(conn)
	status := func() int {
		t.Helper()
		answer, err := http.ReadResponse(answers, nil)
		if err != nil {
			t.Fatalf("read the answer to a create: %v", err)
		}
		return answer.StatusCode
	}
	if got := status(); got != http.StatusContinue {
		t.Fatalf("create that waits with its body = %d, want %d", got, http.StatusContinue)
	}
	conn.Write(body[:len(body)/2])
	return func() int {
		t.Helper()
		conn.Write(body[len(body)/2:])
		return status()
	}
}

// waitClosed waits until the server takes no more connections.
func waitClosed(t *testing.T, s *instance) {
	t.Helper()
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
		conn, err := net.Dial("tcp", strings.TrimPrefix(s.url, "http://"))
		if err != nil {
			return
		}
		conn.Close()
	}
	t.Fatalf("the server takes connections still after %v", patience)
}

// TestSecondSignal: whoever asks twice does not want to wait for the requests
// under way.
func TestSecondSignal(t *testing.T) {
	s := serve(t, t.TempDir())
	beginCreate(t, s, testkit.Seal(t, "text", ""))
	begun := time.Now()
	for range 2 {
		if err := s.cmd.Process.Signal(os.Interrupt); err != nil {
			t.Fatal(err)
		}
		waitClosed(t, s)
	}
	select {
	case <-s.done:
	case <-time.After(patience):
		t.Fatalf("letterlock serve runs still %v after the second signal", patience)
	}
	if took := time.Since(begun); s.err == nil || took > drain/2 {
		t.Errorf("after a second signal letterlock serve ended in %v with %v, want it cut off at once", took, s.err)
	}
}

// TestListenerFails: when no more connections come, housekeeping is over before
// the database is closed.
func TestListenerFails(t *testing.T) {
	db := testkit.SQLite(t).DB
	svc, err := service.New(t.Context(), db, service.Config{MaxLifetime: letterlock.DefaultLifetime, MaxStored: 1 << 30, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	listener.Close()
	c := &serveCommand{}
	c.MaxLifetime = config.Duration(letterlock.DefaultLifetime)
	server, err := c.server(svc, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	if err := answer(t.Context(), listener, server, svc, db, "http://127.0.0.1"); !errors.Is(err, net.ErrClosed) {
		t.Errorf("answer on a listener that is closed = %v, want %v", err, net.ErrClosed)
	}
	var running strings.Builder
	pprof.Lookup("goroutine").WriteTo(&running, 1)
	if strings.Contains(running.String(), "(*Service).Run") {
		t.Error("housekeeping goes on after answer has returned")
	}
}
