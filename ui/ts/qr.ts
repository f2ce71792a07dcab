// A QR code as a picture of the page's own, dark on white at night too.
import { generate } from "lean-qr";

const svg = "http://www.w3.org/2000/svg";
const quiet = 3; // modules around it; readers want some white

/** Draws text as one path. */
export function drawQr(text: string, label: string): SVGSVGElement {
  const code = generate(text);
  const size = code.size + 2 * quiet;
  let path = "";
  for (let y = 0; y < code.size; y++) {
    for (let x = 0; x < code.size; x++) if (code.get(x, y)) path += `M${x + quiet} ${y + quiet}h1v1h-1z`;
  }
  const picture = element("svg", { class: "qr", role: "img", "aria-label": label, viewBox: `0 0 ${size} ${size}`, "shape-rendering": "crispEdges" });
  picture.append(element("path", { fill: "#fff", d: `M0 0h${size}v${size}H0z` }), element("path", { fill: "#12151f", d: path }));
  return picture;
}

function element<K extends "svg" | "path">(name: K, attributes: Record<string, string>): SVGElementTagNameMap[K] {
  const e = document.createElementNS(svg, name);
  for (const [key, value] of Object.entries(attributes)) e.setAttribute(key, value);
  return e;
}
