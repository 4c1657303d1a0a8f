import { orderKeys, permutedIndex } from "../base/random.ts";
import type { StructArray } from "../base/struct_array.ts";
import type { Twin } from "../kernels/kernel.ts";
import type { residentEpoch as kernel } from "../kernels/resident_epoch.ts";
import { adam, optimizers } from "../network/adam.ts";
import { closeEpoch } from "./close_epoch.ts";
import { scoreBinary, scoreMulticlass } from "./task_loss.ts";

const [onesRow, samplesRow, inputsRow] = [0, 1, 2];

type Views = Parameters<Twin<typeof kernel>>[1];
/** The members of one `Placement`. */
type Placement = (member: string) => number;

/** One batch: training or validation. */
interface Batch {
  readonly training: boolean;
  readonly columns: number;
  readonly first: number;
  readonly width: number;
  readonly samples: number;
  readonly featuresAt: number;
  readonly labelsAt: number;
}

/**
 * Twin of `shaders/resident_epoch.wgsl`: sums in float64 and edge by edge, in the order of the lists. What the kernel spreads over
 * the cells of its invocations goes to the first cell. Numeric choices are those of the dense twins.
 */
export const residentEpoch: Twin<typeof kernel> = (u, views, population) => {
  const { placements, networks } = views;
  for (let n = 0; n < population; n++) {
    if (networks.get(n, "running") === 0) continue;
    const p: Placement = (member) => placements.get(n, member);
    const stepsPerEpoch = Math.ceil(p("trainSamples") / p("batch"));
    for (let steps = Math.max(1, Math.floor(u.work / p("stepWork"))); steps > 0; steps--) {
      const step = networks.get(n, "step");
      const epochs = networks.get(n, "epochs");
      const batch: Batch = {
        training: true,
        columns: p("batchQuads") * 4,
        first: (step - epochs * stepsPerEpoch) * p("batch"),
        width: p("batch"),
        samples: p("trainSamples"),
        featuresAt: p("trainFeaturesAt"),
        labelsAt: p("trainLabelsAt"),
      };
      gather(p, views, batch, orderKeys(networks.get(n, "seed"), networks.get(n, "level"), epochs));
      forward(p, views, batch);
      losses(p, views, batch);
      backward(p, views, batch);
      networks.set(n, "step", step + 1);
      update(p, views, batch, networks, n);
      if (step + 1 < (epochs + 1) * stepsPerEpoch) continue;
      validate(p, views);
      close(p, views, n);
      if (networks.get(n, "running") === 0) break;
    }
  }
};

function floatsOf(words: Uint32Array): Float32Array {
  return new Float32Array(words.buffer, words.byteOffset, words.length);
}

function gather(p: Placement, { data, graph, activations }: Views, batch: Batch, keys: Uint32Array): void {
  const floats = floatsOf(data);
  const bytes = new Uint8Array(data.buffer, data.byteOffset);
  const row = (r: number) => p("activationsAt") * 4 + r * batch.columns;
  for (let column = 0; column < batch.columns; column++) {
    const position = batch.first + column;
    const filled = column < batch.width && position < batch.samples;
    let sample = position;
    if (filled && batch.training) sample = permutedIndex(position, batch.samples, p("halfBits"), keys);
    activations[row(onesRow) + column] = 1;
    activations[row(samplesRow) + column] = filled ? sample : -1;
    for (let r = 0; r < p("inputs"); r++) {
      const input = graph[p("inputsAt") + r];
      const start = batch.featuresAt + sample * p("sampleWords");
      const raw = p("bytesPerInput") === 1 ? bytes[start * 4 + input] : floats[start + input];
      const mean = floats[p("standardizationAt") + input];
      const scale = floats[p("standardizationAt") + p("columns") + input];
      activations[row(inputsRow + r) + column] = filled ? (raw - mean) * scale : 0;
    }
  }
}

/** Calls back for every group of a layer's targets with its first row and its record in the graph. */
function forGroups(
  p: Placement,
  graph: Uint32Array,
  layer: number,
  visit: (row: number, record: number) => void,
): void {
  const at = p("layersAt") + layer;
  for (let group = graph[at]; group < graph[at + 1]; group++) visit(group * 4, p("groupsAt") + group * 4);
}

function forward(p: Placement, { graph, parameters, activations }: Views, { columns }: Batch): void {
  const x = p("activationsAt") * 4;
  const groupRows = x + (inputsRow + p("inputs")) * columns;
  const sums = new Float64Array(columns);
  for (let layer = 0; layer < p("layers"); layer++) {
    forGroups(p, graph, layer, (row, record) => {
      for (let lane = 0; lane < 4; lane++) {
        sums.fill(0);
        for (let bundle = graph[record]; bundle < graph[record + 1]; bundle++) {
          const w = parameters[(p("parametersAt") + bundle) * 4 + lane];
          const source = x + graph[p("sourcesAt") + bundle] * columns;
          if (w !== 0) for (let s = 0; s < columns; s++) sums[s] += w * activations[source + s];
        }
        const z = groupRows + (row + lane) * columns;
        const isLast = layer + 1 === p("layers");
        for (let s = 0; s < columns; s++) activations[z + s] = !isLast && sums[s] < 0 ? 0 : sums[s];
      }
    });
  }
}

function losses(p: Placement, { data, activations, tallies }: Views, batch: Batch): void {
  const { columns, samples, training } = batch;
  const x = p("activationsAt") * 4;
  const inBatch = Math.min(batch.width, samples - batch.first);
  const weight = 1 / (inBatch * p("tasks"));
  let loss = 0;
  for (let t = 0; t < p("tasks"); t++) {
    const [kind, firstOutput, outputs] = data.subarray(p("tasksAt") + t * 3, p("tasksAt") + t * 3 + 3);
    const rowOf = (k: number) => (p("outputsRow") + firstOutput + k) * columns;
    for (let column = 0; column < columns; column++) {
      const sample = activations[x + samplesRow * columns + column];
      const z = Array.from({ length: outputs }, (_, k) => {
        return activations[x + (inputsRow + p("inputs")) * columns + rowOf(k) + column];
      });
      let gradient = z.map(() => 0);
      if (sample >= 0) {
        const label = data[batch.labelsAt + t * samples + sample];
        const score = kind === 0 ? scoreBinary(z[0], label) : scoreMulticlass(z, label);
        gradient = score.gradient;
        loss += score.loss / p("tasks");
        if (!training && score.right) tallies[p("talliesAt") + p("tasks") + (2 + t) * p("cells")] += 1;
      }
      if (!training) continue;
      for (let k = 0; k < outputs; k++) {
        activations[p("gradientsAt") * 4 + rowOf(k) + column] = gradient[k] * weight;
      }
    }
  }
  tallies[p("talliesAt") + p("tasks") + (training ? 0 : p("cells"))] += loss;
}

function backward(p: Placement, { graph, transposed, activations }: Views, { columns }: Batch): void {
  const x = p("activationsAt") * 4 + (inputsRow + p("inputs")) * columns;
  const dz = p("gradientsAt") * 4;
  const sums = new Float64Array(columns);
  for (let layer = p("layers") - 1; layer > 0; layer--) {
    forGroups(p, graph, layer - 1, (row, record) => {
      for (let lane = 0; lane < 4; lane++) {
        sums.fill(0);
        for (let tie = graph[record + 2]; tie < graph[record + 3]; tie++) {
          const w = transposed[p("transposedAt") + tie * 4 + lane];
          const target = dz + graph[p("tiesAt") + tie] * columns;
          if (w !== 0) for (let s = 0; s < columns; s++) sums[s] += w * activations[target + s];
        }
        const at = (row + lane) * columns;
        for (let s = 0; s < columns; s++) activations[dz + at + s] = activations[x + at + s] > 0 ? sums[s] : 0;
      }
    });
  }
}

function update(p: Placement, views: Views, { columns }: Batch, networks: StructArray, n: number): void {
  const { graph, parameters, transposed, activations } = views;
  const step = networks.get(n, "step");
  const rate = networks.get(n, "learningRate");
  const isSgd = networks.get(n, "optimizer") === optimizers.sgd;
  const correction1 = -Math.expm1(step * Math.log(adam.beta1));
  const correction2 = -Math.expm1(step * Math.log(adam.beta2));
  for (let bundle = 0; bundle < p("bundles"); bundle++) {
    const word = graph[p("tilesAt") + (bundle >> 2)];
    const x = p("activationsAt") * 4 + graph[p("sourcesAt") + bundle] * columns;
    for (let lane = 0; lane < 4; lane++) {
      const at = (p("parametersAt") + bundle) * 4 + lane;
      const [first, second] = [at + p("bundles") * 4, at + p("bundles") * 8];
      const dz = p("gradientsAt") * 4 + ((word >>> 16) + lane) * columns;
      let gradient = 0;
      for (let s = 0; s < columns; s++) gradient += activations[dz + s] * activations[x + s];
      parameters[at + p("bundles") * 16] = gradient;
      const copy = p("transposedAt") + graph[p("copiesAt") + bundle * 4 + lane];
      if (((word >>> ((bundle & 3) * 4 + lane)) & 1) === 0) {
        for (const place of [at, first, second]) parameters[place] = 0;
        transposed[copy] = 0;
        continue;
      }
      parameters[first] = adam.beta1 * parameters[first] + (isSgd ? 1 : 1 - adam.beta1) * gradient;
      if (isSgd) {
        parameters[at] -= rate * parameters[first];
      } else {
        parameters[second] = adam.beta2 * parameters[second] + (1 - adam.beta2) * gradient * gradient;
        const root = Math.sqrt(parameters[second] / correction2) + adam.epsilon;
        parameters[at] -= (rate * (parameters[first] / correction1)) / root;
      }
      transposed[copy] = parameters[at];
    }
  }
}

function validate(p: Placement, views: Views): void {
  const columns = p("validationQuads") * 4;
  const samples = p("validationSamples");
  const [featuresAt, labelsAt] = [p("validationFeaturesAt"), p("validationLabelsAt")];
  for (let first = 0; first < samples; first += columns) {
    const batch = { training: false, columns, first, width: columns, samples, featuresAt, labelsAt };
    gather(p, views, batch, new Uint32Array());
    forward(p, views, batch);
    losses(p, views, batch);
  }
}

function close(p: Placement, { networks, tallies, parameters }: Views, n: number): void {
  const first = p("talliesAt") + p("tasks");
  networks.set(n, "trainLossSum", tallies[first]);
  networks.set(n, "validationLossSum", tallies[first + p("cells")]);
  const keeps = closeEpoch(networks, n, p("trainSamples"), p("validationSamples"));
  for (let t = 0; t < p("tasks"); t++) {
    if (keeps) tallies[p("talliesAt") + t] = tallies[first + (2 + t) * p("cells")];
  }
  tallies.fill(0, first, first + (2 + p("tasks")) * p("cells"));
  if (networks.get(n, "improved") === 1 && networks.get(n, "keepBest") === 1) {
    const [from, length] = [p("parametersAt") * 4, p("bundles") * 4];
    parameters.copyWithin(from + 3 * length, from, from + length);
  }
}
