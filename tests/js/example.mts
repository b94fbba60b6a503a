// Uses whatever the package has, with its types; compiled by types.test.mjs.

import { type Change, type EventLine, type Frame, type FrameNode, type Report, type Scenario, type Stage } from "zero-to-millions";
import { Simulation, stages } from "zero-to-millions";

const all: Stage[] = stages();
const first: string = all[0]?.id ?? "single-server";

const scenario: Scenario = {
  version: 1,
  name: "One server",
  workload: {
    users: 100,
    entry: "web",
    clients: { web: { place: "london", share: 1 } },
    classes: { read: { share: 1, web: { mean_ms: 10, distribution: "exponential" } } },
  },
  machines: { app: { cores: 1, place: "london" } },
  tiers: { web: { kind: "web_server", machine: "app", slots: 8, backlog: 100 } },
};

const simulation = new Simulation(scenario, 2n ** 63n);
new Simulation(first, "18446744073709551615").free();
new Simulation("#chapter/4").free();

const now: number = simulation.advance(1_000);
const more: boolean = simulation.step();
const change: Change = { set: { path: "workload.users", value: 1_000 } };
simulation.apply(change);
simulation.apply({ kill: { target: "web.1", silent: true } });

const frame: Frame = simulation.frame();
const waiting = (node: FrameNode): number => node.waiting + node.in_hand;
const queues: number[] = frame.nodes.filter((node) => node.kind === "web_server" && node.life !== "down").map(waiting);
const load: number = frame.nodes[0]?.cpu ?? 0;
const ways: [number, number][] = frame.hops.map((hop) => [hop.from, hop.to]);
const timeouts: number = frame.failures.filter((failure) => failure.cause === "timeout").length;
const p99: number | null = frame.figures.p99_ms;

const report: Report = simulation.report();
const ratio: number | undefined = report.tiers["cache"]?.hit_ratio;
const seed: number | bigint = report.seed;
const failed: number = report.requests.failed["refused"] ?? 0;

const lines: EventLine[] = simulation.events();
const calls: [number, number][] = simulation.scene().calls;
simulation.begin_measuring();
const link: string = simulation.link();
const recorded: string | undefined = new Simulation(link).recorded_digest;

console.log(now, more, simulation.now_ms, simulation.moment_ms, simulation.digest(), recorded);
console.log(queues, load, ways, timeouts, p99, ratio, seed, failed, lines, calls);
