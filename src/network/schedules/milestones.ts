import { fitsFloat } from "../../base/single_float.ts";
import { mostMilestones, mostSteps, readSteps, type Schedule } from "./schedule.ts";

export const milestones: Schedule = {
  name: "milestones",
  summary: "after each of the given steps of a level, the learning rate is multiplied by the factor",
  source: "He et al., CVPR 2016, section 4.2; torch.optim.lr_scheduler.MultiStepLR, counted in steps",
  notation: "<step,step,..>:<factor>",
  give: `1 to ${mostMilestones} ascending integers from 1 to ${mostSteps} and a factor from 0`,
  numbers: (args) => {
    if (args.length !== 2) return undefined;
    const steps = args[0].split(",").map(readSteps);
    const factor = args[1].trim() === "" ? Number.NaN : Number(args[1]);
    const fits =
      steps.length <= mostMilestones &&
      steps.every((step, k) => step !== undefined && step > (steps[k - 1] ?? 0)) &&
      factor >= 0 &&
      fitsFloat(factor);
    return fits ? { milestones: steps as number[], factor } : undefined;
  },
};
