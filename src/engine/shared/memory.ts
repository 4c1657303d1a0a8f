import { invariant } from "../../base/errors.ts";
import { Heap } from "./heap.ts";
import { takeLongest } from "./slots.ts";

/** What a network takes of each buffer, or the first element of its part of each, by name. */
export type NetworkMemory<Name extends string = string> = Readonly<Record<Name, number>>;

interface Waiting<Name extends string> {
  readonly remainingWork: number;
  readonly need: NetworkMemory<Name>;
  readonly take: (place: NetworkMemory<Name>) => void;
}

/**
 * The memory of a population: each network takes what its own level needs. If there is not enough, a level waits; the
 * one with the longest remaining work is next, and shorter ones wait for it.
 */
export class Memory<Name extends string = string> {
  readonly #heaps: readonly (readonly [Name, Heap])[];
  readonly #waiting: Waiting<Name>[] = [];

  /** @param sizes elements of each buffer; every network that will come fits */
  constructor(sizes: NetworkMemory<Name>) {
    this.#heaps = (Object.keys(sizes) as Name[]).map((name) => [name, new Heap(sizes[name])] as const);
  }

  /** Waits for memory. Returns the first element of the network's part of each buffer. */
  async take(need: NetworkMemory<Name>, remainingWork: number): Promise<NetworkMemory<Name>> {
    for (const [name, { size }] of this.#heaps) {
      invariant(need[name] <= size, `a network needs ${need[name]} elements of ${name}, the population has ${size}`);
    }
    const place = this.#waiting.length === 0 ? this.#placeOf(need) : undefined;
    return place ?? (await new Promise((take) => this.#waiting.push({ remainingWork, need, take })));
  }

  leave(place: NetworkMemory<Name>, need: NetworkMemory<Name>): void {
    for (const [name, heap] of this.#heaps) heap.leave(place[name], need[name]);
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

  #placeOf(need: NetworkMemory<Name>): NetworkMemory<Name> | undefined {
    const taken: [Name, Heap, number][] = [];
    for (const [name, heap] of this.#heaps) {
      const at = heap.take(need[name]);
      if (at === undefined) {
        for (const [other, itsHeap, itsAt] of taken) itsHeap.leave(itsAt, need[other]);
        return undefined;
      }
      taken.push([name, heap, at]);
    }
    return Object.fromEntries(taken.map(([name, , at]) => [name, at])) as Record<Name, number>;
  }
}
