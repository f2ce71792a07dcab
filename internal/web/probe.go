package web

import (
	"context"
	"net/http"
	"sync"
	"time"
)

// readyFor is how long the database's word is taken.
const readyFor = time.Second

// readiness is what the database last said. Whoever asks more often than once a
// readyFor is told the same again: asking takes a turn of the one writer.
type readiness struct {
	mu    sync.Mutex // guards all below, and lets one request at a time ask
	asked time.Time
	err   error
}

// getLive says that the process runs.
func (s *Server) getLive(c *call) error { return ok(s, c) }

// getReady says that secrets can be shared and opened: the database takes
// transactions.
func (s *Server) getReady(c *call) error {
	ctx := context.WithoutCancel(c.r.Context()) // the answer is for others too
	if err := s.readiness.get(func() error { return s.service.Ready(ctx) }); err != nil {
		return err
	}
	return ok(s, c)
}

// get is what the database last said, or says now.
func (r *readiness) get(ask func() error) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if time.Since(r.asked) >= readyFor {
		r.err = ask()
		r.asked = time.Now()
	}
	return r.err
}

func ok(s *Server, c *call) error {
	s.header.set(c.w.Header())
	c.w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	send(c.w, c.r, http.StatusOK, []byte("ok\n"), nil, nil)
	return nil
}
