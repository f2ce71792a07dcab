package testkit

import (
	"bytes"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// Instance is the built program, serving a data directory of its own.
type Instance struct {
	URL  string
	Data string // directory

	t    testing.TB
	cmd  *exec.Cmd
	log  logged
	done chan error
}

// Launch builds cmd/letterlock once and starts it on a free port, without limits
// per address unless the options say otherwise. It ends with the test.
func Launch(t testing.TB, options ...string) *Instance {
	t.Helper()
	program, err := buildProgram()
	if err != nil {
		t.Fatal(err)
	}
	s := &Instance{t: t, Data: t.TempDir(), done: make(chan error, 1)}
	given := append([]string{"serve", "--listen=127.0.0.1:0", "--data=" + s.Data, "--rate-limit=false", "--access-log"}, options...)
	s.cmd = exec.Command(program, given...)
	s.cmd.Env = []string{"TZ=UTC"}
	s.cmd.Stderr = &s.log
	endWithUs(s.cmd)
	if err := s.cmd.Start(); err != nil {
		t.Fatalf("start %s: %v", program, err)
	}
	wait := s.cmd.Wait // Stop takes cmd away
	go func() { s.done <- wait() }()
	t.Cleanup(s.Stop)
	s.waitReady()
	return s
}

// listening is what the program prints when it serves.
var listening = regexp.MustCompile(`Letterlock is ready: (\S+)`)

func (s *Instance) waitReady() {
	s.t.Helper()
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); time.Sleep(5 * time.Millisecond) {
		m := listening.FindStringSubmatch(s.Log())
		if m == nil {
			continue
		}
		s.URL = m[1]
		answer, err := http.Get(s.URL + "/readyz")
		if err != nil {
			continue
		}
		answer.Body.Close()
		if answer.StatusCode == http.StatusOK {
			return
		}
	}
	s.t.Fatalf("letterlock serve is not ready after %v; it said:\n%s", patience, s.Log())
}

// Log is everything the program printed so far.
func (s *Instance) Log() string { return s.log.String() }

// Files is everything in the data directory, for searches.
func (s *Instance) Files() map[string][]byte {
	s.t.Helper()
	files := map[string][]byte{}
	err := filepath.WalkDir(s.Data, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		files[path], err = os.ReadFile(path)
		return err
	})
	if err != nil {
		s.t.Fatalf("read the data directory: %v", err)
	}
	return files
}

// Stop ends the program as an administrator does, and fails the test if it does
// not end well. It may be called twice.
func (s *Instance) Stop() {
	s.t.Helper()
	if s.cmd == nil {
		return
	}
	cmd := s.cmd
	s.cmd = nil
	if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
		s.t.Errorf("stop letterlock serve: %v; it said:\n%s", err, s.Log())
	}
	select {
	case err := <-s.done:
		if err != nil {
			s.t.Errorf("letterlock serve ended with %v; it said:\n%s", err, s.Log())
		}
	case <-time.After(patience):
		cmd.Process.Kill()
		<-s.done
		s.t.Errorf("letterlock serve did not end within %v of SIGTERM; it said:\n%s", patience, s.Log())
	}
}

// logged is a buffer that is read while it is written. mu guards buf.
type logged struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

// Write appends.
func (l *logged) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.Write(b)
}

// String is everything so far.
func (l *logged) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.String()
}

// buildProgram builds cmd/letterlock once for the process.
var buildProgram = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "letterlock-test-")
	if err != nil {
		return "", err
	}
	atEnd(func() { os.RemoveAll(dir) })
	program := filepath.Join(dir, "letterlock")
	build := exec.Command("go", "build", "-o", program, "letterlock/cmd/letterlock")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build cmd/letterlock: %w\n%s", err, out)
	}
	return program, lookAtSources()
})

// lookAtSources reads the directories of what goes into the program and is
// imported by no test. Go repeats a test only when what it imports or has read
// has changed, and does not see what go build reads.
func lookAtSources() error {
	dirs, err := exec.Command("go", "list", "-f", "{{.Dir}}", "letterlock/cmd/letterlock", "letterlock/internal/config").Output()
	if err != nil {
		return fmt.Errorf("go list: %w", err)
	}
	for dir := range strings.Lines(string(dirs)) {
		if _, err := os.ReadDir(strings.TrimSuffix(dir, "\n")); err != nil {
			return err
		}
	}
	return nil
}
