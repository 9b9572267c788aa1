"""gradient_health: watching the gradients. Fill in the bodies."""

from torch import nn


def gradient_norms(model: nn.Module) -> dict[str, float]:
    """Measure the gradients that backward has left in `model`.

    Args:
        model: any module. Some of its parameters, or all, may have no gradient
            (`.grad` is None, whether frozen or not); two of its layers may share a parameter.

    Returns:
        The L2 norm of each parameter's gradient, by the parameter's name; those
        without a gradient are left out. And `"total"`: the L2 norm of all gradients
        together, as if they were one long vector; 0.0 if there is none. All are
        Python floats.

    Raises:
        Nothing of its own.
    """
    raise NotImplementedError


def clip_gradients(model: nn.Module, max_norm: float) -> float:
    """Scale all gradients by one factor, so that their total norm is at most `max_norm`.

    Args:
        model: as above; its gradients are finite. Gradients whose total norm is not
            above `max_norm` stay as they are.
        max_norm: the bound, greater than 0.

    Returns:
        The total norm before, a Python float.

    Raises:
        Nothing of its own.
    """
    raise NotImplementedError


def diagnose_gradients(model: nn.Module, low: float = 1e-6, high: float = 1e2) -> str:
    """Say in a word how the gradients are, by their total norm.

    Args:
        model: as above; its gradients may hold NaN and infinity.
        low: below it, gradients are vanishing.
        high: above it, they are exploding.

    Returns:
        `"vanishing"`, `"healthy"` or `"exploding"`. A total of exactly `low` or `high`
        is healthy, NaN or infinity is exploding, and no gradient at all is vanishing.

    Raises:
        Nothing of its own.
    """
    raise NotImplementedError
