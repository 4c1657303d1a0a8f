// Computes the gradient of one dense layer and takes the optimiser step in one pass, under the mask, for every network:
// dW[o][i] = sum over s of dZ[o][s] X[i][s], db[o] = sum over s of dZ[o][s]. There is no gradient buffer.
//
// It is the product of dZ (rows o) and X (columns i) over the samples s, in tiles: see shared/product. The biases are the
// weights of one more input, which is 1 for every sample; it is the first of the block after the last inputs.
// A pruned weight is written as 0 with zero moments, whatever its gradient, so it stays 0.
//
// Grid: x = tiles of inputs, y = tiles of outputs, z = networks.   Needs shared/network, shared/product, shared/optimizer.

struct Uniforms {
  input_blocks: u32,              // blocks of 4 inputs, the last one padded
  outputs: u32,                   // output neurons
  quads: u32,                     // vec4f per row of samples
  weight_offset: u32,             // vec4f to this layer's weights within a network's parameters
  bias_offset: u32,               // vec4f to this layer's biases
  mask_offset: u32,               // words to this layer's mask within a network's mask
  row_words: u32,                 // mask words per output
  network_parameters: u32,        // vec4f from one network's parameters to the next
  network_mask: u32,              // words from one network's mask to the next
  network_inputs: u32,            // vec4f from one network's inputs to the next
  network_output_gradients: u32,  // vec4f from one network's output gradients to the next
}

@group(0) @binding(0) var<uniform> u: Uniforms;
@group(0) @binding(1) var<storage, read> networks: array<Network>;
@group(0) @binding(2) var<storage, read> inputs: array<vec4f>;             // X [network][input][quad]
@group(0) @binding(3) var<storage, read> output_gradients: array<vec4f>;   // dZ [network][output, padded to 4][quad]
@group(0) @binding(4) var<storage, read> mask: array<u32>;                 // [network][output][input / 32]
@group(0) @binding(5) var<storage, read_write> parameters: array<vec4f>;   // [network][parameter]
@group(0) @binding(6) var<storage, read_write> moments: array<vec4f>;      // [network][first, second][parameter]

// Numbers of this step, the same for all parameters of the network.
var<private> size: StepSize;

// Gradients of 4 outputs and 4 samples. Rows past the last output repeat it; their sums are discarded.
fn left_block(network: u32, output_block: u32, quad: u32) -> mat4x4f {
  let dz = network * u.network_output_gradients + quad;
  let last = u.outputs - 1u;
  let output = output_block * 4u;
  return transpose(mat4x4f(
    output_gradients[dz + min(output, last) * u.quads],
    output_gradients[dz + min(output + 1u, last) * u.quads],
    output_gradients[dz + min(output + 2u, last) * u.quads],
    output_gradients[dz + min(output + 3u, last) * u.quads],
  ));
}

// Activations of 4 inputs and 4 samples.
fn right_block(network: u32, input_block: u32, quad: u32) -> mat4x4f {
  if (input_block >= u.input_blocks) {
    let bias_input = vec4f(f32(input_block == u.input_blocks), 0.0, 0.0, 0.0);
    return mat4x4f(bias_input, bias_input, bias_input, bias_input);
  }
  let x = network * u.network_inputs + input_block * 4u * u.quads + quad;
  return transpose(mat4x4f(inputs[x], inputs[x + u.quads], inputs[x + 2u * u.quads], inputs[x + 3u * u.quads]));
}

// Steps 4 parameters of which those with a bit are kept.
fn step_parameters(network: u32, offset: u32, gradient: vec4f, bits: u32) {
  let kept = (vec4u(bits) & vec4u(1u, 2u, 4u, 8u)) != vec4u();
  let at = network * u.network_parameters + offset;
  let first = network * 2u * u.network_parameters + offset;
  let second = first + u.network_parameters;
  let stepped = optimize(parameters[at], moments[first], moments[second], gradient, size);
  parameters[at] = select(vec4f(), stepped.parameter, kept);
  moments[first] = select(vec4f(), stepped.first, kept);
  moments[second] = select(vec4f(), stepped.second, kept);
}

fn finish(network: u32, output: u32, input_block: u32, result: u32) {
  if (output >= u.outputs || input_block > u.input_blocks) {
    return;
  }
  if (input_block < u.input_blocks) {
    let word = mask[network * u.network_mask + u.mask_offset + output * u.row_words + input_block / 8u];
    let weights = u.weight_offset + output * u.input_blocks + input_block;
    step_parameters(network, weights, sum_of(result), word >> (input_block % 8u * 4u));
  } else if (output % 4u == 0u) {
    // A padding bias stays 0 like a pruned weight.
    let gradient = vec4f(sum_of(result).x, sum_of(result + 32u).x, sum_of(result + 64u).x, sum_of(result + 96u).x);
    step_parameters(network, u.bias_offset + output / 4u, gradient, (1u << min(u.outputs - output, 4u)) - 1u);
  }
}

@compute @workgroup_size(workgroup_x)
fn main(@builtin(local_invocation_index) local: u32, @builtin(workgroup_id) tile: vec3u) {
  let network = tile.z;
  if (networks[network].running == 0u || networks[network].sparse == 1u) {
    return;
  }
  size = step_size(
    networks[network].step,
    networks[network].optimizer,
    networks[network].learning_rate,
    networks[network].weight_decay,
    networks[network].warmup_steps,
  );
  multiply(local, tile, u.quads);
}
