// The rows of a network that does not fit into workgroup memory.

const rows_in_storage = 1u;

@group(0) @binding(7) var<storage, read_write> rows: array<vec4f>; // [network][row][quad]

// First vec4f of the network's rows.
var<private> rows_at: u32;

fn open_rows(at: u32) {
  rows_at = at;
}

fn row(at: u32) -> vec4f {
  return rows[rows_at + at];
}

fn set_row(at: u32, value: vec4f) {
  rows[rows_at + at] = value;
}

fn rows_barrier() {
  storageBarrier();
}
