// The ladder on the built page: reached from everywhere, read on phones, and each rung opens its stage at its load.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { site } from "./site.mjs";

const { visit } = site();

const RUNGS = JSON.parse(await readFile(new URL("../../src/course/ladder.json", import.meta.url), "utf8"));
const chart = (page) => page.getByRole("region", { name: "Users by stage" });
const grouped = (number) => String(number).replace(/\B(?=(\d{3})+$)/g, ",");

test("each rung of the ladder is a link, by keyboard too, that opens its stage with its users", async () => {
  await visit("", async (page) => {
    await page.getByRole("link", { name: /^The ladder:/ }).press("Enter");
    const links = chart(page).locator("ol a");
    await links.first().waitFor();
    assert.deepEqual(
      await links.evaluateAll((all) => all.map((link) => link.getAttribute("href"))),
      RUNGS.map((rung) => `#rung/${rung.stage}`),
    );
    // Longer where more users are served, and never shorter than the one before.
    const lengths = await links.locator("rect").evaluateAll((all) => all.map((bar) => Number(bar.getAttribute("width"))));
    assert.deepEqual(lengths, lengths.toSorted((a, b) => a - b));
    const rung = RUNGS.find((own) => own.stage === "load-balancer");
    const link = chart(page).getByRole("link", { name: new RegExp(`: ${grouped(rung.users)} users; breaks first: `) });
    await link.focus();
    await page.keyboard.press("Enter");
    await page.waitForURL(/#rung\/load-balancer$/);
    await page.locator(".dial output").getByText(grouped(rung.users), { exact: true }).waitFor();
  });
});

test("charts are called what they show, whichever system comes after another", async () => {
  await visit("#chapter/10", async (page) => {
    await page.getByText("Chapter 10", { exact: true }).waitFor();
    await page.getByRole("link", { name: /^The ladder:/ }).click();
    await chart(page).waitFor();
    const figures = page.getByRole("region", { name: "Course of the run" }).locator("figure");
    for (const figure of await figures.all()) {
      const title = await figure.getByRole("combobox").inputValue();
      assert.ok((await figure.getByRole("slider").getAttribute("aria-label")).startsWith(`${title} in `), title);
    }
  });
});

test("on a phone the ladder fits", async () => {
  await visit(
    "#claim/all.ladder",
    async (page) => {
      await chart(page).waitFor();
      const width = await page.evaluate(() => document.documentElement.scrollWidth);
      assert.ok(width <= 390, `the page is ${width} pixels wide`);
      for (const [index, box] of (await chart(page).locator("ol a").evaluateAll((all) =>
        all.map((link) => ({ needs: link.scrollWidth, has: link.clientWidth })),
      )).entries()) {
        assert.ok(box.needs <= box.has, `rung ${index} is cut off`);
      }
    },
    { viewport: { width: 390, height: 844 } },
  );
});
