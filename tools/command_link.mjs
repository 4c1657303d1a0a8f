import { existsSync, lstatSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/**
 * Links `split-ticket` in the command folder of node_modules, so that `npx split-ticket` works inside the clone: npm 11
 * recognises the command of the root package, then searches only that folder. npm does not create this link for the
 * root package.
 */
export function linkCommand(root) {
  const folder = join(root, "node_modules", ".bin");
  if (process.platform === "win32") {
    const script = join(folder, "split-ticket.cmd");
    if (!existsSync(script)) writeFileSync(script, '@node "%~dp0\\..\\..\\dist\\cli.mjs" %*\r\n');
    return;
  }
  const link = join(folder, "split-ticket");
  // lstat, since the link may exist before dist/ does.
  if (!lstatSync(link, { throwIfNoEntry: false })) symlinkSync("../../dist/cli.mjs", link);
}
