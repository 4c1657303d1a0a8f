/** Main memory of a process on Linux, read from the files in which the kernel and control groups tell it. */

/** Reads a file of the system as text; undefined where it is not there. */
export type ReadSystemFile = (path: string) => string | undefined;

/** Main memory that a process may have. */
export interface MemoryLimit {
  /** In all: what the process has, and what is free for it. */
  readonly bytes: number;
  /** What sets the limit, for a sentence: `this machine has no more free`. */
  readonly by: string;
}

/** A control group above this limit in bytes has none: version 1 writes 2^63 rounded down to a page. */
const noLimitBytes = 2 ** 60;

/**
 * The lowest limit on the main memory of this process: what the machine has available, its control groups (versions 1
 * and 2, with those above them) less what they use, and `ulimit -v` and `-d`.
 * @param residentBytes of this process
 */
export function memoryLimit(read: ReadSystemFile, residentBytes: number): MemoryLimit | undefined {
  const available = kilobytesIn(read("/proc/meminfo"), "MemAvailable");
  const limits: MemoryLimit[] = [
    ...(available === undefined
      ? []
      : [{ bytes: available + residentBytes, by: "this machine has no more available" }]),
    ...groupLimits(read, residentBytes),
    ...processLimits(read, residentBytes),
  ];
  return limits.reduce<MemoryLimit | undefined>(
    (least, next) => (least && least.bytes <= next.bytes ? least : next),
    undefined,
  );
}

/** Address space that this process may still reserve; undefined where it is not limited. */
export function freeAddressBytes(read: ReadSystemFile): number | undefined {
  const limit = softLimit(read, "Max address space");
  return limit === undefined ? undefined : Math.max(0, limit - (kilobytesIn(read("/proc/self/status"), "VmSize") ?? 0));
}

function processLimits(read: ReadSystemFile, residentBytes: number): MemoryLimit[] {
  const status = read("/proc/self/status");
  return [
    { name: "Max address space", used: "VmSize", by: "ulimit -v" },
    { name: "Max data size", used: "VmData", by: "ulimit -d" },
  ].flatMap(({ name, used, by }) => {
    const limit = softLimit(read, name);
    if (limit === undefined) return [];
    const free = Math.max(0, limit - (kilobytesIn(status, used) ?? 0));
    return [{ bytes: free + residentBytes, by: `${by} allows no more` }];
  });
}

/** The limit of `/proc/self/limits` in bytes; undefined for none. */
function softLimit(read: ReadSystemFile, name: string): number | undefined {
  const [, soft] = new RegExp(`^${name} +(\\d+|unlimited) `, "m").exec(read("/proc/self/limits") ?? "") ?? [];
  return soft === undefined || soft === "unlimited" ? undefined : Number(soft);
}

function groupLimits(read: ReadSystemFile, residentBytes: number): MemoryLimit[] {
  const limits: MemoryLimit[] = [];
  for (const line of (read("/proc/self/cgroup") ?? "").split("\n")) {
    const [, controllers, path] = /^\d+:([^:]*):(.*)$/.exec(line) ?? [];
    if (path === undefined) continue;
    const version2 = controllers === "";
    if (!version2 && !controllers.split(",").includes("memory")) continue;
    const mounts = version2 ? ["/sys/fs/cgroup", "/sys/fs/cgroup/unified"] : ["/sys/fs/cgroup/memory"];
    // In a container the path may be that outside of it: then only the mount itself is there.
    for (const mount of mounts) {
      for (const group of withThoseAbove(path)) {
        const limit = version2 ? limitOf2(read, mount + group) : limitOf1(read, mount + group);
        if (limit === undefined) continue;
        limits.push({ bytes: Math.max(0, limit) + residentBytes, by: "its control group allows no more" });
      }
    }
  }
  return limits;
}

/** `/a/b`, `/a` and the root, which is empty. */
function withThoseAbove(path: string): string[] {
  const parts = path.split("/").filter((part) => part !== "");
  return [...parts.map((_, k) => `/${parts.slice(0, parts.length - k).join("/")}`), ""];
}

/** Free bytes of a group of version 2. The page cache of files counts as free: it is given back when memory is needed. */
function limitOf2(read: ReadSystemFile, group: string): number | undefined {
  const most = [read(`${group}/memory.max`), read(`${group}/memory.high`)].map((text) =>
    Number.parseInt(text ?? "", 10),
  );
  const limit = Math.min(...most.filter((bytes) => bytes < noLimitBytes));
  const used = Number.parseInt(read(`${group}/memory.current`) ?? "", 10);
  if (!Number.isFinite(limit) || Number.isNaN(used)) return undefined;
  const stat = read(`${group}/memory.stat`);
  return limit - used + numberIn(stat, "inactive_file") + numberIn(stat, "active_file");
}

function limitOf1(read: ReadSystemFile, group: string): number | undefined {
  const limit = Number.parseInt(read(`${group}/memory.limit_in_bytes`) ?? "", 10);
  const used = Number.parseInt(read(`${group}/memory.usage_in_bytes`) ?? "", 10);
  if (!(limit < noLimitBytes) || Number.isNaN(used)) return undefined;
  const stat = read(`${group}/memory.stat`);
  return limit - used + numberIn(stat, "total_inactive_file") + numberIn(stat, "total_active_file");
}

function kilobytesIn(text: string | undefined, name: string): number | undefined {
  const [, kilobytes] = new RegExp(`^${name}:\\s+(\\d+) kB$`, "m").exec(text ?? "") ?? [];
  return kilobytes === undefined ? undefined : Number(kilobytes) * 1024;
}

function numberIn(text: string | undefined, name: string): number {
  return Number(new RegExp(`^${name} (\\d+)$`, "m").exec(text ?? "")?.[1] ?? 0);
}
