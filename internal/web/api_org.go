package web

import (
	"net/http"
	"time"

	"letterlock"
	"letterlock/api"
	"letterlock/internal/service"
)

func (s *Server) listOrganizations(c *call) error {
	all, err := s.service.Orgs(c.r.Context(), c.caller)
	if err != nil {
		return err
	}
	answer := api.Organizations{Organizations: make([]api.Organization, len(all))}
	for i, m := range all {
		answer.Organizations[i] = *organization(m)
	}
	return c.answer(http.StatusOK, answer)
}

func organization(m letterlock.Membership) *api.Organization {
	return &api.Organization{
		ID:        m.Org.ID,
		Name:      m.Org.Name,
		Role:      m.Role,
		CreatedAt: m.Org.CreatedAt,
		EventLife: int64(m.Org.EventLife / time.Second),
		Policy:    policy(m.Org.Policy),
	}
}

func (s *Server) createOrganization(c *call, req *api.OrganizationRequest) error {
	org, err := s.service.CreateOrg(c.r.Context(), c.caller, req.Name)
	if err != nil {
		return err
	}
	return c.answer(http.StatusCreated, organization(letterlock.Membership{Org: *org, Role: letterlock.Owner}))
}

func (s *Server) getOrganization(c *call) error {
	m, err := s.service.Org(c.r.Context(), c.caller, c.orgID())
	if err != nil {
		return err
	}
	return c.answer(http.StatusOK, organization(*m))
}

func (s *Server) renameOrganization(c *call, req *api.OrganizationRequest) error {
	return c.done(s.service.RenameOrg(c.r.Context(), c.caller, c.orgID(), req.Name))
}

func (s *Server) getPolicy(c *call) error {
	m, err := s.service.Org(c.r.Context(), c.caller, c.orgID())
	if err != nil {
		return err
	}
	return c.answer(http.StatusOK, policy(m.Org.Policy))
}

// policy writes what is unlimited as null.
func policy(p letterlock.Policy) api.Policy {
	answer := api.Policy{
		SharingOutside:   p.SharingOutside,
		PasswordRequired: p.PasswordRequired,
		EmailLinks:       p.EmailLinks,
		StrictViews:      p.StrictViews,
	}
	if p.MaxLifetime != 0 {
		seconds := int64(p.MaxLifetime / time.Second)
		answer.MaxLifetime = &seconds
	}
	if p.MaxViews != letterlock.Unlimited {
		answer.MaxViews = &p.MaxViews
	}
	return answer
}

func (s *Server) setPolicy(c *call, req *api.PolicyRequest) error {
	p, err := newPolicy(req)
	if err != nil {
		return err
	}
	return c.done(s.service.SetPolicy(c.r.Context(), c.caller, c.orgID(), p))
}

// newPolicy is a policy of which every field is given: one that is forgotten
// would allow or forbid something silently.
func newPolicy(req *api.PolicyRequest) (p letterlock.Policy, err error) {
	var f fields
	set(&f, "sharing_outside", &p.SharingOutside, req.SharingOutside)
	set(&f, "password_required", &p.PasswordRequired, req.PasswordRequired)
	set(&f, "email_links", &p.EmailLinks, req.EmailLinks)
	set(&f, "strict_views", &p.StrictViews, req.StrictViews)
	if seconds := f.bound("max_lifetime", req.MaxLifetime, int64(letterlock.MaxLifetime/time.Second)); seconds != nil {
		p.MaxLifetime = time.Duration(*seconds) * time.Second
	}
	if views := f.bound("max_views", req.MaxViews, letterlock.MaxViews); views != nil {
		p.MaxViews = int(*views)
	}
	return p, f.err()
}

// bound is a limit from 1 to most, nil for none, which is null.
func (f *fields) bound(name string, n api.Number, most int64) *int64 {
	switch v := n.Value(); {
	case n.IsZero():
		f.refuse(name, letterlock.FieldRequired)
	case v == nil:
	case *v < 1 || *v > most:
		f.refuse(name, letterlock.FieldOutOfRange)
	default:
		return v
	}
	return nil
}

func (s *Server) getBrand(c *call) error {
	b, err := s.service.Brand(c.r.Context(), c.caller, c.orgID())
	if err != nil {
		return err
	}
	return c.answer(http.StatusOK, brand(b))
}

func brand(b *letterlock.Brand) *api.Brand {
	return &api.Brand{Name: b.Name, Accent: b.Accent, AccentDeep: b.AccentDeep, Logo: b.Logo}
}

func (s *Server) setBrand(c *call, req *api.BrandRequest) error {
	n := service.NewBrand{Logo: (*[]byte)(req.Logo)}
	var f fields
	set(&f, "name", &n.Name, req.Name)
	set(&f, "accent", &n.Accent, req.Accent)
	set(&f, "accent_deep", &n.AccentDeep, req.AccentDeep)
	if err := f.err(); err != nil {
		return err
	}
	return c.done(s.service.SetBrand(c.r.Context(), c.caller, c.orgID(), n))
}
