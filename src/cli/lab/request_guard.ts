import type { IncomingMessage } from "node:http";
import type { TextAnswer } from "./headers.ts";

/** Names of the machine itself: what a browser may call the server by. */
const loopbackNames = ["127.0.0.1", "localhost", "[::1]"];
const standardHttpPort = 80;
const longestAddress = 2048;

/** The values of `Host` that name the server. */
function ownHosts(port: number): string[] {
  const withPort = loopbackNames.map((name) => `${name}:${port}`);
  return port === standardHttpPort ? [...withPort, ...loopbackNames] : withPort;
}

/**
 * Whether a browser sends a request because a link elsewhere was followed to the page. Such a link may lead to the page, which does
 * nothing by itself, and to nothing else.
 */
function followsLinkToPage({ method, url, headers }: IncomingMessage): boolean {
  const path = url?.split("?", 1)[0];
  return (
    method === "GET" &&
    (path === "/" || path === "/index.html") &&
    headers["sec-fetch-mode"] === "navigate" &&
    headers["sec-fetch-dest"] === "document"
  );
}

/**
 * Why a request is not answered; undefined for a request of the server's own page or of a program without these headers.
 * `Host` must name this server, since the name of another site may be made to lead here (DNS rebinding). `Origin` and
 * `Sec-Fetch-Site` tell which page made a browser send the request.
 * @param port at which the server listens
 */
export function refusal(request: IncomingMessage, port: number): TextAnswer | undefined {
  const { url = "", headers, headersDistinct } = request;
  const address = `http://127.0.0.1:${port}/`;
  const hosts = headersDistinct.host ?? [];
  if (hosts.length !== 1 || !ownHosts(port).includes(hosts[0].toLowerCase())) {
    return { status: 403, text: `this server answers to its own address alone: open ${address}` };
  }
  const origins = headersDistinct.origin ?? [];
  if (origins.some((origin) => origin.toLowerCase() !== `http://${hosts[0].toLowerCase()}`)) {
    return {
      status: 403,
      text: `this server answers to its own page alone, not to that of another origin: open ${address}`,
    };
  }
  const sites = headersDistinct["sec-fetch-site"] ?? [];
  if (!sites.every((site) => site === "same-origin" || site === "none") && !followsLinkToPage(request)) {
    return {
      status: 403,
      text: `this server answers to its own page alone, not to that of another site: open ${address}`,
    };
  }
  if (!url.startsWith("/")) return { status: 400, text: "the address of a request begins with a slash" };
  if (url.length > longestAddress) {
    return { status: 414, text: `the address of a request has at most ${longestAddress} characters` };
  }
  if (headers["transfer-encoding"] !== undefined || Number(headers["content-length"] ?? 0) !== 0) {
    return { status: 413, text: "a request has no content here", headers: { connection: "close" } };
  }
  return undefined;
}
