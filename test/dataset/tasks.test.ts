import { expect, test } from "vitest";
import { InputError } from "../../src/base/errors.ts";
import type { Task } from "../../src/base/task.ts";
import { checkTasks, isByPosition, parseTasks, readDeclaration } from "../../src/dataset/tasks.ts";

test("name, inputs and outputs in column order; one output is binary", () => {
  expect(parseTasks(" circles:2:1 , digits:784:10")).toEqual([
    { name: "circles", kind: "binary", inputs: { start: 0, count: 2 }, outputs: { start: 0, count: 1 } },
    { name: "digits", kind: "multiclass", inputs: { start: 2, count: 784 }, outputs: { start: 1, count: 10 } },
  ]);
});

const example = "as in circles:2:1,moons:2:1";
const counts = `an integer from 1 to 65535 is needed, ${example}; a single column by position is written 0..0`;
const positions = `which is neither a number nor positions from 0 such as 0+2 or 1..3, ${example} or a:0+1:0..0,b:1..2:1`;
test.each([
  ["", `tasks: "" is not name:inputs:outputs or name:inputs:outputs:loss, ${example}`],
  ["a:2", `tasks: "a:2" is not name:inputs:outputs or name:inputs:outputs:loss, ${example}`],
  ["a:2:1:3", 'loss "3" is not known: give binary, multiclass or mse'],
  ["a:2:1,", `tasks: "" is not name:inputs:outputs or name:inputs:outputs:loss, ${example}`],
  ["a:0:1", `tasks: "a:0:1" has inputs "0", ${counts}`],
  ["a:x:1", `tasks: "a:x:1" has inputs "x", ${positions}`],
  ["a:2:1.5", `tasks: "a:2:1.5" has outputs "1.5", ${positions}`],
  ["a:2:65536", `tasks: "a:2:65536" has outputs "65536", ${counts}`],
  ["a:3..1:0", `tasks: "a:3..1:0" has inputs "3..1", ${positions}`],
  [":2:1", `tasks: task 1 has an empty name; name it, ${example}`],
  ["__proto__:2:1", 'tasks: the name "__proto__" cannot be stored; choose another'],
  ["a:2:1,a:2:1", `tasks: the name "a" is given twice; each task needs its own`],
])("%j", (text, message) => {
  expect(() => parseTasks(text)).toThrow(new InputError(message));
});

function task(name: string, input: [number, number], output: [number, number], kind?: Task["kind"]): Task {
  return {
    name,
    kind: kind ?? (output[1] === 1 ? "binary" : "multiclass"),
    inputs: { start: input[0], count: input[1] },
    outputs: { start: output[0], count: output[1] },
  };
}

test("tasks that share out all columns pass, in any order", () => {
  checkTasks([task("b", [2, 2], [1, 3]), task("a", [0, 2], [0, 1])], 4, 4);
});

test("tasks may share inputs and interleave, and an input may be left where that is allowed", () => {
  checkTasks([task("a", [0, 2], [0, 1]), task("b", [1, 2], [1, 1])], 3, 2);
  const lists = [
    { ...task("a", [0, 1], [0, 1]), inputs: [0, 2] },
    { ...task("b", [0, 1], [1, 1]), inputs: [1, 4] },
  ];
  checkTasks(lists, 5, 2, true);
  expect(() => checkTasks(lists, 5, 2)).toThrow(
    new InputError("tasks: input 3 belongs to no task; give each input to one task"),
  );
  expect(() => checkTasks(lists, 4, 2, true)).toThrow(
    new InputError('tasks: "b" has input 4, the network has 4, numbered from 0; change the positions'),
  );
});

test.each([
  [[task("a", [0, 2], [0, 1])], 3, 1, "tasks: they have 2 inputs in all, the data or network has 3; change the counts"],
  [
    [task("a", [0, 2], [0, 1])],
    2,
    2,
    "tasks: they have 1 outputs in all, the data or network has 2; change the counts",
  ],
  [
    [task("a", [0, 2], [0, 1]), task("b", [2, 2], [0, 1])],
    4,
    2,
    'tasks: output 0 belongs to "a" and "b"; give each output to one task',
  ],
  [
    [task("a", [0, 2], [0, 1]), task("b", [3, 2], [1, 1])],
    4,
    2,
    "tasks: input 2 belongs to no task; give each input to one task",
  ],
  [
    [task("a", [0, 2], [0, 2], "binary")],
    2,
    2,
    'tasks: "a" is binary with 2 outputs; binary has 1, multiclass has 2 or more, mse has 1',
  ],
  [
    [task("a", [0, 1], [0, 1]), task("a", [1, 1], [1, 1])],
    2,
    2,
    'tasks: the name "a" is given twice; each task needs its own',
  ],
])("what does not fit is named (%#)", (tasks, inputs, outputs, message) => {
  expect(() => checkTasks(tasks, inputs, outputs)).toThrow(new InputError(message));
});

test("positions from 0 of the inputs and outputs of a network, which tasks may share", () => {
  expect(parseTasks("a:0+1:0, b:1..2:1")).toEqual([
    { name: "a", kind: "binary", inputs: { start: 0, count: 2 }, outputs: { start: 0, count: 1 } },
    { name: "b", kind: "binary", inputs: { start: 1, count: 2 }, outputs: { start: 1, count: 1 } },
  ]);
  expect(parseTasks("a:4+0+2..2:0..0+2..3,b:1:1:mse")).toEqual([
    { name: "a", kind: "multiclass", inputs: [0, 2, 4], outputs: [0, 2, 3] },
    { name: "b", kind: "mse", inputs: { start: 1, count: 1 }, outputs: { start: 1, count: 1 } },
  ]);
  expect([isByPosition("a:0+1:0"), isByPosition("a:2:1")]).toEqual([true, false]);
});

test("own data take counts, columns by name, or JSON", () => {
  expect(readDeclaration("a:2:1")).toEqual({ counted: parseTasks("a:2:1") });
  expect(readDeclaration("a: x 1 + x2..x4 :y,b:*:2:mse")).toEqual({
    named: [
      { name: "a", inputs: ["x 1", "x2..x4"], targets: ["y"], kind: undefined },
      { name: "b", inputs: ["*"], targets: ["2"], kind: "mse" },
    ],
  });
  const tasks = [{ name: "a:b,c", inputs: ["x+1", 3], targets: ["y"] }];
  expect(readDeclaration(tasks)).toEqual({ named: [{ ...tasks[0], kind: undefined }] });
  expect(() => readDeclaration([...tasks, ...tasks])).toThrow('tasks: the name "a:b,c" is given twice');
});

test("a fourth field names the loss", () => {
  expect(parseTasks("a:2:1:mse,b:1:1,c:1:3").map(({ kind }) => kind)).toEqual(["mse", "binary", "multiclass"]);
});

test("a text asks for no more positions than a layer may have, however short it is", () => {
  const ranges = Array.from({ length: 5000 }, (_, i) => `0..${99_999 - i}`).join("+");
  expect(() => parseTasks(`a:${ranges}:0`)).toThrow(/names more than 131072 inputs$/);
  expect(parseTasks("a:0..65534:0")).toMatchObject([{ inputs: { start: 0, count: 65_535 } }]);
});
