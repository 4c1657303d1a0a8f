import { element } from "../page/dom.ts";
import type { BoundaryPicture } from "../worker/boundary.ts";
import { kindColour } from "./colours.ts";

/** Pixels a side of a drawn plane. */
const side = 240;

/** Draws what a network decides over the plane of a task's inputs: its two classes, sure or not, and samples. */
export function planeCanvas(
  { task, side: grid, range, probability, samples }: BoundaryPicture,
  number: number,
  tasks: number,
) {
  const canvas = element("canvas", { width: side * 2, height: side * 2, class: "plane" });
  const context = canvas.getContext("2d");
  if (!context) return canvas;
  const own = kindColour(number, tasks);
  const cell = (side * 2) / grid;
  context.fillStyle = own;
  for (let y = 0; y < grid; y++) {
    for (let x = 0; x < grid; x++) {
      // From 0, surely class 0, to 1; the boundary is where it crosses a half.
      context.globalAlpha = 0.05 + 0.5 * probability[y * grid + x];
      context.fillRect(Math.floor(x * cell), Math.floor((grid - 1 - y) * cell), Math.ceil(cell), Math.ceil(cell));
    }
  }
  context.globalAlpha = 1;
  context.lineWidth = 2;
  const [[left, right], [bottom, top]] = range;
  let wrong = 0;
  for (let at = 0; at < samples.length; at += 3) {
    const [x, y, label] = [samples[at], samples[at + 1], samples[at + 2]];
    const [shareX, shareY] = [(x - left) / (right - left), (y - bottom) / (top - bottom)];
    const column = Math.round(shareX * (grid - 1));
    const row = Math.round(shareY * (grid - 1));
    if (probability[row * grid + column] > 0.5 !== label > 0.5) wrong++;
    context.beginPath();
    context.arc(shareX * side * 2, (1 - shareY) * side * 2, 5, 0, 2 * Math.PI);
    context.fillStyle = label > 0.5 ? own : "#ffffff";
    context.strokeStyle = label > 0.5 ? "#ffffff" : own;
    context.fill();
    context.stroke();
  }
  canvas.setAttribute("role", "img");
  canvas.setAttribute(
    "aria-label",
    `Decisions of the network for ${task}: of ${samples.length / 3} samples about ${wrong} lie on the wrong side`,
  );
  return canvas;
}
