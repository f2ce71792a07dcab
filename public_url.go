package letterlock

import (
	"net/url"
	"path"
	"strings"
)

const plainPath = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./"

// ParsePublicURL reads the public address of an instance: where it is found,
// with the path under which everything is served, if any. It ends without a
// slash, so that links can be made by appending to it.
func ParsePublicURL(text string) (u *url.URL, ok bool) {
	u, err := url.Parse(text)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Hostname() == "" || u.User != nil || strings.ContainsAny(text, "?#") {
		return nil, false
	}
	u.Path = strings.TrimRight(u.Path, "/")
	if u.Path != "" && path.Clean(u.Path) != u.Path || strings.Trim(u.EscapedPath(), plainPath) != "" {
		return nil, false
	}
	return u, true
}
