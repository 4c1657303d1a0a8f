import { serveThread } from "../thread.ts";

/** Script of a dedicated worker in a browser. */
const serve = serveThread((answer, transfer) => self.postMessage(answer, { transfer }));
self.addEventListener("message", ({ data }) => serve(data));
