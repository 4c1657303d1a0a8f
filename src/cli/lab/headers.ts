import type { OutgoingHttpHeaders } from "node:http";

/** Headers of every answer, of errors too. */
export const standardHeaders: OutgoingHttpHeaders = {
  // The page loads nothing from other origins, is in no frame, and sends no form. Inline styles are allowed for the charts.
  "content-security-policy": [
    "default-src 'self'",
    "script-src 'self' 'wasm-unsafe-eval'",
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data: blob:",
    "object-src 'none'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join("; "),
  // Cross-origin isolation lets the page's threads share memory, so that they read one dataset.
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-embedder-policy": "require-corp",
  "cross-origin-resource-policy": "same-origin",
  "x-content-type-options": "nosniff",
  "x-frame-options": "DENY",
  "referrer-policy": "no-referrer",
  "cache-control": "no-store",
};

/** An answer of one line of text. */
export interface TextAnswer {
  readonly status: number;
  readonly text: string;
  readonly headers?: OutgoingHttpHeaders;
}

/** The headers of a text, which `text` becomes by one line end. */
export function textHeaders({ text, headers }: TextAnswer): OutgoingHttpHeaders {
  return {
    ...standardHeaders,
    "content-type": "text/plain; charset=utf-8",
    "content-length": Buffer.byteLength(text) + 1,
    ...headers,
  };
}
