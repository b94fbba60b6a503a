// The figure in other people's pages: in a plain frame, in a frame without an origin, and as an element.

import assert from "node:assert/strict";
import { createServer } from "node:http";
import { after, before, test } from "node:test";
import { site, violations, visited } from "./site.mjs";

const own = site();
let foreign;
let body = "";

/// Somebody's page, from another origin and with a strict policy of its own.
before(async () => {
  foreign = createServer((request, response) => {
    const from = new URL(own.server.url).origin;
    const policy = `default-src 'none'; script-src ${from}; frame-src ${from}`;
    const html = `<!doctype html><html lang="en"><title>An article</title><h1>An article</h1>${body}</html>`;
    response.writeHead(request.url === "/" ? 200 : 204, { "content-type": "text/html", "content-security-policy": policy });
    response.end(request.url === "/" ? html : undefined);
  });
  await new Promise((resolve) => foreign.listen(0, "127.0.0.1", resolve));
});

after(() => {
  foreign.closeAllConnections();
  foreign.close();
});

async function article(html, act) {
  body = html;
  await visited(own.browser, `http://127.0.0.1:${foreign.address().port}/`, { viewport: { width: 800, height: 700 } }, act);
}

const now = async (frame) => Number(await frame.locator(".clock").getAttribute("data-now-ms"));

async function runs(frame) {
  await frame.locator(".card").first().waitFor();
  const begin = await now(frame);
  for (let i = 0; i < 100 && (await now(frame)) === begin; i += 1) await new Promise((resolve) => setTimeout(resolve, 100));
  assert.ok((await now(frame)) > begin, "time runs");
}

test("a frame holds the figure alone, which runs and leads to the whole page", async () => {
  await article(`<iframe src="${own.server.url}?embed#chapter/4" title="figure" width="700" height="480"></iframe>`, async (page) => {
    const frame = page.frameLocator("iframe");
    await runs(frame);
    assert.equal(await frame.getByRole("navigation").count(), 0, "no journey");
    assert.equal(await frame.getByRole("complementary").count(), 0, "no panels");
    const link = frame.getByRole("link", { name: /Open in Zero to Millions/ });
    const [whole] = await Promise.all([page.context().waitForEvent("page"), link.click()]);
    await whole.getByRole("heading", { name: "Many servers behind one address" }).waitFor();
    assert.ok(!whole.url().includes("embed"), whole.url());
  });
});

test("in a frame without an origin it runs without a worker and without storage", async () => {
  const sandbox = `sandbox="allow-scripts"`;
  await article(`<iframe ${sandbox} src="${own.server.url}?embed#chapter/1" title="figure" width="700" height="480"></iframe>`, async (page) => {
    await runs(page.frameLocator("iframe"));
  });
});

test("the element takes its words, stands where it is told to, and follows its attributes", async () => {
  const script = `<script type="module" src="${own.server.url}embed.js"></script>`;
  const element = `<zero-to-millions scenario="#chapter/2" start="2.5" paused theme="dark" height="420"></zero-to-millions>`;
  await article(script + element, async (page) => {
    const frame = page.frameLocator("iframe");
    await frame.locator(".clock[data-now-ms='2500']").waitFor();
    await frame.getByRole("button", { name: "Play" }).waitFor();
    assert.equal(await frame.locator("html").getAttribute("data-theme"), "dark");
    const box = await page.locator("zero-to-millions").boundingBox();
    assert.equal(Math.round(box.height), 420);
    await page.evaluate(() => {
      const element = document.querySelector("zero-to-millions");
      element.setAttribute("scenario", "chapter/6");
      element.setAttribute("controls", "none");
      element.removeAttribute("paused");
      element.removeAttribute("start");
    });
    await frame.locator(".card", { hasText: "Cache" }).first().waitFor();
    assert.equal(await frame.getByRole("group", { name: "Time" }).count(), 0);
    assert.equal(await frame.getByRole("button", { name: "Play" }).count(), 0);
  });
});

test("out of sight it rests", async () => {
  const frame = `<iframe src="${own.server.url}?embed#chapter/1" title="figure" width="700" height="480"></iframe>`;
  // A strict policy forbids style attributes: height by an element that has it.
  await article(`<div>${frame}</div><div><canvas width="10" height="3000"></canvas></div>`, async (page) => {
    const inner = page.frameLocator("iframe");
    await runs(inner);
    await page.evaluate(() => scrollTo(0, 2500));
    await page.waitForTimeout(600);
    const begin = await now(inner);
    await page.waitForTimeout(1500);
    assert.equal(await now(inner), begin, "nobody sees it");
    await page.evaluate(() => scrollTo(0, 0));
    await runs(inner);
  });
});

test("alone in a window it is accessible, at the sizes of articles; wrong words are told", async () => {
  for (const [width, height, colorScheme] of [[700, 480, "light"], [390, 420, "dark"], [1000, 700, "dark"]]) {
    const options = { viewport: { width, height }, colorScheme };
    await visited(own.browser, own.server.url + "?embed&theme=pink#chapter/6", options, async (page) => {
      await runs(page);
      await page.getByText("theme must be light, dark or auto, is “pink”").waitFor();
      await page.getByRole("button", { name: "Dismiss" }).click();
      assert.deepEqual(await violations(page), []);
      const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      assert.ok(overflow <= 0, `${width}: ${overflow} px too wide`);
    });
  }
});
