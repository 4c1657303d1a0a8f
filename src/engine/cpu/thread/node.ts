import { parentPort } from "node:worker_threads";
import { invariant } from "../../../base/errors.ts";
import { serveThread } from "../thread.ts";

/** What runs on a worker thread of Node. */
const port = parentPort;
invariant(port, "the thread's script was not started as a thread");
port.on(
  "message",
  serveThread((answer, transfer) => port.postMessage(answer, transfer)),
);
