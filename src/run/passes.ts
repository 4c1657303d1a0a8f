import { invariant } from "../base/errors.ts";
import type { RunEnd } from "../lottery/population.ts";
import { RunHeld } from "../store/lock/run_held.ts";
import type { RunLocks } from "../store/lock/run_locks.ts";
import type { EngineWork, RunPlace } from "./engine_work.ts";
import type { HeldRun } from "./options.ts";

/** Shortest time between two looks at the runs of others. */
const leastPollMs = 250;
/** Share of the time that looking may take, since many runs on a network file system take long. */
const mostPollShare = 0.05;

/** How runs that other processes write are treated. */
interface Sharing {
  readonly locks: RunLocks | undefined;
  /** Whether to wait for them; false passes over them. */
  readonly wait: boolean;
  /** Called before waiting, and again when other processes hold the runs than was told. */
  readonly onWait: ((held: readonly HeldRun[]) => void) | undefined;
  readonly signal: AbortSignal | undefined;
}

/** A run that another process writes, and the work that it belongs to. */
interface HeldPlace {
  readonly work: EngineWork;
  readonly place: RunPlace;
  held: RunHeld;
}

/**
 * Trains runs that several processes may train at once: first every run that no other process writes; then, as soon as others
 * end theirs, or are gone, those.
 * @param train trains runs of one engine, and gives a RunHeld for each that another process writes
 * @param hear receives the results of the others
 * @returns the runs that were passed over, empty if waiting is asked for
 * @throws what `train` throws, or the signal's reason
 */
export async function trainInPasses(
  works: readonly EngineWork[],
  train: (work: EngineWork) => Promise<readonly RunEnd[]>,
  hear: (place: RunPlace, result: Exclude<RunEnd, RunHeld>) => void,
  { locks, wait, onWait, signal }: Sharing,
): Promise<HeldRun[]> {
  let held: HeldPlace[] = [];
  const told = new Set<string>();
  for (let free = works; ; ) {
    for (const work of free) {
      const ends = await train(work);
      work.places.forEach((place, run) => {
        const end = ends[run];
        if (end instanceof RunHeld) held.push({ work, place, held: end });
        else hear(place, end);
      });
    }
    if (held.length === 0) return [];
    invariant(locks, "a run is held where there are no locks");
    // Those whose holders have ended or died meanwhile.
    let ready = await released(held, locks);
    if (!wait && ready.length === 0) return held.map(described);
    while (ready.length === 0) {
      const texts = held.map((each) => `${each.held.folder} ${each.held.message}`);
      if (texts.some((text) => !told.has(text))) onWait?.(held.map(described));
      for (const text of texts) told.add(text);
      const startedAt = performance.now();
      ready = await released(held, locks);
      const tookMs = performance.now() - startedAt;
      if (ready.length === 0) await pause(Math.max(leastPollMs, tookMs / mostPollShare), signal);
    }
    held = held.filter((each) => !ready.includes(each));
    free = worksOf(ready);
  }
}

/** The runs that no other process holds any more; notes who holds the others. */
async function released(held: readonly HeldPlace[], locks: RunLocks): Promise<HeldPlace[]> {
  const free: HeldPlace[] = [];
  for (const each of held) {
    const now = await locks.heldBy(each.held.folder);
    if (now) each.held = now;
    else free.push(each);
  }
  return free;
}

function worksOf(places: readonly HeldPlace[]): EngineWork[] {
  const works = new Map<EngineWork, RunPlace[]>();
  for (const { work, place } of places) works.set(work, [...(works.get(work) ?? []), place]);
  return [...works].map(([work, of]) => ({ ...work, places: of }));
}

function described({ place: { number, seed }, held: { folder, holder } }: HeldPlace): HeldRun {
  return { experiment: number, seed, folder, ...(holder && { host: holder.host, pid: holder.pid }) };
}

/** @throws the signal's reason */
function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const abort = () => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", abort);
      resolve();
    }, ms);
    signal?.addEventListener("abort", abort, { once: true });
    if (signal?.aborted) abort();
  });
}
