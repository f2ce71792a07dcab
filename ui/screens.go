package ui

import (
	"letterlock"
)

// SignIn asks who somebody is.
type SignIn struct {
	Frame
	Next string // where to go afterwards, without the base path
}

func (*SignIn) screen() screen { return screen{file: "signin.html", key: "signin"} }

// SignUp asks for the address that is to have an account.
type SignUp struct {
	Frame
	Mode    letterlock.SignUpMode
	Domains []string // those admitted, where that is the mode
}

func (*SignUp) screen() screen { return screen{file: "signup.html", key: "signup"} }

// Open reports whether anybody may sign up without being invited.
func (p *SignUp) Open() bool { return p.Mode != letterlock.SignUpInvited }

// Verify makes an account with the link that was mailed to its address.
type Verify struct{ Frame }

func (*Verify) screen() screen { return screen{file: "verify.html", key: "verify"} }

// Reset mails a link that sets another password, or sets it with that link.
type Reset struct {
	Frame
	Ticket string // of the link, where it came from another form of ours
}

func (*Reset) screen() screen { return screen{file: "reset.html", key: "reset"} }

// ConfirmEmail makes an address that of an account, with the link that was
// mailed there.
type ConfirmEmail struct{ Frame }

func (*ConfirmEmail) screen() screen { return screen{file: "email.html", key: "email"} }

// UndoEmail goes back to the address before.
type UndoEmail struct{ Frame }

func (*UndoEmail) screen() screen { return screen{file: "undo.html", key: "undo"} }

// Invitation shows what somebody was invited to, and accepts it.
type Invitation struct {
	Frame
	Ticket string
	Offer  *letterlock.Offer // nil before it was looked at
	Email  string            // of who is signed in
	Mailed bool              // the link that makes an account is on its way
}

func (*Invitation) screen() screen { return screen{file: "invitation.html", key: "invitation"} }

// Mine reports whether who is signed in is the one that is meant.
func (p *Invitation) Mine() bool {
	return letterlock.Email(p.Email).Key() == p.Offer.Email.Key()
}

// RoleName is what a role is called.
func (f *Frame) RoleName(role letterlock.Role) (string, error) { return f.T("role." + string(role)) }

// options are choices by their values; what each is called stands in the
// catalog after a prefix, and what follows from it after that with "_hint".
func options[V ~string](f *Frame, prefix string, values ...V) ([]Option, error) {
	var all []Option
	for _, v := range values {
		text, err := f.T(prefix + string(v))
		if err != nil {
			return nil, err
		}
		o := Option{Value: string(v), Text: text}
		if _, ok := f.words[prefix+string(v)+"_hint"]; ok {
			if o.Hint, err = f.T(prefix + string(v) + "_hint"); err != nil {
				return nil, err
			}
		}
		all = append(all, o)
	}
	return all, nil
}
