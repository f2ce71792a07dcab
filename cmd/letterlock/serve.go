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

// drain is how long requests under way may take to end after SIGTERM.
const drain = 25 * time.Second

type serveCommand struct {
	config.Serve
}

// AfterApply checks the options once all are read.
func (c *serveCommand) AfterApply() error { return c.Check() }

// Run serves until SIGINT or SIGTERM, then lets the requests under way end.
func (c *serveCommand) Run() error {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	log := slog.New(slog.NewTextHandler(os.Stderr, nil))

	syscall.Umask(0o077)
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
	return c.serve(ctx, svc, server)
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
	conf := web.Config{TrustedProxies: c.TrustedProxy, RateLimit: c.RateLimit, AccessLog: c.AccessLog, Log: log}
	address, err := c.Address()
	if err != nil {
		return nil, err
	}
	if address != nil {
		site.Base, site.URL = address.Path, address.String()
		conf.Base, conf.HTTPS = address.Path, address.Scheme == "https"
	}
	pages, err := ui.Render(site)
	if err != nil {
		return nil, err
	}
	return web.New(conf, svc, pages), nil
}

func (c *serveCommand) serve(ctx context.Context, svc *service.Service, server *web.Server) error {
	listener, err := net.Listen("tcp", c.Listen)
	if err != nil {
		return fmt.Errorf("--listen: %w", err)
	}
	housekeeping := make(chan struct{})
	go func() {
		defer close(housekeeping)
		svc.Run(ctx)
	}()
	httpServer := server.HTTPServer()
	stopped := make(chan error, 1)
	go func() { stopped <- httpServer.Serve(server.Listener(listener)) }()
	settleMemory()
	fmt.Fprintf(os.Stderr, "Letterlock is ready: %s\n", c.address(listener))

	select {
	case err := <-stopped:
		return fmt.Errorf("serve: %w", err)
	case <-ctx.Done():
	}
	drained, cancel := context.WithTimeout(context.Background(), drain)
	defer cancel()
	err = httpServer.Shutdown(drained)
	<-housekeeping
	if err != nil && !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("requests were cut off after %v: %w", drain, err)
	}
	return nil
}

// settleMemory gives back what starting took, and lets the heap, of which little
// lives longer than a request, grow to some 16 MB before it is collected.
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
