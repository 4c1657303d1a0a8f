// Computes the gradient of one dense layer and takes the optimiser step in one pass, under the mask, for every network in
// the list: dW[o][i] = sum over s of dZ[o][s] X[i][s], db[o] = sum over s of dZ[o][s]. There is no gradient buffer.
//
// It is the product of dZ (rows o) and X (columns i) over the samples s, in tiles: see shared/product. The biases are the
// weights of one more input, which is 1 for every sample; it is the first of the block after the last inputs.
// A pruned weight or bias is written as 0 with zero moments, whatever its gradient, so it stays 0.
//
// Grid: the listed tiles; x = tiles of inputs, y = tiles of outputs.
// Needs shared/network, shared/layers, shared/product, shared/optimizer.

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
@group(0) @binding(4) var<storage, read> inputs: array<vec4f>;             // X of each network [input][quad]
@group(0) @binding(5) var<storage, read> output_gradients: array<vec4f>;   // dZ of each network [output, padded to 4][quad]
@group(0) @binding(6) var<storage, read> mask: array<u32>;                 // of each network: of each layer [output][input / 32], then of each layer [output / 32]
@group(0) @binding(7) var<storage, read_write> parameters: array<vec4f>;   // of each network
@group(0) @binding(8) var<storage, read_write> moments: array<vec4f>;      // of each network [first, second][parameter]

var<private> layer: Layer;
// Numbers of this step, the same for all parameters of the network.
var<private> size: StepSize;

// Gradients of 4 outputs and 4 samples. Rows past the last output repeat it; their sums are discarded.
fn left_block(output_block: u32, quad: u32) -> mat4x4f {
  let last = layer.outputs - 1u;
  let output = output_block * 4u;
  let dz = layer.output_rows_at * u.quads + quad;
  return transpose(mat4x4f(
    output_gradients[dz + min(output, last) * u.quads],
    output_gradients[dz + min(output + 1u, last) * u.quads],
    output_gradients[dz + min(output + 2u, last) * u.quads],
    output_gradients[dz + min(output + 3u, last) * u.quads],
  ));
}

// Activations of 4 inputs and 4 samples.
fn right_block(input_block: u32, quad: u32) -> mat4x4f {
  let input_blocks = blocks_of(layer.inputs);
  if (input_block >= input_blocks) {
    let bias_input = vec4f(f32(input_block == input_blocks), 0.0, 0.0, 0.0);
    return mat4x4f(bias_input, bias_input, bias_input, bias_input);
  }
  let x = (layer.input_rows_at + input_block * 4u) * u.quads + quad;
  return transpose(mat4x4f(inputs[x], inputs[x + u.quads], inputs[x + 2u * u.quads], inputs[x + 3u * u.quads]));
}

// Steps 4 parameters of which those with a bit are kept.
fn step_parameters(offset: u32, gradient: vec4f, bits: u32) {
  let kept = (vec4u(bits) & vec4u(1u, 2u, 4u, 8u)) != vec4u();
  let at = layer.parameters_at + offset;
  let first = 2u * layer.parameters_at + offset;
  let second = first + layer.parameters;
  let stepped = optimize(parameters[at], moments[first], moments[second], gradient, size);
  parameters[at] = select(vec4f(), stepped.parameter, kept);
  moments[first] = select(vec4f(), stepped.first, kept);
  moments[second] = select(vec4f(), stepped.second, kept);
}

fn finish(output: u32, input_block: u32, result: u32) {
  let input_blocks = blocks_of(layer.inputs);
  if (output >= layer.outputs || input_block > input_blocks) {
    return;
  }
  if (input_block < input_blocks) {
    let row_words = (layer.inputs + 31u) / 32u;
    let word = mask[layer.mask_at + output * row_words + input_block / 8u];
    let weights = layer.weights_at + output * input_blocks + input_block;
    step_parameters(weights, sum_of(result), word >> (input_block % 8u * 4u));
  } else if (output % 4u == 0u) {
    // Bits of padding are 0, so a padding bias stays 0 like a pruned one.
    let word = mask[layer.bias_mask_at + output / 32u];
    let gradient = vec4f(sum_of(result).x, sum_of(result + 32u).x, sum_of(result + 64u).x, sum_of(result + 96u).x);
    step_parameters(layer.biases_at + output / 4u, gradient, word >> (output % 32u));
  }
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
  layer = layers[tile.network * u.layers + u.layer];
  size = step_size(tile.network, networks[tile.network].step);
  multiply(local, vec2u(tile.x, tile.y), u.quads);
}
