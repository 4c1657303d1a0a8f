/** The compiled kernels of `assembly/`: the bundler (tools/inline.mjs) puts the module's bytes here. */
declare module "*/kernels.wasm" {
  const bytes: Uint8Array<ArrayBuffer>;
  export default bytes;
}

/** The text of a script, with all that it imports, for a worker thread: the bundler (tools/inline.mjs) makes it. */
declare module "*?script" {
  const text: string;
  export default text;
}
