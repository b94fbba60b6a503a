// The built page as a visitor gets it. Every test ends with `visit`'s own check: not one complaint in the console.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { launch, open } from "./browser.mjs";
import { serve } from "./server.mjs";

let browser;
let server;

before(async () => {
  [browser, server] = await Promise.all([launch(), serve()]);
});

after(async () => {
  await browser?.close();
  await server?.close();
});

/// Opens `url` and lets `look` see the page; then nothing may have gone wrong unseen.
async function visit(url, look, options) {
  const { page, complaints, close } = await open(browser, url, options);
  try {
    await started(page);
    await look(page);
    assert.deepEqual(complaints, []);
  } finally {
    await close();
  }
}

/// The wasm module and all else that the page asks for at once have come, and ran a moment.
async function started(page) {
  await page.waitForLoadState("networkidle");
}

test("the page starts without a complaint and has a title", async () => {
  await visit(server.url, async (page) => {
    assert.match(await page.title(), /Zero to Millions/);
    assert.equal(await page.locator("html").getAttribute("lang"), "en");
  });
});

test("the page works from any folder of a host", async () => {
  const elsewhere = await serve({ base: "/some/where/" });
  try {
    await visit(elsewhere.url, async (page) => assert.match(await page.title(), /Zero to Millions/));
  } finally {
    await elsewhere.close();
  }
});
