// The built page, served, and a browser to look at it with: what the tests of every file begin with. Also what several of
// them find on the page.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { after, before } from "node:test";
import { launch, open } from "./browser.mjs";
import { serve } from "./server.mjs";

/// For the tests of the file that calls it: `{ browser, server, visit }`, of which the first two are there once a test
/// runs. `visit` opens the page in a fresh profile at this fragment and hands it to `act` when it is ready; nothing may
/// complain meanwhile.
export function site() {
  const own = { visit };
  before(async () => {
    [own.browser, own.server] = await Promise.all([launch(), serve()]);
  });
  after(async () => {
    await own.browser?.close();
    await own.server?.close();
  });
  async function visit(fragment, act, options = {}) {
    await visited(own.browser, own.server.url + fragment, options, async (page) => {
      await page.getByRole("group", { name: "Time" }).waitFor();
      // What the address holds may take its time; until it is there, the page shows the first chapter.
      await page.locator(".opening").waitFor({ state: "detached" });
      await act(page);
    });
  }
  return own;
}

/// Opens `url` and hands it to `act`; nothing may complain meanwhile.
export async function visited(browser, url, options, act) {
  const { page, complaints, close } = await open(browser, url, options);
  try {
    await act(page);
    assert.deepEqual(complaints, []);
  } finally {
    await close();
  }
}

export const card = (page, name) => page.locator(".card", { hasText: name });
export const events = (page) => page.getByRole("region", { name: "Events" });
export const speed = (page) => page.getByRole("combobox", { name: /^Speed/ });

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/// What axe finds wrong with the page as it stands, as `rule: element: what`.
export async function violations(page) {
  await page.evaluate(AXE);
  return page.evaluate(async () => {
    const { violations } = await globalThis.axe.run();
    return violations.flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.target}: ${node.failureSummary}`));
  });
}
