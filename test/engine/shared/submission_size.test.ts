import { describe, expect, it } from "vitest";
import { SubmissionSize, type SubmissionTime } from "../../../src/engine/shared/submission_size.ts";

const limits = { targetMs: 10, firstWork: 64, mostWork: 1e6 };

/** Trains submissions of `networks` on a device that takes `msPerWork` for each, until the size is settled. */
function settled(networks: number, msPerWork: number): SubmissionSize {
  const size = new SubmissionSize(limits);
  for (let k = 0; k < 30; k++) size.measured(time(size.next(networks), { networks, msPerWork }));
  return size;
}

function time(
  work: number,
  { networks = 1, msPerWork = 0.01, clock = "device" }: Partial<SubmissionTime & { readonly msPerWork: number }>,
): SubmissionTime {
  return { work, networks, left: networks, ms: work * msPerWork, clock };
}

describe("SubmissionSize", () => {
  it("begins with the first work, divided by the number of networks, and at least 1", () => {
    const size = new SubmissionSize(limits);
    expect([1, 2, 64, 65, 256].map((networks) => size.next(networks))).toEqual([64, 32, 1, 1, 1]);
  });

  it.each([0.001, 0.01, 0.7, 3])("reaches the target time at %d ms for a unit of work", (msPerWork) => {
    const size = settled(1, msPerWork);
    expect(size.next(1)).toBe(Math.floor(10 / msPerWork + 1e-9));
  });

  it("never gives less than 1 nor more than the most", () => {
    expect(settled(1, 1e-9).next(1)).toBe(1e6);
    expect(settled(1, 500).next(1)).toBe(1);
  });

  it("at most doubles the work, whatever the clock", () => {
    for (const clock of ["device", "host"] as const) {
      const size = new SubmissionSize(limits);
      size.measured(time(64, { msPerWork: 0, clock }));
      expect(size.next(1)).toBe(128);
    }
  });

  it("gives more networks less work, as if the device trained one after another", () => {
    const size = settled(1, 0.01);
    expect([1, 2, 3, 256].map((networks) => size.next(networks))).toEqual([1000, 500, 333, 3]);
    // A measurement of few networks that was still to come does not change that.
    size.measured(time(1000, { networks: 1 }));
    expect(size.next(256)).toBe(3);
  });

  it("does not give fewer networks more work before it has measured them", () => {
    const size = settled(256, 0.5);
    expect([256, 255, 1].map((networks) => size.next(networks))).toEqual([20, 20, 20]);
  });

  it("lets the host's clock halve the work at most, the device's clock as far as it says", () => {
    const byHost = settled(1, 0.01);
    byHost.measured({ ...time(1000, { clock: "host" }), ms: 5000 });
    expect(byHost.next(1)).toBe(500);
    const byDevice = settled(1, 0.01);
    byDevice.measured({ ...time(1000, { clock: "device" }), ms: 5000 });
    expect(byDevice.next(1)).toBe(2);
  });

  it("does not use a time that is negative or not a number", () => {
    const size = settled(1, 0.01);
    for (const ms of [-1, -3.6e6, Number.NaN]) size.measured({ ...time(1000, { clock: "host" }), ms });
    expect(size.next(1)).toBe(1000);
  });

  it("does not take networks that ended for a fast device", () => {
    const size = settled(4, 0.01);
    // One of four goes on: the time may be a quarter of the whole.
    size.measured({ ...time(1000, { networks: 4 }), left: 1, ms: 2.5 });
    expect(size.next(4)).toBe(1000);
    size.measured({ ...time(1000, { networks: 4 }), left: 0, ms: 0.1 });
    expect(size.next(4)).toBe(1000);
    // No network that ended makes the work smaller, a long time does.
    size.measured({ ...time(1000, { networks: 4 }), left: 1, ms: 9 });
    expect(size.next(4)).toBe(1000);
    size.measured({ ...time(1000, { networks: 4 }), left: 0, ms: 20 });
    expect(size.next(4)).toBe(500);
  });
});
