import { visible } from "../base/visible.ts";

/** Characters that XML 1.0 (section 2.2) allows in no form, and halves of characters beyond 16 bits. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is searched
const forbidden = /[\0-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]|\p{Cs}/gu;

/** A text with the replacement character where XML allows none. */
export function allowedInXml(text: string): string {
  return text.replace(forbidden, "\ufffd");
}

/**
 * Escapes a text for XML and HTML, in content and in quoted attributes. What XML does not allow becomes the replacement
 * character; tabs and line ends keep their place in attributes too.
 */
export function escapeXml(text: string): string {
  return allowedInXml(text).replace(/[&<>"'\t\n\r\x7f-\x9f]/g, (character) => `&#${character.charCodeAt(0)};`);
}

/** Escapes a text for one line of Markdown (CommonMark 0.31, section 2.4), also in a cell of a table. */
export function escapeMarkdown(text: string): string {
  return visible(text.replace(/\s*\n\s*/g, " ")).replace(/[\\`*_[\]<>|~&#$]/g, "\\$&");
}

/** A name of a folder or file as a part of an address in Markdown, where a parenthesis would end it. */
export function encodeAddress(name: string): string {
  return encodeURIComponent(name).replace(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16)}`);
}
