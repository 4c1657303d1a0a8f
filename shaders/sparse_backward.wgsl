// Passes the loss gradient back through one layer and the activation before it over the kept edges, for every network
// in the list. Computes the same sums in the same order as dense_backward.
//
// One invocation computes one input x 8 samples. Each loop iteration handles one edge out of the input: it reads the
// edge's output number, a weight and two vec4f of gradients for 8 multiply-adds. Edge lists as in sparse_forward:
//
//   columns_at + i       word of the first edge out of input i; after the last input, word of the end of its edges
//   from that word on    output of each edge, by input, then by output
//
// Grid: the listed tiles of one invocation for each; x = pairs of sample quads, y = inputs.
// Needs shared/network, shared/layers, an activation.

struct Uniforms {
  first_tile: u32,  // of this call, in the list
  tiles: u32,       // tiles of this call
  layer: u32,       // index of the layer
  layers: u32,      // layers of a network
  quads: u32,       // vec4f per row of samples, even
}

@group(0) @binding(0) var<uniform> u: Uniforms;
@group(0) @binding(1) var<storage, read> networks: array<Network>;
@group(0) @binding(2) var<storage, read> tiles: array<Tile>;
@group(0) @binding(3) var<storage, read> layers: array<Layer>;                  // [network][layer]
@group(0) @binding(4) var<storage, read> edges: array<u32>;                     // of each network [rows, columns, elements by output, outputs by input]
@group(0) @binding(5) var<storage, read> parameters: array<f32>;                // of each network
@group(0) @binding(6) var<storage, read> inputs: array<vec4f>;                  // X of each network [input][quad], activated
@group(0) @binding(7) var<storage, read> output_gradients: array<vec4f>;        // dZ of each network [output][quad]
@group(0) @binding(8) var<storage, read_write> input_gradients: array<vec4f>;   // dX of each network [input, padded to 4][quad]

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
  let input = tile.y * workgroup_y + local.y;
  if (quad >= u.quads || input >= layer.inputs) {
    return;
  }
  if (networks[tile.network].running == 0u) {
    return;
  }

  let weights = (layer.parameters_at + layer.weights_at) * 4u + input;
  let row_stride = blocks_of(layer.inputs) * 4u;
  let columns = layer.edges_at + layer.columns_at;
  let first_edge = edges[columns + input];
  let end_edge = edges[columns + input + 1u];
  let gradient = layer.output_rows_at * u.quads + quad;
  var a = vec4f();
  var b = vec4f();
  for (var edge = first_edge; edge < end_edge; edge++) {
    let output = edges[layer.edges_at + edge];
    let w = vec4f(parameters[weights + output * row_stride]);
    let row = gradient + output * u.quads;
    a = fma(w, output_gradients[row], a);
    b = fma(w, output_gradients[row + 1u], b);
  }
  let x = (layer.input_rows_at + input) * u.quads + quad;
  input_gradients[x] = passed_back(a, inputs[x]);
  input_gradients[x + 1u] = passed_back(b, inputs[x + 1u]);
}
