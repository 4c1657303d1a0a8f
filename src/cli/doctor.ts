import type { Command } from "commander";
import { DeviceError, InputError } from "../base/errors.ts";
import { formatBytes, inThousands } from "../base/format.ts";
import { dataFolder, listLocal } from "../dataset/node.ts";
import { datasets as known } from "../dataset/registry.ts";
import { type SourceName, sources } from "../dataset/sources.ts";
import { type AdapterChoice, adapterEnvironment, adapterVariable } from "../device/environment/node.ts";
import { openNodeDevice } from "../device/node.ts";
import { planRun } from "../node.ts";
import type { Shell } from "./shell.ts";
import { dawnVersion, packageVersion } from "./versions.ts";

/** The device limits that bound a run. */
const limitNames = [
  "maxStorageBuffersPerShaderStage",
  "maxStorageBufferBindingSize",
  "maxBufferSize",
  "maxComputeWorkgroupStorageSize",
  "maxComputeInvocationsPerWorkgroup",
] as const;

/**
 * Variable that passes the result of the search to the process that opens the adapter: with the variables of that
 * process, the search would give another result.
 */
const searchVariable = "SPLIT_TICKET_DOCTOR";

/** The adapter found for each choice of `--device`, or why there is none. */
type AdapterSearch = Readonly<Record<AdapterChoice, string>>;

interface AdapterReport {
  readonly name: string;
  readonly kind: "gpu" | "software";
  readonly features: readonly string[];
  readonly limits: Readonly<Record<(typeof limitNames)[number], number>>;
}

/** Everything that `doctor` reports, in the order of `--json`. */
interface Diagnosis {
  readonly version: string;
  readonly node: string;
  readonly platform: string;
  readonly dawn: string;
  readonly search: AdapterSearch;
  /** The adapter that was found; null where there is none. */
  readonly adapter: AdapterReport | null;
  /** Why the adapter that was found cannot be opened; null otherwise. */
  readonly failure: string | null;
  /** The kernels that `run` may use by default: those of a hardware adapter, if there is one, and those of the CPU. */
  readonly engines: readonly ("dense" | "sparse" | "resident" | "cpu")[];
  readonly datasets: readonly { readonly name: string; readonly from: string }[];
  /** Memory and disk of the given experiments. */
  readonly experiments: Need[];
}

/** The most memory and disk that one seed of an experiment takes, in bytes. */
interface Need {
  readonly experiment: string;
  readonly engines: readonly string[];
  /** Why each of these engines, in a few words. */
  readonly reasons: readonly string[];
  readonly deviceBytes: number;
  readonly hostBytes: number;
  readonly diskBytes: number;
}

interface DoctorOptions {
  readonly json?: true;
}

/** Adds `split-ticket doctor`. */
export function addDoctor(program: Command, shell: Shell): void {
  program
    .command("doctor")
    .description(
      "show the adapters, their limits, the engine that a run would use, and the memory and disk of an experiment",
    )
    .argument("[experiment...]", "presets, spec files or data, as for run")
    .option("--json", "print one JSON document")
    .action((experiments: readonly string[], options: DoctorOptions) => runDoctor(experiments, options, shell));
}

async function runDoctor(experiments: readonly string[], { json }: DoctorOptions, shell: Shell): Promise<void> {
  const handed = shell.env[searchVariable];
  const environment = await adapterEnvironment("auto", shell.env);
  const search: AdapterSearch = handed ? JSON.parse(handed) : await searchAdapters(environment.source, shell.env);
  if (Object.keys(environment.env).length > 0) {
    const env = { ...environment.env, [searchVariable]: JSON.stringify(search) };
    await shell.enter({ ...environment, env });
  }
  const { adapter, failure } = environment.kind === "none" ? { adapter: null, failure: null } : await openAdapter();
  const generated = known.entries.filter((entry) => entry.sources.length === 0);
  const datasets = generated.map(({ name }) => ({ name, from: "generated" }));
  for (const name of Object.keys(sources) as SourceName[])
    datasets.push({ name, from: await whereFrom(name, shell.env) });
  const diagnosis: Diagnosis = {
    version: packageVersion(),
    node: process.version,
    platform: `${process.platform} ${process.arch}`,
    dawn: dawnVersion(),
    search,
    adapter,
    failure,
    engines: adapter?.kind === "gpu" ? ["dense", "sparse", "resident", "cpu"] : ["cpu"],
    datasets,
    experiments: [],
  };
  // As `run` chooses by default. A second search for an absent adapter would make Dawn print warnings.
  const device = adapter?.kind === "gpu" ? "auto" : "cpu";
  for (const experiment of experiments) diagnosis.experiments.push(await need(experiment, device));
  if (json) shell.printJson(diagnosis);
  else shell.print(describeDiagnosis(diagnosis));
}

/** @param found the source of the adapter that `auto` gives */
async function searchAdapters(found: string, env: NodeJS.ProcessEnv): Promise<AdapterSearch> {
  // Search as `run --device` does, without the variables of an environment entered earlier.
  const { [adapterVariable]: _, ...base } = env;
  const look = async (choice: "gpu" | "software") => {
    try {
      return (await adapterEnvironment(choice, base)).source;
    } catch (error) {
      if (error instanceof InputError) return error.message.replace(/^--device \w+: /, "");
      throw error;
    }
  };
  return { auto: found, gpu: await look("gpu"), software: await look("software") };
}

async function openAdapter(): Promise<{ adapter: AdapterReport | null; failure: string | null }> {
  try {
    const device = await openNodeDevice();
    try {
      const { features, limits } = device.owners[1];
      const values = limitNames.map((name) => [name, limits[name]]);
      return {
        adapter: {
          name: device.name,
          kind: device.kind,
          features: [...features].sort(),
          limits: Object.fromEntries(values) as AdapterReport["limits"],
        },
        failure: null,
      };
    } finally {
      device.destroy();
    }
  } catch (error) {
    if (error instanceof InputError || error instanceof DeviceError) return { adapter: null, failure: error.message };
    throw error;
  }
}

async function need(experiment: string, device: "auto" | "cpu"): Promise<Need> {
  const plan = await planRun(experiment, { device, set: { seeds: [0] } });
  const { deviceBytes, hostBytes, diskBytes } = plan;
  const engines = [...new Set(plan.engines.map(({ name }) => name))];
  const reasons = device === "cpu" ? ["no hardware adapter"] : [...new Set(plan.engines.map(({ reason }) => reason))];
  return { experiment, engines, reasons, deviceBytes, hostBytes, diskBytes };
}

/** Where an image set would come from, without fetching it. */
async function whereFrom(source: SourceName, env: NodeJS.ProcessEnv): Promise<string> {
  const files = await listLocal(source, { cacheFolder: dataFolder(env) });
  if (files.some((file) => !file.verified)) return "not here: fetched when it is needed (split-ticket data)";
  return [...new Set(files.map((file) => file.from))].join(", ");
}

function describeDiagnosis(diagnosis: Diagnosis): string {
  const { version, node, platform, dawn, search, adapter, failure, engines, datasets, experiments } = diagnosis;
  const computes =
    engines[0] === "cpu"
      ? "cpu (WebAssembly SIMD)"
      : `adapter (${engines.filter((name) => name !== "cpu").join(", ")}) on ${adapter?.name}, or cpu where that is faster`;
  const lines = [
    `split-ticket ${version}, Node ${node}, ${platform}, Dawn (webgpu ${dawn})`,
    "",
    "adapters",
    `  --device auto      ${engines[0] === "cpu" ? "no graphics processor: the CPU computes" : search.auto}`,
    `  --device gpu       ${search.gpu}`,
    `  --device software  ${search.software}`,
    "  --device cpu       always there",
    "",
  ];
  if (adapter) {
    const width = Math.max(...limitNames.map((name) => name.length));
    lines.push(
      `run uses the engine ${computes}`,
      "",
      `${adapter.name} (${adapter.kind})`,
      `  features: ${adapter.features.join(", ") || "none"}`,
      ...limitNames.map((name) => `  ${name.padEnd(width)}  ${inThousands(adapter.limits[name])}`),
    );
  } else {
    lines.push(`run uses the engine ${computes}${failure ? `: ${failure}` : ""}`);
  }
  const nameWidth = Math.max(...datasets.map(({ name }) => name.length));
  lines.push("", "datasets", ...datasets.map(({ name, from }) => `  ${name.padEnd(nameWidth)}  ${from}`));
  if (experiments.length > 0) lines.push("", "one seed takes at most", ...experiments.map(describeNeed));
  else lines.push("", "split-ticket doctor <experiment> tells what a run takes here");
  return lines.join("\n");
}

function describeNeed({ experiment, engines, reasons, deviceBytes, hostBytes, diskBytes }: Need): string {
  const device = deviceBytes > 0 ? `${formatBytes(deviceBytes)} on the device, ` : "";
  return `  ${experiment}: ${device}${formatBytes(hostBytes)} in main memory, ${formatBytes(diskBytes)} on disk (engine ${engines.join(" and ")}: ${reasons.join(", ")})`;
}
