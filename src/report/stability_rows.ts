import type { StabilityLine } from "../lottery/branch/stability_line.ts";

/** A row of a table for each point of each line, with the instability of the line. */
export function stabilityRows(lines: readonly StabilityLine[]) {
  return lines.flatMap(({ path, seed, level, weights, copies, instability, points }) => {
    const [first, second] = copies;
    return points.map((point) => ({ folder: path, seed, level, weights, first, second, ...point, instability }));
  });
}
