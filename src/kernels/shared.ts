import closeInterval from "../../shaders/shared/close_interval.wgsl";
import elementLoss from "../../shaders/shared/element_loss.wgsl";
import finite from "../../shaders/shared/finite.wgsl";
import layers from "../../shaders/shared/layers.wgsl";
import loss from "../../shaders/shared/loss.wgsl";
import network from "../../shaders/shared/network.wgsl";
import optimizer from "../../shaders/shared/optimizer.wgsl";
import order from "../../shaders/shared/order.wgsl";
import philox from "../../shaders/shared/philox.wgsl";
import product from "../../shaders/shared/product.wgsl";
import selection from "../../shaders/shared/selection.wgsl";
import type { WgslSource } from "../base/wgsl_source.ts";

/** The snippets of `shaders/shared/`, by stem. */
export const shared = {
  closeInterval: { file: "shared/close_interval.wgsl", text: closeInterval },
  elementLoss: { file: "shared/element_loss.wgsl", text: elementLoss },
  finite: { file: "shared/finite.wgsl", text: finite },
  layers: { file: "shared/layers.wgsl", text: layers },
  loss: { file: "shared/loss.wgsl", text: loss },
  network: { file: "shared/network.wgsl", text: network },
  optimizer: { file: "shared/optimizer.wgsl", text: optimizer },
  order: { file: "shared/order.wgsl", text: order },
  philox: { file: "shared/philox.wgsl", text: philox },
  product: { file: "shared/product.wgsl", text: product },
  selection: { file: "shared/selection.wgsl", text: selection },
} satisfies Record<string, WgslSource>;
