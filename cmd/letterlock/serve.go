package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/signal"
	"path/filepath"
	"runtime/debug"
	"syscall"
	"time"

	"github.com/gofrs/flock"

	"letterlock/internal/config"
	"letterlock/internal/service"
	"letterlock/internal/store"
	"letterlock/internal/web"
	"letterlock/ui"
)

// drain is how long requests under way may take to end after SIGTERM: less than
// the 10 seconds after which container engines kill.
const drain = 8 * time.Second

type serveCommand struct {
	config.Serve
}

// Help says how else options can be given.
func (*serveCommand) Help() string {
	return "Each option can be given in the environment too: --max-lifetime is LETTERLOCK_MAX_LIFETIME, and " +
		"LETTERLOCK_MAX_LIFETIME_FILE names a file that holds the value. A flag wins over the environment."
}

// AfterApply checks the options once all are read.
func (c *serveCommand) AfterApply() error { return c.Check() }

// Run serves until SIGINT or SIGTERM, then lets the requests under way end.
func (c *serveCommand) Run() error {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	log := slog.New(slog.NewTextHandler(os.Stderr, nil))

	syscall.Umask(0o077)
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
	db, err := c.open(ctx)
	if err != nil {
		return err
	}
	defer db.Close()
	svc, err := service.New(ctx, db, service.Config{
		MaxLifetime: time.Duration(c.MaxLifetime),
		MaxStored:   int64(c.MaxStored),
		Log:         log,
	})
	if err != nil {
		return err
	}
	server, err := c.server(svc, log)
	if err != nil {
		return err
	}
	return c.serve(ctx, listener, svc, server)
}

// lock takes the data directory for this process: an SQLite file is served by
// one at a time. The lock ends with the process, however that ends; what unlock
// holds on to must be reachable until then, for a file that nothing refers to
// is closed, and its lock with it.
func (c *serveCommand) lock() (unlock func(), err error) {
	if c.Database != "" {
		return func() {}, nil
	}
	if err := os.MkdirAll(c.Data, 0o700); err != nil {
		return nil, fmt.Errorf("make the data directory: %w", err)
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

func (c *serveCommand) open(ctx context.Context) (*store.DB, error) {
	source := c.Database
	if source == "" {
		source = filepath.Join(c.Data, "letterlock.db")
	}
	return store.Open(ctx, source, store.SystemClock{})
}

func (c *serveCommand) server(svc *service.Service, log *slog.Logger) (*web.Server, error) {
	site := ui.Site{Name: c.Name, MaxLifetime: time.Duration(c.MaxLifetime)}
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

func (c *serveCommand) serve(ctx context.Context, listener net.Listener, svc *service.Service, server *web.Server) error {
	housekeeping := make(chan struct{})
	go func() {
		defer close(housekeeping)
		svc.Run(ctx)
	}()
	httpServer := server.HTTPServer()
	stopped := make(chan error, 1)
	go func() { stopped <- httpServer.Serve(server.Listener(listener)) }()
	fmt.Fprintf(os.Stderr, "Letterlock is ready: %s\n", c.address(listener))
	settleMemory()

	select {
	case err := <-stopped:
		return fmt.Errorf("serve: %w", err)
	case <-ctx.Done():
	}
	drained, cancel := context.WithTimeout(context.Background(), drain)
	defer cancel()
	err := httpServer.Shutdown(drained)
	<-housekeeping
	if err != nil && !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("requests were cut off after %v: %w", drain, err)
	}
	return nil
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
func (c *serveCommand) address(l net.Listener) string {
	if c.URL != "" {
		return c.URL
	}
	return "http://" + l.Addr().String()
}
