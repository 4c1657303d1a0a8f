import { element } from "../page/dom.ts";

/** A figure as a file. */
export interface Drawing {
  /** A whole SVG document. */
  readonly svg: string;
  readonly width: number;
  readonly height: number;
}

/** A panel with a heading and a figure that can be saved as SVG or PNG. */
export interface Panel {
  readonly root: HTMLElement;
  /** The element that holds the figure. */
  readonly body: HTMLElement;
  /** One line below it. */
  readonly caption: HTMLElement;
  /** Changes the heading and the names of the buttons. */
  readonly retitle: (title: string) => void;
}

/**
 * Makes a panel.
 * @param name of the files, such as `network`
 * @param draw the figure as it is now; undefined while there is none
 */
export function figurePanel(title: string, name: string, draw: () => Drawing | undefined): Panel {
  const body = element("div", { class: "figure-body" });
  const caption = element("figcaption", { class: "caption" });
  const save = (format: "SVG" | "PNG") =>
    element(
      "button",
      {
        type: "button",
        class: "quiet",
        onclick: async () => {
          const drawing = draw();
          if (!drawing) return;
          const svg = new Blob([drawing.svg], { type: "image/svg+xml" });
          saveFile(`${name}.${format.toLowerCase()}`, format === "SVG" ? svg : await rasterised(drawing));
        },
      },
      format,
    );
  const heading = element("h2");
  const buttons = [save("SVG"), save("PNG")];
  const actions = element("span", { class: "figure-actions" }, ...buttons);
  const retitle = (text: string) => {
    heading.textContent = text;
    // "R²" keeps its capital within a sentence; the titles that are words do not.
    const inSentence = /^[A-Z][a-z]/.test(text) ? text[0].toLowerCase() + text.slice(1) : text;
    for (const button of buttons) button.setAttribute("aria-label", `Save ${inSentence} as ${button.textContent}`);
  };
  retitle(title);
  const root = element(
    "section",
    { class: `panel panel-${name}` },
    element("div", { class: "panel-head" }, heading, actions),
    element("figure", {}, body, caption),
  );
  return { root, body, caption, retitle };
}

/** Lets the browser save a file. */
export function saveFile(name: string, content: Blob): void {
  const url = URL.createObjectURL(content);
  const link = element("a", { href: url, download: name });
  link.click();
  // Later, because the download has only been requested.
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}

/** Pixels per unit of a drawing in a PNG file, for legible prints. */
const pngScale = 2;

async function rasterised({ svg, width, height }: Drawing): Promise<Blob> {
  const image = new Image();
  image.src = `data:image/svg+xml,${encodeURIComponent(svg)}`;
  await image.decode();
  const canvas = element("canvas", { width: width * pngScale, height: height * pngScale });
  canvas.getContext("2d")?.drawImage(image, 0, 0, canvas.width, canvas.height);
  return new Promise((resolve, reject) =>
    canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error("the browser made no PNG"))), "image/png"),
  );
}

/** A whole SVG document around some elements, with the page's colours. */
export function svgDocument(width: number, height: number, content: string): string {
  const style = getComputedStyle(document.body);
  const background = getComputedStyle(document.documentElement).getPropertyValue("--panel").trim();
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" color="${style.color}" fill="currentColor" font-family="system-ui, sans-serif" font-size="12">
<rect width="${width}" height="${height}" fill="${background}"/>
${content}
</svg>
`;
}
