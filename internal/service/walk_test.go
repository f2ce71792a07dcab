package service_test

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"letterlock"
)

var seed = flag.Uint64("seed", 0, "seed of the random walk; 0 takes a new one")

// The service answers as the model of protocol.md 6 does, through some thousand
// random calls with time passing between them. The walk likes the instants at
// which something ends, and a millisecond before.
func TestRandomWalkAgreesWithTheModel(t *testing.T) {
	const steps, room = 3000, 8 * size
	enginesWithRoom(t, room, func(t *testing.T, s *instance) {
		used := *seed
		if used == 0 {
			used = rand.Uint64()
		}
		w := &walk{Rand: rand.New(rand.NewPCG(used, 0)), s: s, m: newModel(s.Clock.Now(), room), ends: map[string]int{}}
		for i := range steps {
			call, got, want := w.step()
			if got != want {
				t.Fatalf("seed %d, call %d at %s: %s\n got %s\nwant %s", used, i, stamp(w.m.now), call, got, want)
			}
			w.ends[call+": "+briefly(got)]++
		}
		for _, x := range w.secrets {
			if got, want := w.receiptOf(x, x.sender()), w.m.receipt(x, true); got != want {
				t.Errorf("seed %d, at the end: SecretReceipt\n got %s\nwant %s", used, got, want)
			}
		}
		for _, end := range slices.Sorted(maps.Keys(w.ends)) {
			t.Logf("%5d %s", w.ends[end], end)
		}
	})
}

// walk makes the same random calls to a service and to the model.
type walk struct {
	*rand.Rand
	s    *instance
	m    *model
	ends map[string]int // how often each call ended how

	secrets []*sealed
	wrong   map[*sealed][]letterlock.Proof
	tabs    []opening
}

// opening is a tab with the secret that it opened, or tried to.
type opening struct {
	tab
	of *sealed
}

// calls, by how often they are made in a hundred.
var calls = []struct {
	weight int
	make   func(w *walk) (call, got, want string)
}{
	{4, (*walk).create},
	{2, (*walk).createAgain},
	{5, (*walk).peek},
	{10, (*walk).view},
	{29, (*walk).wrongPassword},
	{13, (*walk).viewAgain},
	{7, (*walk).content},
	{6, (*walk).acknowledge},
	{1, (*walk).delete},
	{5, (*walk).unlock},
	{2, (*walk).shorten},
	{3, (*walk).feedback},
	{5, (*walk).receipt},
	{4, (*walk).sweep},
	{4, (*walk).advance},
}

func (w *walk) step() (call, got, want string) {
	if len(w.tabs) == 0 { // the first step of a walk
		_, got, want = w.create()
		w.tabs = append(w.tabs, opening{w.secrets[0].tab(), w.secrets[0]})
		return "CreateSecret", got, want
	}
	n := w.IntN(100)
	for _, c := range calls {
		if n -= c.weight; n < 0 {
			return c.make(w)
		}
	}
	panic("the weights do not sum up to a hundred")
}

// seldom is true once in ten times.
func (w *walk) seldom() bool { return w.IntN(10) == 0 }

// secret is one of the last few, seldom an older one.
func (w *walk) secret() *sealed {
	if w.seldom() {
		return w.secrets[w.IntN(len(w.secrets))]
	}
	return w.secrets[len(w.secrets)-1-w.IntN(min(3, len(w.secrets)))]
}

// opened is one of the last few tabs, seldom an older one.
func (w *walk) opened() opening {
	if w.seldom() {
		return w.tabs[w.IntN(len(w.tabs))]
	}
	return w.tabs[len(w.tabs)-1-w.IntN(min(10, len(w.tabs)))]
}

// by is the caller with the right proof, seldom with none that counts.
func (w *walk) by(right letterlock.Caller) (c letterlock.Caller, proven bool) {
	if w.seldom() {
		return letterlock.Caller{Link: random(32), Manage: random(32)}, false
	}
	return right, true
}

func (w *walk) create() (call, got, want string) {
	x := seal([]int{1, 2, 4, 10, letterlock.Unlimited}[w.IntN(5)])
	if w.IntN(3) > 0 {
		addPassword(&x.Header)
	}
	x.Limits.ExpiresIn = []time.Duration{letterlock.MinLifetime, lifetime, 24 * time.Hour}[w.IntN(3)]
	got, want = w.createOf(x), w.m.create(x, true)
	if want != "full" || w.seldom() {
		w.secrets = append(w.secrets, x)
	}
	return "CreateSecret", got, want
}

// createAgain repeats a create, or tries to put another secret under a taken id.
func (w *walk) createAgain() (call, got, want string) {
	x := w.secret()
	sent := x
	if taken := w.m.secrets[x.id()] != nil; taken && w.IntN(2) == 0 {
		sent = seal(1)
		sent.Header = x.Header
	}
	return "CreateSecret again", w.createOf(sent), w.m.create(x, sent == x)
}

func (w *walk) createOf(x *sealed) string {
	made, created, err := w.s.CreateSecret(ctx, letterlock.Caller{}, &x.NewSecret)
	if err != nil {
		return answer(err)
	}
	return fmt.Sprintf("created %t, %s, expires %s", created, made.State(), stamp(made.ExpiresAt))
}

func (w *walk) peek() (call, got, want string) {
	x := w.secret()
	c, proven := w.by(x.reader())
	want = w.m.peek(x, proven)
	seen, err := w.s.PeekSecret(ctx, c, x.id())
	if err != nil {
		return "PeekSecret", answer(err), want
	}
	return "PeekSecret", fmt.Sprintf("%s, %s left, %s tries left, expires %s",
		seen.State(), number(seen.ViewsLeft(), "any"), number(seen.TriesLeft(), "no"), stamp(seen.ExpiresAt)), want
}

func (w *walk) view() (call, got, want string) {
	x := w.secret()
	return w.viewWith("ViewSecret", x, x.tab())
}

// wrongPassword draws from a few, so that some come twice in a row.
func (w *walk) wrongPassword() (call, got, want string) {
	x := w.secret()
	if w.wrong[x] == nil {
		if w.wrong == nil {
			w.wrong = map[*sealed][]letterlock.Proof{}
		}
		w.wrong[x] = []letterlock.Proof{random(32), random(32), random(32), random(32)}
	}
	v := x.tab()
	if old := w.opened(); old.of == x && w.IntN(2) == 0 {
		v = old.tab
	}
	return w.viewWith("ViewSecret, wrong password", x, v.with(w.wrong[x][w.IntN(4)]))
}

// viewAgain sends a view id again, seldom for another secret or with another
// view secret.
func (w *walk) viewAgain() (call, got, want string) {
	old := w.opened()
	x, v := old.of, old.tab
	if w.seldom() {
		x = w.secret()
	}
	if w.seldom() {
		v.secret = random(32)
	}
	return w.viewWith("ViewSecret again", x, v.with(x.access))
}

func (w *walk) viewWith(call string, x *sealed, v tab) (_, got, want string) {
	c, proven := w.by(x.reader())
	want = w.m.view(x, proven, v)
	o, err := w.s.ViewSecret(ctx, c, x.id(), letterlock.NewView{ID: v.id, Hash: v.secret.Hash(), Access: v.access})
	if err != nil {
		return call, answer(err), want
	}
	w.tabs = append(w.tabs, opening{v, x})
	if !bytes.Equal(o.Content, x.Content) {
		return call, "content that was not created", want
	}
	return call, fmt.Sprintf("view %d, %s left, again %t, grace until %s, expires %s", o.View.Number,
		number(o.View.LeftAfter(o.Secret), "any"), o.Again, stamp(o.View.GraceUntil), stamp(o.Secret.ExpiresAt)), want
}

func (w *walk) content() (call, got, want string) {
	v := w.opened()
	want = w.m.viewContent(v.tab)
	content, err := w.s.ViewContent(ctx, v.caller(), v.id)
	if err == nil && want == "ok" && !bytes.Equal(content, w.m.views[v.id].of.Content) {
		return "ViewContent", "content that was not created", want
	}
	return "ViewContent", answer(err), want
}

func (w *walk) acknowledge() (call, got, want string) {
	v := w.opened()
	return "AcknowledgeView", answer(w.s.acknowledge(v.tab)), w.m.acknowledge(v.tab)
}

func (w *walk) delete() (call, got, want string) {
	x := w.secret()
	c, proven := w.by(x.sender())
	return "DeleteSecret", answer(w.s.DeleteSecret(ctx, c, x.id())), w.m.delete(x, proven)
}

func (w *walk) unlock() (call, got, want string) {
	x := w.secret()
	return "ChangeSecret, unlock", answer(w.s.unlock(x)), w.m.unlock(x, true)
}

func (w *walk) shorten() (call, got, want string) {
	x := w.secret()
	in := time.Duration(w.IntN(7200)) * time.Second
	return "ChangeSecret, sooner", answer(w.s.shorten(x, in)), w.m.shorten(x, true, in)
}

func (w *walk) feedback() (call, got, want string) {
	x, mine := w.secret(), w.IntN(2) == 0
	c, proven := w.by(x.reader())
	return "GiveFeedback", answer(w.s.GiveFeedback(ctx, c, x.id(), mine)), w.m.feedback(x, proven, mine)
}

func (w *walk) receipt() (call, got, want string) {
	x := w.secret()
	c, proven := w.by(x.sender())
	return "SecretReceipt", w.receiptOf(x, c), w.m.receipt(x, proven)
}

func (w *walk) receiptOf(x *sealed, c letterlock.Caller) string {
	r, err := w.s.SecretReceipt(ctx, c, x.id())
	if err != nil {
		return answer(err)
	}
	events := make([]string, len(r.Events))
	for i, e := range r.Events {
		events[i] = stamp(e.At) + " " + string(e.Action)
	}
	return fmt.Sprintf("%s, %d views, %d failures, disputed %t, %d bytes, expires %s: %s",
		r.State(), r.Views, r.PasswordFailures, !r.Disputed.IsZero(), r.Stored, stamp(r.ExpiresAt), strings.Join(events, ", "))
}

func (w *walk) sweep() (call, got, want string) {
	_, err := w.s.Sweep(ctx)
	return "Sweep", answer(err), w.m.sweep()
}

// advance goes on a little, or to where something changes.
func (w *walk) advance() (call, got, want string) {
	to := w.m.now.Add(time.Duration(w.IntN(300_000)) * time.Millisecond)
	if next := w.m.instants(); len(next) > 0 && w.IntN(2) == 0 {
		to = next[w.IntN(min(3, len(next)))]
		if w.IntN(2) == 0 {
			to = to.Add(-time.Millisecond)
		}
	}
	if w.IntN(100) == 0 {
		to = to.Add(40 * 24 * time.Hour)
	}
	w.s.Clock.Set(to)
	w.m.now = to
	return "time passes", "ok", "ok"
}

// answer is the outcome of a call with the time that a reader is told.
func answer(err error) string {
	var refusal *letterlock.Refusal
	if errors.As(err, &refusal) && refusal.Code == letterlock.ErrGone {
		return gone(refusal.Reason, refusal.EndedAt)
	}
	return outcome(err)
}

func number(n *int, none string) string {
	if n == nil {
		return none
	}
	return fmt.Sprint(*n)
}

// briefly leaves out of an answer what is different every time.
func briefly(answer string) string {
	answer, _, _ = strings.Cut(answer, ",")
	answer, _, _ = strings.Cut(answer, " at ")
	return answer
}
