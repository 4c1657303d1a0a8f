import { type Drawing, svgDocument } from "./figure.ts";

const gap = 16;

/** Canvases side by side as one drawing, each as a raster image. */
export function canvasDrawing(canvases: Iterable<HTMLCanvasElement>): Drawing | undefined {
  const all = [...canvases];
  if (all.length === 0) return undefined;
  const height = Math.max(...all.map((canvas) => canvas.height));
  let left = 0;
  const images = all.map((canvas) => {
    const image = `<image x="${left}" y="0" width="${canvas.width}" height="${canvas.height}" href="${canvas.toDataURL("image/png")}"/>`;
    left += canvas.width + gap;
    return image;
  });
  const width = left - gap;
  return { width, height, svg: svgDocument(width, height, images.join("\n")) };
}
