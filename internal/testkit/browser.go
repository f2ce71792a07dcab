package testkit

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/audits"
	"github.com/chromedp/cdproto/browser"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

// Main runs a package's tests and then ends what they share, the browser and
// the built program:
//
//	func TestMain(m *testing.M) { os.Exit(testkit.Main(m)) }
//
// If the process dies instead, Linux ends both with it.
func Main(m *testing.M) int {
	defer endShared()
	return m.Run()
}

// shared is what the tests of one process share. mu guards ends.
var shared struct {
	mu   sync.Mutex
	ends []func()
}

func atEnd(f func()) {
	shared.mu.Lock()
	defer shared.mu.Unlock()
	shared.ends = append(shared.ends, f)
}

func endShared() {
	shared.mu.Lock()
	defer shared.mu.Unlock()
	for _, end := range shared.ends {
		end()
	}
	shared.ends = nil
}

// Screen is what a visitor sees the pages on.
type Screen struct {
	Width, Height int
	Dark          bool
	Language      string // of the browser; English if empty
}

// The screens that pages are designed for.
var (
	Desktop = Screen{Width: 1280, Height: 900}
	Phone   = Screen{Width: 390, Height: 844}
)

// InDark is the screen of a system set to dark.
func (s Screen) InDark() Screen {
	s.Dark = true
	return s
}

// InLanguage is the screen of a browser set to a language.
func (s Screen) InLanguage(language string) Screen {
	s.Language = language
	return s
}

// Visitor is a person with a browser of their own: what one visitor's browser
// keeps, no other sees.
type Visitor struct {
	t      testing.TB
	ctx    context.Context
	screen Screen
	tabs   []*Tab
}

// NewVisitor starts Chromium if no test before did. Nothing moves: visitors
// prefer reduced motion.
func NewVisitor(t testing.TB, screen Screen) *Visitor {
	t.Helper()
	chromium := chromiumPath()
	if chromium == "" {
		missing(t, "Chromium is missing: bin/test installs it")
	}
	parent, err := startChromium()
	if err != nil {
		t.Fatalf("start %s: %v", chromium, err)
	}
	ctx, cancel := chromedp.NewContext(parent, chromedp.WithNewBrowserContext())
	v := &Visitor{t: t, ctx: ctx, screen: screen}
	t.Cleanup(cancel)
	v.newTab(ctx)
	v.allow("clipboard-write")
	return v
}

// Tabs are the visitor's tabs so far.
func (v *Visitor) Tabs() []*Tab { return v.tabs }

// Open opens an address in the visitor's first tab.
func (v *Visitor) Open(url string) *Tab {
	v.t.Helper()
	v.tabs[0].Go(url)
	return v.tabs[0]
}

// OpenAnother opens an address in a new tab.
func (v *Visitor) OpenAnother(url string) *Tab {
	v.t.Helper()
	ctx, cancel := chromedp.NewContext(v.ctx)
	v.t.Cleanup(cancel)
	tab := v.newTab(ctx)
	tab.Go(url)
	return tab
}

// Before runs a script in the visitor's first tab before anything of a page.
func (v *Visitor) Before(script string) {
	v.t.Helper()
	_, err := chromedp.Call(v.tabs[0].ctx, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: script})
	if err != nil {
		v.t.Fatalf("prepare the tab: %v", err)
	}
}

// WithoutScripts switches scripts off in the visitor's first tab.
func (v *Visitor) WithoutScripts() {
	v.t.Helper()
	_, err := chromedp.Call(v.tabs[0].ctx, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true})
	if err != nil {
		v.t.Fatalf("switch scripts off: %v", err)
	}
}

// allow grants what a click would grant in a browser with a window.
func (v *Visitor) allow(permission string) {
	v.t.Helper()
	_, err := chromedp.CallBrowser(v.ctx, browser.SetPermission, browser.SetPermissionParams{
		Permission:       &browser.PermissionDescriptor{Name: permission},
		Setting:          browser.PermissionSettingGranted,
		BrowserContextID: chromedp.FromContext(v.ctx).BrowserContextID,
	})
	if err != nil {
		v.t.Fatalf("allow %s: %v", permission, err)
	}
}

func (v *Visitor) newTab(ctx context.Context) *Tab {
	v.t.Helper()
	tab := &Tab{t: v.t, ctx: ctx, traffic: newTraffic()}
	// The first call opens the tab and binds its life to this context.
	err := chromedp.Do(ctx)
	if err == nil {
		err = chromedp.Listen(ctx, tab.hear)
	}
	if err == nil {
		err = tab.setUp(v.screen)
	}
	if err != nil {
		v.t.Fatalf("open a tab: %v", err)
	}
	v.tabs = append(v.tabs, tab)
	return tab
}

func (tab *Tab) setUp(screen Screen) error {
	ctx, cancel := context.WithTimeout(tab.ctx, patience)
	defer cancel()
	if _, err := chromedp.Call(ctx, audits.Enable, struct{}{}); err != nil {
		return err
	}
	if _, err := chromedp.Call(ctx, network.Enable, network.EnableParams{MaxPostDataSize: new(int64(1 << 20))}); err != nil {
		return err
	}
	if err := lookOn(ctx, screen); err != nil || screen.Language == "" {
		return err
	}
	agent, err := chromedp.Run(ctx, chromedp.Evaluate[string]("navigator.userAgent"))
	if err != nil {
		return err
	}
	_, err = chromedp.Call(ctx, emulation.SetUserAgentOverride, emulation.SetUserAgentOverrideParams{UserAgent: agent, AcceptLanguage: screen.Language})
	return err
}

// LookOn shows the tab as it is on another screen. The language stays.
func (tab *Tab) LookOn(screen Screen) {
	tab.t.Helper()
	ctx, cancel := context.WithTimeout(tab.ctx, patience)
	defer cancel()
	if err := lookOn(ctx, screen); err != nil {
		tab.t.Fatalf("show the tab on another screen: %v", err)
	}
}

func lookOn(ctx context.Context, screen Screen) error {
	_, err := chromedp.Call(ctx, emulation.SetDeviceMetricsOverride, emulation.SetDeviceMetricsOverrideParams{
		Width: int64(screen.Width), Height: int64(screen.Height), DeviceScaleFactor: 1, Mobile: screen.Width < 600,
	})
	if err != nil {
		return err
	}
	scheme := "light"
	if screen.Dark {
		scheme = "dark"
	}
	_, err = chromedp.Call(ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{
		{Name: "prefers-color-scheme", Value: scheme}, {Name: "prefers-reduced-motion", Value: "reduce"},
	}})
	return err
}

// patience is how long one step in the browser may take on a busy machine.
const patience = 30 * time.Second

func chromiumPath() string {
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	return ""
}

// PlainHost is a name that leads to this machine without being localhost, so
// that browsers hold http:// on it for unsafe.
const PlainHost = "plain.test"

// startChromium is the one Chromium of the process. It speaks through a pipe and
// ends when that breaks; it asks no name server anything.
var startChromium = sync.OnceValues(func() (context.Context, error) {
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(chromiumPath()),
		chromedp.NoSandbox,
		chromedp.DisableGPU,
		chromedp.Flag("disable-quic", true),
		chromedp.Flag("disable-component-update", true),
		chromedp.Flag("lang", "en-US"),
		chromedp.Flag("host-resolver-rules", fmt.Sprintf("MAP %s 127.0.0.1, MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost", PlainHost)),
		chromedp.Env("TZ=UTC", "LANGUAGE=en_US"),
	)
	allocator, endAllocator := chromedp.NewExecAllocator(context.Background(), options...)
	ctx, _ := chromedp.NewContext(allocator)
	atEnd(func() {
		bounded, cancel := context.WithTimeout(ctx, 10*time.Second)
		defer cancel()
		if err := chromedp.Cancel(bounded); err != nil {
			fmt.Fprintf(os.Stderr, "end Chromium: %v\n", err)
		}
		endAllocator()
	})
	return ctx, chromedp.Do(ctx)
})
