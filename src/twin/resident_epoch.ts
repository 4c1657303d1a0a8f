import { orderKeys, permutedIndex } from "../base/random.ts";
import type { StructArray } from "../base/struct_array.ts";
import type { Twin } from "../kernels/kernel.ts";
import type { residentEpoch as kernel } from "../kernels/resident_epoch.ts";
import { adam, optimizers } from "../network/adam.ts";
import { closeEpoch } from "./close_epoch.ts";
import { scoreBinary, scoreMulticlass } from "./task_loss.ts";

const [samplesRow, inputsRow] = [0, 1];
/** What copies no weight. */
const none = 0xffffffff;

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
    let steps = Math.max(1, Math.floor(u.work / p("stepWork")));
    while (steps > 0) {
      steps--;
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
      copyWeights(p, views);
      forward(p, views, batch);
      losses(p, views, batch);
      backward(p, views, batch);
      networks.set(n, "step", step + 1);
      update(p, views, batch, networks, n);
      if (step + 1 < (epochs + 1) * stepsPerEpoch) continue;
      validate(p, views);
      steps -= Math.min(steps, p("validationSteps"));
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

/** vec4f of weights. */
const vectors = (p: Placement) => 2 * (p("groups") + p("bundles")) + p("strands");

/** The lists of one direction, and what a walk along them multiplies. */
interface Lists {
  readonly layersAt: number;
  readonly blocksAt: number;
  readonly looseAt: number;
  readonly endsAt: number;
  readonly weightsAt: number;
  readonly bundles: number;
  readonly rowsAt: number;
}

const forwardLists = (p: Placement): Lists => ({
  layersAt: p("layersAt"),
  blocksAt: p("blocksAt"),
  looseAt: p("looseAt"),
  endsAt: p("sourcesAt"),
  weightsAt: (p("parametersAt") + 2 * p("groups")) * 4,
  bundles: p("bundles"),
  rowsAt: p("activationsAt") * 4,
});

const backwardLists = (p: Placement): Lists => ({
  layersAt: p("backLayersAt"),
  blocksAt: p("backBlocksAt"),
  looseAt: p("backLooseAt"),
  endsAt: p("targetsAt"),
  weightsAt: (p("parametersAt") + 5 * vectors(p)) * 4,
  bundles: p("backBundles"),
  rowsAt: p("gradientsAt") * 4,
});

/**
 * Sums up a layer row by row: those of blocks along their bundles, the loose ones along their edges.
 * @param sums begun by `start`, and what `store` is handed
 */
function sumLayer(
  { graph, parameters, activations }: Views,
  lists: Lists,
  layer: number,
  columns: number,
  start: (row: number) => number,
  store: (row: number, sums: Float64Array) => void,
): void {
  const sums = new Float64Array(columns);
  const sumRow = (row: number, first: number, end: number, weightOf: (k: number) => number, endsAt: number) => {
    sums.fill(start(row));
    for (let k = first; k < end; k++) {
      const w = parameters[weightOf(k)];
      const from = lists.rowsAt + graph[endsAt + k] * columns;
      if (w !== 0) for (let s = 0; s < columns; s++) sums[s] += w * activations[from + s];
    }
    store(row, sums);
  };
  const [firstBlock, firstLoose, endBlock, endLoose] = graph.subarray(lists.layersAt + layer * 2);
  for (let block = firstBlock; block < endBlock; block++) {
    const [row, first, end] = graph.subarray(lists.blocksAt + block * 3);
    for (let lane = 0; lane < 8; lane++) {
      sumRow(row + lane, first, end, (bundle) => lists.weightsAt + bundle * 8 + lane, lists.endsAt);
    }
  }
  for (let loose = firstLoose; loose < endLoose; loose++) {
    const [row, first, end] = graph.subarray(lists.looseAt + loose * 3);
    const weightsAt = lists.weightsAt + lists.bundles * 8;
    sumRow(row, first, end, (edge) => weightsAt + edge, lists.endsAt + lists.bundles);
  }
}

function forward(p: Placement, views: Views, { columns }: Batch): void {
  const { parameters, activations } = views;
  const lists = forwardLists(p);
  const rowsAt = lists.rowsAt + (inputsRow + p("inputs")) * columns;
  const bias = (row: number) => parameters[p("parametersAt") * 4 + row];
  for (let layer = 0; layer < p("layers"); layer++) {
    const isLast = layer + 1 === p("layers");
    sumLayer(views, lists, layer, columns, bias, (row, sums) => {
      for (let s = 0; s < columns; s++) activations[rowsAt + row * columns + s] = !isLast && sums[s] < 0 ? 0 : sums[s];
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

function backward(p: Placement, views: Views, { columns }: Batch): void {
  const { activations } = views;
  const lists = backwardLists(p);
  const x = p("activationsAt") * 4 + (inputsRow + p("inputs")) * columns;
  for (let layer = p("layers") - 1; layer > 0; layer--) {
    const zero = () => 0;
    sumLayer(views, lists, layer - 1, columns, zero, (row, sums) => {
      for (let s = 0; s < columns; s++) {
        const at = row * columns + s;
        activations[lists.rowsAt + at] = activations[x + at] > 0 ? sums[s] : 0;
      }
    });
  }
}

function copyWeights(p: Placement, { graph, parameters }: Views): void {
  const to = backwardLists(p).weightsAt;
  for (let k = 0; k < p("backVectors") * 4; k++) {
    const number = graph[p("copiesAt") + k];
    parameters[to + k] = number === none ? 0 : parameters[p("parametersAt") * 4 + number];
  }
}

function update(p: Placement, views: Views, { columns }: Batch, networks: StructArray, n: number): void {
  const { graph, parameters, activations } = views;
  const step = networks.get(n, "step");
  const rate = networks.get(n, "learningRate");
  const isSgd = networks.get(n, "optimizer") === optimizers.sgd;
  const correction1 = -Math.expm1(step * Math.log(adam.beta1));
  const correction2 = -Math.expm1(step * Math.log(adam.beta2));
  const stride = vectors(p) * 4;
  const stepWeight = (number: number, row: number, source: number | undefined) => {
    const at = p("parametersAt") * 4 + number;
    const [first, second] = [at + stride, at + 2 * stride];
    const dz = p("gradientsAt") * 4 + row * columns;
    let gradient = 0;
    for (let s = 0; s < columns; s++) {
      const x = source === undefined ? 1 : activations[p("activationsAt") * 4 + graph[source] * columns + s];
      gradient += activations[dz + s] * x;
    }
    parameters[at + 4 * stride] = gradient;
    if (((graph[p("keptAt") + (number >> 5)] >>> (number & 31)) & 1) === 0) {
      for (const place of [at, first, second]) parameters[place] = 0;
      return;
    }
    parameters[first] = adam.beta1 * parameters[first] + (isSgd ? 1 : 1 - adam.beta1) * gradient;
    if (isSgd) {
      parameters[at] -= rate * parameters[first];
    } else {
      parameters[second] = adam.beta2 * parameters[second] + (1 - adam.beta2) * gradient * gradient;
      const root = Math.sqrt(parameters[second] / correction2) + adam.epsilon;
      parameters[at] -= (rate * (parameters[first] / correction1)) / root;
    }
  };
  let number = 0;
  for (let row = 0; row < p("groups") * 8; row++) stepWeight(number++, row, undefined);
  for (let bundle = 0; bundle < p("bundles"); bundle++) {
    const firstRow = graph[p("tilesAt") + (bundle >> 2)];
    for (let lane = 0; lane < 8; lane++) stepWeight(number++, firstRow + lane, p("sourcesAt") + bundle);
  }
  for (let edge = 0; edge < p("strands") * 4; edge++) {
    stepWeight(number++, graph[p("strandsAt") + (edge >> 2)], p("sourcesAt") + p("bundles") + edge);
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
    const [from, length] = [p("parametersAt") * 4, vectors(p) * 4];
    parameters.copyWithin(from + 3 * length, from, from + length);
  }
}
