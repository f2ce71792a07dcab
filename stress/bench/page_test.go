//go:build linux

package bench

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/andybalholm/brotli"
)

// pageWeight is what a first visit moves to the browser.
type pageWeight struct {
	name     string
	requests int
	wire     int // bytes of the answers, their headers included
	bodies   int // bytes of the bodies alone
}

func measurePages(b *testing.B, bin string) []pageWeight {
	p := startProduct(b, bin, dataDir(b))
	return []pageWeight{
		visit(b, p.addr, "create", "/"),
		visit(b, p.addr, "open", "/s/"+strings.Repeat("a", 26)),
	}
}

// visit gets a document and everything that it, its styles and its scripts ask
// for at once.
func visit(b *testing.B, addr, name, path string) pageWeight {
	w := pageWeight{name: name}
	queue, seen := []string{path}, map[string]bool{path: true}
	for ; len(queue) > 0; queue = queue[1:] {
		base, err := url.Parse(queue[0])
		if err != nil {
			b.Fatal(err)
		}
		a := fetch(b, addr, queue[0])
		w.requests++
		w.wire += a.wire
		w.bodies += a.encoded
		for _, link := range links(a.kind, a.body) {
			to, err := base.Parse(link)
			if err != nil || to.Host != "" {
				b.Fatalf("%s asks for %q, which is not on this server", queue[0], link)
			}
			if !seen[to.Path] {
				seen[to.Path] = true
				queue = append(queue, to.Path)
			}
		}
	}
	return w
}

type fetched struct {
	kind          string
	body          string
	wire, encoded int
}

// fetch gets a path as a browser that takes Brotli would, byte by byte as it
// comes over the connection.
func fetch(b *testing.B, addr, path string) fetched {
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		b.Fatal(err)
	}
	defer conn.Close()
	conn.SetDeadline(time.Now().Add(10 * time.Second))
	fmt.Fprintf(conn, "GET %s HTTP/1.1\r\nHost: localhost\r\nAccept-Encoding: gzip, deflate, br, zstd\r\nAccept-Language: en\r\nConnection: close\r\n\r\n", path)
	wire, err := io.ReadAll(conn)
	if err != nil {
		b.Fatal(err)
	}
	res, err := http.ReadResponse(bufio.NewReader(bytes.NewReader(wire)), nil)
	if err != nil || res.StatusCode != http.StatusOK {
		b.Fatalf("GET %s: %v, %v; want 200", path, res, err)
	}
	encoded, err := io.ReadAll(res.Body)
	if err != nil {
		b.Fatal(err)
	}
	if got := res.Header.Get("Content-Encoding"); got != "br" {
		b.Fatalf("GET %s: Content-Encoding is %q, want br", path, got)
	}
	body, err := io.ReadAll(brotli.NewReader(bytes.NewReader(encoded)))
	if err != nil {
		b.Fatal(err)
	}
	return fetched{res.Header.Get("Content-Type"), string(body), len(wire), len(encoded)}
}

// What a browser fetches without being asked by a person or a script. import()
// is left out: what it loads comes later.
var (
	inHTML   = regexp.MustCompile(`<(?:link|script|img|source|iframe)\b[^>]*?\s(?:href|src)="([^"]+)"`)
	inCSS    = regexp.MustCompile(`url\(["']?([^"')]+)["']?\)|@import\s*["']([^"']+)["']`)
	inScript = regexp.MustCompile(`\b(?:import|from)\s*["']([./][^"']+)["']`)
)

func links(kind, body string) []string {
	var pattern *regexp.Regexp
	switch media, _, _ := strings.Cut(kind, ";"); media {
	case "text/html":
		pattern = inHTML
	case "text/css":
		pattern = inCSS
	case "text/javascript":
		pattern = inScript
	default:
		return nil
	}
	var all []string
	for _, m := range pattern.FindAllStringSubmatch(body, -1) {
		link := strings.Join(m[1:], "") // one of the groups
		if !strings.HasPrefix(link, "data:") && !strings.HasPrefix(link, "#") {
			all = append(all, link)
		}
	}
	return all
}
