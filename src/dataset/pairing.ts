import { RandomStream } from "../base/random.ts";

/** Third coordinates of the streams of a task's pairing: its order, which samples are tied, and which points these get. */
const [tied, tiedPoints] = [1, 2];

/** How the points of a task are paired with those of the first task. */
export interface PairingRequest {
  readonly dataSeed: number;
  /** Number of the task. */
  readonly task: number;
  /** Points of the task, and samples. */
  readonly samples: number;
  /** Share of the samples that are tied, from 0 to 1. */
  readonly dependence: number;
  /** Label of each point of the task. */
  readonly labels: Uint8Array;
  /** Label that the first task has in each sample; undefined for the first task itself. */
  readonly first: Uint8Array | undefined;
}

/**
 * The point of a task in each sample. Each sample is *tied* with probability c, the dependence: it gets a point, drawn at random,
 * of the label that the first task has there. The remaining points are paired with the remaining samples at random. Every point is
 * used once, so a task by itself has the same points at every c, and depends on the first task through labels only.
 *
 * Both tasks have as many samples of each of k classes, so the remaining samples are independent: labels agree with
 * probability c + (1 - c) / k, and Cramer's V of the labels (for two classes Pearson's correlation) is c in expectation. Later tasks depend on each
 * other through the first: two of them have the correlation c * c.
 */
export function pairedPoints({ dataSeed, task, samples, dependence, labels, first }: PairingRequest): Uint32Array {
  const place = new RandomStream(dataSeed, "datasetPairing", task).shuffled(samples);
  const pointOf = new Uint32Array(samples);
  place.forEach((sample, point) => {
    pointOf[sample] = point;
  });
  if (!first || dependence === 0) return pointOf;
  const draw = new RandomStream(dataSeed, "datasetPairing", task, tied);
  const isTied = Array.from({ length: samples }, () => draw.nextUniform() < dependence);
  const order = new RandomStream(dataSeed, "datasetPairing", task, tiedPoints).shuffled(samples);
  const waiting: number[][] = Array.from({ length: Math.max(...new Set(labels)) + 1 }, () => []);
  for (const point of order) waiting[labels[point]].push(point);
  const isTaken = new Uint8Array(samples);
  const paired = new Uint32Array(samples);
  for (let sample = 0; sample < samples; sample++) {
    if (!isTied[sample]) continue;
    paired[sample] = waiting[first[sample]].pop() as number;
    isTaken[paired[sample]] = 1;
  }
  const rest = pointOf.filter((point) => isTaken[point] === 0);
  let next = 0;
  for (let sample = 0; sample < samples; sample++) if (!isTied[sample]) paired[sample] = rest[next++];
  return paired;
}
