// What is seen travels: the link has all of it, and files go out and come in.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { card, site, speed, violations } from "./site.mjs";

const { visit } = site();

const dialog = (page) => page.getByRole("dialog", { name: "Link to this moment" });
const digest = (page) => page.locator(".about").getAttribute("data-digest");
const clock = (page) => page.locator(".clock").getAttribute("data-now-ms");
const twin = (page) => page.getByRole("combobox", { name: "Compare with" });

async function share(page) {
  await page.getByRole("button", { name: "Share", exact: true }).click();
  const address = await dialog(page).getByRole("textbox", { name: "Link to this moment" }).inputValue();
  return address.slice(address.indexOf("#"));
}

async function stand(page, at_ms) {
  await page.waitForFunction((ms) => Number(document.querySelector(".clock").dataset.nowMs) >= ms, at_ms);
  await page.getByRole("button", { name: "Pause" }).click();
  await page.getByRole("button", { name: "Play" }).waitFor();
}

async function taken(page, name) {
  const [download] = await Promise.all([
    page.waitForEvent("download"),
    dialog(page).getByRole("button", { name }).click(),
  ]);
  return { name: download.suggestedFilename(), bytes: await readFile(await download.path()) };
}

/// Drops a file onto the page, as a hand would.
async function drop(page, name, bytes) {
  const data = await page.evaluateHandle(([name, bytes]) => {
    const transfer = new DataTransfer();
    transfer.items.add(new File([new Uint8Array(bytes)], name));
    return transfer;
  }, [name, [...bytes]]);
  await page.dispatchEvent("main", "drop", { dataTransfer: data });
}

test("a link has the moment, the speed, what is selected, the panel and the twin", async () => {
  let link;
  let seen;
  const state = async (page) => ({
    digest: await digest(page),
    now: await clock(page),
    speed: await speed(page).inputValue(),
    twin: await twin(page).inputValue(),
    chosen: await page.locator(".card.selected").getAttribute("data-target"),
  });
  await visit("#chapter/4", async (page) => {
    await card(page, "Web 2").click();
    await speed(page).selectOption("0.2");
    await twin(page).selectOption("2 Separate database");
    await page.getByRole("button", { name: "Logs and metrics" }).click();
    await page.getByRole("tab", { name: "Alert rules" }).click();
    await stand(page, 5200);
    link = await share(page);
    assert.ok(link.length < 300, `${link.length} characters`);
    seen = await state(page);
    assert.equal(await page.evaluate(() => location.hash), link, "the address is the link");
    assert.deepEqual(await violations(page), []);
  });
  await visit(link, async (page) => {
    await page.getByText("Verified: this is exactly what was shared.").waitFor();
    assert.deepEqual(await state(page), seen);
    assert.equal(await page.getByRole("tab", { name: "Alert rules" }).getAttribute("aria-selected"), "true");
  });
});

test("a scenario goes out as a file and comes in again; a picture is refused and the work goes on", async () => {
  let file;
  let before;
  await visit("#chapter/6", async (page) => {
    await stand(page, 5100);
    await share(page);
    file = await taken(page, "Scenario (JSON)");
    assert.equal(JSON.parse(file.bytes).version, 1);
    const report = (await taken(page, "Report (Markdown)")).bytes.toString();
    before = await digest(page);
    assert.match(report, new RegExp(`digest \`${before}\``));
    assert.match(report, /\[See this run\]\(http.*#2\./);
  });
  await visit("#chapter/1", async (page) => {
    await stand(page, 5010);
    const own = await digest(page);
    await drop(page, "photo.png", [0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10, 0, 0]);
    await page.getByText("photo.png: is no scenario").waitFor();
    const future = file.bytes.toString().replace('"version": 1', '"version": 9, "warp": true');
    await drop(page, "future.json", Buffer.from(future));
    await page.getByText(/future\.json: version: this program reads version 1, the scenario says 9/).waitFor();
    assert.equal(await digest(page), own, "what was there is still there");
    await drop(page, "mine.json", file.bytes);
    await page.getByText("Opened mine.json.").waitFor();
    await card(page, "Cache 1").waitFor();
    await share(page);
    const again = await taken(page, "Scenario (JSON)");
    assert.equal(again.bytes.toString(), file.bytes.toString(), "the same scenario");
  });
});

test("the diagram goes out as a drawing and as a picture", async () => {
  await visit("#chapter/6", async (page) => {
    await stand(page, 5100);
    await share(page);
    const svg = (await taken(page, "Diagram (SVG)")).bytes.toString();
    const drawn = await page.evaluate((text) => {
      const parsed = new DOMParser().parseFromString(text, "image/svg+xml");
      const words = [...parsed.querySelectorAll("text")].map((own) => own.textContent);
      return { errors: parsed.querySelectorAll("parsererror").length, words, dots: parsed.querySelectorAll("circle").length };
    }, svg);
    assert.equal(drawn.errors, 0);
    for (const name of ["Balancer 1", "Web 1", "Cache 2", "Database 1"]) assert.ok(drawn.words.includes(name), name);
    assert.ok(drawn.words.some((words) => words.includes("1 dot = ")), "it says what a dot is");
    assert.ok(drawn.dots > 0, "requests are drawn");
    const png = (await taken(page, "Diagram (PNG)")).bytes;
    assert.equal(png.subarray(1, 4).toString(), "PNG");
    assert.ok(png.readUInt32BE(16) > 1000 && png.length > 20_000, "it is large, and not empty");
  });
});
