// Passes the loss gradient back through one dense layer and the activation before it, for every network:
// dX[i][s] = activated'(Z[i][s]) * sum over o of W[o][i] dZ[o][s]. The derivative is computed from X.
//
// One invocation computes a register tile of 4 inputs x 8 samples. Each loop iteration handles one output: it reads one
// vec4f of weights and two of gradients for 32 multiply-adds. A vec4f of four pruned weights (zeros) is skipped.
// Padding inputs have weight 0 and get 0.
//
// Grid: x = pairs of sample quads, y = blocks of 4 inputs, z = networks.   Needs shared/network, an activation.

struct Uniforms {
  input_blocks: u32,              // blocks of 4 inputs, the last one padded
  outputs: u32,                   // output neurons
  quads: u32,                     // vec4f per row of samples, even
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

override workgroup_x: u32;
override workgroup_y: u32;

@compute @workgroup_size(workgroup_x, workgroup_y)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let quad = id.x * 2u;
  let input_block = id.y;
  let network = id.z;
  if (quad >= u.quads || input_block >= u.input_blocks) {
    return;
  }
  if (networks[network].running == 0u || networks[network].sparse == 1u) {
    return;
  }

  var a0 = vec4f(); var b0 = vec4f();
  var a1 = vec4f(); var b1 = vec4f();
  var a2 = vec4f(); var b2 = vec4f();
  var a3 = vec4f(); var b3 = vec4f();
  var weight = network * u.network_parameters + u.weight_offset + input_block;
  var gradient = network * u.network_output_gradients + quad;
  for (var output = 0u; output < u.outputs; output++) {
    let w = parameters[weight];
    weight += u.input_blocks;
    if (!any(w != vec4f())) {
      gradient += u.quads;
      continue;
    }
    let a = output_gradients[gradient];
    let b = output_gradients[gradient + 1u];
    a0 = fma(vec4f(w.x), a, a0);
    b0 = fma(vec4f(w.x), b, b0);
    a1 = fma(vec4f(w.y), a, a1);
    b1 = fma(vec4f(w.y), b, b1);
    a2 = fma(vec4f(w.z), a, a2);
    b2 = fma(vec4f(w.z), b, b2);
    a3 = fma(vec4f(w.w), a, a3);
    b3 = fma(vec4f(w.w), b, b3);
    gradient += u.quads;
  }

  let x = network * u.network_inputs + input_block * 4u * u.quads + quad;
  write_row(x, a0, b0);
  write_row(x + u.quads, a1, b1);
  write_row(x + 2u * u.quads, a2, b2);
  write_row(x + 3u * u.quads, a3, b3);
}

fn write_row(at: u32, a: vec4f, b: vec4f) {
  input_gradients[at] = passed_back(a, inputs[at]);
  input_gradients[at + 1u] = passed_back(b, inputs[at + 1u]);
}
