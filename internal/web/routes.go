package web

import (
	"net/http"
	"strings"

	"letterlock/api"
	"letterlock/ui"
)

// handler answers one request or says why not. What it returns is answered by
// the one table in error.go, so it has written nothing then.
type handler func(*Server, http.ResponseWriter, *http.Request) error

// access is who may call a route at all. What they hold decides the rest, in
// the service.
type access int

const (
	anyone access = iota + 1
)

// route is one line of the URL space. All fields are positional: a route
// without access, limit or body size does not compile.
type route struct {
	method string
	path   string
	access access
	limit  limit
	body   int64 // the longest body in bytes; 0: none is read
	handle handler
}

// Longest bodies: the fields at their longest spelling and room for white space.
const (
	bodyCreate = 128 << 10
	bodySmall  = 4 << 10
)

// routes is the whole URL space. A GET changes nothing, ever.
var routes = []route{
	{"POST", api.Prefix + "/secrets", anyone, limitCreate, bodyCreate, (*Server).createSecret},
	{"GET", api.Prefix + "/secrets/{id}", anyone, limitLook, 0, (*Server).getSecret},
	{"PATCH", api.Prefix + "/secrets/{id}", anyone, limitManage, bodySmall, (*Server).changeSecret},
	{"DELETE", api.Prefix + "/secrets/{id}", anyone, limitManage, 0, (*Server).deleteSecret},
	{"POST", api.Prefix + "/secrets/{id}/views", anyone, limitOpen, bodySmall, (*Server).createView},
	{"POST", api.Prefix + "/secrets/{id}/feedback", anyone, limitOpen, bodySmall, (*Server).createFeedback},
	{"DELETE", api.Prefix + "/views/{view}", anyone, limitOpen, 0, (*Server).deleteView},
	{"GET", api.Prefix + "/views/{view}/parts/{part}", anyone, limitOpen, 0, (*Server).getPart},

	{"GET", "/{$}", anyone, unlimited, 0, document(ui.PageCreate)},
	{"GET", "/s/{rest...}", anyone, unlimited, 0, document(ui.PageOpen)},
	{"GET", "/how", anyone, unlimited, 0, document(ui.PageHow)},
	{"GET", "/assets/{name}", anyone, unlimited, 0, (*Server).getAsset},
	{"GET", "/robots.txt", anyone, unlimited, 0, (*Server).getRobots},
	{"GET", "/livez", anyone, unlimited, 0, (*Server).getLive},
	{"GET", "/readyz", anyone, unlimited, 0, (*Server).getReady},
}

// resource is every method of one path.
type resource struct {
	methods map[string]route
	allow   string
}

// resources groups the routes by path. GET answers HEAD too.
func resources() map[string]*resource {
	all := map[string]*resource{}
	for _, rt := range routes {
		res := all[rt.path]
		if res == nil {
			res = &resource{methods: map[string]route{}}
			all[rt.path] = res
		}
		res.methods[rt.method] = rt
	}
	for _, res := range all {
		res.allow = allow(res.methods)
	}
	return all
}

func allow(methods map[string]route) string {
	var names []string
	for _, m := range []string{"GET", "HEAD", "POST", "PATCH", "DELETE"} {
		as := m
		if m == "HEAD" {
			as = "GET"
		}
		if _, ok := methods[as]; ok {
			names = append(names, m)
		}
	}
	return strings.Join(append(names, "OPTIONS"), ", ")
}

// find is the route that answers a method, if any.
func (res *resource) find(method string) (route, bool) {
	if method == "HEAD" {
		method = "GET"
	}
	rt, ok := res.methods[method]
	return rt, ok
}
