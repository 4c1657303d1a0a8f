// Squared error; the label word holds the bits of the target.
fn mse(z: f32, word: u32) -> ElementLoss {
  let error = z - bitcast<f32>(word);
  return ElementLoss(error * error, 2.0 * error, error * error);
}
