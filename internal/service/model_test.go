package service_test

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"letterlock"
)

// model is protocol.md 6 in memory, one call after the other: what the service
// must answer. It shares no law with the product: state, counters and order are
// written down once more, from the document.
type model struct {
	now     time.Time
	room    int64
	secrets map[letterlock.SecretID]*modelSecret
	views   map[letterlock.ViewID]*modelView
}

type modelSecret struct {
	*sealed
	onlyID bool // its receipt is over

	expires   time.Time
	views     int
	content   bool
	failures  int
	lastWrong string
	lockedAt  time.Time
	unlocked  bool
	ended     letterlock.State
	endedAt   time.Time
	deletedAt time.Time
	disputed  bool
	events    []string
}

type modelView struct {
	of     *modelSecret
	secret letterlock.Proof
	number int
	grace  time.Time
	closed bool
}

func newModel(now time.Time, room int64) *model {
	return &model{now: now, room: room, secrets: map[letterlock.SecretID]*modelSecret{}, views: map[letterlock.ViewID]*modelView{}}
}

func gone(reason letterlock.State, at time.Time) string {
	return fmt.Sprintf("gone %s at %s", reason, stamp(at))
}

func stamp(at time.Time) string {
	if at.IsZero() {
		return "no time"
	}
	return at.UTC().Format("01-02T15:04:05.000")
}

func (m *model) record(s *modelSecret, at time.Time, action letterlock.Action) {
	s.events = append(s.events, stamp(at)+" "+string(action))
}

func (m *model) state(s *modelSecret) letterlock.State {
	switch {
	case s.ended != "":
		return s.ended
	case !m.now.Before(s.expires):
		return letterlock.Expired
	case !s.lockedAt.IsZero():
		return letterlock.Locked
	case s.views > 0:
		return letterlock.Opened
	}
	return letterlock.Waiting
}

// over is the answer to who would open what is over, "" if it is not.
func (m *model) over(s *modelSecret) string {
	switch state := m.state(s); {
	case state == letterlock.Locked:
		return gone(state, s.lockedAt)
	case s.ended != "":
		return gone(s.ended, s.endedAt)
	case state == letterlock.Expired:
		return gone(state, s.expires)
	}
	return ""
}

// find is the secret if there is one with a receipt and the proof is right.
func (m *model) find(x *sealed, proven bool) *modelSecret {
	s := m.secrets[x.id()]
	if s == nil || s.onlyID || !proven {
		return nil
	}
	return s
}

func (m *model) create(x *sealed, same bool) string {
	full := m.stored()+size > m.room
	s := m.secrets[x.id()]
	switch {
	case (s == nil || s.onlyID) && full:
		return "full"
	case s != nil && (s.onlyID || !same):
		return "conflict"
	case s != nil:
		return fmt.Sprintf("created false, %s, expires %s", m.state(s), stamp(s.expires))
	}
	s = &modelSecret{sealed: x, expires: m.now.Add(x.Limits.ExpiresIn), content: true}
	m.secrets[x.id()] = s
	m.record(s, m.now, letterlock.ActionCreated)
	return fmt.Sprintf("created true, %s, expires %s", letterlock.Waiting, stamp(s.expires))
}

func (m *model) stored() (bytes int64) {
	for _, s := range m.secrets {
		if s.content {
			bytes += size
		}
	}
	return bytes
}

func (m *model) peek(x *sealed, link bool) string {
	s := m.find(x, link)
	if s == nil {
		return "not_found"
	}
	if over := m.over(s); over != "" {
		return over
	}
	return fmt.Sprintf("%s, %s left, %s tries left, expires %s", m.state(s), s.left(s.views), s.tries(), stamp(s.expires))
}

func (s *modelSecret) left(after int) string {
	if s.Limits.Views == letterlock.Unlimited {
		return "any"
	}
	return fmt.Sprint(s.Limits.Views - after)
}

func (s *modelSecret) tries() string {
	if !s.Header.Password() {
		return "no"
	}
	return fmt.Sprint(10 - s.failures)
}

func (m *model) view(x *sealed, link bool, v tab) string {
	s := m.find(x, link)
	if s == nil {
		return "not_found" // 1
	}
	if !s.deletedAt.IsZero() {
		return gone(letterlock.Deleted, s.deletedAt) // 2
	}
	right := string(v.access) == string(x.access)
	if known := m.views[v.id]; known != nil { // 3
		switch {
		case known.of != s, string(known.secret) != string(v.secret), !m.open(known):
			return gone(letterlock.ViewClosed, time.Time{})
		case right:
			return m.answer(known, true)
		case !s.lockedAt.IsZero():
			return gone(letterlock.Locked, s.lockedAt)
		}
		return m.wrong(s, v)
	}
	if over := m.over(s); over != "" {
		return over // 4
	}
	if !right {
		return m.wrong(s, v) // 6
	}
	s.views++ // 7, 8
	opened := &modelView{of: s, secret: v.secret, number: s.views, grace: m.now.Add(15 * time.Minute)}
	m.views[v.id] = opened
	m.record(s, m.now, letterlock.ActionOpened)
	if s.views == s.Limits.Views {
		s.ended, s.endedAt = letterlock.UsedUp, m.now
	}
	return m.answer(opened, false)
}

func (m *model) open(v *modelView) bool { return !v.closed && m.now.Before(v.grace) }

func (m *model) answer(v *modelView, again bool) string {
	return fmt.Sprintf("view %d, %s left, again %t, grace until %s, expires %s",
		v.number, v.of.left(v.number), again, stamp(v.grace), stamp(v.of.expires))
}

func (m *model) wrong(s *modelSecret, v tab) string {
	if !s.Header.Password() {
		return "wrong_proof"
	}
	if s.lastWrong != string(v.access) {
		m.expire(s)
		s.failures++
		s.lastWrong = string(v.access)
		m.record(s, m.now, letterlock.ActionWrongPassword)
		if s.failures == 10 {
			s.lockedAt = m.now
			m.record(s, m.now, letterlock.ActionLocked)
		}
	}
	return fmt.Sprintf("wrong_password %d", 10-s.failures)
}

func (m *model) viewContent(v tab) string {
	known := m.views[v.id]
	switch {
	case known == nil || string(known.secret) != string(v.secret):
		return "not_found"
	case !known.of.deletedAt.IsZero():
		return gone(letterlock.Deleted, known.of.deletedAt)
	case !m.open(known):
		return gone(letterlock.ViewClosed, time.Time{})
	}
	return "ok"
}

func (m *model) acknowledge(v tab) string {
	known := m.views[v.id]
	switch {
	case known == nil || string(known.secret) != string(v.secret):
		return "not_found"
	case known.closed:
		return "ok"
	}
	known.closed = true
	s := known.of
	m.expire(s)
	m.record(s, m.now, letterlock.ActionConfirmed)
	if (s.ended == letterlock.UsedUp || s.ended == letterlock.Expired) && !m.anyOpen(s) {
		s.content = false
	}
	return "ok"
}

func (m *model) anyOpen(s *modelSecret) bool {
	for _, v := range m.views {
		if v.of == s && m.open(v) {
			return true
		}
	}
	return false
}

// expire records that time ended a secret.
func (m *model) expire(s *modelSecret) {
	if s.ended == "" && !m.now.Before(s.expires) {
		s.ended, s.endedAt = letterlock.Expired, s.expires
		m.record(s, s.expires, letterlock.ActionExpired)
	}
}

func (m *model) delete(x *sealed, manage bool) string {
	s := m.find(x, manage)
	switch {
	case s == nil:
		return "not_found"
	case !s.deletedAt.IsZero():
		return "ok"
	}
	m.expire(s)
	if s.ended == "" {
		s.ended, s.endedAt = letterlock.Deleted, m.now
	}
	s.deletedAt, s.content = m.now, false
	m.record(s, m.now, letterlock.ActionDeleted)
	return "ok"
}

func (m *model) unlock(x *sealed, manage bool) string {
	s := m.find(x, manage)
	if s == nil {
		return "not_found"
	}
	locked := !s.lockedAt.IsZero()
	switch over := m.over(s); {
	case over != "" && m.state(s) != letterlock.Locked:
		return over
	case !locked && s.unlocked:
		return "ok"
	case !locked || s.unlocked:
		return "conflict"
	}
	s.failures, s.lastWrong, s.lockedAt, s.unlocked = 0, "", time.Time{}, true
	m.record(s, m.now, letterlock.ActionUnlocked)
	return "ok"
}

func (m *model) shorten(x *sealed, manage bool, in time.Duration) string {
	s := m.find(x, manage)
	if s == nil {
		return "not_found"
	}
	switch over := m.over(s); {
	case over != "" && m.state(s) != letterlock.Locked:
		return over
	case m.now.Add(in).After(s.expires):
		return "invalid expires_in:not_sooner"
	}
	s.expires = m.now.Add(in)
	m.record(s, m.now, letterlock.ActionShortened)
	return "ok"
}

func (m *model) feedback(x *sealed, link, mine bool) string {
	s := m.find(x, link)
	switch {
	case s == nil:
		return "not_found"
	case s.views == 0:
		return "conflict"
	}
	if !mine && !s.disputed {
		m.expire(s)
		s.disputed = true
		m.record(s, m.now, letterlock.ActionNotMe)
	}
	return "ok"
}

func (m *model) receipt(x *sealed, manage bool) string {
	s := m.find(x, manage)
	if s == nil || !m.now.Before(s.expires.Add(30*24*time.Hour)) {
		return "not_found"
	}
	stored := 0
	if s.content {
		stored = size
	}
	return fmt.Sprintf("%s, %d views, %d failures, disputed %t, %d bytes, expires %s: %s",
		m.state(s), s.views, s.failures, s.disputed, stored, stamp(s.expires), strings.Join(s.events, ", "))
}

func (m *model) sweep() string {
	for _, s := range m.secrets {
		if s.onlyID {
			continue
		}
		m.expire(s)
		graceOver := !m.now.Before(s.expires.Add(15 * time.Minute))
		if s.ended == letterlock.UsedUp && !m.anyOpen(s) || s.ended == letterlock.Expired && graceOver {
			s.content = false
		}
		if !m.now.Before(s.expires.Add(30 * 24 * time.Hour)) {
			*s = modelSecret{sealed: s.sealed, onlyID: true}
			m.forgetViews(s)
		}
	}
	return "ok"
}

func (m *model) forgetViews(of *modelSecret) {
	for id, v := range m.views {
		if v.of == of {
			delete(m.views, id)
		}
	}
}

// instants are the times at which something changes by itself.
func (m *model) instants() (all []time.Time) {
	for _, s := range m.secrets {
		if !s.onlyID {
			all = append(all, s.expires, s.expires.Add(15*time.Minute), s.expires.Add(30*24*time.Hour))
		}
	}
	for _, v := range m.views {
		all = append(all, v.grace)
	}
	slices.SortFunc(all, time.Time.Compare)
	return slices.DeleteFunc(all, func(at time.Time) bool { return !at.After(m.now) })
}
