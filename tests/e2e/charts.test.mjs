// The charts on the built page: read together, looked at more closely, and taken along.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { site } from "./site.mjs";

const { visit } = site();

const charts = (page) => page.getByRole("region", { name: "Course of the run" });
const chart = (page, nth) => charts(page).getByRole("slider").nth(nth);
const tools = (page) => charts(page).getByRole("group", { name: "Charts" });
const clock = (page) => page.getByLabel("Simulated time");

/// Where a chart is, once it is where a pointer can be.
async function inSight(own) {
  await own.scrollIntoViewIfNeeded();
  return own.boundingBox();
}

/// Plays to ten seconds or more, and stands still there.
async function played(page) {
  await page.getByRole("combobox", { name: /^Speed/ }).selectOption("10");
  await page.waitForFunction(() => Number(document.querySelector(".clock").dataset.nowMs) > 10_000);
  await page.getByRole("button", { name: "Pause" }).click();
  await page.getByRole("button", { name: "Play" }).waitFor();
}

test("a moment is read off all charts at once, by pointer and by keys", async () => {
  await visit("", async (page) => {
    await played(page);
    const box = await inSight(chart(page, 0));
    await page.mouse.move(box.x + box.width / 3, box.y + box.height / 2);
    const captions = charts(page).locator("figcaption i");
    const at = (await captions.first().innerText()).split(" at ")[1];
    assert.ok(at, "the moment is named");
    for (const text of await captions.allInnerTexts()) assert.equal(text.split(" at ")[1], at);
    await page.mouse.move(0, 0);
    await chart(page, 1).focus();
    await page.keyboard.press("Home");
    const first = await chart(page, 1).getAttribute("aria-valuetext");
    await page.keyboard.press("ArrowRight");
    await page.keyboard.press("ArrowRight");
    const third = await chart(page, 1).getAttribute("aria-valuetext");
    assert.notEqual(first, third);
    const when = third.split(": ")[0];
    assert.equal((await chart(page, 3).getAttribute("aria-valuetext")).split(": ")[0], when, "the others follow");
    await page.keyboard.press("Enter");
    await clock(page).getByText(when, { exact: true }).waitFor();
  });
});

test("a stretch that is drawn over is seen closer in all charts, and the whole run comes back", async () => {
  await visit("", async (page) => {
    await played(page);
    const before = await clock(page).innerText();
    const box = await inSight(chart(page, 0));
    const end = Number(await chart(page, 0).getAttribute("aria-valuemax"));
    await page.mouse.move(box.x + box.width * 0.25, box.y + 40);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width * 0.4, box.y + 40);
    await page.mouse.move(box.x + box.width * 0.5, box.y + 40);
    await page.mouse.up();
    for (const nth of [0, 3]) {
      const near = (name, share) => async () => {
        const value = Number(await chart(page, nth).getAttribute(name));
        assert.ok(Math.abs(value - share * end) < 0.02 * end, `chart ${nth}: ${name} is ${value} of ${end}`);
      };
      await near("aria-valuemin", 0.25)();
      await near("aria-valuemax", 0.5)();
    }
    assert.equal(await clock(page).innerText(), before, "nobody is taken anywhere");
    await tools(page).getByRole("button", { name: "Look closer" }).click();
    const closer = Number(await chart(page, 2).getAttribute("aria-valuemax")) - Number(await chart(page, 2).getAttribute("aria-valuemin"));
    assert.ok(Math.abs(closer - 0.125 * end) < 0.02 * end, `${closer} of ${end}`);
    await tools(page).getByRole("button", { name: "Whole run" }).click();
    assert.equal(Number(await chart(page, 0).getAttribute("aria-valuemax")), end);
    // A mere click goes there.
    await chart(page, 0).click({ position: { x: box.width * 0.25, y: 40 } });
    await page.waitForFunction((at) => Math.abs(Number(document.querySelector(".clock").dataset.nowMs) - at) < 300, end * 0.25);
  });
});

test("the series can be taken along as a table, the charts as a picture", async () => {
  await visit("", async (page) => {
    await played(page);
    const take = async (name) => {
      const [download] = await Promise.all([page.waitForEvent("download"), tools(page).getByRole("button", { name }).click()]);
      return { name: download.suggestedFilename(), content: await readFile(await download.path()) };
    };
    const table = await take("CSV");
    assert.equal(table.name, "zero-to-millions.csv");
    const [head, ...rows] = table.content.toString().trimEnd().split("\r\n");
    assert.match(head, /^until \(ms\),"Answered: answered \(\/s\)","Latency: p50 \(ms\)"/);
    assert.ok(rows.length > 10, `${rows.length} rows`);
    for (const row of rows) assert.equal(row.split(",").length, head.split(",").length, row);
    const column = head.split(",").indexOf('"Latency: p50 (ms)"');
    const newest = (await chart(page, 1).getAttribute("aria-valuetext")).match(/p50 ([\d.,]+)/)[1];
    const kept = Number(rows.at(-1).split(",")[column]);
    assert.ok(Math.abs(Number(newest.replace(",", "")) - kept) <= 0.02 * kept + 0.5, `${newest} on the page, ${kept} in the table`);
    const picture = await take("PNG");
    assert.equal(picture.name, "zero-to-millions.png");
    assert.equal(picture.content.subarray(1, 4).toString(), "PNG");
    assert.ok(picture.content.length > 20_000, `${picture.content.length} bytes`);
  });
});

test("what happened is marked on the time axes, with its name and a legend", async () => {
  await visit("#chapter/4", async (page) => {
    await page.locator(".card[data-target]").filter({ hasText: "Web" }).first().dblclick();
    await played(page);
    const legend = tools(page).locator(".marks");
    await legend.getByText("fault", { exact: true }).waitFor();
    assert.equal(await legend.getByText("deployment", { exact: true }).count(), 0, "what did not happen is not explained");
    // The moment of the fault, as the log has it, is read off a chart.
    const fault = page.getByRole("region", { name: "Events" }).locator("li.fault button").last();
    const when = (await fault.locator("time").innerText()).split(":").map(Number);
    const at = 1000 * when.reduce((sum, part) => 60 * sum + part);
    const box = await inSight(chart(page, 0));
    const end = Number(await chart(page, 0).getAttribute("aria-valuemax"));
    await page.mouse.move(box.x + (box.width * at) / end, box.y + box.height / 2);
    await tools(page).getByText(/fault: .*killed with/).waitFor();
    assert.match(await chart(page, 2).getAttribute("aria-valuetext"), /; .*fault: .*killed with/);
    await fault.click();
    const bar = page.getByRole("slider", { name: "Moment" });
    await page.waitForFunction(
      () => /fault: .*killed/.test(document.querySelector(".scrub input").getAttribute("aria-valuetext")));
    assert.match(await bar.getAttribute("aria-valuetext"), /^\d+:\d\d\.\d{3}, .*fault: /);
  });
});
