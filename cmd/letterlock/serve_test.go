package main

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/go-json-experiment/json"

	"letterlock/api"
	"letterlock/client"
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

// wantRefused runs "serve" where it cannot, and wants one message.
func wantRefused(t *testing.T, says string, options ...string) {
	t.Helper()
	stdout, stderr, code := run(t, nil, append([]string{"serve"}, options...)...)
	if code != exitFailed || stdout != "" || !strings.HasPrefix(stderr, "letterlock: ") || !strings.Contains(stderr, says) {
		t.Errorf("letterlock serve %q = exit code %d, said %q and on standard output %q; want %d, a message with %q and nothing",
			options, code, stderr, stdout, exitFailed, says)
	}
}

func TestDataIsServedOnce(t *testing.T) {
	data := t.TempDir()
	s := serve(t, data)
	wantRefused(t, "another letterlock serves", "--listen=127.0.0.1:0", "--data="+data)
	s.kill()
	serve(t, data).kill() // a crash leaves no lock behind
}

func TestPortInUse(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	wantRefused(t, "--listen", "--listen="+taken.Addr().String(), "--data="+t.TempDir())
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
