// Squared error; the word holds the target.
fn mse(z: f32, word: u32) -> ElementLoss {
  let error = z - bitcast<f32>(word);
  return ElementLoss(error * error, 2.0 * error, error * error);
}
