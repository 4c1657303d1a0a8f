// One counting pass of the radix select (shared/selection.wgsl) over one layer of one network: adds, for each digit value,
// the number of kept weights that are still candidates.
//
// One invocation walks mask words a workgroup's width apart, 32 weights each. Counts gather in workgroup memory first; they are
// integers, so the order of the atomic additions does not matter.
//
// Grid: x = chunks of workgroup_x * words_per_invocation mask words.   Needs shared/philox, shared/ranking, shared/selection.

struct Uniforms {
  network: u32,
  selection: u32,           // which selection this layer takes part in
  radix_pass: u32,          // radix pass, 0 to 5
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
@group(0) @binding(1) var<storage, read> parameters: array<vec4f>;                // [network][parameter]
@group(0) @binding(2) var<storage, read> mask: array<u32>;                        // [network][output][input / 32]
@group(0) @binding(3) var<storage, read> selections: array<Selection>;
@group(0) @binding(4) var<storage, read_write> histogram: array<atomic<u32>>;     // [selection][bin]

override workgroup_x: u32;
override words_per_invocation: u32;

var<workgroup> local_histogram: array<atomic<u32>, histogram_bins>;

@compute @workgroup_size(workgroup_x)
fn main(@builtin(local_invocation_index) local: u32, @builtin(workgroup_id) group: vec3u) {
  let selection = selections[u.selection];
  let counts = selection.settled == 0u;
  for (var bin = local; bin < histogram_bins; bin += workgroup_x) {
    atomicStore(&local_histogram[bin], 0u);
  }
  workgroupBarrier();

  let shift = digit_shift[u.radix_pass];
  let digit_mask = (1u << digit_bits[u.radix_pass]) - 1u;
  let by_index = u.radix_pass >= 3u;
  // What the bits above this pass's digit must be for a weight to be a candidate still.
  let fixed_above = select(~0u << (shift + digit_bits[u.radix_pass]), 0u, u.radix_pass == 0u || u.radix_pass == 3u);
  let fixed = select(selection.magnitude, selection.index, by_index) & fixed_above;
  if (counts) {
    let first = group.x * workgroup_x * words_per_invocation + local;
    for (var k = 0u; k < words_per_invocation; k++) {
      let word = first + k * workgroup_x;
      if (word >= u.layer_words) {
        break;
      }
      let bits = mask[u.network * u.network_mask + u.mask_offset + word];
      if (bits == 0u) {
        continue;
      }
      let row = word / u.row_words;
      let input_block = (word % u.row_words) * 8u;
      let weights = u.network * u.network_parameters + u.weight_offset + row * u.input_blocks + input_block;
      let last_block = min(8u, u.input_blocks - input_block);
      for (var b = 0u; b < last_block; b++) {
        let four = parameters[weights + b];
        for (var lane = 0u; lane < 4u; lane++) {
          let bit = b * 4u + lane;
          if (((bits >> bit) & 1u) == 0u) {
            continue;
          }
          let index = (u.mask_offset + word) * 32u + bit;
          let rank = rank_bits(four[lane], index, u.criterion, u.seed, u.level);
          if (by_index && rank != selection.magnitude) {
            continue;
          }
          let key = select(rank, index, by_index);
          if ((key & fixed_above) == fixed) {
            atomicAdd(&local_histogram[(key >> shift) & digit_mask], 1u);
          }
        }
      }
    }
  }
  workgroupBarrier();

  for (var bin = local; bin < histogram_bins; bin += workgroup_x) {
    let count = atomicLoad(&local_histogram[bin]);
    if (count > 0u) {
      atomicAdd(&histogram[u.selection * histogram_bins + bin], count);
    }
  }
}
