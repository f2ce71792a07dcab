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

// Run serves until SIGINT or SIGTERM, then lets the requests under way end.
func (c *serveCommand) Run() error {
	if err := c.Check(); err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	log := slog.New(slog.NewTextHandler(os.Stderr, nil))

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

// open opens the database. An SQLite file is served by one process at a time.
func (c *serveCommand) open(ctx context.Context) (*store.DB, error) {
	syscall.Umask(0o077)
	if c.Database != "" {
		return store.Open(ctx, c.Database, store.SystemClock{})
	}
	if err := os.MkdirAll(c.Data, 0o700); err != nil {
		return nil, fmt.Errorf("make the data directory: %w", err)
	}
	// Held until the process ends, however it ends.
	locked, err := flock.New(filepath.Join(c.Data, "lock"), flock.SetPermissions(0o600)).TryLock()
	switch {
	case err != nil:
		return nil, fmt.Errorf("lock the data directory: %w", err)
	case !locked:
		return nil, fmt.Errorf("another letterlock serves %s already: stop it, or give another --data", c.Data)
	}
	return store.Open(ctx, filepath.Join(c.Data, "letterlock.db"), store.SystemClock{})
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
		return fmt.Errorf("listen: %w", err)
	}
	housekeeping := make(chan struct{})
	go func() {
		defer close(housekeeping)
		svc.Run(ctx)
	}()
	httpServer := server.HTTPServer()
	stopped := make(chan error, 1)
	go func() { stopped <- httpServer.Serve(server.Listener(listener)) }()
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

// address is where a person opens the instance.
func (c *serveCommand) address(l net.Listener) string {
	if c.URL != "" {
		return c.URL
	}
	return "http://" + l.Addr().String()
}
