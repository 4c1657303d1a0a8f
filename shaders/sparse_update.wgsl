// Computes the gradient of one layer and takes the optimiser step in one pass over the kept edges, for every network
// that the sparse kernels train: dw = sum over s of dZ[o][s] X[i][s] for each edge, db[o] = sum over s of dZ[o][s].
// Pruned weights are not written: they and their moments are 0 from the start of the level. Computes the same sums in
// the same order as dense_update.
//
// One invocation owns one edge, or one bias. Edge lists as in sparse_forward.
//
// Grid: x = most_edges edges, then the biases, z = networks.
// Needs shared/network, shared/optimizer.

struct Uniforms {
  most_edges: u32,                // largest number of edges of this layer in any network; the biases' invocations follow
  outputs: u32,                   // output neurons
  quads: u32,                     // vec4f per row of samples
  row_stride: u32,                // elements from one output's weights to the next
  weight_offset: u32,             // elements to this layer's weights within a network's parameters
  bias_offset: u32,               // elements to this layer's biases
  rows_at: u32,                   // words to this layer's rows within a network's edges
  network_parameters: u32,        // elements from one network's parameters to the next
  network_edges: u32,             // words from one network's edges to the next
  network_inputs: u32,            // vec4f from one network's inputs to the next
  network_output_gradients: u32,  // vec4f from one network's output gradients to the next
}

@group(0) @binding(0) var<uniform> u: Uniforms;
@group(0) @binding(1) var<storage, read> networks: array<Network>;
@group(0) @binding(2) var<storage, read> edges: array<u32>;                // [network][rows, columns, elements by output, outputs by input]
@group(0) @binding(3) var<storage, read> inputs: array<vec4f>;             // X [network][input][quad]
@group(0) @binding(4) var<storage, read> output_gradients: array<vec4f>;   // dZ [network][output][quad]
@group(0) @binding(5) var<storage, read_write> parameters: array<f32>;     // [network][parameter]
@group(0) @binding(6) var<storage, read_write> moments: array<f32>;        // [network][first, second][parameter]

override workgroup_x: u32;

fn step_parameter(network: u32, offset: u32, gradient: f32) {
  let size = step_size(
    networks[network].step,
    networks[network].optimizer,
    networks[network].learning_rate,
    networks[network].weight_decay,
    networks[network].warmup_steps,
  );
  let at = network * u.network_parameters + offset;
  let first = network * 2u * u.network_parameters + offset;
  let second = first + u.network_parameters;
  let stepped = optimize(vec4f(parameters[at]), vec4f(moments[first]), vec4f(moments[second]), vec4f(gradient), size);
  parameters[at] = stepped.parameter.x;
  moments[first] = stepped.first.x;
  moments[second] = stepped.second.x;
}

@compute @workgroup_size(workgroup_x)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let network = id.z;
  if (id.x >= u.most_edges + u.outputs) {
    return;
  }
  if (networks[network].running == 0u || networks[network].sparse == 0u) {
    return;
  }

  let gradients = network * u.network_output_gradients;
  var sum = 0.0;
  if (id.x >= u.most_edges) {
    let output = id.x - u.most_edges;
    for (var quad = 0u; quad < u.quads; quad++) {
      let g = output_gradients[gradients + output * u.quads + quad];
      sum = (((sum + g.x) + g.y) + g.z) + g.w;
    }
    step_parameter(network, u.bias_offset + output, sum);
    return;
  }
  let lists = network * u.network_edges;
  let edge = edges[lists + u.rows_at] + id.x;
  if (edge >= edges[lists + u.rows_at + u.outputs]) {
    return;
  }
  let element = edges[lists + edge];
  let output = element / u.row_stride;
  let input = element % u.row_stride;
  let dz = gradients + output * u.quads;
  let x = network * u.network_inputs + input * u.quads;
  for (var quad = 0u; quad < u.quads; quad++) {
    let a = output_gradients[dz + quad];
    let b = inputs[x + quad];
    sum = fma(a.w, b.w, fma(a.z, b.z, fma(a.y, b.y, fma(a.x, b.x, sum))));
  }
  step_parameter(network, u.weight_offset + element, sum);
}
