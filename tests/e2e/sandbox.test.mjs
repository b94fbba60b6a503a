// A visitor builds a system: through visible roles and names, by keyboard, and without losing any of it.

import assert from "node:assert/strict";
import { test } from "node:test";
import { card, site } from "./site.mjs";

const here = site();

const inspector = (page) => page.locator("section.inspector");
const button = (page, name) => inspector(page).getByRole("button", { name, exact: true });
const slot = (page, name) => inspector(page).getByRole("combobox", { name, exact: true });
const banner = (page, text) => page.locator(".banner", { hasText: text });
const moment = (page) => page.locator("[data-now-ms]").first().evaluate((own) => Number(own.dataset.nowMs));

/// Opens the place where things are edited.
async function bench(page) {
  const own = inspector(page).locator("details.workshop");
  if (!(await own.evaluate((details) => details.open))) await own.locator("summary").click();
}

async function select(page, name) {
  await card(page, name).first().click();
  await bench(page);
}

async function whole(page) {
  const close = page.getByRole("button", { name: "Show the whole system" });
  if (await close.count()) await close.click();
  await bench(page);
}

test("a cache is added, connected and used, and undo brings the former run back", async () => {
  await here.visit("", async (page) => {
    await page.waitForTimeout(1500);
    await whole(page);
    await button(page, "+ Cache").click();
    await banner(page, "built anew").waitFor();
    await card(page, "Cache").waitFor();
    await page.getByRole("heading", { name: "Cache", exact: true }).waitFor();
    await select(page, "Web server");
    const cache = slot(page, "Asks the cache");
    await cache.waitFor();
    assert.deepEqual(await cache.getByRole("option").allTextContents(), ["nothing", "Cache"], "only what is there");
    await cache.selectOption({ label: "Cache" });
    await page.waitForTimeout(500);
    assert.equal(await slot(page, "Asks the cache").inputValue(), "cache");
    await card(page, "Cache").click();
    await inspector(page).getByText("hits", { exact: true }).first().waitFor();
    for (let i = 0; i < 2; i += 1) await page.getByRole("button", { name: "Undo" }).click();
    await card(page, "Cache").waitFor({ state: "detached" });
    await page.getByRole("button", { name: "Redo" }).click();
    await card(page, "Cache").waitFor();
  });
});

test("what others need stays and says why; names and copies", async () => {
  await here.visit("#chapter/4", async (page) => {
    await select(page, "Database");
    await inspector(page).getByRole("textbox", { name: "Name" }).fill("Orders");
    await button(page, "Rename").click();
    await banner(page, "built anew").waitFor();
    assert.equal(await inspector(page).getByRole("textbox", { name: "Name" }).inputValue(), "orders");
    await inspector(page).getByRole("textbox", { name: "Name" }).fill("<b>x</b>");
    await button(page, "Rename").click();
    await inspector(page).getByRole("alert").waitFor();
    await button(page, "Duplicate").click();
    await card(page, "Orders 2").waitFor();
    await button(page, "Remove").click();
    await card(page, "Orders 2").waitFor({ state: "detached" });
    await select(page, "Balancer");
    assert.ok(await button(page, "Remove").isDisabled());
    await inspector(page).getByText("still needed by “Users: entry”").waitFor();
  });
});

test("systems are saved under any name, opened, deleted and put back", async () => {
  await here.visit("", async (page) => {
    await whole(page);
    await button(page, "+ Web server").click();
    await card(page, "Web 2").waitFor();
    await whole(page);
    for (const name of ["<img src=x onerror=alert(1)>", "نظام كبير"]) {
      await inspector(page).getByRole("textbox", { name: "Save as" }).fill(name);
      await button(page, "Save").click();
      await button(page, name).waitFor();
    }
    assert.equal(await inspector(page).locator("img").count(), 0);
    await button(page, "Replace").waitFor();
    await page.reload();
    await page.getByRole("group", { name: "Time" }).waitFor();
    await whole(page);
    await button(page, "Delete “نظام كبير”").click();
    await button(page, "نظام كبير").waitFor({ state: "detached" });
    await button(page, "Put back").click();
    await button(page, "نظام كبير").click();
    await card(page, "Web 2").waitFor();
  });
});

test("opening a link loses nothing that was edited", async () => {
  await here.visit("", async (page) => {
    await whole(page);
    await button(page, "+ Database").click();
    await card(page, "Database 2").waitFor();
    await page.goto(page.url().split("#")[0] + "#chapter/4");
    await card(page, "Database 2").waitFor({ state: "detached" });
    await whole(page);
    await inspector(page).getByRole("button", { name: /^Unsaved work of \d{4}-/ }).first().click();
    await card(page, "Database 2").waitFor();
  });
});

test("all of it by keyboard", async () => {
  await here.visit("", async (page) => {
    await inspector(page).locator("summary", { hasText: "Build" }).focus();
    await page.keyboard.press("Enter");
    const add = button(page, "+ Load balancer");
    await add.focus();
    await page.keyboard.press("Enter");
    await card(page, "Balancer").waitFor();
    await whole(page);
    const entry = slot(page, "Clients send to");
    await entry.focus();
    await entry.selectOption({ label: "Balancer" });
    await page.waitForTimeout(300);
    assert.equal(await slot(page, "Clients send to").inputValue(), "balancer");
    await page.keyboard.press("Control+z");
    await page.waitForTimeout(500);
    assert.equal(await slot(page, "Clients send to").inputValue(), "web");
    assert.ok((await moment(page)) >= 0);
  });
});

test("where nothing can be stored the page says so and goes on", async () => {
  await here.visit("", async (page) => {
    await page.evaluate(() => {
      Storage.prototype.setItem = () => {
        throw new DOMException("full", "QuotaExceededError");
      };
    });
    await whole(page);
    await button(page, "+ Cache").click();
    await banner(page, "storage for this page is full").waitFor();
    await card(page, "Cache").waitFor();
    await page.getByRole("button", { name: "Share" }).click();
    await page.getByRole("dialog", { name: "Link to this moment" }).waitFor();
  });
});

test("a phone edits through the sheet of the part", async () => {
  await here.visit(
    "",
    async (page) => {
      await select(page, "Database");
      await button(page, "Duplicate").click();
      await card(page, "Database 2").waitFor();
      const width = await page.evaluate(() => document.documentElement.scrollWidth);
      assert.ok(width <= 390, `nothing is wider than the screen: ${width}`);
    },
    { viewport: { width: 390, height: 844 } },
  );
});

test("what a part is built with is set where it stands, and builds the system anew", async () => {
  await here.visit("#chapter/6", async (page) => {
    await card(page, "Cache 1").first().click();
    const strategy = page.getByLabel("Strategy", { exact: true });
    assert.equal(await strategy.inputValue(), "cache_aside");
    await page.waitForTimeout(1500);
    const before = await moment(page);
    assert.ok(before > 1, `${before} ms`);
    await strategy.selectOption({ label: "write-behind" });
    await banner(page, "built anew").waitFor();
    await page.getByLabel("Writes after", { exact: true }).waitFor();
    assert.equal(await page.getByLabel("Strategy", { exact: true }).inputValue(), "write_behind");
    await page.getByRole("button", { name: "Undo" }).click();
    await page.waitForFunction(() => document.querySelector("[id$=strategy]")?.value === "cache_aside");
    // Where something stands cannot be what the system does not know.
    await page.getByLabel("Place", { exact: true }).selectOption({ label: "Tokyo" });
    await banner(page, "built anew").waitFor();
  });
});
