import Table from "cli-table3";
import type { PeerCase } from "./cases.ts";
import { figure, type PeerRow, type Row } from "./rows.ts";

/** Result of a participant in a case: milliseconds per network-step (or per level), or the reason why there is none. */
export type Cell =
  | { readonly ms: number; readonly lowest: number; readonly highest: number }
  | { readonly reason: string };

/** A case and the result of each row. */
export interface Column {
  readonly one: PeerCase;
  readonly cells: ReadonlyMap<Row, Cell>;
}

/** A row and a description of its device, or the reason why it does not run. */
export interface Line {
  readonly row: Row;
  readonly about: string;
  /** Whether it runs on the CPU; undefined if it does not run. */
  readonly isOnCpu: boolean | undefined;
}

/** A number with three significant digits. */
function digits(value: number): string {
  return value >= 100 ? value.toFixed(0) : value.toPrecision(3);
}

function msOf(cell: Cell | undefined): number | undefined {
  return cell && "ms" in cell ? cell.ms : undefined;
}

/** Our time for comparison with a peer: the faster engine of the adapter, or one core of the CPU engine. */
function ourMs({ cells }: Column, isOnCpu: boolean): number | undefined {
  const times = [...cells].flatMap(([row, cell]) => {
    const isComparable = isOnCpu ? row.kind === "cpu" && row.cores === "one" : row.kind === "adapter";
    const ms = isComparable ? msOf(cell) : undefined;
    return ms === undefined ? [] : [ms];
  });
  return times.length > 0 ? Math.min(...times) : undefined;
}

/** The column of the same case with one network, for peers that train one network at a time. */
function aloneColumn(columns: readonly Column[], { one }: Column): Column | undefined {
  return columns.find(
    ({ one: other }) => other.population === 1 && figure(other) === figure({ ...one, population: 1 }),
  );
}

/** Speed-up of ours over the peer, and its target. */
function ratio(row: PeerRow, column: Column, ms: number, isOnCpu: boolean): string {
  const ours = ourMs(column, isOnCpu);
  if (ours === undefined) return "";
  const toReach = row.toReach[figure(column.one)];
  return `${digits(ms / ours)}x${toReach ? ` (to reach ${digits(toReach)})` : ""}`;
}

/** @param reasons the notes below the table; a cell without a time adds its reason */
function cellText(columns: readonly Column[], column: Column, { row, isOnCpu }: Line, reasons: string[]): string {
  const isOneByOne = row.kind === "peer" && row.isOneByOne && column.one.population > 1;
  const cell = (isOneByOne ? aloneColumn(columns, column) : column)?.cells.get(row);
  if (!cell) return "";
  if ("reason" in cell) {
    if (!reasons.includes(cell.reason)) reasons.push(cell.reason);
    return `not timed [${reasons.indexOf(cell.reason) + 1}]`;
  }
  const time = `${digits(cell.ms)} (${digits(cell.lowest)}-${digits(cell.highest)})`;
  const lines = [isOneByOne ? `${digits(cell.ms)} one by one` : time];
  if (row.kind === "peer") lines.push(ratio(row, column, cell.ms, isOnCpu === true));
  return lines.join("\n");
}

/**
 * The table of all rows and cases, and the device of each row.
 * @returns lines
 */
export function peerTable(columns: readonly Column[], lines: readonly Line[]): string[] {
  const table = new Table({
    head: ["ms a network-step\n(level: ms a level)", ...columns.map(({ one }) => one.title)],
    colWidths: [26, ...columns.map(() => 22)],
    wordWrap: true,
    style: { head: [], border: [] },
  });
  const running = lines.filter(({ isOnCpu }) => isOnCpu !== undefined);
  const reasons: string[] = [];
  for (const line of running) {
    table.push([line.row.name, ...columns.map((column) => cellText(columns, column, line, reasons))]);
  }
  for (const { row, about, isOnCpu } of lines) {
    if (isOnCpu === undefined) table.push([row.name, { content: about, colSpan: columns.length }]);
  }
  const engines = new Map<string, string[]>();
  for (const { row, about, isOnCpu } of lines) {
    if (isOnCpu !== undefined) engines.set(about, [...(engines.get(about) ?? []), row.name]);
  }
  return [
    ...table.toString().split("\n"),
    "median (lowest-highest); below it the speed-up of ours: the faster engine of the adapter, or one core of the CPU engine",
    ...reasons.map((reason, k) => `[${k + 1}] ${reason}`),
    ...[...engines].map(([about, names]) => `${about}: ${names.join("; ")}`),
  ];
}
