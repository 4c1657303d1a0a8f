import { type Columns, columnCount, columnList } from "../../base/columns.ts";
import { element, themeColour } from "../page/dom.ts";
import type { InputUse } from "../protocol.ts";

/** Draws how many active weights leave each pixel, one square image per task, in stronger colour for more weights. */
export function pixelCanvases({ use, tasks }: InputUse): { task: string; canvas: HTMLCanvasElement; most: number }[] {
  return tasks.map(({ name, inputs }) => {
    const own = Uint32Array.from(columnList(inputs), (input) => use[input]);
    const side = Math.round(Math.sqrt(own.length));
    const most = Math.max(1, ...own);
    const canvas = element("canvas", { width: side * 8, height: side * 8, class: "pixels", role: "img" });
    const used = own.filter((count) => count > 0).length;
    canvas.setAttribute("aria-label", `${name}: ${used} of ${own.length} pixels are connected, one by ${most} weights`);
    const context = canvas.getContext("2d");
    if (context) {
      context.fillStyle = themeColour("--degree-0");
      context.fillRect(0, 0, canvas.width, canvas.height);
      context.fillStyle = themeColour("--accent");
      own.forEach((count, pixel) => {
        context.globalAlpha = count === 0 ? 0 : 0.15 + (0.85 * count) / most;
        context.fillRect((pixel % side) * 8, Math.floor(pixel / side) * 8, 8, 8);
      });
      context.globalAlpha = 1;
    }
    return { task: name, canvas, most };
  });
}

/** Whether the inputs of every task are a square image. */
export function hasImages(tasks: readonly { readonly inputs: Columns }[]): boolean {
  return tasks.every(({ inputs }) => columnCount(inputs) >= 49 && Number.isInteger(Math.sqrt(columnCount(inputs))));
}
