package ui

import (
	"bytes"
	"fmt"
	htmltemplate "html/template"
	"net/url"
	"strconv"
	texttemplate "text/template"
	"time"
)

// letterKinds are the kinds of mail, and whether each has a button. The
// sentences of a kind are mail.<kind>.subject, lead and note, and action for the
// button's label.
var letterKinds = map[string]bool{
	"verify": true, "has_account": true, "reset": true, "password_changed": true, "confirm_email": true, "email_changed": true,
	"invitation": true, "new_sign_in": true, "token_created": true, "test": false,
}

// Letter is what a mail says: which sentences, and what is filled in.
type Letter struct {
	Kind   string
	Sender string            // who caused it, if that is a person
	Fill   map[string]string // values of placeholders
	Words  map[string]string // placeholders whose values are sentences: their keys
	Facts  []Fact            // what happened, a line each
	Link   string            // where the button leads
	Until  time.Time         // when the link ends
}

// Fact is one line of what happened: the sentence mail.fact.<Key> and its
// value, which is a text or an instant.
type Fact struct {
	Key   string
	Value string
	At    time.Time
}

// Mail is a letter in one language, twice from the same sentences.
type Mail struct{ Subject, Text, HTML string }

// Letters writes mails in every language.
type Letters struct {
	words map[string]catalog
	text  *texttemplate.Template
	html  *htmltemplate.Template
}

// LoadLetters reads the templates and the catalogs.
func LoadLetters() (*Letters, error) {
	l := &Letters{words: map[string]catalog{}}
	for _, lang := range Languages() {
		c, err := loadCatalog(lang)
		if err != nil {
			return nil, err
		}
		l.words[lang] = c.under([]string{"mail."})
	}
	var err error
	if l.text, err = texttemplate.ParseFS(templateFiles, "templates/mail/letter.txt"); err != nil {
		return nil, err
	}
	l.html, err = htmltemplate.ParseFS(templateFiles, "templates/mail/letter.html")
	return l, err
}

// Write makes a mail of a letter, in the default language if we do not have the
// one asked for.
func (l *Letters) Write(site Site, lang string, letter Letter) (*Mail, error) {
	lang, words := l.language(lang)
	if _, ok := letterKinds[letter.Kind]; !ok {
		return nil, fmt.Errorf("no kind of mail %q", letter.Kind)
	}
	v := &letterView{Letter: letter, Name: site.Name, Host: host(site), Lang: lang, words: words}
	subject, err := v.P("subject")
	if err != nil {
		return nil, err
	}
	var text, html bytes.Buffer
	if err := l.text.Execute(&text, v); err != nil {
		return nil, err
	}
	if err := l.html.Execute(&html, v); err != nil {
		return nil, err
	}
	return &Mail{Subject: subject, Text: text.String(), HTML: html.String()}, nil
}

// Say is a sentence of the mail catalog outside a letter.
func (l *Letters) Say(lang, key string, pairs ...string) (string, error) {
	_, words := l.language(lang)
	return words.text("mail."+key, pairs...)
}

func (l *Letters) language(lang string) (string, catalog) {
	if words, ok := l.words[lang]; ok {
		return lang, words
	}
	return defaultLanguage, l.words[defaultLanguage]
}

// host is what readers know the instance by: its host, or its name while it has
// no public address.
func host(site Site) string {
	if u, err := url.Parse(site.URL); err == nil && u.Host != "" {
		return u.Host
	}
	return site.Name
}

// letterView is what the two templates see.
type letterView struct {
	Letter
	Name  string // of the instance
	Host  string
	Lang  string
	words catalog
}

// T is a sentence of every mail.
func (v *letterView) T(key string) (string, error) {
	pairs, err := v.pairs()
	if err != nil {
		return "", err
	}
	return v.words.text(key, pairs...)
}

// P is a sentence of this kind of mail.
func (v *letterView) P(key string) (string, error) { return v.T("mail." + v.Kind + "." + key) }

// pairs fill the placeholders of any sentence.
func (v *letterView) pairs() ([]string, error) {
	pairs := []string{"host", v.Host, "sender", v.Sender, "name", v.Name}
	for name, value := range v.Fill {
		pairs = append(pairs, name, value)
	}
	for name, key := range v.Words {
		value, err := v.words.text(key)
		if err != nil {
			return nil, err
		}
		pairs = append(pairs, name, value)
	}
	if !v.Until.IsZero() {
		until, err := v.date(v.Until)
		if err != nil {
			return nil, err
		}
		pairs = append(pairs, "until", until)
	}
	return pairs, nil
}

// From says who writes: the person who caused the mail, or the instance.
func (v *letterView) From() (string, error) {
	switch {
	case v.Sender != "":
		return v.T("mail.through")
	case v.Name == v.Host:
		return v.Name, nil
	default:
		return v.Name + ", " + v.Host, nil
	}
}

// Happened are the facts in words.
func (v *letterView) Happened() ([]string, error) {
	var lines []string
	for _, fact := range v.Facts {
		value := fact.Value
		if !fact.At.IsZero() {
			var err error
			if value, err = v.date(fact.At); err != nil {
				return nil, err
			}
		}
		line, err := v.words.text("mail.fact."+fact.Key, "value", value)
		if err != nil {
			return nil, err
		}
		lines = append(lines, line)
	}
	return lines, nil
}

// date is an instant in words. We do not know the reader's time zone, so it is
// UTC and says so.
func (v *letterView) date(t time.Time) (string, error) {
	t = t.UTC()
	weekday, err := v.words.text("mail.weekday." + strconv.Itoa(int(t.Weekday())))
	if err != nil {
		return "", err
	}
	month, err := v.words.text("mail.month." + strconv.Itoa(int(t.Month())))
	if err != nil {
		return "", err
	}
	return v.words.text("mail.date", "weekday", weekday, "day", strconv.Itoa(t.Day()), "month", month,
		"year", strconv.Itoa(t.Year()), "time", t.Format("15:04"))
}
