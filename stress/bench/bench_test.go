//go:build linux

// Package bench measures the built binary: how many secrets it creates and
// opens, what that costs, how much memory it takes, how soon it is ready and
// what a first visit weighs. Beside it, in the same run and in turn with it, run
// two ceilings: what net/http allows, and what the disk allows. Numbers of one
// machine say little; the ratios to the ceilings hold on others too.
//
//	bin/bench
//	go test -run '^$' -bench . ./stress/bench
package bench

import (
	"cmp"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"syscall"
	"testing"
	"time"

	"letterlock/internal/testkit"
)

var (
	rounds = flag.Int("rounds", 7, "how often each contender is measured; the median counts")
	binary = flag.String("binary", "", "measure this binary instead of building one")
)

// TestMain is also how the ceilings start: this binary again, told which one to
// be.
func TestMain(m *testing.M) {
	if kind := os.Getenv(ceilingVariable); kind != "" {
		fmt.Fprintln(os.Stderr, serveCeiling(kind))
		os.Exit(1)
	}
	os.Exit(testkit.Main(m))
}

// levels are how many connections there are, and how many requests a round
// sends over them: about a second's worth.
var levels = []struct{ connections, requests int }{{1, 2000}, {16, 10000}, {64, 12000}}

// liveSecrets is how many are kept while memory and start are measured.
const liveSecrets = 40_000

// BenchmarkLetterlock measures everything and prints one table.
func BenchmarkLetterlock(b *testing.B) {
	bin := build(b)
	r := newReport()
	for _, verb := range []string{"create", "open"} {
		for _, level := range levels {
			b.Run(fmt.Sprintf("%s-%d", verb, level.connections), func(b *testing.B) {
				c := compare(b, bin, verb, level.connections, level.requests)
				r.add(c)
				c.metrics(b)
			})
		}
	}
	b.Run("memory-and-start", func(b *testing.B) {
		r.instance = measureInstance(b, bin)
		b.ReportMetric(0, "ns/op") // says nothing here
		b.ReportMetric(float64(r.instance.ready.Microseconds())/1000, "start-ms")
		b.ReportMetric(megabytes(r.instance.idle), "idle-MB")
		b.ReportMetric(megabytes(r.instance.loaded), "loaded-MB")
	})
	b.Run("pages", func(b *testing.B) {
		r.pages = measurePages(b, bin)
		b.ReportMetric(0, "ns/op")
		for _, p := range r.pages {
			b.ReportMetric(float64(p.wire), p.name+"-bytes")
		}
	})
	b.Run("browser", func(b *testing.B) {
		r.waits = measureWaits(b, bin)
		b.ReportMetric(0, "ns/op")
		b.ReportMetric(r.waits.create.ratio(), "create-of-one-file")
		b.ReportMetric(r.waits.open.ratio(), "open-of-one-file")
	})
	r.print(os.Stdout)
}

// build makes the binary as it is released.
func build(b *testing.B) string {
	path := *binary
	if path == "" {
		path = filepath.Join(b.TempDir(), "letterlock")
		cmd := exec.Command("go", "build", "-trimpath", "-ldflags=-s -w", "-o", path, "letterlock/cmd/letterlock")
		cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
		if out, err := cmd.CombinedOutput(); err != nil {
			b.Fatalf("go build: %v\n%s", err, out)
		}
	}
	path, err := filepath.Abs(path)
	if err != nil {
		b.Fatal(err)
	}
	return path
}

// dataDir is a directory on a disk: in memory a sync costs nothing.
func dataDir(b *testing.B) string {
	dir := b.TempDir()
	var fs syscall.Statfs_t
	if err := syscall.Statfs(dir, &fs); err != nil {
		b.Fatal(err)
	}
	const tmpfs = 0x01021994
	if fs.Type == tmpfs {
		b.Fatalf("%s is in memory; set TMPDIR to a directory on a disk", dir)
	}
	return dir
}

// compare measures the product and both ceilings in turn, so that what else the
// machine does meanwhile hits all of them.
func compare(b *testing.B, bin, verb string, connections, requests int) *comparison {
	processes := [contenders]*process{
		product: startProduct(b, bin, dataDir(b)),
		bare:    startCeiling(b, ceilingBare, ""),
		fsync:   startCeiling(b, ceilingFsync, filepath.Join(dataDir(b), "appended")),
	}
	c := &comparison{verb: verb, connections: connections}
	create, open := newCreateRequest(b), newOpenRequest(b)
	for round := range *rounds + 1 {
		for i, p := range processes {
			ids := newIDs(requests)
			request := create
			if verb == "open" {
				request = open
				if i == product { // what is opened has to be there
					send(b, p.addr, create, ids, max(connections, 16))
				}
			}
			before := p.cpu(b)
			l := send(b, p.addr, request, ids, connections)
			spent := p.cpu(b) - before
			if round > 0 { // the first one warms up
				c.samples[i] = append(c.samples[i], newSample(l, spent))
			}
		}
	}
	return c
}

// instance is what one process takes that serves many live secrets.
type instance struct {
	ready        time.Duration // from exec to the first 200 of /readyz, on an existing database
	idle, loaded int64         // bytes of resident memory: at rest, and the most under load
	binary       int64         // bytes of the file
}

func measureInstance(b *testing.B, bin string) instance {
	dir := dataDir(b)
	create, open := newCreateRequest(b), newOpenRequest(b)
	p := startProduct(b, bin, dir)
	send(b, p.addr, create, newIDs(liveSecrets), 64)
	p.stop(b)

	var in instance
	var starts []time.Duration
	for range 11 {
		p = startProduct(b, bin, dir)
		starts = append(starts, p.ready)
		p.stop(b)
	}
	in.ready = median(starts)

	p = startProduct(b, bin, dir)
	time.Sleep(3 * time.Second)
	in.idle = p.memory(b, "VmRSS")
	for range 3 {
		ids := newIDs(liveSecrets / 4)
		send(b, p.addr, create, ids, 64)
		send(b, p.addr, open, ids, 64)
	}
	in.loaded = p.memory(b, "VmHWM")

	file, err := os.Stat(bin)
	if err != nil {
		b.Fatal(err)
	}
	in.binary = file.Size()
	return in
}

// median of measurements; it does not keep their order.
func median[T cmp.Ordered](all []T) T {
	slices.Sort(all)
	return all[len(all)/2]
}
