package web

import (
	"slices"
	"strings"

	"letterlock/api"
	"letterlock/ui"
)

// access is who may call a route at all; begin sees to it. What they hold
// decides the rest, in the service.
type access int

const (
	public    access = iota + 1 // the same for all: who asks is not looked at
	anyone                      // whoever asks, with what they hold
	signedIn                    // whoever has an account
	settingUp                   // as anyone, also while nobody set the instance up
)

// route is one line of the URL space. All fields are positional: a route
// without access, limit or body size does not compile.
type route struct {
	method string
	path   string
	access access
	limit  limit
	body   int64 // the longest body that is read, in bytes; 0: none is
	handle handler
}

// Longest bodies: the fields at their longest spelling and room for white space.
const (
	bodyCreate  = 128 << 10
	bodyBrand   = 192 << 10
	bodyAccount = 16 << 10 // passwords among them, and long lists of ids
	bodySmall   = 4 << 10
)

// routes is the whole URL space. A GET changes nothing, ever.
var routes = slices.Concat(apiRoutes, siteRoutes, pageRoutes)

// apiRoutes are what programs and our own scripts call.
var apiRoutes = []route{
	{"POST", api.Prefix + "/secrets", anyone, limitCreate, bodyCreate, reads((*Server).createSecret)},
	{"GET", api.Prefix + "/secrets/{id}", anyone, limitLook, 0, (*Server).getSecret},
	{"PATCH", api.Prefix + "/secrets/{id}", anyone, limitManage, bodySmall, reads((*Server).changeSecret)},
	{"DELETE", api.Prefix + "/secrets/{id}", anyone, limitManage, 0, (*Server).deleteSecret},
	{"POST", api.Prefix + "/secrets/{id}/views", anyone, limitOpen, bodySmall, reads((*Server).createView)},
	{"POST", api.Prefix + "/secrets/{id}/feedback", anyone, limitOpen, bodySmall, reads((*Server).createFeedback)},
	{"DELETE", api.Prefix + "/views/{view}", anyone, limitOpen, 0, (*Server).deleteView},
	{"GET", api.Prefix + "/views/{view}/parts/{part}", anyone, limitOpen, 0, (*Server).getPart},
	{"GET", api.Prefix + "/secrets", signedIn, limitAccount, 0, (*Server).listSecrets},
	{"POST", api.Prefix + "/secrets/deletions", signedIn, limitAccount, bodyAccount, reads((*Server).deleteSecrets)},

	{"GET", api.Prefix + "/setup", settingUp, limitAccount, 0, (*Server).getSetup},
	{"POST", api.Prefix + "/setup", settingUp, limitSign, bodyAccount, reads((*Server).setUp)},
	{"GET", api.Prefix + "/instance", signedIn, limitAccount, 0, (*Server).getInstance},
	{"PUT", api.Prefix + "/instance", signedIn, limitAccount, bodyAccount, reads((*Server).setInstance)},

	{"GET", api.MePath, signedIn, limitAccount, 0, (*Server).getMe},
	{"PATCH", api.MePath, signedIn, limitAccount, bodySmall, reads((*Server).changeMe)},
	{"DELETE", api.MePath, signedIn, limitSign, bodyAccount, reads((*Server).deleteMe)},
	{"PUT", api.Prefix + "/me/password", signedIn, limitSign, bodyAccount, reads((*Server).setPassword)},
	{"PUT", api.Prefix + "/me/email", signedIn, limitSign, bodyAccount, reads((*Server).askEmail)},
	{"GET", api.Prefix + "/sessions", signedIn, limitAccount, 0, (*Server).listSessions},
	{"POST", api.Prefix + "/sessions", anyone, limitSign, bodyAccount, reads((*Server).createSession)},
	{"DELETE", api.Prefix + "/sessions", signedIn, limitAccount, 0, (*Server).deleteOtherSessions},
	{"PATCH", api.Prefix + "/sessions/current", signedIn, limitAccount, bodySmall, reads((*Server).switchOrganization)},
	{"DELETE", api.Prefix + "/sessions/current", anyone, limitAccount, 0, (*Server).signOut},
	{"DELETE", api.Prefix + "/sessions/{session}", signedIn, limitAccount, 0, (*Server).deleteSession},
	{"GET", api.Prefix + "/tokens", signedIn, limitAccount, 0, (*Server).listTokens},
	{"POST", api.Prefix + "/tokens", signedIn, limitSign, bodyAccount, reads((*Server).createToken)},
	{"DELETE", api.Prefix + "/tokens/{token}", signedIn, limitAccount, 0, (*Server).deleteToken},

	{"GET", api.Prefix + "/organizations", signedIn, limitAccount, 0, (*Server).listOrganizations},
	{"POST", api.Prefix + "/organizations", signedIn, limitAccount, bodySmall, reads((*Server).createOrganization)},
	{"GET", api.Prefix + "/organizations/{org}", signedIn, limitAccount, 0, (*Server).getOrganization},
	{"PATCH", api.Prefix + "/organizations/{org}", signedIn, limitAccount, bodySmall, reads((*Server).renameOrganization)},
	{"GET", api.Prefix + "/organizations/{org}/policy", signedIn, limitAccount, 0, (*Server).getPolicy},
	{"PUT", api.Prefix + "/organizations/{org}/policy", signedIn, limitAccount, bodySmall, reads((*Server).setPolicy)},
	{"GET", api.Prefix + "/organizations/{org}/brand", signedIn, limitAccount, 0, (*Server).getBrand},
	{"PUT", api.Prefix + "/organizations/{org}/brand", signedIn, limitAccount, bodyBrand, reads((*Server).setBrand)},
	{"GET", api.Prefix + "/organizations/{org}/members", signedIn, limitAccount, 0, (*Server).listMembers},
	{"PATCH", api.Prefix + "/organizations/{org}/members/{user}", signedIn, limitAccount, bodySmall, reads((*Server).changeMember)},
	{"DELETE", api.Prefix + "/organizations/{org}/members/{user}", signedIn, limitAccount, 0, (*Server).deleteMember},
	{"GET", api.Prefix + "/organizations/{org}/invitations", signedIn, limitAccount, 0, (*Server).listInvitations},
	{"POST", api.Prefix + "/organizations/{org}/invitations", signedIn, limitAccount, bodySmall, reads((*Server).createInvitation)},
	{"DELETE", api.Prefix + "/organizations/{org}/invitations/{invitation}", signedIn, limitAccount, 0, (*Server).deleteInvitation},
	{"POST", api.Prefix + "/organizations/{org}/invitations/{invitation}/links", signedIn, limitAccount, bodySmall, reads((*Server).createInvitationLink)},
	{"GET", api.Prefix + "/organizations/{org}/events", signedIn, limitAccount, 0, (*Server).listEvents},
	{"PATCH", api.Prefix + "/organizations/{org}/events", signedIn, limitAccount, bodySmall, reads((*Server).changeLog)},
	{"POST", api.Prefix + "/invitations", anyone, limitAccount, bodySmall, reads((*Server).lookAtInvitation)},
	{"POST", api.Prefix + "/memberships", signedIn, limitAccount, bodySmall, reads((*Server).createMembership)},
}

// siteRoutes are the same for everyone.
var siteRoutes = []route{
	{"GET", "/{$}", public, unlimited, 0, document(ui.PageCreate)},
	{"GET", "/s/{rest...}", public, unlimited, 0, document(ui.PageOpen)},
	{"GET", "/secrets/new", public, unlimited, 0, document(ui.PageShare)},
	{"GET", "/signed-in", public, unlimited, 0, document(ui.PageBack)},
	{"GET", "/how", public, unlimited, 0, document(ui.PageHow)},
	{"GET", "/assets/{name}", public, unlimited, 0, (*Server).getAsset},
	{"GET", "/robots.txt", public, unlimited, 0, (*Server).getRobots},
	{"GET", "/livez", public, unlimited, 0, (*Server).getLive},
	{"GET", "/readyz", public, unlimited, 0, (*Server).getReady},
}

// resource is every method of one path.
type resource struct {
	methods    map[string]route
	parameters []string
	allow      string
}

// resources groups the routes by path. GET answers HEAD too.
func resources() map[string]*resource {
	all := map[string]*resource{}
	for _, rt := range routes {
		res := all[rt.path]
		if res == nil {
			res = &resource{methods: map[string]route{}, parameters: parameters(rt.path)}
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
	for _, m := range []string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"} {
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

// allowAnywhere are the methods that some path has.
func allowAnywhere() string {
	methods := map[string]route{}
	for _, rt := range routes {
		methods[rt.method] = rt
	}
	return allow(methods)
}

// find is the route that answers a method, if any.
func (res *resource) find(method string) (route, bool) {
	if method == "HEAD" {
		method = "GET"
	}
	rt, ok := res.methods[method]
	return rt, ok
}
