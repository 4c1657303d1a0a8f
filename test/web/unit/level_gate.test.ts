import { expect, it } from "vitest";
import { nextTurn } from "../../../src/base/next_turn.ts";
import { LevelGate } from "../../../src/web/worker/level_gate.ts";

/** Passes the gate, and tells whether a level has started. */
function level(gate: LevelGate): { started: boolean } {
  const state = { started: false };
  void gate.pass().then(() => {
    state.started = true;
  });
  return state;
}

it("holds levels while it is closed, and lets those go that wait at a step", async () => {
  const gate = new LevelGate(false);
  const levels = [level(gate), level(gate)];
  await nextTurn();
  expect(levels.map(({ started }) => started)).toEqual([false, false]);
  gate.step();
  const later = level(gate);
  await nextTurn();
  expect([...levels, later].map(({ started }) => started)).toEqual([true, true, false]);
  gate.open();
  await nextTurn();
  expect(later.started).toBe(true);
});

it("keeps a step for the next level where none waits yet, one and no more, until it is closed", async () => {
  const gate = new LevelGate(false);
  gate.step();
  const levels = [level(gate), level(gate)];
  await nextTurn();
  expect(levels.map(({ started }) => started)).toEqual([true, false]);
  gate.open();
  gate.step();
  gate.close();
  const held = level(gate);
  await nextTurn();
  expect(held.started).toBe(false);
});
