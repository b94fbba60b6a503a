// The page for everybody: by name, by key, on narrow, wide and printed pages, with few colours, in browsers that keep nothing.

import assert from "node:assert/strict";
import { test } from "node:test";
import { card, site, violations, visited } from "./site.mjs";

const here = site();
const palette = (page) => page.getByRole("dialog", { name: "Find" });
const field = (page) => palette(page).getByRole("combobox");
const PHONE = { viewport: { width: 390, height: 844 } };

test("what there is can be found by name: commands, chapters, experiments, parts", async () => {
  await here.visit("#chapter/4", async (page) => {
    await page.keyboard.press("Control+k");
    await field(page).fill("select web 2");
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: "Web 2", exact: true }).waitFor();
    await palette(page).waitFor({ state: "hidden" });

    await page.getByRole("button", { name: "Find" }).click();
    await field(page).fill("kill web");
    await page.keyboard.press("Enter");
    await page.getByRole("region", { name: "Events" }).getByText("killed").first().waitFor();

    await page.keyboard.press("Control+k");
    await field(page).fill("xylophone");
    await palette(page).getByText("Nothing is called so.").waitFor();
    await field(page).fill("6 cache");
    await palette(page).getByRole("option", { name: /^6 Cache/ }).click();
    await page.getByRole("heading", { level: 1, name: "Remember what was asked" }).waitFor();
    assert.equal(new URL(page.url()).hash, "#chapter/6");

    // By a word that only the claim itself has.
    await page.keyboard.press("Control+k");
    await field(page).fill("hash modulo");
    await palette(page).getByRole("option").first().waitFor();
    assert.deepEqual(await violations(page), []);
    await page.keyboard.press("Escape");
    await palette(page).waitFor({ state: "hidden" });
  });
});

test("arrow keys choose, and the chosen one is told to who does not see it", async () => {
  await here.visit("#chapter/1", async (page) => {
    await page.keyboard.press("Control+k");
    const chosen = () => palette(page).getByRole("option", { selected: true }).getAttribute("id");
    assert.equal(await field(page).getAttribute("aria-activedescendant"), await chosen());
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("ArrowDown");
    assert.equal(await chosen(), "found-2");
    await page.keyboard.press("ArrowUp");
    await page.keyboard.press("ArrowUp");
    await page.keyboard.press("ArrowUp");
    // Round to the last one that is shown, and in sight.
    assert.equal(await chosen(), "found-39");
    assert.equal(await field(page).getAttribute("aria-activedescendant"), "found-39");
    const [list, own] = await Promise.all(
      [palette(page).getByRole("listbox"), page.locator("#found-39")].map((part) => part.boundingBox()),
    );
    assert.ok(own.y + own.height <= list.y + list.height + 1, "the chosen one is in sight");
  });
});

test("every key of the sheet does what the sheet says", async () => {
  await here.visit("#chapter/4", async (page) => {
    await page.keyboard.press("?");
    const help = page.getByRole("dialog", { name: "Keys and help" });
    await help.getByText("Kill the selected part").waitFor();
    assert.deepEqual(await violations(page), []);
    await page.keyboard.press("Escape");
    await help.waitFor({ state: "hidden" });

    const time = page.getByRole("group", { name: "Time" });
    await page.keyboard.press("Space");
    await time.getByRole("button", { name: "Play" }).waitFor();
    const clock = page.locator("output.clock");
    const now = async () => Number(await clock.getAttribute("data-now-ms"));
    const before = await now();
    await page.keyboard.press(".");
    await page.waitForFunction((was) => Number(document.querySelector("output.clock").dataset.nowMs) > was, before);

    const speed = page.getByRole("combobox", { name: /^Speed/ });
    const was = Number(await speed.inputValue());
    await page.keyboard.press("]");
    await page.waitForFunction((was) => Number(document.querySelector(".speed select").value) > was, was);
    await page.keyboard.press("[");
    await page.waitForFunction((was) => Number(document.querySelector(".speed select").value) === was, was);

    await card(page, "Web 1").click();
    await page.keyboard.press("k");
    const killed = page.getByRole("region", { name: "Events" }).getByText("killed");
    await killed.first().waitFor();
    await page.keyboard.press("Control+z");
    await killed.first().waitFor({ state: "detached" });
    await page.keyboard.press("Control+Shift+z");
    await killed.first().waitFor();
    await page.keyboard.press("r");
    await page.getByRole("region", { name: "Events" }).getByText("told to start again").first().waitFor();

    await page.keyboard.press("Home");
    await page.waitForFunction(() => Number(document.querySelector("output.clock").dataset.nowMs) < 1);
    await page.keyboard.press("Control+d");
    await page.locator(".banner", { hasText: "built anew" }).waitFor();
    await page.keyboard.press("Escape");
    await page.getByRole("heading", { name: "The whole system" }).waitFor();
    await page.keyboard.press("s");
    await page.getByRole("dialog", { name: "Link to this moment" }).waitFor();
    await page.keyboard.press("Escape");
  });
});

test("single keys can be turned off, and stay off", async () => {
  await here.visit("#chapter/1", async (page) => {
    await page.getByRole("button", { name: "Keys and help" }).click();
    await page.getByRole("checkbox", { name: /Single keys/ }).uncheck();
    await page.keyboard.press("Escape");
    await page.reload();
    const time = page.getByRole("group", { name: "Time" });
    await time.getByRole("button", { name: "Pause" }).waitFor();
    await page.keyboard.press("Space");
    await page.keyboard.press("?");
    await page.waitForTimeout(300);
    await time.getByRole("button", { name: "Pause" }).waitFor();
    assert.equal(await page.getByRole("dialog", { name: "Keys and help" }).count(), 0);
    await page.keyboard.press("Control+k");
    await palette(page).waitFor();
  });
});

for (const width of [320, 390]) {
  test(`nothing is beside the page at ${width} pixels, in any chapter`, async () => {
    await here.visit(
      "#chapter/1",
      async (page) => {
        for (let chapter = 1; chapter <= 13; chapter++) {
          await page.evaluate((chapter) => (location.hash = `chapter/${chapter}`), chapter);
          await page.getByText(`Chapter ${chapter}`, { exact: true }).waitFor();
          await page.locator(".card").first().waitFor();
          const wide = await page.evaluate(() => {
            const beyond = [...document.querySelectorAll("body *")].filter((own) => {
              const box = own.getBoundingClientRect();
              return box.right > innerWidth + 1 && box.width > 0 && getComputedStyle(own).position !== "fixed";
            });
            const named = beyond.slice(0, 3).map((own) => `${own.tagName}.${own.className}`);
            return document.scrollingElement.scrollWidth > innerWidth ? named : [];
          });
          assert.deepEqual(wide, [], `chapter ${chapter}`);
        }
      },
      { viewport: { width, height: 700 } },
    );
  });
}

test("with the system's few colours, parts are seen and what is chosen is outlined", async () => {
  await here.visit(
    "#chapter/4",
    async (page) => {
      const own = card(page, "Web 1");
      await own.click();
      const seen = await own.evaluate((card) => {
        const box = card.getBoundingClientRect();
        const canvas = [...document.querySelectorAll(".surface canvas")];
        const covers = canvas.some((own) => getComputedStyle(own).backgroundColor !== "rgba(0, 0, 0, 0)");
        return { covers, outline: getComputedStyle(card).outlineStyle, area: box.width * box.height };
      });
      assert.equal(seen.covers, false, "the dots' canvas hides the cards");
      assert.equal(seen.outline, "solid");
      assert.deepEqual(await violations(page), []);
    },
    { forcedColors: "active", colorScheme: "dark" },
  );
});

test("a printed page has the text, the picture and the figures, and nothing to press", async () => {
  await here.visit("#chapter/4", async (page) => {
    await page.getByText(/answered/).first().waitFor();
    await page.emulateMedia({ media: "print" });
    assert.ok(await page.getByRole("heading", { level: 1 }).isVisible());
    assert.ok(await card(page, "Web 1").isVisible());
    for (const name of ["Share", "Find", "Pause", "Step"]) {
      assert.equal(await page.getByRole("button", { name }).count(), 0, name);
    }
    assert.equal(await page.evaluate(() => getComputedStyle(document.body).backgroundColor), "rgb(255, 255, 255)");
    assert.ok((await page.pdf?.({ format: "A4" }))?.length > 10_000);
  }, { colorScheme: "dark" });
});

test("without a worker and where nothing may be kept, it runs and says so", async () => {
  const scripts = () => {
    delete globalThis.Worker;
    const forbidden = () => {
      throw new DOMException("The operation is insecure.", "SecurityError");
    };
    Object.defineProperty(globalThis, "localStorage", { get: forbidden });
  };
  await visited(here.browser, "about:blank", PHONE, async (page) => {
    await page.addInitScript(scripts);
    await page.goto(here.server.url + "#chapter/4");
    await page.getByRole("group", { name: "Time" }).waitFor();
    await page.getByText(/own thread/).first().waitFor();
    await page.waitForFunction(() => Number(document.querySelector("output.clock").dataset.nowMs) > 20);
    await page.getByText("Build: add, connect, save").click();
    await page.getByRole("button", { name: "+ Cache" }).click();
    await page.locator(".card", { hasText: "Cache" }).waitFor();
    await page.getByRole("combobox", { name: "Colours" }).selectOption("dark");
    await page.getByRole("button", { name: "Share", exact: true }).click();
    await page.getByRole("dialog", { name: "Link to this moment" }).waitFor();
  });
});

test("numbers are taken as they are pasted, and what is none stays with a word why", async () => {
  await here.visit("#chapter/4", async (page) => {
    await card(page, "Web 1").click();
    const slots = page.getByLabel("Start-up time", { exact: true });
    await slots.fill("2.5 s");
    await slots.press("Enter");
    await page.waitForFunction(() => [...document.querySelectorAll(".field input")].some((own) => own.value === "2500"));
    for (const [typed, why] of [
      ["1,5", /A point stands before the fraction/],
      ["<img src=x onerror=alert(1)>", /is no number/],
      ["-3", /at least|must be/],
      ["1e99", /at most|must be/],
      ["\u202E123", /is no number/],
    ]) {
      await slots.fill(typed);
      await slots.press("Enter");
      await page.getByRole("alert").filter({ hasText: why }).first().waitFor();
      assert.equal(await slots.getAttribute("aria-invalid"), "true", typed);
    }
    assert.equal(await page.locator("img").count(), 0);
    await slots.fill("3000");
    await slots.press("Enter");
    await page.waitForFunction(() => !document.querySelector(".field [aria-invalid=true]"));
  });
});

test("a name with markup or from right to left is a name", async () => {
  await here.visit("#chapter/4", async (page) => {
    await page.getByText("Build: add, connect, save").click();
    for (const name of ["<b onclick=alert(1)>bold</b>", "מסד נתונים גדול", "a\u202Eb".padEnd(40, "x")]) {
      await page.getByRole("textbox", { name: "Save as" }).fill(name);
      await page.getByRole("button", { name: /^Save/ }).click();
      await page.locator(".shelf .open", { hasText: name }).waitFor();
    }
    assert.equal(await page.locator(".shelf b").count(), 0);
    const wide = await page.evaluate(() => document.scrollingElement.scrollWidth - innerWidth);
    assert.ok(wide <= 0);
  });
});

test("five thousand servers stay usable", async () => {
  await here.visit("#chapter/4", async (page) => {
    await card(page, "Web 1").click();
    await page.getByRole("combobox", { name: "Which instance" }).selectOption("all");
    const instances = page.getByLabel("Instances", { exact: true });
    await instances.fill("5,000");
    await instances.press("Enter");
    await page.locator(".card", { hasText: "5,000" }).waitFor({ timeout: 60_000 });
    // What is pressed is answered, whatever there is to draw.
    const began = Date.now();
    await page.getByRole("button", { name: "Pause" }).click();
    await page.getByRole("button", { name: "Play" }).waitFor();
    assert.ok(Date.now() - began < 5_000, `${Date.now() - began} ms until it paused`);
    await page.keyboard.press("Control+k");
    await field(page).fill("select web 7");
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: /^Web 7/ }).waitFor();
    await page.keyboard.press("k");
    await page.getByRole("region", { name: "Events" }).getByText("killed").first().waitFor({ timeout: 30_000 });
  });
});
