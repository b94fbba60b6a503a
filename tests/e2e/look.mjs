// Pictures of the built page, to be looked at: three sizes, light and dark.
//
//     node tests/e2e/look.mjs [--out DIR] [--wait MS] [--hash FRAGMENT]
//
// --out   where the pictures go (default: a new temporary folder)
// --wait  how long the page runs before its picture is taken, in milliseconds (default 1500)
// --hash  the fragment of a share link

import { mkdtempSync, mkdirSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";
import { launch, open } from "./browser.mjs";
import { serve } from "./server.mjs";

const SIZES = [
  { width: 1440, height: 900 },
  { width: 820, height: 1180 },
  { width: 390, height: 844 },
];

const { out, wait_ms, hash } = options();
const [browser, server] = await Promise.all([launch(), serve()]).catch((error) => refuse(error.message));
let complained = false;
for (const viewport of SIZES) {
  for (const colorScheme of ["light", "dark"]) {
    const { page, complaints, close } = await open(browser, server.url + hash, { viewport, colorScheme });
    await page.waitForTimeout(wait_ms);
    const picture = path.join(out, `${viewport.width}x${viewport.height}-${colorScheme}.png`);
    await page.screenshot({ path: picture });
    console.log(picture);
    for (const complaint of complaints) console.log(`  ${complaint}`);
    complained ||= complaints.length > 0;
    await close();
  }
}
await browser.close();
await server.close();
process.exitCode = complained ? 1 : 0;

function options() {
  let values;
  try {
    const string = { type: "string" };
    ({ values } = parseArgs({ options: { out: string, wait: string, hash: string } }));
  } catch (error) {
    refuse(error.message);
  }
  const wait_ms = Number(values.wait ?? 1500);
  if (!Number.isInteger(wait_ms) || wait_ms < 0) refuse(`--wait must be whole milliseconds, is ${values.wait}`);
  const out = values.out ?? mkdtempSync(path.join(tmpdir(), "zero-to-millions-"));
  mkdirSync(out, { recursive: true });
  return { out, wait_ms, hash: values.hash ? `#${values.hash.replace(/^#/, "")}` : "" };
}

function refuse(line) {
  console.error(`look: ${line}`);
  process.exit(2);
}
