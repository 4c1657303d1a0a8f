// The running state of one exact selection: which k of the kept weights rank lowest by (|w|, flat index).
// A radix select: each pass counts the candidates by one digit of the key (radix_histogram), then the digit that holds the
// k-th is fixed (radix_pick) and only its candidates stay. The key is 63 bits: 31 of |w|, then 32 of the weight's index in
// the mask (word * 32 + bit), which grows with the flat index; so ties are settled without a sort.
//
//   pass   0            1           2             3
//   digit  |w| 30..15   |w| 14..0   index 31..16  index 15..0
//
// Passes 2 and 3 return at once when every candidate of the last magnitude goes (`settled`), which is nearly always.
struct Selection {
  rank: u32,       // how many of the candidates go, from 1
  magnitude: u32,  // bits of |w| fixed so far; after pass 1 the largest |w| that goes
  index: u32,      // bits of the index fixed so far; after pass 3 the largest index that goes at that |w|
  settled: u32,    // 1 once all candidates left go
}

const histogram_bins = 65536u;

// Lowest bit and width of each pass's digit.
const digit_shift = array<u32, 4>(15u, 0u, 16u, 0u);
const digit_bits = array<u32, 4>(16u, 15u, 16u, 16u);
