// Computes one dense layer of every network in the list: Z[o][s] = b[o] + sum over i of W[o][i] X[i][s], then the
// activation where `activates` is 1.
//
// It is the product of W (rows o) and X (columns s) over the inputs i, in tiles: see shared/product.
// Pruned weights are stored as zeros, so no mask is read. Padding inputs have weight 0; padding outputs get 0.
//
// Grid: the listed tiles; x = tiles of samples, y = tiles of outputs.
// Needs shared/network, shared/layers, shared/product, an activation.

struct Uniforms {
  first_tile: u32,     // of this call, in the list
  tiles: u32,          // tiles of this call
  layer: u32,          // index of the layer
  layers: u32,         // layers of a network
  quads: u32,          // vec4f per row of samples
  activates: u32,      // 1: apply the activation
  shared_inputs: u32,  // 1: all networks read the same inputs, at row 0
}

@group(0) @binding(0) var<uniform> u: Uniforms;
@group(0) @binding(1) var<storage, read> networks: array<Network>;
@group(0) @binding(2) var<storage, read> tiles: array<Tile>;
@group(0) @binding(3) var<storage, read> layers: array<Layer>;          // [network][layer]
@group(0) @binding(4) var<storage, read> parameters: array<vec4f>;      // of each network
@group(0) @binding(5) var<storage, read> inputs: array<vec4f>;          // X of each network [input][quad]
@group(0) @binding(6) var<storage, read_write> outputs: array<vec4f>;   // Z of each network [output, padded to 4][quad]

var<private> layer: Layer;

// Weights of 4 outputs and 4 inputs. Rows past the last output repeat it; their sums are discarded.
fn left_block(output_block: u32, input_block: u32) -> mat4x4f {
  let input_blocks = blocks_of(layer.inputs);
  let weights = layer.parameters_at + layer.weights_at + input_block;
  let last = layer.outputs - 1u;
  let output = output_block * 4u;
  return transpose(mat4x4f(
    parameters[weights + min(output, last) * input_blocks],
    parameters[weights + min(output + 1u, last) * input_blocks],
    parameters[weights + min(output + 2u, last) * input_blocks],
    parameters[weights + min(output + 3u, last) * input_blocks],
  ));
}

// Activations of 4 inputs and 4 samples.
fn right_block(quad: u32, input_block: u32) -> mat4x4f {
  if (quad >= u.quads) {
    return mat4x4f();
  }
  let x = (layer.input_rows_at + input_block * 4u) * u.quads + quad;
  return mat4x4f(inputs[x], inputs[x + u.quads], inputs[x + 2u * u.quads], inputs[x + 3u * u.quads]);
}

fn finish(output: u32, quad: u32, result: u32) {
  if (output >= blocks_of(layer.outputs) * 4u || quad >= u.quads) {
    return;
  }
  let bias = parameters[layer.parameters_at + layer.biases_at + output / 4u][output % 4u];
  var z = sum_of(result) + bias;
  if (u.activates == 1u) {
    z = activated(z);
  }
  outputs[(layer.output_rows_at + output) * u.quads + quad] = select(vec4f(), z, output < layer.outputs);
}

@compute @workgroup_size(workgroup_x)
fn main(
  @builtin(local_invocation_index) local: u32,
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
) {
  let tile = tile_of(group, groups);
  if (tile.network == no_network) {
    return;
  }
  if (networks[tile.network].running == 0u) {
    return;
  }
  let own = layers[tile.network * u.layers + u.layer];
  layer = own;
  if (u.shared_inputs == 1u) {
    layer.input_rows_at = 0u;
  }
  multiply(local, vec2u(tile.x, tile.y), blocks_of(own.inputs));
}
