/** The compiled kernels of `assembly/`: the bundler (tools/inline.mjs) inserts the bytes of the module. */
declare module "*/kernels.wasm" {
  const bytes: Uint8Array<ArrayBuffer>;
  export default bytes;
}

/** The text of a script for a worker thread, bundled with its imports by tools/inline.mjs. */
declare module "*?script" {
  const text: string;
  export default text;
}
