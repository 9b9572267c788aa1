# right: short, the four counts by one bincount
import torch
from torch.nn.functional import cross_entropy


def evaluate(model, batches):
    c, loss, modes = torch.zeros(4, dtype=torch.long), 0.0, [(m, m.training) for m in model.modules()]
    try:
        with torch.no_grad():
            model.eval()
            for x, y in batches:
                z = model(x, None)[0]
                loss += cross_entropy(z, y, reduction="sum").item()
                c += torch.bincount(2 * y + z.argmax(1), minlength=4).cpu()
    finally:
        for m, t in modes:
            m.training = t
    tn, fp, fn, tp = c.tolist()
    ratio = lambda a, b: a / b if b else 0.0  # noqa: E731
    n = tn + fp + fn + tp
    return {"loss": ratio(loss, n), "accuracy": ratio(tp + tn, n), "precision": ratio(tp, tp + fp),
            "recall": ratio(tp, tp + fn), "tp": tp, "fn": fn, "fp": fp, "tn": tn}
