# right: first collects all logits, then measures once
import torch
from torch import nn


def evaluate(model, batches):
    was = [(module, module.training) for module in model.modules()]
    all_logits, all_labels = [], []
    try:
        model.eval()
        with torch.no_grad():
            for x, y in batches:
                out = model(x, None)
                all_logits.append(out[0])
                all_labels.append(y)
    finally:
        for module, training in was:
            module.training = training
    if not all_labels:
        return {"loss": 0.0, "accuracy": 0.0, "precision": 0.0, "recall": 0.0, "tp": 0, "fn": 0, "fp": 0, "tn": 0}

    logits = torch.cat(all_logits)
    labels = torch.cat(all_labels)
    guess = torch.max(logits, dim=1).indices
    right = guess == labels
    positive = guess == 1
    result = {
        "loss": nn.CrossEntropyLoss()(logits, labels).item(),
        "accuracy": right.double().mean().item(),
        "tp": torch.count_nonzero(right & positive).item(),
        "fn": torch.count_nonzero(~right & ~positive).item(),
        "fp": torch.count_nonzero(~right & positive).item(),
        "tn": torch.count_nonzero(right & ~positive).item(),
    }
    result["precision"] = result["tp"] / max(result["tp"] + result["fp"], 1)
    result["recall"] = result["tp"] / max(result["tp"] + result["fn"], 1)
    return result
