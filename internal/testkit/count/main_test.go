package main

import (
	"strings"
	"testing"
)

func TestCount(t *testing.T) {
	tests := []struct {
		name, events, summary string
		shown, hidden         []string
	}{
		{
			name:    "nothing ran",
			summary: "0 tests passed, 0 failed, 0 skipped",
		},
		{
			name: "tests with subtests are brackets",
			events: `
{"Action":"run","Package":"p","Test":"TestA"}
{"Action":"run","Package":"p","Test":"TestA/x"}
{"Action":"output","Package":"p","Test":"TestA/x","Output":"quiet\n"}
{"Action":"pass","Package":"p","Test":"TestA/x"}
{"Action":"run","Package":"p","Test":"TestA/y"}
{"Action":"output","Package":"p","Test":"TestA/y","Output":"no engine\n"}
{"Action":"skip","Package":"p","Test":"TestA/y"}
{"Action":"pass","Package":"p","Test":"TestA"}
{"Action":"output","Package":"p","Output":"ok  \tp\t(cached)\n"}
{"Action":"pass","Package":"p"}`,
			summary: "1 tests passed, 0 failed, 1 skipped",
			shown:   []string{"no engine", "ok  \tp\t(cached)"},
			hidden:  []string{"quiet"},
		},
		{
			name: "a failure counts where it happened",
			events: `
{"Action":"run","Package":"p","Test":"TestA"}
{"Action":"run","Package":"p","Test":"TestA/x"}
{"Action":"output","Package":"p","Test":"TestA/x","Output":"got 1, want 2\n"}
{"Action":"fail","Package":"p","Test":"TestA/x"}
{"Action":"fail","Package":"p","Test":"TestA"}
{"Action":"run","Package":"p","Test":"TestB"}
{"Action":"run","Package":"p","Test":"TestB/x"}
{"Action":"pass","Package":"p","Test":"TestB/x"}
{"Action":"output","Package":"p","Test":"TestB","Output":"afterwards\n"}
{"Action":"fail","Package":"p","Test":"TestB"}
{"Action":"fail","Package":"p"}`,
			summary: "1 tests passed, 2 failed, 0 skipped",
			shown:   []string{"got 1, want 2", "afterwards"},
		},
		{
			name: "a package that does not build is one failure",
			events: `
go: downloading a module
{"ImportPath":"p","Action":"build-output","Output":"p.go:1: undefined: x\n"}
{"ImportPath":"p","Action":"build-fail"}
{"Action":"output","Package":"p","Output":"FAIL\tp [build failed]\n"}
{"Action":"fail","Package":"p","FailedBuild":"p"}`,
			summary: "0 tests passed, 1 failed, 0 skipped",
			shown:   []string{"go: downloading a module", "p.go:1: undefined: x", "FAIL\tp [build failed]"},
		},
		{
			name: "a package without tests is none",
			events: `
{"Action":"output","Package":"p","Output":"?   \tp\t[no test files]\n"}
{"Action":"skip","Package":"p"}`,
			summary: "0 tests passed, 0 failed, 0 skipped",
			hidden:  []string{"no test files"},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var shown strings.Builder
			summary, err := count(strings.NewReader(strings.TrimSpace(tt.events)), &shown)
			if err != nil || summary != tt.summary {
				t.Errorf("count = %q, %v; want %q", summary, err, tt.summary)
			}
			for _, want := range tt.shown {
				if strings.Count(shown.String(), want) != 1 {
					t.Errorf("count showed %q, want %q in it once", shown.String(), want)
				}
			}
			for _, not := range tt.hidden {
				if strings.Contains(shown.String(), not) {
					t.Errorf("count showed %q, want no %q in it", shown.String(), not)
				}
			}
		})
	}
}
