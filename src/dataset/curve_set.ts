import type * as z from "zod";
import type { UnionToIntersection } from "../base/union_to_intersection.ts";
import type { Curve } from "./curve.ts";
import {
  curveSamples,
  curveTasks,
  dependenceDefaults,
  dependenceOptions,
  sampleDefaults,
  sampleOptions,
} from "./curve_samples.ts";
import type { Dataset } from "./dataset.ts";
import type { DatasetEntry, OptionsOf } from "./entry.ts";

type CurveOptions<Curves extends readonly Curve[]> = UnionToIntersection<Curves[number]["options"]>;
type PairOptions<Curves extends readonly Curve[]> = Curves extends readonly [Curve]
  ? typeof sampleOptions
  : typeof sampleOptions & typeof dependenceOptions;
type SetOptions<Curves extends readonly Curve[]> = PairOptions<Curves> &
  (CurveOptions<Curves> extends z.ZodRawShape ? CurveOptions<Curves> : never);

/** A dataset that is generated from curves. */
export interface CurveSet<Schemas extends z.ZodRawShape> extends DatasetEntry<Schemas> {
  /**
   * @param dataSeed unsigned 32-bit integer; same seed and options, same bytes
   * @param options within the bounds of their schemas
   */
  generate(dataSeed: number, options?: OptionsOf<Schemas>): Dataset;
}

/** A dataset with one binary task for each curve, in the order of the curves: two inputs and one output each. */
export function curveSet<const Curves extends readonly Curve[]>(
  name: string,
  summary: string,
  curves: Curves,
): CurveSet<SetOptions<Curves>> {
  const planned = curves.map((curve) => ({ curve, name: curve.name, classes: 2 }));
  const tasks = curveTasks(planned);
  const coverage = "total";
  const isSeveral = curves.length > 1;
  const filled = {
    ...sampleDefaults,
    ...(isSeveral && dependenceDefaults),
    ...Object.assign({}, ...curves.map((curve) => curve.defaults)),
  };
  const generate = (dataSeed: number, given: Readonly<Record<string, unknown>> = {}): Dataset => ({
    name,
    coverage,
    ...curveSamples(planned, dataSeed, { ...filled, ...given }),
  });
  return {
    name,
    summary,
    options: Object.assign({}, sampleOptions, isSeveral && dependenceOptions, ...curves.map((curve) => curve.options)),
    defaults: filled,
    sources: [],
    outline: () => ({ tasks, coverage }),
    load: ({ dataSeed, options: given }) => generate(dataSeed, given),
    generate,
  };
}
