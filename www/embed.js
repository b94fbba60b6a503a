// An element that holds a figure of Zero to Millions, for pages of any site:
//
//     <script type="module" src="https://…/embed.js"></script>
//     <zero-to-millions scenario="#chapter/6" start="12.5" paused controls="none" theme="dark"></zero-to-millions>
//
// scenario   what it shows: what stands behind the # of a link, with or without it, or a whole link; without it, chapter 1
// start      begins at this second of simulated time
// paused     stands there until the reader lets time run
// controls   `none` leaves the time bar out
// theme      `light` or `dark`; otherwise as the reader's system has it
// height     in CSS pixels; 480 without it (or set the element's own height in a style sheet)
//
// It is a frame around this folder's index.html?embed: nothing of the page around is read, and nothing is sent anywhere. The
// frame loads when it comes near the reader's sight and rests while it is out of it. Attributes can be changed at any time.

const PAGE = new URL("./", import.meta.url);
const HEIGHT = 480;

class ZeroToMillions extends HTMLElement {
  static observedAttributes = ["scenario", "start", "paused", "controls", "theme", "height"];

  #frame = null;

  connectedCallback() {
    if (this.#frame) return;
    const frame = document.createElement("iframe");
    frame.title = this.getAttribute("title") ?? "Zero to Millions: a simulated system";
    frame.loading = "lazy";
    frame.sandbox = "allow-scripts allow-same-origin allow-popups allow-popups-to-escape-sandbox";
    // By properties, which a strict content security policy of the page around allows.
    Object.assign(frame.style, { display: "block", width: "100%", height: "100%", border: "0" });
    this.#frame = frame;
    this.#show();
    this.attachShadow({ mode: "open" }).append(frame);
  }

  attributeChangedCallback() {
    if (this.#frame) this.#show();
  }

  #show() {
    const height = Number(this.getAttribute("height"));
    const style = this.style;
    style.display ||= "block";
    if (height > 0) style.height = `${height}px`;
    // A height that the page around gives it in a style sheet is not seen here before it is in the page.
    else if (!style.height && (!this.isConnected || this.clientHeight === 0)) style.height = `${HEIGHT}px`;
    const url = new URL(PAGE);
    const options = ["embed"];
    for (const name of ["start", "controls", "theme"]) {
      const value = this.getAttribute(name);
      if (value) options.push(`${name}=${encodeURIComponent(value)}`);
    }
    if (this.hasAttribute("paused")) options.push("paused");
    url.search = options.join("&");
    const scenario = this.getAttribute("scenario") ?? "";
    url.hash = scenario.slice(scenario.indexOf("#") + 1);
    if (this.#frame.src !== url.href) this.#frame.src = url.href;
  }
}

if (!customElements.get("zero-to-millions")) customElements.define("zero-to-millions", ZeroToMillions);
