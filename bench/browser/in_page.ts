/**
 * Functions that run in the page and press what a person presses. Each uses nothing from outside of itself, because it
 * travels to the browser as text.
 */

/** The adapter that the page gets: its facts as JSON has them, or null. */
export async function adapterInPage(): Promise<Pick<
  GPUAdapterInfo,
  "vendor" | "architecture" | "device" | "description" | "isFallbackAdapter"
> | null> {
  const gpu = navigator.gpu as GPU | undefined;
  const adapter = await gpu?.requestAdapter({ powerPreference: "high-performance" });
  if (!adapter) return null;
  const { vendor, architecture, device, description, isFallbackAdapter } = adapter.info;
  return { vendor, architecture, device, description, isFallbackAdapter };
}

/** The limits of the adapter that the page gets, by name. */
export async function limitsInPage(): Promise<Record<string, number>> {
  const adapter = await navigator.gpu.requestAdapter({ powerPreference: "high-performance" });
  const limits: Record<string, number> = {};
  for (const name in adapter!.limits) limits[name] = adapter!.limits[name as keyof GPUSupportedLimits] as number;
  return limits;
}

/**
 * Runs the benchmark tab for a case.
 * @returns what *Copy JSON* copies
 */
export async function benchmarkInPage(caseName: string): Promise<string> {
  const until = async (what: string, isSo: () => boolean) => {
    for (const endsAt = performance.now() + 300_000; !isSo(); ) {
      const notice = document.querySelector<HTMLElement>("#notice");
      if (notice && !notice.hidden && notice.textContent) throw new Error(notice.textContent);
      if (performance.now() > endsAt) throw new Error(`waited 300 s for ${what}`);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  };
  const button = (name: string) => {
    const found = [...document.querySelectorAll<HTMLButtonElement>("#benchmark button")];
    return found.find(({ textContent }) => textContent === name)!;
  };
  const tab = [...document.querySelectorAll<HTMLElement>("[role=tab]")].find(
    ({ textContent }) => textContent === "Benchmark",
  );
  tab!.click();
  document.querySelector<HTMLSelectElement>("#cases")!.value = caseName;
  button("Quick").click();
  await until("the benchmark", () => !button("Copy JSON").disabled);
  let copied = "";
  // A headless browser may forbid its clipboard.
  navigator.clipboard.writeText = async (text) => {
    copied = text;
  };
  button("Copy JSON").click();
  await until("the copy", () => copied !== "");
  return copied;
}

/**
 * Presses *Start* and waits until all runs are done.
 * @returns milliseconds, and the status that names engine and adapter
 */
export async function runInPage(): Promise<{ ms: number; status: string }> {
  const button = [...document.querySelectorAll<HTMLButtonElement>("#watch button")].find(
    ({ textContent }) => textContent === "Start",
  );
  const startedAt = performance.now();
  button!.click();
  for (;;) {
    const status = document.querySelector("#watch .transport .status")?.textContent ?? "";
    const ms = performance.now() - startedAt;
    if (status.startsWith("done")) return { ms, status };
    const notice = document.querySelector<HTMLElement>("#notice");
    if (notice && !notice.hidden && notice.textContent) throw new Error(notice.textContent);
    if (status.startsWith("stopped") || ms > 600_000) throw new Error(`the runs did not end: ${status}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** Presses *Save runs*. @returns the zip file's bytes in base64 */
export async function saveRunsInPage(): Promise<string> {
  const blobs: Blob[] = [];
  const make = URL.createObjectURL.bind(URL);
  URL.createObjectURL = (content: Blob) => {
    blobs.push(content);
    return make(content);
  };
  const button = [...document.querySelectorAll<HTMLButtonElement>("button")].find(
    ({ textContent }) => textContent === "Save runs",
  );
  button!.click();
  while (blobs.length === 0) await new Promise((resolve) => setTimeout(resolve, 10));
  const url: string = await new Promise((resolve) => {
    const reader = new FileReader();
    reader.onload = () => resolve(reader.result as string);
    reader.readAsDataURL(blobs[0]);
  });
  return url.slice(url.indexOf(",") + 1);
}
