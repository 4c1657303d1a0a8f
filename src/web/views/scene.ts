import type { NetworkPicture } from "../worker/picture.ts";
import { kindColour } from "./colours.ts";
import type { Places } from "./places.ts";

/**
 * Lines of one style. Coordinates are shares of the drawing's width and height: x1, y1, x2, y2 of each line in turn.
 */
export interface Strokes {
  readonly colour: string;
  readonly opacity: number;
  readonly width: number;
  readonly dashes: readonly number[];
  readonly lines: Float32Array;
}

export interface Dot {
  readonly x: number;
  readonly y: number;
  readonly radius: number;
  readonly fill: string;
  readonly opacity: number;
  /** Colour of its outline. */
  readonly stroke?: string;
}

/** The drawing of a network at one moment, as a value: a canvas and an SVG file show the same. */
export interface Scene {
  readonly bands: readonly { left: number; right: number; colour: string }[];
  readonly strokes: readonly Strokes[];
  readonly dots: readonly Dot[];
}

/** Steps of line strength: a canvas strokes all lines of one style together. */
const strengthSteps = 4;

/**
 * The scene of a picture.
 * @param tasks number of tasks
 * @param places of the points
 * @param opacity of the whole, from 0 to 1
 * @param scale size of points and lines: 1 on a wide drawing
 */
export function sceneOf(picture: NetworkPicture, tasks: number, places: Places, opacity: number, scale: number): Scene {
  const { points, lines, neuronsPerPoint } = picture;
  const isBundled = neuronsPerPoint > 1;
  // More lines are fainter: a dense layer is drawn as a texture, a sparse one as a graph.
  const crowd = lines.kind.length;
  const base = isBundled ? 0.4 : crowd < 150 ? 1 : crowd < 400 ? 0.8 : crowd < 1200 ? 0.45 : crowd < 2500 ? 0.22 : 0.14;
  const width = isBundled ? 1.6 : crowd < 150 ? 2.2 : crowd < 400 ? 1.6 : 1;
  const strokes = [...linesByStyle(picture)]
    .map(([style, own]): Strokes => {
      const kind = Math.floor(style / strengthSteps);
      const strength = (style % strengthSteps) + 1;
      const isQuiet = kind > tasks;
      const share = isBundled ? (strength / strengthSteps) ** 1.5 : 0.45 + (0.55 * strength) / strengthSteps;
      return {
        colour: kindColour(kind, tasks),
        opacity: opacity * base * share * (isQuiet ? 0.7 : 1),
        width: scale * width * (isQuiet ? 0.7 : 0.55 + (0.9 * strength) / strengthSteps),
        dashes: isQuiet ? (kind === tasks + 1 ? [3, 3] : [7, 3]) : [],
        lines: coordinates(own, lines, places),
      };
    })
    // Inactive and zombie weights first, so that the tasks are on top.
    .sort((a, b) => b.dashes.length - a.dashes.length);

  const widest = Math.max(...picture.shape.map((size) => Math.min(size, 400)));
  const radius = scale * Math.max(1.6, Math.min(6, 220 / widest));
  const connected = connectedPoints(picture);
  const dots = Array.from(points.kind, (kind, point): Dot => {
    const [x, y] = [places[2 * point], places[2 * point + 1]];
    const fill = kindColour(kind, tasks);
    const size = isBundled ? scale * (2 + 4 * Math.sqrt(points.neurons[point] / neuronsPerPoint)) : radius;
    if (kind <= tasks) return { x, y, radius: size, fill, opacity };
    if (!connected[point]) return { x, y, radius: Math.min(1.4, size) * 0.9, fill, opacity: opacity * 0.6 };
    return { x, y, radius: size * 0.7, fill: "transparent", stroke: fill, opacity };
  });
  const bands = picture.bands.map(({ left, right, kind }) => ({ left, right, colour: kindColour(kind, tasks) }));
  return { bands, strokes, dots };
}

/** Caches of what is the same in every frame of a picture. */
const styles = new WeakMap<NetworkPicture, Map<number, number[]>>();
const connections = new WeakMap<NetworkPicture, Uint8Array>();

/** Numbers of the lines of each style, which is a kind and a step of strength. */
function linesByStyle(picture: NetworkPicture): Map<number, number[]> {
  const known = styles.get(picture);
  if (known) return known;
  const found = new Map<number, number[]>();
  const { kind, strength } = picture.lines;
  kind.forEach((each, line) => {
    const step = Math.min(strengthSteps - 1, Math.floor(strength[line] * strengthSteps));
    const own = found.get(each * strengthSteps + step);
    if (own) own.push(line);
    else found.set(each * strengthSteps + step, [line]);
  });
  styles.set(picture, found);
  return found;
}

/** 1 for every point that a line touches. */
function connectedPoints(picture: NetworkPicture): Uint8Array {
  const known = connections.get(picture);
  if (known) return known;
  const found = new Uint8Array(picture.points.id.length);
  for (const ends of [picture.lines.from, picture.lines.to]) for (const point of ends) found[point] = 1;
  connections.set(picture, found);
  return found;
}

function coordinates(own: readonly number[], { from, to }: NetworkPicture["lines"], places: Places): Float32Array {
  const ends = new Float32Array(own.length * 4);
  own.forEach((line, at) => {
    const [start, end] = [2 * from[line], 2 * to[line]];
    ends[4 * at] = places[start];
    ends[4 * at + 1] = places[start + 1];
    ends[4 * at + 2] = places[end];
    ends[4 * at + 3] = places[end + 1];
  });
  return ends;
}

/** The rectangle of a drawing that the network takes, in pixels. */
export interface Box {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/**
 * Most lines per stroke. The opacity of lines within a stroke does not add up where they cross; more strokes take more
 * time.
 */
const linesAtOnce = 60;

/** Draws a scene on a canvas. */
export function paintScene(context: CanvasRenderingContext2D, scene: Scene, box: Box): void {
  const x = (share: number) => box.left + share * box.width;
  const y = (share: number) => box.top + share * box.height;
  for (const { left, right, colour } of scene.bands) {
    context.globalAlpha = 0.08;
    context.fillStyle = colour;
    context.beginPath();
    context.roundRect(x(left), box.top - 18, (right - left) * box.width, box.height + 36, 12);
    context.fill();
  }
  for (const { colour, opacity, width, dashes, lines } of scene.strokes) {
    context.globalAlpha = opacity;
    context.strokeStyle = colour;
    context.lineWidth = width;
    context.setLineDash([...dashes]);
    for (let first = 0; first < lines.length; first += 4 * linesAtOnce) {
      context.beginPath();
      for (let at = first; at < Math.min(lines.length, first + 4 * linesAtOnce); at += 4) {
        context.moveTo(x(lines[at]), y(lines[at + 1]));
        context.lineTo(x(lines[at + 2]), y(lines[at + 3]));
      }
      context.stroke();
    }
  }
  context.setLineDash([]);
  for (const dot of scene.dots) {
    context.globalAlpha = dot.opacity;
    context.beginPath();
    context.arc(x(dot.x), y(dot.y), dot.radius, 0, 2 * Math.PI);
    context.fillStyle = dot.fill;
    context.fill();
    if (dot.stroke) {
      context.strokeStyle = dot.stroke;
      context.lineWidth = 1;
      context.stroke();
    }
  }
  context.globalAlpha = 1;
}

/** The elements of an SVG file that show a scene. */
export function svgScene(scene: Scene, box: Box): string {
  const x = (share: number) => (box.left + share * box.width).toFixed(1);
  const y = (share: number) => (box.top + share * box.height).toFixed(1);
  const bands = scene.bands.map(
    ({ left, right, colour }) =>
      `<rect x="${x(left)}" y="${box.top - 18}" width="${((right - left) * box.width).toFixed(1)}" height="${box.height + 36}" rx="12" fill="${colour}" fill-opacity="0.08"/>`,
  );
  const strokes = scene.strokes.map(({ colour, opacity, width, dashes, lines }) => {
    let path = "";
    for (let at = 0; at < lines.length; at += 4) {
      path += `M${x(lines[at])} ${y(lines[at + 1])}L${x(lines[at + 2])} ${y(lines[at + 3])}`;
    }
    return `<path d="${path}" fill="none" stroke="${colour}" stroke-width="${width.toFixed(2)}" stroke-opacity="${opacity.toFixed(3)}" stroke-dasharray="${dashes.join(" ") || "none"}"/>`;
  });
  const dots = scene.dots.map(
    (dot) =>
      `<circle cx="${x(dot.x)}" cy="${y(dot.y)}" r="${dot.radius.toFixed(1)}" fill="${dot.fill}" opacity="${dot.opacity.toFixed(2)}" stroke="${dot.stroke ?? "none"}"/>`,
  );
  return [...bands, ...strokes, ...dots].join("\n");
}
