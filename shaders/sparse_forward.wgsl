// Computes Z = activated(W X + b) of one layer over the kept edges, for every network that the sparse kernels train;
// the last layer has no activation. Computes the same sums in the same order as dense_forward.
//
// One invocation computes one output x 8 samples. Each loop iteration handles one edge into the output: it reads the
// edge's element number, a weight and two vec4f of inputs for 8 multiply-adds. Edge lists
// (src/engine/tiled/edge_lists.ts), in words from the network's first:
//
//   rows_at + o          word of the first edge into output o; after the last output, word of the end of its edges
//   from that word on    element of each edge among the layer's weights, by output, then by input
//
// Grid: x = pairs of sample quads, y = outputs, z = networks.   Needs shared/network, an activation.

struct Uniforms {
  outputs: u32,             // output neurons
  quads: u32,               // vec4f per row of samples, even
  activates: u32,           // 1: apply the activation
  row_stride: u32,          // elements from one output's weights to the next
  weight_offset: u32,       // elements to this layer's weights within a network's parameters
  bias_offset: u32,         // elements to this layer's biases
  rows_at: u32,             // words to this layer's rows within a network's edges
  network_parameters: u32,  // elements from one network's parameters to the next
  network_edges: u32,       // words from one network's edges to the next
  network_inputs: u32,      // vec4f from one network's inputs to the next, 0 when all share them
  network_outputs: u32,     // vec4f from one network's outputs to the next
}

@group(0) @binding(0) var<uniform> u: Uniforms;
@group(0) @binding(1) var<storage, read> networks: array<Network>;
@group(0) @binding(2) var<storage, read> edges: array<u32>;             // [network][rows, columns, elements by output, outputs by input]
@group(0) @binding(3) var<storage, read> parameters: array<f32>;        // [network][parameter]
@group(0) @binding(4) var<storage, read> inputs: array<vec4f>;          // X [network][input][quad]
@group(0) @binding(5) var<storage, read_write> outputs: array<vec4f>;   // Z [network][output, padded to 4][quad]

override workgroup_x: u32;
override workgroup_y: u32;

@compute @workgroup_size(workgroup_x, workgroup_y)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let quad = id.x * 2u;
  let output = id.y;
  let network = id.z;
  if (quad >= u.quads || output >= u.outputs) {
    return;
  }
  if (networks[network].running == 0u || networks[network].sparse == 0u) {
    return;
  }

  let base = network * u.network_parameters;
  let weights = base + u.weight_offset;
  let lists = network * u.network_edges;
  let first_edge = edges[lists + u.rows_at + output];
  let end_edge = edges[lists + u.rows_at + output + 1u];
  let x = network * u.network_inputs + quad;
  var a = vec4f(parameters[base + u.bias_offset + output]);
  var b = a;
  for (var edge = first_edge; edge < end_edge; edge++) {
    let element = edges[lists + edge];
    let w = vec4f(parameters[weights + element]);
    let row = x + (element - output * u.row_stride) * u.quads;
    a = fma(w, inputs[row], a);
    b = fma(w, inputs[row + 1u], b);
  }
  if (u.activates == 1u) {
    a = activated(a);
    b = activated(b);
  }
  let z = network * u.network_outputs + output * u.quads + quad;
  outputs[z] = a;
  outputs[z + 1u] = b;
}
