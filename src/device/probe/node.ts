import { spawn } from "node:child_process";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
import type { Variables } from "../../base/variables.ts";
import type { AdapterFacts } from "../adapter_kind.ts";

/** A driver without an answer after this time hangs; lavapipe's slowest measured first answer took under one second. */
const probeTimeoutMs = 20_000;

/** Printed before the answer, because drivers write to standard output too. */
const answerMark = "adapter facts: ";

/**
 * Finds, in a child process, which adapter Dawn has under an environment. A child process, because the Vulkan loader
 * reads its variables only once, Dawn writes warnings where libvulkan is missing, and a broken driver may end the
 * process.
 * @param environment all variables of the child
 * @returns the adapter, or null where there is none or the driver crashed or hung
 */
export function probeAdapter(environment: Variables): Promise<AdapterFacts | null> {
  const webgpu = pathToFileURL(createRequire(import.meta.url).resolve("webgpu")).href;
  const script = `
    import { create } from ${JSON.stringify(webgpu)};
    const gpu = create([]);
    const adapter = await gpu.requestAdapter({ powerPreference: "high-performance" });
    const { vendor, architecture, device, description, isFallbackAdapter } = adapter?.info ?? {};
    const facts = adapter && { vendor, architecture, device, description, isFallbackAdapter };
    console.log(${JSON.stringify(`\n${answerMark}`)} + JSON.stringify(facts));`;
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ["--input-type=module", "--eval", script], {
      env: environment,
      stdio: ["ignore", "pipe", "ignore"],
      timeout: probeTimeoutMs,
      killSignal: "SIGKILL",
    });
    let output = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      output += text;
    });
    child.on("error", reject);
    child.on("close", () => {
      const answer = output.split("\n").find((line) => line.startsWith(answerMark));
      resolve(answer ? (JSON.parse(answer.slice(answerMark.length)) as AdapterFacts | null) : null);
    });
  });
}
