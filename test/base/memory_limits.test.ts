import { expect, it } from "vitest";
import { freeAddressBytes, memoryLimit } from "../../src/base/memory/limits.ts";

const [kB, MB] = [2 ** 10, 2 ** 20];
const limits = (address = "unlimited", data = "unlimited") =>
  `Limit                     Soft Limit           Hard Limit           Units     \nMax data size             ${data.padEnd(20)} unlimited            bytes     \nMax address space         ${address.padEnd(20)} unlimited            bytes     \n`;
const machine = {
  "/proc/meminfo": "MemTotal:       24000000 kB\nMemFree:          500000 kB\nMemAvailable:   20000000 kB\n",
  "/proc/self/status": "VmSize:\t  700000 kB\nVmData:\t   50000 kB\nVmRSS:\t   90000 kB\n",
  "/proc/self/limits": limits(),
  "/proc/self/cgroup": "0::/\n",
};
const limitOf = (files: Readonly<Record<string, string>>) =>
  memoryLimit((path) => ({ ...machine, ...files })[path as keyof typeof machine], 90_000 * kB);

it("what the machine has available and what the process has, not the total", () => {
  expect(limitOf({})).toEqual({ bytes: 20_090_000 * kB, by: "this machine has no more available" });
});

it("a control group of version 2 and those above it, less what they use and do not hold as page cache", () => {
  const group = {
    "/proc/self/cgroup": "0::/user/job\n",
    "/sys/fs/cgroup/user/job/memory.max": "max\n",
    "/sys/fs/cgroup/user/job/memory.current": `${200 * MB}\n`,
    "/sys/fs/cgroup/user/memory.max": `${1000 * MB}\n`,
    "/sys/fs/cgroup/user/memory.current": `${700 * MB}\n`,
    "/sys/fs/cgroup/user/memory.stat": `anon 5\ninactive_file ${100 * MB}\nactive_file ${50 * MB}\n`,
  };
  expect(limitOf(group)).toEqual({ bytes: 450 * MB + 90_000 * kB, by: "its control group allows no more" });
  const high = { ...group, "/sys/fs/cgroup/user/job/memory.high": `${300 * MB}\n` };
  expect(limitOf(high)?.bytes).toBe(100 * MB + 90_000 * kB);
  expect(limitOf({ ...group, "/sys/fs/cgroup/user/memory.max": "max\n" })?.by).toBe(
    "this machine has no more available",
  );
});

it("a control group of version 1, in a container whose path is that of the machine", () => {
  const group = {
    "/proc/self/cgroup": "9:name=systemd:/\n4:cpu,memory:/docker/0a1b\n0::/\n",
    "/sys/fs/cgroup/memory/memory.limit_in_bytes": `${600 * MB}\n`,
    "/sys/fs/cgroup/memory/memory.usage_in_bytes": `${500 * MB}\n`,
    "/sys/fs/cgroup/memory/memory.stat": `total_inactive_file ${20 * MB}\ntotal_active_file ${10 * MB}\n`,
  };
  expect(limitOf(group)?.bytes).toBe(130 * MB + 90_000 * kB);
  const unlimited = { ...group, "/sys/fs/cgroup/memory/memory.limit_in_bytes": "9223372036854771712\n" };
  expect(limitOf(unlimited)?.by).toBe("this machine has no more available");
});

it("ulimit -v and -d, less what is reserved", () => {
  const free = 1_000_000 * kB;
  expect(limitOf({ "/proc/self/limits": limits(String(1_700_000 * kB)) })).toEqual({
    bytes: free + 90_000 * kB,
    by: "ulimit -v allows no more",
  });
  expect(limitOf({ "/proc/self/limits": limits("unlimited", String(50_000 * kB)) })).toEqual({
    bytes: 90_000 * kB,
    by: "ulimit -d allows no more",
  });
  const read = (path: string) =>
    path === "/proc/self/limits" ? limits(String(1_700_000 * kB)) : machine[path as keyof typeof machine];
  expect(freeAddressBytes(read)).toBe(free);
  expect(freeAddressBytes((path) => machine[path as keyof typeof machine])).toBeUndefined();
});

it("nothing where the system tells nothing", () => {
  expect(memoryLimit(() => undefined, 1)).toBeUndefined();
});
