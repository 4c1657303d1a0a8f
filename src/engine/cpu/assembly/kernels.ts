// The module of the CPU engine: f32x4 kernels, compiled by AssemblyScript and called by ../trainer.ts.
//
// Activations and their gradients are matrices [neuron][column]; a column is a sample of the batch. A weight is a
// scalar that multiplies a vector of samples, so a weight of a sparse layer costs as much as one of a dense layer:
//
//               column 0 1 2 3   4 5 6 7  ..  columns - 1
//     neuron 0  [ x x x x ][ x x x x ] ..   |  unused  |     one row: `stride` bytes
//     neuron 1  [ x x x x ][ x x x x ] ..   |          |
//
// `columns` is a multiple of 8. Columns past the samples of a batch hold zeros in the inputs and in the gradients of
// the loss, so they add nothing to any sum. All arguments named `stride` are bytes; all pointers are byte addresses.
//
// Dense and sparse kernels sum in the same order: forward and backward add edges by ascending neuron; gradients add
// quads of columns lane by lane, then the lanes as (0 + 2) + (1 + 3). Adding a zero changes nothing, so a layer gives
// the same bits as a dense matrix with zeros and as an edge list.
export * from "./activations";
export { backwardDense, forwardDense, gradientDense, zeroEntries } from "./dense";
export * from "./element_losses";
export { gatherBytes, gatherFloats } from "./gather";
export { binaryLoss } from "./binary_loss";
export { multiclassLoss } from "./multiclass_loss";
export { adam, momentum, shrink } from "./optimizer";
export { sampleOrder } from "./order";
export { areFinite } from "./finite";
export { backwardEdges, biasGradient, forwardEdges, gradientEdges } from "./edges";
