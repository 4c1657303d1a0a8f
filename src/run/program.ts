import { adapterKernelsHash } from "../engine/adapter/kernels_hash.ts";
import { cpuKernelsHash } from "../engine/cpu/kernels_hash.ts";
import type { Program } from "../store/program.ts";

/**
 * Number of the host's numerics. Raise it by one with every change after which the host gives other bytes for a spec that
 * exists: initial weights, sample order, standardisation, the values given to kernels, selection, early stopping, scores.
 * A run that was begun with another number is not gone on with unless the user asks for it. test/run/program.test.ts
 * fails after such a change.
 */
export const numericVersion = 1;

/**
 * The program that trains on an engine.
 * @param version of the package
 * @param engine name of an engine
 */
export async function trainingProgram(version: string, engine: string): Promise<Program> {
  const kernels = engine === "cpu" ? await cpuKernelsHash() : await adapterKernelsHash();
  return { version, numeric: numericVersion, kernels };
}
