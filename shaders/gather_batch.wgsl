// Gathers one batch of every network: standardised inputs, feature-major, and the sample number of each column.
//
// One invocation moves several blocks of 4 inputs x 4 samples, because finding its 4 samples costs as much as moving
// some blocks. It reads 4 inputs of each sample (one word of a byte source, four of an f32 source), standardises them,
// transposes the block and writes one vec4f per input.
// Training (shuffled = 1): network z takes the batch of its own step and epoch, in the sample order of its own seed.
// Validation (shuffled = 0): samples first .. first + 4 quads - 1 in stored order, once for all networks (z = 0).
// Columns past the last sample are zero and hold no_sample.
//
// Grid: x = sample quads, y = groups of blocks_each input blocks, z = networks.
// Needs shared/network, shared/philox, shared/order.

struct Uniforms {
  samples: u32,         // samples of the split
  batch: u32,           // samples per batch
  quads: u32,           // vec4f per row of `inputs`: padded batch / 4
  input_blocks: u32,    // blocks of 4 inputs, the last one padded
  shuffled: u32,        // 1: training order, 0: stored order from `first`
  first: u32,           // first sample when not shuffled
  half_bits: u32,       // half width of the sample order's Feistel network, in bits
  bytes_per_input: u32, // 1: u8 source, 4: f32 source
  features_at: u32,     // words to the split's first sample: [sample][input], rows padded to 4 inputs, bytes or f32 bits
  network_inputs: u32,  // vec4f from one network's batch to the next
}

@group(0) @binding(0) var<uniform> u: Uniforms;
@group(0) @binding(1) var<storage, read> networks: array<Network>;
@group(0) @binding(2) var<storage, read> data: array<u32>;                  // words of the dataset
@group(0) @binding(3) var<storage, read> standardization: array<vec4f>;     // mean of every input block, then scale of every block
@group(0) @binding(4) var<storage, read_write> inputs: array<vec4f>;        // [network][input][quad]
@group(0) @binding(5) var<storage, read_write> batch_samples: array<vec4u>; // [network][quad]

override workgroup_x: u32;
override workgroup_y: u32;
override blocks_each: u32; // input blocks that an invocation moves

const no_sample = 0xffffffffu;

fn read_block(sample: u32, input_block: u32) -> vec4f {
  if (u.bytes_per_input == 1u) {
    let word = data[u.features_at + sample * u.input_blocks + input_block];
    return vec4f(vec4u(word, word >> 8u, word >> 16u, word >> 24u) & vec4u(255u));
  }
  let first = u.features_at + (sample * u.input_blocks + input_block) * 4u;
  return bitcast<vec4f>(vec4u(data[first], data[first + 1u], data[first + 2u], data[first + 3u]));
}

@compute @workgroup_size(workgroup_x, workgroup_y)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let quad = id.x;
  let first_block = id.y * blocks_each;
  let network = id.z;
  if (quad >= u.quads || first_block >= u.input_blocks) {
    return;
  }

  var position = u.first + quad * 4u;
  var keys: OrderKeys;
  if (u.shuffled == 1u) {
    if (networks[network].running == 0u) {
      return;
    }
    let steps_per_epoch = (u.samples + u.batch - 1u) / u.batch;
    let step = networks[network].step;
    position = (step % steps_per_epoch) * u.batch + quad * 4u;
    keys = order_keys(networks[network].seed, networks[network].level, step / steps_per_epoch);
  }

  var samples = vec4u(no_sample);
  for (var lane = 0u; lane < 4u; lane++) {
    let in_batch = quad * 4u + lane < u.batch || u.shuffled == 0u;
    if (in_batch && position + lane < u.samples) {
      samples[lane] = position + lane;
      if (u.shuffled == 1u) {
        samples[lane] = permuted_index(position + lane, u.samples, u.half_bits, keys);
      }
    }
  }
  if (first_block == 0u) {
    batch_samples[network * u.quads + quad] = samples;
  }

  let end_block = min(first_block + blocks_each, u.input_blocks);
  for (var input_block = first_block; input_block < end_block; input_block++) {
    let mean = standardization[input_block];
    let scale = standardization[u.input_blocks + input_block];
    var columns = mat4x4f();
    for (var lane = 0u; lane < 4u; lane++) {
      if (samples[lane] != no_sample) {
        columns[lane] = (read_block(samples[lane], input_block) - mean) * scale;
      }
    }
    let rows = transpose(columns);
    let base = network * u.network_inputs + input_block * 4u * u.quads + quad;
    inputs[base] = rows[0];
    inputs[base + u.quads] = rows[1];
    inputs[base + 2u * u.quads] = rows[2];
    inputs[base + 3u * u.quads] = rows[3];
  }
}
