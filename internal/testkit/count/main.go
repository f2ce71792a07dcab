// Command count reads what go test -json prints, shows of it what a person
// wants to see, and writes the plain count of tests to the file it is given:
// 412 tests passed, 0 failed, 2 skipped. bin/test runs it.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: go test -json ./... | count FILE")
		os.Exit(2)
	}
	summary, err := count(os.Stdin, os.Stdout)
	if err == nil {
		err = os.WriteFile(os.Args[1], []byte(summary+"\n"), 0o644)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "count:", err)
		os.Exit(1)
	}
}

// event is one line of go test -json, as go doc test2json describes it.
type event struct {
	Action  string
	Package string
	Test    string
	Elapsed float64
	Output  string
}

// count copies what matters from r to w: a line for each package, and all
// output of what failed or was skipped. It returns the summary.
func count(r io.Reader, w io.Writer) (string, error) {
	c := counter{w: w, output: map[name]string{}, parent: map[name]bool{}, failed: map[name]bool{}}
	lines := bufio.NewReader(r)
	for {
		line, err := lines.ReadBytes('\n')
		var e event
		if json.Unmarshal(line, &e) == nil {
			c.add(e)
		} else {
			w.Write(line) // of the go command itself
		}
		switch err {
		case nil:
		case io.EOF:
			return fmt.Sprintf("%d tests passed, %d failed, %d skipped", c.passes, c.failures, c.skips), nil
		default:
			return "", err
		}
	}
}

// name is a test, or its package where test is empty.
type name struct{ pkg, test string }

// up is the test that a subtest belongs to, or the package.
func (n name) up() name {
	return name{n.pkg, n.test[:max(strings.LastIndexByte(n.test, '/'), 0)]}
}

// counter counts the tests that have no subtests, and besides them only what
// failed by itself: a test around its subtests, a package that did not build.
type counter struct {
	w      io.Writer
	output map[name]string
	parent map[name]bool // what has tests inside
	failed map[name]bool // what failed, or has inside what failed

	passes, failures, skips int
}

func (c *counter) add(e event) {
	n := name{e.Package, e.Test}
	switch e.Action {
	case "run":
		c.parent[n.up()] = true
	case "output":
		if n.test == "" && (strings.HasPrefix(e.Output, "ok  \t") || strings.HasPrefix(e.Output, "FAIL\t")) {
			io.WriteString(c.w, e.Output)
		} else {
			c.output[n] += e.Output
		}
	case "build-output":
		io.WriteString(c.w, e.Output)
	case "pass", "fail", "skip":
		c.end(n, e.Action)
		delete(c.output, n)
	}
}

// end counts a test or package that has ended.
func (c *counter) end(n name, how string) {
	leaf := n.test != "" && !c.parent[n]
	switch {
	case how == "fail":
		c.fail(n)
	case how == "skip" && leaf:
		io.WriteString(c.w, c.output[n])
		c.skips++
	case leaf:
		c.passes++
	}
}

func (c *counter) fail(n name) {
	if n.test != "" || !c.failed[n] {
		io.WriteString(c.w, c.output[n])
	}
	if !c.failed[n] {
		c.failures++
	}
	for c.failed[n] = true; n.test != ""; {
		n = n.up()
		c.failed[n] = true
	}
}
