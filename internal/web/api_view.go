package web

import (
	"fmt"
	"net/http"

	"letterlock"
	"letterlock/api"
)

func (s *Server) createView(w http.ResponseWriter, r *http.Request) error {
	caller, err := callerOf(r)
	if err != nil {
		return err
	}
	id, err := letterlock.ParseSecretID(r.PathValue("id"))
	if err != nil {
		return err
	}
	var req api.ViewRequest
	if err := decode(r, bodySmall, &req); err != nil {
		return err
	}
	v, err := newView(&req)
	if err != nil {
		return err
	}
	opening, err := s.service.ViewSecret(r.Context(), caller, id, v)
	if err != nil {
		return err
	}
	status := http.StatusCreated
	if opening.Again {
		status = http.StatusOK
	}
	return respond(w, status, api.ViewResponse{
		ViewID:     opening.View.ID,
		Header:     opening.Secret.Header[:],
		Commit:     opening.Secret.Commit[:],
		Content:    opening.Content,
		Parts:      []int64{opening.Secret.ContentLength},
		ExpiresAt:  opening.Secret.ExpiresAt,
		ViewsLeft:  opening.View.LeftAfter(opening.Secret),
		GraceUntil: opening.View.GraceUntil,
	})
}

func newView(req *api.ViewRequest) (letterlock.NewView, error) {
	var v letterlock.NewView
	id, access := make(api.Bytes, 16), make(letterlock.Proof, 32)
	var f fields
	f.fixed("view_id", id, req.ViewID)
	f.fixed("view_hash", v.Hash[:], req.ViewHash)
	f.fixed("access_proof", access, req.AccessProof)
	v.ID, v.Access = letterlock.ViewID(id.String()), access
	return v, f.err()
}

// viewID accepts the one spelling of a view id; anything else names no view.
func viewID(r *http.Request) (letterlock.ViewID, error) {
	text := r.PathValue("view")
	if b, err := api.ParseBytes(text); err != nil || len(b) != 16 {
		return "", letterlock.ErrNotFound
	}
	return letterlock.ViewID(text), nil
}

func (s *Server) deleteView(w http.ResponseWriter, r *http.Request) error {
	caller, err := callerOf(r)
	if err != nil {
		return err
	}
	id, err := viewID(r)
	if err != nil {
		return err
	}
	if err := s.service.AcknowledgeView(r.Context(), caller, id); err != nil {
		return err
	}
	noContent(w)
	return nil
}

// getPart serves the ciphertext of a part, whole or from chunk to chunk. It is
// never of a kind that a browser shows.
func (s *Server) getPart(w http.ResponseWriter, r *http.Request) error {
	caller, err := callerOf(r)
	if err != nil {
		return err
	}
	id, err := viewID(r)
	if err != nil {
		return err
	}
	content, err := s.service.ViewContent(r.Context(), caller, id)
	if err != nil {
		return err
	}
	if r.PathValue("part") != "0" {
		return letterlock.ErrNotFound
	}
	h, size := w.Header(), int64(len(content))
	h.Set("Accept-Ranges", "bytes")
	asked, err := rangeOf(r.Header.Get("Range"), size)
	if err != nil {
		h.Set("Content-Range", fmt.Sprintf("bytes */%d", size))
		return err
	}
	status := http.StatusOK
	if asked != (span{0, size}) {
		status = http.StatusPartialContent
		h.Set("Content-Range", fmt.Sprintf("bytes %d-%d/%d", asked.from, asked.to-1, size))
	}
	write(w, status, octetStream, content[asked.from:asked.to])
	return nil
}
