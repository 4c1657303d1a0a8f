import type { Plugin } from "vitest/config";

export declare const inlineVitePlugin: Plugin;
export declare function bundleScript(path: string): Promise<string>;
