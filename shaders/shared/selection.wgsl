// State of one exact selection: which k of the kept weights rank lowest by (key, flat index). A criterion computes the
// key. The selection is a radix select: each pass counts the candidates by one digit (radix_histogram), then fixes the
// digit of the k-th candidate (radix_pick); only weights with that digit remain candidates. The ranked value has 64
// bits: 32 of the key, then 32 of the weight's index in the mask (word * 32 + bit), which grows with the flat index. So
// ties are resolved without a sort.
//
//   pass   0            1           2             3
//   digit  key 31..16   key 15..0   index 31..16  index 15..0
//
// Passes 2 and 3 return at once when every candidate with the last key is pruned (`settled`), the usual case.
struct Selection {
  rank: u32,       // number of candidates to prune, from 1
  key: u32,        // bits of the key fixed so far; after pass 1 the largest key that is pruned
  index: u32,      // bits of the index fixed so far; after pass 3 the largest index that is pruned at that key
  settled: u32,    // 1 once all remaining candidates are pruned
}

const histogram_bins = 65536u;

// Lowest bit of each pass's digit, and the width of a digit in bits.
const digit_shift = array<u32, 4>(16u, 0u, 16u, 0u);
const digit_bits = 16u;

// For four weights from bit `first_bit` on: true where the mask word keeps the weight.
fn kept_lanes(word: u32, first_bit: u32) -> vec4<bool> {
  return ((vec4u(word) >> (vec4u(0u, 1u, 2u, 3u) + first_bit)) & vec4u(1u)) == vec4u(1u);
}
