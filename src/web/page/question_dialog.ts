import { element } from "./dom.ts";

/** A question to the visitor. */
export interface Question {
  readonly title: string;
  readonly text: string;
  /** Names the field of the answer. */
  readonly label: string;
}

/** A dialog that asks one question at a time. */
export function questionDialog() {
  const title = element("h2", { id: "question-title" });
  const text = element("p", { id: "question-text" });
  const input = element("input", {
    type: "text",
    id: "question-input",
    "aria-describedby": "question-text",
    spellcheck: "false",
  });
  const label = element("label", { for: "question-input" });
  const root = element(
    "dialog",
    { class: "panel", "aria-labelledby": "question-title" },
    element(
      "form",
      { method: "dialog" },
      title,
      text,
      element("div", { class: "field" }, label, input),
      element(
        "p",
        { class: "transport" },
        element("button", { class: "primary", value: "show" }, "Show"),
        element("button", { value: "" }, "Cancel"),
      ),
    ),
  );
  return {
    root,
    /** The answer; undefined when the visitor declines. */
    ask: (question: Question) =>
      new Promise<string | undefined>((resolve) => {
        title.textContent = question.title;
        text.textContent = question.text;
        label.textContent = question.label;
        input.value = "";
        root.returnValue = "";
        root.addEventListener("close", () => resolve(root.returnValue === "show" ? input.value : undefined), {
          once: true,
        });
        root.showModal();
      }),
  };
}
