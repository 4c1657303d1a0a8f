import { describe, expect, it } from "vitest";
import { RandomStream } from "../../src/base/random.ts";
import { analyzeFunction } from "../../src/function/analyze_function.ts";
import { FunctionNetwork } from "../../src/function/network.ts";
import { type ScoredSamples, scoreDrop } from "../../src/function/task_terms.ts";
import { wordsOf } from "../../src/loss/label_words.ts";
import { Mask } from "../../src/mask/mask.ts";
import { activations } from "../../src/network/activations/index.ts";
import { initialParameters } from "../../src/network/initial.ts";
import { Parameters } from "../../src/network/parameters.ts";
import { task, ticket, twoTasks } from "../analysis/drawn.ts";

const samples = 200;
const close = (a: number, b: number, digits = 10) => expect(a).toBeCloseTo(b, digits);

function normals(width: number, seed: number): Float64Array {
  const random = new RandomStream(seed, "datasetPoints");
  return Float64Array.from({ length: width * samples }, () => random.nextNormal());
}

/** Labels by the sign of a network's own outputs, so that it answers everything right. */
function ownAnswers(network: FunctionNetwork, inputs: Float64Array): Uint32Array[] {
  const outputs = network.forward(inputs, samples)[network.shape.length - 1];
  return [0, 1].map((o) => Uint32Array.from({ length: samples }, (_, s) => Number(outputs[o * samples + s] > 0)));
}

describe("the function of a separated ticket", () => {
  // Inputs 0 and 1 lead to output 0 by hidden neurons 0 and 1, inputs 2 and 3 to output 1 by hidden neurons 2 and 3.
  const mask = ticket([4, 4, 2], ["0-0 1-0 1-1 2-2 3-3", "0-0 1-0 2-1 3-1"]);
  const parameters = initialParameters(mask.shape, 3);
  const network = new FunctionNetwork(mask, parameters, activations.get("tanh"));
  const inputs = normals(4, 1);
  const labels = ownAnswers(network, inputs);
  const scored: ScoredSamples = { samples, inputs, tasks: twoTasks, labels };
  const found = analyzeFunction({ mask, parameters, activation: "tanh" }, scored);

  it("loses by a lesion of one subnetwork its own task to a constant answer, and nothing of the other, exactly", () => {
    expect(found.scores).toEqual([1, 1]);
    expect(found.parts.map(({ kind, neurons }) => [kind, neurons])).toEqual([
      [
        "subnetwork",
        [
          [1, 0],
          [1, 1],
        ],
      ],
      [
        "subnetwork",
        [
          [1, 2],
          [1, 3],
        ],
      ],
    ]);
    for (const [part, other] of [
      [0, 1],
      [1, 0],
    ]) {
      const { lesion } = found.parts[part];
      expect(lesion[other]).toEqual({ score: 1, drop: 0, low: 0, high: 0 });
      // All biases are 0, so the output is 0 and the answer no.
      const no = labels[part].filter((label) => label === 0).length / samples;
      close(lesion[part].score, no);
      close(lesion[part].drop, 1 - no);
      expect(lesion[part].low).toBeGreaterThan(0.3);
    }
  });

  it("uses nothing of the other task's inputs, exactly, and loses its own by their permutation", () => {
    expect(found.inputs.sensitivity).toEqual([
      [1, 0],
      [0, 1],
    ]);
    const { shuffled } = found.inputs;
    expect(shuffled[0][1]).toEqual({ score: 1, drop: 0, low: 0, high: 0 });
    expect(shuffled[1][0]).toEqual({ score: 1, drop: 0, low: 0, high: 0 });
    expect(shuffled[0][0].low).toBeGreaterThan(0.3);
    expect(shuffled[1][1].low).toBeGreaterThan(0.3);
  });

  it("has neurons that count for one task alone", () => {
    expect(found.neurons.map(({ neuron, part }) => [...neuron, part])).toEqual([
      [1, 0, 0],
      [1, 1, 0],
      [1, 2, 1],
      [1, 3, 1],
    ]);
    for (const { part, saliency } of found.neurons) expect(saliency[1 - (part ?? 0)]).toBe(0);
  });
});

it("a task that uses inputs of another is told from one that does not", () => {
  // As above, with input 2 leading to hidden neuron 0, of output 0.
  const mask = ticket([4, 4, 2], ["0-0 1-0 2-0 1-1 2-2 3-3", "0-0 1-0 2-1 3-1"]);
  const parameters = initialParameters(mask.shape, 3);
  const inputs = normals(4, 1);
  const labels = ownAnswers(new FunctionNetwork(mask, parameters, activations.get("tanh")), inputs);
  const scored = { samples, inputs, tasks: twoTasks, labels };
  const { sensitivity, shuffled } = analyzeFunction({ mask, parameters, activation: "tanh" }, scored).inputs;
  expect(sensitivity[0][1]).toBeGreaterThan(0.01);
  expect(sensitivity[1]).toEqual([0, 1]);
  expect(shuffled[0][1].drop).toBeGreaterThan(0);
  expect(shuffled[1][0]).toEqual({ score: 1, drop: 0, low: 0, high: 0 });
});

describe("the function of a network that has not split", () => {
  const shape = [4, 6, 5, 3];
  const tasks = [task("a", [0, 2], [0, 2]), task("b", [2, 2], [2, 1])].map((one, t) =>
    t === 1 ? { ...one, kind: "mse" } : one,
  );
  const parameters = initialParameters(shape, 8);
  const mask = Mask.full(shape);
  const inputs = normals(4, 5);
  const random = new RandomStream(2, "datasetPoints");
  const targets = Float32Array.from({ length: samples }, () => random.nextNormal());
  const labels = [Uint32Array.from({ length: samples }, () => random.nextWord() % 2), wordsOf(targets)];
  const scored: ScoredSamples = { samples, inputs, tasks, labels };
  const found = analyzeFunction({ mask, parameters, activation: "relu" }, scored);
  const network = new FunctionNetwork(mask, parameters, activations.get("relu"));
  const values = network.forward(inputs, samples);

  it("has the scores of accuracy and R², and with a part silenced those of the network without its weights", () => {
    const scoresOf = (of: FunctionNetwork) => {
      const outputs = of.forward(inputs, samples)[3];
      const at = (o: number, s: number) => outputs[o * samples + s];
      let [right, squares, spread] = [0, 0, 0];
      const centre = targets.reduce((sum, one) => sum + one, 0) / samples;
      for (let s = 0; s < samples; s++) {
        right += Number((at(1, s) > at(0, s) ? 1 : 0) === labels[0][s]);
        squares += (at(2, s) - targets[s]) ** 2;
        spread += (targets[s] - centre) ** 2;
      }
      return [right / samples, 1 - squares / spread];
    };
    scoresOf(network).forEach((score, t) => {
      close(found.scores[t], score);
    });
    expect(found.parts.map(({ kind, number }) => [kind, number])).toEqual([
      ["task", 0],
      ["task", 1],
    ]);
    expect(found.parts.flatMap(({ neurons }) => neurons)).toHaveLength(11);
    for (const { neurons, lesion } of found.parts) {
      const without = Mask.full(shape);
      for (const [layer, neuron] of neurons) {
        for (let to = 0; to < shape[layer + 1]; to++) without.set(layer, to, neuron, false);
      }
      scoresOf(new FunctionNetwork(without, parameters, activations.get("relu"))).forEach((score, t) => {
        close(lesion[t].score, score);
        close(lesion[t].drop, found.scores[t] - score);
      });
    }
  });

  it("gives each neuron to the task with the largest share of its saliency, which is the slope of the outputs by its scale", () => {
    const totals = [0, 1].map((t) => found.neurons.reduce((sum, { saliency }) => sum + saliency[t], 0));
    for (const { neuron, part, saliency } of found.neurons) {
      const shares = saliency.map((value, t) => value / totals[t]);
      expect(part).toBe(shares[0] >= shares[1] ? 0 : 1);
      // The output's change by the scale of the neuron's outgoing weights is x d output / d x.
      const [layer, index] = neuron;
      const scaledBy = (factor: number) => {
        const scaled = new Parameters(shape, parameters.values.slice());
        const { weightOffset, rowStride } = scaled.layout;
        for (let to = 0; to < shape[layer + 1]; to++) {
          scaled.values[weightOffset[layer] + to * rowStride[layer] + index] *= factor;
        }
        return new FunctionNetwork(mask, scaled, activations.get("relu")).forward(inputs, samples)[3];
      };
      const step = 2 ** -10;
      const [above, below] = [scaledBy(1 + step), scaledBy(1 - step)];
      const expected = [0, 0];
      for (let o = 0; o < 3; o++) {
        for (let s = 0; s < samples; s++) {
          const at = o * samples + s;
          expected[o < 2 ? 0 : 1] += Math.abs(above[at] - below[at]) / (2 * step) / samples;
        }
      }
      expected.forEach((value, t) => {
        expect(Math.abs(saliency[t] - value)).toBeLessThan(0.02 * Math.max(...expected));
      });
    }
  });

  it("has the mean correlations of its neurons, within parts and between them", () => {
    const rowOf = ([layer, index]: readonly [number, number]) =>
      Array.from(values[layer].subarray(index * samples, (index + 1) * samples));
    const r = (a: readonly number[], b: readonly number[]) => {
      const mean = (x: readonly number[]) => x.reduce((sum, one) => sum + one, 0) / x.length;
      const [ma, mb] = [mean(a), mean(b)];
      const covariance = mean(a.map((x, i) => (x - ma) * (b[i] - mb)));
      return covariance / Math.sqrt(mean(a.map((x) => (x - ma) ** 2)) * mean(b.map((x) => (x - mb) ** 2)));
    };
    const [first, second] = found.parts.map(({ neurons }) => neurons.map(rowOf));
    const mean = (list: readonly number[]) => list.reduce((sum, one) => sum + Math.abs(one), 0) / list.length;
    const pairs = (a: number[][], b: number[][]) => a.flatMap((x) => b.flatMap((y) => (x === y ? [] : [r(x, y)])));
    close(found.correlation?.[0][1] ?? Number.NaN, mean(pairs(first, second)));
    close(found.correlation?.[0][0] ?? Number.NaN, mean(pairs(first, first)));
    close(found.correlation?.[1][1] ?? Number.NaN, mean(pairs(second, second)));
    const of = found.neurons.findIndex(({ part }) => part === 0);
    close(found.neurons[of].between ?? Number.NaN, mean(second.map((row) => r(first[0], row))));
  });

  it("uses inputs of both tasks, as shares of the gradients that sum to 1", () => {
    for (const row of found.inputs.sensitivity) {
      close((row[0] ?? 0) + (row[1] ?? 0), 1);
      expect(Math.min(...row.map(Number))).toBeGreaterThan(0.02);
    }
  });
});

it("the interval of a drop is that of the mean of paired differences", () => {
  const before = Float64Array.of(1, 1, 1, 0);
  const after = Float64Array.of(1, 0, 0, 1);
  // Differences 0, 1, 1, -1: mean 0.25, sum of squares about it 2.75.
  const { score, drop, low, high } = scoreDrop(before, after);
  close(score, 0.5);
  close(drop, 0.25);
  close(high - drop, 1.959963984540054 * Math.sqrt(2.75 / 3 / 4));
  close(drop - low, high - drop);
});
