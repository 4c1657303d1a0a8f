// Copies the parameters of every network in the list that has just been evaluated, best so far.
// Runs after early_stopping, and only where a level keeps its best evaluation.
//
// Grid: the listed tiles of one invocation for each; x = vec4f of parameters.   Needs shared/network, shared/layers.

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
@group(0) @binding(5) var<storage, read_write> best_parameters: array<vec4f>; // of each network

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
  // `improved` is cleared when a level starts. A network that does not run has not changed since `improved` was set, so
  // copying its parameters again is harmless.
  if (networks[tile.network].improved == 0u || networks[tile.network].keep_best == 0u) {
    return;
  }
  // Within an interval the parameters are no longer those of the evaluation.
  if (networks[tile.network].step != networks[tile.network].evaluations * networks[tile.network].evaluate_every) {
    return;
  }
  let at = layer.parameters_at + parameter;
  best_parameters[at] = parameters[at];
}
