import type { Shape } from "../base/shape.ts";
import type { Engine } from "./engine.ts";

/** A network as far as its memory goes. */
export interface NetworkSize {
  readonly shape: Shape;
  /** Samples of a mini-batch, from 1. */
  readonly batch: number;
}

/** An engine as it will be, known before anything is opened. */
export interface EnginePlan {
  readonly kind: "adapter" | "cpu";
  readonly name: Engine["name"];
  /** Why this engine, in a few words. */
  readonly reason: string;
  /** Levels that it holds at the same time at most. */
  readonly slots: number;
  /** Levels that train at the same time at most; on a software adapter fewer than the slots. */
  readonly atOnce: number;
  /** Bytes on the device at most, the dataset included; 0 on the CPU. */
  readonly deviceBytes: number;
  /** Bytes in main memory, those of the runs themselves aside; 0 on an adapter. */
  readonly hostBytes: number;
}
