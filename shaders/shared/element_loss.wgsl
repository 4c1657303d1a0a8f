// What an element-wise loss makes of one logit and its label word.
struct ElementLoss {
  loss: f32,
  gradient: f32, // of the loss by the logit
  score: f32,    // what the sample adds to the sum that the task's score is made of
}
