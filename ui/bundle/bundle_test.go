package bundle

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
)

const dist = "../dist"

// TestDist holds ui/dist to what the sources make. UPDATE=1 rewrites it.
func TestDist(t *testing.T) {
	if _, err := os.Stat("../node_modules/hash-wasm"); err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal("ui/node_modules is missing: run npm ci in ui")
		}
		t.Skip("ui/node_modules is missing: run npm ci in ui")
	}
	files, err := Build("..")
	if err != nil {
		t.Fatal(err)
	}
	if os.Getenv("UPDATE") != "" {
		rewrite(t, files)
	}
	for name, want := range files {
		got, err := os.ReadFile(filepath.Join(dist, name))
		if err != nil || !bytes.Equal(got, want) {
			t.Errorf("ui/dist/%s is not what the sources make (%v): run UPDATE=1 go test ./ui/bundle", name, err)
		}
	}
	present, err := os.ReadDir(dist)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range present {
		if files[f.Name()] == nil {
			t.Errorf("ui/dist/%s is made by nothing: remove it", f.Name())
		}
	}
}

func rewrite(t *testing.T, files map[string][]byte) {
	t.Helper()
	if err := os.RemoveAll(dist); err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(dist, 0o755); err != nil {
		t.Fatal(err)
	}
	for name, body := range files {
		if err := os.WriteFile(filepath.Join(dist, name), body, 0o644); err != nil {
			t.Fatal(err)
		}
	}
}
