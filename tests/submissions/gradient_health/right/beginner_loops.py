# right: a beginner's loops, with every step spelled out
import torch
import math


def gradient_norms(model):
    result = {}
    sum_of_squares = 0.0
    for name, parameter in model.named_parameters():
        # some parameters may not have been used in the loss
        if parameter.grad is None:
            continue
        gradient = parameter.grad.detach().double()
        squared = gradient * gradient
        total_of_this_parameter = squared.sum().item()
        result[name] = math.sqrt(total_of_this_parameter)
        sum_of_squares = sum_of_squares + total_of_this_parameter
    result["total"] = math.sqrt(sum_of_squares)
    return result


def clip_gradients(model, max_norm):
    norms = gradient_norms(model)
    total_before = norms["total"]
    if total_before > max_norm:
        factor = max_norm / total_before
        for parameter in model.parameters():
            if parameter.grad is not None:
                parameter.grad.data = parameter.grad.data * factor
    return total_before


def diagnose_gradients(model, low=1e-6, high=1e2):
    total = gradient_norms(model)["total"]
    if math.isnan(total):
        return "exploding"
    elif math.isinf(total):
        return "exploding"
    elif total > high:
        return "exploding"
    elif total < low:
        return "vanishing"
    else:
        return "healthy"
