import { readFileSync } from "node:fs";
import { freemem, totalmem } from "node:os";
import { getHeapStatistics } from "node:v8";
import { freeAddressBytes, type MemoryLimit, memoryLimit } from "./limits.ts";
import type { ProcessMemory } from "./process_memory.ts";

function systemFile(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}

/** Main memory that this process may have in all, and what sets that limit. */
export function processMemoryLimit(): MemoryLimit {
  const resident = process.memoryUsage.rss();
  const machine = { bytes: freemem() + resident, by: "this machine has no more free" };
  const limit = memoryLimit(systemFile, resident) ?? machine;
  return limit.bytes < totalmem() ? limit : { ...limit, bytes: totalmem() };
}

/** What this process has of main memory now. */
export function processMemory(): ProcessMemory {
  const { heap_size_limit: heapLimit, used_heap_size: heapUsed } = getHeapStatistics();
  const address = trapsAddresses() ? freeAddressBytes(systemFile) : undefined;
  return {
    residentBytes: process.memoryUsage.rss(),
    peakBytes: peakBytes(),
    freeHeapBytes: heapLimit - heapUsed,
    ...(address !== undefined && { freeAddressBytes: address }),
  };
}

/** The most main memory so far. On Linux `getrusage` counts in what the parent process had when it started this one. */
function peakBytes(): number {
  const kilobytes = /^VmHWM:\s+(\d+) kB$/m.exec(systemFile("/proc/self/status") ?? "")?.[1];
  return (kilobytes === undefined ? process.resourceUsage().maxRSS : Number(kilobytes)) * 1024;
}

/** Whether V8 reserves addresses around WebAssembly memory to trap accesses beyond it, which it does by default. */
function trapsAddresses(): boolean {
  const flag = "--disable-wasm-trap-handler";
  return !process.execArgv.includes(flag) && !(process.env.NODE_OPTIONS ?? "").includes(flag);
}
