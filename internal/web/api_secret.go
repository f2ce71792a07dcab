package web

import (
	"net/http"
	"strings"
	"time"

	"letterlock"
	"letterlock/api"
	"letterlock/internal/service"
)

func (s *Server) createSecret(w http.ResponseWriter, r *http.Request) error {
	caller, err := callerOf(r)
	if err != nil {
		return err
	}
	var req api.CreateRequest
	if err := decode(r, bodyCreate, &req); err != nil {
		return err
	}
	n, err := newSecret(&req)
	if err != nil {
		return err
	}
	made, created, err := s.service.CreateSecret(r.Context(), caller, n)
	if err != nil {
		return err
	}
	status := http.StatusOK
	if created {
		status = http.StatusCreated
	}
	return respond(w, status, api.CreateResponse{
		ID:        made.ID,
		State:     made.State(),
		CreatedAt: made.CreatedAt,
		ExpiresAt: made.ExpiresAt,
		MaxViews:  maxViews(made.Secret),
	})
}

func newSecret(req *api.CreateRequest) (*letterlock.NewSecret, error) {
	n := &letterlock.NewSecret{Content: req.Content, Limits: letterlock.Limits{Views: req.MaxViews.Views()}}
	var f fields
	if req.ExpiresIn == nil {
		f = append(f, letterlock.FieldError{Field: "expires_in", Code: letterlock.FieldRequired})
	} else {
		n.Limits.ExpiresIn = duration(*req.ExpiresIn)
	}
	f.fixed("header", n.Header[:], req.Header)
	f.fixed("commit", n.Commit[:], req.Commit)
	f.fixed("link_hash", n.LinkHash[:], req.LinkHash)
	f.fixed("access_hash", n.AccessHash[:], req.AccessHash)
	f.fixed("manage_hash", n.ManageHash[:], req.ManageHash)
	if req.Content == nil {
		f = append(f, letterlock.FieldError{Field: "content", Code: letterlock.FieldRequired})
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
// link proof is a reader, whatever else they show.
func (s *Server) getSecret(w http.ResponseWriter, r *http.Request) error {
	caller, err := callerOf(r)
	if err != nil {
		return err
	}
	id, err := letterlock.ParseSecretID(r.PathValue("id"))
	if err != nil {
		return err
	}
	if r.Header[api.HeaderLinkProof] == nil && len(caller.Manage) > 0 {
		receipt, err := s.service.SecretReceipt(r.Context(), caller, id)
		if err != nil {
			return err
		}
		return respond(w, http.StatusOK, receiptResponse(receipt))
	}
	seen, err := s.service.PeekSecret(r.Context(), caller, id)
	if err != nil {
		return err
	}
	return respond(w, http.StatusOK, api.SecretResponse{
		ID:            seen.ID,
		Header:        seen.Header[:],
		State:         seen.State(),
		ExpiresAt:     seen.ExpiresAt,
		MaxViews:      maxViews(seen.Secret),
		ViewsLeft:     seen.ViewsLeft(),
		NeedsPassword: seen.NeedsPassword(),
		Size:          letterlock.PaddedSize(seen.ContentLength),
		Gates:         []string{},
		TriesLeft:     seen.TriesLeft(),
	})
}

func receiptResponse(r *letterlock.Receipt) api.ReceiptResponse {
	events := make([]api.Event, len(r.Events))
	for i, e := range r.Events {
		events[i] = api.Event{At: e.At, Action: e.Action}
	}
	return api.ReceiptResponse{
		ID:               r.ID,
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
		Gates:            []string{},
		Events:           events,
		Recipients:       []struct{}{},
	}
}

func (s *Server) deleteSecret(w http.ResponseWriter, r *http.Request) error {
	caller, err := callerOf(r)
	if err != nil {
		return err
	}
	id, err := letterlock.ParseSecretID(r.PathValue("id"))
	if err != nil {
		return err
	}
	if err := s.service.DeleteSecret(r.Context(), caller, id); err != nil {
		return err
	}
	noContent(w)
	return nil
}

func (s *Server) changeSecret(w http.ResponseWriter, r *http.Request) error {
	caller, err := callerOf(r)
	if err != nil {
		return err
	}
	id, err := letterlock.ParseSecretID(r.PathValue("id"))
	if err != nil {
		return err
	}
	var req api.ChangeRequest
	if err := decode(r, bodySmall, &req); err != nil {
		return err
	}
	change, err := newChange(&req)
	if err != nil {
		return err
	}
	if err := s.service.ChangeSecret(r.Context(), caller, id, change); err != nil {
		return err
	}
	noContent(w)
	return nil
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

func (s *Server) createFeedback(w http.ResponseWriter, r *http.Request) error {
	caller, err := callerOf(r)
	if err != nil {
		return err
	}
	id, err := letterlock.ParseSecretID(r.PathValue("id"))
	if err != nil {
		return err
	}
	var req api.FeedbackRequest
	if err := decode(r, bodySmall, &req); err != nil {
		return err
	}
	if req.Mine == nil {
		return letterlock.Invalid("mine", letterlock.FieldRequired)
	}
	if err := s.service.GiveFeedback(r.Context(), caller, id, *req.Mine); err != nil {
		return err
	}
	noContent(w)
	return nil
}

// callerOf reads what the caller holds. A proof that is not one opens nothing,
// exactly as a wrong one. Accounts' tokens do not exist here, so every one of
// them is refused rather than ignored; what a proxy in front asks for in another
// scheme is its own affair.
func callerOf(r *http.Request) (letterlock.Caller, error) {
	if scheme, _, _ := strings.Cut(r.Header.Get("Authorization"), " "); strings.EqualFold(scheme, "bearer") {
		return letterlock.Caller{}, letterlock.ErrUnauthorized
	}
	return letterlock.Caller{
		Link:   proof(r, api.HeaderLinkProof),
		Manage: proof(r, api.HeaderManageToken),
		View:   proof(r, api.HeaderViewSecret),
	}, nil
}

func proof(r *http.Request, name string) letterlock.Proof {
	values := r.Header[name]
	if len(values) != 1 {
		return nil
	}
	b, err := api.ParseBytes(values[0])
	if err != nil || len(b) != 32 {
		return nil
	}
	return letterlock.Proof(b)
}

// maxViews is how the wire writes a limit: null is unlimited.
func maxViews(s *letterlock.Secret) *int {
	if s.Limits.Views == letterlock.Unlimited {
		return nil
	}
	return &s.Limits.Views
}
