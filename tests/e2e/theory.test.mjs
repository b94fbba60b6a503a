// Theory beside the simulation, as a visitor meets it: where a law holds, where none does and why, and what a change makes of it.

import assert from "node:assert/strict";
import { test } from "node:test";
import { card, events, site, speed, violations } from "./site.mjs";

const here = site();
const visit = (fragment, act, options = { viewport: { width: 1440, height: 900 } }) => here.visit(fragment, act, options);

const theory = (page) => page.getByRole("region", { name: "Theory" });

/// The row group of a law: its heading, and what it says.
const law = (page, name) => theory(page).getByRole("rowgroup").filter({ has: page.getByRole("rowheader", { name }) });

/// The cells of the first row of values.
const cells = (page, name) => law(page, name).getByRole("cell");

const faster = async (page, factor) => {
  await page.getByRole("button", { name: "Show the whole system" }).waitFor();
  await speed(page).selectOption(factor);
};

test("one server is one shared machine: simulated and theory stand side by side, with what chance makes of the difference", async () => {
  await visit("#chapter/1", async (page) => {
    await card(page, "Web server").click();
    await faster(page, "100");
    await cells(page, /^Processor sharing/).nth(2).filter({ hasText: /±/ }).waitFor();
    const [simulated, said, difference] = await cells(page, /^Processor sharing/).allInnerTexts();
    assert.match(simulated, /^\d/);
    assert.ok(Math.abs(Number(simulated) / Number(said) - 1) < 0.5, `${simulated} and ${said}`);
    assert.match(difference, /^[+−]?[\d.]+ ± [\d.]+$/);
    assert.match((await cells(page, /^Utilisation law/).allInnerTexts())[1], /%$/);
    await theory(page).getByText("Formulas, and what they assume").click();
    await theory(page).getByText(/only its mean counts/).waitFor();
    assert.deepEqual(await violations(page), []);
  });
});

test("several servers behind a balancer have a line each, and it is said that no formula of one line holds", async () => {
  await visit("#chapter/4", async (page) => {
    await card(page, "Web 1").click();
    await law(page, /^Processor sharing/).getByRole("cell", { name: "does not apply" }).waitFor();
    await law(page, /^Processor sharing/).getByText(/with a line each, not one shared line/).waitFor();
  });
});

test("arrivals that are not Poisson end it, and the whole system has laws of its own", async () => {
  await visit("#chapter/1", async (page) => {
    await law(page, /^Little’s law: requests under way/).waitFor();
    await page.getByLabel("Arrivals", { exact: true }).selectOption("closed loop");
    await law(page, /^Interactive response-time law/).waitFor();
    await card(page, "Web server").click();
    await law(page, /^Processor sharing/).getByText(/Users wait for their answers/).waitFor();
  });
});

test("a cache is within a few points of Che’s approximation, until another rule says who goes first", async () => {
  await visit("#chapter/6", async (page) => {
    await card(page, "Cache 1").click();
    await faster(page, "10");
    await cells(page, /^Che’s approximation/).nth(2).filter({ hasText: /±/ }).waitFor();
    const [simulated, said] = (await cells(page, /^Che’s approximation/).allInnerTexts()).map((text) => Number.parseFloat(text));
    assert.ok(Math.abs(simulated - said) < 4, `${simulated}% and ${said}%`);
    await page.getByLabel("Eviction", { exact: true }).selectOption({ label: "least frequently used" });
    await law(page, /^Che’s approximation/).getByText(/used least goes first/).waitFor();
  });
});

test("parts of which no law speaks have no such section", async () => {
  await visit("#chapter/1", async (page) => {
    await card(page, "DNS").click();
    await page.getByRole("heading", { name: "DNS" }).waitFor();
    await events(page).waitFor();
    assert.equal(await theory(page).count(), 0);
  });
});
