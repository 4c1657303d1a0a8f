import { inThousands } from "../../base/format.ts";
import type { Task } from "../../base/task.ts";
import { escapeXml } from "../../report/escape.ts";
import { onTheme, prefersStillness, themeColour } from "../page/dom.ts";
import type { NetworkPicture } from "../worker/picture.ts";
import { type Drawing, svgDocument } from "./figure.ts";
import { between, type Places, placesIn, placesOf } from "./places.ts";
import { type Box, paintScene, sceneOf, svgScene } from "./scene.ts";

/** Duration of the motion from one level to the next. */
const moveMs = 700;
/** Most lines of a network for which pruned weights fade out during the motion; with more, it is not visible. */
const mostFading = 600;
/**
 * Most lines of a network that moves at all. Each frame redraws it, and levels of small networks end several times a
 * second: with up to 1,500 moving lines, the page's thread was busy for 70 % of such seconds, with 600 for 55 %.
 */
const mostMoving = 600;
/** A frame that takes longer ends the motion: the machine is too slow to draw it. */
const slowFrameMs = 60;

/** A picture in motion from some places to others. */
interface Moving {
  readonly picture: NetworkPicture;
  readonly from: Places;
  readonly to: Places;
}

/** Draws the network on a canvas, with a motion from picture to picture that shows how it splits. */
export class NetworkView {
  #now: Moving | undefined;
  /** The former picture, which fades out during the motion. */
  #before: Moving | undefined;
  #tasks: readonly Task[] = [];
  #startedAt = 0;
  #isDrawing = false;
  /** Time of the last frame of the motion. */
  #paintedAt = 0;

  constructor(readonly canvas: HTMLCanvasElement) {
    new ResizeObserver(() => this.#redraw()).observe(canvas);
    onTheme(() => this.#redraw());
  }

  /** Shows a picture, with a motion from the former one. */
  show(picture: NetworkPicture, tasks: readonly Task[]): void {
    const old = this.#now;
    const isSameNetwork = old?.picture.shape.join() === picture.shape.join();
    const to = placesOf(picture);
    this.#before = undefined;
    if (old && isSameNetwork) {
      const places = between(old.from, old.to, this.#progress());
      this.#now = { picture, from: placesIn(old.picture, places, picture, to), to };
      if (old.picture.lines.kind.length <= mostFading) {
        this.#before = { picture: old.picture, from: places, to: placesIn(picture, to, old.picture, old.to) };
      }
    } else this.#now = { picture, from: to, to };
    this.#tasks = tasks;
    const moves = isSameNetwork && picture.lines.kind.length <= mostMoving && !prefersStillness();
    this.#startedAt = moves ? performance.now() : Number.NEGATIVE_INFINITY;
    this.#redraw();
  }

  /** The network at the end of its motion, as a file. */
  drawing(): Drawing | undefined {
    if (!this.#now) return undefined;
    const { picture, to } = this.#now;
    const { width, height, box, scale } = this.#sizes();
    const scene = sceneOf(picture, this.#tasks.length, to, 1, scale);
    const labels = this.#labels(picture, box).map(
      ({ text, x, y, colour, anchor, isStrong }) =>
        `<text x="${x.toFixed(1)}" y="${y.toFixed(1)}" fill="${colour}" text-anchor="${anchor}" font-weight="${isStrong ? 600 : 400}">${escapeXml(text)}</text>`,
    );
    return { width, height, svg: svgDocument(width, height, [svgScene(scene, box), ...labels].join("\n")) };
  }

  /** Progress of the motion, from 0 to 1, slow at both ends. */
  #progress(): number {
    const share = Math.min(1, (performance.now() - this.#startedAt) / moveMs);
    return share * share * (3 - 2 * share);
  }

  #redraw(): void {
    if (this.#isDrawing) return;
    this.#isDrawing = true;
    requestAnimationFrame((now) => {
      this.#isDrawing = false;
      const isMoving = this.#paintedAt > this.#startedAt;
      if (isMoving && now - this.#paintedAt > slowFrameMs) this.#startedAt = Number.NEGATIVE_INFINITY;
      this.#paintedAt = now;
      this.#paint();
      if (this.#progress() < 1) this.#redraw();
    });
  }

  #sizes(): { width: number; height: number; box: Box; scale: number } {
    const { clientWidth: width, clientHeight: height } = this.canvas;
    const isNarrow = width < 560;
    const left = isNarrow ? 14 : 104;
    const box = { left, top: 40, width: width - left - 14, height: height - 84 };
    return { width, height, box, scale: isNarrow ? 0.7 : 1 };
  }

  #paint(): void {
    const { canvas } = this;
    const { width, height, box, scale } = this.#sizes();
    const ratio = Math.min(2, devicePixelRatio);
    canvas.width = Math.round(width * ratio);
    canvas.height = Math.round(height * ratio);
    const context = canvas.getContext("2d");
    if (!context || !this.#now) return;
    context.scale(ratio, ratio);
    const progress = this.#progress();
    const count = this.#tasks.length;
    if (this.#before && progress < 1) {
      const { picture, from, to } = this.#before;
      const fading = sceneOf(picture, count, between(from, to, progress), 1 - progress, scale);
      paintScene(context, { ...fading, bands: [], dots: [] }, box);
    }
    const { picture, from, to } = this.#now;
    const opacity = this.#before ? 0.3 + 0.7 * progress : 1;
    paintScene(context, sceneOf(picture, count, between(from, to, progress), opacity, scale), box);
    context.font = "12px system-ui, sans-serif";
    for (const { text, x, y, colour, anchor, isStrong } of this.#labels(picture, box)) {
      context.font = `${isStrong ? 600 : 400} 12px system-ui, sans-serif`;
      context.fillStyle = colour;
      context.textAlign = anchor === "middle" ? "center" : anchor;
      context.fillText(text, x, y);
    }
  }

  /** Names of the layers on the left, if there is room, and of the tasks at their inputs and outputs. */
  #labels({ shape, activeNeurons, points }: NetworkPicture, box: Box) {
    type Label = {
      text: string;
      x: number;
      y: number;
      colour: string;
      anchor: "start" | "middle" | "end";
      isStrong: boolean;
    };
    const labels: Label[] = [];
    const [text, quiet] = [themeColour("--text"), themeColour("--quiet")];
    const last = shape.length - 1;
    if (box.left > 50) {
      shape.forEach((size, layer) => {
        const name = layer === 0 ? "inputs" : layer === last ? "outputs" : `hidden ${layer}`;
        const y = box.top + box.height * (1 - layer / last);
        labels.push({ text: name, x: 8, y: y - 3, colour: text, anchor: "start", isStrong: true });
        const active = `${inThousands(activeNeurons[layer])} of ${inThousands(size)}`;
        labels.push({ text: active, x: 8, y: y + 13, colour: quiet, anchor: "start", isStrong: false });
      });
    }
    for (const side of ["inputs", "outputs"] as const) {
      const layer = side === "inputs" ? 0 : last;
      this.#tasks.forEach((task, number) => {
        const own: number[] = [];
        points.layer.forEach((at, point) => {
          if (at === layer && points.kind[point] === number) own.push(points.x[point]);
        });
        if (own.length === 0) return;
        const middle = own.reduce((sum, x) => sum + x, 0) / own.length;
        const x = Math.max(box.left + 24, Math.min(box.left + box.width - 30, box.left + middle * box.width));
        const y = side === "inputs" ? box.top + box.height + 30 : box.top - 22;
        labels.push({
          text: task.name,
          x,
          y,
          colour: themeColour(`--task-${number % 6}`),
          anchor: "middle",
          isStrong: true,
        });
      });
    }
    return labels;
  }
}
