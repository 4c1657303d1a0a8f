// Rewinds one layer of one network: kept weights and all biases return to their initial values, pruned weights are exactly 0,
// and the optimiser forgets.
//
// One invocation rewinds 4 weights of a row, or 4 biases: the layer's weights come first, then its biases.
//
// Grid: x = vec4f of weights and biases of the layer.

struct Uniforms {
  network: u32,
  outputs: u32,             // output neurons
  input_blocks: u32,        // vec4f per row of weights
  row_words: u32,           // mask words per output
  weight_offset: u32,       // vec4f to the layer's weights within a network's parameters
  bias_offset: u32,         // vec4f to the layer's biases
  mask_offset: u32,         // words to the layer's mask within a network's mask
  network_parameters: u32,  // vec4f from one network's parameters to the next
  network_mask: u32,        // words from one network's mask to the next
}

@group(0) @binding(0) var<uniform> u: Uniforms;
@group(0) @binding(1) var<storage, read> mask: array<u32>;                        // [network][output][input / 32]
@group(0) @binding(2) var<storage, read> initial_parameters: array<vec4f>;        // [network][parameter]
@group(0) @binding(3) var<storage, read_write> parameters: array<vec4f>;          // [network][parameter]
@group(0) @binding(4) var<storage, read_write> moments: array<vec4f>;             // [network][first, second][parameter]

override workgroup_x: u32;

@compute @workgroup_size(workgroup_x)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let weight_blocks = u.outputs * u.input_blocks;
  if (id.x >= weight_blocks + (u.outputs + 3u) / 4u) {
    return;
  }
  var offset = u.bias_offset + id.x - weight_blocks;
  var kept = vec4<bool>(true);
  if (id.x < weight_blocks) {
    offset = u.weight_offset + id.x;
    let input_block = id.x % u.input_blocks;
    let word = mask[u.network * u.network_mask + u.mask_offset + (id.x / u.input_blocks) * u.row_words + input_block / 8u];
    kept = ((vec4u(word) >> (vec4u(0u, 1u, 2u, 3u) + (input_block % 8u) * 4u)) & vec4u(1u)) == vec4u(1u);
  }
  let at = u.network * u.network_parameters + offset;
  parameters[at] = select(vec4f(), initial_parameters[at], kept);
  let first = u.network * 2u * u.network_parameters + offset;
  moments[first] = vec4f();
  moments[first + u.network_parameters] = vec4f();
}
