// The next mask of one layer of one network: clears the bit of every kept weight that a finished selection sends away,
// those with (|w|, index) at or below the selection's.
//
// Grid: x = mask words of the layer, one invocation each.   Needs shared/philox, shared/ranking, shared/selection.

struct Uniforms {
  network: u32,
  selection: u32,           // which selection this layer takes part in
  layer_words: u32,         // mask words of the layer
  row_words: u32,           // mask words per output
  input_blocks: u32,        // vec4f per row of weights
  weight_offset: u32,       // vec4f to the layer's weights within a network's parameters
  mask_offset: u32,         // words to the layer's mask within a network's mask
  network_parameters: u32,  // vec4f from one network's parameters to the next
  network_mask: u32,        // words from one network's mask to the next
  criterion: u32,           // 0 magnitude, 1 random
  seed: u32,                // of the random criterion
  level: u32,               // of the random criterion
}

@group(0) @binding(0) var<uniform> u: Uniforms;
@group(0) @binding(1) var<storage, read> parameters: array<vec4f>;      // [network][parameter], as trained
@group(0) @binding(2) var<storage, read> selections: array<Selection>;
@group(0) @binding(3) var<storage, read_write> mask: array<u32>;        // [network][output][input / 32]

override workgroup_x: u32;

@compute @workgroup_size(workgroup_x)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let word = id.x;
  if (word >= u.layer_words) {
    return;
  }
  let selection = selections[u.selection];
  let at = u.network * u.network_mask + u.mask_offset + word;
  let bits = mask[at];
  let input_block = (word % u.row_words) * 8u;
  let weights = u.network * u.network_parameters + u.weight_offset + (word / u.row_words) * u.input_blocks + input_block;
  var kept = bits;
  for (var bit = 0u; bit < 32u; bit++) {
    if (((bits >> bit) & 1u) == 0u) {
      continue;
    }
    let index = (u.mask_offset + word) * 32u + bit;
    let rank = rank_bits(parameters[weights + bit / 4u][bit % 4u], index, u.criterion, u.seed, u.level);
    if (rank < selection.magnitude || (rank == selection.magnitude && index <= selection.index)) {
      kept &= ~(1u << bit);
    }
  }
  mask[at] = kept;
}
