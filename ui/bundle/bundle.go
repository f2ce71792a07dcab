// Package bundle makes ui/dist from ui/ts and ui/css: the bytes that browsers
// run, readable, in the history, and the same for everyone who builds. It is for
// tests only; the product embeds what is in ui/dist.
package bundle

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"path/filepath"

	"github.com/andybalholm/brotli"
	"github.com/evanw/esbuild/pkg/api"
)

// entry is one file of dist.
type entry struct {
	out, in string
	format  api.Format
}

var entries = []entry{
	{"app.css", "css/app.css", api.FormatDefault},
	{"desk.css", "css/desk.css", api.FormatDefault},
	{"create.js", "ts/create.ts", api.FormatESModule},
	{"share.js", "ts/share.ts", api.FormatESModule},
	{"open.js", "ts/open.ts", api.FormatESModule},
	{"page.js", "ts/page.ts", api.FormatESModule},
	{"desk.js", "ts/desk.ts", api.FormatESModule},
	{"qr.js", "ts/qr.ts", api.FormatESModule},
	{"words.js", "ts/words.ts", api.FormatESModule},
	{"theme.js", "ts/theme.ts", api.FormatIIFE},
	{"kdf-worker.js", "ts/kdf-worker.ts", api.FormatIIFE},
}

// Build bundles the sources in dir, the ui directory, and returns the files of
// dist by name, each with its Brotli and gzip forms.
func Build(dir string) (map[string][]byte, error) {
	files := map[string][]byte{"icon.svg": icon}
	for _, e := range entries {
		body, err := buildEntry(dir, e)
		if err != nil {
			return nil, fmt.Errorf("bundle %s: %w", e.in, err)
		}
		files[e.out] = body
	}
	for name, body := range files {
		if filepath.Ext(name) == ".br" || filepath.Ext(name) == ".gz" {
			continue
		}
		files[name+".br"], files[name+".gz"] = compress(body)
	}
	return files, nil
}

// icon is the packet with its seal, for tabs and bookmarks.
var icon = []byte(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 30 30"><path fill="#fdfcf9" stroke="#12151f" stroke-width="2" d="M2 5.500h26v19H2zM2 12h26M10.500 12 2 24.500"/><circle cx="20.500" cy="12.300" r="4.800" fill="#a51f22"/></svg>
`)

func buildEntry(dir string, e entry) ([]byte, error) {
	result := api.Build(api.BuildOptions{
		AbsWorkingDir: abs(dir),
		EntryPoints:   []string{e.in},
		Bundle:        true,
		Format:        e.format,
		Target:        api.ES2022,
		Charset:       api.CharsetUTF8,
		LegalComments: api.LegalCommentsInline,

		// Names stay, so that what a browser runs can be read, with its white space
		// put back, and compared.
		MinifySyntax:     true,
		MinifyWhitespace: true,
	})
	if len(result.Errors) > 0 {
		return nil, errors.New(result.Errors[0].Text)
	}
	return result.OutputFiles[0].Contents, nil
}

func abs(dir string) string {
	path, err := filepath.Abs(dir)
	if err != nil {
		panic(err) // only without a working directory
	}
	return path
}

// compress writes both forms at their smallest; dist is made seldom and read
// often.
func compress(body []byte) (br, gz []byte) {
	var b, g bytes.Buffer
	bw := brotli.NewWriterLevel(&b, brotli.BestCompression)
	gw, _ := gzip.NewWriterLevel(&g, gzip.BestCompression)
	for _, w := range []interface {
		Write([]byte) (int, error)
		Close() error
	}{bw, gw} {
		w.Write(body)
		w.Close()
	}
	return b.Bytes(), g.Bytes()
}
