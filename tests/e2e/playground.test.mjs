// What a visitor does on the page, through visible roles and names. In every test: not one complaint in the console.

import assert from "node:assert/strict";
import { test } from "node:test";
import { card, events, site, speed } from "./site.mjs";

const here = site();

/// Opens the page at this address, else at its first; see `site`.
const visit = (act, { address = "", ...options } = {}) => here.visit(address, act, options);

/// What the canvas with the dots shows.
const picture = (page) => page.locator(".surface canvas").evaluate((canvas) => canvas.toDataURL());

/// The number of different pictures within this time.
async function pictures(page, ms) {
  const seen = new Set();
  for (const end = Date.now() + ms; Date.now() < end; ) {
    seen.add(await picture(page));
    await page.waitForTimeout(20);
  }
  return seen.size;
}

/// Simulated time and digest of the moment that the page shows.
const moment = (page) =>
  page.locator("[data-digest]").evaluate(({ dataset }) => ({ now_ms: dataset.nowMs, digest: dataset.digest }));

const figure = (page, name) => page.locator(".figure", { hasText: name });
const chapter = (page, name) => page.getByRole("navigation", { name: "Chapters" }).getByRole("link", { name });

/// Turns the users dial to a step: ten steps are a factor of ten.
async function dial(page, step) {
  const users = page.getByRole("slider", { name: "users" });
  await users.focus();
  const now = Number(await users.inputValue());
  for (let i = now; i < step; i += 1) await page.keyboard.press("ArrowRight");
  for (let i = now; i > step; i -= 1) await page.keyboard.press("ArrowLeft");
}

test("requests move without a click, stand still when paused, and go on", async () => {
  await visit(async (page) => {
    await page.waitForTimeout(1000);
    assert.ok((await pictures(page, 1000)) > 5, "dots move");
    await page.keyboard.press("Space");
    await page.getByRole("button", { name: "Play" }).waitFor();
    // The last mark of a failure has faded by then.
    await page.waitForTimeout(1500);
    assert.equal(await pictures(page, 500), 1, "nothing moves");
    const before = await moment(page);
    await page.getByRole("button", { name: "Step" }).click();
    await page.waitForTimeout(300);
    assert.notDeepEqual(await moment(page), before, "one event further");
    await page.getByRole("button", { name: "Play" }).click();
    await page.waitForTimeout(300);
    assert.ok((await pictures(page, 700)) > 3, "dots move again");
  });
});

test("a million users saturate the single server, and requests are refused", async () => {
  await visit(async (page) => {
    await speed(page).selectOption("1");
    await dial(page, 60);
    await page.getByText("1,000,000", { exact: true }).waitFor();
    await card(page, "Web server").locator(".bar.hot").waitFor();
    await page.getByText("Saturated:").waitFor();
    await figure(page, "errors").locator("b", { hasText: /^(>?\d\d|100)$/ }).waitFor();
    await page.getByRole("region", { name: "Course of the run" }).getByText("refused").waitFor();
  });
});

test("a server is killed and restored by mouse", async () => {
  await visit(async (page) => {
    await chapter(page, "4 Load balancer").click();
    await card(page, "Web 2").dblclick();
    await card(page, "Web 2").getByText("killed").waitFor();
    await events(page).getByText(/Web 2.*killed/).first().waitFor();
    await card(page, "Web 2").dblclick();
    await card(page, "Web 2").getByText("starting").waitFor();
    await speed(page).selectOption("10");
    await card(page, "Web 2").getByText("in hand").waitFor();
    await events(page).getByText(/Web 2.*serves/).first().waitFor();
  });
});

test("a server is killed and restored by keyboard", async () => {
  await visit(async (page) => {
    await chapter(page, "4 Load balancer").press("Enter");
    await card(page, "Web 2").focus();
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: "Web 2" }).waitFor();
    await page.keyboard.press("k");
    await card(page, "Web 2").getByText("killed").waitFor();
    await page.keyboard.press("r");
    await card(page, "Web 2").getByText("starting").waitFor();
    await page.keyboard.press("Control+z");
    await card(page, "Web 2").getByText("killed").waitFor();
    await page.keyboard.press("Control+Shift+z");
    await card(page, "Web 2").getByText("starting").waitFor();
  });
});

test("a shared link shows the same moment with the same digest to somebody else", async () => {
  let link;
  let shared;
  await visit(async (page) => {
    await chapter(page, "4 Load balancer").click();
    await speed(page).selectOption("1");
    await page.waitForTimeout(1000);
    await card(page, "Web 1").dblclick();
    await page.waitForTimeout(500);
    await dial(page, 45);
    await page.waitForTimeout(500);
    await page.getByRole("button", { name: "Pause" }).click();
    await page.getByRole("button", { name: "Play" }).waitFor();
    await page.getByRole("button", { name: "Share" }).click();
    link = await page.getByLabel("Link to this moment", { exact: true }).last().inputValue();
    shared = await moment(page);
  });
  assert.ok(link.split("#")[1].length <= 300, `${link} is short`);
  await visit(
    async (page) => {
      await page.getByText("Verified").waitFor();
      assert.deepEqual(await moment(page), shared);
      await card(page, "Web 1").getByText("killed").waitFor();
    },
    { address: `#${link.split("#")[1]}` },
  );
});

test("a broken link says what is wrong with it, beside a working page", async () => {
  for (const fragment of ["#nonsense", "#1.j%%%%", "#2.jAAAA"]) {
    await visit(
      async (page) => {
        const alert = page.getByRole("alert");
        assert.match(await alert.innerText(), /link/);
        assert.ok((await pictures(page, 1500)) > 3, "dots move");
        await page.getByRole("button", { name: "Dismiss" }).click();
        await alert.waitFor({ state: "detached" });
      },
      { address: fragment },
    );
  }
});

test("what is typed into the inspector is applied, or refused beside its field", async () => {
  await visit(async (page) => {
    await chapter(page, "4 Load balancer").click();
    await card(page, "Web 1").click();
    const instances = page.getByRole("textbox", { name: "Instances" });
    await instances.fill("0");
    await instances.press("Enter");
    await page.locator(".field .problem", { hasText: "at least 1" }).waitFor();
    assert.equal(await instances.getAttribute("aria-invalid"), "true");
    await instances.fill("3");
    await instances.press("Enter");
    await card(page, "Web 3").getByText("starting").waitFor();
    await instances.fill("100");
    await instances.press("Enter");
    await card(page, "Web servers").getByText("/100 up").waitFor();
  });
});

test("a choice that contradicts another is refused, and does not stay as if it held", async () => {
  await visit(async (page) => {
    await chapter(page, "4 Load balancer").click();
    await card(page, "Balancer 1").click();
    const sticky = page.getByRole("combobox", { name: "Sticky sessions" });
    await sticky.selectOption("on");
    await page.locator(".field .problem", { hasText: "no sessions to stick to" }).waitFor();
    assert.equal(await sticky.getAttribute("aria-invalid"), "true");
    const connections = page.getByRole("textbox", { name: "Connections" });
    await connections.fill("a few");
    await connections.press("Enter");
    await page.locator(".field .problem", { hasText: "“a few” is no number. From 1 to 1,000,000." }).waitFor();
    await connections.fill("3,000");
    await connections.press("Enter");
    await page.locator(".field .problem").first().waitFor({ state: "detached" });
    await page.waitForFunction((field) => field.value === "3000", await connections.elementHandle());
    // What was refused is not shown.
    await page.waitForFunction((field) => field.value === "false", await sticky.elementHandle());
    await page.keyboard.press("Escape");
    await page.getByRole("heading", { name: "The whole system" }).waitFor();
  });
});

test("on a phone the part that is touched is edited in a sheet in sight of the diagram", async () => {
  await visit(
    async (page) => {
      await card(page, "Web server").click();
      const kill = page.getByRole("button", { name: "Kill", exact: true });
      const { y, height } = await kill.boundingBox();
      assert.ok(y > 0 && y + height <= 844, `the button is at ${y}`);
      await kill.click();
      await card(page, "Web server").getByText("killed").waitFor();
      await page.getByRole("button", { name: "Show the whole system" }).click();
      await kill.waitFor({ state: "detached" });
    },
    { viewport: { width: 390, height: 844 } },
  );
});

test("users who move to another continent have a frame there, and wait for the light", async () => {
  await visit(async (page) => {
    await card(page, "Web clients").click();
    await page.getByRole("combobox", { name: "Place" }).selectOption("seoul");
    const places = page.locator(".labels text");
    await places.filter({ hasText: "Seoul" }).waitFor();
    const x = async (name) => (await places.filter({ hasText: name }).boundingBox()).x;
    assert.ok((await x("Montréal")) < (await x("Seoul")), "west is left of east");
    await speed(page).selectOption("1");
    await figure(page, "p99").locator("b", { hasText: /^\d{3}/ }).waitFor();
    assert.ok((await pictures(page, 1000)) > 3, "dots move");
  });
});

test("what a chart shows can be chosen", async () => {
  await visit(async (page) => {
    const charts = page.getByRole("region", { name: "Course of the run" });
    const first = charts.getByRole("combobox", { name: "What this chart shows" }).first();
    await first.selectOption("Busiest resource");
    const busiest = charts.getByRole("slider", { name: "Busiest resource in percent" });
    await busiest.nth(1).waitFor();
    await chapter(page, "4 Load balancer").click();
    await charts.locator('[aria-label^="Busiest resource"][aria-valuetext*="Balancer"]').first().waitFor();
    assert.equal(await first.inputValue(), "Answered", "another chapter shows what it is about");
  });
});

test("the time bar goes back, and the same future comes again", async () => {
  await visit(async (page) => {
    await speed(page).selectOption("1");
    await page.waitForTimeout(1500);
    await page.getByRole("button", { name: "Pause" }).click();
    await page.getByRole("button", { name: "Play" }).waitFor();
    await page.waitForTimeout(300);
    const bar = page.getByRole("slider", { name: "Moment" });
    const at = Number(await bar.inputValue());
    await bar.fill(String(at - 100));
    await page.waitForTimeout(500);
    const there = await moment(page);
    await bar.fill(String(at - 300));
    await page.waitForTimeout(500);
    assert.notEqual((await moment(page)).digest, there.digest);
    await bar.fill(String(at - 100));
    await page.waitForTimeout(500);
    assert.deepEqual(await moment(page), there);
  });
});

test("without a worker the page simulates by itself", async () => {
  await visit(
    async (page) => {
      await page.getByText("on the page's own thread").waitFor();
      assert.ok((await pictures(page, 1500)) > 3, "dots move");
    },
    { address: "?inline" },
  );
});

/// Opens the page with another www/worker.js than the real one.
async function visitWithWorker(answer, act) {
  const context = await here.browser.newContext();
  const page = await context.newPage();
  await page.route("**/worker.js", answer);
  await page.goto(here.server.url);
  await act(page);
  await context.close();
}

test("where the worker cannot be loaded the page simulates by itself", async () => {
  await visitWithWorker(
    (route) => route.abort(),
    async (page) => {
      await page.getByText("its worker cannot be loaded").waitFor();
      assert.ok((await pictures(page, 1500)) > 3, "dots move");
    },
  );
});

test("a worker that dies is told of", async () => {
  const dying = async (route) => {
    const response = await route.fetch();
    const body = `${await response.text()}\nsetTimeout(() => { throw new Error("out of memory"); }, 1500);`;
    await route.fulfill({ response, body });
  };
  await visitWithWorker(dying, async (page) => {
    await page.getByRole("alert").getByText(/has stopped: .*out of memory/).waitFor();
  });
});

test("with reduced motion there are at most two pictures a second", async () => {
  await visit(
    async (page) => {
      await page.waitForTimeout(1000);
      const seen = await pictures(page, 3000);
      assert.ok(seen >= 2 && seen <= 7, `${seen} pictures in three seconds`);
      await page.getByText("numbers on lines").waitFor();
    },
    { reducedMotion: "reduce" },
  );
});

test("nothing is cut off on a phone", async () => {
  await visit(
    async (page) => {
      const width = await page.evaluate(() => document.documentElement.scrollWidth);
      assert.ok(width <= 390, `the page is ${width} pixels wide`);
      const outside = await page.evaluate(() =>
        [...document.querySelectorAll("button, input, select, .card, h1, h2, p")]
          .filter((element) => element.checkVisibility() && !element.matches(".spoken"))
          .filter((element) => element.getBoundingClientRect().right > innerWidth + 1 || element.getBoundingClientRect().left < -1)
          .map((element) => element.outerHTML.slice(0, 80)),
      );
      assert.deepEqual(outside, []);
    },
    { viewport: { width: 390, height: 844 } },
  );
});
