import type { Dataset } from "../dataset/dataset.ts";
import {
  activeTargetNotice,
  initialNotice,
  labelNotices,
  nothingPrunedNotice,
  oneSampleNotice,
  prunableNotice,
  sharedInputsNotice,
  toleranceNotice,
} from "../lottery/announcements.ts";
import { sameRewindNotice } from "../lottery/rewind.ts";
import { baselines } from "../lottery/scores.ts";
import type { Spec } from "../lottery/spec.ts";
import { defaultActivation } from "../network/activations/index.ts";
import type { Parameters } from "../network/parameters.ts";

/** What can be told of an experiment before training. */
interface Prospect {
  readonly baselines: Readonly<Record<string, number>>;
  readonly notices: readonly string[];
}

/** What can be told of experiments before training; looks at each dataset once, because many experiments share one. */
export class Prospects {
  readonly #datasets = new Map<Dataset, Prospect>();
  readonly #others = new Map<string, string | undefined>();

  /**
   * @param initial given initial parameters
   * @param path of their file
   */
  constructor(
    readonly initial: Parameters | undefined,
    readonly path: string | undefined,
  ) {}

  of(spec: Spec, dataset: Dataset): Prospect {
    const { activation = defaultActivation, tolerance, coverage = dataset.coverage } = spec;
    const known = this.#datasets.get(dataset) ?? {
      baselines: baselines(dataset),
      notices: [...(dataset.notes ?? []), ...labelNotices(dataset)],
    };
    this.#datasets.set(dataset, known);
    const number = [...this.#datasets.keys()].indexOf(dataset);
    const more = [
      this.#once(`${number} ${tolerance}`, () => toleranceNotice(dataset, tolerance)),
      this.#once(`${number} ${coverage}`, () => sharedInputsNotice(dataset, coverage)),
      this.#once(`${spec.counts} ${spec.prunable} ${spec.remaining}`, () => activeTargetNotice(spec)),
      this.#once(`${spec.prunable} ${spec.shape}`, () => prunableNotice(spec)),
      oneSampleNotice(spec),
      nothingPrunedNotice(spec) ?? sameRewindNotice(spec),
      this.#once(activation, () => this.initial && initialNotice(this.initial, activation, this.path ?? "")),
    ];
    return { ...known, notices: [...known.notices, ...more.filter((notice) => notice !== undefined)] };
  }

  #once(key: string, find: () => string | undefined): string | undefined {
    if (!this.#others.has(key)) this.#others.set(key, find());
    return this.#others.get(key);
  }
}
