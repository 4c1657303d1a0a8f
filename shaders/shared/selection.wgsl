// The running state of one exact selection: which k of the kept weights rank lowest by (key, flat index), the key being a criterion's.
// A radix select: each pass counts the candidates by one digit (radix_histogram), then the digit that holds the k-th is fixed
// (radix_pick) and only its candidates stay. What is ranked is 64 bits: 32 of the key, then 32 of the weight's index in the mask
// (word * 32 + bit), which grows with the flat index; so ties are settled without a sort.
//
//   pass   0            1           2             3
//   digit  key 31..16   key 15..0   index 31..16  index 15..0
//
// Passes 2 and 3 return at once when every candidate of the last key goes (`settled`), which is nearly always.
struct Selection {
  rank: u32,       // how many of the candidates go, from 1
  key: u32,        // bits of the key fixed so far; after pass 1 the largest key that goes
  index: u32,      // bits of the index fixed so far; after pass 3 the largest index that goes at that key
  settled: u32,    // 1 once all candidates left go
}

const histogram_bins = 65536u;

// Lowest bit of each pass's digit, and the width of all.
const digit_shift = array<u32, 4>(16u, 0u, 16u, 0u);
const digit_bits = 16u;

// Which of four weights a mask word keeps, from bit `first_bit` on.
fn kept_lanes(word: u32, first_bit: u32) -> vec4<bool> {
  return ((vec4u(word) >> (vec4u(0u, 1u, 2u, 3u) + first_bit)) & vec4u(1u)) == vec4u(1u);
}
