import { Registry } from "../base/registry.ts";
import { degreeOfSeparation } from "./statistics/degree_of_separation.ts";
import { mixing } from "./statistics/mixing.ts";
import { separated } from "./statistics/separated.ts";
import type { Statistic } from "./statistics/statistic.ts";
import { subnetworks } from "./statistics/subnetworks.ts";
import { taskModularity } from "./statistics/task_modularity.ts";

/** The structural statements that are held against chance, in the order in which they are shown and stored. */
export const statistics = new Registry<Statistic>("statistic", [
  separated,
  subnetworks,
  degreeOfSeparation,
  mixing,
  taskModularity,
]);
