import { hasColumn } from "../base/columns.ts";
import type { Task } from "../base/task.ts";
import type { Ticket } from "../store/ticket_file.ts";

export type Mask = Ticket["mask"];

/** The place of a neuron: in the band of a subnetwork, or beside them. */
export interface PlacedNeuron {
  readonly layer: number;
  readonly index: number;
  readonly x: number;
  readonly y: number;
  /** Number of its subnetwork; undefined for a neuron in none. */
  readonly subnetwork: number | undefined;
  /** False when every weight from and to it is pruned. */
  readonly connected: boolean;
}

/** The vertical strip of a subnetwork, or of the rest, through all layers. */
export interface Band {
  readonly left: number;
  readonly width: number;
}

export interface TicketLayout {
  /** `[layer][neuron]`. */
  readonly neurons: readonly (readonly PlacedNeuron[])[];
  /** One per subnetwork. */
  readonly bands: readonly Band[];
  /** The band of neurons outside every subnetwork; undefined if there are none. */
  readonly restBand: Band | undefined;
}

/** The rectangle that a ticket is drawn in, user units of the SVG. */
export interface Frame {
  readonly left: number;
  readonly right: number;
  /** y of the outputs. */
  readonly top: number;
  /** y of the inputs. */
  readonly bottom: number;
}

const bandGap = 22;
const minBandWidth = 84;
/** Distance between the neurons of the rest, which are placed in rows. */
const restPitch = 10;
const maxRestRows = 5;
/** Sweeps up and down the layers that move connected neurons near each other; more sweeps change nothing visible. */
const sweeps = 6;

/**
 * Places a ticket bottom-up, inputs below: each subnetwork in a band of its own, so that a split is visible, and the
 * neurons in none of them in a last band to the right.
 * @param subnetworks neurons `[layer, index]` of each
 */
export function layOutTicket(
  mask: Mask,
  tasks: readonly Task[],
  subnetworks: readonly { readonly neurons: readonly (readonly [number, number])[] }[],
  frame: Frame,
): TicketLayout {
  const layers = mask.shape.length;
  const subnetworkOf = mask.shape.map((width) => new Array<number | undefined>(width).fill(undefined));
  subnetworks.forEach(({ neurons }, number) => {
    for (const [layer, index] of neurons) subnetworkOf[layer][index] = number;
  });
  const members = subnetworks.map((_, number) =>
    subnetworkOf.map((layer) => layer.flatMap((value, index) => (value === number ? [index] : []))),
  );
  const rest = subnetworkOf.map((layer) => layer.flatMap((value, index) => (value === undefined ? [index] : [])));
  const restSize = Math.max(...rest.map((layer) => layer.length));

  const { bands, restBand } = divide(
    members.map((own) => Math.max(...own.map((layer) => layer.length))),
    restSize,
    frame,
  );
  const neighbours = keptNeighbours(mask);
  const y = (layer: number) => frame.bottom + ((frame.top - frame.bottom) * layer) / (layers - 1);
  const neurons: PlacedNeuron[][] = mask.shape.map(() => []);

  members.forEach((own, number) => {
    const order = uncrossed(own, neighbours, tasks);
    const { left, width } = bands[number];
    order.forEach((layer, l) => {
      layer.forEach((index, position) => {
        const x = left + ((position + 0.5) * width) / layer.length;
        neurons[l][index] = { layer: l, index, x, y: y(l), subnetwork: number, connected: true };
      });
    });
  });

  rest.forEach((layer, l) => {
    if (!restBand) return;
    const isConnected = (index: number) => neighbours[l][index].below.length + neighbours[l][index].above.length > 0;
    // Connected neurons first, because they have lines.
    const order = [...layer].sort((a, b) => Number(isConnected(b)) - Number(isConnected(a)) || a - b);
    const rows = Math.min(maxRestRows, Math.ceil((order.length * restPitch) / restBand.width));
    const columns = Math.ceil(order.length / Math.max(1, rows));
    const pitch = Math.min(restPitch, restBand.width / Math.max(1, columns));
    order.forEach((index, position) => {
      const row = Math.floor(position / columns);
      neurons[l][index] = {
        layer: l,
        index,
        x: restBand.left + restBand.width / 2 + ((position % columns) + 0.5 - columns / 2) * pitch,
        y: y(l) + (row - (rows - 1) / 2) * Math.min(restPitch, 8),
        subnetwork: undefined,
        connected: isConnected(index),
      };
    });
  });
  return { neurons, bands, restBand };
}

/** Divides the frame's width by the widest layer of each subnetwork; the rest gets a fifth at most. */
function divide(sizes: readonly number[], restSize: number, frame: Frame): Pick<TicketLayout, "bands" | "restBand"> {
  const whole = frame.right - frame.left;
  const restShare = sizes.length === 0 ? whole : Math.min(whole / 5, Math.max(60, restSize * restPitch));
  const restWidth = restSize === 0 ? 0 : restShare;
  const gaps = bandGap * (sizes.length - 1 + (restWidth > 0 ? 1 : 0));
  const available = whole - restWidth - Math.max(0, gaps);
  const smallest = Math.min(minBandWidth, available / Math.max(1, sizes.length));
  const spare = available - smallest * sizes.length;
  const total = sizes.reduce((sum, size) => sum + size, 0);
  let left = frame.left;
  const bands = sizes.map((size) => {
    const band = { left, width: smallest + (spare * size) / total };
    left += band.width + bandGap;
    return band;
  });
  return { bands, restBand: restWidth > 0 ? { left: frame.right - restWidth, width: restWidth } : undefined };
}

interface Neighbours {
  /** Neurons of the layer before with a kept weight to this one. */
  readonly below: number[];
  /** Neurons of the layer after with a kept weight from this one. */
  readonly above: number[];
}

function keptNeighbours(mask: Mask): Neighbours[][] {
  const neighbours = mask.shape.map((width) =>
    Array.from({ length: width }, (): Neighbours => ({ below: [], above: [] })),
  );
  for (const [layer, output, input] of keptWeights(mask)) {
    neighbours[layer][input].above.push(output);
    neighbours[layer + 1][output].below.push(input);
  }
  return neighbours;
}

/** Every unpruned weight as [layer, output, input], in the order of the mask. */
export function* keptWeights(mask: Mask): Generator<[number, number, number]> {
  for (let layer = 0; layer < mask.shape.length - 1; layer++) {
    for (let output = 0; output < mask.shape[layer + 1]; output++) {
      for (let input = 0; input < mask.shape[layer]; input++) {
        if (mask.has(layer, output, input)) yield [layer, output, input];
      }
    }
  }
}

/**
 * Orders one subnetwork's neurons so that few lines cross: the barycentre method (Sugiyama, Tagawa and Toda, "Methods
 * for visual understanding of hierarchical system structures", 1981). Inputs and outputs stay sorted by task and index.
 */
function uncrossed(
  members: readonly (readonly number[])[],
  neighbours: readonly (readonly Neighbours[])[],
  tasks: readonly Task[],
): number[][] {
  const last = members.length - 1;
  const order = members.map((layer) => [...layer]);
  const byTask = (columns: "inputs" | "outputs") => (a: number, b: number) =>
    placeAmongTasks(tasks, columns, a) - placeAmongTasks(tasks, columns, b) || a - b;
  order[0].sort(byTask("inputs"));
  order[last].sort(byTask("outputs"));
  const position = order.map((layer) => placesOf(layer));
  for (let sweep = 0; sweep < sweeps; sweep++) {
    const upward = sweep % 2 === 0;
    for (let step = 1; step < last; step++) {
      const layer = upward ? step : last - step;
      const beside = position[upward ? layer - 1 : layer + 1];
      const centre = new Map(
        order[layer].map((index) => {
          const { below, above } = neighbours[layer][index];
          const places = (upward ? below : above).flatMap((other) => beside.get(other) ?? []);
          const own = position[layer].get(index) ?? 0;
          return [index, places.length > 0 ? places.reduce((sum, x) => sum + x, 0) / places.length : own] as const;
        }),
      );
      order[layer].sort((a, b) => (centre.get(a) ?? 0) - (centre.get(b) ?? 0) || a - b);
      position[layer] = placesOf(order[layer]);
    }
  }
  return order;
}

/** Each neuron's place in a layer's order, in the open interval (0, 1). */
function placesOf(order: readonly number[]): Map<number, number> {
  return new Map(order.map((index, position) => [index, (position + 0.5) / order.length]));
}

/** Numbers of the tasks that an input or output belongs to, ascending; several only for an input that tasks share. */
export function tasksOf(tasks: readonly Task[], columns: "inputs" | "outputs", index: number): number[] {
  return tasks.flatMap((task, k) => (hasColumn(task[columns], index) ? [k] : []));
}

/** Where an input or output is among the tasks: a shared input is between its tasks, one of no task before the first. */
function placeAmongTasks(tasks: readonly Task[], columns: "inputs" | "outputs", index: number): number {
  const own = tasksOf(tasks, columns, index);
  return own.length === 0 ? -1 : own.reduce((sum, k) => sum + k, 0) / own.length;
}
