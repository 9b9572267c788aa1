"""Submissions that do nothing of what is asked, for any exercise: nothing of them may earn a point."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from grader.course import CourseExercise

_WRAPPED = """

def _changed(value, how):
    if isinstance(value, torch.Tensor):
        return how(value)
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, float | int | str):
        return type(value)()
    if isinstance(value, dict):
        return type(value)((key, _changed(item, how)) for key, item in value.items())
    if isinstance(value, tuple) and hasattr(value, "_fields"):
        return type(value)(*(_changed(item, how) for item in value))
    if isinstance(value, tuple | list):
        return type(value)(_changed(item, how) for item in value)
    return value


def _undone(function, *args, **kwargs):
    # what it does to a module, such as to train it, would be work that earns points
    modules = [each for each in args if isinstance(each, torch.nn.Module)]
    before = [{name: value.clone() for name, value in each.state_dict().items()} for each in modules]
    parameters = [parameter for each in modules for parameter in each.parameters() if parameter.grad is not None]
    gradients = [(parameter, parameter.grad.clone()) for parameter in parameters]
    result = function(*args, **kwargs)
    for module, state in zip(modules, before):
        module.load_state_dict(state)
        module.zero_grad()
    for parameter, gradient in gradients:
        parameter.grad = gradient
    return result


def _hollow(thing, how):
    if not isinstance(thing, type):
        return lambda *args, **kwargs: _changed(_undone(thing, *args, **kwargs), how)

    class Hollow(thing):
        def __getattribute__(self, name):
            found = super().__getattribute__(name)
            return _changed(found, how) if name == "state" else found

    def hollow(method):
        return lambda self, *args, **kwargs: _changed(method(self, *args, **kwargs), how)

    for base in thing.__mro__[::-1]:
        if base is not object and not base.__module__.startswith("torch."):
            for name, member in vars(base).items():
                if callable(member) and not isinstance(member, type) and not name.startswith("_"):
                    setattr(Hollow, name, hollow(member))
    return Hollow
"""

_FUNCTION = {
    "returns None": "None",
    "returns its argument": "args[0] if args else None",
    "returns a constant": "torch.ones(2, 3, 4)",
}
_CLASS = """
class {name}(torch.nn.Module):
    def __init__(self, *args, **kwargs):
        super().__init__()

    def __getattr__(self, name):
        try:
            return super().__getattr__(name)
        except AttributeError:
            if name.startswith("_"):
                raise
            return {value}

    def forward(self, *args, **kwargs):
        return {value}

    def reset(self, *args, **kwargs):
        return None
"""
_METHOD = """
    def {name}(self, *args, **kwargs):
        return {value}
"""
_CLASS_METHOD = """
    @classmethod
    def {name}(cls, *args, **kwargs):
        return cls()
"""


def vacuous_sources(exercise: CourseExercise) -> Iterator[tuple[str, str]]:
    """Submissions that do nothing of what is asked, by what they do."""
    names = list(exercise.declared.entry_points)
    classes = {name for name in names if name[0].isupper()}
    for what, value in _FUNCTION.items():
        parts = ["import torch\n"]
        for name in names:
            if name in classes:
                parts.append(_CLASS.format(name=name, value=value) + _methods(exercise.solution or "", name, value))
            else:
                parts.append(f"\ndef {name}(*args, **kwargs):\n    return {value}\n")
        yield what, "".join(parts)
    raising = "".join(f"\ndef {name}(*args, **kwargs):\n    raise ValueError('no')\n" for name in names)
    yield "always raises", raising
    for what, how in (("returns zeros", "torch.zeros_like"), ("returns ones", "torch.ones_like")):
        wrapped = "".join(f"\n{name} = _hollow({name}, {how})\n" for name in names)
        yield what, f"{exercise.solution}\nimport torch\n{_WRAPPED}{wrapped}"


def _methods(solution: str, name: str, value: str) -> str:
    """Further public methods that a class of the solution has: each returns the same, class methods an instance."""
    found = [node for node in ast.parse(solution).body if isinstance(node, ast.ClassDef) and node.name == name]
    parts = []
    for method in (each for node in found for each in node.body if isinstance(each, ast.FunctionDef)):
        kinds = {ast.unparse(decorator) for decorator in method.decorator_list}
        if not method.name.startswith("_") and method.name not in ("forward", "reset") and "property" not in kinds:
            parts.append((_CLASS_METHOD if "classmethod" in kinds else _METHOD).format(name=method.name, value=value))
    return "".join(parts)
