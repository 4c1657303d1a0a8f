import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** Identifies an installation by the lock file, Node and the platform. */
function wantedStamp(root) {
  const lock = createHash("sha256")
    .update(readFileSync(join(root, "package-lock.json")))
    .digest("hex");
  return `${lock} ${process.version} ${process.platform}-${process.arch}\n`;
}

/**
 * Whether npm's record of node_modules contains every package of the lock file. Then an existing installation (`npm
 * ci`, an image layer) is used unchanged, also without a network. Our optional packages must be present; optional
 * packages of other packages for other platforms may be missing.
 */
export function installedMatchesLock(root) {
  const record = join(root, "node_modules", ".package-lock.json");
  if (!existsSync(record)) return false;
  const installed = JSON.parse(readFileSync(record, "utf8")).packages;
  const locked = JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8")).packages;
  const ours = new Set(Object.keys(locked[""].optionalDependencies ?? {}).map((name) => `node_modules/${name}`));
  return Object.entries(locked).every(([path, wanted]) => {
    if (path === "") return true;
    const found = installed[path];
    if (!found) return wanted.optional === true && !ours.has(path);
    return found.version === wanted.version && found.integrity === wanted.integrity;
  });
}

/** Installs the packages of package-lock.json unless node_modules contains them. */
export function install(root, say) {
  const stampPath = join(root, "node_modules", ".split-ticket-setup");
  const stamp = wantedStamp(root);
  const present = existsSync(stampPath) ? readFileSync(stampPath, "utf8") : null;
  if (present === stamp) return;
  if (present === null && installedMatchesLock(root)) {
    writeFileSync(stampPath, stamp);
    return;
  }
  say(`installing packages (npm ci): ${present === null ? "node_modules is missing or incomplete" : "they changed"}`);

  const flags = ["ci", "--include=dev", "--include=optional", "--no-audit", "--no-fund"];
  // In an npm script the path of the running npm is known; it works also if `npm` is not on PATH.
  const cli = process.env.npm_execpath?.endsWith("npm-cli.js") ? process.env.npm_execpath : null;
  // Standard output belongs to the command that follows, such as `npm pack --json`, whose own settings are not for npm ci.
  const env = { ...process.env, npm_config_json: "false", npm_config_dry_run: "false" };
  const options = { cwd: root, stdio: ["ignore", 2, 2], env };
  const result = cli
    ? spawnSync(process.execPath, [cli, ...flags], options)
    : spawnSync("npm", flags, { ...options, shell: process.platform === "win32" });
  if (result.error) throw new Error(`cannot run npm (${result.error.message}); install Node 20 or newer with its npm`);
  if (result.status !== 0) {
    const ending = result.signal ? `was ended by ${result.signal}` : `failed with code ${result.status}`;
    throw new Error(`npm ci ${ending}; its own message is above. It needs the npm registry or a filled npm cache`);
  }
  writeFileSync(stampPath, stamp);
}
