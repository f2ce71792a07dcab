package ui

import (
	"strings"

	"letterlock"
)

// Setup makes the first operator, with the link that the server printed.
type Setup struct{ Frame }

func (*Setup) screen() screen { return screen{file: "setup.html", key: "setup"} }

// Instance changes what holds for all, at once or step by step after the first
// operator came in.
type Instance struct {
	Frame
	Step     string // one of Steps while it is set up; "" afterwards
	Settings letterlock.Settings
	To       string    // where a test mail goes
	Test     *MailTest // what came of one, nil if none was sent
	Failed   []*letterlock.Mail
}

// Steps are those of setting an instance up, after the first.
var Steps = []string{"general", "access", "mail", "done"}

// MailTest is what came of a test mail.
type MailTest struct {
	To, What, Do string   // What is "" if it was sent
	Conversation []string // with the mail server
}

func (p *Instance) screen() screen {
	if p.Step != "" {
		return screen{file: "instance.html", key: "setup"}
	}
	return screen{file: "instance.html", key: "instance", tab: "/instance", wide: true}
}

// Shows reports whether a part stands on this page.
func (p *Instance) Shows(part string) bool { return p.Step == "" && part != "done" || p.Step == part }

// StepTabs are the steps, with the one of now.
func (p *Instance) StepTabs() []Tab {
	var all []Tab
	for _, step := range Steps {
		all = append(all, Tab{Key: "setup.step_" + step, Path: "/setup/" + step, Here: step == p.Step})
	}
	return all
}

// Next is the path of the step after this one.
func (p *Instance) Next() string {
	for i, step := range Steps {
		if step == p.Step && i+1 < len(Steps) {
			return "/setup/" + Steps[i+1]
		}
	}
	return "/secrets"
}

// Action is where the forms of this page go.
func (p *Instance) Action() string {
	if p.Step == "" {
		return "/instance"
	}
	return "/setup/" + p.Step
}

// CreateOptions are who may share secrets.
func (p *Instance) CreateOptions() ([]Option, error) {
	return options(&p.Frame, "instance.create_", letterlock.CreateAnyone, letterlock.CreateSignedIn)
}

// SignUpOptions are who may have an account.
func (p *Instance) SignUpOptions() ([]Option, error) {
	return options(&p.Frame, "instance.sign_up_", letterlock.SignUpInvited, letterlock.SignUpDomains, letterlock.SignUpOpen)
}

// DomainText is the admitted domains, a space between.
func (p *Instance) DomainText() string { return strings.Join(p.Settings.Domains, " ") }

// MailServer is the mail server's address as it came: with a password only if
// it was typed just now.
func (p *Instance) MailServer() string { return string(p.Settings.MailServer) }
