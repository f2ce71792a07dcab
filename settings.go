package letterlock

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
)

// Settings are what an operator changes while the instance runs.
type Settings struct {
	Name       string // of the instance
	URL        string // its public address; empty: none is known
	Create     CreateMode
	SignUp     SignUpMode
	Domains    []string   // of addresses, for SignUpDomains
	MailServer MailServer // empty: no mail is sent
	MailFrom   string     // who mails are from
}

// CreateMode says who may share secrets.
type CreateMode string

// Who may share.
const (
	CreateAnyone   CreateMode = "anyone"
	CreateSignedIn CreateMode = "signed_in"
)

// SignUpMode says who may have an account.
type SignUpMode string

// Who may have an account. An invitation lets its address in, whatever the mode.
const (
	SignUpInvited SignUpMode = "invited" // nobody else
	SignUpOpen    SignUpMode = "open"    // everybody with an address
	SignUpDomains SignUpMode = "domains" // addresses of listed domains
)

// MailServer is the URL of a mail server, with a password in it. It prints
// without.
type MailServer string

// Redacted is the URL with a placeholder for the password.
func (m MailServer) Redacted() MailServer {
	if u, err := url.Parse(string(m)); err == nil {
		return MailServer(u.Redacted())
	}
	return "[redacted]"
}

// Format prints the redacted URL under every verb.
func (m MailServer) Format(f fmt.State, _ rune) { f.Write([]byte(m.Redacted())) }

// MarshalText writes the redacted URL, also as JSON and in a log.
func (m MailServer) MarshalText() ([]byte, error) { return []byte(m.Redacted()), nil }

// Admits reports whether an address may have an account without being invited.
func (s *Settings) Admits(e Email) bool {
	switch s.SignUp {
	case SignUpOpen:
		return true
	case SignUpDomains:
		return slices.Contains(s.Domains, e.Domain())
	default:
		return false
	}
}

// Check refuses settings that cannot be meant, as a [Refusal] that names each
// field. Whether the mail server can be one is not its matter.
func (s *Settings) Check() error {
	var fields []FieldError
	refuse := func(field string, code FieldCode) { fields = append(fields, FieldError{Field: field, Code: code}) }
	if code := checkName(s.Name); code != "" {
		refuse("name", code)
	} else if strings.TrimSpace(s.Name) == "" {
		refuse("name", FieldRequired)
	}
	if s.URL != "" {
		if u, ok := ParsePublicURL(s.URL); !ok || u.String() != s.URL {
			refuse("url", FieldNotURL)
		}
	}
	if s.Create != CreateAnyone && s.Create != CreateSignedIn {
		refuse("create", FieldOutOfRange)
	}
	switch s.SignUp {
	case SignUpInvited, SignUpOpen:
	case SignUpDomains:
		if len(s.Domains) == 0 {
			refuse("domains", FieldRequired)
		}
	default:
		refuse("sign_up", FieldOutOfRange)
	}
	if slices.ContainsFunc(s.Domains, func(d string) bool { ascii, ok := ParseDomain(d); return !ok || ascii != d }) {
		refuse("domains", FieldNotAddress)
	}
	return invalid(fields)
}
