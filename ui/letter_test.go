package ui

import (
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"
)

// chosenByMail are the sentences whose keys internal/mail puts together. Its
// tests hold them to be used.
var chosenByMail = regexp.MustCompile(`^mail\.(?:fact|role|problem)\.`)

// letterKeys are the keys of all other sentences of mails.
func letterKeys(t *testing.T) []string {
	t.Helper()
	keys := []string{"mail.date"}
	for i := range 7 {
		keys = append(keys, "mail.weekday."+strconv.Itoa(i))
	}
	for i := range 12 {
		keys = append(keys, "mail.month."+strconv.Itoa(i+1))
	}
	for kind, hasButton := range letterKinds {
		keys = append(keys, "mail."+kind+".subject", "mail."+kind+".lead", "mail."+kind+".note")
		if hasButton {
			keys = append(keys, "mail."+kind+".action")
		}
	}
	for _, name := range []string{"mail/letter.txt", "mail/letter.html"} {
		for _, m := range templateKey.FindAllStringSubmatch(templateText(t, name), -1) {
			keys = append(keys, m[1])
		}
	}
	return append(keys, "mail.through")
}

// TestLetterDates: every month and weekday, and always UTC.
func TestLetterDates(t *testing.T) {
	letters, err := LoadLetters()
	if err != nil {
		t.Fatalf("LoadLetters: %v", err)
	}
	v := &letterView{words: letters.words["de"]}
	for _, c := range []struct {
		t    time.Time
		want string
	}{
		{time.Date(2026, 11, 25, 14, 0, 0, 0, time.FixedZone("CET", 3600)), "Mi., 25. November 2026, 13:00 UTC"},
		{time.Date(2027, 1, 1, 0, 30, 0, 0, time.FixedZone("CET", 3600)), "Do., 31. Dezember 2026, 23:30 UTC"},
	} {
		if got, err := v.date(c.t); got != c.want || err != nil {
			t.Errorf("date(%v) = %q, %v, want %q", c.t, got, err, c.want)
		}
	}
	for day := range 366 {
		if got, err := v.date(time.Date(2028, 1, 1+day, 12, 0, 0, 0, time.UTC)); err != nil || strings.ContainsAny(got, "{}") {
			t.Errorf("day %d of 2028: %q, %v", day, got, err)
		}
	}
}

// TestLettersRefuse what would be a mail with a hole.
func TestLettersRefuse(t *testing.T) {
	letters, err := LoadLetters()
	if err != nil {
		t.Fatalf("LoadLetters: %v", err)
	}
	for name, letter := range map[string]Letter{
		"no kind":        {},
		"unknown kind":   {Kind: "advertisement"},
		"unknown fact":   {Kind: "test", Facts: []Fact{{Key: "weather"}}},
		"unknown words":  {Kind: "test", Words: map[string]string{"role": "mail.role.king"}},
		"link, no label": {Kind: "test", Link: "https://example.org"},
	} {
		if m, err := letters.Write(testSite, "en", letter); err == nil {
			t.Errorf("Write(%s) = %q, want an error", name, m.Text)
		}
	}
	if m, err := letters.Write(testSite, "xx", Letter{Kind: "test"}); err != nil || m.Subject != "Test mail from secrets.example.org" {
		t.Errorf("Write in a language we do not have: %v, %v, want it in English", m, err)
	}
}
