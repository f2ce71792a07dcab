package service

import (
	"context"
	"crypto/rand"
	"strings"
	"time"

	"letterlock"
	"letterlock/internal/mail"
	"letterlock/internal/store"
)

// NewToken is an API token as its user asks for it.
type NewToken struct {
	Name      string
	Org       letterlock.OrgID // the only one that it acts in; empty: all, and the personal space
	Scopes    []letterlock.Scope
	ExpiresIn time.Duration // zero: letterlock.TokenLife
	Password  string        // the user's
}

// token is the token asked for, without its user, and its text.
func (n *NewToken) token() (*letterlock.APIToken, letterlock.Proof, error) {
	if err := letterlock.CheckName("name", n.Name, true); err != nil {
		return nil, nil, err
	}
	if err := letterlock.CheckScopes(n.Scopes); err != nil {
		return nil, nil, err
	}
	if n.ExpiresIn < 0 || n.ExpiresIn > letterlock.MaxTokenLife {
		return nil, nil, letterlock.Invalid("expires_in", letterlock.FieldOutOfRange)
	}
	var bits [32]byte
	rand.Read(bits[:])
	text := letterlock.MakeToken(bits)
	return &letterlock.APIToken{
		ID:     newID[letterlock.TokenID](),
		OrgID:  n.Org,
		Name:   strings.TrimSpace(n.Name),
		Hash:   text.Hash(),
		Scopes: n.Scopes,
	}, text, nil
}

// CreateToken makes an API token for the caller and tells them by mail. Its
// text is not shown again. It takes a session and the password: a token makes no
// tokens, and nor does who found a browser open.
func (s *Service) CreateToken(ctx context.Context, c letterlock.Caller, n NewToken) (*letterlock.APIToken, letterlock.Proof, error) {
	t, text, err := n.token()
	if err != nil {
		return nil, nil, err
	}
	e := &letterlock.Event{Action: letterlock.ActionTokenCreated, Subject: string(t.ID)}
	if err = bySession(c); err == nil {
		err = s.confirmPassword(ctx, c, n.Password)
	}
	if err != nil {
		return nil, nil, s.mark(ctx, c, e, err)
	}
	err = s.act(ctx, c, e, func(tx *store.Tx) error {
		if n.Org != "" {
			if _, err := asMember(tx, c, n.Org, letterlock.PlainMember, sessionOnly); err != nil {
				return err
			}
			e.Org = n.Org
		}
		t.UserID = c.User.ID
		now, err := insertToken(tx, t, n.ExpiresIn)
		if err != nil {
			return err
		}
		return s.tell(tx, now, c.User, mail.TokenCreated{
			Act:    by(c, now, c.Session.Agent),
			Name:   t.Name,
			Scopes: t.Scopes,
			Ends:   t.ExpiresAt,
			Link:   s.page("/account/tokens"),
		})
	})
	if err != nil {
		return nil, nil, err
	}
	s.wake()
	return t, text, nil
}

func insertToken(tx *store.Tx, t *letterlock.APIToken, life time.Duration) (time.Time, error) {
	now, err := tx.Now()
	if err != nil {
		return now, err
	}
	if life == 0 {
		life = letterlock.TokenLife
	}
	t.CreatedAt, t.ExpiresAt = now, now.Add(life)
	return now, tx.InsertToken(t)
}

// Tokens lists the caller's API tokens, the latest first, also those that are
// over.
func (s *Service) Tokens(ctx context.Context, c letterlock.Caller) ([]*letterlock.APIToken, error) {
	var tokens []*letterlock.APIToken
	err := s.look(ctx, c, &letterlock.Event{Action: letterlock.ActionLooked}, func(tx *store.Tx) error {
		if err := bySession(c); err != nil {
			return err
		}
		var err error
		tokens, err = tx.Tokens(c.User.ID)
		return err
	})
	return tokens, err
}

// RevokeToken ends one of the caller's API tokens at once. One that was revoked
// before stays so.
func (s *Service) RevokeToken(ctx context.Context, c letterlock.Caller, id letterlock.TokenID) error {
	e := &letterlock.Event{Action: letterlock.ActionTokenRevoked, Subject: string(id)}
	return s.act(ctx, c, e, func(tx *store.Tx) error {
		if err := bySession(c); err != nil {
			return err
		}
		tokens, err := tx.Tokens(c.User.ID)
		if err != nil {
			return err
		}
		for _, t := range tokens {
			if t.ID == id {
				e.Org = t.OrgID
				return revoke(tx, t)
			}
		}
		return letterlock.ErrNotFound
	})
}

func revoke(tx *store.Tx, t *letterlock.APIToken) error {
	now, err := tx.Now()
	if err != nil {
		return err
	}
	revoked, err := tx.RevokeToken(t.UserID, t.ID, now)
	if err == nil && !revoked {
		err = errUnchanged
	}
	return err
}

// TokenCaller is c as the user of an API token, who works in the token's
// organization or, where it has none, in the only one they are in. A token that
// is over, or of an organization that the user left, is nobody's.
func (s *Service) TokenCaller(ctx context.Context, c letterlock.Caller, text letterlock.Proof) (letterlock.Caller, error) {
	touch := false
	err := s.db.Read(ctx, func(tx *store.Tx) error {
		t, err := tx.TokenByHash(text.Hash())
		if err != nil {
			return err
		}
		now, err := tx.Now()
		switch {
		case err != nil:
			return err
		case !t.Good(now):
			return letterlock.ErrUnauthorized
		}
		touch = now.Sub(t.UsedAt) >= touchEvery
		c.Token, c.Session = t, nil
		if c.User, err = tx.User(t.UserID); err != nil {
			return err
		}
		memberships, err := tx.Memberships(t.UserID)
		if err != nil {
			return err
		}
		return workAt(&c, memberships)
	})
	if err == letterlock.ErrNotFound {
		err = letterlock.ErrUnauthorized
	}
	if err == nil && touch {
		err = s.touchToken(ctx, c.Token.ID)
	}
	if err != nil {
		return letterlock.Caller{}, err
	}
	return c, nil
}

// workAt puts the user of a token into the organization that the token names, or
// into the only one there is.
func workAt(c *letterlock.Caller, memberships []letterlock.Membership) error {
	c.Org, c.Role = "", ""
	for _, m := range memberships {
		if m.Org.ID == c.Token.OrgID || c.Token.OrgID == "" && len(memberships) == 1 {
			c.Org, c.Role = m.Org.ID, m.Role
		}
	}
	if c.Token.OrgID != c.Org && c.Token.OrgID != "" {
		return letterlock.ErrUnauthorized
	}
	return nil
}

func (s *Service) touchToken(ctx context.Context, id letterlock.TokenID) error {
	return s.db.Tx(ctx, func(tx *store.Tx) error {
		now, err := tx.Now()
		if err != nil {
			return err
		}
		return tx.TouchToken(id, now)
	})
}

// AddToken makes an API token with all rights of the account with an address,
// for as long as one may live. It is for whoever has the server's machine.
func (s *Service) AddToken(ctx context.Context, address, name string) (letterlock.Proof, error) {
	email, ok := letterlock.ParseEmail(address)
	if !ok {
		return nil, letterlock.Invalid("email", letterlock.FieldNotAddress)
	}
	n := NewToken{Name: name, Scopes: letterlock.Scopes()}
	t, text, err := n.token()
	if err != nil {
		return nil, err
	}
	e := &letterlock.Event{Action: letterlock.ActionTokenCreated, Subject: string(t.ID)}
	err = s.act(ctx, letterlock.Caller{}, e, func(tx *store.Tx) error {
		user, err := tx.UserByEmail(email)
		if err != nil {
			return err
		}
		t.UserID = user.ID
		_, err = insertToken(tx, t, letterlock.MaxTokenLife)
		return err
	})
	if err != nil {
		return nil, err
	}
	return text, nil
}
