// The twin on the built page: another system simulated beside the one that is shown, and how the two compare.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { card, site, speed, violations } from "./site.mjs";

const { visit } = site();

const comparison = (page) => page.getByRole("region", { name: "Comparison" });
const choice = (page) => comparison(page).getByRole("combobox", { name: "Compare with" });
const button = (page, name) => comparison(page).getByRole("button", { name });
const row = (page, name) => comparison(page).getByRole("row", { name });
const charts = (page) => page.getByRole("region", { name: "Course of the run" });

/// Both are simulated until something can be told.
async function ahead(page) {
  for (let i = 0; i < 4; i += 1) {
    await button(page, /^Run .* ahead$/).click();
    await page.waitForFunction(() => !document.querySelector(".clock small"));
    const table = comparison(page).getByRole("table");
    if (await table.waitFor({ timeout: 3000 }).then(() => true, () => false)) return;
  }
  assert.fail(`nothing is told: ${await comparison(page).innerText()}`);
}

async function setServers(page, number) {
  await card(page, "Web 1").click();
  const instances = page.getByRole("textbox", { name: "Instances" });
  await instances.fill(String(number));
  await instances.press("Enter");
}

test("a change is compared with what would have been, on the same requests, and undone it is exactly the same", async () => {
  await visit("#chapter/4", async (page) => {
    await card(page, "Web 2").waitFor();
    await page.getByRole("button", { name: "Pause" }).click();
    await choice(page).selectOption("this system as it is now");
    await comparison(page).getByText("No difference can be told yet").waitFor();
    await setServers(page, 4);
    await ahead(page);
    await comparison(page).getByText(/Both got the same [\d,]+ requests/).waitFor();
    assert.match(await row(page, /^cost/).innerText(), /\+\$[\d.,]+\s*worse/);
    assert.match(await row(page, /^failed/).innerText(), /exactly the same/);
    // The thin line is in the charts, with its values in the legend and in what is spoken.
    await charts(page).getByText("thin and dashed: the twin").waitFor();
    const latency = charts(page).getByRole("slider", { name: /^Latency/ });
    assert.match(await latency.getAttribute("aria-valuetext"), /p99 [\d,.k]+, the twin [\d,.k]+/);
    await page.getByRole("button", { name: "Undo" }).click();
    await row(page, /^cost/).getByText("exactly the same").waitFor();
    for (const name of [/^p50/, /^p99/, /^failed/, /^answered/]) {
      assert.match(await row(page, name).innerText(), /exactly the same/);
    }
  });
});

test("another stage is simulated beside, under the same load, until it is ended", async () => {
  await visit("#chapter/4", async (page) => {
    await card(page, "Web 2").waitFor();
    await choice(page).selectOption("2 Separate database");
    await ahead(page);
    await comparison(page).getByRole("columnheader", { name: "separate database" }).waitFor();
    await comparison(page).getByText(/Both got the same [\d,]+ requests/).waitFor();
    assert.match(await row(page, /^p99/).innerText(), /±/);
    const [download] = await Promise.all([
      page.waitForEvent("download"),
      charts(page).getByRole("button", { name: "CSV" }).click(),
    ]);
    const [head, ...lines] = (await readFile(await download.path(), "utf8")).split("\r\n");
    const column = head.split(",").indexOf('"Latency: p99 of the twin (ms)"');
    assert.ok(column > 0, head);
    assert.ok(lines.filter((line) => Number(line.split(",")[column]) > 0).length > 10, "the twin's curve goes along");
    await button(page, "Count anew").click();
    await comparison(page).getByText("No difference can be told yet").waitFor();
    await button(page, "End").click();
    await button(page, "End").waitFor({ state: "detached" });
    assert.equal(await choice(page).inputValue(), "none");
    assert.equal(await charts(page).getByText("thin and dashed").count(), 0);
  });
});

test("time goes back and on with both, and where the machine is too slow for two that is said", async () => {
  await visit("#chapter/4", async (page) => {
    await card(page, "Web 2").waitFor();
    await choice(page).selectOption("1 Single server");
    await ahead(page);
    const told = await comparison(page).getByRole("table").innerText();
    const bar = page.getByRole("slider", { name: "Moment" });
    const end = await bar.inputValue();
    await page.getByRole("button", { name: "Pause" }).click();
    await bar.fill("10");
    await comparison(page).getByText(/^No difference can be told yet/).waitFor();
    await bar.fill(end);
    await comparison(page).getByRole("table").waitFor();
    assert.equal(told.split("\n")[0], (await comparison(page).getByRole("table").innerText()).split("\n")[0]);
    await speed(page).selectOption("1000");
    await page.getByRole("button", { name: "Play" }).click();
    await page.locator(".behind", { hasText: /with the twin/ }).waitFor();
  });
});

for (const colorScheme of ["light", "dark"]) {
  test(`no rule of axe-core is violated while two are compared: ${colorScheme}`, async () => {
    await visit(
      "#chapter/4",
      async (page) => {
        await choice(page).selectOption("1 Single server");
        await ahead(page);
        assert.deepEqual(await violations(page), []);
      },
      { colorScheme },
    );
  });
}

test("on a phone the comparison fits", async () => {
  await visit(
    "#chapter/4",
    async (page) => {
      await choice(page).selectOption("1 Single server");
      await ahead(page);
      const width = await page.evaluate(() => document.documentElement.scrollWidth);
      assert.ok(width <= 390, `the page is ${width} pixels wide`);
      const box = await comparison(page).getByRole("table").boundingBox();
      assert.ok(box.x >= 0 && box.x + box.width <= 390, `the table ends at ${box.x + box.width}`);
    },
    { viewport: { width: 390, height: 844 } },
  );
});
