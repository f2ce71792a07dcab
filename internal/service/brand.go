package service

import (
	"bytes"
	"context"
	"image"
	_ "image/jpeg" // a format that a logo may have
	"image/png"
	"strings"

	"letterlock"
	"letterlock/internal/store"
)

// What a logo may be: it is shown small, and comes with every look at a secret.
const (
	MaxLogo       = 128 << 10 // bytes, as given and as kept
	maxLogoPixels = 1024      // of width and height
)

// NewBrand is a brand as an admin gives it.
type NewBrand struct {
	Name       string
	Accent     letterlock.Colour
	AccentDeep letterlock.Colour
	Logo       *[]byte // a PNG or JPEG; nil: the one that is there; empty: none
}

// Brand is the brand of one of the caller's organizations, the zero brand if it
// has none.
func (s *Service) Brand(ctx context.Context, c letterlock.Caller, id letterlock.OrgID) (*letterlock.Brand, error) {
	var brand *letterlock.Brand
	err := s.look(ctx, c, &letterlock.Event{Action: letterlock.ActionLooked, Org: id}, func(tx *store.Tx) error {
		if _, err := asMember(tx, c, id, letterlock.PlainMember, letterlock.ScopeOrg); err != nil {
			return err
		}
		var err error
		if brand, err = brandOf(tx, id); brand == nil {
			brand = &letterlock.Brand{}
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	return brand, nil
}

// brandOf is an organization's brand, nil if it has none.
func brandOf(tx *store.Tx, id letterlock.OrgID) (*letterlock.Brand, error) {
	brand, err := tx.Brand(id)
	if err == letterlock.ErrNotFound {
		return nil, nil
	}
	return brand, err
}

// SetBrand sets how an organization's secrets look to those who open them. It
// takes an admin.
func (s *Service) SetBrand(ctx context.Context, c letterlock.Caller, id letterlock.OrgID, n NewBrand) error {
	brand := letterlock.Brand{Name: strings.TrimSpace(n.Name), Accent: n.Accent, AccentDeep: n.AccentDeep}
	if err := brand.Check(); err != nil {
		return err
	}
	var logo []byte
	if n.Logo != nil && len(*n.Logo) > 0 {
		var err error
		if logo, err = redraw(*n.Logo); err != nil {
			return err
		}
	}
	return s.act(ctx, c, &letterlock.Event{Action: letterlock.ActionBrandChanged, Org: id}, func(tx *store.Tx) error {
		if _, _, err := lockOrg(tx, c, id, letterlock.Admin); err != nil {
			return err
		}
		brand.Logo = logo
		if n.Logo == nil {
			old, err := brandOf(tx, id)
			if err != nil {
				return err
			}
			if old != nil {
				brand.Logo = old.Logo
			}
		}
		return tx.SetBrand(id, &brand)
	})
}

// redraw makes a PNG of our own from a picture that somebody gave, so that
// nothing of the file remains but what can be seen. Its size is known before it
// is decoded: a small file can be a picture that fills the memory.
func redraw(picture []byte) ([]byte, error) {
	if len(picture) > MaxLogo {
		return nil, letterlock.Invalid("logo", letterlock.FieldWrongSize)
	}
	config, format, err := image.DecodeConfig(bytes.NewReader(picture))
	switch {
	case err != nil || format != "png" && format != "jpeg":
		return nil, letterlock.Invalid("logo", letterlock.FieldNotPicture)
	case min(config.Width, config.Height) < 1 || max(config.Width, config.Height) > maxLogoPixels:
		return nil, letterlock.Invalid("logo", letterlock.FieldWrongSize)
	}
	decoded, _, err := image.Decode(bytes.NewReader(picture))
	if err != nil {
		return nil, letterlock.Invalid("logo", letterlock.FieldNotPicture)
	}
	var drawn bytes.Buffer
	encoder := png.Encoder{CompressionLevel: png.BestCompression}
	if err := encoder.Encode(&drawn, decoded); err != nil {
		return nil, letterlock.Invalid("logo", letterlock.FieldNotPicture)
	}
	if drawn.Len() > MaxLogo {
		return nil, letterlock.Invalid("logo", letterlock.FieldWrongSize)
	}
	return drawn.Bytes(), nil
}
