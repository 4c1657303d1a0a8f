// One layer of one network: its sizes and its places in the buffers of the population. The networks of a population have
// the same number of layers, of any widths; the records are stored as [network][layer].
struct Layer {
  inputs: u32,          // input neurons
  outputs: u32,         // output neurons
  parameters_at: u32,   // vec4f to the network's parameters; twice as many to its moments, first then second
  parameters: u32,      // vec4f of the network's parameters
  weights_at: u32,      // vec4f to this layer's weights [output][input block] within them
  biases_at: u32,       // vec4f to this layer's biases within them
  mask_at: u32,         // words to this layer's mask [output][input / 32]
  bias_mask_at: u32,    // words to the mask of this layer's biases [output / 32]
  edges_at: u32,        // words to the network's edge lists
  rows_at: u32,         // words to this layer's rows within them
  columns_at: u32,      // words to this layer's columns within them
  input_rows_at: u32,   // rows of samples to this layer's inputs, padded to 4
  output_rows_at: u32,  // rows of samples to its outputs, padded to 4
}

// What one workgroup computes: part (x, y) of a layer of a network. The grid of a call is a list of tiles, so that one
// dispatch computes a layer of networks of different widths.
struct Tile {
  network: u32,
  x: u32,
  y: u32,
}

// In place of a network: the workgroup has no tile.
const no_network = 0xffffffffu;

// The tile of a workgroup, of the kernel's list `tiles` from `u.first_tile` on. A grid is two-dimensional where it has more
// workgroups than one dimension may have, and then larger than the list of `u.tiles`.
fn tile_of(group: vec3u, groups: vec3u) -> Tile {
  let number = group.y * groups.x + group.x;
  if (number >= u.tiles) {
    return Tile(no_network, 0u, 0u);
  }
  return tiles[u.first_tile + number];
}

fn blocks_of(neurons: u32) -> u32 {
  return (neurons + 3u) / 4u;
}
