/**
 * Adam (Kingma and Ba 2015, algorithm 1) in float64, with the constants of the paper.
 * @param length number of parameters
 * @returns a function that does one optimiser step
 */
export function adam(length: number, lr: number): (parameters: Float64Array, gradients: Float64Array) => void {
  const [first, second] = [new Float64Array(length), new Float64Array(length)];
  let step = 0;
  return (parameters, gradients) => {
    step++;
    const [firstBias, secondBias] = [1 - 0.9 ** step, 1 - 0.999 ** step];
    for (let k = 0; k < length; k++) {
      const gradient = gradients[k];
      first[k] = 0.9 * first[k] + 0.1 * gradient;
      second[k] = 0.999 * second[k] + 0.001 * gradient * gradient;
      parameters[k] -= (lr * (first[k] / firstBias)) / (Math.sqrt(second[k] / secondBias) + 1e-8);
    }
  };
}
