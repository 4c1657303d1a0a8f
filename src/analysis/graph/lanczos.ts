import { RandomStream } from "../../base/random.ts";
import { tridiagonalEigen } from "./symmetric_tridiagonal.ts";

/** Steps between two restarts. */
const stepsOfRestart = 48;
const mostRestarts = 200;
/** Length of the residual at which an eigenvector counts as found. */
const tolerance = 1e-8;

/** Writes the product of a symmetric matrix of order n with a vector. */
export type Product = (vector: Float64Array, into: Float64Array) => void;

/**
 * Eigenvectors of the largest eigenvalues of a symmetric matrix, one after the other: the Lanczos method (C. Lanczos, 1950)
 * with full orthogonalisation, started again with the best vector so far until its residual is at most 1e-8 (for matrices of
 * norm about 1). Each vector is kept orthogonal to those before it, so that multiple eigenvalues are found as often as they
 * occur. Starting vectors are random, and the same every time.
 * @param known orthonormal eigenvectors of largest eigenvalues that are known, any number
 * @param wanted number of vectors in all, the known ones included
 * @returns orthonormal, the known ones first; fewer where the matrix has no more, or where a search ends without convergence
 */
export function largestEigenvectors(
  order: number,
  product: Product,
  known: readonly Float64Array[],
  wanted: number,
): Float64Array[] {
  const found = [...known];
  while (found.length < Math.min(wanted, order)) {
    const random = new RandomStream(found.length, "lanczosStart");
    const vector = Float64Array.from({ length: order }, () => random.nextUniform() - 0.5);
    if (normalise(orthogonal(vector, found)) === 0 || !restarted(vector, product, found)) break;
    found.push(vector);
  }
  return found;
}

/** Turns a starting vector into the eigenvector of the largest eigenvalue; whether it has converged. */
function restarted(vector: Float64Array, product: Product, found: readonly Float64Array[]): boolean {
  const order = vector.length;
  for (let restart = 0; restart < mostRestarts; restart++) {
    const basis = [vector.slice()];
    const diagonal: number[] = [];
    const beside: number[] = [];
    for (;;) {
      const image = new Float64Array(order);
      const last = basis[basis.length - 1];
      product(last, image);
      diagonal.push(dot(last, image));
      orthogonal(image, found);
      const length = normalise(orthogonal(image, basis));
      if (length < 1e-12 || basis.length === Math.min(stepsOfRestart, order - found.length)) {
        beside.push(length);
        break;
      }
      beside.push(length);
      basis.push(image);
    }
    const size = diagonal.length;
    const { values, vectors } = tridiagonalEigen(diagonal, beside.slice(0, size - 1));
    const best = values.indexOf(Math.max(...values));
    vector.fill(0);
    basis.forEach((each, step) => {
      const share = vectors[step * size + best];
      for (let i = 0; i < order; i++) vector[i] += share * each[i];
    });
    normalise(orthogonal(vector, found));
    if (Math.abs(beside[size - 1] * vectors[(size - 1) * size + best]) <= tolerance) return true;
  }
  return false;
}

/** Makes a vector orthogonal to orthonormal ones; twice, since once is not enough in floating point. */
function orthogonal(vector: Float64Array, to: readonly Float64Array[]): Float64Array {
  for (let pass = 0; pass < 2; pass++) {
    for (const each of to) {
      const share = dot(vector, each);
      for (let i = 0; i < vector.length; i++) vector[i] -= share * each[i];
    }
  }
  return vector;
}

/** Scales a vector to length 1; its length before. */
function normalise(vector: Float64Array): number {
  const length = Math.sqrt(dot(vector, vector));
  if (length > 0) for (let i = 0; i < vector.length; i++) vector[i] /= length;
  return length;
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
}
