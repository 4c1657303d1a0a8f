import type { Plugin as EsbuildPlugin } from "esbuild";
import type { Plugin } from "vitest/config";

export declare const inlinePlugin: EsbuildPlugin;
export declare const inlineVitePlugin: Plugin;
export declare function bundleScript(path: string): Promise<string>;
