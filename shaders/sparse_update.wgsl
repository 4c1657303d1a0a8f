// Computes the gradient of one layer and takes the optimiser step in one pass over the kept edges, for every network in
// the list: dw = sum over s of dZ[o][s] X[i][s] for each edge, db[o] = sum over s of dZ[o][s].
// Pruned weights and biases are not written: they and their moments are 0 from the start of the level. Computes the same sums in
// the same order as dense_update.
//
// One invocation owns one edge, or one bias. Edge lists as in sparse_forward.
//
// Grid: the listed tiles of one invocation for each; x = edges of the layer, then its biases.
// Needs shared/network, shared/layers, shared/optimizer.

struct Uniforms {
  first_tile: u32,  // of this call, in the list
  tiles: u32,       // tiles of this call
  layer: u32,       // index of the layer
  layers: u32,      // layers of a network
  quads: u32,       // vec4f per row of samples
}

@group(0) @binding(0) var<uniform> u: Uniforms;
@group(0) @binding(1) var<storage, read> networks: array<Network>;
@group(0) @binding(2) var<storage, read> tiles: array<Tile>;
@group(0) @binding(3) var<storage, read> layers: array<Layer>;             // [network][layer]
@group(0) @binding(4) var<storage, read> edges: array<u32>;                // of each network [rows and bits of biases, columns, elements by output, outputs by input]
@group(0) @binding(5) var<storage, read> inputs: array<vec4f>;             // X of each network [input][quad]
@group(0) @binding(6) var<storage, read> output_gradients: array<vec4f>;   // dZ of each network [output][quad]
@group(0) @binding(7) var<storage, read_write> parameters: array<f32>;     // of each network
@group(0) @binding(8) var<storage, read_write> moments: array<f32>;        // of each network [first, second][parameter]

override workgroup_x: u32;

// Steps a parameter; `offset` counts elements within those of the network.
fn step_parameter(network: u32, layer: Layer, offset: u32, gradient: f32) {
  let size = step_size(network, networks[network].step);
  let at = layer.parameters_at * 4u + offset;
  let first = layer.parameters_at * 8u + offset;
  let second = first + layer.parameters * 4u;
  let stepped = optimize(vec4f(parameters[at]), vec4f(moments[first]), vec4f(moments[second]), vec4f(gradient), size);
  parameters[at] = stepped.parameter.x;
  moments[first] = stepped.first.x;
  moments[second] = stepped.second.x;
}

// The bits of the biases follow the rows of the layer.
fn is_bias_kept(layer: Layer, output: u32) -> bool {
  let word = edges[layer.edges_at + layer.rows_at + layer.outputs + 1u + output / 32u];
  return ((word >> (output % 32u)) & 1u) == 1u;
}

@compute @workgroup_size(workgroup_x)
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
  if (networks[tile.network].running == 0u) {
    return;
  }

  let gradients = layer.output_rows_at * u.quads;
  let rows = layer.edges_at + layer.rows_at;
  let index = tile.x * workgroup_x + local.x;
  let edge = edges[rows] + index;
  let end_edge = edges[rows + layer.outputs];
  var sum = 0.0;
  if (edge >= end_edge) {
    let output = edge - end_edge;
    if (output >= layer.outputs || !is_bias_kept(layer, output)) {
      return;
    }
    for (var quad = 0u; quad < u.quads; quad++) {
      let g = output_gradients[gradients + output * u.quads + quad];
      sum = (((sum + g.x) + g.y) + g.z) + g.w;
    }
    step_parameter(tile.network, layer, layer.biases_at * 4u + output, sum);
    return;
  }
  let element = edges[layer.edges_at + edge];
  let row_stride = blocks_of(layer.inputs) * 4u;
  let output = element / row_stride;
  let input = element % row_stride;
  let dz = gradients + output * u.quads;
  let x = (layer.input_rows_at + input) * u.quads;
  for (var quad = 0u; quad < u.quads; quad++) {
    let a = output_gradients[dz + quad];
    let b = inputs[x + quad];
    sum = fma(a.w, b.w, fma(a.z, b.z, fma(a.y, b.y, fma(a.x, b.x, sum))));
  }
  step_parameter(tile.network, layer, layer.weights_at * 4u + element, sum);
}
