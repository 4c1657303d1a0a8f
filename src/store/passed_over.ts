import type { Named } from "./dense_layers.ts";

/** Most modules that are named with their tensors. */
const mostModules = 12;

/**
 * What a ticket's file holds beside the network, in one line: by module with its tensors, and which of them connect neurons, so that
 * the analysis of the dense layers does not see all connections.
 * @param others tensors that belong to no dense layer
 * @param leftOut names of dense layers that are not part of the network
 * @returns undefined where there is nothing
 */
export function passedOverText(others: readonly Named[], leftOut: readonly string[]): string | undefined {
  const modules = new Map<string, Named[]>();
  for (const tensor of others) {
    const [module] = splitName(tensor.name);
    const tensors = modules.get(module);
    if (tensors) tensors.push(tensor);
    else modules.set(module, [tensor]);
  }
  const withStatistics = modulesWithStatistics(others);
  const connecting: string[] = [];
  const listed = leftOut.map((name) => `${name} (matrix)`);
  for (const [module, tensors] of modules) {
    const parts = tensors.map(({ name }) => splitName(name)[1]).join(", ");
    listed.push(module === "" ? parts : `${module} (${parts})`);
    const kind = connectingKind(module, tensors, withStatistics);
    if (kind) connecting.push(`${module || parts} (${kind})`);
  }
  if (listed.length === 0) return undefined;
  const more = listed.length > mostModules ? ` and ${listed.length - mostModules} more` : "";
  const caveat =
    connecting.length === 0
      ? ""
      : `; what ${shortened(connecting)} ${connecting.length === 1 ? "connects" : "connect"} is not analysed: states and subnetworks are those of the dense layers alone`;
  return `passed over: ${listed.slice(0, mostModules).join(", ")}${more}${caveat}`;
}

const shortened = (texts: readonly string[]) =>
  texts.length > mostModules
    ? `${texts.slice(0, mostModules).join(", ")} and ${texts.length - mostModules} more`
    : texts.join(", ");

/** Module and tensor: `conv.0` and `weight` of `conv.0.weight`. */
function splitName(name: string): readonly [module: string, tensor: string] {
  const match = /^(.*)[./]([^./]+)$/s.exec(name);
  return match ? [match[1], match[2]] : ["", name];
}

const statistics = /^(running_mean|running_var|moving_mean|moving_variance|num_batches_tracked)(:\d+)?$/;
const factors = /^(weight|scale|gamma)(:\d+)?$/;
const shifts = /^(bias|beta)(:\d+)?$/;

/** What a module is, if its outputs depend on several of its inputs; undefined otherwise. */
function connectingKind(
  module: string,
  tensors: readonly Named[],
  withStatistics: ReadonlySet<string>,
): string | undefined {
  const has = (pattern: RegExp) => tensors.some(({ name }) => pattern.test(splitName(name)[1]));
  if (has(/^in_proj_|^(query|key|value|q_proj|k_proj|v_proj)(_weight|_kernel)?$/)) return "attention";
  if (/(^|[./])(query|key|value|out)$/.test(module) && has(/^kernel$/)) return "attention";
  if (has(/^(weight|bias)_[ih]h_|^recurrent_kernel/)) return "recurrent";
  if (
    tensors.some(
      ({ name, tensor }) => tensor.shape.length > 2 && /^(weight|kernel|vars|0|mask)/.test(splitName(name)[1]),
    )
  ) {
    return "convolution";
  }
  // A batch norm scales each neuron by itself; a layer norm divides by the deviation of all of them.
  if (has(statistics) || withStatistics.has(module.replace(/^params[./]/, ""))) return undefined;
  const factor = tensors.find(({ name, tensor }) => factors.test(splitName(name)[1]) && tensor.shape.length === 1);
  return factor && (has(shifts) || /norm|ln/i.test(module)) ? "layer norm or alike" : undefined;
}

/** The modules that a collection of statistics of Flax names: those of its tensors and those above them. */
function modulesWithStatistics(tensors: readonly Named[]): Set<string> {
  const modules = new Set<string>();
  for (const { name } of tensors) {
    const [, inner] = /^batch_stats[./](.{1,1000})$/s.exec(name) ?? [];
    for (const { index } of inner?.matchAll(/[./]/g) ?? []) modules.add(inner.slice(0, index));
  }
  return modules;
}
