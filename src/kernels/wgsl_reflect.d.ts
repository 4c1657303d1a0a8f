// The bare name does not load in Node (its package.json points to a file that Node loads in the wrong format).
declare module "wgsl_reflect/wgsl_reflect.module.js" {
  export * from "wgsl_reflect";
}
