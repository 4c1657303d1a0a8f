import { browserLike } from "./dawn.mjs";
import { layerMatrices, serve } from "./serve.mjs";

/**
 * jax-js: `node jax_js.mjs webgpu|wasm`. The whole step, gradient and Adam, is one `jit`; a population is a `vmap` of
 * it. An operation consumes its arguments; `.ref` keeps an argument for another use.
 */
const backend = process.argv[2];

async function prepare() {
  const adapter = await browserLike(backend);
  const jax = await import("@jax-js/jax");
  if (!(await jax.init()).includes(backend)) throw new Error(`the backend ${backend} does not start`);
  jax.defaultDevice(backend);
  return { ready: `jax-js, ${adapter}`, isOnCpu: backend !== "webgpu", modelOf: (one) => new Model(jax, one) };
}

class Model {
  constructor({ numpy: np, nn, jit, vmap, valueAndGrad, tree }, one) {
    this.one = one;
    this.np = np;
    this.tree = tree;
    this.lead = one.population > 1 ? [one.population] : [];
    this.initial = layerMatrices(one, one.weights);
    this.masks = one.isMasked
      ? layerMatrices(one, one.mask).map((mask, l) =>
          np.array(mask, { shape: [one.layers[l].inputs, one.layers[l].outputs] }),
        )
      : [];

    const logits = (parameters, x) =>
      parameters.reduce((rows, [weight, bias], l) => {
        const sums = np.matmul(rows, weight).add(bias);
        return l < parameters.length - 1 ? nn.relu(sums) : sums;
      }, x);
    const softplus = (x) => np.maximum(x.ref, 0).add(np.log1p(np.exp(np.abs(x).neg())));
    const loss = (parameters, x, y) => {
      const z = logits(parameters, x);
      return one.loss === "binary"
        ? np.mean(softplus(z.ref).sub(z.mul(y)))
        : np.mean(np.sum(nn.logSoftmax(z, -1).mul(y), -1)).neg();
    };
    const { lr, beta1, beta2, epsilon } = one;
    const adam = (parameter, gradient, first, second, decay1, decay2) => {
      const m = first.mul(beta1).add(gradient.ref.mul(1 - beta1));
      const v = second.mul(beta2).add(gradient.ref.mul(gradient).mul(1 - beta2));
      const corrected = v.ref.div(decay2.neg().add(1));
      const change = m.ref.div(decay1.neg().add(1)).mul(lr).div(np.sqrt(corrected).add(epsilon));
      return [parameter.sub(change), m, v];
    };
    const step = ({ parameters, first, second, decay1, decay2 }, masks, x, y) => {
      const [value, gradients] = valueAndGrad(loss)(tree.ref(parameters), x, y);
      const [next1, next2] = [decay1.mul(beta1), decay2.mul(beta2)];
      const next = { parameters: [], first: [], second: [] };
      parameters.forEach((pair, l) => {
        const updated = pair.map((parameter, k) => {
          const gradient = k === 0 && masks.length > 0 ? gradients[l][k].mul(masks[l]) : gradients[l][k];
          return adam(parameter, gradient, first[l][k], second[l][k], next1.ref, next2.ref);
        });
        next.parameters.push(updated.map(([parameter]) => parameter));
        next.first.push(updated.map(([, m]) => m));
        next.second.push(updated.map(([, , v]) => v));
      });
      return [value, { ...next, decay1: next1, decay2: next2 }];
    };
    const evaluate = (parameters, samples) => loss(parameters, samples.x, samples.y);
    const isPopulation = this.lead.length > 0;
    this.jittedStep = jit(isPopulation ? vmap(step, [0, null, 0, 0]) : step);
    this.jittedLoss = jit(isPopulation ? vmap(evaluate, [0, 0]) : evaluate);
  }

  upload(x, y, samples) {
    const { shape } = this.one;
    return {
      x: this.np.array(x, { shape: [...this.lead, samples, shape[0]] }),
      y: this.np.array(y, { shape: [...this.lead, samples, shape.at(-1)] }),
    };
  }

  reset() {
    const { np, one, lead } = this;
    const zeros = () =>
      one.layers.map(({ inputs, outputs }) => [np.zeros([...lead, inputs, outputs]), np.zeros([...lead, outputs])]);
    if (this.state) this.tree.dispose(this.state);
    this.state = {
      parameters: one.layers.map(({ inputs, outputs }, l) => [
        np.array(this.initial[l], { shape: [...lead, inputs, outputs] }),
        np.zeros([...lead, outputs]),
      ]),
      first: zeros(),
      second: zeros(),
      decay1: np.ones(lead),
      decay2: np.ones(lead),
    };
  }

  /** Submits each step. Without this, jax-js only collects steps, at a cost that grows with their number. */
  async step({ x, y }) {
    const [losses, state] = this.jittedStep(this.state, this.tree.ref(this.masks), x.ref, y.ref);
    this.state = state;
    if (backend === "webgpu") await losses.ref.gpuBuffer();
    else await losses.blockUntilReady();
    return losses;
  }

  validate(samples) {
    return this.jittedLoss(this.tree.ref(this.state.parameters), this.tree.ref(samples));
  }

  async read(losses) {
    return [...(await losses.data())];
  }

  free(handle) {
    this.tree.dispose(handle);
  }

  close() {
    this.tree.dispose(this.state);
    this.tree.dispose(this.masks);
    this.jittedStep.dispose();
    this.jittedLoss.dispose();
  }
}

await serve(prepare);
