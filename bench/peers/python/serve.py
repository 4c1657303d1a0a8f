"""The common part of the peers in Python: reads a case (case_files.ts describes its files) and answers the requests of child.ts.

A peer is a class whose constructor takes a case. Its methods follow; losses are arrays with one value for each network:
  batches(epoch)   the batches of an epoch, on the device, in the sample order of each network
  reset()          sets weights and optimiser to their initial state
  train(batches)   enqueues a step for each batch; returns the losses of each batch before its step
  validate()       enqueues the validation loss
  numbers(losses)  waits for losses and returns them as a list
"""

import json
import pathlib
import sys
import time

import numpy


class Case:
    """A case's facts as attributes, and its arrays: `[sample][column]`, weights by layer as `[network][input][output]`."""

    def __init__(self, folder):
        folder = pathlib.Path(folder)
        facts = json.loads((folder / "case.json").read_text())
        self.__dict__.update(facts)

        def floats(name, *shape):
            return numpy.fromfile(folder / name, numpy.float32).reshape(shape)

        inputs, outputs = self.shape[0], self.shape[-1]
        self.train_x, self.train_y = floats("train_x", -1, inputs), floats("train_y", -1, outputs)
        self.validation_x, self.validation_y = floats("validation_x", -1, inputs), floats("validation_y", -1, outputs)
        order = numpy.fromfile(folder / "order", numpy.uint32).astype(numpy.int64)
        self.order = order.reshape(self.population, self.epochs, self.stepsPerEpoch, self.batch)
        self.weights = self._matrices(floats("weights", self.population, -1))
        self.masks = self._matrices(floats("mask", 1, -1)) if self.isMasked else []

    def _matrices(self, networks):
        matrices, first = [], 0
        for inputs, outputs in zip(self.shape[:-1], self.shape[1:]):
            rows = networks[:, first : first + inputs * outputs].reshape(-1, outputs, inputs)
            matrices.append(numpy.ascontiguousarray(rows.transpose(0, 2, 1)))
            first += inputs * outputs
        return matrices


def check(case, model):
    model.reset()
    for epoch in range(case.epochs):
        steps = [model.numbers(losses) for losses in model.train(model.batches(epoch))]
        validation = model.numbers(model.validate())
    train = [sum(losses) / len(steps) for losses in zip(*steps)]
    return {"train": train, "validation": validation}


def trial(case, model, first_epoch, repeats):
    model.reset()
    model.numbers(model.validate())
    started_at = time.perf_counter()
    for _ in range(repeats):
        if case.isLevel:
            model.reset()
            for epoch in range(case.epochs):
                model.train(model.batches(epoch))
                model.numbers(model.validate())
        else:
            losses = model.train(first_epoch)
    if not case.isLevel:
        model.numbers(losses[-1])
    return {"ms": (time.perf_counter() - started_at) * 1000}


def serve(prepare):
    """Serves a peer until its standard input ends.

    `prepare` returns a description of the device, whether it is the CPU, and the class of the peer; or it raises.
    """

    def reply(answer):
        print(json.dumps(answer), flush=True)

    try:
        ready, is_on_cpu, model_of = prepare()
    except Exception as error:
        reply({"error": str(error).split("\n")[0]})
        return
    reply({"ready": ready, "isOnCpu": is_on_cpu})
    case = model = first_epoch = None
    for line in sys.stdin:
        request = json.loads(line)
        try:
            if "open" in request:
                case = Case(request["open"])
                model = model_of(case)
                first_epoch = model.batches(0)
                reply(check(case, model))
            elif "trial" in request:
                reply(trial(case, model, first_epoch, request["trial"]))
            else:
                case = model = first_epoch = None
                reply({})
        except Exception as error:
            reply({"error": str(error).split("\n")[0]})
