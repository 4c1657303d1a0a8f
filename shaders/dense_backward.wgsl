// Passes the loss gradient back through one dense layer and the activation before it, for every network in the list:
// dX[i][s] = activated'(Z[i][s]) * sum over o of W[o][i] dZ[o][s]. The derivative is computed from X.
//
// It is the product of W (rows i) and dZ (columns s) over the outputs o, in tiles: see shared/product.
// Padding inputs have weight 0 and get 0.
//
// Grid: the listed tiles; x = tiles of samples, y = tiles of inputs.
// Needs shared/network, shared/layers, shared/product, an activation.

struct Uniforms {
  first_tile: u32,  // of this call, in the list
  tiles: u32,       // tiles of this call
  layer: u32,       // index of the layer
  layers: u32,      // layers of a network
  quads: u32,       // vec4f per row of samples
}

@group(0) @binding(0) var<uniform> u: Uniforms;
@group(0) @binding(1) var<storage, read> networks: array<Network>;
@group(0) @binding(2) var<storage, read> tiles: array<Tile>;
@group(0) @binding(3) var<storage, read> layers: array<Layer>;                  // [network][layer]
@group(0) @binding(4) var<storage, read> parameters: array<vec4f>;              // of each network
@group(0) @binding(5) var<storage, read> inputs: array<vec4f>;                  // X of each network [input][quad], activated
@group(0) @binding(6) var<storage, read> output_gradients: array<vec4f>;        // dZ of each network [output][quad]
@group(0) @binding(7) var<storage, read_write> input_gradients: array<vec4f>;   // dX of each network [input][quad]

var<private> layer: Layer;

// Weights of 4 outputs and 4 inputs. Outputs past the last one count as 0 on both sides, whatever their rows hold.
fn left_block(input_block: u32, output_block: u32) -> mat4x4f {
  let input_blocks = blocks_of(layer.inputs);
  if (input_block >= input_blocks) {
    return mat4x4f();
  }
  let output = output_block * 4u;
  let weights = layer.parameters_at + layer.weights_at + output * input_blocks + input_block;
  var rows = mat4x4f(parameters[weights], vec4f(), vec4f(), vec4f());
  if (output + 1u < layer.outputs) {
    rows[1] = parameters[weights + input_blocks];
  }
  if (output + 2u < layer.outputs) {
    rows[2] = parameters[weights + 2u * input_blocks];
  }
  if (output + 3u < layer.outputs) {
    rows[3] = parameters[weights + 3u * input_blocks];
  }
  return rows;
}

// Gradients of 4 outputs and 4 samples.
fn right_block(quad: u32, output_block: u32) -> mat4x4f {
  if (quad >= u.quads) {
    return mat4x4f();
  }
  let output = output_block * 4u;
  let dz = (layer.output_rows_at + output) * u.quads + quad;
  var rows = mat4x4f(output_gradients[dz], vec4f(), vec4f(), vec4f());
  if (output + 1u < layer.outputs) {
    rows[1] = output_gradients[dz + u.quads];
  }
  if (output + 2u < layer.outputs) {
    rows[2] = output_gradients[dz + 2u * u.quads];
  }
  if (output + 3u < layer.outputs) {
    rows[3] = output_gradients[dz + 3u * u.quads];
  }
  return rows;
}

fn finish(input: u32, quad: u32, result: u32) {
  if (input >= 4u * blocks_of(layer.inputs) || quad >= u.quads) {
    return;
  }
  let at = (layer.input_rows_at + input) * u.quads + quad;
  input_gradients[at] = passed_back(sum_of(result), inputs[at]);
}

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
  if (networks[tile.network].running == 0u) {
    return;
  }
  let own = layers[tile.network * u.layers + u.layer];
  layer = own;
  multiply(local, vec2u(tile.x, tile.y), blocks_of(own.outputs));
}
