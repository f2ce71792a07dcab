package client

import (
	"context"
	"net/url"
	"strconv"

	"letterlock"
	"letterlock/api"
)

// As is the same client by the user of an API token. What is asked for without
// a manage token is then asked for as the owner of the secret, or as who leads
// its organization.
func (c *Client) As(token letterlock.Proof) *Client {
	as := *c
	as.token = token
	return &as
}

// Me asks whose token it is.
func (c *Client) Me(ctx context.Context) (*api.User, error) {
	me := &api.User{}
	err := c.do(ctx, call{method: "GET", path: api.MePath, repeat: true, answer: me})
	return orNil(me, err)
}

// ListSecrets asks for a page of one's own secrets or, if the query names an
// organization, of all that are in it. Its owner is not looked at.
func (c *Client) ListSecrets(ctx context.Context, q letterlock.SecretQuery) (*api.SecretList, error) {
	if err := q.Check(); err != nil {
		return nil, err
	}
	query := url.Values{"sort": {string(q.Sort)}, "order": {"asc"}, "limit": {strconv.Itoa(q.Limit)}}
	if q.Descending {
		query.Set("order", "desc")
	}
	for name, value := range map[string]string{"organization": string(q.Org), "query": q.Name, "state": string(q.State), "cursor": q.After.String()} {
		if value != "" {
			query.Set(name, value)
		}
	}
	list := &api.SecretList{}
	err := c.do(ctx, call{method: "GET", path: api.SecretsPath() + "?" + query.Encode(), repeat: true, answer: list})
	return orNil(list, err)
}
