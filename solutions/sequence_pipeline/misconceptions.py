"""What students get wrong in sequence_pipeline, each as a small wrong solution."""

import torch
from torch import nn
from torch.nn.functional import cross_entropy


class _Network(nn.Module):
    def __init__(self, input_size, hidden_size, num_classes):
        super().__init__()
        self.rnn = nn.RNN(input_size, hidden_size)
        self.head = nn.Linear(hidden_size, num_classes)


class _Classifier(_Network):
    def forward(self, x, state=None):
        outputs, state = self.rnn(x, state)
        return self.head(self.pooled(outputs)), state

    def pooled(self, outputs):
        return outputs[-1]

    def predict(self, x):
        return self(x)[0].detach().softmax(dim=-1)


class _Tagger(_Network):
    def forward(self, x, state=None):
        outputs, state = self.rnn(x, state)
        return self.head(outputs), state


def _train(model, optimizer, x, y):
    """What is right for one batch: its loss and how many are right."""
    optimizer.zero_grad()
    logits, _ = model(x)
    loss = cross_entropy(logits, y)
    loss.backward()
    optimizer.step()
    return loss.item(), int((logits.argmax(dim=-1) == y).sum())


def _zeros(rnn, x, device=None):
    """A state of the default dtype."""
    return torch.zeros(1, x.shape[1], rnn.hidden_size, device=device)


class _Right:
    SequenceClassifier = _Classifier
    SequenceTagger = _Tagger

    def train_epoch(model, optimizer, batches):
        total, correct, count = 0.0, 0, 0
        for x, y in batches:
            loss, right = _train(model, optimizer, x, y)
            total, correct, count = total + loss * len(y), correct + right, count + len(y)
        return total / count, correct / count


class FirstStepForLast(_Right):
    """The sequence is judged by its first step.

    You index the time axis with 0. After the first step the network has seen one step of the
    sequence; only after the last has it seen them all.
    """

    hint = "Change the last step of a sequence: do the logits change?"

    class SequenceClassifier(_Classifier):
        def pooled(self, outputs):
            return outputs[0]


class MeanOverTime(_Right):
    """The outputs are averaged over time.

    You take the mean of all steps where the last one is asked for. The state after the last step
    already holds what the network made of the steps before; the mean mixes it with what the
    network thought when it had seen next to nothing.
    """

    hint = "Which single entry along the time axis has seen the whole sequence?"

    class SequenceClassifier(_Classifier):
        def pooled(self, outputs):
            return outputs.mean(dim=0)


# Added up instead of averaged.
class SumOverTime(MeanOverTime):
    class SequenceClassifier(_Classifier):
        def pooled(self, outputs):
            return outputs.sum(dim=0)


# The largest of each feature over time.
class MaxOverTime(MeanOverTime):
    class SequenceClassifier(_Classifier):
        def pooled(self, outputs):
            return outputs.max(dim=0).values


class BatchAxisForTime(_Right):
    """The batch axis is taken for time.

    Inputs and outputs are (T, B, ...): time first, then the batch. `[:, -1]` is every step of
    the last sequence, not the last step of every sequence; and a module built with
    `batch_first=True` runs across the batch.
    """

    hint = "With T = 5 and B = 3, which shape has what you hand to the head?"

    class SequenceClassifier(_Classifier):
        def pooled(self, outputs):
            return outputs[:, -1]


class _BatchFirst(nn.Module):
    def __init__(self, input_size, hidden_size, num_classes):
        super().__init__()
        self.rnn = nn.RNN(input_size, hidden_size, batch_first=True)
        self.head = nn.Linear(hidden_size, num_classes)

    def forward(self, x, state=None):
        outputs, state = self.rnn(x, state)
        return self.head(self.pooled(outputs)), state

    def pooled(self, outputs):
        return outputs

    def predict(self, x):
        return self(x)[0].detach().softmax(dim=-1)


# The module is batch-first, and so is the index.
class ModuleBatchFirst(BatchAxisForTime):
    class SequenceClassifier(_BatchFirst):
        def pooled(self, outputs):
            return outputs[:, -1]

    SequenceTagger = _BatchFirst


# The module is batch-first; the index is right for a module that isn't.
class ModuleBatchFirstIndexNot(BatchAxisForTime):
    class SequenceClassifier(_BatchFirst):
        def pooled(self, outputs):
            return outputs[-1]

    SequenceTagger = _BatchFirst


# Only in the tagger.
class TaggerBatchFirst(BatchAxisForTime):
    SequenceClassifier = _Classifier
    SequenceTagger = _BatchFirst


# The tagger hands back its logits batch-first.
class TaggerTransposed(BatchAxisForTime):
    SequenceClassifier = _Classifier

    class SequenceTagger(_Tagger):
        def forward(self, x, state=None):
            logits, state = super().forward(x, state)
            return logits.transpose(0, 1), state


# Only in the classifier.
class ClassifierBatchFirst(BatchAxisForTime):
    class SequenceClassifier(_BatchFirst):
        def pooled(self, outputs):
            return outputs[-1]


class ClassifierBatchFirstIndexToo(BatchAxisForTime):
    class SequenceClassifier(_BatchFirst):
        def pooled(self, outputs):
            return outputs[:, -1]


class GivenStateIgnored(_Right):
    """A given state is not used.

    Every call starts from zeros, whatever the caller hands over. `state=None` means zeros; any other state is where
    the sequences go on from, and what was read before them is in it.
    """

    hint = "Call it twice with the same x, once from None and once from a state of large numbers: what should differ?"

    class SequenceClassifier(_Classifier):
        def forward(self, x, state=None):
            return super().forward(x)

    class SequenceTagger(_Tagger):
        def forward(self, x, state=None):
            return super().forward(x)


# Only by the classifier.
class GivenStateIgnoredByClassifier(GivenStateIgnored):
    SequenceTagger = _Tagger


# Only by the tagger.
class GivenStateIgnoredByTagger(GivenStateIgnored):
    SequenceClassifier = _Classifier


class ReturnedStateDetached(_Right):
    """The returned state is cut from the graph.

    The values are right, but a loss that hangs on the new state, such as one of the steps that follow, sends no
    gradient back through it. Whether and where to cut is for the caller to say.
    """

    hint = "Backpropagate from the returned state alone: does x get a gradient?"

    class SequenceClassifier(_Classifier):
        def forward(self, x, state=None):
            logits, state = super().forward(x, state)
            return logits, state.detach()

    class SequenceTagger(_Tagger):
        def forward(self, x, state=None):
            logits, state = super().forward(x, state)
            return logits, state.detach()


# Only by the classifier.
class ReturnedStateDetachedByClassifier(ReturnedStateDetached):
    SequenceTagger = _Tagger


# Only by the tagger.
class ReturnedStateDetachedByTagger(ReturnedStateDetached):
    SequenceClassifier = _Classifier


class SoftmaxBeforeCrossEntropy(_Right):
    """Softmax is applied before the cross-entropy.

    The cross-entropy of torch takes logits and applies log-softmax itself. Given probabilities
    it takes them for logits that differ by at most 1: the loss can't get small, the gradients
    are weak, and training crawls.
    """

    hint = "Which input does the documentation of cross_entropy ask for?"

    def train_epoch(model, optimizer, batches):
        total, correct, count = 0.0, 0, 0
        for x, y in batches:
            optimizer.zero_grad()
            logits, _ = model(x)
            loss = cross_entropy(logits.softmax(dim=-1), y)
            loss.backward()
            optimizer.step()
            total += loss.item() * len(y)
            correct += int((logits.argmax(dim=-1) == y).sum())
            count += len(y)
        return total / count, correct / count


# The classifier itself returns probabilities.
class ProbabilitiesForLogits(SoftmaxBeforeCrossEntropy):
    train_epoch = _Right.train_epoch

    class SequenceClassifier(_Classifier):
        def forward(self, x, state=None):
            logits, state = super().forward(x, state)
            return logits.softmax(dim=-1), state

        def predict(self, x):
            return self(x)[0].detach()


# And predict applies softmax once more.
class SoftmaxTwice(ProbabilitiesForLogits):
    class SequenceClassifier(_Classifier):
        def forward(self, x, state=None):
            logits, state = super().forward(x, state)
            return logits.softmax(dim=-1), state


# The classifier and the tagger.
class BothGiveProbabilities(SoftmaxTwice):
    class SequenceClassifier(_Classifier):
        def forward(self, x, state=None):
            logits, state = super().forward(x, state)
            return logits.softmax(dim=-1), state

        def predict(self, x):
            return self(x)[0].detach()

    class SequenceTagger(_Tagger):
        def forward(self, x, state=None):
            logits, state = super().forward(x, state)
            return logits.softmax(dim=-1), state


# Logarithms of probabilities: the loss is right, the logits are not.
class LogProbabilitiesForLogits(SoftmaxBeforeCrossEntropy):
    train_epoch = _Right.train_epoch

    class SequenceClassifier(_Classifier):
        def forward(self, x, state=None):
            logits, state = super().forward(x, state)
            return logits.log_softmax(dim=-1), state


class NoProbabilitiesPredicted(_Right):
    """What predict returns are not probabilities.

    For each sequence they should lie between 0 and 1 and sum to 1. Logits can be any numbers, and the logarithm of a
    probability is never above 0. The largest one stands in the same place, so that nothing looks wrong until
    somebody asks how sure the model is.
    """

    hint = "Sum what predict returns for one sequence, and look at its smallest number."

    class SequenceClassifier(_Classifier):
        def predict(self, x):
            return self(x)[0].detach().log_softmax(dim=-1)


# The logits themselves.
class LogitsPredicted(NoProbabilitiesPredicted):
    class SequenceClassifier(_Classifier):
        def predict(self, x):
            return self(x)[0].detach()


# Each class for itself: they don't sum to 1.
class SigmoidPredicted(NoProbabilitiesPredicted):
    class SequenceClassifier(_Classifier):
        def predict(self, x):
            return self(x)[0].detach().sigmoid()


class ProbabilitiesOverBatch(_Right):
    """The probabilities sum to 1 over the batch, not over the classes.

    Softmax runs along the axis you name. Along axis 0 of (B, C) it compares the sequences of the
    batch with each other: what is said of one depends on its neighbours.
    """

    hint = "Sum the probabilities of one sequence. And what does predict say of a batch of one?"

    class SequenceClassifier(_Classifier):
        def predict(self, x):
            return self(x)[0].detach().softmax(dim=0)


# Over batch and classes together.
class ProbabilitiesOverEverything(ProbabilitiesOverBatch):
    class SequenceClassifier(_Classifier):
        def predict(self, x):
            logits = self(x)[0].detach()
            return logits.flatten().softmax(dim=0).view_as(logits)


class StateCarriedOver(_Right):
    """The state goes on from batch to batch.

    The sequences of one batch have nothing to do with those of the next: sequence i of a batch
    doesn't go on where sequence i of the last one ended. Each batch starts from a fresh state,
    and with it each sequence.
    """

    hint = "Shuffle the batches: may the state that a batch starts from depend on which one came before?"

    def train_epoch(model, optimizer, batches):
        total, correct, count, state = 0.0, 0, 0, None
        for x, y in batches:
            optimizer.zero_grad()
            logits, state = model(x, state)
            state = state.detach()
            loss = cross_entropy(logits, y)
            loss.backward()
            optimizer.step()
            total += loss.item() * len(y)
            correct += int((logits.argmax(dim=-1) == y).sum())
            count += len(y)
        return total / count, correct / count


# What of it doesn't fit the smaller last batch is left out.
class StateCarriedOverCut(StateCarriedOver):
    def train_epoch(model, optimizer, batches):
        total, correct, count, state = 0.0, 0, 0, None
        for x, y in batches:
            optimizer.zero_grad()
            logits, state = model(x, None if state is None else state[:, : x.size(1)].contiguous())
            state = state.detach()
            loss = cross_entropy(logits, y)
            loss.backward()
            optimizer.step()
            total += loss.item() * len(y)
            correct += int((logits.argmax(dim=-1) == y).sum())
            count += len(y)
        return total / count, correct / count


# Only where the batch size is the same.
class StateCarriedOverWhereItFits(StateCarriedOver):
    def train_epoch(model, optimizer, batches):
        total, correct, count, state = 0.0, 0, 0, None
        for x, y in batches:
            if state is not None and state.size(1) != x.size(1):
                state = None
            optimizer.zero_grad()
            logits, state = model(x, state)
            state = state.detach()
            loss = cross_entropy(logits, y)
            loss.backward()
            optimizer.step()
            total += loss.item() * len(y)
            correct += int((logits.argmax(dim=-1) == y).sum())
            count += len(y)
        return total / count, correct / count


# With its graph.
class StateCarriedOverWithGraph(StateCarriedOver):
    def train_epoch(model, optimizer, batches):
        total, correct, count, state = 0.0, 0, 0, None
        for x, y in batches:
            optimizer.zero_grad()
            logits, state = model(x, state)
            loss = cross_entropy(logits, y)
            loss.backward()
            optimizer.step()
            total += loss.item() * len(y)
            correct += int((logits.argmax(dim=-1) == y).sum())
            count += len(y)
        return total / count, correct / count


# The classifier keeps it, and goes on from it whenever it is called without one.
class StateKeptByClassifier(StateCarriedOver):
    train_epoch = _Right.train_epoch

    class SequenceClassifier(_Classifier):
        kept = None

        def forward(self, x, state=None):
            if state is None and self.kept is not None and self.kept.size(1) == x.size(1):
                state = self.kept
            logits, state = super().forward(x, state)
            self.kept = state.detach()
            return logits, state


class LastBatchReported(_Right):
    """Loss or accuracy is that of the last batch alone.

    Something is computed anew in every batch, and what you return after the loop is what the last batch left of it.
    Of all other sequences the figure says nothing: it jumps up and down with the few in that batch.
    """

    hint = "Which of your variables remember more than one batch?"

    def train_epoch(model, optimizer, batches):
        total, count = 0.0, 0
        for x, y in batches:
            loss, right = _train(model, optimizer, x, y)
            total, count = total + loss * len(y), count + len(y)
        return total / count, right / len(y)


# Not the accuracy, but the loss.
class LossOfLastBatch(LastBatchReported):
    def train_epoch(model, optimizer, batches):
        correct, count = 0, 0
        for x, y in batches:
            loss, right = _train(model, optimizer, x, y)
            correct, count = correct + right, count + len(y)
        return loss, correct / count


# Both.
class BothOfLastBatch(LastBatchReported):
    def train_epoch(model, optimizer, batches):
        for x, y in batches:
            loss, right = _train(model, optimizer, x, y)
        return loss, right / len(y)


class MeanOfBatchMeans(_Right):
    """Batches are averaged, not sequences.

    You add the mean of each batch and divide by the number of batches. A last batch of one
    sequence then counts as much as a full one.
    """

    hint = "Two batches, of 4 and of 1 sequences, all right and all wrong: what is the accuracy?"

    def train_epoch(model, optimizer, batches):
        losses, accuracies = [], []
        for x, y in batches:
            loss, right = _train(model, optimizer, x, y)
            losses.append(loss)
            accuracies.append(right / len(y))
        return sum(losses) / len(losses), sum(accuracies) / len(accuracies)


# Only the loss.
class MeanOfBatchLosses(MeanOfBatchMeans):
    def train_epoch(model, optimizer, batches):
        losses, correct, count = [], 0, 0
        for x, y in batches:
            loss, right = _train(model, optimizer, x, y)
            losses.append(loss)
            correct, count = correct + right, count + len(y)
        return sum(losses) / len(losses), correct / count


def _weighted(model, optimizer, batches, *, losses_by, accuracies_by):
    """Means over batches, each batch weighted by a size of its inputs."""
    total, loss_count, correct, count = 0.0, 0, 0.0, 0
    for x, y in batches:
        loss, right = _train(model, optimizer, x, y)
        total, loss_count = total + loss * x.size(losses_by), loss_count + x.size(losses_by)
        correct, count = correct + right / len(y) * x.size(accuracies_by), count + x.size(accuracies_by)
    return total / loss_count, correct / count


class StepsCountedForSequences(_Right):
    """Time steps are counted for sequences.

    `x` is (T, B, I): its first size says how long the sequences are, and not how many. By that count, a batch of
    long sequences weighs more than one of short ones; or you divide by something else than you added up.
    """

    hint = "A batch of 2 sequences with 50 steps each: what is `len(x)`, and for how many should the batch count?"

    def train_epoch(model, optimizer, batches):
        return _weighted(model, optimizer, batches, losses_by=0, accuracies_by=0)


# Only for the loss.
class StepsCountedForLoss(StepsCountedForSequences):
    def train_epoch(model, optimizer, batches):
        return _weighted(model, optimizer, batches, losses_by=0, accuracies_by=1)


# Only for the accuracy.
class StepsCountedForAccuracy(StepsCountedForSequences):
    def train_epoch(model, optimizer, batches):
        return _weighted(model, optimizer, batches, losses_by=1, accuracies_by=0)


# What is added up is right, and divided by the steps of all batches.
class DividedBySteps(StepsCountedForSequences):
    def train_epoch(model, optimizer, batches):
        total, correct, steps = 0.0, 0, 0
        for x, y in batches:
            loss, right = _train(model, optimizer, x, y)
            total, correct, steps = total + loss * len(y), correct + right, steps + len(x)
        return total / steps, correct / steps


# The losses are weighted by steps; the accuracy is how many are right, divided by the steps.
class WeightedAndDividedBySteps(StepsCountedForSequences):
    def train_epoch(model, optimizer, batches):
        total, correct, steps = 0.0, 0, 0
        for x, y in batches:
            loss, right = _train(model, optimizer, x, y)
            total, correct, steps = total + loss * len(x), correct + right, steps + len(x)
        return total / steps, correct / steps


class WeightsNeverChange(_Right):
    """The weights stay as they were.

    A step moves the weights by the gradients that are there when it is made. In your loop there are none at that
    moment: backward hasn't been called, or what it left has been wiped out again. Or no step is made at all. The loss
    comes out the same in every epoch.
    """

    hint = "Print the gradient of one parameter in the line before the step, and the parameter before and after it."

    def train_epoch(model, optimizer, batches):
        total, correct, count = 0.0, 0, 0
        for x, y in batches:
            logits, _ = model(x)
            loss = cross_entropy(logits, y)
            loss.backward()
            optimizer.zero_grad()
            optimizer.step()
            total += loss.item() * len(y)
            correct += int((logits.argmax(dim=-1) == y).sum())
            count += len(y)
        return total / count, correct / count


# They are filled with zeros.
class SteppedByZeros(WeightsNeverChange):
    def train_epoch(model, optimizer, batches):
        total, correct, count = 0.0, 0, 0
        for x, y in batches:
            logits, _ = model(x)
            loss = cross_entropy(logits, y)
            loss.backward()
            optimizer.zero_grad(set_to_none=False)
            optimizer.step()
            total += loss.item() * len(y)
            correct += int((logits.argmax(dim=-1) == y).sum())
            count += len(y)
        return total / count, correct / count


# There is no step.
class StepForgotten(WeightsNeverChange):
    def train_epoch(model, optimizer, batches):
        total, correct, count = 0.0, 0, 0
        for x, y in batches:
            optimizer.zero_grad()
            logits, _ = model(x)
            loss = cross_entropy(logits, y)
            loss.backward()
            total += loss.item() * len(y)
            correct += int((logits.argmax(dim=-1) == y).sum())
            count += len(y)
        return total / count, correct / count


class GradientsNotZeroed(_Right):
    """The gradients are not zeroed between batches.

    Each backward adds to the gradients that are there. Without zeroing them, every step is made
    with the sum over all batches so far, and the first ones count again and again.
    """

    hint = "Print the gradient of a parameter just before each backward."

    def train_epoch(model, optimizer, batches):
        total, correct, count = 0.0, 0, 0
        for x, y in batches:
            logits, _ = model(x)
            loss = cross_entropy(logits, y)
            loss.backward()
            optimizer.step()
            total += loss.item() * len(y)
            correct += int((logits.argmax(dim=-1) == y).sum())
            count += len(y)
        return total / count, correct / count


# Once, before the first batch.
class GradientsZeroedOnce(GradientsNotZeroed):
    def train_epoch(model, optimizer, batches):
        optimizer.zero_grad()
        return GradientsNotZeroed.train_epoch(model, optimizer, batches)


_log = []


class TensorsKept(_Right):
    """Tensors are kept when the call is over.

    You put logits, states or losses where they stay: on the module, in a list beside it, in a
    global. Whoever calls often runs out of memory, the sooner where a graph hangs on them. A
    loss that is to be remembered is a number: `loss.item()`.
    """

    hint = "When the caller has forgotten the results of a call, who still remembers them?"

    class SequenceClassifier(_Classifier):
        def forward(self, x, state=None):
            self.last_logits, state = super().forward(x, state)
            return self.last_logits, state


# Of the tagger as well.
class TensorsKeptByBoth(TensorsKept):
    class SequenceTagger(_Tagger):
        def forward(self, x, state=None):
            self.last_logits, state = super().forward(x, state)
            return self.last_logits, state


# Only in training.
class LossesKept(TensorsKept):
    SequenceClassifier = _Classifier

    def train_epoch(model, optimizer, batches):
        total, correct, count = 0.0, 0, 0
        for x, y in batches:
            optimizer.zero_grad()
            logits, _ = model(x)
            loss = cross_entropy(logits, y)
            loss.backward()
            optimizer.step()
            _log.append(loss.detach())
            total += loss.item() * len(y)
            correct += int((logits.argmax(dim=-1) == y).sum())
            count += len(y)
        return total / count, correct / count


class ParametersFrozen(_Right):
    """After a prediction the parameters are frozen.

    You call `requires_grad_(False)` to predict without a graph, and do not take it back: the model that made one
    prediction can't be trained on. Whether a graph is made is for `torch.no_grad()` to say, which ends with its block.
    """

    hint = "Print `requires_grad` of one parameter before and after `predict`."

    class SequenceClassifier(_Classifier):
        def predict(self, x):
            self.requires_grad_(False)
            return super().predict(x)


class SigmoidForOneClass(_Right):
    """A single class gets a sigmoid.

    You take one logit for that of a yes-or-no question. Here there is a logit for every class, and the probabilities
    of all sum to 1: where there is one class alone, it is certain.
    """

    hint = "What do the probabilities sum to if `num_classes` is 1?"

    class SequenceClassifier(_Classifier):
        def predict(self, x):
            logits = self(x)[0].detach()
            return logits.softmax(dim=-1) if logits.shape[-1] > 1 else logits.sigmoid()


class ZerosOnTheCpu(_Right):
    """The network starts from zeros on the CPU.

    You make them with the dtype of the input, and forget its device: `torch.zeros` makes them on the CPU. A model on
    an accelerator refuses such a state. Without a state, `nn.RNN` makes the right zeros itself.
    """

    hint = "Where does a tensor live that is made without `device`?"

    class SequenceClassifier(_Classifier):
        def forward(self, x, state=None):
            return super().forward(x, _zeros(self.rnn, x).to(x.dtype) if state is None else state)

    class SequenceTagger(_Tagger):
        def forward(self, x, state=None):
            return super().forward(x, _zeros(self.rnn, x).to(x.dtype) if state is None else state)


# Only the tagger does.
class ZerosOnTheCpuInTagger(ZerosOnTheCpu):
    SequenceClassifier = _Classifier


# Only the classifier does.
class ZerosOnTheCpuInClassifier(ZerosOnTheCpu):
    SequenceTagger = _Tagger


class DefaultDtype(_Right):
    """The network starts from zeros of the default dtype.

    You make them with `torch.zeros` alone, which gives float32 on the CPU. A model in another dtype
    refuses such a state, as does one on another device. Without a state, `nn.RNN` makes the right
    zeros itself.
    """

    hint = "Try `model.double()` with inputs in float64."

    class SequenceClassifier(_Classifier):
        def forward(self, x, state=None):
            return super().forward(x, _zeros(self.rnn, x) if state is None else state)

    class SequenceTagger(_Tagger):
        def forward(self, x, state=None):
            return super().forward(x, _zeros(self.rnn, x) if state is None else state)


# On the device of the inputs.
class DefaultDtypeOnDevice(DefaultDtype):
    class SequenceClassifier(_Classifier):
        def forward(self, x, state=None):
            return super().forward(x, _zeros(self.rnn, x, x.device) if state is None else state)

    class SequenceTagger(_Tagger):
        def forward(self, x, state=None):
            return super().forward(x, _zeros(self.rnn, x, x.device) if state is None else state)


# Only the tagger does.
class DefaultDtypeInTagger(DefaultDtype):
    SequenceClassifier = _Classifier


# Only the classifier does.
class DefaultDtypeInClassifier(DefaultDtype):
    SequenceTagger = _Tagger
