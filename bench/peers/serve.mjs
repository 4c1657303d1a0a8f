import { readFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";

/**
 * The common part of the peers in JavaScript: reads a case (case_files.ts describes its files) and answers the requests
 * of child.ts. A peer is a function from a case to a model:
 *
 * - `upload(x, y, samples)` copies samples to the device: `x`, `y` are f32 `[network][sample][column]`; returns `{x,
 *   y}`
 * - `reset()` sets weights and optimiser to their initial state
 * - `step(batch)` submits one optimiser step and returns a handle to the batch's losses before it, one per network; may
 *   be async
 * - `validate(samples)` enqueues the losses of samples and returns a handle to them, one per network
 * - `read(losses)` waits for losses, frees the handle and returns numbers; `free(handle)` frees losses or a batch
 * - `close()` frees the model
 */

function readCase(folder) {
  const facts = JSON.parse(readFileSync(join(folder, "case.json"), "utf8"));
  // A copy, since the view of a small file may not be aligned to 4 bytes.
  const bytes = (name) => Uint8Array.from(readFileSync(join(folder, name))).buffer;
  const floats = (name) => new Float32Array(bytes(name));
  return {
    ...facts,
    layers: facts.shape.slice(1).map((outputs, layer) => ({ inputs: facts.shape[layer], outputs })),
    trainX: floats("train_x"),
    trainY: floats("train_y"),
    validationX: floats("validation_x"),
    validationY: floats("validation_y"),
    weights: floats("weights"),
    mask: floats("mask"),
    order: new Uint32Array(bytes("order")),
  };
}

/**
 * Matrices of all layers, each `[network][input][output]`, from the concatenated `[output][input]` layers of each
 * network.
 * @param values the content of the file `weights`, or of `mask` (one network)
 */
export function layerMatrices({ layers }, values) {
  const size = layers.reduce((sum, { inputs, outputs }) => sum + inputs * outputs, 0);
  let first = 0;
  return layers.map(({ inputs, outputs }) => {
    const matrices = new Float32Array((values.length / size) * inputs * outputs);
    for (let k = 0; k < matrices.length; k++) {
      const [network, input, output] = [
        Math.floor(k / (inputs * outputs)),
        Math.floor(k / outputs) % inputs,
        k % outputs,
      ];
      matrices[k] = values[network * size + first + output * inputs + input];
    }
    first += inputs * outputs;
    return matrices;
  });
}

/** Rows of a split, `[network][sample][column]`, in the sample order of each network. */
function gathered(values, columns, networks, rowsOf, count) {
  const rows = new Float32Array(networks * count * columns);
  for (let network = 0; network < networks; network++) {
    for (let k = 0; k < count; k++) {
      const row = rowsOf(network, k);
      rows.set(values.subarray(row * columns, (row + 1) * columns), (network * count + k) * columns);
    }
  }
  return rows;
}

class Session {
  constructor(one, model) {
    this.one = one;
    this.model = model;
    const { shape, population, validationSamples, validationX, validationY } = one;
    const all = (values, columns) => gathered(values, columns, population, (_, k) => k, validationSamples);
    this.validation = model.upload(all(validationX, shape[0]), all(validationY, shape.at(-1)), validationSamples);
    this.firstEpoch = this.batches(0);
  }

  /** Uploads the batches of an epoch. */
  batches(epoch) {
    const { shape, population, samples, batch, epochs, order, trainX, trainY, stepsPerEpoch } = this.one;
    return Array.from({ length: stepsPerEpoch }, (_, step) => {
      const row = (network, k) => order[(network * epochs + epoch) * samples + step * batch + k];
      const rows = (values, columns) => gathered(values, columns, population, row, batch);
      return this.model.upload(rows(trainX, shape[0]), rows(trainY, shape.at(-1)), batch);
    });
  }

  async check() {
    const { one, model } = this;
    model.reset();
    let [train, validation] = [[], []];
    for (let epoch = 0; epoch < one.epochs; epoch++) {
      train = new Array(one.population).fill(0);
      const batches = this.batches(epoch);
      for (const batch of batches) {
        const losses = await model.read(await model.step(batch));
        losses.forEach((loss, network) => {
          train[network] += loss / one.stepsPerEpoch;
        });
      }
      for (const batch of batches) model.free(batch);
      validation = [...(await model.read(model.validate(this.validation)))];
    }
    return { train, validation };
  }

  async trial(repeats) {
    this.model.reset();
    await this.model.read(this.model.validate(this.validation));
    const startedAt = performance.now();
    if (this.one.isLevel) for (let k = 0; k < repeats; k++) await this.level();
    else await this.steps(repeats);
    return { ms: performance.now() - startedAt };
  }

  /** Training steps only, repeated over the batches of one epoch; reads the loss of the last step. */
  async steps(repeats) {
    let losses;
    for (let k = 0; k < repeats; k++) {
      for (const batch of this.firstEpoch) {
        if (losses) this.model.free(losses);
        losses = await this.model.step(batch);
      }
    }
    await this.model.read(losses);
  }

  /**
   * A level: every epoch with its own sample order, and the validation loss read after each, as early stopping needs
   * it.
   */
  async level() {
    this.model.reset();
    for (let epoch = 0; epoch < this.one.epochs; epoch++) {
      for (const batch of this.batches(epoch)) {
        this.model.free(await this.model.step(batch));
        this.model.free(batch);
      }
      const losses = this.model.validate(this.validation);
      await this.model.read(losses);
    }
  }
}

/**
 * Serves a peer until its standard input ends.
 * @param prepare returns `{ready, isOnCpu, modelOf}`: a description of the device, whether it is the CPU, and a
 * function from a case to a model; throws when the peer cannot run on this machine
 */
export async function serve(prepare) {
  const reply = (answer) => process.stdout.write(`${JSON.stringify(answer)}\n`);
  const failed = (error) => reply({ error: `${error?.message ?? error}`.split("\n")[0] });
  let modelOf;
  try {
    const prepared = await prepare();
    modelOf = prepared.modelOf;
    reply({ ready: prepared.ready, isOnCpu: prepared.isOnCpu });
  } catch (error) {
    return failed(error);
  }
  let session;
  for await (const line of createInterface({ input: process.stdin })) {
    const request = JSON.parse(line);
    try {
      if (request.open) {
        const one = readCase(request.open);
        session = new Session(one, modelOf(one));
        reply(await session.check());
      } else if (request.trial) {
        reply(await session.trial(request.trial));
      } else {
        session?.model.close();
        session = undefined;
        reply({});
      }
    } catch (error) {
      failed(error);
    }
  }
  process.exit(0);
}
