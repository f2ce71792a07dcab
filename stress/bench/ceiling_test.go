//go:build linux

package bench

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"syscall"

	"github.com/go-json-experiment/json"

	"letterlock/api"
)

// The ceilings. Both parse the same bodies with the same decoder and answer
// next to nothing; one keeps nothing, the other keeps it as durably and as
// cheaply as one file can.
const (
	ceilingBare  = "bare"
	ceilingFsync = "fsync"

	ceilingVariable = "LETTERLOCK_BENCH_CEILING" // which one
	ceilingFile     = "LETTERLOCK_BENCH_FILE"    // what it appends to
)

func serveCeiling(kind string) error {
	keep := func([]byte) error { return nil }
	if kind == ceilingFsync {
		file, err := os.OpenFile(os.Getenv(ceilingFile), os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
		if err != nil {
			return err
		}
		a := &appender{file: file, waiting: make(chan appending, 4096)}
		go a.run()
		keep = a.keep
	}
	mux := http.NewServeMux()
	mux.HandleFunc("POST "+api.Prefix+"/secrets", ceiling[api.CreateRequest](keep))
	mux.HandleFunc("POST "+api.Prefix+"/secrets/{id}/views", ceiling[api.ViewRequest](keep))
	mux.HandleFunc("GET "+oneFilePath, serveOneFile)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	fmt.Fprintf(os.Stderr, "The ceiling is ready: http://%s\n", l.Addr())
	return http.Serve(l, mux)
}

// ceiling parses a body as a T and keeps it before it answers.
func ceiling[T any](keep func([]byte) error) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		body := make([]byte, r.ContentLength)
		_, err := io.ReadFull(r.Body, body)
		var v T
		if err == nil {
			err = json.Unmarshal(body, &v, json.RejectUnknownMembers(true))
		}
		if err == nil {
			err = keep(body)
		}
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusCreated)
		io.WriteString(w, "{}")
	}
}

// appender writes everything that waits with one write and one fdatasync, the
// call that the product's database makes too, and only then answers.
type appender struct {
	file    *os.File
	waiting chan appending
}

type appending struct {
	body []byte
	done chan error
}

func (a *appender) keep(body []byte) error {
	done := make(chan error, 1)
	a.waiting <- appending{body, done}
	return <-done
}

func (a *appender) run() {
	var batch []appending
	var bytes []byte
	for first := range a.waiting {
		batch = append(batch[:0], first)
		for len(a.waiting) > 0 { // nobody else receives
			batch = append(batch, <-a.waiting)
		}
		bytes = bytes[:0]
		for _, one := range batch {
			bytes = append(bytes, one.body...)
		}
		_, err := a.file.Write(bytes)
		err = errors.Join(err, syscall.Fdatasync(int(a.file.Fd())))
		for _, one := range batch {
			one.done <- err
		}
	}
}
