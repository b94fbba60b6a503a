// The page for everybody: no rule of axe-core is violated on any chapter, in either theme, while the simulation runs.

import assert from "node:assert/strict";
import { test } from "node:test";
import { site, violations } from "./site.mjs";

const { visit } = site();

for (const colorScheme of ["light", "dark"]) {
  test(`no rule is violated on any chapter, nor with a dead part selected, nor after an experiment: ${colorScheme}`, async () => {
    await visit("", async (page) => {
      const chapters = page.getByRole("navigation", { name: "Chapters" }).getByRole("listitem").getByRole("link");
      assert.equal(await chapters.count(), 13);
      for (let index = 0; index < (await chapters.count()); index += 1) {
        const number = (await chapters.nth(index).innerText()).trim();
        await chapters.nth(index).click();
        await page.getByText(`Chapter ${number}`, { exact: true }).waitFor();
        const part = page.locator(".card[data-target]").last();
        await part.dblclick();
        await page.locator(".card.down").first().waitFor();
        for (const toggle of await page.locator(".help-toggle").all()) await toggle.click();
        assert.deepEqual(await violations(page), [], `chapter ${number}`);
      }
      await page.getByRole("link", { name: /^The ladder:/ }).click();
      await page.getByRole("region", { name: "Users by stage" }).waitFor();
      assert.deepEqual(await violations(page), [], "the ladder");
      await page.goBack();
      await page.locator(".experiments a").first().click();
      await page.getByRole("button", { name: "Run it without a prediction" }).click();
      await page.locator(".experiment .verdict").waitFor();
      assert.deepEqual(await violations(page), [], "an experiment");
    }, { colorScheme });
  });
}
