/** See test_writers.mjs. */
export function testWriters(options: {
  readonly program: string;
  readonly starts: number;
  readonly seed?: number;
  readonly minutes?: number;
  readonly say?: (line: string) => void;
}): Promise<{
  readonly starts: number;
  readonly writers: number;
  readonly ended: Readonly<Record<string, number>>;
  readonly waited: number;
  readonly takenOver: number;
  readonly faults: number;
}>;
