package ui

import (
	"cmp"
	"html/template"
	"slices"
	"strings"

	"letterlock"
)

// Sent is a form that was refused, as it came back: nothing that was typed is
// lost, passwords excepted.
type Sent struct {
	Do    string            // which of the page's forms it is
	Typed map[string]string // by field
	Wrong []letterlock.FieldError
	Code  letterlock.Code
}

// Form is one form of a page, by what it does.
type Form struct {
	Do    string
	frame *Frame
}

// Form is the form of the page that does this.
func (f *Frame) Form(do string) *Form { return &Form{Do: do, frame: f} }

// sent is this form as it came back, nil if it did not.
func (f *Form) sent() *Sent {
	if s := f.frame.Sent; s != nil && s.Do == f.Do {
		return s
	}
	return nil
}

// Value is what was typed into a field, at first something else.
func (f *Form) Value(name, first string) string {
	if s := f.sent(); s != nil {
		return s.Typed[name]
	}
	return first
}

// On reports whether a box is ticked, at first or by whoever sent the form.
func (f *Form) On(name string, first bool) bool {
	if f.sent() != nil {
		return f.Value(name, "") != ""
	}
	return first
}

// Has reports whether a box among several of one name is ticked.
func (f *Form) Has(name, value string) bool {
	s := f.sent()
	return s != nil && slices.Contains(strings.Fields(s.Typed[name]), value)
}

// Came reports whether the form was refused and is shown again.
func (f *Form) Came() bool { return f.sent() != nil }

// Ticket is a field for what opens something, first where another form of ours
// had it.
func (f *Form) Ticket(first string) *Input {
	return &Input{Form: f, Name: "ticket", Type: "text", Autocomplete: "off", first: first}
}

// Unsaid reports whether a ticket is there and not the reason of a refusal: then
// nobody has to see it.
func (i *Input) Unsaid() bool {
	s := i.sent()
	return i.Text() != "" && (s == nil || s.Code != letterlock.ErrNotFound)
}

// Switch is a box with a sentence on what it changes.
func (f *Form) Switch(name string, first bool) *Input {
	i := &Input{Form: f, Name: name, hint: "field." + name + "_hint"}
	if f.On(name, first) {
		i.first = "1"
	}
	return i
}

// Ticked reports whether a switch is on.
func (i *Input) Ticked() bool { return i.first != "" }

// ID is that of a field's control.
func (f *Form) ID(name string) string { return f.Do + "-" + name }

// Error is the sentence of what is wrong with a field, "" if nothing is.
func (f *Form) Error(name string) (string, error) {
	s := f.sent()
	if s == nil {
		return "", nil
	}
	at := slices.IndexFunc(s.Wrong, func(w letterlock.FieldError) bool { return w.Field == name })
	if at < 0 {
		return "", nil
	}
	return f.frame.first("wrong."+name+"."+string(s.Wrong[at].Code), "wrong."+string(s.Wrong[at].Code), "wrong.other")
}

// first is the first of several sentences that there is.
func (f *Frame) first(keys ...string) (string, error) {
	for _, key := range keys {
		if _, ok := f.words[key]; ok {
			return f.T(key)
		}
	}
	return f.T(keys[len(keys)-1])
}

// Refused is what stands above a page whose form was refused, nil if none was.
func (f *Frame) Refused() (*Refused, error) {
	if f.Sent == nil {
		return nil, nil
	}
	code := string(f.Sent.Code)
	text, err := f.first("refused."+f.Sent.Do+"."+code, "refused."+code, "refused.other")
	if err != nil {
		return nil, err
	}
	r := &Refused{Text: text}
	form := f.Form(f.Sent.Do)
	for _, w := range f.Sent.Wrong {
		label, err := f.first("field."+w.Field, "field.other")
		if err != nil {
			return nil, err
		}
		r.Fields = append(r.Fields, Option{Value: form.ID(w.Field), Text: label})
	}
	return r, nil
}

// Refused is why a form was refused, and the fields that are to blame: where
// they are, and what they are called.
type Refused struct {
	Text   string
	Fields []Option
}

// Option is one choice of several.
type Option struct {
	Value, Text string
	Hint        string // its consequence, "" for none
	Chosen      bool
}

// Input is a field with one control, and what stands around it.
type Input struct {
	*Form
	Name, Type, Autocomplete string

	first, hint, label string
	optional           bool
	options            []Option
}

// Input is a field for one line. Passwords are never filled in.
func (f *Form) Input(name, kind, autocomplete, first string) *Input {
	return &Input{Form: f, Name: name, Type: kind, Autocomplete: autocomplete, first: first}
}

// Select is a field with choices, one of which is chosen at first.
func (f *Form) Select(name, first string, options []Option) *Input {
	return &Input{Form: f, Name: name, first: first, options: options}
}

// Hint adds a sentence below the control.
func (i *Input) Hint(key string) *Input { i.hint = key; return i }

// Label names it otherwise than "field." and its name.
func (i *Input) Label(key string) *Input { i.label = key; return i }

// Optional says that it may stay empty.
func (i *Input) Optional() *Input { i.optional = true; return i }

// Required reports whether it may not stay empty.
func (i *Input) Required() bool { return !i.optional }

// Key is the ID of its control.
func (i *Input) Key() string { return i.ID(i.Name) }

// Text is what is in it.
func (i *Input) Text() string {
	if i.Type == "password" {
		return ""
	}
	return i.Value(i.Name, i.first)
}

// Options are its choices.
func (i *Input) Options() []Option {
	all := slices.Clone(i.options)
	for n := range all {
		all[n].Chosen = all[n].Value == i.Text()
	}
	return all
}

// LabelText, HintText and Wrong are the sentences around the control.
func (i *Input) LabelText() (string, error) {
	return i.frame.T(cmp.Or(i.label, "field."+i.Name))
}

// HintText is "" for none.
func (i *Input) HintText() (string, error) {
	if i.hint == "" {
		return "", nil
	}
	return i.frame.T(i.hint)
}

// Wrong is what is wrong with it, "" if nothing is.
func (i *Input) Wrong() (string, error) { return i.Error(i.Name) }

// Told are the IDs of what describes the control.
func (i *Input) Told() (ids string, err error) {
	wrong, err := i.Wrong()
	if wrong != "" {
		ids = i.Key() + "-error"
	}
	if i.hint != "" {
		ids += " " + i.Key() + "-hint"
	}
	return ids, err
}

// Icon is one icon of the page that the field is on.
func (i *Input) Icon(name string) (template.HTML, error) { return i.frame.Icon(name) }

// T is a sentence in the page's language.
func (i *Input) T(key string, pairs ...string) (string, error) { return i.frame.T(key, pairs...) }

// Once is something that is shown once: the sentences beside it, and the field
// that holds it.
type Once struct {
	Title, Text, Value string

	frame *Frame
}

// Once makes one of the keys of its sentences.
func (f *Frame) Once(title, text, value string, pairs ...string) (*Once, error) {
	o := &Once{Value: value, frame: f}
	var err error
	if o.Title, err = f.T(title, pairs...); err != nil {
		return nil, err
	}
	o.Text, err = f.T(text, pairs...)
	return o, err
}

// Icon is one icon of the page.
func (o *Once) Icon(name string) (template.HTML, error) { return o.frame.Icon(name) }

// T is a sentence in the page's language.
func (o *Once) T(key string) (string, error) { return o.frame.T(key) }
