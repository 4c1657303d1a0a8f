// Result of an element-wise loss for one logit and its label word.
struct ElementLoss {
  loss: f32,
  gradient: f32, // derivative of the loss by the logit
  score: f32,    // the sample's term of the sum from which the task's score is computed
}
