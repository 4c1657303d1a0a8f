// Passes the loss gradient back through one layer and the activation before it over the kept edges, for every network
// that the sparse kernels train. Computes the same sums in the same order as dense_backward.
//
// One invocation computes one input x 8 samples. Each loop iteration handles one edge out of the input: it reads the
// edge's output number, a weight and two vec4f of gradients for 8 multiply-adds. Edge lists as in sparse_forward:
//
//   columns_at + i       word of the first edge out of input i; after the last input, word of the end of its edges
//   from that word on    output of each edge, by input, then by output
//
// Grid: x = pairs of sample quads, y = inputs, z = networks.   Needs shared/network, an activation.

struct Uniforms {
  inputs: u32,                    // input neurons
  quads: u32,                     // vec4f per row of samples, even
  row_stride: u32,                // elements from one output's weights to the next
  weight_offset: u32,             // elements to this layer's weights within a network's parameters
  columns_at: u32,                // words to this layer's columns within a network's edges
  network_parameters: u32,        // elements from one network's parameters to the next
  network_edges: u32,             // words from one network's edges to the next
  network_inputs: u32,            // vec4f from one network's inputs to the next, the same for activations and gradients
  network_output_gradients: u32,  // vec4f from one network's output gradients to the next
}

@group(0) @binding(0) var<uniform> u: Uniforms;
@group(0) @binding(1) var<storage, read> networks: array<Network>;
@group(0) @binding(2) var<storage, read> edges: array<u32>;                     // [network][rows, columns, elements by output, outputs by input]
@group(0) @binding(3) var<storage, read> parameters: array<f32>;                // [network][parameter]
@group(0) @binding(4) var<storage, read> inputs: array<vec4f>;                  // X [network][input][quad], activated
@group(0) @binding(5) var<storage, read> output_gradients: array<vec4f>;        // dZ [network][output][quad]
@group(0) @binding(6) var<storage, read_write> input_gradients: array<vec4f>;   // dX [network][input, padded to 4][quad]

override workgroup_x: u32;
override workgroup_y: u32;

@compute @workgroup_size(workgroup_x, workgroup_y)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let quad = id.x * 2u;
  let input = id.y;
  let network = id.z;
  if (quad >= u.quads || input >= u.inputs) {
    return;
  }
  if (networks[network].running == 0u || networks[network].sparse == 0u) {
    return;
  }

  let weights = network * u.network_parameters + u.weight_offset + input;
  let lists = network * u.network_edges;
  let first_edge = edges[lists + u.columns_at + input];
  let end_edge = edges[lists + u.columns_at + input + 1u];
  let gradient = network * u.network_output_gradients + quad;
  var a = vec4f();
  var b = vec4f();
  for (var edge = first_edge; edge < end_edge; edge++) {
    let output = edges[lists + edge];
    let w = vec4f(parameters[weights + output * u.row_stride]);
    let row = gradient + output * u.quads;
    a = fma(w, output_gradients[row], a);
    b = fma(w, output_gradients[row + 1u], b);
  }
  let x = network * u.network_inputs + input * u.quads + quad;
  input_gradients[x] = passed_back(a, inputs[x]);
  input_gradients[x + 1u] = passed_back(b, inputs[x + 1u]);
}
