# right: logits to numpy, cross-entropy by hand with a stable log-sum-exp
import numpy as np
import torch


def cross_entropies(logits, labels):
    top = logits.max(axis=1, keepdims=True)
    log_sum = top[:, 0] + np.log(np.exp(logits - top).sum(axis=1))
    return log_sum - logits[np.arange(len(labels)), labels]


def evaluate(model, batches):
    losses, pairs = [], []
    modes = {name: m.training for name, m in model.named_modules()}
    model.eval()
    try:
        for x, y in batches:
            with torch.no_grad():
                logits, _ = model(x, None)
            logits, labels = logits.cpu().double().numpy(), y.cpu().numpy()
            losses.extend(cross_entropies(logits, labels))
            pairs.extend(zip(labels, logits.argmax(axis=1)))
    finally:
        for name, m in model.named_modules():
            m.training = modes[name]
    pairs = np.array(pairs).reshape(-1, 2)
    true, guess = pairs[:, 0] == 1, pairs[:, 1] == 1
    tp, fn = int(np.sum(true & guess)), int(np.sum(true & ~guess))
    fp, tn = int(np.sum(~true & guess)), int(np.sum(~true & ~guess))
    return {
        "loss": float(np.mean(losses)) if losses else 0.0,
        "accuracy": float(np.mean(true == guess)) if losses else 0.0,
        "precision": tp / (tp + fp) if tp + fp > 0 else 0.0,
        "recall": tp / (tp + fn) if tp + fn > 0 else 0.0,
        "tp": tp, "fn": fn, "fp": fp, "tn": tn,
    }
