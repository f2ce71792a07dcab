//go:build linux

package bench

import (
	_ "embed"
	"net/http"
	"strings"
	"testing"
	"time"

	"letterlock/internal/testkit"
)

// oneFile is the ceiling of the pages: it does the same work in WebCrypto, one
// POST to the bare handler, and nothing else.
//
//go:embed testdata/one-file.html
var oneFile []byte

const oneFilePath = "/one-file"

func serveOneFile(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Write(oneFile)
}

// visits is how often a person creates and opens on each page.
const visits = 20

// wait is how long a person waits for one thing: the medians of our page and of
// the one-file page.
type wait struct{ ours, oneFile time.Duration }

func (w wait) ratio() float64 { return float64(w.ours) / float64(w.oneFile) }

// waits are from the click to the link, and from the click to the plaintext.
type waits struct{ create, open wait }

func measureWaits(b *testing.B, bin string) waits {
	product := "http://" + startProduct(b, bin, dataDir(b)).addr
	ceiling := "http://" + startCeiling(b, ceilingBare, "").addr
	tab := testkit.NewVisitor(b, testkit.Desktop).Open(product)
	text := strings.Repeat("0123456789abcdef", 1000/16)
	var create, open, oneCreate, oneOpen []time.Duration
	for range visits + 1 { // the first one warms up
		tab.Go(product)
		create = append(create, timed(tab, text, "#submit", "#result"))
		link := tab.Value("#link")
		tab.Click("#copy-link") // else the page asks before it is left
		tab.Go(link)
		tab.WaitFor("#ready")
		open = append(open, timed(tab, "", "#show", "#opened"))
		tab.Click("#reveal")

		tab.Go(ceiling + oneFilePath)
		oneCreate = append(oneCreate, timed(tab, text, "#submit", "#link"))
		oneOpen = append(oneOpen, timed(tab, "", "#show", "#opened"))
	}
	return waits{
		create: wait{median(create[1:]), median(oneCreate[1:])},
		open:   wait{median(open[1:]), median(oneOpen[1:])},
	}
}

// timed types a text, clicks a button, and returns how long it took from the
// click until an element was shown, by the page's own clock.
func timed(tab *testkit.Tab, text, button, shown string) time.Duration {
	if text != "" {
		tab.WaitFor("#secret")
		testkit.CallPage[bool](tab, `((text) => {
			const secret = document.querySelector("#secret");
			secret.value = text;
			return secret.dispatchEvent(new Event("input", { bubbles: true }));
		})`, text)
	}
	testkit.CallPage[bool](tab, `((button, shown) => {
		let clicked;
		const element = document.querySelector(shown);
		addEventListener("click", (e) => (clicked = e.timeStamp), { capture: true, once: true });
		window.took = new Promise((resolve) => {
			new MutationObserver(() => element.hidden || resolve(performance.now() - clicked)).observe(element, { attributes: true });
		});
		return true;
	})`, button, shown)
	tab.Click(button)
	return time.Duration(testkit.Eval[float64](tab, "window.took") * float64(time.Millisecond))
}

func millis(d time.Duration) float64 { return micros(d) / 1000 }
