"""JAX: `python3 jax_peer.py`. One `jit` of a `scan` over the steps of an epoch, under `vmap` for a population."""

from serve import serve


def prepare():
    import jax

    device = jax.devices()[0]
    return f"JAX {jax.__version__}, {device.device_kind}", device.platform == "cpu", lambda case: Model(jax, case)


class Model:
    def __init__(self, jax, case):
        jnp = jax.numpy
        # Without this, matrix products on a GPU use TF32.
        jax.config.update("jax_default_matmul_precision", "highest")
        self.jax, self.case = jax, case
        self.train_x, self.train_y = jnp.asarray(case.train_x), jnp.asarray(case.train_y)
        self.validation_x, self.validation_y = jnp.asarray(case.validation_x), jnp.asarray(case.validation_y)
        self.order = jnp.asarray(case.order.astype("int32"))
        self.initial = [jnp.asarray(weights) for weights in case.weights]
        masks = [jnp.asarray(mask[0]) for mask in case.masks]

        def loss(parameters, x, y):
            for layer, (weights, bias) in enumerate(parameters):
                x = x @ weights + bias
                if layer < len(parameters) - 1:
                    x = jax.nn.relu(x)
            if case.loss == "binary":
                return jnp.mean(jax.nn.softplus(x) - x * y)
            return -jnp.mean(jnp.sum(jax.nn.log_softmax(x) * y, -1))

        def step(state, batch):
            parameters, first, second, steps = state
            value, gradients = jax.value_and_grad(loss)(parameters, *batch)
            if masks:
                gradients = [(weights * mask, bias) for (weights, bias), mask in zip(gradients, masks)]
            steps = steps + 1
            first = jax.tree_util.tree_map(lambda m, g: case.beta1 * m + (1 - case.beta1) * g, first, gradients)
            second = jax.tree_util.tree_map(lambda v, g: case.beta2 * v + (1 - case.beta2) * g * g, second, gradients)

            def moved(parameter, m, v):
                corrected = m / (1 - case.beta1**steps)
                return parameter - case.lr * corrected / (jnp.sqrt(v / (1 - case.beta2**steps)) + case.epsilon)

            parameters = jax.tree_util.tree_map(moved, parameters, first, second)
            return (parameters, first, second, steps), value

        def epoch(state, x, y):
            return jax.lax.scan(step, state, (x, y))

        self.epoch = jax.jit(jax.vmap(epoch))
        self.gather = jax.jit(lambda values, rows: values[rows])
        self.loss = jax.jit(jax.vmap(loss, in_axes=(0, None, None)))

    def batches(self, epoch):
        rows = self.order[:, epoch]
        return self.gather(self.train_x, rows), self.gather(self.train_y, rows)

    def reset(self):
        jnp, networks = self.jax.numpy, self.case.population
        parameters = [(weights, jnp.zeros((networks, weights.shape[-1]))) for weights in self.initial]
        zeros = self.jax.tree_util.tree_map(jnp.zeros_like, parameters)
        self.state = (parameters, zeros, zeros, jnp.zeros(networks))

    def train(self, batches):
        self.state, losses = self.epoch(self.state, *batches)
        return LossesByStep(losses)

    def validate(self):
        return self.loss(self.state[0], self.validation_x, self.validation_y)

    def numbers(self, losses):
        return losses.tolist()


class LossesByStep:
    """Losses `[network][step]` as a sequence over steps; an element is sliced only on access."""

    def __init__(self, losses):
        self.losses = losses

    def __len__(self):
        return self.losses.shape[1]

    def __getitem__(self, step):
        if not -len(self) <= step < len(self):
            raise IndexError(step)
        return self.losses[:, step]


serve(prepare)
