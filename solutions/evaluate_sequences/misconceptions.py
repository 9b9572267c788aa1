"""What students get wrong in evaluate_sequences, each as a small wrong solution."""

import contextlib

import torch
from torch.nn.functional import cross_entropy


@contextlib.contextmanager
def _eval_mode(model):
    modes = [(module, module.training) for module in model.modules()]
    model.eval()
    try:
        yield
    finally:
        for module, training in modes:
            module.training = training


def _fresh(model, batches):
    """Yields logits and labels, batch by batch."""
    for x, y in batches:
        yield model(x, None)[0], y


def _counted(results):
    """The summed loss and tp, fn, fp, tn."""
    loss, counts = 0.0, torch.zeros(4, dtype=torch.int64)
    for logits, y in results:
        loss += cross_entropy(logits, y, reduction="sum").item()
        positive, said = y == 1, logits.argmax(dim=1) == 1
        each = (positive & said, positive & ~said, ~positive & said, ~positive & ~said)
        counts += torch.stack([one.sum() for one in each])
    return loss, counts.tolist()


def _share(part, whole):
    return part / whole if whole else 0.0


def _report(loss, counts, divide=_share):
    tp, fn, fp, tn = counts
    return {
        "loss": loss / sum(counts),
        "accuracy": divide(tp + tn, sum(counts)),
        "precision": divide(tp, tp + fp),
        "recall": divide(tp, tp + fn),
        "tp": tp,
        "fn": fn,
        "fp": fp,
        "tn": tn,
    }


def _right(model, batches):
    with _eval_mode(model), torch.no_grad():
        return _report(*_counted(_fresh(model, batches)))


def _carried(model, batches, *, if_it_fits):
    state, size = None, None
    for x, y in batches:
        if if_it_fits and size != len(y):
            state = None
        logits, state = model(x, state)
        size = len(y)
        yield logits, y


def _loss_of_softmax(model, batches, *, at_least):
    total, count = 0.0, 0
    with _eval_mode(model), torch.no_grad():
        for logits, y in _fresh(model, batches):
            chosen = logits.softmax(dim=1)[range(len(y)), y]
            total -= (chosen + at_least).log().sum().item()
            count += len(y)
    return total / count


class StateCarriedOver:
    """The state goes on from batch to batch.

    You give the model the state of the last batch. These sequences have nothing to do with
    those before them, but now start from what the others left: what you measure depends on
    the order of the batches, and where the last batch is smaller, it does not even fit.
    """

    hint = "Evaluate the same batches in another order. Should anything change?"

    def evaluate(model, batches):
        with _eval_mode(model), torch.no_grad():
            return _report(*_counted(_carried(model, batches, if_it_fits=True)))


class StateCarriedOverToAnySize(StateCarriedOver):
    """As above, whether it fits or not."""

    def evaluate(model, batches):
        with _eval_mode(model), torch.no_grad():
            return _report(*_counted(_carried(model, batches, if_it_fits=False)))


class PrecisionAndRecallSwapped:
    """Precision and recall are exchanged.

    You divide by the wrong one of the two sums. Precision is of those that the model calls
    positive, recall of those that are: the one asks whether to believe the model when it
    says 1, the other how much of what is there it finds.
    """

    hint = "A model that always says 1 finds everything. Which of your two ratios is 1 then?"

    def evaluate(model, batches):
        found = _right(model, batches)
        return {**found, "precision": found["recall"], "recall": found["precision"]}


class FalsePositivesAndNegativesSwapped:
    """False positives and false negatives are exchanged.

    What you call a false positive is a false negative, and the other way round. The second
    word is what the model says, the first whether that is true: a false positive is a 0 that
    it calls 1. Where precision and recall are made of these counts, they are exchanged, too.
    """

    hint = "A model that always says 1 misses nothing. Which of your four counts is then 0?"

    def evaluate(model, batches):
        found = _right(model, batches)
        return {**found, "fp": found["fn"], "fn": found["fp"]}


class FalsePositivesAndNegativesSwappedEverywhere(FalsePositivesAndNegativesSwapped):
    """As above, before the ratios are made of them."""

    def evaluate(model, batches):
        with _eval_mode(model), torch.no_grad():
            loss, (tp, fn, fp, tn) = _counted(_fresh(model, batches))
        return _report(loss, (tp, fp, fn, tn))


def _mean_of_means(model, batches, *, names):
    reports, total = [], 0.0
    counts = torch.zeros(4, dtype=torch.int64)
    with _eval_mode(model), torch.no_grad():
        for logits, y in _fresh(model, batches):
            loss, each = _counted([(logits, y)])
            reports.append(_report(loss, each))
            counts += torch.tensor(each)
            total += loss
    whole = _report(total, counts.tolist())
    return {**whole, **{name: sum(report[name] for report in reports) / len(reports) for name in names}}


class MeanOfBatchMeans:
    """Batches are averaged instead of sequences.

    You take the mean of each batch and then the mean of these. The last batch is smaller,
    and its few sequences then count for more than all others.
    """

    hint = "Ten sequences in one batch and one in the next: what is the weight of that one?"

    def evaluate(model, batches):
        return _mean_of_means(model, batches, names=("loss",))


class AllMeansOfBatchMeans(MeanOfBatchMeans):
    """As above, for the ratios too."""

    def evaluate(model, batches):
        return _mean_of_means(model, batches, names=("loss", "accuracy", "precision", "recall"))


class LossAndAccuracyOfBatchMeans(MeanOfBatchMeans):
    """As above, for the accuracy too."""

    def evaluate(model, batches):
        return _mean_of_means(model, batches, names=("loss", "accuracy"))


class AccuracyOfBatchMeans(MeanOfBatchMeans):
    """As above, for the accuracy only."""

    def evaluate(model, batches):
        return _mean_of_means(model, batches, names=("accuracy",))


class RatiosOfBatchMeans(MeanOfBatchMeans):
    """As above, for the ratios only."""

    def evaluate(model, batches):
        return _mean_of_means(model, batches, names=("accuracy", "precision", "recall"))


def _weighted_by_steps(model, batches, *, names):
    """Means over batches, each weighted by its number of time steps."""
    batches = list(batches)
    reports = [_right(model, [batch]) for batch in batches]
    steps = [len(x) for x, _ in batches]
    whole = _right(model, batches)
    for name in names:
        whole[name] = sum(one[name] * count for one, count in zip(reports, steps, strict=True)) / sum(steps)
    return whole


class StepsCountedForSequences:
    """Time steps are counted for sequences.

    `x` is (T, B, I): its first size says how long the sequences are, and not how many. By that count, a batch of
    long sequences weighs more than one of short ones; or you divide by something else than you added up.
    """

    hint = "A batch of 2 sequences with 50 steps each: what is `len(x)`, and for how many should the batch count?"

    def evaluate(model, batches):
        return _weighted_by_steps(model, batches, names=("loss",))


class StepsCountedForAccuracyToo(StepsCountedForSequences):
    """As above, for the accuracy too."""

    def evaluate(model, batches):
        return _weighted_by_steps(model, batches, names=("loss", "accuracy"))


class StepsCountedForAccuracy(StepsCountedForSequences):
    """As above, for the accuracy only."""

    def evaluate(model, batches):
        return _weighted_by_steps(model, batches, names=("accuracy",))


class DividedBySteps(StepsCountedForSequences):
    """As above; what is added up is right, and divided by the steps of all batches."""

    def evaluate(model, batches):
        batches = list(batches)
        found, steps = _right(model, batches), sum(len(x) for x, _ in batches)
        return {**found, "loss": found["loss"] * sum(len(y) for _, y in batches) / steps}


class LossAndAccuracyDividedBySteps(StepsCountedForSequences):
    """As above, for the accuracy too."""

    def evaluate(model, batches):
        batches = list(batches)
        found, steps = _right(model, batches), sum(len(x) for x, _ in batches)
        share = sum(len(y) for _, y in batches) / steps
        return {**found, "loss": found["loss"] * share, "accuracy": found["accuracy"] * share}


class TrainModeInside:
    """The model is evaluated in the mode it came in.

    You never say `eval()`. Whatever behaves differently in training, dropout and batch
    normalisation above all, then does so while you measure: you measure another model than
    the one that will be used.
    """

    hint = "Evaluate twice, once after `model.train()` and once after `model.eval()`. What do you get?"

    def evaluate(model, batches):
        with torch.no_grad():
            return _report(*_counted(_fresh(model, batches)))


class OuterModeOnly(TrainModeInside):
    """As above, but for the outermost module."""

    def evaluate(model, batches):
        training, model.training = model.training, False
        try:
            with torch.no_grad():
                return _report(*_counted(_fresh(model, batches)))
        finally:
            model.training = training


class LeftInEvalMode:
    """The model is left in eval mode.

    You say `eval()` and do not take it back; or you do so where an error in the model or in
    the data does not come by: at the end of the function, after a `try` that begins too
    late, or in an `except` for errors of another kind. If this is called between two
    epochs, the second one is trained without dropout, and nothing tells you.
    """

    hint = "In which mode was the model when it came to you, and in which does it leave if it has raised an error?"

    def evaluate(model, batches):
        model.eval()
        with torch.no_grad():
            return _report(*_counted(_fresh(model, batches)))


class NotRestoredAfterError(LeftInEvalMode):
    """As above, after an error only."""

    def evaluate(model, batches):
        modes = [(module, module.training) for module in model.modules()]
        model.eval()
        with torch.no_grad():
            found = _report(*_counted(_fresh(model, batches)))
        for module, training in modes:
            module.training = training
        return found


class LeftInTrainMode:
    """The model is put into train mode, whatever it came in.

    You end with `train()`. A model that was in eval mode, or that had some layers in eval
    mode because they are not to be trained any more, comes back changed.
    """

    hint = "What if somebody evaluates a model that is already in eval mode?"

    def evaluate(model, batches):
        model.eval()
        try:
            with torch.no_grad():
                return _report(*_counted(_fresh(model, batches)))
        finally:
            model.train()


class LeftInTrainModeWithoutFinally(LeftInTrainMode):
    """As above, where nothing goes wrong."""

    def evaluate(model, batches):
        model.eval()
        with torch.no_grad():
            found = _report(*_counted(_fresh(model, batches)))
        model.train()
        return found


class OneModeForAll:
    """All submodules are put into the mode of the outermost.

    You keep `model.training` and give it back with `train(mode)`, which sets every
    submodule to that one mode. Some of them may have been in another: frozen layers that
    stay in eval mode, for instance.
    """

    hint = "`model.training` is one bool. How many modules have one of their own?"

    def evaluate(model, batches):
        training = model.training
        model.eval()
        try:
            with torch.no_grad():
                return _report(*_counted(_fresh(model, batches)))
        finally:
            model.train(training)


class OneModeForAllWithoutFinally(OneModeForAll):
    """As above, where nothing goes wrong."""

    def evaluate(model, batches):
        training = model.training
        model.eval()
        with torch.no_grad():
            found = _report(*_counted(_fresh(model, batches)))
        model.train(training)
        return found


class PartsOfPartsForgotten:
    """The parts of parts come back in another mode.

    You keep the modes of the model and of its direct parts. A part may have parts of its own, each with its mode:
    those come back in eval mode, or in that of the part they belong to, as `train(mode)` sets all that is in it.
    """

    hint = "Compare what `model.children()` and `model.modules()` give for a model with an `nn.Sequential` in it."

    def evaluate(model, batches):
        modes = [(module, module.training) for module in (model, *model.children())]
        model.eval()
        try:
            with torch.no_grad():
                return _report(*_counted(_fresh(model, batches)))
        finally:
            for module, training in modes:
                module.train(training)


class ModesKeptByClass:
    """Modules of one class come back in one mode.

    You keep the modes in a dict by class or by some other name that several modules share.
    The last one's mode is then that of all: two `nn.Linear`, one of them frozen, come back
    in the same mode. Every module has a mode of its own, and is a key of its own.
    """

    hint = "How many entries does your dict have, and how many modules the model?"

    def evaluate(model, batches):
        modes = {type(module): module.training for module in model.modules()}
        model.eval()
        try:
            with torch.no_grad():
                return _report(*_counted(_fresh(model, batches)))
        finally:
            for module in model.modules():
                module.training = modes[type(module)]


class GradModeSwitchedOn:
    """Gradients are switched on at the end, whatever they were.

    You switch gradients off, and on again when you are done. A caller who had switched
    them off himself finds them on from then on.
    """

    hint = "What is `torch.is_grad_enabled()` before and after, if you are called under `no_grad`?"

    def evaluate(model, batches):
        torch.set_grad_enabled(False)
        try:
            with _eval_mode(model):
                return _report(*_counted(_fresh(model, batches)))
        finally:
            torch.set_grad_enabled(True)


class GradModeSwitchedOnWithoutFinally(GradModeSwitchedOn):
    """As above, where nothing goes wrong."""

    def evaluate(model, batches):
        torch.set_grad_enabled(False)
        with _eval_mode(model):
            found = _report(*_counted(_fresh(model, batches)))
        torch.set_grad_enabled(True)
        return found


class GradModeLeftOff:
    """Gradients stay switched off.

    You switch gradients off and do not take it back; or you do so in a place that an error in
    the model or in the data never reaches. Who trains next finds that nothing has a gradient.
    """

    hint = "What is `torch.is_grad_enabled()` after your function, and what is it if the model has raised an error?"

    def evaluate(model, batches):
        torch.set_grad_enabled(False)
        with _eval_mode(model):
            return _report(*_counted(_fresh(model, batches)))


class GradModeLeftOffAfterError(GradModeLeftOff):
    """As above, after an error only."""

    def evaluate(model, batches):
        before = torch.is_grad_enabled()
        torch.set_grad_enabled(False)
        with _eval_mode(model):
            found = _report(*_counted(_fresh(model, batches)))
        torch.set_grad_enabled(before)
        return found


class ParametersFrozenOrThawed:
    """Parameters come back frozen that were not, or the other way round.

    You set `requires_grad` and do not give every parameter its own back. After the evaluation a model that was being
    trained learns no more, or layers that somebody had frozen begin to change. None of that is needed for measuring:
    whether a graph is made is not the parameters' business alone.
    """

    hint = "Print `requires_grad` of every parameter before and after, for a model of which one layer is frozen."

    def evaluate(model, batches):
        found = _right(model, batches)
        model.requires_grad_(False)
        return found


class ParametersFrozenAtFirst(ParametersFrozenOrThawed):
    """As above, also if an error comes up."""

    def evaluate(model, batches):
        model.requires_grad_(False)
        return _right(model, batches)


class ParametersThawed(ParametersFrozenOrThawed):
    """As above, the other way round."""

    def evaluate(model, batches):
        found = _right(model, batches)
        model.requires_grad_(True)
        return found


class GradientsCleared:
    """The gradients that the caller had are gone.

    You zero them or throw them away. Measuring needs no gradients, and those that are there are the caller's: who adds
    up the gradients of several batches, and evaluates between two of them, loses what was added up so far.
    """

    hint = "Call backward, then evaluate, and print the `.grad` of one parameter before and after."

    def evaluate(model, batches):
        model.zero_grad()
        return _right(model, batches)


class GradientsZeroed(GradientsCleared):
    """As above; they are filled with zeros."""

    def evaluate(model, batches):
        model.zero_grad(set_to_none=False)
        return _right(model, batches)


class LogitsWrittenInto:
    """The logits are changed in place.

    You write into what the model returned, with `-=` for instance. That may be a view of the batch, or something that
    the model keeps, as in a model that takes the last step of its input for the logits: then the caller's data change.
    """

    hint = "Evaluate the model of the worked example. Are the batches the same afterwards?"

    def evaluate(model, batches):
        def shifted():
            for logits, y in _fresh(model, batches):
                logits -= logits.max(dim=1, keepdim=True).values
                yield logits, y

        with _eval_mode(model), torch.no_grad():
            return _report(*_counted(shifted()))


class GraphBuilt:
    """The model builds a graph.

    You call the model as in training. `eval()` changes what layers do, not whether torch
    notes how everything came about: every batch costs the memory and time of a graph that
    nobody walks back through.
    """

    hint = "Does `eval()` switch gradients off? Look at `requires_grad` of the logits."

    def evaluate(model, batches):
        with _eval_mode(model):
            return _report(*_counted(_fresh(model, batches)))


class DivisionByZero:
    """A ratio without a denominator is an error.

    You divide, whatever the counts are. Where nothing is positive, or the model calls
    nothing positive, there is nothing to divide by; such batches are rare, and it happens
    late in the night.
    """

    hint = "What is the precision of a model that never says 1?"

    def evaluate(model, batches):
        with _eval_mode(model), torch.no_grad():
            return _report(*_counted(_fresh(model, batches)), divide=lambda part, whole: part / whole)


class NotANumber(DivisionByZero):
    """As above; tensors and numpy make it NaN."""

    def evaluate(model, batches):
        with _eval_mode(model), torch.no_grad():
            counted = _counted(_fresh(model, batches))
        return _report(*counted, divide=lambda part, whole: part / whole if whole else float("nan"))


class OnlyAccuracyRight:
    """Only the accuracy is right.

    You count right answers, and the rest is not what it says: all errors are in one box, or
    the counts are those of one batch. Precision, recall and the four counts ask of every
    sequence in which of four boxes it belongs.
    """

    hint = "Do your four counts add up to the number of sequences, and what does each of them count?"

    def evaluate(model, batches):
        found = _right(model, batches)
        return {**found, "precision": found["accuracy"], "recall": found["accuracy"]}


class RightAnswersCounted(OnlyAccuracyRight):
    """As above, in the counts too."""

    def evaluate(model, batches):
        found = _right(model, batches)
        right, wrong = found["tp"] + found["tn"], found["fn"] + found["fp"]
        accuracy = found["accuracy"]
        counts = {"tp": right, "fn": wrong, "fp": wrong, "tn": right}
        return {**found, **counts, "precision": accuracy, "recall": accuracy}


class LastBatchButForAccuracy(OnlyAccuracyRight):
    """As above: loss and counts are those of the last batch."""

    def evaluate(model, batches):
        batches = list(batches)
        return {**_right(model, batches[-1:]), "accuracy": _right(model, batches)["accuracy"]}


class CountsOfLastBatch(OnlyAccuracyRight):
    """As above, but for the loss."""

    def evaluate(model, batches):
        batches = list(batches)
        whole = _right(model, batches)
        return {**_right(model, batches[-1:]), "loss": whole["loss"], "accuracy": whole["accuracy"]}


class PositiveClassIsZero:
    """Class 0 is taken for the positive one.

    You count right and wrong answers of the wrong class. The accuracy is the same for
    both, so that it looks right; precision, recall and the four counts are not.
    """

    hint = "Which of the numbers would change if somebody exchanged the names of the classes?"

    def evaluate(model, batches):
        with _eval_mode(model), torch.no_grad():
            loss, (tp, fn, fp, tn) = _counted(_fresh(model, batches))
        return _report(loss, (tn, fp, fn, tp))


class SoftmaxBeforeCrossEntropy:
    """The cross-entropy is given probabilities.

    You apply a softmax and then `cross_entropy`, which applies one itself. The answers stay
    the same; the loss can no longer be near 0, nor large.
    """

    hint = "What is the loss of a model that is right and very sure? What does yours say?"

    def evaluate(model, batches):
        found = _right(model, batches := list(batches))
        with _eval_mode(model), torch.no_grad():
            softened = ((logits.softmax(dim=1), y) for logits, y in _fresh(model, batches))
            return {**found, "loss": _report(*_counted(softened))["loss"]}


class LogarithmOfSoftmax:
    """The loss is the logarithm of a probability to which something was added.

    You take the softmax, and add a small number before its logarithm, which might else be
    infinite. That bounds the loss: where the model is very sure, and wrong, it is too small.
    A wrong answer from logits that differ by 300 costs 300.
    """

    hint = "What is your loss for the logits 150 and -150, if the second class is the right one?"
    any_numbers = True  # something else may have been added

    def evaluate(model, batches):
        return {**_right(model, batches := list(batches)), "loss": _loss_of_softmax(model, batches, at_least=1e-8)}


class OneLogitAgainstZero:
    """The answer is read off one logit.

    You ask whether the second logit is above zero. That is right for a model with a single
    output; of two, the larger one wins, whatever their sign.
    """

    hint = "What is the answer if the logits are 3 and 1?"

    def evaluate(model, batches):
        found = _right(model, batches := list(batches))
        with _eval_mode(model), torch.no_grad():
            alone = ((torch.stack([0 * logits[:, 1], logits[:, 1]], dim=1), y) for logits, y in _fresh(model, batches))
            return {**_report(*_counted(alone)), "loss": found["loss"]}


class TensorsForNumbers:
    """Numbers are still tensors.

    What you add up are tensors, and so is what you return. They look like numbers when
    printed, but can't be written to a JSON file, and keep the dtype and device of the model.
    """

    hint = "What does `type(...)` say of each number that you return? A tensor of one number has a method for that."

    def evaluate(model, batches):
        found = _right(model, batches)
        return {name: torch.tensor(number, dtype=torch.float64) for name, number in found.items()}


class TensorForLoss(TensorsForNumbers):
    """As above, the loss only."""

    def evaluate(model, batches):
        found = _right(model, batches)
        return {**found, "loss": torch.tensor(found["loss"], dtype=torch.float64)}


class TensorsForCounts(TensorsForNumbers):
    """As above, the counts and the ratios made of them."""

    def evaluate(model, batches):
        found = _right(model, batches)
        return {**{name: torch.tensor(number) for name, number in found.items()}, "loss": found["loss"]}


class TensorsForCountsOnly(TensorsForNumbers):
    """As above, the counts only."""

    def evaluate(model, batches):
        found = _right(model, batches)
        return {**found, **{name: torch.tensor(found[name]) for name in ("tp", "fn", "fp", "tn")}}
