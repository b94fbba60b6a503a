// A real Chromium, and pages that remember every complaint: errors and warnings of the console (the worker's too),
// exceptions nobody caught, and requests that failed.

import { accessSync, constants } from "node:fs";
import path from "node:path";
import { chromium } from "playwright-core";

const NAMES = ["chromium", "chromium-browser", "google-chrome-stable", "google-chrome", "chrome"];

const PLACES = [
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
  "/Applications/Chromium.app/Contents/MacOS/Chromium",
  "C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe",
  "C:\\Program Files (x86)\\Google\\Chrome\\Application\\chrome.exe",
];

/// Starts the browser that CHROME names, or else the first that is found, with more `args` if need be.
export function launch(args = []) {
  return chromium.launch({ executablePath: findChrome(), args: ["--no-sandbox", "--disable-dev-shm-usage", ...args] });
}

/// Opens a page in a profile of its own: `{ page, complaints, close }`. `complaints` grows while the page lives.
export async function open(browser, url, options = {}) {
  const context = await browser.newContext(options);
  const complaints = [];
  context.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) complaints.push(`${message.type()}: ${message.text()}`);
  });
  context.on("weberror", (event) => complaints.push(`uncaught: ${event.error().stack || event.error()}`));
  context.on("requestfailed", (request) => {
    complaints.push(`request failed: ${request.url()}: ${request.failure()?.errorText}`);
  });
  const page = await context.newPage();
  await page.goto(url, { waitUntil: "load" });
  return { page, complaints, close: () => context.close() };
}

function findChrome() {
  if (process.env.CHROME) return process.env.CHROME;
  const folders = (process.env.PATH ?? "").split(path.delimiter);
  const candidates = [...NAMES.flatMap((name) => folders.map((folder) => path.join(folder, name))), ...PLACES];
  const found = candidates.find(isExecutable);
  if (!found) throw new Error("no browser found: install Chromium or Chrome, or name one in the variable CHROME");
  return found;
}

function isExecutable(file) {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
