import type { Schedule } from "./schedule.ts";

export const constant: Schedule = {
  name: "constant",
  summary: "the learning rate stays as it is",
  source: "Kingma and Ba, ICLR 2015",
  notation: "",
  give: "",
  numbers: (args) => (args.length === 0 ? {} : undefined),
};
