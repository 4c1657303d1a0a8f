// Computes Z = activated(W X + b) of one layer over the kept edges, for every network in the list; the last
// layer has no activation. Computes the same sums in the same order as dense_forward.
//
// One invocation computes one output x 8 samples. Each loop iteration handles one edge into the output: it reads the
// edge's element number, a weight and two vec4f of inputs for 8 multiply-adds. Edge lists
// (src/engine/tiled/edge_lists.ts), in words from the network's first:
//
//   rows_at + o          word of the first edge into output o; after the last output, word of the end of its edges
//   from that word on    element of each edge among the layer's weights, by output, then by input
//
// Grid: the listed tiles of one invocation for each; x = pairs of sample quads, y = outputs.
// Needs shared/network, shared/layers, an activation.

struct Uniforms {
  first_tile: u32,     // of this call, in the list
  tiles: u32,          // tiles of this call
  layer: u32,          // index of the layer
  layers: u32,         // layers of a network
  quads: u32,          // vec4f per row of samples, even
  activates: u32,      // 1: apply the activation
  shared_inputs: u32,  // 1: all networks read the same inputs, at row 0
}

@group(0) @binding(0) var<uniform> u: Uniforms;
@group(0) @binding(1) var<storage, read> networks: array<Network>;
@group(0) @binding(2) var<storage, read> tiles: array<Tile>;
@group(0) @binding(3) var<storage, read> layers: array<Layer>;          // [network][layer]
@group(0) @binding(4) var<storage, read> edges: array<u32>;             // of each network [rows, columns, elements by output, outputs by input]
@group(0) @binding(5) var<storage, read> parameters: array<f32>;        // of each network
@group(0) @binding(6) var<storage, read> inputs: array<vec4f>;          // X of each network [input][quad]
@group(0) @binding(7) var<storage, read_write> outputs: array<vec4f>;   // Z of each network [output, padded to 4][quad]

override workgroup_x: u32;
override workgroup_y: u32;

@compute @workgroup_size(workgroup_x, workgroup_y)
fn main(
  @builtin(local_invocation_id) local: vec3u,
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
) {
  let tile = tile_of(group, groups);
  if (tile.network == no_network) {
    return;
  }
  let layer = layers[tile.network * u.layers + u.layer];
  let quad = (tile.x * workgroup_x + local.x) * 2u;
  let output = tile.y * workgroup_y + local.y;
  if (quad >= u.quads || output >= layer.outputs) {
    return;
  }
  if (networks[tile.network].running == 0u) {
    return;
  }

  let weights = (layer.parameters_at + layer.weights_at) * 4u;
  let biases = (layer.parameters_at + layer.biases_at) * 4u;
  let row_stride = blocks_of(layer.inputs) * 4u;
  let rows = layer.edges_at + layer.rows_at;
  let first_edge = edges[rows + output];
  let end_edge = edges[rows + output + 1u];
  let x = select(layer.input_rows_at, 0u, u.shared_inputs == 1u) * u.quads + quad;
  var a = vec4f(parameters[biases + output]);
  var b = a;
  for (var edge = first_edge; edge < end_edge; edge++) {
    let element = edges[layer.edges_at + edge];
    let w = vec4f(parameters[weights + element]);
    let row = x + (element - output * row_stride) * u.quads;
    a = fma(w, inputs[row], a);
    b = fma(w, inputs[row + 1u], b);
  }
  if (u.activates == 1u) {
    a = activated(a);
    b = activated(b);
  }
  let z = (layer.output_rows_at + output) * u.quads + quad;
  outputs[z] = a;
  outputs[z + 1u] = b;
}
