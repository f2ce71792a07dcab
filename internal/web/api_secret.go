package web

import (
	"net/http"
	"time"

	"letterlock"
	"letterlock/api"
	"letterlock/internal/service"
)

func (s *Server) createSecret(c *call, req *api.CreateRequest) error {
	n, err := newSecret(c, req)
	if err != nil {
		return err
	}
	made, created, err := s.service.CreateSecret(c.r.Context(), c.caller, n)
	if err != nil {
		return err
	}
	status := http.StatusOK
	if created {
		status = http.StatusCreated
	}
	return c.answer(status, api.CreateResponse{
		ID:        made.ID,
		State:     made.State(),
		CreatedAt: made.CreatedAt,
		ExpiresAt: made.ExpiresAt,
		MaxViews:  maxViews(made.Secret),
	})
}

func newSecret(c *call, req *api.CreateRequest) (*letterlock.NewSecret, error) {
	n := &letterlock.NewSecret{
		Content:          req.Content,
		Limits:           letterlock.Limits{Views: req.MaxViews.Views()},
		Org:              req.Organization.Or(c.caller.Org),
		OrganizationOnly: req.OrganizationOnly,
		Name:             req.Name,
		Language:         req.Language,
	}
	if err := checkLanguage(req.Language); err != nil {
		return nil, err
	}
	var f fields
	if req.ExpiresIn == nil {
		f.refuse("expires_in", letterlock.FieldRequired)
	} else {
		n.Limits.ExpiresIn = duration(*req.ExpiresIn)
	}
	f.fixed("header", n.Header[:], req.Header)
	f.fixed("commit", n.Commit[:], req.Commit)
	f.fixed("link_hash", n.LinkHash[:], req.LinkHash)
	f.fixed("access_hash", n.AccessHash[:], req.AccessHash)
	f.fixed("manage_hash", n.ManageHash[:], req.ManageHash)
	if req.Content == nil {
		f.refuse("content", letterlock.FieldRequired)
	}
	return n, f.err()
}

// duration is a number of seconds, -1 for one that no rule would accept: more
// would not fit.
func duration(seconds int64) time.Duration {
	if seconds < 0 || seconds > int64(letterlock.MaxLifetime/time.Second) {
		return -1
	}
	return time.Duration(seconds) * time.Second
}

// getSecret answers the reader, or the sender with the receipt. Whoever shows a
// link proof is a reader, whatever else they show and whoever they are.
func (s *Server) getSecret(c *call) error {
	if c.r.Header[api.HeaderLinkProof] == nil && (len(c.caller.Manage) > 0 || c.caller.User != nil) {
		receipt, err := s.service.SecretReceipt(c.r.Context(), c.caller, c.secretID())
		if err != nil {
			return err
		}
		return c.answer(http.StatusOK, receiptResponse(receipt))
	}
	seen, err := s.service.PeekSecret(c.r.Context(), c.caller, c.secretID())
	if err != nil {
		return err
	}
	return c.answer(http.StatusOK, secretResponse(&seen))
}

func secretResponse(seen *letterlock.Preview) api.SecretResponse {
	answer := api.SecretResponse{
		ID:            seen.ID,
		Header:        seen.Header[:],
		State:         seen.State(),
		ExpiresAt:     seen.ExpiresAt,
		MaxViews:      maxViews(seen.Secret),
		ViewsLeft:     seen.ViewsLeft(),
		NeedsPassword: seen.NeedsPassword(),
		Size:          letterlock.PaddedSize(seen.ContentLength),
		Gates:         append([]letterlock.Gate{}, seen.Gates...),
		TriesLeft:     seen.TriesLeft(),
		Language:      seen.Language,
		Sender:        sender(seen.Sender),
		Organization:  seen.MembersOf,
	}
	if seen.Brand != nil {
		answer.Brand = brand(seen.Brand)
	}
	return answer
}

func sender(s *letterlock.Sender) *api.Sender {
	if s == nil {
		return nil
	}
	return &api.Sender{Name: s.Name, Email: s.Email}
}

func receiptResponse(r *letterlock.Receipt) api.ReceiptResponse {
	events := make([]api.Event, len(r.Events))
	for i, e := range r.Events {
		events[i] = api.Event{At: e.At, Action: e.Action}
	}
	return api.ReceiptResponse{
		ID:               r.ID,
		Name:             r.Name,
		Organization:     given(r.Org),
		OrganizationOnly: r.OrganizationOnly,
		Owner:            sender(r.Owner),
		Header:           r.Header[:],
		State:            r.State(),
		CreatedAt:        r.CreatedAt,
		ExpiresAt:        r.ExpiresAt,
		EndedAt:          optional(r.EndTime(r.Now)),
		DisputedAt:       optional(r.Disputed),
		UnlockedAt:       optional(r.UnlockedAt),
		MaxViews:         maxViews(r.Secret),
		Views:            r.Views,
		ViewsLeft:        r.ViewsLeft(),
		NeedsPassword:    r.NeedsPassword(),
		PasswordFailures: r.PasswordFailures,
		TriesLeft:        r.TriesLeft(),
		Size:             letterlock.PaddedSize(r.ContentLength),
		Gates:            []letterlock.Gate{},
		Events:           events,
		Recipients:       []struct{}{},
	}
}

func (s *Server) deleteSecret(c *call) error {
	return c.done(s.service.DeleteSecret(c.r.Context(), c.caller, c.secretID()))
}

func (s *Server) changeSecret(c *call, req *api.ChangeRequest) error {
	change, err := newChange(req)
	if err != nil {
		return err
	}
	return c.done(s.service.ChangeSecret(c.r.Context(), c.caller, c.secretID(), change))
}

func newChange(req *api.ChangeRequest) (service.Change, error) {
	var change service.Change
	switch {
	case req.ExpiresIn == nil && req.Unlock == nil:
		return change, letterlock.Invalid("expires_in", letterlock.FieldRequired)
	case req.Unlock != nil && !*req.Unlock:
		return change, letterlock.Invalid("unlock", letterlock.FieldOutOfRange)
	}
	change.Unlock = req.Unlock != nil
	if req.ExpiresIn != nil {
		in := duration(*req.ExpiresIn)
		change.ExpiresIn = &in
	}
	return change, nil
}

func (s *Server) createFeedback(c *call, req *api.FeedbackRequest) error {
	if req.Mine == nil {
		return letterlock.Invalid("mine", letterlock.FieldRequired)
	}
	return c.done(s.service.GiveFeedback(c.r.Context(), c.caller, c.secretID(), *req.Mine))
}

// maxViews is how the wire writes a limit: null is unlimited.
func maxViews(s *letterlock.Secret) *int {
	if s.Limits.Views == letterlock.Unlimited {
		return nil
	}
	return &s.Limits.Views
}
