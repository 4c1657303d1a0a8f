// Passes the loss gradient back through one dense layer and the activation before it, for every network:
// dX[i][s] = activated'(Z[i][s]) * sum over o of W[o][i] dZ[o][s]. The derivative is computed from X.
//
// It is the product of W (rows i) and dZ (columns s) over the outputs o, in tiles: see shared/product.
// Padding inputs have weight 0 and get 0.
//
// Grid: x = tiles of samples, y = tiles of inputs, z = networks.   Needs shared/network, shared/product, an activation.

struct Uniforms {
  input_blocks: u32,              // blocks of 4 inputs, the last one padded
  outputs: u32,                   // output neurons
  quads: u32,                     // vec4f per row of samples
  weight_offset: u32,             // vec4f to this layer's weights within a network's parameters
  network_parameters: u32,        // vec4f from one network's parameters to the next
  network_inputs: u32,            // vec4f from one network's inputs to the next, the same for activations and gradients
  network_output_gradients: u32,  // vec4f from one network's output gradients to the next
}

@group(0) @binding(0) var<uniform> u: Uniforms;
@group(0) @binding(1) var<storage, read> networks: array<Network>;
@group(0) @binding(2) var<storage, read> parameters: array<vec4f>;              // [network][parameter]
@group(0) @binding(3) var<storage, read> inputs: array<vec4f>;                  // X [network][input][quad], activated
@group(0) @binding(4) var<storage, read> output_gradients: array<vec4f>;        // dZ [network][output][quad]
@group(0) @binding(5) var<storage, read_write> input_gradients: array<vec4f>;   // dX [network][input][quad]

// Weights of 4 outputs and 4 inputs. Outputs past the last one count as 0 on both sides, whatever their rows hold.
fn left_block(network: u32, input_block: u32, output_block: u32) -> mat4x4f {
  if (input_block >= u.input_blocks) {
    return mat4x4f();
  }
  let output = output_block * 4u;
  let weights = network * u.network_parameters + u.weight_offset + output * u.input_blocks + input_block;
  var rows = mat4x4f(parameters[weights], vec4f(), vec4f(), vec4f());
  if (output + 1u < u.outputs) {
    rows[1] = parameters[weights + u.input_blocks];
  }
  if (output + 2u < u.outputs) {
    rows[2] = parameters[weights + 2u * u.input_blocks];
  }
  if (output + 3u < u.outputs) {
    rows[3] = parameters[weights + 3u * u.input_blocks];
  }
  return rows;
}

// Gradients of 4 outputs and 4 samples.
fn right_block(network: u32, quad: u32, output_block: u32) -> mat4x4f {
  if (quad >= u.quads) {
    return mat4x4f();
  }
  let output = output_block * 4u;
  let dz = network * u.network_output_gradients + output * u.quads + quad;
  var rows = mat4x4f(output_gradients[dz], vec4f(), vec4f(), vec4f());
  if (output + 1u < u.outputs) {
    rows[1] = output_gradients[dz + u.quads];
  }
  if (output + 2u < u.outputs) {
    rows[2] = output_gradients[dz + 2u * u.quads];
  }
  if (output + 3u < u.outputs) {
    rows[3] = output_gradients[dz + 3u * u.quads];
  }
  return rows;
}

fn finish(network: u32, input: u32, quad: u32, result: u32) {
  if (input >= 4u * u.input_blocks || quad >= u.quads) {
    return;
  }
  let at = network * u.network_inputs + input * u.quads + quad;
  input_gradients[at] = passed_back(sum_of(result), inputs[at]);
}

@compute @workgroup_size(workgroup_x)
fn main(@builtin(local_invocation_index) local: u32, @builtin(workgroup_id) tile: vec3u) {
  if (networks[tile.z].running == 0u || networks[tile.z].sparse == 1u) {
    return;
  }
  multiply(local, tile, (u.outputs + 3u) / 4u);
}
