import { invariant } from "../../base/errors.ts";
import { takeLongest } from "../shared/slots.ts";
import { Heap } from "./heap.ts";

/** What a network takes of each buffer, in vec4. */
export interface NetworkMemory {
  readonly graph: number;
  readonly parameters: number;
  /** 0 where the rows are in workgroup memory. */
  readonly rows: number;
}

/** First vec4 of a network's part of each buffer. */
export type MemoryPlace = NetworkMemory;

interface Waiting {
  readonly remainingWork: number;
  readonly need: NetworkMemory;
  readonly take: (place: MemoryPlace) => void;
}

const names = ["graph", "parameters", "rows"] as const;

/**
 * The memory of a population: each network takes what its own level needs. If there is not enough, a level waits; the
 * one with the longest remaining work is next, and shorter ones wait for it.
 */
export class Memory {
  readonly #heaps: Readonly<Record<(typeof names)[number], Heap>>;
  readonly #waiting: Waiting[] = [];

  /** @param sizes vec4 of each buffer; every network that will come fits */
  constructor(sizes: NetworkMemory) {
    this.#heaps = { graph: new Heap(sizes.graph), parameters: new Heap(sizes.parameters), rows: new Heap(sizes.rows) };
  }

  async take(need: NetworkMemory, remainingWork: number): Promise<MemoryPlace> {
    for (const name of names) {
      const { size } = this.#heaps[name];
      invariant(need[name] <= size, `a network needs ${need[name]} vec4 of ${name}, the population has ${size}`);
    }
    const place = this.#waiting.length === 0 ? this.#placeOf(need) : undefined;
    return place ?? (await new Promise((take) => this.#waiting.push({ remainingWork, need, take })));
  }

  leave(place: MemoryPlace, need: NetworkMemory): void {
    for (const name of names) this.#heaps[name].leave(place[name], need[name]);
    for (;;) {
      const next = takeLongest(this.#waiting);
      if (!next) return;
      const free = this.#placeOf(next.need);
      if (!free) {
        this.#waiting.unshift(next);
        return;
      }
      next.take(free);
    }
  }

  #placeOf(need: NetworkMemory): MemoryPlace | undefined {
    const place: Record<string, number> = {};
    for (const name of names) {
      const at = this.#heaps[name].take(need[name]);
      if (at === undefined) {
        for (const taken of Object.keys(place) as (typeof names)[number][]) {
          this.#heaps[taken].leave(place[taken], need[taken]);
        }
        return undefined;
      }
      place[name] = at;
    }
    return place as unknown as MemoryPlace;
  }
}
