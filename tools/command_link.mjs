import { existsSync, lstatSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/**
 * Puts `split-ticket` among the commands of node_modules, so that `npx split-ticket` works inside the clone: npm 11
 * recognises the clone's own command, then looks for it there alone. npm never makes this link for the root package.
 */
export function linkCommand(root) {
  const folder = join(root, "node_modules", ".bin");
  if (process.platform === "win32") {
    const script = join(folder, "split-ticket.cmd");
    if (!existsSync(script)) writeFileSync(script, '@node "%~dp0\\..\\..\\dist\\cli.mjs" %*\r\n');
    return;
  }
  const link = join(folder, "split-ticket");
  // lstat, since the link may stand before dist/ does.
  if (!lstatSync(link, { throwIfNoEntry: false })) symlinkSync("../../dist/cli.mjs", link);
}
