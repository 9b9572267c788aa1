"""What students get wrong in gradient_health, each as a small wrong solution."""

import math

import torch


def _gradients(model):
    return {name: each.grad for name, each in model.named_parameters() if each.grad is not None}


def _norms(model):
    return {name: gradient.norm().item() for name, gradient in _gradients(model).items()}


def _total(model):
    return math.hypot(*_norms(model).values())


def _clip(model, max_norm, total):
    if total > max_norm:
        for gradient in _gradients(model).values():
            gradient.mul_(max_norm / total)
    return total


def _diagnosis(total, low, high):
    if not math.isfinite(total) or total > high:
        return "exploding"
    return "vanishing" if total < low else "healthy"


class _Right:
    """All three as they should be; a misconception replaces what it gets wrong."""

    def gradient_norms(model):
        return {**_norms(model), "total": _total(model)}

    def clip_gradients(model, max_norm):
        return _clip(model, max_norm, _total(model))

    def diagnose_gradients(model, low=1e-6, high=1e2):
        return _diagnosis(_total(model), low, high)


class SumOfNorms(_Right):
    """The total is the sum of the norms.

    You add up the norms of the parameters. Lengths of vectors that stand at right angles
    do not add up; their squares do. Your total is too large, the more so the more
    parameters there are, and what is clipped by it is clipped too much.
    """

    hint = "Two gradients, (3) and (4): how long is the vector (3, 4)?"

    def gradient_norms(model):
        return {**_norms(model), "total": sum(_norms(model).values(), 0.0)}

    def clip_gradients(model, max_norm):
        return _clip(model, max_norm, sum(_norms(model).values(), 0.0))

    def diagnose_gradients(model, low=1e-6, high=1e2):
        return _diagnosis(sum(_norms(model).values(), 0.0), low, high)


class SumOfNormsReportedOnly(SumOfNorms):
    """As above, and right where it is used."""

    clip_gradients = _Right.clip_gradients
    diagnose_gradients = _Right.diagnose_gradients


class SumOfNormsInClipping(SumOfNorms):
    """As above, in clipping only."""

    gradient_norms = _Right.gradient_norms
    diagnose_gradients = _Right.diagnose_gradients


class SumOfNormsInDiagnosis(SumOfNorms):
    """As above, in the diagnosis only."""

    gradient_norms = _Right.gradient_norms
    clip_gradients = _Right.clip_gradients


def _mean(norms):
    return sum(norms) / len(norms) if norms else 0.0


class MeanOfNorms(_Right):
    """The total is the mean of the norms.

    You average the norms of the parameters. That says how a typical parameter is, not how
    long the whole gradient is: one parameter that explodes among many quiet ones is
    averaged away, and the bound of clipping means something else for every model.
    """

    hint = "Add a parameter whose gradient is zero. Should the length of the whole gradient change?"

    def gradient_norms(model):
        return {**_norms(model), "total": _mean(list(_norms(model).values()))}

    def clip_gradients(model, max_norm):
        return _clip(model, max_norm, _mean(list(_norms(model).values())))

    def diagnose_gradients(model, low=1e-6, high=1e2):
        return _diagnosis(_mean(list(_norms(model).values())), low, high)


class MeanOfNormsReportedOnly(MeanOfNorms):
    """As above, and right where it is used."""

    clip_gradients = _Right.clip_gradients
    diagnose_gradients = _Right.diagnose_gradients


class MeanOfNormsInDiagnosis(MeanOfNorms):
    """As above, in the diagnosis only."""

    gradient_norms = _Right.gradient_norms
    clip_gradients = _Right.clip_gradients


class MeanOfNormsInClipping(MeanOfNorms):
    """As above, in clipping only."""

    gradient_norms = _Right.gradient_norms
    diagnose_gradients = _Right.diagnose_gradients


def _root_mean_square(model):
    numbers = [gradient.flatten() for gradient in _gradients(model).values()]
    return torch.cat(numbers).square().mean().sqrt().item() if numbers else 0.0


class RootMeanSquare(MeanOfNorms):
    """As above: the mean of the squares, which does not grow with the number of parameters."""

    def gradient_norms(model):
        return {**_norms(model), "total": _root_mean_square(model)}

    def clip_gradients(model, max_norm):
        return _clip(model, max_norm, _root_mean_square(model))

    def diagnose_gradients(model, low=1e-6, high=1e2):
        return _diagnosis(_root_mean_square(model), low, high)


def _l1_norms(model):
    return {name: gradient.abs().sum().item() for name, gradient in _gradients(model).items()}


class L1Norm(_Right):
    """The L1 norm is taken for the L2 norm.

    You add up absolute values. The L2 norm adds up squares and takes the root of the sum:
    it is the length of the gradient as a vector. In large parameters the L1 norm is many
    times as large.
    """

    hint = "What is the norm of the vector (3, 4): 7 or 5?"

    def gradient_norms(model):
        return {**_l1_norms(model), "total": sum(_l1_norms(model).values(), 0.0)}

    def clip_gradients(model, max_norm):
        return _clip(model, max_norm, sum(_l1_norms(model).values(), 0.0))

    def diagnose_gradients(model, low=1e-6, high=1e2):
        return _diagnosis(sum(_l1_norms(model).values(), 0.0), low, high)


class L1NormsPutTogether(L1Norm):
    """As above for each parameter; their norms are put together as L2 norms should be."""

    def gradient_norms(model):
        return {**_l1_norms(model), "total": math.hypot(*_l1_norms(model).values())}

    def clip_gradients(model, max_norm):
        return _clip(model, max_norm, math.hypot(*_l1_norms(model).values()))

    def diagnose_gradients(model, low=1e-6, high=1e2):
        return _diagnosis(math.hypot(*_l1_norms(model).values()), low, high)


class L1NormReportedOnly(L1Norm):
    """As above, and right where it is used."""

    clip_gradients = _Right.clip_gradients
    diagnose_gradients = _Right.diagnose_gradients


class L1NormOfEachParameter(L1Norm):
    """As above for each parameter; the total is right."""

    def gradient_norms(model):
        return {**_l1_norms(model), "total": _total(model)}

    clip_gradients = _Right.clip_gradients
    diagnose_gradients = _Right.diagnose_gradients


class ClippedOneByOne(_Right):
    """Every parameter is clipped for itself.

    You bring the gradient of each parameter down to the bound, those that are longer than
    it. All of them together may still be far above it, and they are no longer to each
    other as backward made them: the step points somewhere else.
    """

    hint = "Which way does the step point, before and after?"

    def clip_gradients(model, max_norm):
        total = _total(model)
        for gradient in _gradients(model).values():
            norm = gradient.norm().item()
            if norm > max_norm:
                gradient.mul_(max_norm / norm)
        return total


class ClippedOneByOneIfTooLong(ClippedOneByOne):
    """As above, where the total is too large."""

    def clip_gradients(model, max_norm):
        total = _total(model)
        if total > max_norm:
            for gradient in _gradients(model).values():
                norm = gradient.norm().item()
                if norm > 0:
                    gradient.mul_(min(1.0, max_norm / norm))
        return total


class AllScaledToTheBound(ClippedOneByOne):
    """As above; each parameter has the bound as its norm afterwards."""

    def clip_gradients(model, max_norm):
        total = _total(model)
        if total > max_norm:
            for gradient in _gradients(model).values():
                norm = gradient.norm().item()
                if norm > 0:
                    gradient.mul_(max_norm / norm)
        return total


class NumbersClipped(_Right):
    """Every number is clipped for itself.

    You bring each number of the gradients down to the bound, those that are larger than it. What is bounded then is
    the largest number, not the length of the whole, which may still be far above the bound. And large numbers are
    shortened while small ones stay: the step points somewhere else.
    """

    hint = "Clip the vector (3, 4) to a norm of 3. What comes out of yours, how long is it, and where does it point?"

    def clip_gradients(model, max_norm):
        total = _total(model)
        for gradient in _gradients(model).values():
            gradient.clamp_(-max_norm, max_norm)
        return total


class GradientsNotClipped(_Right):
    """The gradients are as long after clipping as before.

    You measure them, but nothing that the model holds becomes shorter. What is scaled may be a new tensor, a copy
    that is gone when the function returns; the optimizer steps by what hangs on the parameters.
    """

    hint = "Give a model gradients above the bound, clip, and measure again: what is the total now?"

    def clip_gradients(model, max_norm):
        return _total(model)


class ScaledUpWhenSmall(_Right):
    """Gradients below the bound are scaled up to it.

    You multiply by `max_norm / total` always. Where the total is below the bound, that is
    more than 1: small gradients come out as long as large ones, and training never comes
    to rest.
    """

    hint = "A bound says at most. What should happen to gradients that keep to it?"

    def clip_gradients(model, max_norm):
        total = _total(model)
        if total > 0:
            for gradient in _gradients(model).values():
                gradient.mul_(max_norm / total)
        return total


class NormAfterClipping(_Right):
    """The norm after clipping is returned.

    You measure again when the gradients are scaled. What you return is then never above
    the bound, and nobody who logs it can see that gradients explode: the bound is always
    kept, because you keep it.
    """

    hint = "What would you want to see in a plot: how large gradients were, or how large you left them?"

    def clip_gradients(model, max_norm):
        _clip(model, max_norm, _total(model))
        return _total(model)


class BoundReturned(NormAfterClipping):
    """As above, without measuring again."""

    def clip_gradients(model, max_norm):
        return min(_clip(model, max_norm, _total(model)), max_norm)


def _norms_of_weights(model):
    return {name: each.detach().norm().item() for name, each in model.named_parameters() if each.grad is not None}


class NormsOfWeights(_Right):
    """The norms of the weights are taken instead of those of their gradients.

    You measure the parameter itself. Its gradient hangs on it as `.grad` and has the same
    shape, so that nothing complains; but weights stay of an ordinary size while their
    gradients vanish or explode.
    """

    hint = "Call backward on a loss times a thousand. Which of your numbers change?"

    def gradient_norms(model):
        return {**_norms_of_weights(model), "total": math.hypot(*_norms_of_weights(model).values())}

    def clip_gradients(model, max_norm):
        return _clip(model, max_norm, math.hypot(*_norms_of_weights(model).values()))

    def diagnose_gradients(model, low=1e-6, high=1e2):
        return _diagnosis(math.hypot(*_norms_of_weights(model).values()), low, high)


class NormsOfWeightsReportedOnly(NormsOfWeights):
    """As above, and right where it is used."""

    clip_gradients = _Right.clip_gradients
    diagnose_gradients = _Right.diagnose_gradients


class NormsOfAllWeights(NormsOfWeights):
    """As above, of those without a gradient too, and right where it is used."""

    def gradient_norms(model):
        norms = {name: each.detach().norm().item() for name, each in model.named_parameters()}
        return {**norms, "total": math.hypot(*norms.values())}

    clip_gradients = _Right.clip_gradients
    diagnose_gradients = _Right.diagnose_gradients


def _norms_of_all(model):
    return {name: each.grad.norm().item() for name, each in model.named_parameters()}


class MissingGradientCrashes(_Right):
    """A parameter without a gradient is an error.

    You ask every parameter for the norm of its gradient. Where backward has not come by,
    in frozen layers and in those that the loss does not use, `.grad` is `None`, and `None`
    has no norm.
    """

    hint = "What is `.grad` before the first backward?"

    def gradient_norms(model):
        norms = _norms_of_all(model)
        return {**norms, "total": math.hypot(*norms.values())}

    def clip_gradients(model, max_norm):
        return _clip(model, max_norm, math.hypot(*_norms_of_all(model).values()))

    def diagnose_gradients(model, low=1e-6, high=1e2):
        return _diagnosis(math.hypot(*_norms_of_all(model).values()), low, high)


class MissingGradientCrashesInReport(MissingGradientCrashes):
    """As above, in one of the three."""

    clip_gradients = _Right.clip_gradients
    diagnose_gradients = _Right.diagnose_gradients


class MissingGradientCrashesInClipping(MissingGradientCrashes):
    """As above, where the gradients are scaled."""

    def clip_gradients(model, max_norm):
        total = _total(model)
        if total > max_norm:
            for each in model.parameters():
                each.grad.mul_(max_norm / total)
        return total

    gradient_norms = _Right.gradient_norms
    diagnose_gradients = _Right.diagnose_gradients


def _norms_by_function(model):
    return {name: torch.linalg.vector_norm(each.grad).item() for name, each in model.named_parameters()}


class MissingGradientGivenToTorch(MissingGradientCrashes):
    """As above, with a function of torch, which says it in other words."""

    def gradient_norms(model):
        norms = _norms_by_function(model)
        return {**norms, "total": math.hypot(*norms.values())}

    def clip_gradients(model, max_norm):
        return _clip(model, max_norm, math.hypot(*_norms_by_function(model).values()))

    def diagnose_gradients(model, low=1e-6, high=1e2):
        return _diagnosis(math.hypot(*_norms_by_function(model).values()), low, high)


def _norms_of_trained(model):
    trained = {name: each.grad for name, each in model.named_parameters() if each.requires_grad}
    return {name: torch.linalg.vector_norm(gradient).item() for name, gradient in trained.items()}


class UnusedGradientCrashes(MissingGradientCrashes):
    """As above; frozen parameters are thought of, unused ones are not."""

    def gradient_norms(model):
        norms = _norms_of_trained(model)
        return {**norms, "total": math.hypot(*norms.values())}

    def clip_gradients(model, max_norm):
        return _clip(model, max_norm, math.hypot(*_norms_of_trained(model).values()))

    def diagnose_gradients(model, low=1e-6, high=1e2):
        return _diagnosis(math.hypot(*_norms_of_trained(model).values()), low, high)


class MissingGradientListed(_Right):
    """A parameter without a gradient is listed.

    You list every parameter, and where `.grad` is `None` you write down a 0 or something like it. A gradient of 0
    says that backward has come by and that nothing hangs on this parameter; without a gradient nothing is known. In
    your dict the two look alike, and a frozen layer looks like one whose gradient has vanished.
    """

    hint = "Before the first backward: how many entries should the dict have beside the total?"

    def gradient_norms(model):
        return {**{name: 0.0 for name, _ in model.named_parameters()}, **_norms(model), "total": _total(model)}


class MissingGradientListedAsNone(MissingGradientListed):
    """As above, with None for a norm."""

    def gradient_norms(model):
        return {**{name: None for name, _ in model.named_parameters()}, **_norms(model), "total": _total(model)}


def _measured_by_clipping(model):
    return torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0).item()


class MeasuringChangesGradients(_Right):
    """Measuring changes the gradients.

    Who asks for norms or for a diagnosis wants to know something, and nothing else. Yours scales the gradients on the
    way, so that the next step is made by others than backward has left, and who measures twice gets two answers.
    """

    hint = "Measure twice in a row. Is the second total the first one?"

    def gradient_norms(model):
        return {**_norms(model), "total": _measured_by_clipping(model)}

    def diagnose_gradients(model, low=1e-6, high=1e2):
        return _diagnosis(_measured_by_clipping(model), low, high)


class MeasuringNormsChangesGradients(MeasuringChangesGradients):
    """As above, for the norms only."""

    diagnose_gradients = _Right.diagnose_gradients


class DiagnosingChangesGradients(MeasuringChangesGradients):
    """As above, for the diagnosis only."""

    gradient_norms = _Right.gradient_norms


class VerdictBySingleParameters(_Right):
    """The diagnosis looks at parameters one by one.

    You compare the norms of single parameters with the bounds, and go by one of them, the largest for instance. The
    bounds are for the length of all together, which is more: many gradients that are each below `high` can be above
    it together.
    """

    hint = "Two gradients, (3) and (4), and high=4.5: what should the diagnosis say, and what does yours?"

    def diagnose_gradients(model, low=1e-6, high=1e2):
        largest = max(_norms(model).values(), default=0.0)
        return _diagnosis(largest if math.isfinite(_total(model)) else math.inf, low, high)


class VerdictByAnyParameter(VerdictBySingleParameters):
    """As above; one parameter below the lower bound is enough, too."""

    def diagnose_gradients(model, low=1e-6, high=1e2):
        norms = _norms(model).values()
        if not math.isfinite(_total(model)) or any(norm > high for norm in norms):
            return "exploding"
        return "vanishing" if not norms or any(norm < low for norm in norms) else "healthy"


class VerdictByLargestNumber(VerdictBySingleParameters):
    """As above, by the largest number of all."""

    def diagnose_gradients(model, low=1e-6, high=1e2):
        largest = max((gradient.abs().max().item() for gradient in _gradients(model).values()), default=0.0)
        return _diagnosis(largest if math.isfinite(_total(model)) else math.inf, low, high)


class NanCalledHealthy(_Right):
    """NaN is called healthy.

    You compare the total with both bounds and call the rest healthy. Every comparison with
    NaN is false, so that a gradient that is no number at all is neither below nor above
    anything, and comes out as healthy.
    """

    hint = "Try in a shell what `float('nan') > 100` and `float('nan') < 100` are."

    def diagnose_gradients(model, low=1e-6, high=1e2):
        total = _total(model)
        if total < low:
            return "vanishing"
        if total > high:
            return "exploding"
        return "healthy"


class NanCalledVanishing(NanCalledHealthy):
    """As above; the rest is called vanishing."""

    def diagnose_gradients(model, low=1e-6, high=1e2):
        total = _total(model)
        if total > high:
            return "exploding"
        return "healthy" if total >= low else "vanishing"


class BoundsNotHealthy(_Right):
    """The bounds themselves are not healthy.

    You compare with `<=` and `>=`. A total that is exactly one of the bounds still keeps
    to it.
    """

    hint = "Which word do you give a total of exactly `high`?"

    def diagnose_gradients(model, low=1e-6, high=1e2):
        total = _total(model)
        if not math.isfinite(total) or total >= high:
            return "exploding"
        return "vanishing" if total <= low else "healthy"


class LowerBoundNotHealthy(BoundsNotHealthy):
    """As above, for one of the bounds."""

    def diagnose_gradients(model, low=1e-6, high=1e2):
        total = _total(model)
        if not math.isfinite(total) or total > high:
            return "exploding"
        return "vanishing" if total <= low else "healthy"


class UpperBoundNotHealthy(BoundsNotHealthy):
    """As above, for the other."""

    def diagnose_gradients(model, low=1e-6, high=1e2):
        total = _total(model)
        if not math.isfinite(total) or total >= high:
            return "exploding"
        return "vanishing" if total < low else "healthy"


class OtherDefaultBounds(_Right):
    """The default bounds are others than those that are asked for.

    Who calls without bounds means `low=1e-6` and `high=1e2`. With others of your own, all is
    well as long as the gradients are, or as somebody names both bounds.
    """

    hint = "Write your defaults as plain numbers, and put them beside those of the handout."

    def diagnose_gradients(model, low=1e-6, high=1e3):
        return _diagnosis(_total(model), low, high)


class LowerDefaultHigh(OtherDefaultBounds):
    """As above, the other way."""

    def diagnose_gradients(model, low=1e-6, high=10.0):
        return _diagnosis(_total(model), low, high)


class HigherDefaultLow(OtherDefaultBounds):
    """As above, for the other bound."""

    def diagnose_gradients(model, low=1e-5, high=1e2):
        return _diagnosis(_total(model), low, high)


class LowerDefaultLow(OtherDefaultBounds):
    """As above, for the other bound the other way."""

    def diagnose_gradients(model, low=1e-8, high=1e2):
        return _diagnosis(_total(model), low, high)


class ZeroTakenForNoBound(_Right):
    """A bound of 0 is taken for no bound.

    You write something like `low or 1e-6`, and 0.0 counts as false: who asks with `low=0.0`, so that nothing is
    called vanishing, is answered by the default.
    """

    hint = "What is `0.0 or 1e-6`, and how do you find out whether somebody gave a bound?"

    def diagnose_gradients(model, low=None, high=None):
        return _diagnosis(_total(model), low or 1e-6, high or 1e2)


class GradModeLeftOff(_Right):
    """Gradients stay switched off.

    You call `torch.set_grad_enabled(False)` and do not take it back. It holds for the whole program: who measures,
    and trains on, finds that nothing has a gradient any more. As a context, `with torch.no_grad():`, it ends by itself.
    """

    hint = "What is `torch.is_grad_enabled()` before and after your function?"

    def gradient_norms(model):
        torch.set_grad_enabled(False)
        return _Right.gradient_norms(model)

    def clip_gradients(model, max_norm):
        torch.set_grad_enabled(False)
        return _Right.clip_gradients(model, max_norm)

    def diagnose_gradients(model, low=1e-6, high=1e2):
        torch.set_grad_enabled(False)
        return _Right.diagnose_gradients(model, low, high)


def _unfrozen(model):
    return {
        name: gradient.norm().item()
        for name, gradient in _gradients(model).items()
        if model.get_parameter(name).requires_grad
    }


class FrozenLeftOut(_Right):
    """A frozen parameter is left out, though it has a gradient.

    You ask whether a parameter requires a gradient. What counts is whether it has one: a
    parameter that was frozen after a backward still has its `.grad`, and an optimizer that
    holds it goes on stepping by it.
    """

    hint = "Call backward, then requires_grad_(False) on one parameter. What is its .grad?"

    def gradient_norms(model):
        return {**_unfrozen(model), "total": math.hypot(*_unfrozen(model).values())}


class FrozenLeftOutOfTheList(FrozenLeftOut):
    """As above; the total is right."""

    def gradient_norms(model):
        return {**_unfrozen(model), "total": _total(model)}


def _every_name(model):
    named = model.named_parameters(remove_duplicate=False)
    return {name: each.grad for name, each in named if each.grad is not None}


class SharedParameterCountedTwice(_Right):
    """A shared parameter is counted once for each of its names.

    Two layers share a weight, and you count its gradient in both. There is one tensor and
    one gradient, into which backward has already added what comes from either layer;
    scaled twice, it is scaled by the square of the factor.
    """

    hint = "How many gradients does the optimizer see where two layers share one parameter?"

    def gradient_norms(model):
        norms = {name: gradient.norm().item() for name, gradient in _every_name(model).items()}
        return {**norms, "total": math.hypot(*norms.values())}

    def clip_gradients(model, max_norm):
        total = math.hypot(*(gradient.norm().item() for gradient in _every_name(model).values()))
        if total > max_norm:
            for gradient in _every_name(model).values():
                gradient.mul_(max_norm / total)
        return total

    def diagnose_gradients(model, low=1e-6, high=1e2):
        return _diagnosis(math.hypot(*SharedParameterCountedTwice._norms(model)), low, high)

    def _norms(model):
        return [gradient.norm().item() for gradient in _every_name(model).values()]


class SquareRootForgotten(_Right):
    """The total is the sum of the squares.

    You add up the squares of the norms, as you should, and do not take the root. The total
    is then of another order: gradients of 0.001 have one of 0.000001.
    """

    hint = "Give a model gradients that are twice as large. By how much should their norm grow?"

    def gradient_norms(model):
        return {**_norms(model), "total": _total(model) ** 2}

    def clip_gradients(model, max_norm):
        return _clip(model, max_norm, _total(model) ** 2)

    def diagnose_gradients(model, low=1e-6, high=1e2):
        return _diagnosis(_total(model) ** 2, low, high)


class SquareRootForgottenInReport(SquareRootForgotten):
    """As above, and right where it is used."""

    clip_gradients = _Right.clip_gradients
    diagnose_gradients = _Right.diagnose_gradients
