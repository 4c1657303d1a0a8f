import tf from "@tensorflow/tfjs";
import { browserLike } from "./dawn.mjs";
import { layerMatrices, serve } from "./serve.mjs";

/**
 * TensorFlow.js: `node tfjs.mjs webgpu|wasm|cpu`. Eager execution, its own Adam, batched matrix products for a
 * population.
 */
const backend = process.argv[2];

async function prepare() {
  const adapter = await browserLike(backend);
  // A backend detects its platform on import, so it is imported after `browserLike`.
  await import(`@tensorflow/tfjs-backend-${backend}`);
  if (!(await tf.setBackend(backend))) throw new Error(`the backend ${backend} does not start`);
  await tf.ready();
  return {
    ready: `TensorFlow.js ${tf.version.tfjs}, ${adapter}`,
    isOnCpu: backend !== "webgpu",
    modelOf: (one) => new Model(one),
  };
}

class Model {
  constructor(one) {
    this.one = one;
    this.lead = one.population > 1 ? [one.population] : [];
    this.initial = layerMatrices(one, one.weights);
    this.masks = one.isMasked
      ? layerMatrices(one, one.mask).map((mask, l) => tf.tensor(mask, [one.layers[l].inputs, one.layers[l].outputs]))
      : [];
    this.weights = one.layers.map(({ inputs, outputs }) => tf.variable(tf.zeros([...this.lead, inputs, outputs])));
    this.biases = one.layers.map(({ outputs }) => tf.variable(tf.zeros(this.biasShape(outputs))));
  }

  biasShape(outputs) {
    return this.lead.length > 0 ? [...this.lead, 1, outputs] : [outputs];
  }

  upload(x, y, samples) {
    const { shape } = this.one;
    return {
      x: tf.tensor(x, [...this.lead, samples, shape[0]]),
      y: tf.tensor(y, [...this.lead, samples, shape.at(-1)]),
    };
  }

  reset() {
    const { lr, beta1, beta2, epsilon } = this.one;
    tf.tidy(() => {
      for (const [l, weight] of this.weights.entries()) weight.assign(tf.tensor(this.initial[l], weight.shape));
      for (const bias of this.biases) bias.assign(tf.zeros(bias.shape));
    });
    this.optimizer?.dispose();
    this.optimizer = tf.train.adam(lr, beta1, beta2, epsilon);
  }

  logits(x) {
    return this.weights.reduce((rows, weight, l) => {
      const sums = tf.add(tf.matMul(rows, weight), this.biases[l]);
      return l < this.weights.length - 1 ? tf.relu(sums) : sums;
    }, x);
  }

  /** Losses, one per network. */
  losses({ x, y }) {
    const logits = this.logits(x);
    const { NONE } = tf.Reduction;
    return this.one.loss === "binary"
      ? tf.mean(tf.losses.sigmoidCrossEntropy(y, logits, undefined, 0, NONE), [-2, -1])
      : tf.mean(tf.losses.softmaxCrossEntropy(y, logits, undefined, 0, NONE), [-1]);
  }

  step(batch) {
    return tf.tidy(() => {
      let losses;
      const { grads } = tf.variableGrads(() => {
        losses = tf.keep(this.losses(batch));
        return tf.sum(losses);
      }, [...this.weights, ...this.biases]);
      this.masks.forEach((mask, l) => {
        const { name } = this.weights[l];
        grads[name] = tf.mul(grads[name], mask);
      });
      this.optimizer.applyGradients(grads);
      return losses;
    });
  }

  validate(samples) {
    return tf.tidy(() => this.losses(samples));
  }

  async read(losses) {
    const values = await losses.data();
    losses.dispose();
    return [...values];
  }

  free(handle) {
    tf.dispose(handle);
  }

  close() {
    this.optimizer?.dispose();
    tf.disposeVariables();
    tf.dispose(this.masks);
  }
}

await serve(prepare);
