// The package in a real browser, without a bundler: the example page, which draws from `frame()` what it simulates.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { launch } from "../e2e/browser.mjs";
import { serve } from "../e2e/server.mjs";
import { visited, violations } from "../e2e/site.mjs";
import { ROOT, nativeReport } from "./native.mjs";

let browser;
let server;
before(async () => {
  [browser, server] = await Promise.all([launch(), serve({ root: ROOT })]);
});
after(async () => {
  await browser?.close();
  await server?.close();
});

/// Opens the example page and hands it to `act` once it runs; nothing may complain meanwhile.
async function visit(act, options = {}) {
  await visited(browser, `${server.url}docs/javascript/index.html`, options, async (page) => {
    await page.getByRole("button", { name: "Kill web.1" }).waitFor();
    await act(page);
  });
}

const picture = (page) => page.evaluate(() => document.getElementById("chart").toDataURL());
const row = (page, name) => page.getByRole("row", { name });

test("the chart moves, and stands while it is paused", async () => {
  await visit(async (page) => {
    await page.waitForTimeout(500);
    const before = await picture(page);
    await page.waitForTimeout(500);
    assert.notEqual(await picture(page), before);
    await page.getByRole("button", { name: "Pause" }).click();
    await page.waitForTimeout(100);
    const still = await picture(page);
    await page.waitForTimeout(300);
    assert.equal(await picture(page), still);
    assert.match(await page.getByText("answers/s").textContent(), /^\d+\.\d s · \d+ answers\/s$/);
  });
});

test("a server that is killed is seen dead in the frame, and starts again", async () => {
  await visit(async (page) => {
    await page.getByRole("button", { name: "Kill web.1" }).click();
    await row(page, "web.1").getByText("down").waitFor();
    await row(page, "web.2").getByText("up").waitFor();
    await page.getByRole("log").getByText(/web\.1 killed/).waitFor();
    await page.getByRole("button", { name: "Restart web.1" }).click();
    await row(page, "web.1").getByText(/booting|up/).waitFor();
  });
});

test("everybody can use it: axe finds nothing, and nothing is cut off on a phone", async () => {
  for (const colorScheme of ["light", "dark"]) {
    await visit(
      async (page) => {
        assert.deepEqual(await violations(page), []);
        const [inner, whole] = await page.evaluate(() => [innerWidth, document.documentElement.scrollWidth]);
        assert.ok(whole <= inner, `${whole} in ${inner}`);
      },
      { viewport: { width: 390, height: 844 }, colorScheme },
    );
  }
});

test("the browser reports what the native command line reports", async () => {
  await visit(async (page) => {
    const report = await page.evaluate(async () => {
      const { Simulation } = await import("/pkg/index.js");
      const simulation = new Simulation("load-balancer", 5);
      simulation.advance(10_000);
      return simulation.report();
    });
    assert.deepEqual(report, nativeReport("load-balancer", "--seed", "5", "--duration", "10s"));
  });
});
