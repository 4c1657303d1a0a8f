/** A file of a dropped or picked folder, with its path, which starts with the folder's name. */
export interface FileInFolder {
  readonly path: string;
  readonly file: File;
}

/** Handlers of dropped files and folders. */
export interface DropActions {
  open(file: File): void;
  openFolder(name: string, files: readonly FileInFolder[]): void;
  failed(error: unknown): void;
}

/** Lets the visitor drop a file or a folder anywhere on the page. */
export function acceptDrops(veil: HTMLElement, actions: DropActions): void {
  const holdsFiles = (event: DragEvent) => event.dataTransfer?.types.includes("Files") ?? false;
  addEventListener("dragover", (event) => {
    if (!holdsFiles(event)) return;
    event.preventDefault();
    veil.hidden = false;
  });
  addEventListener("dragleave", (event) => {
    // Null when the pointer leaves the window, not when it moves between elements.
    if (event.relatedTarget === null) veil.hidden = true;
  });
  addEventListener("drop", (event) => {
    veil.hidden = true;
    const item = event.dataTransfer?.items[0];
    if (item?.kind !== "file") return;
    event.preventDefault();
    const entry = item.webkitGetAsEntry();
    const file = item.getAsFile();
    if (entry?.isDirectory) {
      filesBelow(entry as FileSystemDirectoryEntry).then(
        (files) => actions.openFolder(entry.name, files),
        actions.failed,
      );
    } else if (file) actions.open(file);
  });
}

/** Every file of a folder and of the folders below it. */
async function filesBelow(folder: FileSystemDirectoryEntry): Promise<FileInFolder[]> {
  const reader = folder.createReader();
  const entries: FileSystemEntry[] = [];
  for (;;) {
    // A reader returns at most a hundred entries per call, and none at the end.
    const some = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject));
    if (some.length === 0) break;
    entries.push(...some);
  }
  const found = await Promise.all(
    entries.map(async (entry): Promise<FileInFolder[]> => {
      if (entry.isDirectory) return filesBelow(entry as FileSystemDirectoryEntry);
      const file = await new Promise<File>((resolve, reject) => (entry as FileSystemFileEntry).file(resolve, reject));
      return [{ path: entry.fullPath.replace(/^\//, ""), file }];
    }),
  );
  return found.flat();
}
