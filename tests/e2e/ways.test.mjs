// Ways through the page: to what comes next, by keyboard, and in windows of the sizes that people have.

import assert from "node:assert/strict";
import { test } from "node:test";
import { events, site } from "./site.mjs";

const { visit } = site();

test("after a kill in slow motion the page says when something comes of it, and goes there", async () => {
  await visit("#chapter/4", async (page) => {
    await page.getByRole("combobox", { name: /^Speed/ }).selectOption("0.01");
    await page.locator(".card", { hasText: "Web 2" }).dblclick();
    await page.getByText(/At 1\/100× the first consequence comes in .* minutes/).waitFor();
    await page.getByRole("button", { name: "Jump to it" }).click();
    await events(page).getByText(/Web 2.*taken out by Balancer 1 after \d+ failed probes/).first().waitFor();
    await page.getByText(/first consequence/).waitFor({ state: "detached" });
  });
});

test("who runs an experiment by keyboard is led to what came out", async () => {
  await visit("#claim/lb.even", async (page) => {
    await page.getByRole("button", { name: "One request at most" }).press("Enter");
    await page.locator(".findings").waitFor();
    await page.waitForFunction(() => document.activeElement?.id === "findings-title");
  });
});

test("the first link leads past the chapters", async () => {
  await visit("", async (page) => {
    await page.keyboard.press("Tab");
    assert.equal(await page.evaluate(() => document.activeElement.textContent), "Skip to the simulation");
    const before = page.url();
    await page.keyboard.press("Enter");
    assert.equal(await page.evaluate(() => document.activeElement.id), "simulation");
    assert.equal(page.url(), before);
  });
});

test("no card covers another in windows of usual sizes", async () => {
  for (const [width, height] of [[1280, 800], [1366, 768], [1024, 768]]) {
    for (const chapter of [3, 4, 5, 6, 7]) {
      await visit(`#chapter/${chapter}`, async (page) => {
        // Parts are on their way from the page's first structure to this one.
        await page.waitForTimeout(600);
        await page.locator(".surface:not(.morphing)").waitFor();
        const boxes = await page.locator(".card").evaluateAll((cards) =>
          cards.map((card) => ({ name: card.innerText.split("\n")[0], rect: card.getBoundingClientRect().toJSON() })),
        );
        assert.ok(boxes.length > 3);
        for (const [index, { name, rect }] of boxes.entries()) {
          for (const other of boxes.slice(index + 1)) {
            const apart =
              rect.right <= other.rect.left || other.rect.right <= rect.left ||
              rect.bottom <= other.rect.top || other.rect.bottom <= rect.top;
            assert.ok(apart, `${name} and ${other.name} of chapter ${chapter} at ${width} × ${height}`);
          }
        }
      }, { viewport: { width, height } });
    }
  }
});
