package ui

import (
	"net/url"
	"strconv"
	"time"

	"letterlock"
)

const organizationTab = "/organization"

// NewOrganization asks for the name of one.
type NewOrganization struct{ Frame }

func (*NewOrganization) screen() screen {
	return screen{file: "organization_new.html", key: "organization_new"}
}

// organization is what the pages of one have in common.
type organization struct {
	Frame
	Org  letterlock.Org
	Role letterlock.Role // of the reader
}

// In says in which organization a page is, and as what its reader sees it.
func (p *organization) In(m *letterlock.Membership) { p.Org, p.Role = m.Org, m.Role }

// Admin reports whether the reader may change the organization.
func (p *organization) Admin() bool { return p.Role.AtLeast(letterlock.Admin) }

// Owner reports whether the reader may change all of it.
func (p *organization) Owner() bool { return p.Role == letterlock.Owner }

// RoleOptions are the roles that the reader may give.
func (p *organization) RoleOptions() ([]Option, error) {
	roles := []letterlock.Role{letterlock.PlainMember, letterlock.Admin}
	if p.Owner() {
		roles = append(roles, letterlock.Owner)
	}
	return options(&p.Frame, "role.", roles...)
}

// Pages are the parts of an organization for its reader.
func (p *organization) Pages() []Tab {
	all := []Tab{{Key: "organization.title", Path: "/organization"}}
	if p.Admin() {
		all = append(all, Tab{Key: "policy.title", Path: "/organization/policy"},
			Tab{Key: "brand.title", Path: "/organization/brand"}, Tab{Key: "events.title", Path: "/organization/events"})
	}
	for i := range all {
		all[i].Here = all[i].Key == p.Frame.screen.key+".title"
	}
	return all
}

// Organization lists members and invitations.
type Organization struct {
	organization
	Me          letterlock.UserID
	Members     []letterlock.ListedMember
	More        string // where the next page of members is, "" for none
	Invitations []*letterlock.Invitation
	Link        string // of an invitation that was just made; shown this once
	LinkFor     letterlock.Email
	Now         time.Time
}

func (*Organization) screen() screen {
	return screen{file: "organization.html", key: "organization", tab: organizationTab, wide: true}
}

// Late reports whether an invitation's time is over.
func (p *Organization) Late(i *letterlock.Invitation) bool { return !p.Now.Before(i.ExpiresAt) }

// Member is one member: what they may do, and how they leave.
type Member struct {
	organization
	Who    letterlock.ListedMember
	Me     bool
	Others []letterlock.ListedMember // who may be handed their secrets
}

func (*Member) screen() screen {
	return screen{file: "member.html", key: "member", tab: organizationTab, wide: true}
}

// Heirs are what may become of the member's secrets.
func (p *Member) Heirs() ([]Option, error) {
	none, err := p.T("member.delete_secrets")
	all := []Option{{Value: "", Text: none}}
	for _, m := range p.Others {
		text, err := p.T("member.hand_to", "name", display(m))
		if err != nil {
			return nil, err
		}
		all = append(all, Option{Value: string(m.UserID), Text: text})
	}
	return all, err
}

// Display is what a member is called.
func (f *Frame) Display(m letterlock.ListedMember) string { return display(m) }

func display(m letterlock.ListedMember) string {
	if m.Name != "" {
		return m.Name
	}
	return string(m.Email)
}

// Policy changes what an organization demands of its secrets.
type Policy struct{ organization }

func (*Policy) screen() screen {
	return screen{file: "policy.html", key: "policy", tab: organizationTab, wide: true}
}

// Days is a time in a field.
func (f *Frame) Days(d time.Duration) string { return Days(d) }

// Days is a time in whole days, begun ones too; "" for none.
func Days(d time.Duration) string {
	if d == 0 {
		return ""
	}
	return strconv.Itoa(int((d + 24*time.Hour - 1) / (24 * time.Hour)))
}

// Number is a number in a field, "" for none.
func (f *Frame) Number(n int) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n)
}

// Brand changes how an organization's secrets look to those who open them.
type Brand struct {
	organization
	Brand letterlock.Brand
}

func (*Brand) screen() screen {
	return screen{file: "brand.html", key: "brand", tab: organizationTab, wide: true}
}

// Events is a page of an organization's audit log.
type Events struct {
	organization
	Query   EventFilter
	People  []letterlock.ListedMember
	Events  []letterlock.Event
	Earlier string // where the next page is, "" for none
}

// EventFilter is what a reader of the log looks for, as it was typed.
type EventFilter struct{ Actor, Action, From, Until string }

// Query is the filter in an address.
func (q EventFilter) Query() string {
	values := url.Values{}
	for name, value := range map[string]string{"actor": q.Actor, "action": q.Action, "from": q.From, "until": q.Until} {
		if value != "" {
			values.Set(name, value)
		}
	}
	return values.Encode()
}

func (*Events) screen() screen {
	return screen{file: "events.html", key: "events", tab: organizationTab, wide: true}
}

// PersonOptions are whose acts may be looked for.
func (p *Events) PersonOptions() ([]Option, error) {
	everyone, err := p.T("events.everyone")
	all := []Option{{Value: "", Text: everyone}}
	for _, m := range p.People {
		all = append(all, Option{Value: string(m.UserID), Text: display(m)})
	}
	return all, err
}

// orgActions are what an organization's log may hold.
var orgActions = []letterlock.Action{
	letterlock.ActionCreated, letterlock.ActionOpened, letterlock.ActionConfirmed, letterlock.ActionWrongPassword, letterlock.ActionLocked,
	letterlock.ActionUnlocked, letterlock.ActionShortened, letterlock.ActionExpired, letterlock.ActionDeleted, letterlock.ActionNotMe,
	letterlock.ActionHandedOver, letterlock.ActionTokenCreated, letterlock.ActionOrgCreated, letterlock.ActionOrgRenamed,
	letterlock.ActionPolicyChanged, letterlock.ActionBrandChanged, letterlock.ActionInvited, letterlock.ActionUninvited,
	letterlock.ActionJoined, letterlock.ActionRoleChanged, letterlock.ActionRemoved, letterlock.ActionLeft,
	letterlock.ActionLooked, letterlock.ActionEventsExported, letterlock.ActionEventsPruned,
}

// ActionOptions are what may be looked for.
func (p *Events) ActionOptions() ([]Option, error) {
	everything, err := p.T("events.everything")
	if err != nil {
		return nil, err
	}
	all, err := options(&p.Frame, "action.", orgActions...)
	return append([]Option{{Value: "", Text: everything}}, all...), err
}

// ActionName says what an action is.
func (f *Frame) ActionName(a letterlock.Action) (string, error) {
	return f.first("action."+string(a), "action.other")
}
