// Package client is the Go client of an instance's API. It moves sealed bytes
// and proofs; sealing and opening is the envelope's business.
//
// It is careful with whom it talks to: it follows no redirect, reads no answer
// longer than a valid one, and repeats nothing that a server says but codes. A
// call that failed on the way, or was answered with "unavailable", is sent
// again, the very same bytes, a few times and with growing pauses: everything
// that is repeated counts once.
//
// Refusals come back as the service returns them: errors.Is(err,
// letterlock.ErrGone) holds here as it does there, and errors.As finds a
// [letterlock.Refusal] with the reason, the fields or the tries left.
package client

import (
	"context"
	"errors"
	"net/http"
	"time"

	"letterlock"
	"letterlock/api"
)

// Client talks to one instance. It is safe for concurrent use.
type Client struct {
	server string
	http   *http.Client
	token  letterlock.Proof // of the API; nil: asked by nobody
	pause  time.Duration    // before the second attempt
}

const (
	attemptTimeout = 30 * time.Second
	firstPause     = 200 * time.Millisecond
)

// New is a client of the instance at an address such as
// https://share.example.org, with the path under which it is served, if any. The
// error does not repeat the address.
func New(server string) (*Client, error) {
	u, ok := letterlock.ParsePublicURL(server)
	if !ok {
		return nil, errors.New("client: the server must be an address such as https://share.example.org, without user, query and fragment")
	}
	return &Client{
		server: u.String(),
		http: &http.Client{
			Timeout: attemptTimeout,
			// A redirect would hand the proofs to whoever it names.
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
		pause: firstPause,
	}, nil
}

// CreateSecret hands a sealed secret over. When it returns nil, the secret is
// durable. The same call again gives the same answer; another secret under the
// same id is letterlock.ErrConflict.
func (c *Client) CreateSecret(ctx context.Context, n *letterlock.NewSecret) (*api.CreateResponse, error) {
	made := &api.CreateResponse{}
	var org api.Choice // anonymous secrets do not even name none
	if c.token != nil {
		org = api.Chosen(n.Org)
	}
	err := c.do(ctx, call{method: "POST", path: api.SecretsPath(), repeat: true, answer: made, body: api.CreateRequest{
		Header:     n.Header[:],
		Commit:     n.Commit[:],
		LinkHash:   n.LinkHash[:],
		AccessHash: n.AccessHash[:],
		ManageHash: n.ManageHash[:],
		Content:    n.Content,
		ExpiresIn:  new(int64(n.Limits.ExpiresIn / time.Second)),
		MaxViews:   api.LimitViews(n.Limits.Views),

		Name:             n.Name,
		Organization:     org,
		OrganizationOnly: n.OrganizationOnly,
		Language:         n.Language,
	}})
	if err == nil && made.ID != n.Header.ID() {
		err = errAnother
	}
	return orNil(made, err)
}

// PeekSecret asks what a holder of the link may know before opening. It counts
// nothing. What is over is letterlock.ErrGone, with the reason.
func (c *Client) PeekSecret(ctx context.Context, id letterlock.SecretID, link letterlock.Proof) (*api.SecretResponse, error) {
	seen := &api.SecretResponse{}
	err := c.do(ctx, call{method: "GET", path: api.SecretPath(id), header: api.HeaderLinkProof, proof: link, repeat: true, answer: seen})
	if err == nil && (seen.ID != id || len(seen.Header) != letterlock.HeaderSize) {
		err = errAnother
	}
	return orNil(seen, err)
}

// ViewSecret opens a secret: it counts one view under the caller's view id,
// however often the call is repeated, and returns the sealed content. Keep the
// id and the view secret until [Client.AcknowledgeView]: with them the same view
// can be had again while its grace lasts.
func (c *Client) ViewSecret(ctx context.Context, id letterlock.SecretID, link letterlock.Proof, v letterlock.NewView) (*api.ViewResponse, error) {
	viewID, err := api.ParseBytes(string(v.ID))
	if err != nil {
		return nil, letterlock.Invalid("view_id", letterlock.FieldNotBase64URL)
	}
	opened := &api.ViewResponse{}
	err = c.do(ctx, call{method: "POST", path: api.ViewsPath(id), header: api.HeaderLinkProof, proof: link, repeat: true, answer: opened,
		body: api.ViewRequest{ViewID: viewID, ViewHash: v.Hash[:], AccessProof: api.Bytes(v.Access)}})
	if err == nil && (opened.ViewID != v.ID || len(opened.Header) != letterlock.HeaderSize || len(opened.Commit) != len(letterlock.NewSecret{}.Commit)) {
		err = errAnother
	}
	return orNil(opened, err)
}

// ViewContent fetches the sealed content of an open view again.
func (c *Client) ViewContent(ctx context.Context, id letterlock.ViewID, view letterlock.Proof) ([]byte, error) {
	var content []byte
	err := c.do(ctx, call{method: "GET", path: api.PartPath(id, "0"), header: api.HeaderViewSecret, proof: view, repeat: true, answer: &content})
	return content, err
}

// AcknowledgeView closes a view: its reader has verified and kept everything.
func (c *Client) AcknowledgeView(ctx context.Context, id letterlock.ViewID, view letterlock.Proof) error {
	return c.do(ctx, call{method: "DELETE", path: api.ViewPath(id), header: api.HeaderViewSecret, proof: view, repeat: true})
}

// GiveFeedback answers "Was that you?" after a secret was opened. A no tells the
// sender.
func (c *Client) GiveFeedback(ctx context.Context, id letterlock.SecretID, link letterlock.Proof, mine bool) error {
	return c.do(ctx, call{method: "POST", path: api.FeedbackPath(id), header: api.HeaderLinkProof, proof: link, repeat: true,
		body: api.FeedbackRequest{Mine: &mine}})
}

// SecretReceipt asks what the sender can see, also after the end.
func (c *Client) SecretReceipt(ctx context.Context, id letterlock.SecretID, manage letterlock.Proof) (*api.ReceiptResponse, error) {
	receipt := &api.ReceiptResponse{}
	err := c.do(ctx, call{method: "GET", path: api.SecretPath(id), header: api.HeaderManageToken, proof: manage, repeat: true, answer: receipt})
	if err == nil && receipt.ID != id {
		err = errAnother
	}
	return orNil(receipt, err)
}

// DeleteSecret withdraws a secret at once.
func (c *Client) DeleteSecret(ctx context.Context, id letterlock.SecretID, manage letterlock.Proof) error {
	return c.do(ctx, call{method: "DELETE", path: api.SecretPath(id), header: api.HeaderManageToken, proof: manage, repeat: true})
}

// ShortenSecret lets a secret end sooner: this long from now. It is sent once
// only: an expiry counts from when the server hears of it, so that the same call
// again would ask for a later one and be refused.
func (c *Client) ShortenSecret(ctx context.Context, id letterlock.SecretID, manage letterlock.Proof, expiresIn time.Duration) error {
	seconds := int64(expiresIn / time.Second)
	return c.do(ctx, call{method: "PATCH", path: api.SecretPath(id), header: api.HeaderManageToken, proof: manage,
		body: api.ChangeRequest{ExpiresIn: &seconds}})
}

// UnlockSecret opens a secret to readers again that wrong passwords locked. It
// can be done once.
func (c *Client) UnlockSecret(ctx context.Context, id letterlock.SecretID, manage letterlock.Proof) error {
	unlock := true
	return c.do(ctx, call{method: "PATCH", path: api.SecretPath(id), header: api.HeaderManageToken, proof: manage, repeat: true,
		body: api.ChangeRequest{Unlock: &unlock}})
}

// errAnother refuses an answer that is no answer to what was asked.
var errAnother = errors.New("client: the server answered for something else")

// orNil keeps an answer that did not pass from being used.
func orNil[T any](answer *T, err error) (*T, error) {
	if err != nil {
		return nil, err
	}
	return answer, nil
}
