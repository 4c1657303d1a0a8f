import { InputError } from "../../base/errors.ts";
import { isDataPath } from "../../dataset/registry.ts";
import { ticket } from "../../lottery/branch/kinds/ticket.ts";
import { branchKinds } from "../../lottery/branch/kinds.ts";
import { checkOneShot } from "../../lottery/branch/one_shot_mask.ts";
import { levelsSpec } from "../../lottery/branch/source.ts";
import { countBranches, openBranchSources, trainBranches } from "../../run/branch.ts";
import type { BranchOptions } from "../../run/options.ts";
import type { Platform } from "../../run/platform.ts";
import { measuredCopies, measureStability } from "../../run/stability.ts";
import type {
  BranchesPlan,
  BranchReport,
  BranchRequest,
  BranchUse,
  StabilityReport,
  StabilityRequest,
} from "../protocol.ts";

/** How training is stopped and observed. */
export type Watch = Pick<BranchOptions, "signal" | "observe" | "onStart" | "onRestart">;

/** The script that makes tables and figures, which is loaded when they are first wanted: it is as large as the page. */
export type ReportScript = typeof import("./report_script.ts");

/** What branches can be taken of a stored run. */
export async function branchUse(platform: Platform, path: string): Promise<BranchUse> {
  const reasons: Record<string, string> = {};
  const problem = await messageOf(async () => {
    const [source] = await openBranchSources(platform, [path]);
    const { dataset } = source.keys;
    if (typeof dataset === "string" && isDataPath(dataset)) {
      throw new InputError(`${dataset}: a page reads no files of yours by name; give ${path} to split-ticket branch`);
    }
    for (const { name, prunesOnce } of branchKinds.entries) {
      if (!prunesOnce) continue;
      const reason = await messageOf(async () => checkOneShot(source, levelsSpec(source, source.keys, [0])));
      if (reason !== undefined) reasons[name] = reason;
    }
  });
  return { problem, reasons };
}

/** The message of an InputError that an action throws. */
async function messageOf(action: () => Promise<void>): Promise<string | undefined> {
  try {
    await action();
    return undefined;
  } catch (error) {
    if (error instanceof InputError) return error.message;
    throw error;
  }
}

/** How much a request for branches trains. */
export async function branchesPlan(platform: Platform, { paths, choice }: BranchRequest): Promise<BranchesPlan> {
  const sources = await openBranchSources(platform, paths);
  return countBranches(platform, sources, { ...choice, kinds: [ticket.name, ...choice.kinds] });
}

/** How much a measurement of stability trains. */
export async function stabilityPlan(platform: Platform, { paths, choice }: StabilityRequest): Promise<BranchesPlan> {
  const sources = await openBranchSources(platform, paths);
  return countBranches(platform, sources, measuredCopies(sources, choice).branches);
}

/** Trains branches, or reads those that are stored, and tells what the tickets are worth. */
export async function trainedBranches(
  platform: Platform,
  { paths, choice, device, engine }: BranchRequest,
  watch: Watch,
  script: ReportScript,
): Promise<BranchReport> {
  const result = await trainBranches(platform, paths, { ...watch, ...choice, device, engine });
  return script.branchReport(result);
}

/** Measures the stability of tickets. */
export async function measuredStability(
  platform: Platform,
  { paths, choice, device, engine }: StabilityRequest,
  watch: Watch,
  script: ReportScript,
): Promise<StabilityReport> {
  const result = await measureStability(platform, paths, { ...watch, ...choice, device, engine });
  return script.stabilityReport(result);
}
