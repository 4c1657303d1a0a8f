/* Number formats for people, one for each kind of number, shared by the command line, the page and the reports. */

/** A count with separators between the thousands: `13,104`. */
export function inThousands(count: number): string {
  return count.toLocaleString("en-US");
}

/** `3 seeds`, `1 seed`. */
export function plural(count: number, noun: string): string {
  return `${inThousands(count)} ${noun}${count === 1 ? "" : "s"}`;
}

/** A size in the largest decimal unit that is not larger than the size: `512 bytes`, `12 MB`, `1.1 GB`. */
export function formatBytes(bytes: number): string {
  if (bytes < 1000) return plural(bytes, "byte");
  const units = ["kB", "MB", "GB", "TB"];
  const power = Math.min(Math.floor(Math.log10(bytes) / 3), units.length);
  const value = bytes / 1000 ** power;
  return `${value < 10 ? value.toFixed(1) : Math.round(value)} ${units[power - 1]}`;
}

/** Elapsed time as a clock shows it: `0:07`, `12:05`, `1:02:05`. */
export function formatClock(elapsedMs: number): string {
  const seconds = Math.floor(elapsedMs / 1000);
  const twoDigits = (value: number) => String(value).padStart(2, "0");
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes}:${twoDigits(seconds % 60)}`;
  return `${Math.floor(minutes / 60)}:${twoDigits(minutes % 60)}:${twoDigits(seconds % 60)}`;
}

/** An estimated time in one unit: `40 s`, `3 min`, `2.5 h`. */
export function formatRough(ms: number): string {
  const seconds = Math.ceil(ms / 1000);
  if (seconds < 90) return `${seconds} s`;
  if (seconds < 90 * 60) return `${Math.round(seconds / 60)} min`;
  return `${(seconds / 3600).toFixed(1)} h`;
}

/** A loss with enough digits to show changes, also of a small loss. */
export function formatLoss(loss: number): string {
  return loss !== 0 && Math.abs(loss) < 0.001 ? loss.toExponential(1) : loss.toFixed(4);
}

/** A share of samples classified correctly: `0.9990`. */
export function formatAccuracy(share: number): string {
  return share.toFixed(4);
}

/** A measured time in seconds: `12.5 s`. */
export function formatSeconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}

/** A measured time in one unit: `12.5 s`, `3.4 min`, `2.5 h`. */
export function formatDuration(ms: number): string {
  const seconds = ms / 1000;
  if (seconds < 90) return formatSeconds(ms);
  return seconds < 90 * 60 ? `${(seconds / 60).toFixed(1)} min` : `${(seconds / 3600).toFixed(1)} h`;
}

/** A measured number, from 0, to three significant digits: `0.0123`, `97.3`, `142`, `5,680`. */
export function threeDigits(value: number): string {
  const rounded = Number(value.toPrecision(3));
  return rounded >= 1000 ? inThousands(rounded) : String(rounded);
}

/** A share of an attainable maximum, in per cent: `1.4 %`, `99 %`, `250 %`. */
export function formatPercent(share: number): string {
  return `${share < 0.995 ? (share * 100).toPrecision(2) : Math.round(share * 100)} %`;
}
