import { keptWeightState } from "../analysis/states.ts";
import { columnCount, hasColumn } from "../base/columns.ts";
import { plural } from "../base/format.ts";
import type { Task } from "../base/task.ts";
import { escapeXml } from "./escape.ts";
import {
  type Frame,
  keptWeights,
  layOutTicket,
  type Mask,
  type PlacedNeuron,
  type TicketLayout,
  tasksOf,
} from "./ticket_layout.ts";

/** Input of a ticket's figure; an `Analysis` of the mask has states and subnetworks. */
export interface TicketFigureInput {
  readonly mask: Mask;
  readonly tasks: readonly Task[];
  /** `[layer][neuron]`. */
  readonly neuronStates: readonly (readonly ("active" | "inactive" | "zombie")[])[];
  readonly subnetworks: readonly { readonly neurons: readonly (readonly [number, number])[] }[];
  readonly title?: string;
}

/** Colours that colour-blind readers can distinguish (Okabe and Ito, "Color universal design", 2008): one per task. */
const taskColours = ["#0072B2", "#D55E00", "#009E73", "#E69F00", "#56B4E9", "#000000"];
/** Reddish purple of Okabe and Ito: a subnetwork that holds outputs of more than one task. */
const sharedColour = "#CC79A7";
const inactiveColour = "#9a9a9a";
const zombieColour = "#b39a5b";
const textColour = "#333333";
const quietTextColour = "#6b6b6b";

const width = 800;
const margin = 16;
/** Left of the drawing, for the names of the layers. */
const labelWidth = 116;
const layerGap = 130;
/** Above the outputs and below the inputs, for the names of the tasks. */
const taskRoom = 44;
/** Most weights that are drawn; of more, every n-th is drawn, for a legible picture and a small file. */
const maxDrawnWeights = 20_000;
const maxLegendSubnetworks = 6;

type WeightState = "active" | "inactive" | "zombie";

/** Each kind of line in the figure, with the data of its legend entry. */
interface LineStyle {
  readonly label: string;
  readonly colour: string;
  readonly state: WeightState;
  weights: number;
  neurons: number;
  path: string;
}

const short = (coordinate: number) => String(Math.round(coordinate * 10) / 10);

/**
 * Draws a ticket bottom-up as an SVG document 800 wide: each subnetwork in a band and the colour of its task, inactive
 * and zombie weights in grey beside them, tasks named at their inputs and outputs, a legend with counts. Equal input
 * gives equal text.
 */
export function ticketFigure(input: TicketFigureInput): string {
  const { mask, tasks, title } = input;
  const layers = mask.shape.length;
  const top = margin + (title === undefined ? 0 : 26) + taskRoom;
  const frame: Frame = {
    left: margin + labelWidth,
    right: width - margin,
    top,
    bottom: top + layerGap * (layers - 1),
  };
  const layout = layOutTicket(mask, tasks, input.subnetworks, frame);
  const styles = lineStyles(input);
  const drawnEvery = drawWeights(input, layout, styles);
  const legend = drawLegend(styles, drawnEvery, frame.bottom + taskRoom + 28);
  const parts = [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${legend.bottom}" width="${width}" height="${legend.bottom}" role="img" font-family="system-ui, 'Segoe UI', Helvetica, Arial, sans-serif" font-size="12" fill="${textColour}">`,
    `<title>${escapeXml(title ?? "Ticket")}</title>`,
    `<rect width="${width}" height="${legend.bottom}" fill="#ffffff"/>`,
    ...(title === undefined
      ? []
      : [`<text x="${margin}" y="${margin + 14}" font-size="16" font-weight="600">${escapeXml(title)}</text>`]),
    ...drawBands(layout, styles, frame),
    ...drawLayerLabels(input, frame),
    ...drawLines(styles),
    ...drawNeurons(input, layout, styles),
    ...drawTaskLabels(tasks, layout, "inputs", frame),
    ...drawTaskLabels(tasks, layout, "outputs", frame),
    ...legend.parts,
    "</svg>",
  ];
  return `${parts.join("\n")}\n`;
}

/** One style per subnetwork, in their order, then inactive, then zombie. */
function lineStyles({ mask, tasks, subnetworks }: TicketFigureInput): LineStyle[] {
  const outputLayer = mask.shape.length - 1;
  const active = subnetworks.map(({ neurons }, number): LineStyle => {
    const held = tasks.flatMap((_, k) =>
      neurons.some(([layer, index]) => layer === outputLayer && hasColumn(tasks[k].outputs, index)) ? [k] : [],
    );
    const names = held.map((k) => tasks[k].name).join(" + ");
    return {
      label: `subnetwork ${number + 1} (${names})`,
      colour: held.length === 1 ? taskColours[held[0] % taskColours.length] : sharedColour,
      state: "active",
      weights: 0,
      neurons: neurons.length,
      path: "",
    };
  });
  const other = (label: string, colour: string, state: WeightState): LineStyle => ({
    label,
    colour,
    state,
    weights: 0,
    neurons: 0,
    path: "",
  });
  return [...active, other("inactive", inactiveColour, "inactive"), other("zombie", zombieColour, "zombie")];
}

/** Fills in each style's counts and path; returns n where every n-th weight is drawn. */
function drawWeights(input: TicketFigureInput, layout: TicketLayout, styles: readonly LineStyle[]): number {
  const { mask, neuronStates } = input;
  const [inactive, zombie] = styles.slice(-2);
  for (const state of neuronStates.flat()) {
    if (state === "inactive") inactive.neurons++;
    if (state === "zombie") zombie.neurons++;
  }
  const drawnEvery = Math.ceil(mask.count() / maxDrawnWeights);
  let number = 0;
  for (const [layer, output, source] of keptWeights(mask)) {
    const from = layout.neurons[layer][source];
    const to = layout.neurons[layer + 1][output];
    const state = keptWeightState(neuronStates[layer][source], neuronStates[layer + 1][output]);
    const style = state === "inactive" ? inactive : from.subnetwork === undefined ? zombie : styles[from.subnetwork];
    style.weights++;
    if (number++ % drawnEvery === 0) {
      style.path += `M${short(from.x)} ${short(from.y)}L${short(to.x)} ${short(to.y)}`;
    }
  }
  return drawnEvery;
}

/** More lines are fainter: a dense layer is drawn as a texture, a sparse one as a graph. */
function drawLines(styles: readonly LineStyle[]): string[] {
  const fading = (weights: number) => (weights < 300 ? 0.8 : weights < 2000 ? 0.45 : 0.3);
  const active = styles.filter(({ state }) => state === "active").reduce((sum, { weights }) => sum + weights, 0);
  const stroke = active < 300 ? 1.5 : active < 2000 ? 0.9 : 0.5;
  // Inactive and zombie weights first, so that the subnetworks are on top.
  return styles
    .filter(({ path }) => path !== "")
    .reverse()
    .map(({ path, colour, state, weights }) =>
      state === "active"
        ? `<path d="${path}" stroke="${colour}" stroke-width="${stroke}" stroke-opacity="${fading(active)}" fill="none"/>`
        : `<path d="${path}" stroke="${colour}" stroke-width="0.7" stroke-opacity="${fading(weights * 4)}" stroke-dasharray="${dashes(state)}" fill="none"/>`,
    );
}

function dashes(state: WeightState): string {
  return state === "inactive" ? "3 3" : "7 3";
}

function drawBands({ bands, restBand }: TicketLayout, styles: readonly LineStyle[], frame: Frame): string[] {
  const y = frame.top - 20;
  const height = frame.bottom - frame.top + 40;
  const strip = (band: { left: number; width: number }, colour: string, opacity: number) =>
    `<rect x="${short(band.left)}" y="${y}" width="${short(band.width)}" height="${height}" rx="8" fill="${colour}" fill-opacity="${opacity}"/>`;
  return [
    ...bands.map((band, number) => strip(band, styles[number].colour, 0.07)),
    ...(restBand ? [strip(restBand, "#777777", 0.05)] : []),
  ];
}

function drawLayerLabels({ mask, neuronStates }: TicketFigureInput, frame: Frame): string[] {
  const last = mask.shape.length - 1;
  return mask.shape.map((size, layer) => {
    const name = layer === 0 ? "inputs" : layer === last ? "outputs" : `hidden ${layer}`;
    const active = neuronStates[layer].filter((state) => state === "active").length;
    const y = frame.bottom - layerGap * layer;
    return `<text x="${margin}" y="${y - 2}">${name}</text><text x="${margin}" y="${y + 13}" font-size="11" fill="${quietTextColour}">${active} of ${size} active</text>`;
  });
}

function drawNeurons(input: TicketFigureInput, layout: TicketLayout, styles: readonly LineStyle[]): string[] {
  const { tasks } = input;
  const last = layout.neurons.length - 1;
  return layout.neurons.map((layer, l) => {
    const perRow = Math.max(...layout.bands.map((band, number) => crowding(layer, number, band.width)), 0);
    const radius = Math.max(1.5, Math.min(5, perRow > 0 ? 0.4 / perRow : 5));
    const circles = layer.map((neuron) => {
      const at = `<circle cx="${short(neuron.x)}" cy="${short(neuron.y)}"`;
      if (neuron.subnetwork !== undefined) {
        // Inputs and outputs have the colour of their own task, which shows those used by another task's subnetwork. A
        // shared input has the colour of its subnetwork.
        const side = l === 0 ? "inputs" : l === last ? "outputs" : undefined;
        const own = side ? tasksOf(tasks, side, neuron.index) : [];
        const fill = own.length === 1 ? taskColours[own[0] % taskColours.length] : styles[neuron.subnetwork].colour;
        return `${at} r="${short(radius)}" fill="${fill}" stroke="#ffffff" stroke-width="0.8"/>`;
      }
      const colour = input.neuronStates[l][neuron.index] === "zombie" ? zombieColour : inactiveColour;
      return neuron.connected
        ? `${at} r="3" fill="#ffffff" stroke="${colour}" stroke-width="1.2"/>`
        : `${at} r="1.2" fill="${colour}"/>`;
    });
    return circles.join("");
  });
}

/** Neurons of a subnetwork per unit of width in one layer. */
function crowding(layer: readonly PlacedNeuron[], subnetwork: number, bandWidth: number): number {
  return layer.filter((neuron) => neuron.subnetwork === subnetwork).length / bandWidth;
}

/** Names each task beside its inputs (below) or outputs (above) in each band. */
function drawTaskLabels(
  tasks: readonly Task[],
  layout: TicketLayout,
  columns: "inputs" | "outputs",
  frame: Frame,
): string[] {
  const layer = layout.neurons[columns === "inputs" ? 0 : layout.neurons.length - 1];
  const barY = columns === "inputs" ? frame.bottom + 25 : frame.top - 25;
  const textY = columns === "inputs" ? barY + 15 : barY - 6;
  const own = (subnetwork: number | undefined, k: number) =>
    layer.filter((neuron) => neuron.subnetwork === subnetwork && hasColumn(tasks[k][columns], neuron.index));
  const labels = layout.bands.flatMap((_, subnetwork) =>
    sharedPlaces(tasks.map((_, k) => own(subnetwork, k).map(({ x }) => x))).flatMap(({ places, owners }) => {
      const colour = owners.length === 1 ? taskColours[owners[0] % taskColours.length] : quietTextColour;
      const left = Math.min(...places) - 6;
      const right = Math.max(...places) + 6;
      const name = owners
        .map((k) => {
          const count = columnCount(tasks[k][columns]);
          return places.length === count ? tasks[k].name : `${tasks[k].name} (${places.length} of ${count})`;
        })
        .join(" + ");
      return [
        `<path d="M${short(left)} ${barY}H${short(right)}" stroke="${colour}" stroke-width="2" stroke-linecap="round"/>`,
        `<text x="${short((left + right) / 2)}" y="${textY}" text-anchor="middle" fill="${colour}" font-weight="600">${escapeXml(name)}</text>`,
      ];
    }),
  );
  if (layout.restBand) {
    const unused = tasks.flatMap((task, k) => {
      const count = own(undefined, k).length;
      return count > 0 ? [`${task.name} ${count}`] : [];
    });
    if (unused.length > 0) {
      // One line below the names of a crowded input layer, which reach this far.
      const y = columns === "inputs" ? textY + 14 : textY;
      labels.push(
        `<text x="${frame.right}" y="${y}" text-anchor="end" font-size="11" fill="${quietTextColour}">unused: ${escapeXml(unused.join(", "))}</text>`,
      );
    }
  }
  return labels;
}

/** The places of each task, tasks with the same places as one entry; tasks without any are left out. */
function sharedPlaces(ofTasks: readonly (readonly number[])[]) {
  const groups = new Map<string, { readonly places: readonly number[]; readonly owners: number[] }>();
  ofTasks.forEach((places, k) => {
    if (places.length === 0) return;
    const group = groups.get(places.join()) ?? { places, owners: [] };
    group.owners.push(k);
    groups.set(places.join(), group);
  });
  return [...groups.values()];
}

/** Wraps the legend's entries into lines as wide as the figure; `bottom` is where the figure ends. */
function drawLegend(
  styles: readonly LineStyle[],
  drawnEvery: number,
  firstY: number,
): { parts: string[]; bottom: number } {
  const subnetworks = styles.slice(0, -2);
  const named = [...subnetworks.slice(0, maxLegendSubnetworks), ...styles.slice(-2)].map((style) => ({
    text: `${style.label}: ${plural(style.weights, "weight")}, ${plural(style.neurons, "neuron")}`,
    style,
  }));
  const notes = [
    ...(subnetworks.length > maxLegendSubnetworks
      ? [`and ${plural(subnetworks.length - maxLegendSubnetworks, "more subnetwork")}`]
      : []),
    ...(drawnEvery > 1 ? [`one of ${drawnEvery} weights is drawn`] : []),
  ].map((text) => ({ text, style: undefined }));
  const parts: string[] = [];
  let x = margin;
  let y = firstY;
  for (const { text, style } of [...named, ...notes]) {
    // 6.4 units a character is the mean of common sans-serif faces at size 12, a little rounded up.
    const needed = (style ? 30 : 0) + text.length * 6.4;
    if (x > margin && x + needed > width - margin) {
      x = margin;
      y += 20;
    }
    if (style) {
      const dash = style.state === "active" ? "" : ` stroke-dasharray="${dashes(style.state)}"`;
      parts.push(`<path d="M${x} ${y - 4}h22" stroke="${style.colour}" stroke-width="2.5"${dash}/>`);
    }
    parts.push(`<text x="${x + (style ? 28 : 0)}" y="${y}">${escapeXml(text)}</text>`);
    x += Math.ceil(needed) + 18;
  }
  return { parts, bottom: y + margin };
}
