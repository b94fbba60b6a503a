// How long the page's thread works for each picture: read off the browser's own trace.

import { open } from "../e2e/browser.mjs";

const CATEGORIES = ["toplevel", "devtools.timeline", "disabled-by-default-devtools.timeline", "v8.execute"];

/// What of the trace is scripting: the page's own code, wasm included, and what it has to wait for.
const SCRIPTING = new Set([
  "FunctionCall", "FireAnimationFrame", "TimerFire", "EvaluateScript", "EventDispatch", "RunMicrotasks", "V8.GC_MC_BACKGROUND",
  "HandlePostMessage", "v8.run", "MinorGC", "MajorGC",
]);

/// Opens `url`, sets the speed, and traces: `{ scripting, tasks, perSecond, dots }`, pairs of the median and the 99th
/// percentile, of dots the most.
export async function frames(browser, url, speed, seconds) {
  const { page, close } = await open(browser, "about:blank", { viewport: { width: 1440, height: 900 } });
  await page.addInitScript(countDots);
  await page.goto(url);
  const ways = page.getByRole("combobox", { name: /^Speed/ });
  await ways.waitFor({ timeout: 60_000 });
  // What the address holds may take its time; until it is there, the page shows the first chapter.
  await page.locator(".opening").waitFor({ state: "detached", timeout: 60_000 });
  if (speed) await ways.selectOption(speed);
  await page.waitForTimeout(3_000);
  await page.evaluate(() => (globalThis.dotCounts.length = 0));
  await browser.startTracing(page, { categories: CATEGORIES });
  await page.waitForTimeout(seconds * 1_000);
  const trace = JSON.parse(await browser.stopTracing());
  const counts = (await page.evaluate(() => globalThis.dotCounts)).sort((a, b) => a - b);
  await close();
  return { ...read(trace.traceEvents), dots: [quantile(counts, 0.5), counts.at(-1) ?? 0] };
}

/// In the page: counts the dots of each frame that the worker sends.
function countDots() {
  globalThis.dotCounts = [];
  const Own = globalThis.Worker;
  globalThis.Worker = class extends Own {
    constructor(...words) {
      super(...words);
      this.addEventListener("message", ({ data }) => {
        // The run, what it is, and the numbers, of which the first says how many dots there are.
        if (Array.isArray(data) && data[1] === "frame") globalThis.dotCounts.push(data[2][0]);
      });
    }
  };
}

function read(events) {
  const pictures = events.filter((own) => own.name === "FireAnimationFrame");
  const [thread, own] = [...byThread(pictures)].sort((a, b) => b[1].length - a[1].length)[0] ?? [];
  if (!own || own.length < 20) throw new Error("the trace has no pictures: does the page run?");
  const starts = own.map((event) => event.ts).sort((a, b) => a - b);
  const here = events.filter((event) => `${event.pid}/${event.tid}` === thread && event.ph === "X" && event.dur > 0);
  const scripting = perPicture(starts, union(here.filter((event) => SCRIPTING.has(event.name))));
  const tasks = perPicture(starts, union(here.filter((event) => event.name.endsWith("RunTask"))));
  const seconds = (starts.at(-1) - starts[0]) / 1e6;
  const pair = (list) => [quantile(list, 0.5), quantile(list, 0.99)];
  return { scripting: pair(scripting), tasks: pair(tasks), perSecond: (starts.length - 1) / seconds };
}

function byThread(events) {
  const threads = new Map();
  for (const event of events) {
    const key = `${event.pid}/${event.tid}`;
    if (!threads.has(key)) threads.set(key, []);
    threads.get(key).push(event);
  }
  return threads;
}

/// Stretches that are covered, without what is within others.
function union(events) {
  const merged = [];
  for (const { ts, dur } of events.sort((a, b) => a.ts - b.ts)) {
    const last = merged.at(-1);
    if (last && ts < last[1]) last[1] = Math.max(last[1], ts + dur);
    else merged.push([ts, ts + dur]);
  }
  return merged;
}

/// Milliseconds between each picture's beginning and the next one's, in order of length.
function perPicture(starts, stretches) {
  const sums = new Array(starts.length - 1).fill(0);
  let at = 0;
  for (const [begin, end] of stretches) {
    while (at < sums.length && starts[at + 1] <= begin) at += 1;
    for (let own = at; own < sums.length && starts[own] < end; own++) {
      sums[own] += Math.max(0, Math.min(end, starts[own + 1]) - Math.max(begin, starts[own])) / 1e3;
    }
  }
  return sums.sort((a, b) => a - b);
}

function quantile(sorted, q) {
  return sorted.length === 0 ? 0 : sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))];
}
