import { type Command, Option } from "commander";
import { activations } from "../network/activations/index.ts";
import { type ExportOptions, exportFormats } from "./export_options.ts";
import type { Shell } from "./shell.ts";

/** Adds `split-ticket export`. */
export function addExport(program: Command, shell: Shell): void {
  program
    .command("export")
    .description("write a ticket as the small dense network that computes the same outputs, or as a graph")
    .argument(
      "<ticket>",
      "a run's folder (seed-<n>), the file of one of its levels, or any ticket: safetensors, masks.json",
    )
    .requiredOption("-o, --output <path>", "the file; or a folder, for a name by run and level; - is standard output")
    .option("--level <level>", "the level of a run (default: the first separated one, else the last)")
    .addOption(
      new Option("--format <format>", "what to write (default: by the file's ending, else safetensors)").choices(
        exportFormats,
      ),
    )
    .addOption(
      new Option("--weights <which>", "the weights that training ended with, or those that it began with")
        .choices(["trained", "initial"])
        .default("trained"),
    )
    .option("--split", "write one network for each task, from a ticket with a subnetwork for each")
    .addOption(
      new Option("--activation <name>", "activation of a ticket that no run folder tells of (default: relu)").choices(
        activations.names,
      ),
    )
    .option("--tasks <tasks>", "tasks of a ticket that does not name them: name:inputs:outputs[:loss],..")
    .option("--layers <names>", "names of a ticket's layers in their order, as for analyze")
    .addHelpText(
      "after",
      `
safetensors and onnx hold the network: pruned parts left out, neurons that have the
same value for all samples folded into biases, inputs that reach nothing left out. The
metadata says which inputs are left, how they are standardised, and which outputs
belong to which task. A run keeps trained weights with --set keepTrained=true.
graphml and csv hold the graph of the whole ticket, with states and subnetworks.

In PyTorch:
  import json, torch
  from safetensors import safe_open
  with safe_open("ticket.safetensors", "pt") as file:
      about, state = file.metadata(), {key: file.get_tensor(key) for key in file.keys()}
  layers = []
  for i in range(len(state) // 2):
      layer = torch.nn.Linear(*reversed(state[f"layers.{i}.weight"].shape))
      layer.load_state_dict({name: state[f"layers.{i}.{name}"] for name in ("weight", "bias")})
      layers += [layer, torch.nn.Tanh() if about["activation"] == "tanh" else torch.nn.ReLU()]
  network = torch.nn.Sequential(*layers[:-1])
Its inputs: (data[:, json.loads(about["inputs"])] - input_mean) * input_scale.

Examples:
  split-ticket export runs/moons-circles-<hash>/seed-7 -o ticket.safetensors
  split-ticket export runs/moons-circles-<hash>/seed-7 --level 9 --split -o networks/ --format onnx
  split-ticket export runs/moons-circles-<hash>/seed-7/level-09.safetensors -o edges.csv`,
    )
    .action(async (path: string, options: ExportOptions) => {
      // The libraries of the formats are loaded only to write.
      const { exportTicket } = await import("./export_ticket.ts");
      await exportTicket(path, options, shell);
    });
}
