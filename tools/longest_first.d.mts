import { BaseSequencer } from "vitest/node";

export const longestFirst: readonly string[];
export class LongestFirst extends BaseSequencer {}
