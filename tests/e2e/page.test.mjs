// The built page as a visitor gets it. Every test ends with `visit`'s own check: not one complaint in the console.

import assert from "node:assert/strict";
import { test } from "node:test";
import { open } from "./browser.mjs";
import { serve } from "./server.mjs";
import { site, visited } from "./site.mjs";

const here = site();

/// Opens `url` and lets `look` see the page once it has started; nothing may complain meanwhile.
async function visit(url, look, options = {}) {
  await visited(here.browser, url, options, async (page) => {
    await started(page);
    await look(page);
  });
}

/// The wasm module and all else that the page asks for at once have come, and ran a moment.
async function started(page) {
  await page.waitForLoadState("networkidle");
}

test("the page starts without a complaint and has a title", async () => {
  await visit(here.server.url, async (page) => {
    assert.match(await page.title(), /Zero to Millions/);
    assert.equal(await page.locator("html").getAttribute("lang"), "en");
  });
});

test("the page itself forbids inline scripts, inline styles, and whatever lies elsewhere", async () => {
  const { page, complaints, close } = await open(here.browser, here.server.url);
  try {
    await started(page);
    const forbidden = await page.evaluate(async () => {
      const seen = [];
      document.addEventListener("securitypolicyviolation", (event) => seen.push(event.effectiveDirective));
      const script = document.createElement("script");
      script.textContent = "globalThis.inlineRan = true";
      document.body.append(script);
      document.body.setAttribute("style", "color: red");
      await fetch("http://127.0.0.1:9/elsewhere").catch(() => {});
      await new Promise((resolve) => setTimeout(resolve, 200));
      return { seen: seen.sort(), inlineRan: globalThis.inlineRan ?? false };
    });
    assert.deepEqual(forbidden, { seen: ["connect-src", "script-src-elem", "style-src-attr"], inlineRan: false });
    assert.ok(complaints.length >= 3, "and the console says so");
  } finally {
    await close();
  }
});

test("the page works from any folder of a host", async () => {
  const elsewhere = await serve({ base: "/some/where/" });
  try {
    await visit(elsewhere.url, async (page) => assert.match(await page.title(), /Zero to Millions/));
  } finally {
    await elsewhere.close();
  }
});
