# right: a beginner's code, grad mode and modes saved and put back by hand, one sequence at a time
import torch
import torch.nn as nn
import torch.optim as optim


def evaluate(model, batches):
    # remember how everything was
    grad_was_on = torch.is_grad_enabled()
    old_modes = []
    for module in model.modules():
        old_modes.append(module.training)

    tp = 0
    fn = 0
    fp = 0
    tn = 0
    loss_sum = 0.0
    loss_function = nn.CrossEntropyLoss(reduction="none")

    try:
        model.eval()
        torch.set_grad_enabled(False)
        for x, y in batches:
            logits, _ = model(x, None)
            losses = loss_function(logits, y)
            predictions = torch.argmax(logits, dim=1)
            for i in range(len(y)):
                loss_sum = loss_sum + losses[i].item()
                label = y[i].item()
                prediction = predictions[i].item()
                if label == 1 and prediction == 1:
                    tp += 1
                elif label == 1 and prediction == 0:
                    fn += 1
                elif label == 0 and prediction == 1:
                    fp += 1
                else:
                    tn += 1
    finally:
        torch.set_grad_enabled(grad_was_on)
        i = 0
        for module in model.modules():
            module.training = old_modes[i]
            i += 1

    total = tp + fn + fp + tn
    result = {"loss": 0.0, "accuracy": 0.0, "precision": 0.0, "recall": 0.0}
    if total > 0:
        result["loss"] = loss_sum / total
        result["accuracy"] = (tp + tn) / total
    if tp + fp > 0:
        result["precision"] = tp / (tp + fp)
    if tp + fn > 0:
        result["recall"] = tp / (tp + fn)
    result["tp"] = tp
    result["fn"] = fn
    result["fp"] = fp
    result["tn"] = tn
    return result
