import type { Engine, NetworkStart, TrainingNetwork } from "../../engine/engine.ts";
import type { Parameters } from "../../network/parameters.ts";

/** Hears what a level's training has made of the weights. */
export type WeightsObserver = (start: NetworkStart, level: number, trained: Parameters) => void;

/** An engine that shows the trained weights of every level before they are rewound. */
export function watchedEngine(engine: Engine, observe: WeightsObserver): Engine {
  return {
    name: engine.name,
    executor: engine.executor,
    slots: engine.slots,
    memoryBytes: engine.memoryBytes,
    admit: async (start): Promise<TrainingNetwork> => {
      const network = await engine.admit(start);
      return {
        train: async (level, settings, progress) => {
          const training = await network.train(level, settings, progress);
          observe(start, level, await network.weights());
          return training;
        },
        weights: () => network.weights(),
        prune: (selection, level) => network.prune(selection, level),
        release: () => network.release(),
      };
    },
    close: () => engine.close(),
  };
}
