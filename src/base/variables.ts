/** The environment variables of a process, such as `process.env`, without the types of Node. */
export type Variables = Readonly<Record<string, string | undefined>>;
