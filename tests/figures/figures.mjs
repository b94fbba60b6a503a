// What the built page costs, measured: how long its thread works for each picture, and Lighthouse's audits, both while the
// simulation runs.
//
//     node tests/figures/figures.mjs [--seconds N] [--only frames|audits]
//
// Exit code 1 if a figure that is to be reached is not. The machine's speed matters to the milliseconds: compare within one run.

import { parseArgs } from "node:util";
import { launch } from "../e2e/browser.mjs";
import { serve } from "../e2e/server.mjs";
import { frames } from "./frames.mjs";
import { audits } from "./audits.mjs";

const { values } = parseArgs({ options: { seconds: { type: "string", default: "10" }, only: { type: "string" } } });
const seconds = Number(values.seconds);
if (!(seconds >= 1 && seconds <= 600)) refuse(`--seconds must be from 1 to 600, is ${values.seconds}`);
if (values.only && !["frames", "audits"].includes(values.only)) refuse(`--only must be frames or audits, is ${values.only}`);

// Of the design: milliseconds for each picture, median and 99th percentile.
const MOST = { scripting: [4, 8], tasks: [8, 13] };

const server = await serve({ compressed: true });
let missed = 0;
if (values.only !== "audits") missed += await showFrames();
if (values.only !== "frames") missed += await showAudits();
await server.close();
process.exitCode = missed > 0 ? 1 : 0;

async function showFrames() {
  const browser = await launch();
  let missed = 0;
  const cases = [
    ["chapter 4, every request", "#chapter/4", null],
    ["chapter 6 at 1/10×, up to 5,000 dots", "?dots=5000#chapter/6", "0.1"],
    ["chapter 13 at 1×, up to 5,000 dots, worker under full load", "?dots=5000#chapter/13", "1"],
  ];
  console.log(`page's thread, ms for each picture over ${seconds} s (median / 99th percentile)`);
  for (const [name, address, speed] of cases) {
    const own = await frames(browser, server.url + address, speed, seconds);
    const [scripting, tasks] = [own.scripting, own.tasks].map((two) => two.map((ms) => ms.toFixed(1)).join(" / "));
    console.log(`  ${name}: scripting ${scripting}, all tasks ${tasks}; ${own.perSecond.toFixed(0)} pictures/s, ` +
      `${own.dots[0]} dots at the median, ${own.dots[1]} at most`);
    for (const kind of ["scripting", "tasks"]) {
      MOST[kind].forEach((most, index) => {
        if (own[kind][index] <= most) return;
        console.log(`    missed: ${kind} ${["median", "p99"][index]} is to be at most ${most} ms`);
        missed += 1;
      });
    }
  }
  await browser.close();
  return missed;
}

async function showAudits() {
  let missed = 0;
  for (const theme of ["light", "dark"]) {
    const scores = await audits(server.url, theme);
    console.log(`Lighthouse, desktop, ${theme}, while it runs:`);
    for (const { name, score, failing } of scores) {
      const least = name === "Performance" ? 98 : 100;
      console.log(`  ${name} ${score}${score < least ? ` (is to be ${least})` : ""}`);
      for (const line of failing) console.log(`    ${line}`);
      if (score < least) missed += 1;
    }
  }
  return missed;
}

function refuse(why) {
  console.error(why);
  process.exit(2);
}
