//go:build linux

package bench

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// process is a server of its own process, so that its time and memory are its
// own.
type process struct {
	cmd   *exec.Cmd
	addr  string
	ready time.Duration // from exec to the first 200
}

func startProduct(b *testing.B, bin, dir string) *process {
	cmd := exec.Command(bin, "serve", "--listen=127.0.0.1:0", "--data="+dir, "--rate-limit=false", "--max-stored=16GiB")
	return start(b, cmd, "/readyz", http.StatusOK)
}

func startCeiling(b *testing.B, kind, file string) *process {
	self, err := os.Executable()
	if err != nil {
		b.Fatal(err)
	}
	cmd := exec.Command(self)
	cmd.Env = append(os.Environ(), ceilingVariable+"="+kind, ceilingFile+"="+file)
	return start(b, cmd, "/", http.StatusNotFound)
}

// start starts a server, which says on standard error where it listens, and
// waits until it answers. It ends with the benchmark at the latest.
func start(b *testing.B, cmd *exec.Cmd, path string, want int) *process {
	stderr, err := cmd.StderrPipe()
	if err != nil {
		b.Fatal(err)
	}
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL} // should a timeout end the benchmark
	p := &process{cmd: cmd}
	began := time.Now()
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { p.stop(b) })
	lines := bufio.NewScanner(stderr)
	for p.addr == "" && lines.Scan() {
		if _, addr, ok := strings.Cut(lines.Text(), "is ready: http://"); ok {
			p.addr = addr
		}
	}
	if p.addr == "" {
		b.Fatalf("%s did not start", cmd.Path)
	}
	go io.Copy(io.Discard, stderr)
	res, err := http.Get("http://" + p.addr + path)
	if err != nil {
		b.Fatal(err)
	}
	res.Body.Close()
	if res.StatusCode != want {
		b.Fatalf("%s%s answers %s, want %d", cmd.Path, path, res.Status, want)
	}
	p.ready = time.Since(began)
	return p
}

// stop ends the process, at first politely. Again, it does nothing.
func (p *process) stop(b *testing.B) {
	if p.cmd.ProcessState != nil {
		return
	}
	p.cmd.Process.Signal(syscall.SIGTERM)
	kill := time.AfterFunc(10*time.Second, func() {
		b.Errorf("%s did not stop within 10 s", p.cmd.Path)
		p.cmd.Process.Kill()
	})
	p.cmd.Wait()
	kill.Stop()
}

// cpu is the time that the process has had of all processors.
func (p *process) cpu(b *testing.B) time.Duration {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", p.cmd.Process.Pid))
	if err != nil {
		b.Fatal(err)
	}
	// The name is in parentheses and may hold spaces. After it, user and system
	// time are the 12th and 13th field, in hundredths of a second.
	fields := strings.Fields(string(stat[bytes.LastIndexByte(stat, ')')+1:]))
	user, err1 := strconv.Atoi(fields[11])
	system, err2 := strconv.Atoi(fields[12])
	if err1 != nil || err2 != nil {
		b.Fatalf("/proc/%d/stat: %s", p.cmd.Process.Pid, stat)
	}
	return time.Duration(user+system) * 10 * time.Millisecond
}

// memory is a line of the process's status in bytes: VmRSS, what is resident
// now, or VmHWM, the most that ever was.
func (p *process) memory(b *testing.B, name string) int64 {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.cmd.Process.Pid))
	if err != nil {
		b.Fatal(err)
	}
	for line := range strings.Lines(string(status)) {
		if value, ok := strings.CutPrefix(line, name+":"); ok {
			kib, err := strconv.ParseInt(strings.TrimSuffix(strings.TrimSpace(value), " kB"), 10, 64)
			if err != nil {
				b.Fatal(err)
			}
			return kib << 10
		}
	}
	b.Fatalf("/proc/%d/status has no %s", p.cmd.Process.Pid, name)
	return 0
}
