// The last chapter, as a visitor sees it: everything together, and what people use for each part.

import assert from "node:assert/strict";
import { test } from "node:test";
import { card, events, site, speed } from "./site.mjs";

const here = site();

test("the last stage opens whole, and a broker that dies is started again", async () => {
  await here.visit(
    "#chapter/13",
    async (page) => {
      await card(page, "Broker").waitFor();
      const surface = await page.locator(".surface").boundingBox();
      for (const one of await page.locator(".surface .card").all()) {
        const { x, y, width, height } = await one.boundingBox();
        const inside = x >= surface.x && x + width <= surface.x + surface.width + 1;
        assert.ok(inside && y + height <= surface.y + surface.height + 1, await one.innerText());
      }
      await card(page, "Broker").focus();
      await page.keyboard.press("k");
      await card(page, "Broker").getByText("killed").waitFor();
      await speed(page).selectOption("1");
      await events(page).getByText(/Broker.*told to start again/).first().waitFor({ timeout: 60_000 });
    },
    { viewport: { width: 1440, height: 900 } },
  );
});

test("the inspector names products and what they call its parameters", async () => {
  await here.visit(
    "#chapter/4",
    async (page) => {
      await card(page, "Balancer").first().click();
      await page.getByText(/^In life: HAProxy · NGINX/).click();
      await page.locator(".products dd", { hasText: "Probe every: inter (2,000 ms)" }).waitFor();
      await page.keyboard.press("Escape");
      await card(page, "Web 1").first().click();
      await page.getByText(/^In life: .*Kubernetes/).click();
      await page.locator(".products dd", { hasText: "MaxRequestWorkers" }).waitFor();
    },
    { viewport: { width: 1440, height: 900 } },
  );
});
