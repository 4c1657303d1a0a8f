// Computes one dense layer of every network: Z[o][s] = b[o] + sum over i of W[o][i] X[i][s], then the activation where
// `activates` is 1.
//
// It is the product of W (rows o) and X (columns s) over the inputs i, in tiles: see shared/product.
// Pruned weights are stored as zeros, so no mask is read. Padding inputs have weight 0; padding outputs get 0.
//
// Grid: x = tiles of samples, y = tiles of outputs, z = networks.   Needs shared/network, shared/product, an activation.

struct Uniforms {
  input_blocks: u32,        // blocks of 4 inputs, the last one padded
  outputs: u32,             // output neurons
  quads: u32,               // vec4f per row of samples
  activates: u32,           // 1: apply the activation
  weight_offset: u32,       // vec4f to this layer's weights within a network's parameters
  bias_offset: u32,         // vec4f to this layer's biases
  network_parameters: u32,  // vec4f from one network's parameters to the next
  network_inputs: u32,      // vec4f from one network's inputs to the next, 0 when all share them
  network_outputs: u32,     // vec4f from one network's outputs to the next
}

@group(0) @binding(0) var<uniform> u: Uniforms;
@group(0) @binding(1) var<storage, read> networks: array<Network>;
@group(0) @binding(2) var<storage, read> parameters: array<vec4f>;      // [network][parameter]
@group(0) @binding(3) var<storage, read> inputs: array<vec4f>;          // X [network][input][quad]
@group(0) @binding(4) var<storage, read_write> outputs: array<vec4f>;   // Z [network][output, padded to 4][quad]

// Weights of 4 outputs and 4 inputs. Rows past the last output repeat it; their sums are discarded.
fn left_block(network: u32, output_block: u32, input_block: u32) -> mat4x4f {
  let weights = network * u.network_parameters + u.weight_offset + input_block;
  let last = u.outputs - 1u;
  let output = output_block * 4u;
  return transpose(mat4x4f(
    parameters[weights + min(output, last) * u.input_blocks],
    parameters[weights + min(output + 1u, last) * u.input_blocks],
    parameters[weights + min(output + 2u, last) * u.input_blocks],
    parameters[weights + min(output + 3u, last) * u.input_blocks],
  ));
}

// Activations of 4 inputs and 4 samples.
fn right_block(network: u32, quad: u32, input_block: u32) -> mat4x4f {
  if (quad >= u.quads) {
    return mat4x4f();
  }
  let x = network * u.network_inputs + input_block * 4u * u.quads + quad;
  return mat4x4f(inputs[x], inputs[x + u.quads], inputs[x + 2u * u.quads], inputs[x + 3u * u.quads]);
}

fn finish(network: u32, output: u32, quad: u32, result: u32) {
  if (output >= (u.outputs + 3u) / 4u * 4u || quad >= u.quads) {
    return;
  }
  let bias = parameters[network * u.network_parameters + u.bias_offset + output / 4u][output % 4u];
  var z = sum_of(result) + bias;
  if (u.activates == 1u) {
    z = activated(z);
  }
  outputs[network * u.network_outputs + output * u.quads + quad] = select(vec4f(), z, output < u.outputs);
}

@compute @workgroup_size(workgroup_x)
fn main(@builtin(local_invocation_index) local: u32, @builtin(workgroup_id) tile: vec3u) {
  if (networks[tile.z].running == 0u || networks[tile.z].sparse == 1u) {
    return;
  }
  multiply(local, tile, u.input_blocks);
}
