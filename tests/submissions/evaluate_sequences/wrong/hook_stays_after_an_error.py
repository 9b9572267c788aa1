# wrong: a forward hook is removed at the end, and stays where an error came up
# misconception: none
import torch
import torch.nn.functional as F


def evaluate(model, batches):
    collected = []
    handle = model.register_forward_hook(lambda module, args, output: collected.append(output[0].detach()))
    modes = {m: m.training for m in model.modules()}
    labels = []
    try:
        model.eval()
        with torch.no_grad():
            for x, y in batches:
                model(x, None)
                labels.append(y)
    finally:
        for m, mode in modes.items():
            m.training = mode
    handle.remove()

    logits = torch.cat(collected)
    y = torch.cat(labels)
    loss = F.cross_entropy(logits.double(), y).item()
    pred = logits.argmax(1)
    tp = int(((pred == 1) & (y == 1)).sum())
    fn = int(((pred == 0) & (y == 1)).sum())
    fp = int(((pred == 1) & (y == 0)).sum())
    tn = int(((pred == 0) & (y == 0)).sum())
    return {
        "loss": loss,
        "accuracy": (tp + tn) / len(y),
        "precision": tp / (tp + fp) if tp + fp else 0.0,
        "recall": tp / (tp + fn) if tp + fn else 0.0,
        "tp": tp,
        "fn": fn,
        "fp": fp,
        "tn": tn,
    }
