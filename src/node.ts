/**
 * The library for Node: the public exports, and {@link run}, which connects the parts. No exported type needs the types of
 * WebGPU or of Node, so that a user's program compiles without them.
 * @module
 */

import type { CoverageKind, Task } from "./base/task.ts";
import type { Mask } from "./mask/mask.ts";
import type { NullTest } from "./nulls/null_test.ts";
import { type Shares, storedShares } from "./report/stored_shares.ts";
import { trainBranches } from "./run/branch.ts";
import { nodePlatform } from "./run/node.ts";
import { testTicketNulls } from "./run/null_tests.ts";
import type {
  BranchOptions,
  ExperimentInput,
  NullTestOptions,
  PlanOptions,
  RunOptions,
  StabilityOptions,
} from "./run/options.ts";
import { prepareExperiments } from "./run/plan.ts";
import type { BranchRuns, RunResult, Stability, StoredFunction } from "./run/result.ts";
import { runExperiments } from "./run/run.ts";
import type { RunPlan } from "./run/run_plan.ts";
import { measureStability } from "./run/stability.ts";
import { RunData, storedFunction } from "./run/stored_function.ts";
import { nodeFiles } from "./store/node.ts";

export { adjustedRandIndex } from "./analysis/adjusted_rand.ts";
export { type Analysis, analyze, type Subnetwork } from "./analysis/analyze.ts";
export { taskPaths } from "./analysis/between/task_paths.ts";
export type { ColumnGroup, HiddenTasks, StructuralTask } from "./analysis/hidden_tasks.ts";
export type { Measure, MeasureValue } from "./analysis/measures/measure.ts";
export { measureMask, measures, usualMeasures } from "./analysis/measures/measures.ts";
export { type Outcome, runOutcome } from "./analysis/outcome.ts";
export { type PlantedPairs, plantedPairs } from "./analysis/planted_pairs.ts";
export type { LevelState } from "./analysis/state.ts";
export { type NeuronState, type WeightState, weightStates } from "./analysis/states.ts";
export type { ColumnRange, Columns } from "./base/columns.ts";
export { DeviceError, InputError, RunError, StorageError } from "./base/errors.ts";
export type { Files } from "./base/files.ts";
export { epochOrder } from "./base/random.ts";
export { type Shape, weightCount } from "./base/shape.ts";
export type { CoverageKind, Task, TrainedTask } from "./base/task.ts";
export type { DatasetAccess, OpenedFile } from "./dataset/access.ts";
export type { Dataset, Split } from "./dataset/dataset.ts";
export { type DatasetRequest, loadDataset } from "./dataset/load.ts";
export { nodeDatasetAccess } from "./dataset/node.ts";
export { datasets } from "./dataset/registry.ts";
export { parseTasks } from "./dataset/tasks.ts";
export { adapterEnvironment } from "./device/environment/node.ts";
export { type DenseNetwork, foldTicket, partOf } from "./export/dense_network.ts";
export { type InputConstants, type NetworkOrigin, networkMetadata } from "./export/network_metadata.ts";
export { onnxModel } from "./export/onnx.ts";
export {
  analyzeFunction,
  type FunctionAnalysis,
  type LesionedPart,
  type NeuronFunction,
} from "./function/analyze_function.ts";
export { type Agreement, agreement, type FoundTasks, findTasks } from "./function/find_tasks.ts";
export type { Grouping } from "./function/grouping.ts";
export type { Part } from "./function/parts.ts";
export type { ScoreDrop, ScoredSamples } from "./function/task_terms.ts";
export type { UseOfInputs } from "./function/use_of_inputs.ts";
export { type BranchLevel, branchLevels, type KindAtLevel } from "./lottery/branch/branch_levels.ts";
export type { BranchedRun, BranchRun } from "./lottery/branch/branch_run.ts";
export type { NamedData } from "./lottery/branch/data.ts";
export type { BranchKind } from "./lottery/branch/kind.ts";
export { branchKinds } from "./lottery/branch/kinds.ts";
export type { LinePoint, SplitErrors, SplitInstability, StabilityLine } from "./lottery/branch/stability_line.ts";
export type { Worth } from "./lottery/branch/worth.ts";
export type { GridInput } from "./lottery/grid.ts";
export type { LotteryRun } from "./lottery/lottery.ts";
export type { RunEvent, RunMessage, RunObserver, WeightsOffer } from "./lottery/messages.ts";
export { presets } from "./lottery/presets.ts";
export { resolveSpec, type Spec } from "./lottery/spec.ts";
export type { SpecInput } from "./lottery/spec_schema.ts";
export { type VerifiedRun, verifyRun } from "./lottery/verify_run.ts";
export { Mask } from "./mask/mask.ts";
export { jaccardIndex, keptShare } from "./mask/overlap.ts";
export { extendedShape, extensionTrajectory } from "./network/extension.ts";
export { initialParameters } from "./network/initial.ts";
export { Parameters } from "./network/parameters.ts";
export { pruningTrajectory } from "./network/trajectory.ts";
export { type CorrectedTest, correctedTests } from "./nulls/correction.ts";
export { nullModels } from "./nulls/models.ts";
export type { NullModelResult, NullStatistic, NullTest } from "./nulls/null_test.ts";
export { benjaminiHochberg, clopperPearson } from "./nulls/p_value.ts";
export { statistics as nullStatistics } from "./nulls/statistics.ts";
export type { ChanceShares, EffectShare, OutcomeShares } from "./report/chance_shares.ts";
export { edgeListCsv } from "./report/edge_list.ts";
export { ticketGraphml } from "./report/graphml.ts";
export type { Shares } from "./report/stored_shares.ts";
export type { TicketEdge, TicketGraph } from "./report/ticket_edges.ts";
export { ticketFigure } from "./report/ticket_figure.ts";
export type {
  BranchOptions,
  DeviceRestart,
  ExperimentInput,
  HeldRun,
  NullTestOptions,
  PlanOptions,
  RunOptions,
  StabilityOptions,
} from "./run/options.ts";
export type { BranchRuns, ExperimentResult, FailedRun, RunResult, Stability, StoredFunction } from "./run/result.ts";
export type { PlannedEngine, PlannedExperiment, RunPlan } from "./run/run_plan.ts";
export type { LevelRecord } from "./store/level_record.ts";
export { readRunFolder } from "./store/open_run.ts";
export { readStoredRun, type StoredRun } from "./store/stored_run.ts";
export { readTicket, type Ticket, writeTicket } from "./store/ticket_file.ts";
export { type Column, TableColumns } from "./table/columns.ts";
export type { Row } from "./table/flatten.ts";
export { parquetTable } from "./table/parquet_table.ts";
export { knownColumnType, levelRows, runRow } from "./table/run_rows.ts";
export { csvTable, jsonLinesTable } from "./table/text_tables.ts";
export { nodeFiles };

/**
 * Runs experiments as one population: trains, prunes, analyses and stores the levels of every spec and seed. A run that
 * fails by itself does not stop the others and is listed under `failed`: its training diverges, its folder cannot be
 * used, or its storage fails. Damaged files of earlier runs are made again, and told to `observe`. Runs that other
 * processes train are waited for, unless `wait` is false. A process can use SwiftShader only if it was started with the
 * variables of {@link adapterEnvironment}.
 * @throws InputError for an invalid spec, dataset or path, when the limits of the device or of main memory are exceeded,
 *   or when the folder of no run can be used; DeviceError when the device fails; StorageError when the storage does
 */
export function run(
  experiments: ExperimentInput | readonly ExperimentInput[],
  options: RunOptions = {},
): Promise<RunResult> {
  return runExperiments(nodePlatform(), experiments, options);
}

/**
 * Trains levels of stored runs again, each with one thing changed (its kind, of {@link branchKinds}), as one population.
 * Every branch is stored as a run beside the run that it branches from; branches that are stored already are read.
 * {@link branchLevels} tells what the ticket of each level is worth.
 * @param runs run folders, or folders above them with all seeds of a spec
 * @throws InputError for a level that is not finished, or a kind that lacks what it needs; else as {@link run}
 */
export function branch(runs: string | readonly string[], options: BranchOptions): Promise<BranchRuns> {
  return trainBranches(nodePlatform(), [runs].flat(), options);
}

/**
 * Trains copies of the tickets of stored runs, each in an order of samples of its own, and measures loss and error along the
 * line between every two copies of a ticket, on the training and the validation samples. The copies are branches of the
 * kind `order`, stored with their trained weights beside the run.
 * @param runs as of {@link branch}
 * @throws InputError as {@link branch}, and for a number of copies or points out of range
 */
export function stability(runs: string | readonly string[], options: StabilityOptions = {}): Promise<Stability> {
  return measureStability(nodePlatform(), [runs].flat(), options);
}

/**
 * Divides the variance of the outcomes of stored runs (separated, separated with a winning ticket, levels to separation, score of
 * the last level) among data set, initial weights and order of samples, with intervals and permutation tests. The runs are a
 * grid of seeds; each run counts once, whatever folders hold it.
 * @param runs run folders, or folders above them
 * @throws InputError for a folder without runs, a run that has not ended or is damaged, and where no two parts of chance vary
 */
export function shares(runs: string | readonly string[]): Promise<Shares> {
  return storedShares(nodeFiles, [runs].flat());
}

/**
 * Holds the structural statements about a ticket (separated, number of subnetworks, degree of separation, mixing, modularity) against
 * masks by chance of each null model, on all cores: p-values with 95 % intervals. {@link correctedTests} corrects those of several tickets.
 * The result depends on the ticket, its tasks and the options alone.
 * @param coverage which coverage decides that a subnetwork touches a task
 * @throws InputError when a task does not fit the mask's shape, an option is out of range, or a name is not known
 */
export function nullTest(
  mask: Mask,
  tasks: readonly Task[],
  coverage: CoverageKind,
  options: NullTestOptions = {},
): Promise<NullTest> {
  return testTicketNulls(nodePlatform(), mask, tasks, coverage, options);
}

/**
 * Returns the plan of {@link run}: specs, engines, memory, disk. Does not train the runs and creates no run folder, but
 * downloads missing data, and may measure the speed of engines. Where more is needed than is free, `shortages` says so.
 * @throws InputError as {@link run} does for other reasons
 */
export async function planRun(
  experiments: ExperimentInput | readonly ExperimentInput[],
  options: PlanOptions = {},
): Promise<RunPlan> {
  const { plan, device } = await prepareExperiments(nodePlatform(), experiments, options);
  device?.destroy();
  return plan;
}

/**
 * Analyses what the ticket of a stored level computes, on the first validation samples of its run: what each task loses by a lesion of each
 * subnetwork, what it makes of the inputs of each task, and the saliency and correlation of every hidden neuron. Trains nothing.
 * @param folder of a run that keeps its trained weights (`keepTrained=true`)
 * @param options samples: at most, from 2, 1,000 if not given
 * @throws InputError when the level has not finished, its trained weights are not stored, or the run's data cannot be loaded
 */
export function ticketFunction(
  folder: string,
  options: { readonly level: number; readonly samples?: number },
): Promise<StoredFunction> {
  const platform = nodePlatform();
  return storedFunction(platform, new RunData(platform.datasets), folder, options);
}
