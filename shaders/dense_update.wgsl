// Gradient of one dense layer and its optimiser step in one pass, under the mask, for every network:
// dW[o][i] = sum over s of dZ[o][s] X[i][s], db[o] = sum over s of dZ[o][s]; no gradient buffer.
//
// One invocation owns a tile of 4 outputs x 4 inputs. Each turn of its loop takes 4 samples: 8 vec4f loads for 64
// multiply-adds, lanes summed at the end. The invocation of input block 0 steps the 4 biases as well.
// A pruned weight is written as 0 with zero moments, whatever its gradient: it never moves. A tile without a kept weight
// sums no gradient.
//
// Grid: x = tiles, row of tiles by row of tiles, z = networks.   Needs shared/network, shared/optimizer.

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
@group(0) @binding(3) var<storage, read> output_gradients: array<vec4f>;   // dZ [network][output][quad]
@group(0) @binding(4) var<storage, read> mask: array<u32>;                 // [network][output][input / 32]
@group(0) @binding(5) var<storage, read_write> parameters: array<vec4f>;   // [network][parameter]
@group(0) @binding(6) var<storage, read_write> moments: array<vec4f>;      // [network][first, second][parameter]

override workgroup_x: u32;

fn sums(a: vec4f, b: vec4f, c: vec4f, d: vec4f) -> vec4f {
  let t = transpose(mat4x4f(a, b, c, d));
  return (t[0] + t[1]) + (t[2] + t[3]);
}

fn step_parameters(network: u32, offset: u32, size: StepSize, gradient: vec4f, kept: vec4<bool>) {
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

fn step_row(network: u32, output: u32, input_block: u32, size: StepSize, bits: u32, gradient: vec4f) {
  if (output >= u.outputs) {
    return;
  }
  let kept = (vec4u(bits) & vec4u(1u, 2u, 4u, 8u)) != vec4u();
  step_parameters(network, u.weight_offset + output * u.input_blocks + input_block, size, gradient, kept);
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

  // Rows past the last output repeat it; step_row passes over them.
  let last = u.outputs - 1u;
  let gradients = network * u.network_output_gradients;
  let kept0 = kept_bits(network, output, input_block);
  let kept1 = kept_bits(network, min(output + 1u, last), input_block);
  let kept2 = kept_bits(network, min(output + 2u, last), input_block);
  let kept3 = kept_bits(network, min(output + 3u, last), input_block);
  let quads = select(u.quads, 0u, (kept0 | kept1 | kept2 | kept3) == 0u);
  let g0 = gradients + output * u.quads;
  let g1 = gradients + min(output + 1u, last) * u.quads;
  let g2 = gradients + min(output + 2u, last) * u.quads;
  let g3 = gradients + min(output + 3u, last) * u.quads;
  let x0 = network * u.network_inputs + input_block * 4u * u.quads;
  let x1 = x0 + u.quads;
  let x2 = x1 + u.quads;
  let x3 = x2 + u.quads;

  var s00 = vec4f(); var s01 = vec4f(); var s02 = vec4f(); var s03 = vec4f();
  var s10 = vec4f(); var s11 = vec4f(); var s12 = vec4f(); var s13 = vec4f();
  var s20 = vec4f(); var s21 = vec4f(); var s22 = vec4f(); var s23 = vec4f();
  var s30 = vec4f(); var s31 = vec4f(); var s32 = vec4f(); var s33 = vec4f();
  for (var quad = 0u; quad < quads; quad++) {
    let xa = inputs[x0 + quad];
    let xb = inputs[x1 + quad];
    let xc = inputs[x2 + quad];
    let xd = inputs[x3 + quad];
    let da = output_gradients[g0 + quad];
    s00 = fma(da, xa, s00); s01 = fma(da, xb, s01); s02 = fma(da, xc, s02); s03 = fma(da, xd, s03);
    let db = output_gradients[g1 + quad];
    s10 = fma(db, xa, s10); s11 = fma(db, xb, s11); s12 = fma(db, xc, s12); s13 = fma(db, xd, s13);
    let dc = output_gradients[g2 + quad];
    s20 = fma(dc, xa, s20); s21 = fma(dc, xb, s21); s22 = fma(dc, xc, s22); s23 = fma(dc, xd, s23);
    let dd = output_gradients[g3 + quad];
    s30 = fma(dd, xa, s30); s31 = fma(dd, xb, s31); s32 = fma(dd, xc, s32); s33 = fma(dd, xd, s33);
  }
  let size = step_size(networks[network].step, networks[network].optimizer, networks[network].learning_rate);
  step_row(network, output, input_block, size, kept0, sums(s00, s01, s02, s03));
  step_row(network, output + 1u, input_block, size, kept1, sums(s10, s11, s12, s13));
  step_row(network, output + 2u, input_block, size, kept2, sums(s20, s21, s22, s23));
  step_row(network, output + 3u, input_block, size, kept3, sums(s30, s31, s32, s33));

  if (input_block == 0u) {
    var b0 = vec4f(); var b1 = vec4f(); var b2 = vec4f(); var b3 = vec4f();
    for (var quad = 0u; quad < u.quads; quad++) {
      b0 += output_gradients[g0 + quad];
      b1 += output_gradients[g1 + quad];
      b2 += output_gradients[g2 + quad];
      b3 += output_gradients[g3 + quad];
    }
    // A padding bias is held at 0 like a pruned weight.
    let real = vec4u(output) + vec4u(0u, 1u, 2u, 3u) < vec4u(u.outputs);
    step_parameters(network, u.bias_offset + output / 4u, size, sums(b0, b1, b2, b3), real);
  }
}
