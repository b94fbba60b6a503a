// Logs, metrics and alert rules on the built page: what those who run a system can know of it, and the rules by which they
// are called.

import assert from "node:assert/strict";
import { test } from "node:test";
import { events, site, speed, violations } from "./site.mjs";

const { visit } = site();

const view = (page) => page.getByRole("region", { name: "Logs and metrics", exact: true });
const lines = (page) => view(page).getByRole("list", { name: "Lines, newest first" });
const nowMs = (page) => page.evaluate(() => Number(document.querySelector(".clock").dataset.nowMs));
const told = (page) => view(page).getByRole("status");

/// Opens a part of the view.
async function opened(page, tab) {
  await page.getByRole("button", { name: "Logs and metrics", exact: true }).click();
  await view(page).getByRole("tab", { name: tab }).click();
}

/// Plays to so many milliseconds, and stands still there.
async function played(page, ms) {
  await speed(page).selectOption("10");
  await page.waitForFunction((ms) => Number(document.querySelector(".clock").dataset.nowMs) > ms, ms);
  await page.getByRole("button", { name: "Pause" }).click();
}

const count = async (page) => Number((await told(page).innerText()).match(/^[\d,]+/)[0].replaceAll(",", ""));

/// The same once it is another number than before.
async function counted(page, before) {
  await page.waitForFunction(
    (before) => document.querySelector(".telemetry .found [role=status]")?.textContent !== before, before);
  return count(page);
}

test("lines are searched by words and by what they tell, and lead to their moment", async () => {
  await visit("#chapter/11", async (page) => {
    await played(page, 20_000);
    await opened(page, "Logs");
    await told(page).getByText(/^[1-9][\d,]* lines$/).waitFor();
    const all = await count(page);
    let before = await told(page).innerText();
    await view(page).getByLabel("About which server").selectOption("database.1");
    const about = await counted(page, before);
    assert.ok(about > 0 && about < all, `${about} of ${all}`);
    for (const line of await lines(page).getByRole("listitem").allInnerTexts()) assert.match(line, /database\.1/);
    before = await told(page).innerText();
    await view(page).getByLabel("Words that the lines have").fill("node:web CLASS=write");
    const both = await counted(page, before);
    assert.ok(both > 0 && both < about, `${both} of ${about}`);
    for (const line of await lines(page).getByRole("listitem").allInnerTexts()) assert.match(line, /web\.\d+ .*class=write/);
    const first = lines(page).getByRole("listitem").last().getByRole("button");
    const when = await first.innerText();
    await first.click();
    await page.getByLabel("Simulated time").getByText(when, { exact: true }).waitFor();
  });
});

test("lines can be held still, and those that came since are counted", async () => {
  await visit("#chapter/11", async (page) => {
    await played(page, 12_000);
    await opened(page, "Logs");
    await told(page).getByText(/lines$/).waitFor();
    await view(page).getByRole("button", { name: "Hold still" }).click();
    await told(page).getByText(/ up to /).waitFor();
    const held = await count(page);
    await page.getByRole("button", { name: "Play" }).click();
    await view(page).getByRole("button", { name: /^Show the [1-9][\d,]* that came since$/ }).click();
    await told(page).getByText(/lines$/).waitFor();
    assert.ok((await count(page)) > held, "then they are shown");
  });
});

test("what a dead server had not sent on is said to be with it", async () => {
  await visit("#chapter/11", async (page) => {
    await played(page, 22_600);
    await page.locator(".card[data-target]").filter({ hasText: "Web servers" }).first().click();
    await page.getByRole("combobox", { name: "Which instance" }).selectOption({ label: "Web 1" });
    await page.getByRole("button", { name: "Kill", exact: true }).click();
    await opened(page, "Logs");
    await view(page).getByText(/ is dead: [\d,]+ lines? that it had not sent on cannot be read until it is back\./).first().waitFor();
  });
});

test("metrics are those that were scraped: business, tiers and hosts", async () => {
  await visit("#chapter/11", async (page) => {
    await played(page, 26_000);
    await opened(page, "Metrics");
    await view(page).getByText(/^Scraped every 5 s, the last time /).waitFor();
    for (const name of [/^Revenue so far: \$[\d,]+/, /^99th percentile of Web servers: /, /^Errors of Databases: /, /^CPU of Web 1: \d/]) {
      await view(page).getByRole("img", { name }).first().waitFor();
    }
    const all = await view(page).getByRole("region", { name: "Metrics of hosts" }).getByRole("row").count();
    await view(page).getByLabel("Hosts of which tier").selectOption({ label: "Databases" });
    await view(page).getByRole("img", { name: /^CPU of Web 1/ }).waitFor({ state: "detached" });
    const some = await view(page).getByRole("region", { name: "Metrics of hosts" }).getByRole("row").count();
    assert.ok(some > 1 && some < all, `${some} of ${all} rows`);
    assert.deepEqual(await violations(page), []);
  });
});

test("rules come, change and go; what is wrong is said beside the field; undo takes it back", async () => {
  await visit("#chapter/11", async (page) => {
    await played(page, 12_000);
    await opened(page, "Alert rules");
    await view(page).getByLabel("Another rule").fill("Too Slow");
    await view(page).getByRole("button", { name: "Add the rule" }).click();
    await view(page).getByRole("alert").getByText(/lower-case letters/).waitFor();
    await view(page).getByLabel("Another rule").fill("always");
    await view(page).getByRole("button", { name: "Add the rule" }).click();
    const rule = view(page).getByRole("listitem").filter({ has: page.getByRole("heading", { name: "always", exact: true }) });
    await rule.waitFor();
    const bound = rule.getByLabel("Bound of “always”");
    await bound.fill("-5");
    await bound.press("Tab");
    await rule.getByRole("alert").getByText(/must be from 0/).waitFor();
    assert.equal(await bound.getAttribute("aria-invalid"), "true");
    // Whatever takes a millisecond fires it at the next scrape.
    await bound.fill("1 ms");
    await bound.press("Tab");
    await rule.getByRole("alert").waitFor({ state: "detached" });
    await page.getByRole("button", { name: "Play" }).click();
    await rule.getByText("firing", { exact: true }).waitFor();
    await events(page).getByText(/always fires/).waitFor();
    await page.getByRole("button", { name: "Pause" }).click();
    assert.deepEqual(await violations(page), []);
    await rule.getByRole("button", { name: "Remove “always”" }).click();
    await rule.waitFor({ state: "detached" });
    await page.getByRole("button", { name: "Undo" }).click();
    await rule.waitFor();
    // It goes by something else, with a bound that fits that.
    await rule.getByLabel("Value of “always”").selectOption("up");
    await page.waitForFunction(() => document.querySelector("[aria-label='Bound of “always”']").value === "100");
    // A rule that the pipeline goes back on is needed.
    await view(page).getByRole("button", { name: "Remove “web-slow”" }).click();
    await view(page).getByRole("alert").getByText(/turn_back_on/).waitFor();
  });
});

test("the parts are reached by keys, and a server's lines from its own panel", async () => {
  await visit("#chapter/11", async (page) => {
    await played(page, 12_000);
    const button = page.getByRole("button", { name: "Logs and metrics", exact: true });
    await button.focus();
    await page.keyboard.press("Enter");
    assert.equal(await button.getAttribute("aria-expanded"), "true");
    await page.keyboard.press("Tab");
    await page.keyboard.press("ArrowRight");
    await page.keyboard.press("ArrowRight");
    assert.equal(await page.evaluate(() => document.activeElement.textContent), "Alert rules");
    await page.keyboard.press("ArrowRight");
    assert.equal(await view(page).getByRole("tab", { name: "Logs" }).getAttribute("aria-selected"), "true");
    await button.click();
    assert.equal(await view(page).getByRole("tab").count(), 0, "what is not seen is not there");
  });
});

test("where nobody runs a system, what is missing is said, and the simulation's own log offered", async () => {
  await visit("#chapter/3", async (page) => {
    await page.locator(".card[data-target]").filter({ hasText: "Web" }).first().dblclick();
    await opened(page, "Logs");
    await view(page).getByText(/write no lines that anybody could search/).waitFor();
    const list = view(page).getByRole("list", { name: "Events, newest first" });
    await list.getByText(/killed with/).first().waitFor();
    await view(page).getByLabel("Kind of event").selectOption("fault");
    await view(page).getByLabel("Words that the events have").fill("KILLED web");
    assert.ok((await list.getByRole("listitem").count()) > 0);
    await view(page).getByLabel("Words that the events have").fill("no such thing");
    await told(page).getByText(/^0 of \d+ events$/).waitFor();
    await view(page).getByRole("tab", { name: "Metrics" }).click();
    await view(page).getByText(/Nobody scrapes this system/).waitFor();
    await view(page).getByRole("tab", { name: "Alert rules" }).click();
    await view(page).getByText(/nobody scrapes this system/).waitFor();
    await view(page).getByRole("link", { name: "Chapter 11 adds that." }).waitFor();
    assert.ok((await nowMs(page)) > 0);
  });
});
