package web

import (
	"fmt"
	"net/http"

	"letterlock"
	"letterlock/api"
)

func (s *Server) createView(c *call, req *api.ViewRequest) error {
	v, err := newView(req)
	if err != nil {
		return err
	}
	opening, err := s.service.ViewSecret(c.r.Context(), c.caller, c.secretID(), v)
	if err != nil {
		return err
	}
	status := http.StatusCreated
	if opening.Again {
		status = http.StatusOK
	}
	return c.answer(status, api.ViewResponse{
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

func (s *Server) deleteView(c *call) error {
	return c.done(s.service.AcknowledgeView(c.r.Context(), c.caller, c.viewID()))
}

// getPart serves the ciphertext of a part, whole or from chunk to chunk. It is
// never of a kind that a browser shows.
func (s *Server) getPart(c *call) error {
	content, err := s.service.ViewContent(c.r.Context(), c.caller, c.viewID())
	if err != nil {
		return err
	}
	if c.r.PathValue("part") != "0" {
		return letterlock.ErrNotFound
	}
	h, size := c.w.Header(), int64(len(content))
	h.Set("Accept-Ranges", "bytes")
	asked, err := rangeOf(c.r.Header.Get("Range"), size)
	if err != nil {
		h.Set("Content-Range", fmt.Sprintf("bytes */%d", size))
		return err
	}
	status := http.StatusOK
	if asked != (span{0, size}) {
		status = http.StatusPartialContent
		h.Set("Content-Range", fmt.Sprintf("bytes %d-%d/%d", asked.from, asked.to-1, size))
	}
	write(c.w, status, octetStream, content[asked.from:asked.to])
	return nil
}
