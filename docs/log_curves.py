"""Logs the curves of run folders to TensorBoard or Weights & Biases: python log_curves.py tensorboard|wandb FOLDER.."""
import json, pathlib, sys

logger, folders = sys.argv[1], [pathlib.Path(f) for f in sys.argv[2:]]
for folder in folders:
    name, spec = f"{folder.parent.name}/{folder.name}", json.loads((folder / "run.json").read_text())["spec"]
    for line in (folder / "curves.jsonl").read_text().splitlines():
        level = json.loads(line)
        run = f"{name}/level-{level['level']:02d}"
        curves = {"loss/training": level["trainLoss"], "loss/validation": level["valLoss"]}
        curves |= {f"accuracy/{task}": values for task, values in level["valAccuracy"].items()}
        curves |= {f"balanced_accuracy/{task}": values for task, values in level["valBalancedAccuracy"].items()}
        at = level.get("steps") or range(1, 1 + len(level["valLoss"]))  # epochs, unless the run counts steps
        entries = zip(at, zip(*curves.values()))
        if logger == "tensorboard":
            from torch.utils.tensorboard import SummaryWriter  # or: from tensorboardX import SummaryWriter

            with SummaryWriter(f"tensorboard/{run}") as writer:
                for step, values in entries:
                    for curve, value in zip(curves, values):
                        writer.add_scalar(curve, value, step)
        else:
            import wandb

            with wandb.init(project="split-ticket", group=name, name=run, config=spec) as wandb_run:
                for step, values in entries:
                    wandb_run.log(dict(zip(curves, values)), step=step)
