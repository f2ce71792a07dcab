package testkit

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"testing"
	"time"

	"letterlock"
	"letterlock/api"
	"letterlock/envelope"
	"letterlock/internal/service"
	"letterlock/internal/web"
	"letterlock/ui"
)

// ServerConfig is how a test's instance differs from one without any option;
// rate limits are off unless asked for.
type ServerConfig struct {
	web.Config
	MaxLifetime time.Duration      // zero: the default
	MaxStored   int64              // zero: 1 GiB
	SetupFirst  bool               // it changes nothing before it is set up
	HTTP        func(*http.Server) // changes deadlines, say, before it serves
}

// Server is a whole instance: a real service on SQLite, answering real
// connections on loopback until the test ends.
type Server struct {
	*Engine
	Service *service.Service
	Web     *web.Server
	Addr    string // host and port
	URL     string // with the base path
}

// Serve starts an instance.
func Serve(t testing.TB, c ServerConfig) *Server {
	t.Helper()
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	s := &Server{Engine: SQLite(t)}
	var err error
	s.Service, err = service.New(context.Background(), s.DB, service.Config{
		MaxLifetime: cmp.Or(c.MaxLifetime, letterlock.DefaultLifetime),
		MaxStored:   cmp.Or(c.MaxStored, 1<<30),
		SetupFirst:  c.SetupFirst,
		Log:         c.Log,
		Name:        "Letterlock",
		URL:         cmp.Or(c.Origin, "http://share.example.org") + c.Base,
	})
	if err != nil {
		t.Fatalf("service.New: %v", err)
	}
	pages, err := ui.Render(ui.Site{Name: "Letterlock", Base: c.Base, MaxLifetime: cmp.Or(c.MaxLifetime, letterlock.DefaultLifetime)})
	if err != nil {
		t.Fatalf("ui.Render: %v", err)
	}
	s.Web = web.New(c.Config, s.Service, pages)
	s.listen(t, c)
	s.URL = "http://" + s.Addr + c.Base
	return s
}

func (s *Server) listen(t testing.TB, c ServerConfig) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatalf("listen: %v", err)
	}
	s.Addr = listener.Addr().String()
	server := s.Web.HTTPServer()
	if c.HTTP != nil {
		c.HTTP(server)
	}
	stopped := make(chan error, 1)
	go func() { stopped <- server.Serve(s.Web.Listener(listener)) }()
	t.Cleanup(func() {
		// The database is closed next: handlers have to be done with it.
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		if err := server.Shutdown(ctx); err != nil {
			t.Errorf("requests do not end: %v", err)
		}
		if err := <-stopped; !errors.Is(err, http.ErrServerClosed) {
			t.Errorf("serve: %v", err)
		}
	})
}

// Sealed is a secret as its sender's client makes it, with all that the sender
// and a reader hold.
type Sealed struct {
	letterlock.NewSecret
	ID       letterlock.SecretID
	Envelope *envelope.Sealed
	Link     letterlock.Proof // the link proof
	Access   letterlock.Proof // the access proof
	Manage   letterlock.Proof // the manage token
}

// Seal seals a text for one view and an hour.
func Seal(t testing.TB, text, password string) *Sealed {
	t.Helper()
	return SealAt(t, text, password, 1, begin)
}

// SealAt seals a text at a time, for an hour and a number of views; 0 is
// unlimited.
func SealAt(t testing.TB, text, password string, views int, at time.Time) *Sealed {
	t.Helper()
	sealed, err := envelope.Seal(text, password, envelope.Intent{MaxViews: views, ExpiresIn: time.Hour}, at)
	if err != nil {
		t.Fatalf("envelope.Seal: %v", err)
	}
	keys, err := envelope.DeriveKeys(sealed.Link, sealed.Header, password)
	if err != nil {
		t.Fatalf("envelope.DeriveKeys: %v", err)
	}
	manage := randomProof()
	header := letterlock.Header(sealed.Header)
	return &Sealed{
		NewSecret: letterlock.NewSecret{
			Header:     header,
			Commit:     sealed.Commit,
			LinkHash:   sealed.LinkHash,
			AccessHash: sealed.AccessHash,
			ManageHash: manage.Hash(),
			Content:    sealed.Content,
			Limits:     letterlock.Limits{ExpiresIn: time.Hour, Views: views},
		},
		ID:       header.ID(),
		Envelope: sealed,
		Link:     sealed.Link.Proof(),
		Access:   keys.AccessProof(),
		Manage:   manage,
	}
}

// NewView is a reader's next view of the secret, and the view secret that goes
// with it.
func (s *Sealed) NewView() (letterlock.NewView, letterlock.Proof) {
	secret := randomProof()
	id := api.Bytes(randomProof()[:16])
	return letterlock.NewView{ID: letterlock.ViewID(id.String()), Hash: secret.Hash(), Access: s.Access}, secret
}

func randomProof() letterlock.Proof {
	p := make(letterlock.Proof, 32)
	rand.Read(p)
	return p
}
