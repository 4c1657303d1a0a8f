// Closes one pass of the radix select (shared/selection.wgsl): finds the digit of the rank-th candidate, fixes it, and
// clears the histogram for the next pass.
//
// One workgroup handles one selection. Each invocation sums a run of neighbouring bins; invocation 0 searches the sums,
// then the bins of one run.
//
// Grid: z = selections.   Needs shared/selection.

struct Uniforms {
  radix_pass: u32, // 0 to 3
}

@group(0) @binding(0) var<uniform> u: Uniforms;
@group(0) @binding(1) var<storage, read_write> histogram: array<u32>;        // [selection][bin]
@group(0) @binding(2) var<storage, read_write> selections: array<Selection>;

override workgroup_x: u32; // divides the number of bins

var<workgroup> run_counts: array<u32, workgroup_x>;

@compute @workgroup_size(workgroup_x)
fn main(@builtin(local_invocation_index) local: u32, @builtin(workgroup_id) group: vec3u) {
  let first_bin = group.z * histogram_bins;
  let run = histogram_bins / workgroup_x;
  var count = 0u;
  for (var bin = local * run; bin < (local + 1u) * run; bin++) {
    count += histogram[first_bin + bin];
  }
  run_counts[local] = count;
  workgroupBarrier();

  if (local == 0u && selections[group.z].settled == 0u) {
    var selection = selections[group.z];
    var chosen_run = 0u;
    while (selection.rank > run_counts[chosen_run]) {
      selection.rank -= run_counts[chosen_run];
      chosen_run += 1u;
    }
    var digit = chosen_run * run;
    while (selection.rank > histogram[first_bin + digit]) {
      selection.rank -= histogram[first_bin + digit];
      digit += 1u;
    }
    let fixed = digit << digit_shift[u.radix_pass];
    if (u.radix_pass < 2u) {
      selection.key |= fixed;
    } else {
      selection.index |= fixed;
    }
    // All candidates with the last key are pruned, whatever their index: there is no tie to resolve.
    if (u.radix_pass == 1u && selection.rank == histogram[first_bin + digit]) {
      selection.index = 0xffffffffu;
      selection.settled = 1u;
    }
    selections[group.z] = selection;
  }
  storageBarrier();
  workgroupBarrier();
  for (var bin = local * run; bin < (local + 1u) * run; bin++) {
    histogram[first_bin + bin] = 0u;
  }
}
