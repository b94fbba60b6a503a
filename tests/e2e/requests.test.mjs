// Single requests on the built page: the next one is followed, those of the last minute are looked at, and what was seen is
// taken along.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { site } from "./site.mjs";

const { visit } = site();

const requests = (page) => page.getByRole("region", { name: "Requests" });
const waterfall = (page) => requests(page).locator(".traced .waterfall");
const nowMs = (page) => page.evaluate(() => Number(document.querySelector(".clock").dataset.nowMs));
const speed = (page, factor) => page.getByRole("combobox", { name: /^Speed/ }).selectOption(factor);

test("the next request of a class is followed to its end, without a change of what is played", async () => {
  await visit("#chapter/4", async (page) => {
    await page.getByRole("button", { name: "Pause" }).click();
    const before = await nowMs(page);
    await requests(page).getByLabel("Class of requests").selectOption("write");
    await requests(page).getByRole("button", { name: "Follow the next" }).click();
    await waterfall(page).waitFor();
    assert.match(await waterfall(page).locator("summary").innerText(), /request \d+, write, /);
    const legs = await waterfall(page).locator("li").allInnerTexts();
    for (const [what, pattern] of [["the web server", /Web \d: works/], ["the database", /Database.*: works/], ["the way back", /→ .*: the answer/]]) {
      assert.ok(legs.some((leg) => pattern.test(leg)), `${what} is missing: ${legs.join(" | ")}`);
    }
    assert.match(await waterfall(page).locator(".shares").innerText(), /network .*service /);
    assert.equal(await nowMs(page), before, "time stands still meanwhile");
    await requests(page).getByRole("button", { name: "Close" }).click();
    assert.equal(await waterfall(page).count(), 0);
  });
});

test("the slowest of the last minute are told, and what one of them did when", async () => {
  await visit("#chapter/4", async (page) => {
    await speed(page, "10");
    await page.waitForFunction(() => Number(document.querySelector(".clock").dataset.nowMs) > 20_000);
    await page.getByRole("button", { name: "Pause" }).click();
    await requests(page).getByText("Slowest of the last minute").click();
    const lines = requests(page).locator("details").filter({ hasText: "Slowest" }).locator("li button");
    const times = (await lines.locator("i").allInnerTexts()).map((text) => parseFloat(text.replace(",", "")));
    assert.ok(times.length >= 4, `${times.length} requests`);
    assert.deepEqual(times, times.toSorted((a, b) => b - a), "the slowest first");
    const took = await lines.first().locator("i").innerText();
    await lines.first().click();
    await waterfall(page).waitFor();
    // It is simulated once more, and does the same again.
    assert.ok((await waterfall(page).locator("summary").innerText()).includes(took), took);
  });
});

test("a request that failed is told with its cause; its spans are OpenTelemetry's", async () => {
  await visit("#chapter/4", async (page) => {
    await page.locator(".card[data-target]").filter({ hasText: "Database" }).first().dblclick();
    await speed(page, "10");
    await requests(page).getByText("Failed in the last minute").waitFor();
    await requests(page).getByText("Failed in the last minute").click();
    await requests(page).locator("details").filter({ hasText: "Failed" }).locator("li button").first().click();
    await waterfall(page).waitFor();
    const title = await waterfall(page).locator("summary").innerText();
    const [download] = await Promise.all([
      page.waitForEvent("download"),
      requests(page).getByRole("button", { name: "OpenTelemetry" }).click(),
    ]);
    const { resourceSpans } = JSON.parse(await readFile(await download.path(), "utf8"));
    const spans = resourceSpans.flatMap((own) => own.scopeSpans.flatMap((scope) => scope.spans));
    const [root, ...others] = spans.filter((span) => !span.parentSpanId);
    assert.equal(others.length, 0, "one root");
    assert.equal(root.status.code, 2);
    assert.equal(Number(title.match(/request ([\d,]+)/)[1].replaceAll(",", "")), parseInt(root.traceId, 16));
    const attempts = spans.filter((span) => span.parentSpanId === root.spanId);
    assert.ok(attempts.length > 0 && attempts.every((span) => span.name.startsWith("attempt ")), "attempts are spans");
    const ids = new Set(spans.map((span) => span.spanId));
    for (const span of spans) {
      assert.match(span.spanId, /^[0-9a-f]{16}$/);
      assert.equal(span.traceId, root.traceId);
      assert.ok(BigInt(span.endTimeUnixNano) >= BigInt(span.startTimeUnixNano));
      if (span !== root) assert.ok(ids.has(span.parentSpanId), "it hangs on another span");
    }
    assert.equal(new Set(spans.map((span) => span.spanId)).size, spans.length);
  });
});

test("a request that is followed meets what is changed meanwhile", async () => {
  await visit("#chapter/2", async (page) => {
    await page.getByRole("button", { name: "Pause" }).click();
    await requests(page).getByRole("button", { name: "Follow the next" }).click();
    await waterfall(page).waitFor();
    assert.doesNotMatch(await waterfall(page).locator("summary").innerText(), /unreachable|refused|timed out/);
    // It is sent after this moment, to a server that is dead by then.
    await page.locator(".card[data-target]").filter({ hasText: "Web server" }).first().dblclick();
    await page.getByText(/followed anew/).waitFor();
    await waterfall(page).locator("summary").getByText(/unreachable|refused|timed out/).waitFor();
  });
});
