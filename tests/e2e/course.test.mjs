// The course on the built page: chapters are read and experiments carried out, by keyboard alone and by link.

import assert from "node:assert/strict";
import { test } from "node:test";
import { site } from "./site.mjs";

const { visit } = site();

const lesson = (page) => page.getByRole("complementary", { name: "Chapter", exact: true });
const title = (page) => lesson(page).getByRole("heading", { level: 1 });

/// Presses Tab (or another key) until what has the focus fits, as somebody without a mouse would.
async function tabTo(page, fits, what, key = "Tab") {
  for (let presses = 0; presses < 80; presses += 1) {
    await page.keyboard.press(key);
    const focused = await page.evaluate(() => {
      const element = document.activeElement;
      return {
        text: (element.getAttribute("aria-label") ?? element.textContent).trim(),
        path: element.getAttribute("href"),
        kind: element.tagName,
      };
    });
    if (fits(focused)) return focused;
  }
  throw new Error(`no way to ${what} by keyboard`);
}

/// The claims of the chapter that is shown, in their order.
const claims = (page) =>
  lesson(page)
    .locator(".experiments a")
    .evaluateAll((links) => links.map((link) => link.getAttribute("href")));

const CHAPTERS = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13];

test("chapters are read and every experiment is carried out by keyboard alone", async () => {
  await visit("", async (page) => {
    for (const chapter of CHAPTERS) {
      if (chapter > 1) {
        await tabTo(page, ({ path }) => path === `#chapter/${chapter}`, `chapter ${chapter}`);
        await page.keyboard.press("Enter");
      }
      await lesson(page).getByText(`Chapter ${chapter}`, { exact: true }).waitFor();
      assert.ok((await lesson(page).getByRole("heading", { level: 2 }).count()) >= 8, "the chapter is whole");
      const chapterTitle = await title(page).innerText();
      for (const claim of await claims(page)) {
        await tabTo(page, ({ path }) => path === claim, claim);
        await page.keyboard.press("Enter");
        await lesson(page).getByText("What do you expect?").waitFor();
        await tabTo(page, ({ kind }) => kind === "BUTTON", "an answer");
        await page.keyboard.press("Enter");
        // The longest simulates both ends of every rung of the ladder.
        await lesson(page).getByText(/^✓ holds, (as|not as) you predicted$/).waitFor({ timeout: 240_000 });
        assert.equal(await lesson(page).locator(".findings > .fails").count(), 0, claim);
        await tabTo(page, ({ text }) => text.startsWith("← Chapter"), "the chapter", "Shift+Tab");
        await page.keyboard.press("Enter");
        await lesson(page).getByText(`Chapter ${chapter}`, { exact: true }).waitFor();
        assert.equal(await title(page).innerText(), chapterTitle);
      }
      assert.equal(await lesson(page).locator(".experiments .verdict").count(), (await claims(page)).length);
    }
  });
});

/// The experiment of this claim is shown, with its first run in the diagram, and its second one on a click.
async function showsItsRuns(page, claim) {
  const runs = lesson(page).locator(".runs a");
  await lesson(page).locator(`.runs li:first-child a[href="${claim}"][aria-current="page"]`).waitFor();
  await lesson(page).getByText("What do you expect?").waitFor();
  if ((await runs.count()) > 1) {
    await runs.nth(1).click();
    await page.locator('.runs li:nth-child(2) a[aria-current="page"]').waitFor();
    assert.equal(await page.evaluate(() => location.hash), `${claim}/2`);
  }
}

test("every experiment opens from its link, with its run in the diagram", async () => {
  let all = 0;
  for (const chapter of CHAPTERS) {
    let own = [];
    await visit(`#chapter/${chapter}`, async (page) => {
      await lesson(page).getByText(`Chapter ${chapter}`, { exact: true }).waitFor();
      own = await claims(page);
      for (const claim of own) {
        await page.evaluate((fragment) => (location.hash = fragment), claim);
        await showsItsRuns(page, claim);
      }
    });
    // The same for who comes from elsewhere.
    await visit(own.at(-1), (page) => showsItsRuns(page, own.at(-1)));
    all += own.length;
  }
  assert.equal(all, 104);
});

test("an experiment shows what it measured, why, and requests that were followed", async () => {
  await visit("#claim/single.dns", async (page) => {
    await lesson(page).getByRole("button", { name: "Run it without a prediction" }).click();
    await lesson(page).getByText("✓ holds", { exact: true }).waitFor();
    const name = lesson(page).locator(".findings > li", { hasText: "until the first request has the address" });
    assert.match(await name.innerText(), /31 ms/);
    await name.getByText("Why this is expected").click();
    await name.getByText("arithmetic: to the resolver and back").waitFor();
    const legs = lesson(page).locator(".waterfall[open] li");
    assert.match(await legs.first().innerText(), /asks for the address/);
    assert.ok((await legs.count()) > 8, "the first request has many legs");
    assert.match(await lesson(page).locator(".findings > li").first().innerText(), /yes\s+expected yes/);
    await lesson(page).getByRole("button", { name: /^all, 0:00 to 3:00$/ }).click();
    await page.getByRole("button", { name: "Pause" }).waitFor();
  });
});

test("a figure in a text leads to the experiment that measured it, and back", async () => {
  await visit("#chapter/1", async (page) => {
    const before = await title(page).innerText();
    await lesson(page).locator(".measured").first().click();
    await lesson(page).getByText("What do you expect?").waitFor();
    await page.goBack();
    await title(page).getByText(before, { exact: true }).waitFor();
  });
});

test("an unknown claim or chapter names the nearest, beside a working page", async () => {
  for (const [fragment, nearest] of [
    ["#claim/lb.evn", "lb.even"],
    ["#chapter/load-balancr", "load-balancer"],
    ["#claim/lb.even/9", "has the runs 1 to"],
  ]) {
    await visit(fragment, async (page) => {
      await page.getByRole("alert").getByText(nearest).waitFor();
      await lesson(page).getByText("Chapter 1", { exact: true }).waitFor();
    });
  }
});

test("the glossary finds a term by the word that it had before", async () => {
  await visit("#chapter/5", async (page) => {
    await lesson(page).getByText("Glossary", { exact: true }).click();
    await lesson(page).getByRole("textbox", { name: /^Look a word up/ }).fill("Master");
    const terms = lesson(page).locator(".glossary dt");
    await terms.filter({ hasText: "primary" }).waitFor();
    assert.equal(await terms.count(), 1);
  });
});
