import { visible } from "../base/visible.ts";

/** Characters that XML 1.0 (section 2.2) allows in no form, and halves of characters beyond 16 bits. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is searched
const forbidden = /[\0-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]|\p{Cs}/gu;

/** A text with the replacement character where XML allows none. */
export function allowedInXml(text: string): string {
  return text.replace(forbidden, "\ufffd");
}

/**
 * Escapes a text for XML and HTML, in content and in quoted attributes. Characters that cannot be seen are shown as
 * {@link visible} does, line ends and tabs too; what XML does not allow becomes the replacement character.
 */
export function escapeXml(text: string): string {
  return allowedInXml(visible(text)).replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

/**
 * Escapes a text for one line of Markdown (CommonMark 0.31, sections 2.4 and 2.5), also in a cell of a table. What could
 * begin HTML becomes an entity: not every renderer knows a backslash before it.
 */
export function escapeMarkdown(text: string): string {
  return visible(text.replace(/\s*\n\s*/g, " "))
    .replace(/[\\`*_[\]|~#$]/g, "\\$&")
    .replace(/[&<>]/g, (character) => htmlEntities[character]);
}

const htmlEntities: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;" };

/** A name of a folder or file as a part of an address in Markdown, where a parenthesis would end it. */
export function encodeAddress(name: string): string {
  return encodeURIComponent(name).replace(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16)}`);
}
