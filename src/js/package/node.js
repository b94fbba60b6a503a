// For Node, whose fetch reads no files.
import { readFile } from "node:fs/promises";
import { initSync } from "./zero_to_millions.js";

initSync({ module: await readFile(new URL("zero_to_millions_bg.wasm", import.meta.url)) });

export { Simulation, stages } from "./zero_to_millions.js";
