// Copies the parameters of every network whose last epoch was its best so far.
// Runs after early_stopping, and only where a level keeps its best epoch.
//
// Grid: x = vec4f of parameters, z = networks.   Needs shared/network.

struct Uniforms {
  network_parameters: u32, // vec4f of one network
}

@group(0) @binding(0) var<uniform> u: Uniforms;
@group(0) @binding(1) var<storage, read> networks: array<Network>;
@group(0) @binding(2) var<storage, read> parameters: array<vec4f>;            // [network][parameter]
@group(0) @binding(3) var<storage, read_write> best_parameters: array<vec4f>; // [network][parameter]

override workgroup_x: u32;

@compute @workgroup_size(workgroup_x)
fn main(@builtin(global_invocation_id) id: vec3u) {
  if (id.x >= u.network_parameters) {
    return;
  }
  // `improved` is cleared when a level starts. A network that does not run has not changed since `improved` was set, so
  // copying its parameters again is harmless.
  if (networks[id.z].improved == 0u || networks[id.z].keep_best == 0u) {
    return;
  }
  let at = id.z * u.network_parameters + id.x;
  best_parameters[at] = parameters[at];
}
