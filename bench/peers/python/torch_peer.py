"""PyTorch: `python3 torch_peer.py eager|graphs`. Runs on CUDA if available, else on the CPU. A population is `baddbmm`.

`graphs` captures the steps of an epoch in one CUDA graph and replays it on static inputs.
"""

import sys

from serve import serve

graphs = sys.argv[1] == "graphs"


def prepare():
    import torch

    cuda = torch.cuda.is_available()
    if graphs and not cuda:
        raise RuntimeError("no CUDA")
    where = torch.cuda.get_device_name() if cuda else f"CPU, {torch.get_num_threads()} threads"
    device = torch.device("cuda" if cuda else "cpu")
    return f"PyTorch {torch.__version__}, {where}", not cuda, lambda case: Model(torch, device, case)


class Model:
    def __init__(self, torch, device, case):
        self.torch, self.device, self.case = torch, device, case
        self.alone = case.population == 1
        self.initial = [self.placed(weights) for weights in case.weights]
        self.masks = [torch.from_numpy(mask[0]).to(device) for mask in case.masks]
        self.weights = [weights.clone().requires_grad_() for weights in self.initial]
        outputs = [weights.shape[-1:] if self.alone else (case.population, 1, weights.shape[-1]) for weights in self.weights]
        self.biases = [torch.zeros(shape, device=device, requires_grad=True) for shape in outputs]
        # The fastest implementation of Adam on each device.
        kind = {"fused": True, "capturable": graphs} if device.type == "cuda" else {}
        self.optimizer = torch.optim.Adam(
            self.weights + self.biases, lr=case.lr, betas=(case.beta1, case.beta2), eps=case.epsilon, **kind
        )
        self.train_x, self.train_y = torch.from_numpy(case.train_x).to(device), torch.from_numpy(case.train_y).to(device)
        everything = [list(range(case.validationSamples))] * case.population
        rows = self.placed(torch.tensor(everything).numpy())
        self.validation = [torch.from_numpy(half).to(device)[rows] for half in (case.validation_x, case.validation_y)]
        self.order = torch.from_numpy(case.order).to(device)
        if graphs:
            self.capture()

    def placed(self, networks):
        """An array `[network]..` on the device; without the network axis if there is one network."""
        tensor = self.torch.from_numpy(networks).to(self.device)
        return tensor[0] if self.alone else tensor

    def gathered(self, epoch):
        steps = []
        for step in range(self.case.stepsPerEpoch):
            rows = self.order[:, epoch, step]
            rows = rows[0] if self.alone else rows
            steps.append((self.train_x[rows], self.train_y[rows]))
        return steps

    def batches(self, epoch):
        batches = self.gathered(epoch)
        if not graphs:
            return batches
        for static, batch in zip(self.inputs, batches):
            for half, values in zip(static, batch):
                half.copy_(values)
        return self.inputs

    def reset(self):
        with self.torch.no_grad():
            for weights, initial in zip(self.weights, self.initial):
                weights.copy_(initial)
            for bias in self.biases:
                bias.zero_()
            # In place, since a captured graph writes to these tensors.
            for state in self.optimizer.state.values():
                for tensor in state.values():
                    tensor.zero_()

    def losses(self, x, y):
        functional = self.torch.nn.functional
        product = self.torch.addmm if self.alone else self.torch.baddbmm
        rows = x
        for layer, (weights, bias) in enumerate(zip(self.weights, self.biases)):
            rows = product(bias, rows, weights)
            if layer < len(self.weights) - 1:
                rows = functional.relu(rows)
        if self.case.loss == "binary":
            return functional.binary_cross_entropy_with_logits(rows, y, reduction="none").mean((-2, -1))
        return -(functional.log_softmax(rows, -1) * y).sum(-1).mean(-1)

    def step(self, x, y):
        self.optimizer.zero_grad(set_to_none=True)
        losses = self.losses(x, y)
        losses.sum().backward()
        for weights, mask in zip(self.weights, self.masks):
            weights.grad.mul_(mask)
        self.optimizer.step()
        return losses.detach()

    def capture(self):
        torch = self.torch
        self.inputs = self.gathered(0)
        stream = torch.cuda.Stream()
        stream.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(stream):
            for _ in range(3):
                self.step(*self.inputs[0])
        torch.cuda.current_stream().wait_stream(stream)
        self.optimizer.zero_grad(set_to_none=True)
        self.graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(self.graph):
            self.outputs = [self.step(x, y) for x, y in self.inputs]

    def train(self, batches):
        if not graphs:
            return [self.step(x, y) for x, y in batches]
        self.graph.replay()
        return self.outputs

    def validate(self):
        with self.torch.no_grad():
            return self.losses(*self.validation)

    def numbers(self, losses):
        return losses.reshape(-1).tolist()


serve(prepare)
