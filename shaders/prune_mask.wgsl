// Computes the next mask of one layer of one network: clears the bit of every kept weight whose (key, index) is at or
// below that of a finished selection.
//
// Grid: x = mask words of the layer, one invocation each.   Needs shared/philox, a criterion, shared/selection.

struct Uniforms {
  selection: u32,           // index of the selection that ranks this layer
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
@group(0) @binding(1) var<storage, read> parameters: array<vec4f>;      // of each network, as trained
@group(0) @binding(2) var<storage, read> selections: array<Selection>;
@group(0) @binding(3) var<storage, read_write> mask: array<u32>;        // of each network [output][input / 32]

override workgroup_x: u32;

@compute @workgroup_size(workgroup_x)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let word = id.x;
  if (word >= u.layer_words) {
    return;
  }
  let selection = selections[u.selection];
  let at = u.mask_at + u.mask_offset + word;
  let before = mask[at];
  let input_block = (word % u.row_words) * 8u;
  let weights = u.weights_at + (word / u.row_words) * u.input_blocks + input_block;
  let blocks = min(8u, u.input_blocks - input_block);
  var after = 0u;
  for (var b = 0u; b < blocks; b++) {
    if (((before >> (b * 4u)) & 15u) == 0u) {
      continue;
    }
    let index = (u.mask_offset + word) * 32u + b * 4u + vec4u(0u, 1u, 2u, 3u);
    let key = rank_keys(parameters[weights + b], index);
    let last = vec4u(selection.key);
    let goes = (key < last) | ((key == last) & (index <= vec4u(selection.index)));
    let stays = select(vec4u(), vec4u(1u, 2u, 4u, 8u), kept_lanes(before, b * 4u) & !goes);
    after |= (stays.x | stays.y | stays.z | stays.w) << (b * 4u);
  }
  mask[at] = after;
}
