package ui

import (
	"net/url"
	"slices"
	"strconv"
	"time"

	"letterlock"
)

// Secrets is the list of what somebody shared, or everybody in an organization.
type Secrets struct {
	Frame
	Page   letterlock.SecretPage
	Now    time.Time
	Query  letterlock.SecretQuery
	All    bool // of the organization
	MayAll bool // the reader may see all of the organization
}

func (*Secrets) screen() screen {
	return screen{file: "secrets.html", key: "secrets", tab: "/secrets", wide: true}
}

// Here is the address of the list as it is asked for, without the base path:
// where its forms go, and where they lead back to.
func (s *Secrets) Here() string { return s.address(s.Query) }

// address is that of a list, without what goes without saying.
func (s *Secrets) address(q letterlock.SecretQuery) string {
	v := url.Values{}
	set := func(name, value, usual string) {
		if value != usual {
			v.Set(name, value)
		}
	}
	if s.All {
		v.Set("scope", "organization")
	}
	set("query", q.Name, "")
	set("state", string(q.State), "")
	set("sort", string(q.Sort), string(letterlock.ByCreated))
	set("order", order(q.Descending), "desc")
	set("cursor", q.After.String(), "")
	if len(v) == 0 {
		return "/secrets"
	}
	return "/secrets?" + v.Encode()
}

func order(descending bool) string {
	if descending {
		return "desc"
	}
	return "asc"
}

// Order is the order as the search sends it along.
func (s *Secrets) Order() string { return order(s.Query.Descending) }

// Filtered reports whether only some are asked for.
func (s *Secrets) Filtered() bool { return s.Query.Name != "" || s.Query.State != "" }

// Turned reports whether this is not the first page.
func (s *Secrets) Turned() bool { return s.Query.After != (letterlock.Cursor{}) }

// First is the address of the first page.
func (s *Secrets) First() string {
	q := s.Query
	q.After = letterlock.Cursor{}
	return s.address(q)
}

// More is the address of the next page, "" if there is none.
func (s *Secrets) More() string {
	if s.Page.Next == (letterlock.Cursor{}) {
		return ""
	}
	q := s.Query
	q.After = s.Page.Next
	return s.address(q)
}

// Column is the head of one column: what sorting by it asks for.
type Column struct {
	Key  string
	Sort string // "" for one that does not sort
	To   string // address of the list sorted by it, or by it the other way round
	Now  string // "ascending", "descending", "" while the list is sorted by another
	Num  bool
}

// Columns are the heads of the table.
func (s *Secrets) Columns() []Column {
	sorting := func(key string, by letterlock.SecretSort) Column {
		q := s.Query
		// Times and numbers begin with the largest, words with the first.
		q.Sort, q.After, q.Descending = by, letterlock.Cursor{}, by != letterlock.ByName && by != letterlock.ByStatus
		c := Column{Key: key, Sort: string(by), Num: by == letterlock.ByViews}
		if s.Query.Sort == by {
			q.Descending = !s.Query.Descending
			c.Now = "ascending"
			if s.Query.Descending {
				c.Now = "descending"
			}
		}
		c.To = s.address(q)
		return c
	}
	return []Column{
		sorting("secrets.name", letterlock.ByName), sorting("secrets.status", letterlock.ByStatus), {Key: "secrets.opened"},
		sorting("secrets.created", letterlock.ByCreated), sorting("secrets.expires", letterlock.ByExpires),
		sorting("secrets.views", letterlock.ByViews), {Key: "secrets.access"},
	}
}

// States are the choices of the filter.
func (s *Secrets) States() ([]Option, error) {
	any, err := s.T("secrets.any_status")
	all := []Option{{Text: any}}
	for _, state := range letterlock.States() {
		if err == nil {
			var text string
			text, err = s.T("state." + string(state))
			all = append(all, Option{Value: string(state), Text: text, Chosen: s.Query.State == state})
		}
	}
	return all, err
}

// Rows are the secrets of the page.
func (s *Secrets) Rows() []Row {
	rows := make([]Row, len(s.Page.Secrets))
	for i := range rows {
		listed := &s.Page.Secrets[i]
		rows[i] = Row{Standing: standingOf(letterlock.Snapshot{Secret: &listed.Secret, Now: s.Now}), OpenedAt: listed.OpenedAt, Owner: listed.OwnerName}
	}
	return rows
}

// Called is the name of a secret, or what tells it from others without one.
func (s *Secrets) Called(r Row) (string, error) { return s.called(r.Secret) }

// called is the name of a secret, or the beginning of what its link has.
func (f *Frame) called(s *letterlock.Secret) (string, error) {
	if s.Name != "" {
		return s.Name, nil
	}
	return f.T("secrets.unnamed", "id", string(s.ID[:6]))
}

// Row is one line of the table.
type Row struct {
	Standing
	OpenedAt time.Time
	Owner    string
}

// Standing is what list and receipt say of one secret.
type Standing struct {
	letterlock.Snapshot
	Status string // its key
	Icon   string
	Live   bool // it can still be opened, or unlocked
	Alarm  bool // it needs its sender now
	Used   string
}

// standingOf reads a secret at the instant of a snapshot.
func standingOf(s letterlock.Snapshot) Standing {
	state := s.State()
	f := Standing{Snapshot: s, Status: "state." + string(state), Icon: stateIcons[state], Used: used(s.Secret)}
	f.Live = slices.Contains([]letterlock.State{letterlock.Waiting, letterlock.Opened, letterlock.Locked}, state)
	switch {
	case !s.Disputed.IsZero():
		f.Status, f.Icon, f.Alarm = "state.disputed", "alert", true
	case state == letterlock.Locked:
		f.Alarm = true
	case state == letterlock.Expired && s.Views > 0:
		f.Status = "state.expired_opened"
	}
	return f
}

var stateIcons = map[letterlock.State]string{
	letterlock.Waiting: "sealed", letterlock.Opened: "opened", letterlock.Locked: "alert",
	letterlock.UsedUp: "spent", letterlock.Expired: "clock", letterlock.Deleted: "bin",
}

// used is how many views there were of how many there may be.
func used(s *letterlock.Secret) string {
	most := "∞"
	if s.Limits.Views != letterlock.Unlimited {
		most = strconv.Itoa(s.Limits.Views)
	}
	return strconv.Itoa(s.Views) + " / " + most
}

// Sealed reports whether nobody has opened it yet, and somebody may.
func (f Standing) Sealed() bool { return f.Icon == "sealed" }

// Deletable reports whether there is still something to delete: as long as the
// ciphertext is kept, also for a view that is open after the end.
func (f Standing) Deletable() bool { return f.Stored > 0 && f.DeletedAt.IsZero() }

// Ends is when it expires, or ended before.
func (f Standing) Ends() time.Time {
	if ended := f.EndTime(f.Now); !ended.IsZero() {
		return ended
	}
	return f.ExpiresAt
}

// Deletion asks whether some secrets are to be deleted.
type Deletion struct {
	Frame
	IDs  []letterlock.SecretID
	Back string // where the question was asked, without the base path
}

func (*Deletion) screen() screen {
	return screen{file: "deletion.html", key: "deletion", tab: "/secrets"}
}

// Count is how many it is about.
func (d *Deletion) Count() int { return len(d.IDs) }

// Receipt is what became of one secret.
type Receipt struct {
	Frame
	Record letterlock.Receipt
	Mine   bool // the reader shared it
}

func (*Receipt) screen() screen {
	return screen{file: "receipt.html", key: "receipt", tab: "/secrets", wide: true}
}

// Standing is what the list says of it too.
func (r *Receipt) Standing() Standing { return standingOf(r.Record.Snapshot) }

// Title is its name, or what it is.
func (r *Receipt) Title() (string, error) {
	title, err := r.Label()
	return title + " · " + r.Name, err
}

// Label is its name, or what tells it from others.
func (r *Receipt) Label() (string, error) { return r.called(r.Record.Secret) }

// Here is where it stands, without the base path.
func (r *Receipt) Here() string { return "/secrets/" + string(r.Record.ID) }

// Line is one line of the timeline.
type Line struct {
	At    time.Time
	Text  string
	More  string // "" for nothing
	Icon  string
	Faint bool // of a machine, not of a person
}

// Timeline is what happened, the newest first.
func (r *Receipt) Timeline() ([]Line, error) {
	var lines []Line
	for _, e := range slices.Backward(r.Record.Events) {
		how, ok := happenings[e.Action]
		if !ok {
			continue
		}
		text, err := r.happened(e)
		if err != nil {
			return nil, err
		}
		line := Line{At: e.At, Text: text, Icon: how.icon, Faint: how.faint}
		if how.more {
			if line.More, err = r.T("happened.more." + string(e.Action)); err != nil {
				return nil, err
			}
		}
		lines = append(lines, line)
	}
	return lines, nil
}

// happened is the sentence of a line, with who did it where that is known.
func (r *Receipt) happened(e letterlock.Event) (string, error) {
	key := "happened." + string(e.Action)
	switch {
	case e.Actor != "" && e.Actor == r.Record.Secret.Owner && r.Mine:
		return r.T(key + "_by_you")
	case e.ActorName != "":
		return r.T(key+"_by", "name", e.ActorName)
	}
	return r.T(key)
}

// happenings are how the timeline shows what is recorded of a secret.
var happenings = map[letterlock.Action]struct {
	icon        string
	faint, more bool
}{
	letterlock.ActionCreated:       {icon: "sealed"},
	letterlock.ActionOpened:        {icon: "opened"},
	letterlock.ActionConfirmed:     {icon: "check", faint: true},
	letterlock.ActionWrongPassword: {icon: "alert", faint: true},
	letterlock.ActionLocked:        {icon: "lock", more: true},
	letterlock.ActionUnlocked:      {icon: "key"},
	letterlock.ActionShortened:     {icon: "clock"},
	letterlock.ActionExpired:       {icon: "clock"},
	letterlock.ActionDeleted:       {icon: "bin"},
	letterlock.ActionNotMe:         {icon: "alert", more: true},
	letterlock.ActionHandedOver:    {icon: "people"},
}

// Unlockable reports whether the one unlock is there to be used.
func (r *Receipt) Unlockable() bool {
	return r.Record.State() == letterlock.Locked && r.Record.UnlockedAt.IsZero()
}

// Sooner are the choices for ending it earlier than it does.
func (r *Receipt) Sooner() ([]Option, error) {
	if !r.Standing().Live {
		return nil, nil
	}
	var all []Option
	for _, l := range lifetimes {
		if time.Duration(l.Seconds)*time.Second >= r.Record.ExpiresAt.Sub(r.Record.Now) {
			break
		}
		text, err := r.T(l.Key)
		if err != nil {
			return nil, err
		}
		all = append(all, Option{Value: strconv.FormatInt(l.Seconds, 10), Text: text})
	}
	return all, nil
}
