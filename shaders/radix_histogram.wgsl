// One counting pass of the radix select (shared/selection.wgsl) over one layer of one network: adds, for each digit
// value, the number of kept weights that are still candidates.
//
// Counts are integers, so the order of the atomic additions does not matter. They are added directly to the one
// histogram: adding them in workgroup memory first took twice as long on SwiftShader (its barriers are slow), and after
// pass 0 few candidates remain.
//
// Grid: x = mask words of the layer, one invocation each.   Needs shared/philox, a criterion, shared/selection.

struct Uniforms {
  selection: u32,           // index of the selection that ranks this layer
  radix_pass: u32,          // radix pass, 0 to 3
  layer_words: u32,         // mask words of the layer
  row_words: u32,           // mask words per output
  input_blocks: u32,        // vec4f per row of weights
  weights_at: u32,          // vec4f to the layer's weights
  mask_offset: u32,         // words to the layer's mask within the network's mask: indices count from there
  mask_at: u32,             // words to the network's mask
  scale: f32,               // factor of the layer's scores
  seed: u32,                // model seed
  level: u32,               // level that the new mask will train
}

@group(0) @binding(0) var<uniform> u: Uniforms;
@group(0) @binding(1) var<storage, read> parameters: array<vec4f>;                // of each network, as trained
@group(0) @binding(2) var<storage, read> mask: array<u32>;                        // of each network [output][input / 32]
@group(0) @binding(3) var<storage, read> selections: array<Selection>;
@group(0) @binding(4) var<storage, read_write> histogram: array<atomic<u32>>;     // [selection][bin]

override workgroup_x: u32;

fn count_one(digit: u32) {
  atomicAdd(&histogram[u.selection * histogram_bins + digit], 1u);
}

@compute @workgroup_size(workgroup_x)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let word = id.x;
  if (word >= u.layer_words) {
    return;
  }
  let selection = selections[u.selection];
  if (selection.settled == 1u) {
    return;
  }
  let shift = digit_shift[u.radix_pass];
  let by_index = u.radix_pass >= 2u;
  // A candidate's bits above this pass's digit (mask `fixed_above`) equal those fixed so far (`fixed`).
  let fixed_above = select(~0u << (shift + digit_bits), 0u, shift + digit_bits == 32u);
  let fixed = select(selection.key, selection.index, by_index) & fixed_above;

  let kept = mask[u.mask_at + u.mask_offset + word];
  let input_block = (word % u.row_words) * 8u;
  let weights = u.weights_at + (word / u.row_words) * u.input_blocks + input_block;
  let blocks = min(8u, u.input_blocks - input_block);
  for (var b = 0u; b < blocks; b++) {
    if (((kept >> (b * 4u)) & 15u) == 0u) {
      continue;
    }
    let index = (u.mask_offset + word) * 32u + b * 4u + vec4u(0u, 1u, 2u, 3u);
    var key = rank_keys(parameters[weights + b], index);
    var candidate = kept_lanes(kept, b * 4u);
    if (by_index) {
      candidate &= key == vec4u(selection.key);
      key = index;
    }
    candidate &= (key & vec4u(fixed_above)) == vec4u(fixed);
    if (!any(candidate)) {
      continue;
    }
    let digit = (key >> vec4u(shift)) & vec4u(histogram_bins - 1u);
    if (candidate.x) {
      count_one(digit.x);
    }
    if (candidate.y) {
      count_one(digit.y);
    }
    if (candidate.z) {
      count_one(digit.z);
    }
    if (candidate.w) {
      count_one(digit.w);
    }
  }
}
