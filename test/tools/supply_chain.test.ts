import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { packageRoot } from "../../src/device/environment/node.ts";

interface Entry {
  version: string;
  license?: string;
  integrity?: string;
  resolved?: string;
  dev?: boolean;
  link?: boolean;
}
type Dependencies = Readonly<Record<string, string>>;
interface Manifest {
  dependencies?: Dependencies;
  devDependencies?: Dependencies;
  optionalDependencies?: Dependencies;
  files?: string[];
}
interface LockedPackage {
  name: string;
  version: string;
  licence: string;
  isForUsers: boolean;
}
const root = packageRoot();
const {
  lockedPackages,
  thirdPartyText,
  licencesForUsers,
  licencesInClone,
}: {
  lockedPackages(lock: unknown): LockedPackage[];
  thirdPartyText(root: string): string;
  licencesForUsers: string[];
  licencesInClone: string[];
} = await import(join(root, "tools", "third_party.mjs"));
const {
  bundledPackages,
  bundledLicences,
}: {
  bundledPackages(metafile: unknown): string[];
  bundledLicences(root: string, metafile: unknown): string;
} = await import(join(root, "tools", "bundled_licences.mjs"));

const json = (path: string) => JSON.parse(readFileSync(join(root, path), "utf8"));
const folders = ["", "tools/deno/", "bench/peers/"];

describe.each(folders)("the packages of %s", (folder) => {
  const manifest: Manifest = json(`${folder}package.json`);
  const packages: Record<string, Entry & Manifest> = json(`${folder}package-lock.json`).packages;
  const locked = Object.entries(packages).filter(([path]) => path !== "");
  const own = { ...manifest.dependencies, ...manifest.devDependencies, ...manifest.optionalDependencies };

  it("are asked for by exact versions, which are the locked ones", () => {
    expect(Object.keys(own).length).toBeGreaterThan(0);
    for (const [name, version] of Object.entries(own)) {
      expect(version, name).toMatch(/^\d+\.\d+\.\d+$/);
      expect(packages[`node_modules/${name}`]?.version, name).toBe(version);
    }
    const { dependencies, devDependencies, optionalDependencies } = manifest;
    expect(packages[""]).toMatchObject(
      JSON.parse(JSON.stringify({ dependencies, devDependencies, optionalDependencies })),
    );
  });

  it("are locked by a hash of their content, whatever registry serves them", () => {
    for (const [path, entry] of locked) {
      expect(entry.integrity, path).toMatch(/^sha512-[\w+/]{86}==$/);
      // No address: npm asks the registry that the machine is set up for.
      expect([entry.resolved, entry.link], path).toEqual([undefined, undefined]);
    }
  });

  it("have licences that are allowed", () => {
    for (const { name, licence, isForUsers } of lockedPackages({ packages })) {
      const allowed = isForUsers && folder === "" ? licencesForUsers : licencesInClone;
      expect(allowed, name).toContain(licence);
    }
  });
});

it("THIRD-PARTY.md lists them as they are now (node tools/third_party.mjs writes it)", () => {
  const text = readFileSync(join(root, "THIRD-PARTY.md"), "utf8");
  expect(text).toBe(thirdPartyText(root));
  expect(text).toMatch(/^\| webgpu \| [\d.]+ \| MIT \|$/m);
});

it("a package that both users and a clone need counts as the users'", () => {
  const entry = { version: "1.0.0", license: "MIT" };
  const packages = { "": {}, "node_modules/a": { ...entry, dev: true }, "node_modules/b/node_modules/a": entry };
  expect(lockedPackages({ packages })).toEqual([{ name: "a", version: "1.0.0", licence: "MIT", isForUsers: true }]);
});

describe("licences of bundled packages", () => {
  const metafile = (...inputs: [string, number][]) => ({
    outputs: {
      "page.js": { inputs: Object.fromEntries(inputs.map(([path, bytesInOutput]) => [path, { bytesInOutput }])) },
    },
  });

  it("are those of packages of which code is in a bundle, and of AssemblyScript", () => {
    const built = metafile(
      ["src/a.ts", 5],
      ["node_modules/zod/v4/index.js", 9],
      ["node_modules/@observablehq/plot/src/index.js", 9],
      ["../elsewhere/node_modules/a/node_modules/fflate/x.js", 1],
      ["node_modules/papaparse/unused.js", 0],
    );
    expect(bundledPackages(built)).toEqual([
      "../elsewhere/node_modules/a/node_modules/fflate",
      "node_modules/@observablehq/plot",
      "node_modules/assemblyscript",
      "node_modules/zod",
    ]);
  });

  it("are passed on whole, and a package without one stops the build", () => {
    const text = bundledLicences(root, metafile(["node_modules/zod/index.js", 9]));
    expect(text).toContain(readFileSync(join(root, "node_modules/zod/LICENSE"), "utf8").trim());
    expect(text).toContain(readFileSync(join(root, "node_modules/assemblyscript/NOTICE"), "utf8").trim());
    expect(() => bundledLicences(root, metafile(["node_modules/.bin/x/y.js", 9]))).toThrow();
  });
});

it("the package holds bundles, types, page and licences alone", () => {
  expect((json("package.json") as Manifest).files).toEqual([
    "dist/cli.mjs",
    "dist/index.mjs",
    "dist/chunks",
    "dist/page",
    "dist/types",
    "THIRD-PARTY.md",
  ]);
});
