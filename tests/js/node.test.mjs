// The package in Node, held against the native command line.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import { writeFileSync } from "node:fs";
import path from "node:path";
import { Simulation, stages } from "../../pkg/node.js";
import { native, nativeRefusal, nativeReport, withPackage } from "./native.mjs";

const STAGES = ["single-server", "load-balancer", "database-replication"];

/// A scenario of a stage as an object of one's own.
function scenario(stage) {
  return JSON.parse(native("open", new Simulation(stage).link()).stdout);
}

function refusal(act) {
  try {
    act();
  } catch (error) {
    assert.ok(error instanceof Error && error.constructor === Error, `${error} is a plain Error`);
    return error.message.replaceAll(/\s+/g, " ");
  }
  assert.fail("it was not refused");
}

test("a run reports what the native command line reports, digest and all", () => {
  for (const stage of STAGES) {
    const simulation = new Simulation(stage, 7);
    assert.equal(simulation.advance(10_000), 10_000);
    const report = simulation.report();
    assert.deepEqual(report, nativeReport(stage, "--seed", "7", "--duration", "10s"));
    assert.equal(report.digest, simulation.digest());
    assert.ok(report.requests.answered > 0);
  }
});

test("measuring begins when it is told to", () => {
  const simulation = new Simulation("cache");
  simulation.advance(2_000);
  simulation.begin_measuring();
  simulation.advance(3_000);
  assert.deepEqual(simulation.report(), nativeReport("cache", "--warmup", "2s", "--duration", "3s"));
});

test("however a run is cut into calls and watched, it is the same run", () => {
  const whole = new Simulation("load-balancer", 3);
  whole.advance(5_000);
  const cut = new Simulation("load-balancer", 3);
  for (let i = 0; i < 100; i++) assert.ok(cut.step());
  while (cut.now_ms < 5_000) {
    cut.advance(Math.min(16.7, 5_000 - cut.now_ms));
    cut.frame();
  }
  assert.deepEqual(cut.report(), whole.report());
  const other = new Simulation("load-balancer", 4);
  other.advance(5_000);
  assert.notEqual(other.digest(), whole.digest());
});

test("every stage is there and runs", () => {
  assert.equal(stages().length, 13);
  for (const { id, chapter } of stages()) {
    const simulation = new Simulation(id);
    for (let i = 0; i < 1000; i++) simulation.step();
    assert.ok(simulation.now_ms > 0 && simulation.report().requests.issued > 0, id);
    simulation.free();
    assert.ok(chapter >= 1 && chapter <= 13);
  }
});

test("a scenario is an object, a text, a stage, or an address; undefined is what is not there", () => {
  const own = scenario("load-balancer");
  const digest = (given, seed) => {
    const simulation = new Simulation(given, seed);
    simulation.advance(1_000);
    return simulation.digest();
  };
  const expected = digest("load-balancer");
  assert.equal(digest(own), expected);
  assert.equal(digest({ ...own, seed: undefined, builds: undefined }, own.seed), expected);
  assert.equal(digest({ ...own, seed: BigInt(own.seed) }), expected);
  assert.equal(digest(JSON.stringify(own)), expected);
  assert.equal(digest("https://example.org/play/#chapter/load-balancer"), expected);
  assert.notEqual(digest("#rung/load-balancer"), expected);
});

test("a seed is exact, whatever its size", () => {
  const most = 18446744073709551615n;
  const simulation = new Simulation("single-server", most);
  simulation.advance(5_000);
  const found = simulation.report();
  assert.equal(found.seed, most);
  assert.equal(simulation.scene().scenario.seed, most);
  // JSON.parse rounds it; all else is the same.
  const expected = nativeReport("single-server", "--seed", `${most}`, "--duration", "5s");
  assert.deepEqual({ ...found, seed: Number(most) }, expected);
  assert.equal(new Simulation("single-server", `${most}`).report().seed, most);
  assert.equal(new Simulation(simulation.link()).report().seed, most);
  assert.equal(new Simulation("single-server", 7).report().seed, 7);
});

test("what is wrong is said with the words of the command line", () => {
  withPackage({}, (folder) => {
    const file = path.join(folder, "mine.json");
    const refused = (given) => {
      writeFileSync(file, typeof given === "string" ? given : JSON.stringify(given));
      const expected = nativeRefusal("run", file).replace(`${file}: `, "");
      assert.equal(refusal(() => new Simulation(given)), expected);
      return expected;
    };
    const own = scenario("load-balancer");
    const web = own.tiers.web;
    assert.match(refused({ ...own, tiers: { ...own.tiers, web: { ...web, slotz: 3 } } }), /^tiers\.web\.slotz: .*`slots`\?$/);
    assert.match(refused({ ...own, tiers: { ...own.tiers, web: { ...web, slots: 0 } } }), /^tiers\.web\.slots: /);
    assert.match(refused({ ...own, workload: { ...own.workload, users: "many" } }), /^workload\.users: /);
    assert.match(refused({ ...own, timeline: [{ at_ms: 1, change: { kill: { target: "wep" } } }] }), /^timeline\.0/);
    assert.match(refused({ ...own, seed: -1 }), /^seed: /);
    assert.match(refused('{ "version": 1, '), /^line 1, column /);
    refused({});
    refused([]);
  });
  for (const given of ["load-balancr", "#1.jAAAA", "#chapter/99", "claim/lb.evn", "#rung/x", "9.x#", "", "1."]) {
    // As one word of a command line, which says nothing of its own about what is not there.
    assert.equal(refusal(() => new Simulation(given)), nativeRefusal("run", given), given);
  }
});

test("what no file could say is refused too, with its place", () => {
  const own = scenario("load-balancer");
  const circle = { ...own };
  circle.machines = circle;
  assert.match(refusal(() => new Simulation(circle)), /more than 128 deep/);
  assert.equal(refusal(() => new Simulation({ ...own, workload: () => 1 })), "workload: must be plain data, is a function");
  const workload = { ...own.workload, requests_per_user_per_second: Number.NaN };
  assert.equal(
    refusal(() => new Simulation({ ...own, workload })),
    "workload.requests_per_user_per_second: must be a number, is NaN",
  );
  assert.match(refusal(() => new Simulation({ ...own, seed: 2n ** 64n })), /^seed: must be at most 18446744073709551615/);
  assert.match(refusal(() => new Simulation(undefined)), /null/);
  assert.match(refusal(() => new Simulation(7)), /7/);
  for (const seed of [-1, 1.5, 2 ** 60, Number.NaN, "x", -1n, {}, true]) {
    assert.match(refusal(() => new Simulation("cache", seed)), /^seed: must be a whole number from 0 to 18446744073709551615/);
  }
  const simulation = new Simulation("cache");
  for (const ms of [-1, Number.NaN, Number.POSITIVE_INFINITY, undefined, 1e300]) {
    assert.match(refusal(() => simulation.advance(ms)), /^ms: must be a number of milliseconds from 0 to /);
  }
  assert.equal(simulation.advance(0), 0);
});

test("a change is one of the timeline, happens now, and is seen", () => {
  const simulation = new Simulation("load-balancer");
  simulation.advance(2_000);
  const before = simulation.digest();
  for (const [change, said] of [
    [{ kill: { target: "wep.1" } }, /^target: .*did you mean "web"\?$/],
    [{ kil: { target: "web.1" } }, /did you mean `kill`\?$/],
    [{ set: { path: "tiers.web.slots", value: 0 } }, /^tiers\.web\.slots: must be at least 1/],
    [undefined, /./],
  ]) {
    assert.match(refusal(() => simulation.apply(change)), said);
  }
  assert.equal(simulation.now_ms, 2_000);
  assert.equal(simulation.digest(), before);
  const web = (number) => simulation.frame().nodes.find((node) => node.target === `web.${number}`);
  assert.equal(web(1).life, "up");
  simulation.apply({ kill: { target: "web.1" } });
  assert.equal(web(1).life, "down");
  assert.equal(web(2).life, "up");
  simulation.advance(10_000);
  assert.ok(simulation.events().some((line) => line.subject === "web.1" && line.kind === "fault" && /killed/.test(line.text)));
  // The same, said in the scenario.
  const own = { ...scenario("load-balancer"), timeline: [{ at_ms: 2_000, change: { kill: { target: "web.1" } } }] };
  const planned = new Simulation(own);
  planned.advance(12_000);
  assert.deepEqual(planned.report(), simulation.report());
});

test("a link leads to its moment: here, and on the command line", () => {
  const simulation = new Simulation("load-balancer", 11);
  simulation.advance(1_234.5678);
  simulation.apply({ kill: { target: "web.2" } });
  simulation.advance(500);
  const link = simulation.link();
  assert.match(link, /^#\d+\./);
  const again = new Simulation(link);
  assert.equal(again.now_ms, 0);
  assert.equal(again.moment_ms, simulation.now_ms);
  assert.equal(again.recorded_digest, simulation.digest());
  again.advance(again.moment_ms);
  assert.deepEqual(again.report(), simulation.report());
  const { stderr } = native("run", link, "--json");
  assert.match(stderr, /verified: the digest is that of the link/);
  assert.equal(new Simulation(link, 12).recorded_digest, undefined);
  assert.equal(new Simulation("cache").moment_ms, 0);
});

test("a frame holds the instant: loads, queues, and what is on its way", () => {
  const simulation = new Simulation("load-balancer");
  simulation.advance(3_000);
  assert.ok(simulation.frame().hops.length > 0, "what moved is seen from the start");
  let hops = 0;
  for (let i = 0; i < 100; i++) {
    simulation.advance(1);
    const frame = simulation.frame();
    assert.equal(frame.now_ms, simulation.now_ms);
    for (const hop of frame.hops) {
      assert.ok(hop.before >= 0 && hop.before <= hop.now && hop.now <= 1, JSON.stringify(hop));
      assert.ok(frame.nodes[hop.from] && frame.nodes[hop.to]);
    }
    hops += frame.hops.length;
  }
  assert.ok(hops > 100, `${hops} hops`);
  const { nodes, figures, in_flight } = simulation.frame();
  const { requests } = simulation.report();
  assert.equal(in_flight, requests.in_flight);
  const webs = nodes.filter((node) => node.kind === "web_server");
  assert.deepEqual(webs.map((node) => [node.target, node.tier, node.number]), [["web.1", "web", 1], ["web.2", "web", 2]]);
  const { tiers } = simulation.report();
  for (const web of webs) {
    // Of one second, against three: the same load, within what chance does to some hundred requests.
    assert.ok(Math.abs(web.cpu - tiers.web.utilisation) < 0.25, `${web.cpu} and ${tiers.web.utilisation}`);
    assert.ok(web.served_per_second > 0);
  }
  assert.ok(Math.abs(figures.span_ms - 1000) < 100 && figures.p50_ms > 0);
});

test("very many requests are told as a sample, and counted all the same", () => {
  const simulation = new Simulation("millions");
  simulation.advance(20);
  simulation.frame();
  simulation.advance(20);
  const { requests_per_dot, hops, in_flight } = simulation.frame();
  assert.ok(requests_per_dot > 1 && hops.length < 5_000, `${requests_per_dot} and ${hops.length}`);
  assert.equal(in_flight, simulation.report().requests.in_flight);
});

test("what is told is plain: objects and arrays, as JSON would have it", () => {
  const simulation = new Simulation("operations");
  simulation.advance(2_000);
  for (const told of [simulation.report(), simulation.frame(), simulation.scene(), simulation.events(), stages()]) {
    assert.deepEqual(structuredClone(told), told);
    assert.deepEqual(JSON.parse(JSON.stringify(told)), told);
  }
});

test("it is imported by its name", () => {
  const own = 'import { Simulation } from "zero-to-millions"; const s = new Simulation("cache"); console.log(s.advance(1));';
  withPackage({ "own.mjs": own }, (folder) => {
    const { stdout, stderr } = spawnSync(process.execPath, ["--preserve-symlinks", "own.mjs"], { cwd: folder, encoding: "utf8" });
    assert.equal(stdout, "1\n", stderr);
  });
});
