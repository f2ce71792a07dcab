package web

import "net/http"

// documentPolicy allows our own files and nothing else. There is no inline code
// to allow, so there are no nonces. The one Trusted Types policy makes the
// address of the worker that derives keys from passwords.
const documentPolicy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; font-src 'self'; " +
	"connect-src 'self'; worker-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; object-src 'none'; " +
	"frame-src 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types app-worker"

// permissions that pages may use; everything else that could harm a visitor is
// denied. Pages hold no foreign code, so the rest is left to the browser: naming
// it would weigh more than some of the files.
const permissions = "camera=(), clipboard-read=(), clipboard-write=(self), display-capture=(), geolocation=(), hid=(), microphone=(), " +
	"serial=(), usb=()"

// drawingPolicy is for whoever opens a drawing as a document of its own; other
// files are shown as text.
var drawingPolicy = []string{"default-src 'none'"}

// headerLines are what every document, or every asset, carries.
type headerLines []headerLine

type headerLine struct {
	name  string
	value []string
}

func newDocumentHeader() headerLines {
	return headerLines{
		{"Content-Security-Policy", []string{documentPolicy}},
		{"Integrity-Policy", []string{"blocked-destinations=(script)"}},
		{"Cross-Origin-Opener-Policy", sameOrigin},
		{"Cross-Origin-Embedder-Policy", requireCORP},
		{"Cross-Origin-Resource-Policy", sameOrigin},
		{"Referrer-Policy", noReferrer},
		{"X-Content-Type-Options", nosniff},
		{"Permissions-Policy", []string{permissions}},
		{"X-Robots-Tag", noRobots},
		{"Cache-Control", noStore},
	}
}

// newDeskHeader lets forms say from which site they come: without that they
// would be refused as another's. No address of these pages opens anything.
func newDeskHeader() headerLines {
	lines := newDocumentHeader()
	for i := range lines {
		if lines[i].name == "Referrer-Policy" {
			lines[i].value = sameOrigin
		}
	}
	return lines
}

// newAssetHeader leaves out what browsers heed on documents only: it would weigh
// more than some of the files.
func newAssetHeader() headerLines {
	return headerLines{
		{"Cross-Origin-Resource-Policy", sameOrigin},
		{"X-Content-Type-Options", nosniff},
		{"Cache-Control", []string{"public, max-age=31536000, immutable"}},
	}
}

// strictTransport is on everything where the public address is https.
var strictTransport = []string{"max-age=63072000"}

// newWorkerHeader is what a worker carries instead: it is a context of its own,
// with a policy of its own, and a page that isolates itself takes no other.
func newWorkerHeader(policy string) headerLines {
	return headerLines{
		{"Content-Security-Policy", []string{policy}},
		{"Cross-Origin-Embedder-Policy", requireCORP},
	}
}

// set assigns shared slices: nobody may append to them.
func (lines headerLines) set(h http.Header) {
	for _, line := range lines {
		h[line.name] = line.value
	}
}
