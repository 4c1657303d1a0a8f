/**
 * Keeps the measured times of steps of each adapter, as text, between runs. Times that cannot be kept are measured
 * again.
 */
export interface TimesStore {
  /** Version of this program; times of another version are not used. */
  readonly version: string;
  /** The text that was kept for an adapter; undefined if there is none that can be read. */
  read(adapter: string): Promise<string | undefined>;
  /** Keeps a text if possible; does not throw if it is not. */
  write(adapter: string, text: string): Promise<void>;
}

/** Keeps times in memory, for as long as a page is open. */
export function memoryTimes(version: string): TimesStore {
  const kept = new Map<string, string>();
  return {
    version,
    read: async (adapter) => kept.get(adapter),
    write: async (adapter, text) => void kept.set(adapter, text),
  };
}
