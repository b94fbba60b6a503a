// The chapters about data, as a visitor plays them: who dies, what is promoted, what is lost, what is hit, what is stale.

import assert from "node:assert/strict";
import { test } from "node:test";
import { card, events, site, speed } from "./site.mjs";

const here = site();

/// Opens the page on a desk; see `site`.
const visit = (fragment, act, options = { viewport: { width: 1440, height: 900 } }) => here.visit(fragment, act, options);

/// The balanced pool with a primary and two replicas, as the command line encodes it.
const REPLICATED =
  "#1.dVZDRTsMwDEX_xc9hKkO85FcQipzU3aKmsZWkQJn679SZGOLN9_rm2PENKtg3SIzjk8eEOVABc343IGBv0CKVqsWIDT1W0jrm2jR4NF4MFJIUA7bIWZsokjb3yWUGO5xeDQSWzS3eCRVXKXAewT4Pw2kwHeouXnWXhcXh1I7gUnvoHqNEQfEPV80prfV6d1ReCUvzhO1fKPHFUW4l0i_vMJdYK419dym88AN97q_2fTeg--tN9Eczbf0Egdfc_jD0JZypOzpKWNaEJbYNLHxHmcDAB6aV3Ox7pHP5mLL_AA";

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
    const values = await charts.getByRole("slider", { name: "Hit ratio in percent" }).getAttribute("aria-valuetext");
    assert.match(values, /^now: .*Cache \d/);
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

test("the primary dies: a replica is promoted, and the link to that moment shows it to somebody else", async () => {
  let fragment;
  let digest;
  await visit(REPLICATED, async (page) => {
    await card(page, "Database 1").getByText("primary").waitFor();
    await legend(page).getByText("replication", { exact: true }).waitFor();
    await card(page, "Database 1").focus();
    await page.keyboard.press("Enter");
    await speed(page).selectOption("1");
    await card(page, "Database 1").focus();
    await page.keyboard.press("k");
    await speed(page).selectOption("10");
    await events(page).getByText(/Database \d promoted: it is the primary/).first().waitFor();
    await page.locator(".card:not(.down)", { hasText: "Database" }).getByText("primary").waitFor();
    await page.getByRole("button", { name: "Pause" }).click();
    await page.getByRole("button", { name: "Play" }).waitFor();
    await page.getByRole("button", { name: "Share" }).click();
    fragment = (await page.getByLabel("Link to this moment", { exact: true }).last().inputValue()).split("#")[1];
    digest = await page.locator("[data-digest]").getAttribute("data-digest");
  });
  await visit(`#${fragment}`, async (page) => {
    await page.getByText("Verified").waitFor();
    assert.equal(await page.locator("[data-digest]").getAttribute("data-digest"), digest);
    await card(page, "Database 1").getByText("killed").waitFor();
    await page.locator(".card:not(.down)", { hasText: "Database" }).getByText("primary").waitFor();
  });
});

test("cut off, the old primary is fenced, and what only it was told is counted as lost on it", async () => {
  await visit(REPLICATED, async (page) => {
    await speed(page).selectOption("1");
    await card(page, "Database 1").click();
    await page.getByRole("button", { name: "Cut off" }).click();
    await events(page).getByText(/link is cut/).first().waitFor();
    await speed(page).selectOption("10");
    await card(page, "Database 1").getByText(/✕ \d+ writes? lost/).waitFor();
    await events(page).getByText(/Database 1 \d+ writes? lost: clients were told of them/).first().waitFor();
    assert.match(await now(page, "writes that only it has").innerText(), /^\d+$/);
  });
});

test("a planned change of the primary loses nothing", async () => {
  await visit(REPLICATED, async (page) => {
    await card(page, "Database 2").click();
    await page.getByRole("button", { name: "Make primary" }).click();
    await speed(page).selectOption("1");
    await card(page, "Database 2").getByText("primary").waitFor();
    await card(page, "Database 1").getByText("replica").waitFor();
    await events(page).getByText(/Database 2 is the primary, as planned/).first().waitFor();
  });
});

test("edges stand where they are, show their hits, and are purged", async () => {
  await visit("#chapter/7", async (page) => {
    await page.locator(".labels text", { hasText: "Seoul" }).waitFor();
    const edge = page.locator(".card", { hasText: "Edge Seoul" });
    await edge.getByText(/\d+% hits/).waitFor();
    await edge.focus();
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: "Edge Seoul" }).waitFor();
    await page.getByRole("button", { name: /^Purge/ }).first().click();
    await speed(page).selectOption("10");
    await events(page).getByText(/Edge Seoul purged of \d+ files?/).first().waitFor();
    await page.getByRole("button", { name: "Kill", exact: true }).click();
    await events(page).getByText(/Edge Seoul.*routes lead past it/).first().waitFor();
  });
});

test("chapter 5 is played by keyboard: the primary dies, and who is promoted is told", async () => {
  await visit("#chapter/5", async (page) => {
    await card(page, "Database 1").getByText("primary").waitFor();
    await speed(page).selectOption("10");
    await card(page, "Database 1").focus();
    await page.keyboard.press("Enter");
    await page.keyboard.press("k");
    await events(page).getByText(/Database \d promoted: it is the primary/).first().waitFor();
    await page.locator(".card:not(.down)", { hasText: "Database" }).getByText("primary").waitFor();
  });
});

test("a user's shard is told, and rows move to a shard that is added", async () => {
  await visit("#chapter/12", async (page) => {
    await card(page, "Databases").getByText(/4 shards/).waitFor();
    await card(page, "Databases").click();
    const user = page.getByLabel("User", { exact: true });
    await user.fill("4711");
    const found = page.locator("#shard-found");
    await found.getByText(/^shard [1-4]$/).waitFor();
    await user.fill("nobody");
    await found.getByText("A whole number, please.").waitFor();
    assert.match(await now(page, "shard 4").innerText(), /^\d+% of rows, \d+% full, .*% busy$/);
    await page.getByRole("button", { name: "Add a shard" }).click();
    await speed(page).selectOption("10");
    await events(page).getByText(/rows begin to move to other shards/).first().waitFor();
    await events(page).getByText(/rows have moved after \d+ seconds?; callers know/).first().waitFor();
    await page.getByLabel("Shards", { exact: true }).waitFor();
    assert.equal(await page.getByLabel("Shards", { exact: true }).inputValue(), "5");
  });
});
