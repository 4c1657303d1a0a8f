import { describeHolder, type ProcessIdentity } from "./lock_record.ts";

/** Another process writes the run. */
export class RunHeld extends Error {
  override name = "RunHeld";

  /**
   * @param folder of the run
   * @param holder undefined where the lock file cannot be read
   */
  constructor(
    readonly folder: string,
    readonly holder: Pick<ProcessIdentity, "host" | "pid"> | undefined,
  ) {
    super(`${folder}: is written by ${describeHolder(holder)}`);
  }
}
