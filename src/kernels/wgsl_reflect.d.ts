// The bare name does not load in Node (its package.json points at a file that Node takes for another format).
declare module "wgsl_reflect/wgsl_reflect.module.js" {
  export * from "wgsl_reflect";
}
