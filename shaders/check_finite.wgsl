// Marks every network in the list of which a parameter or a moment is NaN or infinite. Neither becomes finite again, so
// one look at the end of an interval finds what a step of it has made.
// Runs before early_stopping, which ends the levels of marked networks.
//
// Grid: the listed tiles of one invocation for each; x = vec4f of parameters.
// Needs shared/network, shared/layers, shared/finite.

struct Uniforms {
  first_tile: u32,  // of this call, in the list
  tiles: u32,       // tiles of this call
  layers: u32,      // layers of a network
}

@group(0) @binding(0) var<uniform> u: Uniforms;
@group(0) @binding(1) var<storage, read> networks: array<Network>;
@group(0) @binding(2) var<storage, read> tiles: array<Tile>;
@group(0) @binding(3) var<storage, read> layers: array<Layer>;                // [network][layer]
@group(0) @binding(4) var<storage, read> parameters: array<vec4f>;            // of each network
@group(0) @binding(5) var<storage, read> moments: array<vec4f>;               // of each network [first, second][parameter]
@group(0) @binding(6) var<storage, read_write> marks: array<atomic<u32>>;     // [network] 1: not finite

override workgroup_x: u32;

@compute @workgroup_size(workgroup_x)
fn main(
  @builtin(local_invocation_index) local: u32,
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
) {
  let tile = tile_of(group, groups);
  if (tile.network == no_network) {
    return;
  }
  let layer = layers[tile.network * u.layers];
  let parameter = tile.x * workgroup_x + local;
  if (parameter >= layer.parameters) {
    return;
  }
  if (networks[tile.network].running == 0u) {
    return;
  }
  let first = 2u * layer.parameters_at + parameter;
  let finite = are_finite(parameters[layer.parameters_at + parameter]) & are_finite(moments[first]) &
    are_finite(moments[first + layer.parameters]);
  if (!all(finite)) {
    atomicStore(&marks[tile.network], 1u);
  }
}
