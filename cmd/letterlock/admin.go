package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"syscall"

	"letterlock"
	"letterlock/internal/config"
	"letterlock/internal/service"
)

// adminCommand is what only whoever has the server's machine may do. It works on
// the database itself, also while an instance is served from it, and so takes no
// lock. It prints what was asked for and nothing else.
type adminCommand struct {
	config.Storage

	SetupLink setupLinkCommand `cmd:"" help:"Print another link that sets the instance up."`
	User      struct {
		Add      addUserCommand  `cmd:"" help:"Add an account, whose address needs no proof, and print the link that sets its password."`
		Reset    resetCommand    `cmd:"" help:"Print a link that sets another password."`
		Operator operatorCommand `cmd:"" help:"Let an account change the instance."`
	} `cmd:"" help:"Accounts."`
	Token struct {
		Add addTokenCommand `cmd:"" help:"Make an API token with all rights of an account, good for a year, and print it."`
	} `cmd:"" help:"API tokens."`
	Organization struct {
		Add addOrgCommand `cmd:"" help:"Make an organization and print its id."`
	} `cmd:"" help:"Organizations."`
	Member struct {
		Add addMemberCommand `cmd:"" help:"Take an account into an organization, or give a member another role."`
	} `cmd:"" help:"Members of organizations."`
}

// Help says which database is meant.
func (*adminCommand) Help() string {
	return "Give the --data or --database that the instance is served with, as flags or in the environment. It may be served meanwhile."
}

// AfterApply checks the options once all are read.
func (c *adminCommand) AfterApply() error { return c.Check() }

// with runs f on the service beside the one that is served, if one is.
func (c *adminCommand) with(f func(ctx context.Context, svc *service.Service) error) error {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	db, err := open(ctx, &c.Storage)
	if err != nil {
		return err
	}
	defer db.Close()
	svc, err := service.New(ctx, db, service.Config{Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		return err
	}
	return f(ctx, svc)
}

type setupLinkCommand struct{}

// Run prints the link, unless somebody used one before.
func (*setupLinkCommand) Run(admin *adminCommand) error {
	return admin.with(func(ctx context.Context, svc *service.Service) error {
		ticket, err := svc.MakeSetupTicket(ctx)
		if errors.Is(err, letterlock.ErrConflict) {
			return errors.New("the instance is set up: see letterlock admin user")
		}
		if err != nil {
			return err
		}
		return printLink(svc, "/setup", ticket)
	})
}

type addUserCommand struct {
	Name  personName `variable:"-" placeholder:"NAME" help:"Name of the person."`
	Email email      `arg:"" help:"Address of the account."`
}

// Run adds the account.
func (c *addUserCommand) Run(admin *adminCommand) error {
	return admin.with(func(ctx context.Context, svc *service.Service) error {
		_, ticket, err := svc.AddUser(ctx, string(c.Name), string(c.Email))
		if errors.Is(err, letterlock.ErrInvalid) { // what can be seen without looking was refused before
			return errors.New("somebody has an account with this address: see letterlock admin user reset")
		}
		if err != nil {
			return err
		}
		return printLink(svc, "/reset", ticket)
	})
}

type resetCommand struct {
	Email email `arg:"" help:"Address of the account."`
}

// Run prints the link; the password stays until it is used.
func (c *resetCommand) Run(admin *adminCommand) error {
	return admin.with(func(ctx context.Context, svc *service.Service) error {
		ticket, err := svc.ResetTicket(ctx, string(c.Email))
		if err != nil {
			return noAccount(err)
		}
		return printLink(svc, "/reset", ticket)
	})
}

type operatorCommand struct {
	Revoke bool  `variable:"-" help:"Take the right away. The last operator keeps it."`
	Email  email `arg:"" help:"Address of the account."`
}

// Run gives or takes the right.
func (c *operatorCommand) Run(admin *adminCommand) error {
	return admin.with(func(ctx context.Context, svc *service.Service) error {
		err := svc.SetOperator(ctx, string(c.Email), !c.Revoke)
		if errors.Is(err, letterlock.ErrConflict) {
			return errors.New("nobody else is an operator: make somebody one first")
		}
		return noAccount(err)
	})
}

type addTokenCommand struct {
	Name  itemName `variable:"-" default:"admin" help:"What it is called in the list of the account's tokens."`
	Email email    `arg:"" help:"Address of the account."`
}

// Run prints the token, which nothing shows again.
func (c *addTokenCommand) Run(admin *adminCommand) error {
	return admin.with(func(ctx context.Context, svc *service.Service) error {
		token, err := svc.AddToken(ctx, string(c.Email), string(c.Name))
		if err != nil {
			return noAccount(err)
		}
		return printLine(string(token))
	})
}

type addOrgCommand struct {
	Owner email    `variable:"-" required:"" placeholder:"EMAIL" help:"Address of the account that owns it."`
	Name  itemName `arg:"" help:"Name of the organization."`
}

// Run makes the organization.
func (c *addOrgCommand) Run(admin *adminCommand) error {
	return admin.with(func(ctx context.Context, svc *service.Service) error {
		org, err := svc.AddOrg(ctx, string(c.Owner), string(c.Name))
		if err != nil {
			return noAccount(err)
		}
		return printLine(string(org.ID))
	})
}

type addMemberCommand struct {
	Role         role     `variable:"-" default:"member" help:"owner, admin or member."`
	Organization itemName `arg:"" help:"Its id, or its name if no other has it."`
	Email        email    `arg:"" help:"Address of the account."`
}

// Run takes the account in.
func (c *addMemberCommand) Run(admin *adminCommand) error {
	return admin.with(func(ctx context.Context, svc *service.Service) error {
		org, err := svc.OrgNamed(ctx, string(c.Organization))
		switch {
		case errors.Is(err, letterlock.ErrNotFound):
			return errors.New("no organization has this id or name")
		case errors.Is(err, letterlock.ErrConflict):
			return errors.New("several organizations have this name: give the id")
		case err != nil:
			return err
		}
		err = svc.AddMember(ctx, org, string(c.Email), letterlock.Role(c.Role))
		if errors.Is(err, letterlock.ErrLastOwner) {
			return errors.New("the organization has no other owner: make somebody one first")
		}
		return noAccount(err)
	})
}

// noAccount says what it means to these commands that something is not found.
func noAccount(err error) error {
	if errors.Is(err, letterlock.ErrNotFound) {
		return errors.New("no account has this address")
	}
	return err
}

// printLink prints the address of a page of the instance, as it is served or was
// served last.
func printLink(svc *service.Service, page string, opens letterlock.Proof) error {
	address := svc.Settings().URL
	if address == "" {
		address = unserved
		fmt.Fprintf(os.Stderr, "letterlock: nothing was served from there yet; the link is for %s\n", unserved)
	}
	return printLine(link(address, page, opens))
}

// unserved is where an instance is that is served without any option.
const unserved = "http://127.0.0.1:8080"

// printLine prints what was asked for. It is nowhere else: if nobody gets it, the
// command failed.
func printLine(text string) error {
	_, err := fmt.Println(text)
	return err
}

// Arguments. What they are is seen before anything is opened.
type (
	email      string
	personName string // may be empty
	itemName   string
	role       letterlock.Role
)

// UnmarshalText reads the address of one mailbox.
func (e *email) UnmarshalText(text []byte) error {
	if _, ok := letterlock.ParseEmail(string(text)); !ok {
		return errors.New("want an address such as jane@example.org")
	}
	*e = email(text)
	return nil
}

// UnmarshalText reads a name.
func (n *personName) UnmarshalText(text []byte) error {
	*n = personName(text)
	return checkName(string(text), false)
}

// UnmarshalText reads a name.
func (n *itemName) UnmarshalText(text []byte) error {
	*n = itemName(text)
	return checkName(string(text), true)
}

func checkName(name string, required bool) error {
	if letterlock.CheckName("name", name, required) != nil {
		return fmt.Errorf("want a name of at most %d characters that can be seen", letterlock.NameLength)
	}
	return nil
}

// UnmarshalText reads a role.
func (r *role) UnmarshalText(text []byte) error {
	known, ok := letterlock.ParseRole(string(text))
	if !ok {
		return errors.New("want owner, admin or member")
	}
	*r = role(known)
	return nil
}
