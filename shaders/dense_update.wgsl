// Computes the gradient of one dense layer and takes the optimiser step in one pass, under the mask, for every network:
// dW[o][i] = sum over s of dZ[o][s] X[i][s], db[o] = sum over s of dZ[o][s]. There is no gradient buffer.
//
// One invocation owns a tile of 4 outputs x 4 inputs. Each loop iteration handles 4 samples, one after the other: 8
// vec4f loads for 64 multiply-adds. The invocation of input block 0 also steps the 4 biases.
// A pruned weight is written as 0 with zero moments, whatever its gradient, so it stays 0. A tile without a kept weight
// or a bias sums no gradient.
//
// Grid: x = tiles, row by row, z = networks.   Needs shared/network, shared/optimizer.

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

override workgroup_x: u32;

// Adds 4 samples to the gradients of one output's 4 inputs, one sample after the other.
fn accumulate(sum: vec4f, g: vec4f, x: mat4x4f) -> vec4f {
  return fma(vec4f(g.w), x[3], fma(vec4f(g.z), x[2], fma(vec4f(g.y), x[1], fma(vec4f(g.x), x[0], sum))));
}

fn step_parameters(network: u32, offset: u32, size: StepSize, gradient: vec4f, bits: u32) {
  let kept = (vec4u(bits) & vec4u(1u, 2u, 4u, 8u)) != vec4u();
  let at = network * u.network_parameters + offset;
  let first = network * 2u * u.network_parameters + offset;
  let second = first + u.network_parameters;
  let stepped = optimize(parameters[at], moments[first], moments[second], gradient, size);
  parameters[at] = select(vec4f(), stepped.parameter, kept);
  moments[first] = select(vec4f(), stepped.first, kept);
  moments[second] = select(vec4f(), stepped.second, kept);
}

// Mask bits of 4 inputs of one output.
fn kept_bits(network: u32, output: u32, input_block: u32) -> u32 {
  let word = mask[network * u.network_mask + u.mask_offset + output * u.row_words + input_block / 8u];
  return (word >> ((input_block % 8u) * 4u)) & 15u;
}

@compute @workgroup_size(workgroup_x)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let input_block = id.x % u.input_blocks;
  let output = id.x / u.input_blocks * 4u;
  let network = id.z;
  if (output >= u.outputs) {
    return;
  }
  if (networks[network].running == 0u || networks[network].sparse == 1u) {
    return;
  }

  // Rows past the last output are padding. They are summed, which costs nothing, but not stepped.
  let rows = min(u.outputs - output, 4u);
  let last = u.outputs - 1u;
  let kept = vec4u(
    kept_bits(network, output, input_block),
    kept_bits(network, min(output + 1u, last), input_block),
    kept_bits(network, min(output + 2u, last), input_block),
    kept_bits(network, min(output + 3u, last), input_block),
  );
  let has_biases = input_block == 0u;
  let quads = select(0u, u.quads, has_biases || any(kept != vec4u()));
  let g0 = network * u.network_output_gradients + output * u.quads;
  let g1 = g0 + u.quads;
  let g2 = g1 + u.quads;
  let g3 = g2 + u.quads;
  let x0 = network * u.network_inputs + input_block * 4u * u.quads;
  let x1 = x0 + u.quads;
  let x2 = x1 + u.quads;
  let x3 = x2 + u.quads;

  var w0 = vec4f();
  var w1 = vec4f();
  var w2 = vec4f();
  var w3 = vec4f();
  var biases = vec4f();
  for (var quad = 0u; quad < quads; quad++) {
    let x = transpose(mat4x4f(inputs[x0 + quad], inputs[x1 + quad], inputs[x2 + quad], inputs[x3 + quad]));
    let a = output_gradients[g0 + quad];
    w0 = accumulate(w0, a, x);
    let b = output_gradients[g1 + quad];
    w1 = accumulate(w1, b, x);
    let c = output_gradients[g2 + quad];
    w2 = accumulate(w2, c, x);
    let d = output_gradients[g3 + quad];
    w3 = accumulate(w3, d, x);
    let g = transpose(mat4x4f(a, b, c, d));
    biases = (((biases + g[0]) + g[1]) + g[2]) + g[3];
  }

  // One iteration for each row of weights, then one for the biases. Without the loop a software adapter compiles 56 kB
  // of code and waits for instruction fetches. A padding bias stays 0 like a pruned weight.
  let size = step_size(
    networks[network].step,
    networks[network].optimizer,
    networks[network].learning_rate,
    networks[network].weight_decay,
    networks[network].warmup_steps,
  );
  let turns = rows + u32(has_biases);
  for (var row = 0u; row < turns; row++) {
    let is_bias = row == rows;
    var gradient = select(w0, w1, row == 1u);
    gradient = select(gradient, w2, row == 2u);
    gradient = select(gradient, w3, row == 3u);
    gradient = select(gradient, biases, is_bias);
    let weights = u.weight_offset + (output + row) * u.input_blocks + input_block;
    let offset = select(weights, u.bias_offset + output / 4u, is_bias);
    let bits = select(kept[min(row, 3u)], (1u << rows) - 1u, is_bias);
    step_parameters(network, offset, size, gradient, bits);
  }
}
