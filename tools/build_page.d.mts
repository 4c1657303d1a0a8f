/** Sizes of the page's files as a web host that compresses sends them. */
export interface PageSizes {
  readonly firstLoadBytes: number;
}

export function buildPage(root: string, folder: string): Promise<PageSizes>;
