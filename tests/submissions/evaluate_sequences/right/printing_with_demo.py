# right: prints a table, warns on undefined ratios, demo code at the end, unused imports
import math
import os
import warnings

import numpy as np
import torch
from torch import nn
from torch.utils.data import DataLoader


def evaluate(model, batches):
    training = {id(m): m.training for m in model.modules()}
    tp = fn = fp = tn = 0
    losses = []
    weights = []
    try:
        with torch.no_grad():
            for x, y in batches:
                model.eval()
                logits, _ = model(x, None)
                losses.append(nn.functional.cross_entropy(logits, y).item())
                weights.append(y.shape[0])
                yes = logits.argmax(dim=1).bool()
                true = y.bool()
                tp += torch.logical_and(yes, true).sum().item()
                fp += torch.logical_and(yes, torch.logical_not(true)).sum().item()
                fn += true.sum().item() - torch.logical_and(yes, true).sum().item()
                tn += torch.logical_not(torch.logical_or(yes, true)).sum().item()
    finally:
        for m in model.modules():
            m.training = training[id(m)]
    n = sum(weights)
    loss = math.fsum(a * w for a, w in zip(losses, weights)) / n if n else 0.0
    if tp + fp == 0:
        warnings.warn("nothing was predicted positive, precision is set to 0.0")
    precision = tp / (tp + fp) if tp + fp else 0.0
    recall = tp / (tp + fn) if tp + fn else 0.0
    accuracy = (tp + tn) / n if n else 0.0
    print(f"loss {loss:.4f}  accuracy {accuracy:.3f}  precision {precision:.3f}  recall {recall:.3f}")
    print(f"         yes   no\ntrue yes {tp:4d} {fn:4d}\ntrue no  {fp:4d} {tn:4d}")
    return {"tp": tp, "fn": fn, "fp": fp, "tn": tn, "loss": loss, "accuracy": accuracy, "precision": precision,
            "recall": recall}


if __name__ == "__main__":
    class Toy(nn.Module):
        def forward(self, x, state):
            return x[-1], state

    evaluate(Toy(), [(torch.randn(3, 4, 2), torch.tensor([0, 1, 1, 0]))])
