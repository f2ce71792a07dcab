package client

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/go-json-experiment/json"

	"letterlock"
	"letterlock/api"
)

const (
	attempts = 5

	// longestPause bounds the time between two attempts, whatever the server
	// asks for.
	longestPause = 5 * time.Second

	// maxAnswer is longer than any valid answer: a receipt with thousands of
	// events.
	maxAnswer = 4 << 20
)

// call is one request and where its answer goes.
type call struct {
	method, path string
	header       string           // that carries the proof
	proof        letterlock.Proof // empty for none
	body         any              // JSON; nil for none
	answer       any              // *[]byte for the bytes themselves, else JSON; nil for none
	repeat       bool
}

// do sends a call until it is answered, at most a few times.
func (c *Client) do(ctx context.Context, k call) error {
	var body []byte
	if k.body != nil {
		var err error
		if body, err = json.Marshal(k.body); err != nil {
			return fmt.Errorf("client: %w", err)
		}
	}
	pause := c.pause
	for n := 1; ; n++ {
		wait, err := c.attempt(ctx, k, body)
		if wait < 0 || n == attempts || !k.repeat {
			return err
		}
		// Jitter, so that clients that failed together do not come back together.
		wait = min(max(wait, pause/2+rand.N(pause)), longestPause)
		select {
		case <-ctx.Done():
			return fmt.Errorf("client: %w, after %w", ctx.Err(), err)
		case <-time.After(wait):
		}
		pause *= 2
	}
}

// final says that an attempt's outcome stands.
const final = -1

// attempt sends a call once. What may be tried again comes with the least time
// to wait, everything else with final.
func (c *Client) attempt(ctx context.Context, k call, body []byte) (wait time.Duration, err error) {
	req, err := http.NewRequestWithContext(ctx, k.method, c.server+k.path, bytes.NewReader(body))
	if err != nil {
		return final, errors.New("client: not a valid request") // the error would repeat the address
	}
	if c.token != nil {
		req.Header.Set("Authorization", "Bearer "+string(c.token))
	}
	if len(k.proof) > 0 {
		req.Header.Set(k.header, api.Bytes(k.proof).String())
	}
	if k.body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	res, err := c.http.Do(req)
	if err != nil {
		return lost(ctx, err)
	}
	defer res.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(res.Body, maxAnswer+1))
	switch {
	case err != nil:
		return lost(ctx, err)
	case len(answer) > maxAnswer:
		return final, unexpected(res, "too long")
	case res.StatusCode >= 400:
		err := problem(res, answer)
		if res.StatusCode == http.StatusServiceUnavailable && !errors.Is(err, letterlock.ErrSetup) {
			return retryAfter(res), err
		}
		return final, err
	case res.StatusCode >= 300:
		return final, unexpected(res, "redirects are not followed")
	}
	return final, k.read(res, answer)
}

// lost is a failure on the way, to be tried again unless the caller gave up.
func lost(ctx context.Context, err error) (time.Duration, error) {
	// The URL names the secret; what went wrong is said without it.
	if e, ok := errors.AsType[*url.Error](err); ok {
		err = e.Err
	}
	if ctx.Err() != nil {
		return final, fmt.Errorf("client: %w", ctx.Err())
	}
	return 0, fmt.Errorf("client: %w: %w", letterlock.ErrUnavailable, err)
}

// read takes a successful answer. It must be what was asked for: members that a
// newer server adds are ignored, wrong types and repeated names are not.
func (k call) read(res *http.Response, answer []byte) error {
	switch to := k.answer.(type) {
	case nil:
		if res.StatusCode != http.StatusNoContent {
			return unexpected(res, "want none")
		}
	case *[]byte:
		if mediaType(res) != "application/octet-stream" {
			return unexpected(res, "not the content")
		}
		*to = answer
	default:
		if mediaType(res) != "application/json" || json.Unmarshal(answer, to) != nil {
			return unexpected(res, "not the JSON that was asked for")
		}
	}
	return nil
}

// problem turns a problem document back into what the service refused with.
// Nothing else that a server may have written gets into the error.
func problem(res *http.Response, body []byte) error {
	var p api.Problem
	if mediaType(res) != api.ProblemType || json.Unmarshal(body, &p) != nil || p.Status != res.StatusCode ||
		!slices.Contains(letterlock.Codes(), p.Code) || !name(string(p.Reason)) {
		if res.StatusCode == http.StatusServiceUnavailable { // a proxy in between
			return fmt.Errorf("client: %w", letterlock.ErrUnavailable)
		}
		return unexpected(res, "not a problem document")
	}
	refusal := &letterlock.Refusal{Code: p.Code, Reason: p.Reason, TriesLeft: p.TriesLeft}
	if p.EndedAt != nil {
		refusal.EndedAt = *p.EndedAt
	}
	for _, f := range p.Errors {
		if !name(f.Field) || !name(string(f.Code)) {
			return unexpected(res, "not a problem document")
		}
		refusal.Fields = append(refusal.Fields, letterlock.FieldError{Field: f.Field, Code: f.Code})
	}
	for _, gate := range p.Gates {
		if !name(string(gate)) {
			return unexpected(res, "not a problem document")
		}
	}
	refusal.Gates = p.Gates
	return refusal
}

// name reports whether s may be shown: field names, codes and reasons are a few
// plain letters, and a terminal must not get anything else from a server.
func name(s string) bool {
	return len(s) <= 40 && strings.Trim(s, "abcdefghijklmnopqrstuvwxyz0123456789_?") == ""
}

func unexpected(res *http.Response, what string) error {
	return fmt.Errorf("client: unexpected answer with status %d: %s", res.StatusCode, what)
}

func mediaType(res *http.Response) string {
	kind, _, err := mime.ParseMediaType(res.Header.Get("Content-Type"))
	if err != nil {
		return ""
	}
	return kind
}

// retryAfter is how many seconds the server asks to wait, 0 if it does not say.
func retryAfter(res *http.Response) time.Duration {
	seconds, err := strconv.ParseUint(res.Header.Get("Retry-After"), 10, 16)
	if err != nil {
		return 0
	}
	return time.Duration(seconds) * time.Second
}
