// The package's types: an example that uses all of them compiles as strictly as can be, and what is wrong does not.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { test } from "node:test";
import { withPackage } from "./native.mjs";

const TSC = createRequire(import.meta.url).resolve("typescript/bin/tsc");
const STRICT = ["--strict", "--exactOptionalPropertyTypes", "--noUncheckedIndexedAccess", "--noUnusedLocals"];
const TARGET = ["--target", "es2022", "--lib", "es2022,dom,esnext.disposable"];

/// What the compiler has against a file, one line each.
function complaints(text, resolution) {
  return withPackage({ "example.mts": text }, (folder) => {
    const words = [TSC, "--noEmit", "--preserveSymlinks", ...STRICT, ...TARGET, ...resolution, "example.mts"];
    const { status, stdout } = spawnSync(process.execPath, words, { cwd: folder, encoding: "utf8" });
    assert.equal(status === 0, stdout === "", stdout);
    return stdout.split("\n").filter(Boolean);
  });
}

const EXAMPLE = readFileSync(new URL("example.mts", import.meta.url), "utf8");
const NODE = ["--module", "nodenext", "--moduleResolution", "nodenext"];
const BUNDLER = ["--module", "esnext", "--moduleResolution", "bundler"];

test("an example compiles without a complaint, for Node and for bundlers", () => {
  for (const resolution of [NODE, BUNDLER]) assert.deepEqual(complaints(EXAMPLE, resolution), []);
});

test("what is wrong is noticed", () => {
  const wrongs = [
    ["new Simulation(7)", /not assignable to parameter of type 'string \| Scenario'/],
    ['new Simulation("cache", {})', /'string \| number \| bigint \| undefined'/],
    ['new Simulation("cache").advance("1")', /'string' is not assignable to parameter of type 'number'/],
    ['new Simulation("cache").apply({ kill: { taget: "web.1" } })', /'taget' does not exist|did you mean/i],
    ['new Simulation("cache").apply({ kil: { target: "web.1" } })', /'kil' does not exist|did you mean/i],
    ['new Simulation("cache").report().tiers["web"].served', /possibly 'undefined'/],
    ['new Simulation("cache").frame().nodes[0]!.lief', /'lief' does not exist/],
    ['new Simulation("cache").frame().nodes[0]!.cpu.toFixed()', /possibly 'null'/],
    ['new Simulation({ version: 1, name: "x" })', /missing the following properties/],
  ];
  // One to a line, after the import.
  const lines = ['import { Simulation } from "zero-to-millions";', ...wrongs.map(([wrong]) => `${wrong};`)];
  const found = complaints(lines.join("\n"), NODE).join("\n").split(/^example\.mts\(/m).slice(1);
  wrongs.forEach(([wrong, said], index) => {
    const own = found.filter((complaint) => complaint.startsWith(`${index + 2},`)).join("");
    assert.match(own, said, wrong);
  });
});
