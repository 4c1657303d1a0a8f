// Computes one dense layer of every network: Z[o][s] = b[o] + sum over i of W[o][i] X[i][s], then the activation where
// `activates` is 1.
//
// One invocation computes a register tile of 4 outputs x 8 samples. Each loop iteration handles 4 inputs:
//
//              X  2 vec4f of samples x 4 inputs        8 loads
//   W 4 x vec4f of inputs  ->  tile 4 x 2 vec4f        4 loads, 128 multiply-adds
//
// Pruned weights are stored as zeros, so no mask is read. A block of 4 x 4 zeros is skipped: the test costs little in a
// dense network and saves most of the work in a sparse one. Padding inputs have weight 0; padding outputs get 0.
// bench/NOTES.md compares this tile with other sizes on a product of 1024^3.
//
// Grid: x = pairs of sample quads, y = blocks of 4 outputs, z = networks.   Needs shared/network, an activation.

struct Uniforms {
  input_blocks: u32,        // blocks of 4 inputs, the last one padded
  outputs: u32,             // output neurons
  quads: u32,               // vec4f per row of samples, even
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

override workgroup_x: u32;
override workgroup_y: u32;

fn accumulate(sum: vec4f, w: vec4f, x0: vec4f, x1: vec4f, x2: vec4f, x3: vec4f) -> vec4f {
  return fma(vec4f(w.w), x3, fma(vec4f(w.z), x2, fma(vec4f(w.y), x1, fma(vec4f(w.x), x0, sum))));
}

@compute @workgroup_size(workgroup_x, workgroup_y)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let quad = id.x * 2u;
  let output = id.y * 4u;
  let network = id.z;
  if (quad >= u.quads || output >= u.outputs) {
    return;
  }
  if (networks[network].running == 0u || networks[network].sparse == 1u) {
    return;
  }

  let parameter_base = network * u.network_parameters;
  let bias = parameters[parameter_base + u.bias_offset + id.y];
  var a0 = vec4f(bias.x); var b0 = a0;
  var a1 = vec4f(bias.y); var b1 = a1;
  var a2 = vec4f(bias.z); var b2 = a2;
  var a3 = vec4f(bias.w); var b3 = a3;

  // Rows past the last output repeat it; their sums are discarded below.
  let last = u.outputs - 1u;
  let weights = parameter_base + u.weight_offset;
  let row0 = weights + output * u.input_blocks;
  let row1 = weights + min(output + 1u, last) * u.input_blocks;
  let row2 = weights + min(output + 2u, last) * u.input_blocks;
  let row3 = weights + min(output + 3u, last) * u.input_blocks;
  var x = network * u.network_inputs + quad;
  for (var input_block = 0u; input_block < u.input_blocks; input_block++) {
    let w0 = parameters[row0 + input_block];
    let w1 = parameters[row1 + input_block];
    let w2 = parameters[row2 + input_block];
    let w3 = parameters[row3 + input_block];
    if (!any((abs(w0) + abs(w1) + abs(w2) + abs(w3)) != vec4f())) {
      x += 4u * u.quads;
      continue;
    }
    let x0 = inputs[x];
    let y0 = inputs[x + 1u];
    x += u.quads;
    let x1 = inputs[x];
    let y1 = inputs[x + 1u];
    x += u.quads;
    let x2 = inputs[x];
    let y2 = inputs[x + 1u];
    x += u.quads;
    let x3 = inputs[x];
    let y3 = inputs[x + 1u];
    x += u.quads;

    a0 = accumulate(a0, w0, x0, x1, x2, x3);
    b0 = accumulate(b0, w0, y0, y1, y2, y3);
    a1 = accumulate(a1, w1, x0, x1, x2, x3);
    b1 = accumulate(b1, w1, y0, y1, y2, y3);
    a2 = accumulate(a2, w2, x0, x1, x2, x3);
    b2 = accumulate(b2, w2, y0, y1, y2, y3);
    a3 = accumulate(a3, w3, x0, x1, x2, x3);
    b3 = accumulate(b3, w3, y0, y1, y2, y3);
  }

  let z = network * u.network_outputs + output * u.quads + quad;
  write_row(z, output, a0, b0);
  write_row(z + u.quads, output + 1u, a1, b1);
  write_row(z + 2u * u.quads, output + 2u, a2, b2);
  write_row(z + 3u * u.quads, output + 3u, a3, b3);
}

fn write_row(at: u32, output: u32, a: vec4f, b: vec4f) {
  var first = a;
  var second = b;
  if (u.activates == 1u) {
    first = activated(first);
    second = activated(second);
  }
  outputs[at] = select(vec4f(), first, output < u.outputs);
  outputs[at + 1u] = select(vec4f(), second, output < u.outputs);
}
