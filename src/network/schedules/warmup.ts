import { mostSteps, readSteps, type Schedule } from "./schedule.ts";

export const warmup: Schedule = {
  name: "warmup",
  summary: "the learning rate of step t of a level is lr min(1, t / steps)",
  source: "Goyal et al., Accurate, Large Minibatch SGD, 2017, section 2.2; Frankle and Carbin, ICLR 2019, section 4",
  notation: "<steps>",
  give: `an integer from 1 to ${mostSteps}`,
  numbers: (args) => {
    const warmupSteps = args.length === 1 ? readSteps(args[0]) : undefined;
    return warmupSteps === undefined ? undefined : { warmupSteps };
  },
};
