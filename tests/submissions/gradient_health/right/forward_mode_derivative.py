# right: the squared length of a gradient is a directional derivative, by torch.func.jvp
"""JAX habits. The squared length of g is the directional derivative of v -> |v|^2 / 2 at g in direction g, so one
`torch.func.jvp` measures a gradient. A model is a pytree of gradients; clipping is a pure function on that pytree, and
only the last line of `clip_gradients` has an effect."""
from typing import Callable

import torch
from torch import Tensor
from torch.func import jvp

Tree = dict[str, Tensor]


def grad_tree(model) -> Tree:
    return {k: p.grad.detach() for k, p in model.named_parameters() if p.grad is not None}


def tree_map(f: Callable[[Tensor], Tensor], tree: Tree) -> Tree:
    return {k: f(v) for k, v in tree.items()}


def flat64(g: Tensor) -> Tensor:
    g = g.to_dense() if g.layout != torch.strided else g
    g = torch.view_as_real(g.resolve_conj()) if g.is_complex() else g
    return g.to(torch.float64).reshape(-1)


def half_square(v: Tensor) -> Tensor:
    return (v * v).sum() / 2


def squared_length(v: Tensor) -> Tensor:
    _, slope = jvp(half_square, (v,), (v,))
    return slope


def gradient_norms(model) -> dict[str, float]:
    squares = tree_map(squared_length, tree_map(flat64, grad_tree(model)))
    norms = {k: s.sqrt().item() for k, s in squares.items()}
    total = sum((s.cpu() for s in squares.values()), start=torch.zeros((), dtype=torch.float64))
    return {**norms, "total": total.sqrt().item()}


def scaled(factor: float) -> Callable[[Tensor], Tensor]:
    def f(g: Tensor) -> Tensor:
        wide = torch.complex128 if g.is_complex() else torch.float64
        return (g.to(wide) * factor).to(g.dtype)

    return f


def clip_gradients(model, max_norm) -> float:
    before = gradient_norms(model)["total"]
    after = grad_tree(model) if before <= max_norm else tree_map(scaled(max_norm / before), grad_tree(model))
    if before > max_norm:
        owners = dict(model.named_parameters())
        for k, g in after.items():
            owners[k].grad = g
    return before


def diagnose_gradients(model, low=1e-6, high=1e2) -> str:
    x = torch.tensor(gradient_norms(model)["total"], dtype=torch.float64)
    exploding = ~torch.isfinite(x) | (x > high)
    vanishing = ~exploding & (x < low)
    # as lax.select would do it: all branches are values
    return ("healthy", "vanishing", "exploding")[int(vanishing) + 2 * int(exploding)]
