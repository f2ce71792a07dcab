package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"os/signal"
	"path/filepath"
	"runtime/debug"
	"strconv"
	"syscall"
	"time"

	"github.com/gofrs/flock"

	"letterlock"
	"letterlock/api"
	"letterlock/internal/config"
	"letterlock/internal/mail"
	"letterlock/internal/service"
	"letterlock/internal/store"
	"letterlock/internal/web"
	"letterlock/ui"
)

// drain is how long requests under way may take to end after SIGTERM: less than
// the 10 seconds after which container engines kill. From drainRequests on the
// housekeeping ends too, which takes mails under way up to five seconds.
const (
	drain         = 8 * time.Second
	drainRequests = 3 * time.Second
)

type serveCommand struct {
	config.Serve
}

// Help says how else options can be given.
func (*serveCommand) Help() string {
	return "Each option can be given in the environment too: --max-lifetime is LETTERLOCK_MAX_LIFETIME, and " +
		"LETTERLOCK_MAX_LIFETIME_FILE names a file that holds the value. A flag wins over the environment."
}

// AfterApply checks the options once all are read.
func (c *serveCommand) AfterApply() error {
	if err := c.Check(); err != nil {
		return err
	}
	return c.checkMail()
}

// checkMail refuses a mail server that cannot be one, and a sender without an
// address, also where the server is only named later.
func (c *serveCommand) checkMail() error {
	if _, err := mail.NewSMTP(mail.Options{Server: "smtp://localhost", From: c.Sender()}); err != nil {
		return fmt.Errorf("--mail-from: %w", err)
	}
	if c.SMTP == "" {
		return nil
	}
	if _, err := mail.NewSMTP(mail.Options{Server: string(c.SMTP), From: c.Sender()}); err != nil {
		return fmt.Errorf("--smtp: %w", err)
	}
	return nil
}

// Run serves until SIGINT or SIGTERM, then lets the requests under way end. A
// second signal does not wait for them.
func (c *serveCommand) Run() error {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop)
	log := slog.New(slog.NewTextHandler(os.Stderr, nil))

	listener, err := net.Listen("tcp", c.Listen) // first, since it leaves nothing behind if it fails
	if err != nil {
		return fmt.Errorf("--listen: %w", err)
	}
	defer listener.Close()
	unlock, err := c.lock()
	if err != nil {
		return err
	}
	defer unlock()
	db, err := open(ctx, &c.Storage)
	if err != nil {
		return err
	}
	defer db.Close()
	at := listener.Addr().(*net.TCPAddr)
	address := c.address(at)
	svc, err := c.service(ctx, db, at, address, log)
	if err != nil {
		return err
	}
	server, err := c.server(svc, log)
	if err != nil {
		return err
	}
	return answer(ctx, listener, server, svc, db, address)
}

// lock takes the data directory for this process: an SQLite file is served by
// one at a time. The lock ends with the process, however that ends; what unlock
// holds on to must be reachable until then, for a file that nothing refers to
// is closed, and its lock with it.
func (c *serveCommand) lock() (unlock func(), err error) {
	if c.Database != "" {
		return func() {}, nil
	}
	if err := makeData(c.Data); err != nil {
		return nil, err
	}
	file := flock.New(filepath.Join(c.Data, "lock"), flock.SetPermissions(0o600))
	switch locked, err := file.TryLock(); {
	case err != nil:
		return nil, fmt.Errorf("lock the data directory: %w", err)
	case !locked:
		return nil, fmt.Errorf("another letterlock serves %s already: stop it, or give another --data", c.Data)
	}
	return func() { file.Unlock() }, nil
}

// makeData makes the data directory, for its owner alone, as is all that will be
// made in it.
func makeData(dir string) error {
	syscall.Umask(0o077)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("make the data directory: %w", err)
	}
	return nil
}

// open opens the database, whether or not an instance is served from it.
func open(ctx context.Context, c *config.Storage) (*store.DB, error) {
	if c.Database == "" {
		if err := makeData(c.Data); err != nil {
			return nil, err
		}
	}
	return store.Open(ctx, c.Source(), store.SystemClock{})
}

// service is the service, known to be served at an address.
func (c *serveCommand) service(ctx context.Context, db *store.DB, at *net.TCPAddr, address string, log *slog.Logger) (*service.Service, error) {
	svc, err := service.New(ctx, db, service.Config{
		MaxLifetime: time.Duration(c.MaxLifetime),
		MaxStored:   int64(c.MaxStored),
		// Whoever comes first would have it to themselves.
		SetupFirst: !at.IP.IsLoopback(),
		Log:        log,
		Name:       c.Name,
		URL:        address,
		MailServer: c.SMTP,
		MailFrom:   c.Sender(),
	})
	if err != nil {
		return nil, err
	}
	return svc, svc.Announce(ctx)
}

func (c *serveCommand) server(svc *service.Service, log *slog.Logger) (*web.Server, error) {
	site := ui.Site{Name: svc.Settings().Name, MaxLifetime: time.Duration(c.MaxLifetime)}
	conf := web.Config{TrustedProxies: c.Proxies(), RateLimit: c.RateLimit, AccessLog: c.AccessLog, Log: log}
	address, err := c.Address()
	if err != nil {
		return nil, err
	}
	if address != nil {
		site.Base, site.URL = address.Path, address.String()
		conf.Base, conf.Origin = address.Path, address.Scheme+"://"+address.Host
	}
	pages, err := ui.Render(site)
	if err != nil {
		return nil, err
	}
	return web.New(conf, svc, pages), nil
}

// answer answers requests and does the housekeeping until the context ends or the
// disk fails.
func answer(ctx context.Context, listener net.Listener, server *web.Server, svc *service.Service, db *store.DB, address string) error {
	setup, err := setupLine(ctx, svc, address)
	if err != nil {
		return err
	}
	working, rest := context.WithCancel(context.Background())
	defer rest()
	rested := make(chan struct{})
	go func() {
		defer close(rested)
		svc.Run(working)
	}()
	httpServer := server.HTTPServer()
	stopped := make(chan error, 1)
	go func() { stopped <- httpServer.Serve(server.Listener(listener)) }()
	fmt.Fprintf(os.Stderr, "Letterlock is ready: %s\n%s", address, setup)
	settleMemory()

	var failure error
	select {
	case err := <-stopped:
		failure = fmt.Errorf("serve: %w", err)
	case <-db.Failed():
		failure = errors.New("the disk refused a write: what is stored is only known after a new start")
	case <-ctx.Done():
	}
	// The database is closed next: everything that uses it has to be over.
	drained, cancel := context.WithTimeout(context.Background(), drain)
	defer cancel()
	// Mails of the last requests go out too, if those do not take too long.
	time.AfterFunc(drainRequests, rest)
	err = httpServer.Shutdown(drained)
	rest()
	<-rested
	switch {
	case failure != nil:
		return failure
	case err != nil:
		return fmt.Errorf("requests were cut off after %v: %w", drain, err)
	}
	return nil
}

// setupLine is what is said where nobody may change the instance yet, or
// nothing.
func setupLine(ctx context.Context, svc *service.Service, address string) (string, error) {
	ticket, err := svc.MakeSetupTicket(ctx)
	if errors.Is(err, letterlock.ErrConflict) {
		return "", nil
	}
	return "Setup: " + link(address, "/setup", ticket) + "\n", err
}

// link is the address of a page with what opens it, behind the # that browsers do
// not send.
func link(address, page string, opens letterlock.Proof) string {
	return address + page + "#" + api.Bytes(opens).String()
}

// settleMemory gives back what starting took. Of the heap little lives longer
// than a request, so it may grow to some 16 MB before it is collected: at the 4 MB
// of the default that would happen dozens of times a second under load.
func settleMemory() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(400)
	}
	debug.FreeOSMemory()
}

// address is where a person opens the instance.
func (c *serveCommand) address(at *net.TCPAddr) string {
	if u, err := c.Address(); err == nil && u != nil {
		return u.String()
	}
	host := at.IP.String()
	if at.IP.IsUnspecified() {
		host = "localhost" // where browsers encrypt
	}
	return "http://" + net.JoinHostPort(host, strconv.Itoa(at.Port))
}
