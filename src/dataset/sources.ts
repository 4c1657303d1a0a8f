import { InputError } from "../base/errors.ts";
import { sha256 } from "../base/sha256.ts";

/** The image sets whose original files are read. */
export type SourceName = "mnist" | "fashion-mnist";

export const idxFiles = [
  "train-images-idx3-ubyte",
  "train-labels-idx1-ubyte",
  "t10k-images-idx3-ubyte",
  "t10k-labels-idx1-ubyte",
] as const;
export type IdxFile = (typeof idxFiles)[number];

/** Origin of an image set, and the sizes and hashes of its files, decompressed. */
export interface Source {
  readonly files: Readonly<Record<IdxFile, { readonly sizeBytes: number; readonly sha256: string }>>;
  /** Addresses to which `<file>.gz` is appended. */
  readonly mirrors: readonly string[];
}

/**
 * MNIST (LeCun, Cortes, Burges) and Fashion-MNIST (Xiao, Rasul, Vollgraf, 2017). The hashes were taken from files whose
 * MD5 is the published one.
 */
export const sources: Readonly<Record<SourceName, Source>> = {
  mnist: {
    files: {
      "train-images-idx3-ubyte": {
        sizeBytes: 47_040_016,
        sha256: "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
      },
      "train-labels-idx1-ubyte": {
        sizeBytes: 60_008,
        sha256: "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
      },
      "t10k-images-idx3-ubyte": {
        sizeBytes: 7_840_016,
        sha256: "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
      },
      "t10k-labels-idx1-ubyte": {
        sizeBytes: 10_008,
        sha256: "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
      },
    },
    mirrors: ["https://ossci-datasets.s3.amazonaws.com/mnist/", "https://storage.googleapis.com/cvdf-datasets/mnist/"],
  },
  "fashion-mnist": {
    files: {
      "train-images-idx3-ubyte": {
        sizeBytes: 47_040_016,
        sha256: "c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888",
      },
      "train-labels-idx1-ubyte": {
        sizeBytes: 60_008,
        sha256: "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9",
      },
      "t10k-images-idx3-ubyte": {
        sizeBytes: 7_840_016,
        sha256: "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b",
      },
      "t10k-labels-idx1-ubyte": {
        sizeBytes: 10_008,
        sha256: "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34",
      },
    },
    mirrors: [
      "https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion/",
      "https://fashion-mnist.s3.eu-central-1.amazonaws.com/",
    ],
  },
};

/**
 * Decompresses gzip into an array of the expected size, so that a malicious file cannot fill the memory.
 * @throws InputError naming the place when the data is damaged or does not have that size
 */
async function gunzip(
  bytes: Uint8Array<ArrayBuffer>,
  sizeBytes: number,
  where: string,
): Promise<Uint8Array<ArrayBuffer>> {
  const result = new Uint8Array(sizeBytes);
  let length = 0;
  const reader = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip")).getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      if (length + value.length > sizeBytes) throw new RangeError(`more than ${sizeBytes} bytes`);
      result.set(value, length);
      length += value.length;
    }
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new InputError(
      `${where}: damaged gzip data (${reason}); ${sizeBytes} decompressed bytes are expected, remove the file`,
    );
  }
  return result.subarray(0, length);
}

/**
 * Returns the original IDX file from bytes that were found or fetched, plain or gzip, or refuses them.
 * @param where names the place in the message
 * @throws InputError when size or SHA-256 is not the original's
 */
export async function verifiedIdx(
  source: SourceName,
  file: IdxFile,
  found: Uint8Array<ArrayBuffer>,
  where: string,
): Promise<Uint8Array<ArrayBuffer>> {
  const expected = sources[source].files[file];
  const compressed = found[0] === 0x1f && found[1] === 0x8b;
  const bytes = compressed ? await gunzip(found, expected.sizeBytes, where) : found;
  if (bytes.length !== expected.sizeBytes) {
    throw new InputError(`${where}: ${bytes.length} bytes, the original has ${expected.sizeBytes}; remove the file`);
  }
  const hash = await sha256(bytes);
  if (hash !== expected.sha256) {
    throw new InputError(`${where}: SHA-256 ${hash}, the original has ${expected.sha256}; remove the file`);
  }
  return bytes;
}
