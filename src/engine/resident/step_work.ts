import { layerCount } from "../../base/shape.ts";
import { graphSize, type ResidentGraph } from "./graph.ts";

/** How a network's steps are executed. */
export interface StepExecution {
  /** Mini-batch size in samples, from 1. */
  readonly batch: number;
  /** Workgroup size of the kernel: quads, blocks. */
  readonly workgroup: readonly [quads: number, blocks: number];
  /** Whether the network's rows are in storage, not in workgroup memory. */
  readonly areRowsInStorage: boolean;
}

/** Relative cost of a step, an integer from 1, so that networks take similar times in a dispatch. */
export function stepWork(graph: ResidentGraph, execution: StepExecution): number {
  // Software adapters run a workgroup on one thread, with one row of invocations.
  const work = execution.workgroup[1] === 1 ? softwareStepWork(graph, execution) : gpuStepWork(graph, execution);
  return Math.max(1, Math.round(work));
}

/**
 * On a GPU, in tenths of a microsecond of an NVIDIA H200.
 *
 * Fitted by hand, by least relative error, to device times of a step of one network with batch 64 and its share of the
 * validation of 1,000 samples every 16 steps (2026-11-26). In workgroup memory, by tiles: (4,57,57,2) with 28 and
 * 255 tiles 15.5 and 35.5 us, (4,70,70,2) with 360 tiles 49 us. In storage, (4,178,178,2) with 364, 1,356, 1,946 and
 * 2,115 tiles 94, 209, 285 and 315 us. All of these have 91 blocks; that the constant part of their times grows with
 * the blocks is assumed. Largest error: 5 %. Not measured: other batches; the part of the tiles is taken as
 * proportional to the batch.
 */
function gpuStepWork(graph: ResidentGraph, { batch, areRowsInStorage }: StepExecution): number {
  const { blocks, tiles } = graphSize(graph);
  const share = Math.max(1, batch / 64);
  return areRowsInStorage ? 5.5 * blocks + 1.22 * tiles * share : 127 + 0.955 * tiles * share;
}

/**
 * On a software adapter, roughly in tenths of a microsecond of SwiftShader: for each phase, the turns of a workgroup
 * over its items, by the length of an item.
 */
function softwareStepWork(graph: ResidentGraph, { batch, workgroup: [across, down] }: StepExecution): number {
  const { blocks, tiles, backTiles, backBlocks } = graphSize(graph);
  const quads = Math.ceil(batch / 4);
  const turns = Math.ceil(quads / across);
  // Mean tiles of a block, for each turn over the blocks of a layer.
  const forward = turns * (Math.max(tiles / down, tiles / blocks) + layerCount(graph.shape));
  const backward = turns * (Math.max(backTiles / down, backTiles / Math.max(1, backBlocks)) + layerCount(graph.shape));
  const update = (quads * Math.max(1, (tiles + blocks) / (across * down))) / 2;
  return 10 * (forward + backward + update + 16);
}
