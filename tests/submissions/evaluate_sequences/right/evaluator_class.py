# right: a class with __enter__ and __exit__, a match statement for the cells of the table
import torch
import torch.nn.functional as F


class Evaluator:
    def __init__(self, model):
        self.model = model
        self.table = {"tp": 0, "fn": 0, "fp": 0, "tn": 0}
        self.loss = 0.0

    def __enter__(self):
        self.modes = [(m, m.training) for m in self.model.modules()]
        self.no_grad = torch.no_grad()
        self.no_grad.__enter__()
        self.model.eval()
        return self

    def __exit__(self, *error):
        self.no_grad.__exit__(*error)
        for module, mode in reversed(self.modes):
            module.training = mode
        return False

    def add(self, x, y):
        logits, _ = self.model(x, None)
        log_p = F.log_softmax(logits, dim=-1)
        self.loss -= log_p.gather(1, y.unsqueeze(1)).sum().item()
        for label, guess in zip(y.tolist(), log_p.argmax(dim=-1).tolist()):
            match (label, guess):
                case (1, 1):
                    self.table["tp"] += 1
                case (1, _):
                    self.table["fn"] += 1
                case (_, 1):
                    self.table["fp"] += 1
                case _:
                    self.table["tn"] += 1

    def report(self):
        t = self.table
        n = sum(t.values()) or 1
        return {
            "loss": self.loss / n,
            "accuracy": (t["tp"] + t["tn"]) / n,
            "precision": t["tp"] / (t["tp"] + t["fp"] or 1),
            "recall": t["tp"] / (t["tp"] + t["fn"] or 1),
            **t,
        }


def evaluate(model, batches):
    with Evaluator(model) as evaluator:
        for x, y in batches:
            evaluator.add(x, y)
    return evaluator.report()
