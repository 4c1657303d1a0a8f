import { element } from "../page/dom.ts";
import type { BoundaryPicture } from "../worker/boundary.ts";
import { kindColour } from "./colours.ts";

/** Pixels per side of a drawn plane. */
const side = 240;

/** Draws a network's decisions over the plane of a task's inputs: the probability of class 1, and samples. */
export function planeCanvas(
  { task, side: grid, range, probability, samples }: BoundaryPicture,
  number: number,
  tasks: number,
) {
  const canvas = element("canvas", { width: side * 2, height: side * 2, class: "plane" });
  const context = canvas.getContext("2d");
  if (!context) return canvas;
  const own = kindColour(number, tasks);
  context.imageSmoothingEnabled = false;
  context.drawImage(cellsOf(probability, grid, own), 0, 0, side * 2, side * 2);
  context.lineWidth = 2;
  const [[left, right], [bottom, top]] = range;
  let wrong = 0;
  // One path per class, because this is drawn several times a second.
  const paths = [new Path2D(), new Path2D()];
  for (let at = 0; at < samples.length; at += 3) {
    const [x, y, label] = [samples[at], samples[at + 1], samples[at + 2]];
    const [shareX, shareY] = [(x - left) / (right - left), (y - bottom) / (top - bottom)];
    const column = Math.round(shareX * (grid - 1));
    const row = Math.round(shareY * (grid - 1));
    if (probability[row * grid + column] > 0.5 !== label > 0.5) wrong++;
    const [atX, atY] = [shareX * side * 2, (1 - shareY) * side * 2];
    const path = paths[label > 0.5 ? 1 : 0];
    path.moveTo(atX + 5, atY);
    path.arc(atX, atY, 5, 0, 2 * Math.PI);
  }
  paths.forEach((path, label) => {
    context.fillStyle = label === 1 ? own : "#ffffff";
    context.strokeStyle = label === 1 ? "#ffffff" : own;
    context.fill(path);
    context.stroke(path);
  });
  canvas.setAttribute("role", "img");
  canvas.setAttribute(
    "aria-label",
    `Decisions of the network for ${task}: of ${samples.length / 3} samples about ${wrong} lie on the wrong side`,
  );
  return canvas;
}

/**
 * An image of one pixel per grid point, the highest y at the top: the stronger the colour, the more probable is class
 * 1.
 */
function cellsOf(probability: Float32Array, grid: number, colour: string): HTMLCanvasElement {
  const cells = element("canvas", { width: grid, height: grid });
  const context = cells.getContext("2d");
  if (!context) return cells;
  const image = context.createImageData(grid, grid);
  for (let y = 0; y < grid; y++) {
    for (let x = 0; x < grid; x++) {
      // The probability is 0.5 at the decision boundary.
      image.data[((grid - 1 - y) * grid + x) * 4 + 3] = 255 * (0.05 + 0.5 * probability[y * grid + x]);
    }
  }
  context.putImageData(image, 0, 0);
  context.globalCompositeOperation = "source-in";
  context.fillStyle = colour;
  context.fillRect(0, 0, grid, grid);
  return cells;
}
