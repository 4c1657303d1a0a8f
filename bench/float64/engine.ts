import type { Dataset } from "../../src/dataset/dataset.ts";
import type { Engine, NetworkStart } from "../../src/engine/engine.ts";
import { Float64Network } from "./network.ts";

/** An engine that computes in float64, so that whole runs can be set beside those of the engines in float32. */
export class Float64Engine implements Engine {
  readonly name = "cpu";
  readonly executor = "plain loops in float64";
  readonly slots = 1;
  /** Not reckoned: it is no engine that anyone plans with. */
  readonly memoryBytes = 0;

  /** @param batch samples of a mini-batch */
  constructor(
    readonly dataset: Dataset,
    readonly batch: number,
  ) {}

  async admit(start: NetworkStart): Promise<Float64Network> {
    return new Float64Network(start, this.dataset, this.batch);
  }

  close(): void {}
}
