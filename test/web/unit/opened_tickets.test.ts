import { expect, it } from "vitest";
import { writeTicket } from "../../../src/store/ticket_file.ts";
import { LocalLaboratory } from "../../../src/web/worker/laboratory.ts";
import { ticket } from "../../analysis/drawn.ts";

it("a page that is open for days keeps the last tickets that were opened, not all", async () => {
  // Node before 21 has none.
  (globalThis as { navigator?: object }).navigator ??= { hardwareConcurrency: 1, userAgent: "Node" };
  const page = new LocalLaboratory(new URL("http://127.0.0.1/"), () => {});
  const mask = ticket([4, 2, 2], ["0-0 1-0 2-1", "0-0 1-1"]);
  const bytes = new Uint8Array(writeTicket({ mask, metadata: {} }));
  const open = (name: string) => page.openFile(name, bytes, { coverage: "total", tasks: "a:2:1,b:2:1" });
  for (const name of ["a", "b", "b", "c"]) {
    expect((await open(`${name}.safetensors`)).kind).toBe("ticket");
    await page.picture(`${name}.safetensors`, 0, "inputs");
  }
  // The page may be asking for the one before.
  await page.picture("b.safetensors", 0, "inputs");
  await expect(page.picture("a.safetensors", 0, "inputs")).rejects.toThrow(/^a\.safetensors\/level-00/);
});
