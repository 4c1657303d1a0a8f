import { inThousands, plural } from "../../base/format.ts";
import type { Shape } from "../../base/shape.ts";
import { type Evaluated, estimatedTimes, type Step, type StepTimes } from "./step_times.ts";

/** The network of a run. */
export interface TimedNetwork {
  readonly shape: Shape;
  /** Mini-batch size in samples, from 1; at most the training split. */
  readonly batch: number;
  /** Number of weights that each level trains with. */
  readonly remaining: readonly number[];
  /** Undefined: evaluated after every epoch, or less often. */
  readonly evaluated?: Evaluated | undefined;
}

/** Runs that one engine trains at the same time. */
export interface TimedWork {
  /** One entry per run. */
  readonly networks: readonly TimedNetwork[];
  /** Number of threads of the CPU engine: at most the networks and the cores. */
  readonly threads: number;
}

/** The faster engine of a run. */
export interface Decision {
  readonly engine: "cpu" | "adapter";
  /** Why, for people: `3 networks of 3,591 to 112 weights: 6.2 us per network-step, nvidia-h200 7.0 us`. */
  readonly reason: string;
}

/**
 * Factor between two estimates from which the lower one is believed without a measurement. The estimates are of an H200; a
 * machine with a slower GPU usually has a slower processor too.
 */
const clearFactor = 5;

/**
 * Chooses the engine with the lower time per network and step, as a mean over the levels of all runs, each with the same
 * number of steps. The adapter is chosen at a tie.
 * @param works trained one after another, all by the same engine; at least one network
 * @param adapterName name of the adapter for people
 * @param measure measures the times of steps on this machine; called only if the estimates are close. Undefined: there
 * is no measurement, and the estimates decide
 */
export async function fasterEngine(
  works: readonly TimedWork[],
  adapterName: string,
  measure: () => Promise<StepTimes | undefined>,
): Promise<Decision> {
  const estimate = meanTimes(works, estimatedTimes);
  const factor = estimate.cpuUs / estimate.adapterUs;
  if (factor > clearFactor || factor < 1 / clearFactor) return decide(works, estimate, adapterName, "about ");
  const times = await measure();
  return times
    ? decide(works, meanTimes(works, times), adapterName, "")
    : decide(works, estimate, adapterName, "about ");
}

/** Mean times per network and step, in us. */
interface MeanTimes {
  readonly cpuUs: number;
  readonly adapterUs: number;
}

function meanTimes(works: readonly TimedWork[], times: StepTimes): MeanTimes {
  let [levels, cpuUs, adapterUs] = [0, 0, 0];
  for (const { networks, threads } of works) {
    for (const step of networks.flatMap(stepsOf)) {
      levels++;
      cpuUs += times.cpuUs(step) / threads;
      adapterUs += times.adapterUs(step, networks.length);
    }
  }
  return { cpuUs: cpuUs / levels, adapterUs: adapterUs / levels };
}

/** A step of each level of a network. */
export function stepsOf({ shape, batch, remaining, evaluated }: TimedNetwork): Step[] {
  return remaining.map((weights) => ({ shape, batch, weights, evaluated }));
}

function decide(
  works: readonly TimedWork[],
  { cpuUs, adapterUs }: MeanTimes,
  adapterName: string,
  about: "about " | "",
): Decision {
  const networks = works.flatMap((work) => work.networks);
  const weights = networks.flatMap(({ remaining }) => remaining);
  const [most, least] = [weights.reduce((a, b) => Math.max(a, b)), weights.reduce((a, b) => Math.min(a, b))];
  const range = most === least ? inThousands(most) : `${inThousands(most)} to ${inThousands(least)}`;
  const what = `${plural(networks.length, "network")} of ${range} weights`;
  const [cpu, adapter] = [cpuUs, adapterUs].map((us) => `${about}${twoDigits(us)} us`);
  return cpuUs < adapterUs
    ? { engine: "cpu", reason: `${what}: ${cpu} per network-step, ${adapterName} ${adapter}` }
    : { engine: "adapter", reason: `${what}: ${adapter} per network-step, cpu ${cpu}` };
}

/** A measured time, from 0, to two significant digits: `0.27`, `7.1`, `36`, `6,300`. */
function twoDigits(value: number): string {
  return inThousands(Number(value.toPrecision(2)));
}
