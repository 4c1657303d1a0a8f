/** Numbers from 0 to below 1 that a seed determines. */
export function randomNumbers(seed: number): () => number;

/** Some of a list, spread over it evenly; all of it where `count` is not smaller. */
export function spread<Entry>(list: readonly Entry[], count: number): readonly Entry[];
