// The running state of one exact selection: which k of the kept weights rank lowest by (|w|, flat index).
// A radix select: each pass counts the candidates by one digit of the key (radix_histogram), then the digit that holds the
// k-th is fixed (radix_pick) and only its candidates stay. The key is 63 bits: 31 of |w|, then 32 of the weight's index in
// the mask (word * 32 + bit), which grows with the flat index; so ties are settled without a sort.
//
//   pass   0            1            2           3            4            5
//   digit  |w| 30..20   |w| 19..10   |w| 9..0    index 31..21 index 20..10 index 9..0
//
// Passes 3 to 5 return at once when every candidate of the last magnitude goes (`settled`), which is nearly always.
struct Selection {
  rank: u32,       // how many of the candidates go, from 1
  magnitude: u32,  // bits of |w| fixed so far; after pass 2 the largest |w| that goes
  index: u32,      // bits of the index fixed so far; after pass 5 the largest index that goes at that |w|
  settled: u32,    // 1 once all candidates left go
}

const histogram_bins = 2048u;

// Lowest bit and width of each pass's digit.
const digit_shift = array<u32, 6>(20u, 10u, 0u, 21u, 10u, 0u);
const digit_bits = array<u32, 6>(11u, 10u, 10u, 11u, 11u, 10u);
