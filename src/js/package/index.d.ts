export { Simulation, stages } from "./zero_to_millions.js";
export type * from "./zero_to_millions.js";
