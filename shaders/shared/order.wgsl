// The sample order of an epoch: a keyed permutation, computed without a shuffle buffer (see src/base/random.ts).
// Needs shared/philox.wgsl.

const purpose_sample_order = 2u;

struct OrderKeys {
  first: vec4u,
  second: vec4u,
}

fn order_keys(seed: u32, level: u32, epoch: u32) -> OrderKeys {
  let key = vec2u(seed, purpose_sample_order);
  return OrderKeys(philox4x32(vec4u(0u, level, epoch, 0u), key), philox4x32(vec4u(1u, level, epoch, 0u), key));
}

fn feistel_round(halves: vec2u, key: u32, half_mask: u32) -> vec2u {
  var mixed = (halves.y ^ key) * 0x85ebca6bu;
  mixed = (mixed ^ (mixed >> 15u)) * 0xc2b2ae35u;
  mixed ^= mixed >> 13u;
  return vec2u(halves.y, (halves.x ^ mixed) & half_mask);
}

// Sample index at position `position` of an epoch, for position < count <= 4^half_bits.
fn permuted_index(position: u32, count: u32, half_bits: u32, keys: OrderKeys) -> u32 {
  let half_mask = (1u << half_bits) - 1u;
  var value = position;
  loop {
    var halves = vec2u(value >> half_bits, value & half_mask);
    for (var i = 0u; i < 4u; i++) {
      halves = feistel_round(halves, keys.first[i], half_mask);
    }
    for (var i = 0u; i < 4u; i++) {
      halves = feistel_round(halves, keys.second[i], half_mask);
    }
    value = (halves.x << half_bits) | halves.y;
    if (value < count) {
      break;
    }
  }
  return value;
}

fn feistel_round_4(left: vec4u, right: vec4u, key: u32, half_mask: u32) -> vec4u {
  var mixed = (right ^ vec4u(key)) * 0x85ebca6bu;
  mixed = (mixed ^ (mixed >> vec4u(15u))) * 0xc2b2ae35u;
  mixed ^= mixed >> vec4u(13u);
  return (left ^ mixed) & vec4u(half_mask);
}

// permuted_index of four positions at once. The loop ends when all four values are below `count`.
fn permuted_indices(positions: vec4u, count: u32, half_bits: u32, keys: OrderKeys) -> vec4u {
  let half_mask = (1u << half_bits) - 1u;
  var value = positions;
  var inside = vec4<bool>(false);
  loop {
    var left = value >> vec4u(half_bits);
    var right = value & vec4u(half_mask);
    for (var i = 0u; i < 8u; i++) {
      let key = select(keys.second[i & 3u], keys.first[i & 3u], i < 4u);
      let mixed = feistel_round_4(left, right, key, half_mask);
      left = right;
      right = mixed;
    }
    value = select((left << vec4u(half_bits)) | right, value, inside);
    inside = value < vec4u(count);
    if (all(inside)) {
      break;
    }
  }
  return value;
}
