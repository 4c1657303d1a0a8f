/** Bounds of the work of a submission, in the unit of an engine. */
export interface SubmissionLimits {
  /** Target time of a submission in ms. */
  readonly targetMs: number;
  /** Work of the first submission if it trains one network. */
  readonly firstWork: number;
  /** Maximum work of a submission. */
  readonly mostWork: number;
}

/** The time that a submission took. */
export interface SubmissionTime {
  readonly work: number;
  /** Number of networks in training when the submission was sized, or their load; from 1. */
  readonly networks: number;
  /** Number or load of those that were still in training at its end. */
  readonly left: number;
  readonly ms: number;
  /** The device's clock measures the work alone; the host's clock also measures delays of the host. */
  readonly clock: "device" | "host";
}

/** Largest factor by which a measurement raises the work, and by which one of the host's clock lowers it. */
const mostChange = 2;

/**
 * Sizes submissions to a target time. Work is per network, so the time of a submission grows with the number of networks
 * up to proportionally: it does not grow while the device has processors that idle, and how many it has is not known. A
 * submission that trains more networks than the last measured one therefore gets proportionally less work.
 */
export class SubmissionSize {
  /** Work by which a submission that trains `#networks` networks takes the target time. */
  #fitting: number;
  #networks = 1;

  constructor(readonly limits: SubmissionLimits) {
    this.#fitting = limits.firstWork;
  }

  /**
   * Work of the next submission, from 1.
   * @param networks number of networks that it trains, or their load; from 1
   */
  next(networks: number): number {
    const work = this.#fitting / Math.max(1, networks / this.#networks);
    return Math.max(1, Math.min(this.limits.mostWork, Math.floor(work)));
  }

  /** Takes a measured time; a negative one, of a clock that was set back, is not used. */
  measured({ work, networks, left, ms, clock }: SubmissionTime): void {
    if (!(ms >= 0)) return;
    const { targetMs } = this.limits;
    // Networks that ended took less than the time of all their work, at least none. A long time still counts.
    const mostMs = left > 0 ? (ms * networks) / left : Number.POSITIVE_INFINITY;
    const wholeMs = Math.min(mostMs, Math.max(ms, targetMs));
    const fitting = Math.min((work * targetMs) / wholeMs, work * mostChange);
    this.#fitting = clock === "host" ? Math.max(fitting, work / mostChange) : fitting;
    this.#networks = networks;
  }
}
