import type { Shape } from "../base/shape.ts";
import type { LengthKeys } from "../network/level_steps.ts";
import type { Engine } from "./engine.ts";

/** What determines the memory of a network. */
export interface NetworkSize extends LengthKeys {
  readonly shape: Shape;
  /** Whether the values of every evaluation are kept, which takes memory for all that may come; default false. */
  readonly keepCurves?: boolean | undefined;
}

/** Plan of an engine, known before a device is opened. */
export interface EnginePlan {
  readonly kind: "adapter" | "cpu";
  readonly name: Engine["name"];
  /** Reason for the choice of this engine, in a few words. */
  readonly reason: string;
  /** Maximum number of levels held at the same time. */
  readonly slots: number;
  /** Maximum number of levels in training at the same time; on a software adapter fewer than the slots. */
  readonly atOnce: number;
  /** Maximum bytes on the device, the dataset included; 0 on the CPU. */
  readonly deviceBytes: number;
  /** Bytes of main memory, without the memory of the runs themselves; 0 on an adapter. */
  readonly hostBytes: number;
}
