//go:build linux

package bench

import (
	"fmt"
	"io"
	"testing"
	"text/tabwriter"
	"time"
)

// sample is one round of one contender.
type sample struct {
	rate          float64 // requests a second
	p50, p95, p99 time.Duration
	cpu           time.Duration // of the server, for one request
}

func newSample(l load, spent time.Duration) sample {
	n := len(l.latencies)
	return sample{
		rate: float64(n) / l.took.Seconds(),
		p50:  l.latencies[n*50/100],
		p95:  l.latencies[n*95/100],
		p99:  l.latencies[n*99/100],
		cpu:  spent / time.Duration(n),
	}
}

// The contenders of a comparison in their order.
const (
	product = iota
	bare
	fsync
	contenders
)

var contenderNames = [contenders]string{"letterlock", "bare handler", "one fdatasync per batch"}

// comparison is all rounds of one verb at one number of connections.
type comparison struct {
	verb        string
	connections int
	samples     [contenders][]sample
}

// typical is the median of every figure of a contender.
func (c *comparison) typical(i int) sample {
	return sample{
		rate: c.median(i, func(s sample) float64 { return s.rate }),
		p50:  time.Duration(c.median(i, func(s sample) float64 { return float64(s.p50) })),
		p95:  time.Duration(c.median(i, func(s sample) float64 { return float64(s.p95) })),
		p99:  time.Duration(c.median(i, func(s sample) float64 { return float64(s.p99) })),
		cpu:  time.Duration(c.median(i, func(s sample) float64 { return float64(s.cpu) })),
	}
}

func (c *comparison) median(i int, figure func(sample) float64) float64 {
	var all []float64
	for _, s := range c.samples[i] {
		all = append(all, figure(s))
	}
	return median(all)
}

// ratio is the median over the rounds of what the product did to what a ceiling
// did in the same round.
func (c *comparison) ratio(ceiling int, figure func(sample) float64) float64 {
	var all []float64
	for round, s := range c.samples[product] {
		all = append(all, figure(s)/figure(c.samples[ceiling][round]))
	}
	return median(all)
}

func (c *comparison) rateTo(ceiling int) float64 {
	return c.ratio(ceiling, func(s sample) float64 { return s.rate })
}

func (c *comparison) cpuTo(ceiling int) float64 {
	return c.ratio(ceiling, func(s sample) float64 { return float64(s.cpu) })
}

func (c *comparison) metrics(b *testing.B) {
	s := c.typical(product)
	b.ReportMetric(0, "ns/op") // of a whole comparison: says nothing
	b.ReportMetric(s.rate, "req/s")
	b.ReportMetric(micros(s.p50), "p50-µs")
	b.ReportMetric(micros(s.p99), "p99-µs")
	b.ReportMetric(micros(s.cpu), "cpu-µs/req")
	b.ReportMetric(c.rateTo(fsync), "of-fsync")
	b.ReportMetric(c.cpuTo(fsync), "cpu-of-fsync")
}

// report is everything that was measured. What a -bench pattern left out is
// missing from it.
type report struct {
	comparisons map[string]*comparison
	order       []string
	instance    instance
	pages       []pageWeight
	waits       waits
}

func newReport() *report { return &report{comparisons: map[string]*comparison{}} }

func (r *report) add(c *comparison) {
	key := fmt.Sprintf("%s-%d", c.verb, c.connections)
	if r.comparisons[key] == nil {
		r.order = append(r.order, key)
	}
	r.comparisons[key] = c
}

func (r *report) print(out io.Writer) {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
	defer w.Flush()
	for _, key := range r.order {
		printComparison(w, r.comparisons[key])
	}
	if r.instance.binary > 0 {
		fmt.Fprintf(w, "\nready after exec, %d live secrets\t%.0f ms\t\n", liveSecrets, micros(r.instance.ready)/1000)
		fmt.Fprintf(w, "resident memory, idle\t%.1f MB\t\n", megabytes(r.instance.idle))
		fmt.Fprintf(w, "resident memory, most under load\t%.1f MB\t\n", megabytes(r.instance.loaded))
		fmt.Fprintf(w, "binary\t%.1f MB\t\n", megabytes(r.instance.binary))
	}
	for _, p := range r.pages {
		fmt.Fprintf(w, "\nfirst visit, %s page\t%d requests\t%d bytes\tof them bodies %d\t\n", p.name, p.requests, p.wire, p.bodies)
	}
	for _, v := range []struct {
		name string
		wait wait
	}{{"click to link", r.waits.create}, {"click to plaintext", r.waits.open}} {
		if v.wait.ours > 0 {
			fmt.Fprintf(w, "\nin the browser, %s\t%.1f ms\tone-file page %.1f ms\t\n", v.name, millis(v.wait.ours), millis(v.wait.oneFile))
		}
	}
	w.Flush()
	r.printTargets(w)
}

func printComparison(w io.Writer, c *comparison) {
	fmt.Fprintf(w, "\n%s, %d connections\treq/s\tp50 µs\tp95 µs\tp99 µs\tCPU µs/req\t\n", c.verb, c.connections)
	for i, name := range contenderNames {
		s := c.typical(i)
		fmt.Fprintf(w, "%s\t%.0f\t%.0f\t%.0f\t%.0f\t%.1f\t\n", name, s.rate, micros(s.p50), micros(s.p95), micros(s.p99), micros(s.cpu))
	}
	for _, ceiling := range []int{bare, fsync} {
		fmt.Fprintf(w, "letterlock / %s\t%.2f\t\t\t\t%.2f\t\n", contenderNames[ceiling], c.rateTo(ceiling), c.cpuTo(ceiling))
	}
}

// target is one promise and how it was kept.
type target struct {
	name           string
	measured, want float64
	format         string
	least          bool // want is the least, else the most
}

func (t target) met() string {
	if t.measured == t.want || (t.measured > t.want) == t.least {
		return "met"
	}
	return "MISSED"
}

func (r *report) printTargets(w *tabwriter.Writer) {
	fmt.Fprintf(w, "\ntarget\twanted\tmeasured\t\t\n")
	for _, t := range r.targets() {
		bound := "≤ "
		if t.least {
			bound = "≥ "
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t\n", t.name, bound+fmt.Sprintf(t.format, t.want), fmt.Sprintf(t.format, t.measured), t.met())
	}
	w.Flush()
}

func (r *report) targets() []target {
	var all []target
	for _, verb := range []struct {
		name string
		rate float64
	}{{"create", 0.75}, {"open", 0.6}} {
		if c := r.comparisons[verb.name+"-64"]; c != nil {
			all = append(all,
				target{verb.name + ", 64 connections, of one fdatasync per batch", c.rateTo(fsync), verb.rate, "%.2f", true},
				target{verb.name + ", CPU, of one fdatasync per batch", c.cpuTo(fsync), 1.4, "%.2f", false})
		}
	}
	if in := r.instance; in.binary > 0 {
		all = append(all,
			target{"memory, idle, MB", megabytes(in.idle), 25, "%.1f", false},
			target{"memory under load, MB", megabytes(in.loaded), 64, "%.1f", false},
			target{"ready after exec, ms", micros(in.ready) / 1000, 100, "%.0f", false},
			target{"binary, MB", megabytes(in.binary), 32, "%.1f", false})
	}
	for _, p := range r.pages {
		most := map[string]float64{"create": 25_000, "open": 20_000}[p.name]
		all = append(all, target{"first visit, " + p.name + " page, bytes", float64(p.wire), most, "%.0f", false})
		if p.name == "create" {
			all = append(all, target{"first visit, create page, requests", float64(p.requests), 5, "%.0f", false})
		}
	}
	if r.waits.create.ours > 0 {
		all = append(all,
			target{"click to link, of a one-file page", r.waits.create.ratio(), 1.5, "%.2f", false},
			target{"click to plaintext, of a one-file page", r.waits.open.ratio(), 1.5, "%.2f", false})
	}
	return all
}

func micros(d time.Duration) float64 { return float64(d) / float64(time.Microsecond) }

func megabytes(n int64) float64 { return float64(n) / 1e6 }
