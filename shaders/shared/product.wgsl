// A matrix product in tiles: P[row][column] = sum over k of left[k][row] right[k][column].
//
// One workgroup computes one tile of P. It stages the k of both matrices in turn in workgroup memory, as panels of 8 k
// x 32 rows or columns. A group of 32 invocations multiplies a left panel by a right one into 32 x 32 sums: invocation
// i of the group holds 8 rows x 4 columns in registers, and reads 3 vec4f for 32 multiply-adds.
//
//                    right panel, 8 k x 32 columns
//                      i % 8 ->   0  1  2 .. 7        4 columns each
//   left panel,      i / 8   0  [ 8 x 4 sums ]
//   8 k x 32 rows            1
//                            2                        8 rows each
//                            3
//
// Tiles (src/kernels/product_tiles.ts chooses one by the size of P):
//   wide    64 x 64: 4 groups side by side, each over all k                          16 k at a time, 8 KiB
//   sliced  32 x 32: 4 groups on the same sums, each over every fourth panel of k    32 k at a time, 8 KiB
//   narrow  32 x 32: 1 group, for software adapters                                   8 k at a time, 2 KiB
// A product with few tiles keeps a GPU busy only if its k are divided, too.
//
// Each invocation stages one block of 4 k x 4 rows or columns. It reads the next block before it multiplies, so that
// the memory's latency overlaps with arithmetic. Blocks outside of the matrices are zeros.
// Order of a sum: k ascending within a slice, then the slices ascending. It depends on the size of P alone.
//
// The kernel that uses this defines
//   left_block(row_block, k_block)      4 columns, one for each k, of 4 rows
//   right_block(column_block, k_block)  4 columns, one for each k, of 4 columns of P
//   finish(row, column_block, result)   takes sum_of(result): 4 columns of one row of P
// Blocks count fours.

override workgroup_x: u32;    // 32 for each group
override tile_rows: u32;      // rows of a tile, in panels
override tile_columns: u32;   // columns of a tile, in panels
override slices: u32;         // groups with the same rows and columns

var<workgroup> panels: array<array<array<vec4f, 8>, 8>, workgroup_x / 16u>; // left, right: [row or column][k]

fn put(panel: u32, k: u32, column: u32, value: vec4f) {
  panels[panel][k][column] = value;
}

fn add_outer(sums: mat4x4f, left: vec4f, right: vec4f) -> mat4x4f {
  return mat4x4f(
    fma(vec4f(left.x), right, sums[0]),
    fma(vec4f(left.y), right, sums[1]),
    fma(vec4f(left.z), right, sums[2]),
    fma(vec4f(left.w), right, sums[3]),
  );
}

// Computes tile (tile.y, tile.x) and finishes it. k_blocks: blocks of 4 k.
fn multiply(local: u32, tile: vec2u, k_blocks: u32) {
  let panels_of_k = workgroup_x / 16u / (tile_rows + tile_columns);
  let blocks_of_k = 2u * panels_of_k;

  // The block that this invocation stages.
  let panel = local / 16u;
  let panel_k = (local / 8u) % 2u * 4u;
  let panel_block = local % 8u;
  let is_left = panel < tile_rows * panels_of_k;
  let row_block = (tile.y * tile_rows + panel / panels_of_k) * 8u + panel_block;
  let column_block = (tile.x * tile_columns + panel / panels_of_k - tile_rows) * 8u + panel_block;
  var k_block = (panel % panels_of_k) * 2u + panel_k / 4u;

  // The sums that this invocation holds.
  let positions = tile_rows * tile_columns;
  let group = local / 32u;
  let slice = group / positions;
  let position = group % positions;
  let lane_row = (local / 8u) % 4u;
  let lane_column = local % 8u;
  let left = position / tile_columns * panels_of_k;
  let right = (tile_rows + position % tile_columns) * panels_of_k;
  var top = mat4x4f();
  var bottom = mat4x4f();

  var staged = staged_block(is_left, row_block, column_block, k_block, k_blocks);
  for (var first = 0u; first < k_blocks; first += blocks_of_k) {
    workgroupBarrier();
    put(panel, panel_k, panel_block, staged[0]);
    put(panel, panel_k + 1u, panel_block, staged[1]);
    put(panel, panel_k + 2u, panel_block, staged[2]);
    put(panel, panel_k + 3u, panel_block, staged[3]);
    workgroupBarrier();
    k_block += blocks_of_k;
    staged = staged_block(is_left, row_block, column_block, k_block, k_blocks);
    for (var turn = 0u; turn < panels_of_k / slices; turn++) {
      let of_k = turn * slices + slice;
      if (first + 2u * of_k < k_blocks) {
        for (var k = 0u; k < 8u; k++) {
          let columns = panels[right + of_k][k][lane_column];
          top = add_outer(top, panels[left + of_k][k][2u * lane_row], columns);
          bottom = add_outer(bottom, panels[left + of_k][k][2u * lane_row + 1u], columns);
        }
      }
    }
  }

  // The sums pass through workgroup memory, in two halves: there the slices are added.
  for (var half = 0u; half < 2u; half++) {
    workgroupBarrier();
    put(2u * group, lane_row, lane_column, top[0]);
    put(2u * group, lane_row + 4u, lane_column, top[1]);
    put(2u * group + 1u, lane_row, lane_column, top[2]);
    put(2u * group + 1u, lane_row + 4u, lane_column, top[3]);
    top = bottom;
    workgroupBarrier();
    for (var result = local; result < 128u * positions; result += workgroup_x) {
      let at = result / 128u;
      let row = (tile.y * tile_rows + at / tile_columns) * 32u + (result / 8u) % 4u * 8u + half * 4u + (result / 32u) % 4u;
      let column = (tile.x * tile_columns + at % tile_columns) * 8u + result % 8u;
      finish(row, column, result);
    }
  }
}

fn staged_block(is_left: bool, row_block: u32, column_block: u32, k_block: u32, k_blocks: u32) -> mat4x4f {
  if (k_block >= k_blocks) {
    return mat4x4f();
  }
  if (is_left) {
    return left_block(row_block, k_block);
  }
  return right_block(column_block, k_block);
}

// Sum of 4 columns of one row of P. Results of the next three rows follow at distances of 32.
fn sum_of(result: u32) -> vec4f {
  let row = (result / 32u) % 4u;
  let panel = result / 128u * 2u + row / 2u;
  let lane_row = (result / 8u) % 4u + row % 2u * 4u;
  let lane_column = result % 8u;
  var sum = panels[panel][lane_row][lane_column];
  for (var slice = 1u; slice < slices; slice++) {
    sum += panels[panel + 2u * tile_rows * tile_columns * slice][lane_row][lane_column];
  }
  return sum;
}
