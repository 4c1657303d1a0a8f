/** A name for a file that is written and then renamed, in the same folder. Readers pass over it. */
export function temporaryName(): string {
  return `.${crypto.randomUUID().slice(0, 8)}.tmp`;
}

/** Whether a file has a name of {@link temporaryName}: a writer leaves it behind only if it is killed. */
export function isTemporary(name: string): boolean {
  return /^\.[0-9a-f]{8}\.tmp$/.test(name);
}
