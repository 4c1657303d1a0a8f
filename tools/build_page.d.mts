/** Compressed sizes of the page's files. */
export interface PageSizes {
  readonly firstLoadBytes: number;
}

export function buildPage(root: string, folder: string): Promise<PageSizes>;
