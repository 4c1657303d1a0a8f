import { spawn } from "node:child_process";
import { existsSync, fstatSync, readdirSync, readFileSync } from "node:fs";
import { constants, homedir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { DeviceError, InputError, invariant } from "../../base/errors.ts";
import { endSignals } from "../../base/signals/node.ts";
import type { Variables } from "../../base/variables.ts";
import { type AdapterKind, adapterKind, adapterName } from "../adapter_kind.ts";
import { probeAdapter } from "../probe/node.ts";

/** Which adapters a run accepts: any, a graphics processor only, or one that runs on the CPU. */
export type AdapterChoice = "auto" | "gpu" | "software";

/** The environment variables that a process needs at its start, so that Dawn finds an adapter. */
export interface AdapterEnvironment {
  /** Variables to add to the process's own; empty when nothing needs to change. */
  readonly env: Readonly<Record<string, string>>;
  /** What was found and where, for people: `software: SwiftShader driver 5.0.0 (unpacked by the set-up)`, or `none`. */
  readonly source: string;
  readonly kind: AdapterKind | "none";
}

/** Variable with the source, in a process started with its environment, so that nothing is probed or started again. */
export const adapterVariable = "SPLIT_TICKET_ADAPTER";

/** The folder that holds this package's package.json, found from `src/` and from the bundles in `dist/`. */
export function packageRoot(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  for (;;) {
    const manifest = join(folder, "package.json");
    if (existsSync(manifest) && JSON.parse(readFileSync(manifest, "utf8")).name === "split-ticket") return folder;
    const parent = dirname(folder);
    invariant(parent !== folder, `no package.json of split-ticket above ${import.meta.url}`);
    folder = parent;
  }
}

/** The version of this package. */
export function packageVersion(): string {
  return JSON.parse(readFileSync(join(packageRoot(), "package.json"), "utf8")).version;
}

interface Candidate {
  readonly place: string;
  readonly env: Record<string, string>;
}

/** Driver files (ICDs) with `part` in their names, in the folders that a Vulkan loader searches. */
function driverFiles(base: Variables, part: string): string[] {
  const folders = [
    base.XDG_DATA_HOME || join(homedir(), ".local/share"),
    "/etc",
    ...(base.XDG_DATA_DIRS || "/usr/local/share:/usr/share").split(":"),
  ].map((folder) => join(folder, "vulkan/icd.d"));
  return folders.filter(existsSync).flatMap((folder) =>
    readdirSync(folder)
      .filter((name) => name.includes(part) && name.endsWith(".json"))
      .sort()
      .map((name) => join(folder, name)),
  );
}

/**
 * The environments to try, in order of preference. The folder added to LD_LIBRARY_PATH holds only `libvulkan.so.1`, so
 * that no other library of the process changes; it helps machines that have a driver but no Vulkan loader.
 */
function candidates(choice: AdapterChoice, base: Variables, swiftShader: string): Candidate[] {
  const list: Candidate[] = [{ place: "this system", env: {} }];
  const unpacked = existsSync(join(swiftShader, "vk_swiftshader_icd.json"));
  const searched = [join(swiftShader, "loader"), base.LD_LIBRARY_PATH].filter(Boolean).join(delimiter);
  const loader = { LD_LIBRARY_PATH: searched };
  const withAndWithoutLoader = (place: string, env: Record<string, string>) => {
    list.push({ place, env });
    if (unpacked) list.push({ place: `${place}, with split-ticket's Vulkan loader`, env: { ...env, ...loader } });
  };

  if (choice !== "software") {
    if (unpacked) list.push({ place: "this system's drivers, with split-ticket's Vulkan loader", env: loader });
    // Some containers mount NVIDIA's driver there, outside the loader's search path. A user's own choice has priority.
    const mounted = "/usr/local/nvidia/share/vulkan/icd.d/nvidia_icd.json";
    if (!base.VK_DRIVER_FILES && existsSync(mounted)) withAndWithoutLoader(mounted, { VK_DRIVER_FILES: mounted });
  } else {
    const lavapipe = driverFiles(base, "lvp").join(delimiter);
    if (lavapipe) withAndWithoutLoader("this system's lavapipe", { VK_DRIVER_FILES: lavapipe });
  }
  if (choice !== "gpu" && unpacked) {
    const driver = join(swiftShader, "vk_swiftshader_icd.json");
    list.push({ place: "unpacked by the set-up", env: { VK_DRIVER_FILES: driver, ...loader } });
  }
  return list;
}

/**
 * Finds the environment in which Dawn (or what `probe` asks) has the adapter that was asked for: this process's own (a
 * GPU, an installed lavapipe, or the user's variables); then the system's drivers with our Vulkan loader; then
 * SwiftShader.
 * @param choice `software` prefers an installed lavapipe, three to ten times faster than SwiftShader
 * @param base the variables to start from
 * @param swiftShader the folder into which `tools/setup.mjs` unpacks SwiftShader and the loader
 * @param probe tells the adapter under all variables of a process, or null
 * @returns for `auto` without any adapter, kind `none`
 * @throws InputError when `gpu` or `software` was asked for and is not there
 */
export async function adapterEnvironment(
  choice: AdapterChoice,
  base: Variables = process.env,
  swiftShader: string = join(packageRoot(), ".cache", "swiftshader"),
  probe: typeof probeAdapter = probeAdapter,
): Promise<AdapterEnvironment> {
  const entered = base[adapterVariable];
  if (entered) {
    const kind = entered.startsWith("gpu: ") ? "gpu" : "software";
    if (choice === "auto" || choice === kind) return { env: {}, source: entered, kind };
  }

  const refused: string[] = [];
  for (const { place, env } of candidates(choice, base, swiftShader)) {
    const facts = await probe({ ...base, ...env });
    if (!facts) continue;
    const kind = adapterKind(facts);
    const source = `${kind}: ${adapterName(facts)} (${place})`;
    if (choice === "auto" || choice === kind) return { env, source, kind };
    refused.push(source);
  }

  if (choice === "auto") return { env: {}, source: "none", kind: "none" };
  const found = refused.length > 0 ? `found ${[...new Set(refused)].join("; ")}` : "found no adapter at all";
  // The set-up, which unpacks SwiftShader, comes with a clone and not with the package from npm.
  const setUp = existsSync(join(packageRoot(), "tools", "setup.mjs")) ? 'run "npm run setup" (Linux x64), ' : "";
  throw new InputError(
    choice === "gpu"
      ? `--device gpu: no hardware adapter, ${found}; install the GPU's Vulkan driver and loader, or use --device cpu`
      : `--device software: no software adapter, ${found}; ${setUp}install Mesa's Vulkan drivers, or use --device cpu`,
  );
}

/** Time for a process whose parent is gone to store its state, as after a signal. */
const orphanMs = 5000;

/**
 * Ends this process when the one that started it by {@link runWithEnvironment} is gone, also if that was killed: by
 * SIGTERM to itself, so that its state is stored as after any signal. Does nothing in other processes.
 */
export function endWithParent(): void {
  if (!process.env[adapterVariable] || !process.channel) return;
  process.once("disconnect", () => {
    process.kill(process.pid, "SIGTERM");
    setTimeout(() => process.exit(128 + constants.signals.SIGTERM), orphanMs).unref();
  });
  // The channel alone does not keep the process alive.
  process.channel.unref();
}

/**
 * The open files of this process that arguments name, such as `/dev/fd/63` of a shell's `<(command)`, beyond the standard
 * ones. A process that is started has them only if it is given them.
 */
function namedDescriptors(args: readonly string[]): number[] {
  const named = args.join("\n").matchAll(/\/(?:dev|proc\/(?:self|thread-self))\/fd\/(\d{1,7})(?!\d)/g);
  return [...new Set([...named].map(([, digits]) => Number(digits)))].filter((descriptor) => {
    try {
      fstatSync(descriptor);
      return descriptor > 2;
    } catch {
      return false;
    }
  });
}

/**
 * Continues in a process that has an adapter environment. When no variable needs to change, the caller continues in
 * this process. Otherwise the same command runs in a child process with the variables added, which receives this
 * process's signals, and ends with it (see {@link endWithParent}).
 * @returns the child's exit code (128 + n when signal n ended it), for this process to exit with; undefined without a
 * child
 * @throws DeviceError when the child cannot be started
 */
export async function runWithEnvironment({ env, source }: AdapterEnvironment): Promise<number | undefined> {
  if (Object.keys(env).length === 0) return undefined;
  const stdio: ("inherit" | "ignore" | "ipc" | number)[] = ["inherit", "inherit", "inherit"];
  for (const descriptor of namedDescriptors(process.argv)) stdio[descriptor] = descriptor;
  for (let at = 3; at < stdio.length; at++) stdio[at] ??= "ignore";
  // The channel carries no messages. The system closes it when this process ends, in whatever way.
  stdio.push("ipc");
  const child = spawn(process.execPath, [...process.execArgv, ...process.argv.slice(1)], {
    stdio,
    env: { ...process.env, ...env, [adapterVariable]: source },
  });
  for (const signal of [...endSignals(), "SIGQUIT"] as const) process.on(signal, () => child.kill(signal));
  return new Promise<number>((resolve, reject) => {
    child.on("error", (cause) => {
      reject(new DeviceError(`cannot start ${process.execPath} for ${source}: ${cause.message}`));
    });
    child.on("exit", (exitCode, signal) => resolve(signal ? 128 + constants.signals[signal] : (exitCode ?? 1)));
  });
}
