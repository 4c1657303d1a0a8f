// The rows of a network that fits into workgroup memory.

override row_vectors: u32; // vec4f

const rows_in_storage = 0u;

var<workgroup> rows: array<vec4f, row_vectors>;

fn open_rows(_at: u32) {}

fn row(at: u32) -> vec4f {
  return rows[at];
}

fn set_row(at: u32, value: vec4f) {
  rows[at] = value;
}

fn rows_barrier() {
  workgroupBarrier();
}
