package letterlock_test

import (
	"bytes"
	"encoding/json"
	"io"
	"io/fs"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const module = "letterlock"

// mayImport says which packages of ours each package may import. A new package
// is a new line, argued for in its commit. Nothing that serves imports envelope:
// the serving half could not decrypt if it wanted to.
var mayImport = map[string][]string{
	"envelope":         {},
	".":                {},
	"api":              {"."},
	"client":           {".", "api"},
	"ui":               {"."},
	"ui/bundle":        {},
	"internal/config":  {"."},
	"internal/store":   {"."},
	"internal/mail":    {".", "ui"},
	"internal/service": {".", "internal/store", "internal/mail"},
	"internal/web":     {".", "api", "ui", "internal/service"},
	"cmd/letterlock":   {".", "api", "client", "envelope", "ui", "internal/config", "internal/store", "internal/mail", "internal/service", "internal/web"},
}

// forTests may import anything, and only tests import them.
var forTests = []string{"internal/testkit", "e2e", "stress"}

// mayUse says what the packages that others build on use besides the standard
// library.
var mayUse = map[string][]string{
	".":        {"golang.org/x/net/idna", "golang.org/x/text/cases", "golang.org/x/text/unicode/norm"},
	"envelope": {"golang.org/x/crypto/argon2", "golang.org/x/text/unicode/norm"},
}

// notLinked are only there to make and to test the product.
var notLinked = []string{"github.com/evanw/esbuild", "github.com/chromedp", "github.com/google/go-cmp", "github.com/emersion", module + "/internal/testkit"}

// maxModules is how many modules of others the product may be linked from,
// theirs included.
const maxModules = 27

func TestImports(t *testing.T) {
	packages := list(t, "./...")
	for _, p := range packages {
		from := short(p.ImportPath)
		if within(from, forTests) {
			continue
		}
		allowed, known := mayImport[from]
		if !known {
			t.Errorf("package %s has no line in mayImport", from)
		}
		outside, checked := mayUse[from]
		for _, path := range p.Imports {
			switch to := short(path); {
			case to != "":
				if known && !slices.Contains(allowed, to) {
					t.Errorf("%s imports %s, may import %q only", from, to, allowed)
				}
			case checked && !isStandard(path) && !slices.Contains(outside, path):
				t.Errorf("%s imports %s, may use the standard library and %q only", from, path, outside)
			}
		}
	}
	for from := range mayImport {
		if !slices.ContainsFunc(packages, func(p goPackage) bool { return short(p.ImportPath) == from }) {
			t.Errorf("mayImport has a line for %s, which is no package", from)
		}
	}
}

func TestLinked(t *testing.T) {
	modules := map[string]bool{}
	for _, p := range list(t, "-deps", "./cmd/letterlock") {
		if within(p.ImportPath, notLinked) {
			t.Errorf("the product links %s, which is there to make and to test it", p.ImportPath)
		}
		if p.Module != nil && p.Module.Path != module {
			modules[p.Module.Path] = true
		}
	}
	if len(modules) == 0 || len(modules) > maxModules {
		t.Errorf("the product is linked from %d modules of others, want 1 to %d", len(modules), maxModules)
	}
}

// goPackage is what we read of a package that go list describes.
type goPackage struct {
	ImportPath string
	Imports    []string
	Module     *struct{ Path string }
}

func list(t *testing.T, args ...string) []goPackage {
	t.Helper()
	look(t)
	cmd := exec.Command("go", append([]string{"list", "-json=ImportPath,Imports,Module"}, args...)...)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list %q: %v\n%s", args, err, &stderr)
	}
	var packages []goPackage
	for dec := json.NewDecoder(bytes.NewReader(out)); ; {
		var p goPackage
		switch err := dec.Decode(&p); err {
		case nil:
			packages = append(packages, p)
		case io.EOF:
			return packages
		default:
			t.Fatalf("read what go list %q printed: %v", args, err)
		}
	}
}

// look reads every directory of the module. Go repeats a test only when what it
// has read has changed, and does not see what go list reads.
func look(t *testing.T) {
	t.Helper()
	err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		if d != nil && (d.Name() == ".git" || d.Name() == "node_modules") {
			return fs.SkipDir
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// short is a path inside the module, "." for its root, "" for what is not ours.
func short(path string) string {
	if path == module {
		return "."
	}
	inside, ours := strings.CutPrefix(path, module+"/")
	if !ours {
		return ""
	}
	return inside
}

// within reports whether a path is one of the trees.
func within(path string, trees []string) bool {
	return slices.ContainsFunc(trees, func(tree string) bool {
		return path == tree || strings.HasPrefix(path, tree+"/")
	})
}

// isStandard reports whether a path is of the standard library: the others
// begin with a domain name.
func isStandard(path string) bool {
	host, _, _ := strings.Cut(path, "/")
	return !strings.Contains(host, ".")
}
