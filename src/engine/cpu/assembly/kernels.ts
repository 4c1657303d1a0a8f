// The module of the CPU engine: kernels over f32x4, compiled by AssemblyScript, called step by step by ../trainer.ts.
//
// Activations and their gradients are matrices [neuron][column], a column being a sample of the batch, so that a weight is one
// scalar against a vector of samples and a sparse weight costs what a dense one does:
//
//               column 0 1 2 3   4 5 6 7  ..  columns - 1
//     neuron 0  [ x x x x ][ x x x x ] ..   |  unused  |     one row: `stride` bytes
//     neuron 1  [ x x x x ][ x x x x ] ..   |          |
//
// `columns` is a multiple of 8; columns past the samples of a batch hold zeros in the inputs and in the loss' gradients, so
// they add nothing to any sum. All arguments named `stride` are bytes; all pointers are byte addresses.
//
// Sums have one order, in the dense and in the sparse kernels alike: forward and backward add edge after edge by ascending
// neuron, gradients add quads of columns lane by lane and then the lanes as (0 + 2) + (1 + 3). A zero adds nothing, so a layer
// gives the same bits as a dense matrix with zeros and as a list of edges.
export * from "./activations";
export { backwardDense, forwardDense, gradientDense, zeroEntries } from "./dense";
export * from "./element_losses";
export { gatherBytes, gatherFloats } from "./gather";
export { binaryLoss } from "./binary_loss";
export { multiclassLoss } from "./multiclass_loss";
export { adam, momentum } from "./optimizer";
export { sampleOrder } from "./order";
export { backwardEdges, biasGradient, forwardEdges, gradientEdges } from "./edges";
