package ui

import "letterlock"

// Account is what people change of themselves.
type Account struct {
	Frame
	User *letterlock.User
}

func (*Account) screen() screen { return screen{file: "account.html", key: "account", wide: true} }

// LanguageOptions are the languages that mails and pages may be in.
func (p *Account) LanguageOptions() []Option {
	var all []Option
	for _, lang := range Languages() {
		all = append(all, Option{Value: lang, Text: languageNames[lang]})
	}
	return all
}

// Fates are what may become of the secrets of an account that is deleted.
func (p *Account) Fates() ([]Option, error) {
	return options(&p.Frame, "account.secrets_", "delete", "keep")
}

// Sessions lists where somebody is signed in.
type Sessions struct {
	Frame
	All  []*letterlock.Session
	Here letterlock.SessionID
}

func (*Sessions) screen() screen { return screen{file: "sessions.html", key: "sessions", wide: true} }

// Tokens lists API tokens and makes them.
type Tokens struct {
	Frame
	All  []*letterlock.APIToken
	Orgs []letterlock.Membership
	Made string // the text of one that was just made; shown this once
}

func (*Tokens) screen() screen { return screen{file: "tokens.html", key: "tokens", wide: true} }

// ScopeOptions are what a token may be allowed.
func (p *Tokens) ScopeOptions() ([]Option, error) {
	return options(&p.Frame, "scope.", letterlock.Scopes()...)
}

// SpaceOptions are where a token may act.
func (p *Tokens) SpaceOptions() ([]Option, error) {
	everywhere, err := p.T("tokens.everywhere")
	all := []Option{{Value: "", Text: everywhere}}
	for _, m := range p.Orgs {
		all = append(all, Option{Value: string(m.Org.ID), Text: m.Org.Name})
	}
	return all, err
}

// SpaceName is where a token acts, "" if everywhere.
func (p *Tokens) SpaceName(id letterlock.OrgID) string {
	for _, m := range p.Orgs {
		if m.Org.ID == id {
			return m.Org.Name
		}
	}
	return string(id)
}
