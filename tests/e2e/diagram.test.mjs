// The diagram: it overlaps nowhere, is zoomed and moved as one, folds large tiers with their load, and goes from one
// structure to the next.

import assert from "node:assert/strict";
import { test } from "node:test";
import { card, site } from "./site.mjs";

const here = site();

const SIZES = [
  { width: 1440, height: 900 },
  { width: 820, height: 1180 },
  { width: 390, height: 844 },
];

const diagram = (page) => page.getByRole("region", { name: "Diagram of the system" });
const surface = (page) => page.getByRole("group", { name: "Diagram", exact: true });
const button = (page, name) => page.getByRole("group", { name: "Zoom" }).getByRole("button", { name });

/// The boxes of all cards, on the surface, by the cards' first words.
function boxes(page) {
  return page.evaluate(() => {
    const { left, top } = document.querySelector(".surface").getBoundingClientRect();
    return [...document.querySelectorAll(".surface .card")].map((card) => {
      const { x, y, width, height } = card.getBoundingClientRect();
      return { name: card.querySelector(".name").textContent, x: x - left, y: y - top, width, height };
    });
  });
}

function overlapping(all) {
  const meet = (a, b) =>
    a.x + 0.5 < b.x + b.width && b.x + 0.5 < a.x + a.width && a.y + 0.5 < b.y + b.height && b.y + 0.5 < a.y + a.height;
  return all.flatMap((a, index) => all.slice(index + 1).filter((b) => meet(a, b)).map((b) => `${a.name} and ${b.name}`));
}

test("no two cards overlap, none is cut off, and no word leaves its card, in any chapter at any size", async () => {
  for (const viewport of SIZES) {
    await here.visit(
      "#chapter/1",
      async (page) => {
        for (const chapter of [1, 6, 9, 11, 12, 13]) {
          await page.evaluate((chapter) => (location.hash = `#chapter/${chapter}`), chapter);
          await page.waitForFunction((chapter) => document.querySelector(".journey .now")?.textContent.includes(chapter), `${chapter}`);
          await page.locator(".surface:not(.morphing)").waitFor();
          await page.waitForTimeout(700);
          const all = await boxes(page);
          const where = `chapter ${chapter} at ${viewport.width}`;
          assert.ok(all.length >= 5, where);
          assert.deepEqual(overlapping(all), [], where);
          const { width, height } = await surface(page).boundingBox();
          const cut = all.filter((own) => own.x < 0 || own.y < 0 || own.x + own.width > width || own.y + own.height > height);
          assert.deepEqual(cut, [], where);
          const loose = await page.evaluate(() =>
            [...document.querySelectorAll(".surface .card")].flatMap((card) => {
              const own = card.getBoundingClientRect();
              const words = [...card.querySelectorAll(".name, .rate, .note, .busy, .servers")].filter((word) => word.offsetParent);
              const outside = (box) => box.width > 0 && (box.left < own.left || box.right > own.right + 0.5 || box.bottom > own.bottom + 0.5);
              return words.filter((word) => !word.matches(".spoken") && outside(word.getBoundingClientRect())).map((word) => `${card.innerText}: ${word.className}`);
            }),
          );
          assert.deepEqual(loose, [], where);
        }
      },
      { viewport },
    );
  }
});

/// How many pixels of the canvas are painted over the lower part of a card, where its requests in hand are.
function paintedAround(page, name) {
  return page.evaluate((name) => {
    const canvas = document.querySelector(".surface canvas");
    const ratio = canvas.width / canvas.clientWidth;
    const { left, top } = canvas.getBoundingClientRect();
    const card = [...document.querySelectorAll(".card")].find((card) => card.querySelector(".name").textContent === name);
    const box = card.getBoundingClientRect();
    const [x, y, w, h] = [box.left - left, box.top - top + box.height * 0.6, box.width, box.height * 0.4].map((n) => n * ratio);
    const copy = new OffscreenCanvas(Math.ceil(w), Math.ceil(h)).getContext("2d", { willReadFrequently: true });
    copy.drawImage(canvas, -x, -y);
    const { data } = copy.getImageData(0, 0, Math.ceil(w), Math.ceil(h));
    return data.filter((_, index) => index % 4 === 3 && data[index] > 0).length;
  }, name);
}

test("zoom by buttons and keys keeps cards and dots in register, and fit shows all of it again", async () => {
  await here.visit("#chapter/1", async (page) => {
    const first = await boxes(page);
    assert.ok(await button(page, "Fit").isDisabled());
    await button(page, "Zoom in").click();
    await button(page, "Zoom in").click();
    const zoomed = await boxes(page);
    const [a, b] = [first[0], zoomed[0]];
    assert.ok(Math.abs(b.width / a.width - 1.96) < 0.02, `${b.width / a.width}`);
    // What is drawn on the canvas lies where the style sheet's transform has put the world.
    const apart = await page.evaluate(() => {
      const world = new DOMMatrix(getComputedStyle(document.querySelector(".world")).transform);
      const names = new DOMMatrix(getComputedStyle(document.querySelector(".world.names")).transform);
      return Math.abs(world.a - names.a) + Math.abs(world.e - names.e) + Math.abs(world.f - names.f);
    });
    assert.ok(apart < 0.01, `${apart}`);
    await surface(page).focus();
    const before = (await boxes(page))[0];
    await page.keyboard.press("ArrowRight");
    assert.ok(Math.abs((await boxes(page))[0].x - before.x + 60) < 1);
    await page.keyboard.press("0");
    assert.deepEqual(await boxes(page), first);
    await page.keyboard.press("+");
    assert.ok((await boxes(page))[0].width > first[0].width * 1.3);
    await page.keyboard.press("-");
    assert.deepEqual(await boxes(page), first);
  });
});

test("dots are where the zoomed cards are: requests in hand stay on their card", async () => {
  await here.visit("#chapter/4", async (page) => {
    const name = "Web 1";
    const seen = async () => {
      for (let tries = 0; tries < 60; tries += 1) {
        if ((await paintedAround(page, name)) > 10) return true;
        await page.waitForTimeout(100);
      }
      return false;
    };
    assert.ok(await seen(), "in hand, as laid out");
    await card(page, name).focus();
    await page.keyboard.press("+");
    await page.keyboard.press("+");
    // As far as it must be moved to have the card in sight.
    const box = await card(page, name).boundingBox();
    const whole = await surface(page).boundingBox();
    const [x, y] = [whole.x + whole.width / 2 - box.x, whole.y + whole.height / 2 - box.y];
    await page.mouse.move(whole.x + 6, whole.y + 6);
    await page.mouse.down();
    await page.mouse.move(whole.x + 6 + x, whole.y + 6 + y, { steps: 4 });
    await page.mouse.up();
    assert.ok(await seen(), "in hand, zoomed and moved");
  });
});

test("the wheel scrolls the page, and with Ctrl it zooms about the pointer", async () => {
  await here.visit("#chapter/1", async (page) => {
    const [first] = await boxes(page);
    const whole = await surface(page).boundingBox();
    const [x, y] = [first.x + first.width / 2, first.y + first.height / 2];
    await page.mouse.move(whole.x + x, whole.y + y);
    await page.mouse.wheel(0, -100);
    assert.deepEqual((await boxes(page))[0], first);
    await page.keyboard.down("Control");
    await page.mouse.wheel(0, -200);
    await page.keyboard.up("Control");
    await page.waitForFunction((width) => document.querySelector(".surface .card").getBoundingClientRect().width > width * 1.5, first.width);
    // As near to the pointer as the borders allow.
    const [zoomed] = await boxes(page);
    assert.ok(zoomed.x < x && zoomed.x + zoomed.width > x && zoomed.y < y && zoomed.y + zoomed.height > y);
  });
});

test("a folded tier tells its servers' load, and one of them is picked by its cell, the busiest by a key", async () => {
  await here.visit(
    "#chapter/13",
    async (page) => {
      const folded = page.locator(".card.folded", { has: page.locator(".name", { hasText: /^Web$/ }) }).first();
      await folded.locator(".cells .track").waitFor({ state: "attached" });
      await folded.getByText(/servers: median \d+(\.\d+)?% busy, busiest \d+(\.\d+)?%.*, \d+ up/).waitFor({ state: "attached" });
      await folded.focus();
      await page.keyboard.press("b");
      const instance = page.getByRole("combobox", { name: "Which instance" });
      await instance.waitFor();
      assert.notEqual(await instance.inputValue(), "all");
      await folded.locator(".cells .picked").waitFor({ state: "attached" });
      // The first cell.
      const [x, y] = await folded.evaluate((card) => {
        const box = card.querySelector(".cells .track").getBoundingClientRect();
        const own = card.getBoundingClientRect();
        return [box.left - own.left + 1.5, box.top - own.top + 1.5];
      });
      await folded.click({ position: { x, y } });
      assert.notEqual(await instance.inputValue(), "all");
      await folded.click({ position: { x: 20, y: 10 } });
      await page.waitForFunction(() => document.querySelector(".instance").value === "all");
    },
    { viewport: { width: 1440, height: 900 } },
  );
});

test("from chapter to chapter parts that stay move there, and everything ends at its place", async () => {
  await here.visit("#chapter/4", async (page) => {
    await card(page, "Web 2").waitFor();
    const one = await page.locator(".card", { hasText: "Mobile clients" }).elementHandle();
    await page.evaluate(() => (location.hash = "#chapter/6"));
    await page.locator(".surface.morphing").waitFor({ state: "attached" });
    await page.locator(".surface:not(.morphing)").waitFor({ state: "attached" });
    await page.waitForTimeout(100);
    assert.ok(await one.evaluate((card) => card.isConnected), "the card is the same element");
    const off = await page.evaluate(() => {
      const { left, top } = document.querySelector(".surface").getBoundingClientRect();
      const apart = (card) => {
        const box = card.getBoundingClientRect();
        const px = (value) => Number.parseFloat(value);
        return Math.max(Math.abs(box.left - left - px(card.style.left)), Math.abs(box.top - top - px(card.style.top)));
      };
      return [...document.querySelectorAll(".surface .card")].map(apart).filter((apart) => apart > 1.5);
    });
    assert.deepEqual(off, []);
    assert.equal(await page.locator(".ghost").count(), 0);
    assert.deepEqual(overlapping(await boxes(page)), []);
  });
});

test("with reduced motion nothing moves from chapter to chapter", async () => {
  await here.visit(
    "#chapter/4",
    async (page) => {
      await page.evaluate(() => {
        globalThis.morphed = false;
        new MutationObserver(() => (globalThis.morphed ||= !!document.querySelector(".morphing"))).observe(document.body, {
          subtree: true,
          attributes: true,
          childList: true,
        });
        location.hash = "#chapter/6";
      });
      await card(page, "Cache 1").waitFor();
      await page.waitForTimeout(500);
      assert.equal(await page.evaluate(() => globalThis.morphed), false);
    },
    { reducedMotion: "reduce" },
  );
});
