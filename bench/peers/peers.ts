import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { availableParallelism, cpus, loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { spreadOf } from "../../src/benchmark/statistics.ts";
import { packageRoot } from "../../src/device/environment/node.ts";
import { openNodeDevice } from "../../src/device/node.ts";
import { writeCase } from "./case_files.ts";
import { type PeerCase, peerCases, stepsPerEpoch } from "./cases.ts";
import { Child } from "./child.ts";
import { expectedLosses, onAdapter, onCores } from "./ours.ts";
import type { Losses, Participant } from "./participant.ts";
import { type Row, rows } from "./rows.ts";
import { type Cell, type Line, peerTable } from "./table.ts";

/** Trials of a case; participants take turns, so that other load on the machine affects all of them. */
const trials = 5;

/**
 * Minimum time of a trial in ms, reached by repeating: far above the clock resolution and the start time of an adapter.
 */
const leastTrialMs = 300;

/**
 * Maximum relative difference of a loss from the twins'. Sums in another order differ in the last bits, and Adam's
 * first steps amplify differences of small gradients (up to 0.04 % observed). A learning rate wrong by 1 % changes the
 * loss by 0.2 %, a missing mask by more.
 */
const tolerance = 1e-3;

const folder = () => join(packageRoot(), "bench", "peers");

/** Installs the peers' packages if they are not installed. */
function install(): void {
  if (existsSync(join(folder(), "node_modules", ".package-lock.json"))) return;
  console.error("installing the peers into bench/peers/node_modules (npm ci)");
  const { status, error } = spawnSync("npm", ["ci", "--no-audit", "--no-fund"], {
    cwd: folder(),
    // The output of npm goes to standard error, since standard output is for figures.
    stdio: ["ignore", 2, 2],
    shell: process.platform === "win32",
  });
  if (status !== 0) throw new Error(`bench/peers: npm ci failed (${error?.message ?? `exit code ${status}`})`);
}

/** A line of the table and its participant; undefined if a peer cannot run. */
type Competitor = Line & { readonly participant: Participant | undefined };

async function enter(row: Row, adapter: string): Promise<Competitor> {
  switch (row.kind) {
    case "adapter":
      return { row, participant: onAdapter(row.engine), about: adapter, isOnCpu: false };
    case "cpu": {
      const cores = row.cores === "one" ? 1 : availableParallelism();
      const about = `WebAssembly SIMD, ${cores} of ${availableParallelism()} cores`;
      return { row, participant: onCores(cores), about, isOnCpu: true };
    }
    case "peer": {
      const [program, file, ...args] = row.command;
      try {
        const { peer, about, isOnCpu } = await Child.start([program, join(folder(), file), ...args]);
        return { row, participant: peer, about, isOnCpu };
      } catch (error) {
        const about = `cannot run here: ${(error as Error).message}`;
        return { row, participant: undefined, about, isOnCpu: undefined };
      }
    }
    default:
      return row satisfies never;
  }
}

/** The largest difference of a loss from the twins', relative to it. */
function differenceFrom(expected: Losses, losses: Losses): number {
  const differences = (["train", "validation"] as const).flatMap((kind) =>
    expected[kind].map((loss, network) => Math.abs(losses[kind][network] - loss) / Math.max(loss, 1e-3)),
  );
  // A missing or NaN loss must fail the check.
  return differences.some(Number.isNaN) ? Number.POSITIVE_INFINITY : Math.max(...differences);
}

/** One participant in one case. */
class TimedCase {
  readonly #times: number[] = [];
  #repeats = 1;

  private constructor(
    readonly one: PeerCase,
    readonly participant: Participant,
  ) {}

  /**
   * Compares the participant with the twins and finds the number of repeats of a trial.
   * @throws Error when the participant fails or its losses differ
   */
  static async open(one: PeerCase, participant: Participant, caseFolder: string, expected: Losses): Promise<TimedCase> {
    const difference = differenceFrom(expected, await participant.open(one, caseFolder));
    if (!(difference <= tolerance)) throw new Error(`its losses are off by ${(difference * 100).toPrecision(2)} %`);
    const timedCase = new TimedCase(one, participant);
    while ((await participant.trial(timedCase.#repeats)) < leastTrialMs) timedCase.#repeats *= 2;
    return timedCase;
  }

  async time(): Promise<void> {
    this.#times.push((await this.participant.trial(this.#repeats)) / this.#repeats);
  }

  /** Milliseconds per network-step, or per level. */
  cell(): Cell {
    const { levelEpochs, population } = this.one;
    const unit = levelEpochs === undefined ? stepsPerEpoch(this.one) * population : 1;
    const times = this.#times.map((ms) => ms / unit);
    const { median, lowest, highest } = spreadOf(times);
    return { ms: median, lowest, highest };
  }
}

/** Times one case for all participants that take part in it; the others have no cell. */
async function timeCase(
  one: PeerCase,
  competitors: readonly Competitor[],
  caseFolder: string,
): Promise<Map<Row, Cell>> {
  const cells = new Map<Row, Cell>();
  const timedCases = new Map<Row, TimedCase>();
  writeCase(caseFolder, one);
  const expected = await expectedLosses(one);
  const giveUp = (row: Row, error: unknown) => {
    timedCases.delete(row);
    cells.set(row, { reason: (error as Error).message });
  };
  for (const { row, participant } of competitors) {
    if (!participant || !row.takesPart(one)) continue;
    try {
      timedCases.set(row, await TimedCase.open(one, participant, caseFolder, expected));
    } catch (error) {
      giveUp(row, error);
    }
  }
  for (let k = 0; k < trials; k++) {
    for (const [row, timedCase] of [...timedCases]) await timedCase.time().catch((error) => giveUp(row, error));
  }
  for (const [row, timedCase] of timedCases) cells.set(row, timedCase.cell());
  for (const { participant } of competitors) await participant?.leave();
  return cells;
}

/**
 * Compares our engines with the peers: the same steps and the same level, checked against the twins, then timed in
 * turns.
 * @returns the lines of one table
 * @throws Error when the peers' packages cannot be installed
 */
export async function benchPeers(): Promise<string[]> {
  install();
  const device = await openNodeDevice();
  const { name: adapter, kind } = device;
  device.destroy();
  const scratch = mkdtempSync(join(tmpdir(), "split-ticket-peers-"));
  const competitors: Competitor[] = [];
  try {
    for (const row of rows) competitors.push(await enter(row, adapter));
    const loadBefore = loadavg()[0];
    const columns = [];
    for (const [k, one] of peerCases(kind === "gpu").entries()) {
      console.error(`peers: ${one.title.replace("\n", ", ")}`);
      columns.push({ one, cells: await timeCase(one, competitors, join(scratch, String(k))) });
    }
    const load = `${loadBefore.toFixed(1)} before, ${loadavg()[0].toFixed(1)} after`;
    return [
      ...peerTable(columns, competitors),
      `machine: ${cpus()[0]?.model}, ${availableParallelism()} cores, load ${load}; ${trials} trials in turns, each at least ${leastTrialMs} ms`,
    ];
  } finally {
    for (const { participant } of competitors) participant?.close();
    rmSync(scratch, { recursive: true, force: true });
  }
}
