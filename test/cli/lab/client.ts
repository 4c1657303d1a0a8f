import { connect, type Socket } from "node:net";

/** What a server wrote on a connection that was closed after it. */
export interface RawAnswer {
  readonly status: number;
  readonly headers: ReadonlyMap<string, string>;
  readonly body: string;
}

export function open(port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, "127.0.0.1", () => resolve(socket));
    socket.once("error", reject);
  });
}

/** Everything that arrives until the server closes the connection. */
export function untilClosed(socket: Socket): Promise<string> {
  return new Promise((resolve) => {
    let text = "";
    socket.setEncoding("latin1").on("data", (piece) => {
      text += piece;
    });
    socket.on("error", () => {});
    socket.on("close", () => resolve(text));
  });
}

/** Sends bytes as they are and reads the answer to them; the bytes must lead the server to close the connection. */
export async function sendRaw(port: number, bytes: string): Promise<RawAnswer> {
  const socket = await open(port);
  const text = untilClosed(socket);
  socket.write(bytes, "latin1");
  return parsed(await text);
}

export function parsed(text: string): RawAnswer {
  const end = text.indexOf("\r\n\r\n");
  const [first, ...lines] = text.slice(0, end).split("\r\n");
  const headers = lines.map((line) => [line.split(":", 1)[0].toLowerCase(), line.slice(line.indexOf(":") + 1).trim()]);
  return {
    status: Number(first.split(" ")[1]),
    headers: new Map(headers as [string, string][]),
    body: text.slice(end + 4),
  };
}

/** A request with only the headers that are given beside `Host`, which a browser sends; the connection ends after it. */
export function ask(
  port: number,
  path: string,
  headers: Readonly<Record<string, string>> = {},
  method = "GET",
): Promise<RawAnswer> {
  const all = { Host: `127.0.0.1:${port}`, Connection: "close", ...headers };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}`);
  return sendRaw(port, `${[`${method} ${path} HTTP/1.1`, ...lines].join("\r\n")}\r\n\r\n`);
}
