// For browsers: fetches the wasm module from beside this file. Whoever imports this has to wait for nothing more.
import init from "./zero_to_millions.js";

await init();

export { Simulation, stages } from "./zero_to_millions.js";
