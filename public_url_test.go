package letterlock_test

import (
	"testing"

	"letterlock"
)

func TestParsePublicURL(t *testing.T) {
	for text, want := range map[string]string{
		"https://share.example.org":         "https://share.example.org",
		"https://share.example.org/":        "https://share.example.org",
		"HTTPS://share.example.org/notes//": "https://share.example.org/notes",
		"http://127.0.0.1:8080":             "http://127.0.0.1:8080",
		"https://example.org/a/b-c_d/e.f":   "https://example.org/a/b-c_d/e.f",
		"https://[2001:db8::1]:8443/secret": "https://[2001:db8::1]:8443/secret",
	} {
		got, ok := letterlock.ParsePublicURL(text)
		if !ok || got.String() != want {
			t.Errorf("ParsePublicURL(%q) = %v, %v; want %q", text, got, ok, want)
		}
	}
	for _, text := range []string{
		"", "share.example.org", "//share.example.org", "ftp://share.example.org", "https:share.example.org", "https://", "https://:443", "https:///s",
		"https://user@share.example.org", "https://user:secret@share.example.org", "https://share.example.org/?", "https://share.example.org?q=1",
		"https://share.example.org/#", "https://share.example.org/#x", "https://share example.org", "https://share.example.org/a b", "http://[::1",
		"https://share.example.org/../x", "https://share.example.org/a//b", "https://share.example.org//a", "https://share.example.org/./", "https://share.example.org/%2e/x",
		"https://share.example.org/%61", "https://share.example.org/ä", "https://share.example.org/a;b",
	} {
		if got, ok := letterlock.ParsePublicURL(text); ok {
			t.Errorf("ParsePublicURL(%q) = %v, want it refused", text, got)
		}
	}
}
