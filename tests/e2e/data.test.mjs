// The chapters about data, as a visitor plays them: who dies, what is promoted, what is lost, what is hit, what is stale.

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

/// Opens the page in a fresh profile at this fragment and hands it to `act`; nothing may complain meanwhile.
async function visit(fragment, act, options) {
  const { page, complaints, close } = await open(browser, server.url + fragment, options);
  try {
    await page.getByRole("group", { name: "Time" }).waitFor();
    await act(page);
    assert.deepEqual(complaints, []);
  } finally {
    await close();
  }
}

const card = (page, name) => page.locator(".card", { hasText: name });
const events = (page) => page.getByRole("region", { name: "Events" });
const speed = (page) => page.getByRole("combobox", { name: /^Speed/ });
const legend = (page) => page.locator(".legend");

/// A figure of the selected part, by its name.
const now = (page, name) => page.locator(".ledger dt", { hasText: name }).locator("xpath=following-sibling::dd[1]");

test("a cache shows its hit ratio and its room, and hits, misses and fills have looks of their own", async () => {
  await visit("#chapter/6", async (page) => {
    await card(page, "Cache 1").getByText(/\d+% hits/).waitFor();
    for (const name of ["hit", "miss", "fill", "stale"]) await legend(page).getByText(name, { exact: true }).waitFor();
    await card(page, "Cache 1").click();
    assert.match(await now(page, "room taken").innerText(), /%/);
    const charts = page.getByRole("region", { name: "Course of the run" });
    await charts.getByRole("img", { name: /^Hit ratio in %.*Cache \d/ }).waitFor();
  });
});

test("a cache that dies forgets: the hit ratio falls, and comes back after it", async () => {
  await visit("#chapter/6", async (page) => {
    await card(page, "Cache 2").focus();
    await speed(page).selectOption("1");
    await card(page, "Cache 2").focus();
    await page.keyboard.press("k");
    await card(page, "Cache 2").getByText("killed").waitFor();
    await events(page).getByText(/Cache 2.*killed/).first().waitFor();
    await page.keyboard.press("r");
    await speed(page).selectOption("10");
    await card(page, "Cache 2").getByText(/% hits/).waitFor();
  });
});
