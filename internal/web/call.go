package web

import (
	"net/http"
	"regexp"
	"strings"

	"letterlock"
	"letterlock/api"
)

// call is one request as its handler sees it: who asks, for what, and where the
// answer goes. What its path names is spelled as it has to be.
type call struct {
	w      http.ResponseWriter
	r      *http.Request
	caller letterlock.Caller // of routes that look at who asks
	body   int64             // the longest body of the route
}

// handler answers one call or says why not. What it returns is answered by the
// one table in error.go, so it has written nothing then.
type handler func(*Server, *call) error

// reads is a handler of calls with a JSON body, which it is given decoded.
func reads[T any](handle func(*Server, *call, *T) error) handler {
	return func(s *Server, c *call) error {
		var body T
		if err := decode(c.r, c.body, &body); err != nil {
			return err
		}
		return handle(s, c, &body)
	}
}

// answer sends a JSON answer.
func (c *call) answer(status int, v any) error { return respond(c.w, status, v) }

// done ends a call that has nothing to tell: 204, or the refusal.
func (c *call) done(err error) error {
	if err != nil {
		return err
	}
	return c.empty(http.StatusNoContent)
}

// empty is an answer without a body.
func (c *call) empty(status int) error {
	setAPIHeader(c.w.Header())
	c.w.WriteHeader(status)
	return nil
}

func (c *call) secretID() letterlock.SecretID { return letterlock.SecretID(c.r.PathValue("id")) }
func (c *call) viewID() letterlock.ViewID     { return letterlock.ViewID(c.r.PathValue("view")) }
func (c *call) orgID() letterlock.OrgID       { return letterlock.OrgID(c.r.PathValue("org")) }
func (c *call) userID() letterlock.UserID     { return letterlock.UserID(c.r.PathValue("user")) }
func (c *call) tokenID() letterlock.TokenID   { return letterlock.TokenID(c.r.PathValue("token")) }

func (c *call) sessionID() letterlock.SessionID {
	return letterlock.SessionID(c.r.PathValue("session"))
}
func (c *call) invitationID() letterlock.InvitationID {
	return letterlock.InvitationID(c.r.PathValue("invitation"))
}

// spellings are the parameters of paths, and what is one. Anything else is not
// found, before a verb is asked.
var spellings = map[string]func(string) bool{
	"id":         isID,
	"view":       isViewID,
	"org":        isID,
	"user":       isID,
	"invitation": isID,
	"session":    isID,
	"token":      isID,
	"step":       isStep,
	"part":       anything,
	"rest...":    anything,
	"name":       anything,
	"$":          anything,
}

func anything(string) bool { return true }

func isID(text string) bool {
	_, err := letterlock.ParseID[string](text)
	return err == nil
}

func isViewID(text string) bool {
	b, err := api.ParseBytes(text)
	return err == nil && len(b) == 16
}

var pathParameters = regexp.MustCompile(`\{([^}]+)\}`)

// parameters are the names in a pattern. One without a spelling is a defect.
func parameters(pattern string) []string {
	var names []string
	for _, m := range pathParameters.FindAllStringSubmatch(pattern, -1) {
		if spellings[m[1]] == nil {
			panic("no spelling is known for " + m[0] + " of " + pattern)
		}
		names = append(names, m[1])
	}
	return names
}

// begin checks what stands before the handler: that a person wants it, that this
// caller may call the route at all, and that the path names something.
func (s *Server) begin(res *resource, rt route, w http.ResponseWriter, r *http.Request) (*call, error) {
	if rt.method != http.MethodGet && isAhead(r.Header) {
		return nil, letterlock.ErrCrossOrigin
	}
	c := &call{w: w, r: r, body: rt.body}
	if err := s.admit(rt, c); err != nil {
		return nil, err
	}
	for _, name := range res.parameters {
		if !spellings[name](r.PathValue(name)) {
			return nil, letterlock.ErrNotFound
		}
	}
	return c, nil
}

// admit finds out who asks, unless that makes no difference, and refuses who may
// not call the route. While the instance has to be set up first, nothing is
// changed but that.
func (s *Server) admit(rt route, c *call) (err error) {
	switch rt.access {
	case public:
		return nil
	case anyone, signedIn, settingUp:
	default:
		return letterlock.ErrUnauthorized
	}
	isAPI := s.isAPI(c.r)
	if rt.method != http.MethodGet && rt.access != settingUp {
		if err := s.service.RequireSetup(c.r.Context()); err != nil {
			return err
		}
	}
	if isAPI {
		c.caller, err = s.programOrVisitor(c.w, c.r)
	} else {
		c.caller, err = s.visitor(c.w, c.r)
	}
	if err == nil && rt.access == signedIn && c.caller.User == nil {
		err = letterlock.ErrUnauthorized
	}
	holds(&c.caller, c.r)
	return err
}

// isAhead reports whether a browser asks on its own, for what a person might
// want next. Nothing may happen then.
func isAhead(h http.Header) bool {
	purpose := strings.ToLower(h.Get("Sec-Purpose") + h.Get("Purpose"))
	return strings.Contains(purpose, "prefetch") || strings.Contains(purpose, "prerender")
}

// holds adds to a caller what they hold. A proof that is not one opens nothing,
// exactly as a wrong one.
func holds(c *letterlock.Caller, r *http.Request) {
	c.Link = proof(r, api.HeaderLinkProof)
	c.Manage = proof(r, api.HeaderManageToken)
	c.View = proof(r, api.HeaderViewSecret)
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
