import { canShareMemory, isShared } from "../../base/buffers.ts";
import { InputError } from "../../base/errors.ts";
import { formatShape } from "../../base/shape.ts";
import { parameterLayout } from "../../network/parameters.ts";
import type { EnginePlan } from "../plan.ts";
import { hostDatasetBytes, moduleBytes, type TrainingPlan, workerBytes } from "./sizes.ts";

/** What limits the number of threads. */
export interface CpuLimits {
  /** Number of networks to train, from 1; more threads would be idle. */
  readonly networks: number;
  /** Number of processor cores that this process may use, from 1. */
  readonly cores: number;
  /** Maximum bytes of all threads together; a single thread may exceed it. */
  readonly memoryBytes: number;
}

/** Plan of the CPU engine; each slot is a thread. */
export interface CpuPlan extends EnginePlan {
  readonly kind: "cpu";
  readonly training: TrainingPlan;
}

/** Main memory of a thread itself, its interpreter and its compiled script; measured on Node 20. */
const threadBytes = 11e6;

/** Addresses of a WebAssembly module are 32 bits. */
const mostModuleBytes = 2 ** 32;

/**
 * Plans the CPU engine with as many threads as networks, cores and memory allow, at least one.
 * @param reason reason for the choice of this engine, in a few words
 * @throws InputError when one network with the dataset does not fit the 4 GiB of a module
 */
export function planCpuEngine(training: TrainingPlan, limits: CpuLimits, reason: string): CpuPlan {
  const { networks, dataset } = training;
  for (const network of networks) {
    const bytes = moduleBytes({ networks: [network], dataset });
    if (bytes > mostModuleBytes) {
      throw new InputError(
        `shape ${formatShape(network.shape)} with dataset ${dataset.name} takes ${bytes} bytes on the CPU, at most ${mostModuleBytes}: choose a smaller shape or fewer samples`,
      );
    }
  }
  // The dataset that all threads share, or a copy for each.
  const handedBytes =
    isShared(dataset.train.features) && isShared(dataset.train.labels) ? 0 : hostDatasetBytes(dataset);
  // Initial and trained values of the level in training, in the memory of the main thread.
  const jobBytes = 2 * 4 * Math.max(...networks.map(({ shape }) => parameterLayout(shape).length));
  const oneBytes = threadBytes + workerBytes(training) + jobBytes;
  const eachBytes = oneBytes + (canShareMemory ? 0 : handedBytes);
  const slots = Math.max(1, Math.min(limits.networks, limits.cores, Math.floor(limits.memoryBytes / eachBytes)));
  const copies = canShareMemory ? 1 : slots;
  return {
    kind: "cpu",
    name: "cpu",
    reason,
    training,
    slots,
    atOnce: slots,
    deviceBytes: 0,
    hostBytes: slots * oneBytes + copies * handedBytes,
  };
}
