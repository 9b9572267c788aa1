# wrong: the state is kept and thrown away only where the batch size changes
# misconception: state_carried_over
import torch
from torch import nn


class Runner:
    def __init__(self, model):
        self.model = model
        self.hidden = None
        self.last_size = None

    def __call__(self, x):
        if x.size(1) != self.last_size:
            self.hidden = None
        logits, self.hidden = self.model(x, self.hidden)
        self.last_size = x.size(1)
        return logits


def evaluate(model, batches):
    modes = [m.training for m in model.modules()]
    criterion = nn.CrossEntropyLoss(reduction="sum")
    runner, loss, table = Runner(model), 0.0, {"tp": 0, "fn": 0, "fp": 0, "tn": 0}
    names = {(1, 1): "tp", (1, 0): "fn", (0, 1): "fp", (0, 0): "tn"}
    try:
        model.eval()
        with torch.no_grad():
            for x, y in batches:
                logits = runner(x)
                loss += criterion(logits, y).item()
                for pair in zip(y.tolist(), logits.argmax(1).tolist()):
                    table[names[pair]] += 1
    finally:
        for m, mode in zip(model.modules(), modes):
            m.training = mode
    n = sum(table.values()) or 1
    tp, fn, fp, tn = table.values()
    return {"loss": loss / n, "accuracy": (tp + tn) / n, "precision": tp / max(tp + fp, 1),
            "recall": tp / max(tp + fn, 1), **table}
