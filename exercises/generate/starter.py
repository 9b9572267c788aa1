"""generate: one token at a time. Fill in the body."""

from torch import Tensor, nn


def generate(model: nn.Module, prompt: Tensor, steps: int) -> tuple[Tensor, Tensor]:
    """Continue a batch of prompts, each time with the token that the model finds most likely.

    Args:
        model: called as `model(tokens, state)` with tokens (T, B), returns `(logits, state)`
            with logits (T, B, V). Its state is its own; None is the state before any token.
        prompt: ids (T, B), int64, T at least 1.
        steps: how many tokens to generate, at least 1.

    Returns:
        tokens: the new tokens (steps, B), int64; the prompt is not among them.
        logits: the logits (steps, B, V) that each of them was chosen from, of the dtype and
            on the device of the model.
        Neither hangs on a graph.
    """
    raise NotImplementedError
