import { readdirSync, rmSync } from "node:fs";
import { request } from "node:http";
import { join } from "node:path";
import { Writable } from "node:stream";
import { runCommandLine } from "../../src/cli/command_line.ts";
import { openNodeDevice } from "../../src/device/node.ts";
import { nodePlatform } from "../../src/run/node.ts";
import { runExperiments } from "../../src/run/run.ts";
import type { BufferCount } from "./watched_device.ts";

/** Keys of runs that take a fraction of a second. */
const tiny = { samples: 80, shape: [4, 6, 6, 2], rate: 0.4, levels: 2, maxEpochs: 4, batch: 20 };
const tinyWords = Object.entries(tiny).map(([key, value]) => `${key}=${value}`);

interface Stream {
  readonly stream: Writable;
  text: string;
}

function capture(): Stream {
  const captured: Stream = {
    text: "",
    stream: new Writable({
      decodeStrings: false,
      write: (chunk: string, _encoding, done) => {
        captured.text += chunk;
        done();
      },
    }),
  };
  return captured;
}

/** Gives a command in this process. Throws if it does not end with the exit code that is expected. */
async function command(args: readonly string[], expected = 0): Promise<string> {
  const [stdout, stderr] = [capture(), capture()];
  const code = await runCommandLine(args, {
    stdout: stdout.stream,
    stderr: stderr.stream,
    env: { NO_COLOR: "1" },
    enter: async () => undefined,
  });
  if (code !== expected) throw new Error(`${args.join(" ")} ended with ${code}: ${stderr.text}`);
  return stdout.text;
}

/** Trains runs, finds them finished, and reads them by every command that reads runs; a wrong command ends with 2. */
export async function trainAndReport(folder: string): Promise<void> {
  const out = join(folder, "runs");
  rmSync(out, { recursive: true, force: true });
  const run = ["run", "moons-circles", "--device", "cpu", "--seeds", "0..1", "--out", out, "--set", ...tinyWords];
  await command(run);
  await command([...run, "--json"]);
  await command([...run, "rate=2"], 2);
  const [experiment] = readdirSync(out);
  const runs = join(out, experiment);
  await command(["show", join(runs, "seed-0"), "--svg", join(folder, "ticket.svg")]);
  await command(["analyze", join(runs, "seed-0", "level-01.safetensors"), "--tasks", "circles:2:1,moons:2:1"]);
  await command(["report", runs, "-o", join(folder, "report.html")]);
  await command(["table", runs, "-o", join(folder, "levels.csv")]);
  await command(["export", join(runs, "seed-1"), "-o", join(folder, "ticket.onnx"), "--weights", "initial"]);
}

/** Trains runs on an adapter, on a device that is opened and closed for them, and stops others half-way. */
export async function trainOnDevice(count: BufferCount): Promise<void> {
  const platform = nodePlatform();
  const watched = {
    ...platform,
    openDevice: async (...asked: Parameters<typeof platform.openDevice>) =>
      count.watch(await platform.openDevice(...asked)),
  };
  const { base: _, extension: __, ...set } = { base: undefined, extension: undefined, ...tiny, seeds: [0, 1] };
  for (const engine of ["resident", "dense"] as const) {
    await runExperiments(watched, { dataset: "moons-circles", ...set }, { device: "auto", engine, out: null });
  }
  const stop = new AbortController();
  const stopped = runExperiments(
    watched,
    { dataset: "moons-circles", ...set, maxEpochs: 1000 },
    {
      engine: "resident",
      out: null,
      signal: stop.signal,
      observe: ({ kind }) => kind === "progress" && stop.abort(new Error("stopped on purpose")),
    },
  );
  await stopped.then(
    () => {
      throw new Error("a run that was stopped went on");
    },
    (error) => {
      if (error.message !== "stopped on purpose") throw error;
    },
  );
  const device = count.watch(await openNodeDevice());
  try {
    const buffer = device.storageBuffer("soak", 1024);
    await device.read(buffer, 0, 1024);
    buffer.destroy();
  } finally {
    device.destroy();
  }
}

/** One request to a server of this machine; `abort` ends it after the first piece. */
function ask(address: string, path: string, abort = false): Promise<number> {
  return new Promise((resolve, reject) => {
    const asked = request(new URL(path, address), { agent: false }, (response) => {
      response.on("data", () => {
        if (abort) asked.destroy();
      });
      response.on("close", () => resolve(response.statusCode ?? 0));
    });
    asked.on("error", (error) => (abort ? resolve(0) : reject(error)));
    asked.end();
  });
}

/** Starts the lab's server, asks it for what is there and what is not, leaves some answers unread, and ends it. */
export async function serveRequests(requests: number): Promise<void> {
  const [stdout, stderr] = [capture(), capture()];
  const served = runCommandLine(["lab", "--port", "0"], {
    stdout: stdout.stream,
    stderr: stderr.stream,
    env: {},
    enter: async () => undefined,
  });
  const ended = served.then((code) => {
    if (!/^http:/.test(stdout.text)) throw new Error(`the server ended with ${code}: ${stderr.text}`);
  });
  while (!/^http:.*\n/.test(stdout.text)) await Promise.race([ended, new Promise((resolve) => setTimeout(resolve, 5))]);
  const [address] = stdout.text.split("\n");
  const paths = ["/", "/page.js", "/data/index.json", "/nothing.html", "/../package.json", "/data/mnist/nothing"];
  for (let k = 0; k < requests; k++) await ask(address, paths[k % paths.length], k % 5 === 4);
  process.emit("SIGINT");
  await ended;
}
