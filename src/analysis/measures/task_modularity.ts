import { taskGroups } from "../between/task_groups.ts";
import { modularityOf } from "../graph/modularity.ts";
import { type Measure, mostActiveOfGraph } from "./measure.ts";

export const taskModularity: Measure = {
  name: "task-modularity",
  summary:
    "modularity of the active neurons by the one task whose inputs and outputs they serve, neurons of several tasks as one more group",
  source: "Newman and Girvan 2004, equation 5, resolution 1",
  mostActive: mostActiveOfGraph,
  compute: ({ graph, mask, tasks }) => modularityOf(graph, taskGroups(graph, mask, tasks)),
};
