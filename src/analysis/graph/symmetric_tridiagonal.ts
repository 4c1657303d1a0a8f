import { invariant } from "../../base/errors.ts";

/**
 * Eigenvalues and eigenvectors of a real symmetric tridiagonal matrix, by the implicit QL method (A. Dubrulle, R. S. Martin
 * and J. H. Wilkinson, Numer. Math. 12, 1968: EISPACK's tql2), in float64.
 * @param diagonal n values
 * @param beside n - 1 values beside the diagonal
 * @returns eigenvalues in no order, and `vectors[i * n + k]`, component i of the vector of eigenvalue k, each of length 1
 */
export function tridiagonalEigen(diagonal: ArrayLike<number>, beside: ArrayLike<number>) {
  const n = diagonal.length;
  const values = Float64Array.from(diagonal);
  const e = new Float64Array(n);
  e.set(Array.from(beside).slice(0, Math.max(0, n - 1)));
  const vectors = new Float64Array(n * n);
  for (let i = 0; i < n; i++) vectors[i * n + i] = 1;
  for (let l = 0; l < n; l++) {
    for (let round = 0; ; round++) {
      let m = l;
      while (m < n - 1 && Math.abs(e[m]) > Number.EPSILON * (Math.abs(values[m]) + Math.abs(values[m + 1]))) m++;
      if (m === l) break;
      invariant(round < 60, "the QL method does not converge");
      let g = (values[l + 1] - values[l]) / (2 * e[l]);
      let r = Math.hypot(g, 1);
      g = values[m] - values[l] + e[l] / (g + (g < 0 ? -r : r));
      let [sine, cosine, shift] = [1, 1, 0];
      let i = m - 1;
      for (; i >= l; i--) {
        const f = sine * e[i];
        const b = cosine * e[i];
        r = Math.hypot(f, g);
        e[i + 1] = r;
        if (r === 0) {
          values[i + 1] -= shift;
          e[m] = 0;
          break;
        }
        sine = f / r;
        cosine = g / r;
        g = values[i + 1] - shift;
        r = (values[i] - g) * sine + 2 * cosine * b;
        shift = sine * r;
        values[i + 1] = g + shift;
        g = cosine * r - b;
        for (let k = 0; k < n; k++) {
          const at = k * n + i;
          const second = vectors[at + 1];
          vectors[at + 1] = sine * vectors[at] + cosine * second;
          vectors[at] = cosine * vectors[at] - sine * second;
        }
      }
      if (r === 0 && i >= l) continue;
      values[l] -= shift;
      e[l] = g;
      e[m] = 0;
    }
  }
  return { values, vectors };
}
