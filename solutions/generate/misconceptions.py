"""What students get wrong in generate, each as a small wrong solution."""

import torch


def _stacked(tokens, logits):
    return torch.stack(tokens), torch.stack(logits)


def _go_on(model, last, state, steps):
    """What is right from the logits (B, V) and the state after the prompt."""
    tokens, logits = [], []
    for step in range(steps):
        tokens.append(last.argmax(dim=-1))
        logits.append(last)
        if step < steps - 1:
            scores, state = model(tokens[-1].unsqueeze(0), state)
            last = scores[-1]
    return _stacked(tokens, logits)


def _read(model, prompt):
    """The logits (B, V) and the state after the prompt."""
    scores, state = model(prompt, None)
    return scores[-1], state


class PrefixFedAgainWithState:
    """All tokens so far are fed again, with the state that has already seen them.

    The state you hand to the model stands for every token it was fed. You feed it the whole
    prefix on top of that, so the model reads the beginning again and again as if it followed.
    """

    hint = "Say aloud what the model has read, in order, when it chooses the third token."

    @torch.no_grad()
    def generate(model, prompt, steps):
        sequence, state, logits = prompt, None, []
        for _ in range(steps):
            scores, state = model(sequence, state)
            logits.append(scores[-1])
            sequence = torch.cat([sequence, scores[-1].argmax(dim=-1, keepdim=True).T])
        return sequence[len(prompt) :], torch.stack(logits)


# The prompt is fed once, what was generated again and again.
class GeneratedFedAgainWithState(PrefixFedAgainWithState):
    @torch.no_grad()
    def generate(model, prompt, steps):
        scores, state = model(prompt, None)
        tokens, logits = [scores[-1].argmax(dim=-1)], [scores[-1]]
        for _ in range(steps - 1):
            scores, state = model(torch.stack(tokens), state)
            logits.append(scores[-1])
            tokens.append(scores[-1].argmax(dim=-1))
        return _stacked(tokens, logits)


class PrefixFedAgainFromFreshState:
    """All tokens so far are fed again for every new one.

    The tokens come out right, but for each new one the model reads everything from the
    beginning: twice as many tokens take four times the work. The state is there so that what
    was read need not be read again.
    """

    hint = "How many tokens has the model been fed after 10 steps, and how many after 20?"

    @torch.no_grad()
    def generate(model, prompt, steps):
        sequence, logits = prompt, []
        for _ in range(steps):
            scores, _ = model(sequence, None)
            logits.append(scores[-1])
            sequence = torch.cat([sequence, scores[-1].argmax(dim=-1).unsqueeze(0)])
        return sequence[len(prompt) :], torch.stack(logits)


# The prompt is read once, and what was generated is read again from the prompt's state.
class GeneratedFedAgainFromPromptState(PrefixFedAgainFromFreshState):
    @torch.no_grad()
    def generate(model, prompt, steps):
        scores, after_prompt = model(prompt, None)
        tokens, logits = [scores[-1].argmax(dim=-1)], [scores[-1]]
        for _ in range(steps - 1):
            scores, _ = model(torch.stack(tokens), after_prompt)
            logits.append(scores[-1])
            tokens.append(scores[-1].argmax(dim=-1))
        return _stacked(tokens, logits)


# The prefix is read again up to its last token, which is then fed with the state.
class PrefixReadForItsState(PrefixFedAgainFromFreshState):
    @torch.no_grad()
    def generate(model, prompt, steps):
        sequence, logits = prompt, []
        for _ in range(steps):
            state = None
            for token in sequence:
                scores, state = model(token.unsqueeze(0), state)
            logits.append(scores[-1])
            sequence = torch.cat([sequence, scores[-1].argmax(dim=-1).unsqueeze(0)])
        return sequence[len(prompt) :], torch.stack(logits)


class PromptDropped:
    """Only the last token of the prompt is read.

    You begin with the last token and an empty state. What stands before it never reaches the
    model, so two prompts with the same last token are continued in the same way.
    """

    hint = "Change the first token of a prompt: should the continuation be able to change?"

    @torch.no_grad()
    def generate(model, prompt, steps):
        scores, state = model(prompt[-1:], None)
        return _go_on(model, scores[-1], state, steps)


# The prompt is read, and the state that it leaves thrown away.
class StateOfPromptDropped(PromptDropped):
    @torch.no_grad()
    def generate(model, prompt, steps):
        model(prompt, None)
        scores, state = model(prompt[-1:], None)
        return _go_on(model, scores[-1], state, steps)


# The first token is read instead of the last.
class OnlyFirstTokenOfPrompt(PromptDropped):
    @torch.no_grad()
    def generate(model, prompt, steps):
        scores, state = model(prompt[:1], None)
        return _go_on(model, scores[-1], state, steps)


class LongPromptCropped:
    """Of a long prompt only the end is read.

    You cut the prompt down to a window before the model reads it. A transformer has to be spared
    more than its context; a recurrent model has no such limit, and forgets what it is not fed.
    """

    hint = "How long may a prompt be before your code no longer reads its first token?"

    @torch.no_grad()
    def generate(model, prompt, steps):
        scores, state = model(prompt[-8:], None)
        return _go_on(model, scores[-1], state, steps)


class StateResetEachToken:
    """Every new token is read from an empty state.

    You feed one token at a time, but not the state that came with the last one. Each token is
    then chosen by the one before it alone, as if nothing had been read.
    """

    hint = "The model returns two things. Where does the second one go?"

    @torch.no_grad()
    def generate(model, prompt, steps):
        fed, tokens, logits = prompt, [], []
        for _ in range(steps):
            scores, _ = model(fed, None)
            logits.append(scores[-1])
            tokens.append(scores[-1].argmax(dim=-1))
            fed = tokens[-1].unsqueeze(0)
        return _stacked(tokens, logits)


# Every token of the prompt, too.
class PromptWithoutState(StateResetEachToken):
    @torch.no_grad()
    def generate(model, prompt, steps):
        for token in prompt:
            scores, _ = model(token.unsqueeze(0), None)
        tokens, logits = [scores[-1].argmax(dim=-1)], [scores[-1]]
        for _ in range(steps - 1):
            scores, _ = model(tokens[-1].unsqueeze(0), None)
            logits.append(scores[-1])
            tokens.append(scores[-1].argmax(dim=-1))
        return _stacked(tokens, logits)


# Only the tokens of the prompt; from the last of them on it is carried.
class PromptWithoutStateThenCarried(StateResetEachToken):
    @torch.no_grad()
    def generate(model, prompt, steps):
        for token in prompt:
            scores, state = model(token.unsqueeze(0), None)
        return _go_on(model, scores[-1], state, steps)


# The state after the prompt is used for every token: what was generated is forgotten.
class StateOfPromptForEachToken(StateResetEachToken):
    @torch.no_grad()
    def generate(model, prompt, steps):
        scores, after_prompt = model(prompt, None)
        tokens, logits = [scores[-1].argmax(dim=-1)], [scores[-1]]
        for _ in range(steps - 1):
            scores, _ = model(tokens[-1].unsqueeze(0), after_prompt)
            logits.append(scores[-1])
            tokens.append(scores[-1].argmax(dim=-1))
        return _stacked(tokens, logits)


# Only between prompt and first token; from there on it is carried.
class StateResetAfterPrompt(StateResetEachToken):
    @torch.no_grad()
    def generate(model, prompt, steps):
        scores, _ = model(prompt, None)
        return _go_on(model, scores[-1], None, steps)


class ArgmaxOverWrongAxis:
    """The largest number is looked for along the wrong axis.

    Logits are (T, B, V): the vocabulary is the last axis. Along another one you compare
    sequences, or steps, with each other, and what comes out is the number of a sequence or of
    a step, not a token.
    """

    hint = "What do the axes of the logits stand for, and which of them should be gone after argmax?"

    @torch.no_grad()
    def generate(model, prompt, steps):
        fed, state, tokens, logits = prompt, None, [], []
        for _ in range(steps):
            scores, state = model(fed, state)
            logits.append(scores[-1])
            tokens.append(scores[-1].argmax(dim=0))
            fed = tokens[-1].unsqueeze(0)
        return _stacked(tokens, logits)


# Along time: argmax(0) of all the logits.
class ArgmaxOverTime(ArgmaxOverWrongAxis):
    @torch.no_grad()
    def generate(model, prompt, steps):
        fed, state, tokens, logits = prompt, None, [], []
        for _ in range(steps):
            scores, state = model(fed, state)
            logits.append(scores[-1])
            tokens.append(scores.argmax(dim=0)[..., 0])
            fed = tokens[-1].unsqueeze(0)
        return _stacked(tokens, logits)


# Over the batch and the vocabulary at once: one token for all.
class ArgmaxOverEverything(ArgmaxOverWrongAxis):
    @torch.no_grad()
    def generate(model, prompt, steps):
        fed, state, tokens, logits = prompt, None, [], []
        for _ in range(steps):
            scores, state = model(fed, state)
            logits.append(scores[-1])
            tokens.append((scores[-1].argmax() % scores.size(-1)).expand(prompt.size(1)))
            fed = tokens[-1].unsqueeze(0)
        return _stacked(tokens, logits)


# The last entry is taken along the batch instead of along time.
class LastOfBatchForLastStep(ArgmaxOverWrongAxis):
    @torch.no_grad()
    def generate(model, prompt, steps):
        fed, state, tokens, logits = prompt, None, [], []
        for _ in range(steps):
            scores, state = model(fed, state)
            logits.append(scores[:, -1])
            tokens.append(scores[:, -1].argmax(dim=-1))
            fed = tokens[-1].unsqueeze(0)
        return _stacked(tokens, logits)


class FirstStepForLast:
    """The first token is chosen by the logits at the prompt's first step.

    The model gives logits for every token that it is fed, each for the one that follows it. Those at the first step
    have seen one token of the prompt, and say what may come second; the rest of the prompt has no say in them.
    """

    hint = "Feed a prompt of five tokens: what shape have the logits, and which of them have seen all five?"

    @torch.no_grad()
    def generate(model, prompt, steps):
        scores, state = model(prompt, None)
        return _go_on(model, scores[0], state, steps)


class SoftmaxOfLogitsReturned:
    """What is returned for the logits has been through a softmax.

    The tokens are the same, because softmax leaves the order as it is. But you return probabilities, or their
    logarithms, where the numbers of the model are asked for: those can't be got back from them, and of large logits
    all that is left is a 1 among zeros.
    """

    hint = "Sum the exponentials of one row of what the model gave, and of what you return."

    @torch.no_grad()
    def generate(model, prompt, steps):
        tokens, logits = _go_on(model, *_read(model, prompt), steps)
        return tokens, logits.softmax(dim=-1)


# Its logarithm.
class LogSoftmaxReturned(SoftmaxOfLogitsReturned):
    @torch.no_grad()
    def generate(model, prompt, steps):
        tokens, logits = _go_on(model, *_read(model, prompt), steps)
        return tokens, logits.log_softmax(dim=-1)


_memory = {"state": None}


class StateKeptBetweenCalls:
    """The next call goes on from the state that the last one left.

    The state is kept where it outlives the call: in a global, as an attribute, as a default argument. The next prompt
    is then read as if it followed the last text; if it has other sizes, there is an error.
    """

    hint = "Call it twice with the same prompt: does the model know in the second call that there was a first one?"

    @torch.no_grad()
    def generate(model, prompt, steps):
        fed, tokens, logits = prompt, [], []
        for _ in range(steps):
            scores, _memory["state"] = model(fed, _memory["state"])
            logits.append(scores[-1])
            tokens.append(scores[-1].argmax(dim=-1))
            fed = tokens[-1].unsqueeze(0)
        return _stacked(tokens, logits)


class FirstTokenLeftOut:
    """The first generated token is missing.

    The logits after the prompt's last token already choose the first new token. You use that
    token to go on, but what you return begins with the one after it.
    """

    hint = "With steps=1, which logits decide, and how often must the model be called?"

    @torch.no_grad()
    def generate(model, prompt, steps):
        scores, state = model(prompt, None)
        fed, tokens, logits = scores[-1:].argmax(dim=-1), [], []
        for _ in range(steps):
            scores, state = model(fed, state)
            logits.append(scores[-1])
            tokens.append(scores[-1].argmax(dim=-1))
            fed = tokens[-1].unsqueeze(0)
        return _stacked(tokens, logits)


# And one too few is returned.
class OneTokenTooFew(FirstTokenLeftOut):
    @torch.no_grad()
    def generate(model, prompt, steps):
        scores, state = model(prompt, None)
        tokens, logits = _go_on(model, scores[-1], state, steps)
        return tokens[1:], logits[1:]


class LastPromptTokenFedTwice:
    """The last token of the prompt is read twice.

    You run the whole prompt for its state, and then begin to generate with its last token. The
    state has already seen that token: the model takes it for one that was repeated.
    """

    hint = "Which logits have you already got when the prompt has been read?"

    @torch.no_grad()
    def generate(model, prompt, steps):
        _, state = model(prompt, None)
        scores, state = model(prompt[-1:], state)
        return _go_on(model, scores[-1], state, steps)


# It is fed again with the first token that was generated.
class LastPromptTokenBeforeFirst(LastPromptTokenFedTwice):
    @torch.no_grad()
    def generate(model, prompt, steps):
        scores, state = model(prompt, None)
        tokens, logits = [scores[-1].argmax(dim=-1)], [scores[-1]]
        fed = torch.stack([prompt[-1], tokens[-1]])
        for _ in range(steps - 1):
            scores, state = model(fed, state)
            logits.append(scores[-1])
            tokens.append(scores[-1].argmax(dim=-1))
            fed = tokens[-1].unsqueeze(0)
        return _stacked(tokens, logits)


class LastNewTokenFedToo:
    """The last new token is fed to the model, too.

    For n new tokens the model is called once for the prompt and n - 1 times for what it has
    generated. You call it once more, and nobody looks at what comes out.
    """

    hint = "With steps=1: which logits choose the token, and what was the model called for after that?"

    @torch.no_grad()
    def generate(model, prompt, steps):
        tokens, logits = [], []
        scores, state = model(prompt, None)
        for _ in range(steps):
            logits.append(scores[-1])
            tokens.append(scores[-1].argmax(dim=-1))
            scores, state = model(tokens[-1].unsqueeze(0), state)
        return _stacked(tokens, logits)


class GraphKept:
    """The logits hang on the graph of the whole generation.

    Every call of the model notes what a backward pass would need, and the state ties each call
    to the one before. Nobody trains here, but as long as a caller keeps the logits, all of
    that is kept, too.
    """

    hint = "Look at `logits.grad_fn`. Who will ever call backward on it?"

    def generate(model, prompt, steps):
        scores, state = model(prompt, None)
        return _go_on(model, scores[-1], state, steps)


def _detached(state):
    return tuple(part.detach() for part in state) if isinstance(state, tuple) else state.detach()


# The state is cut, the logits are not.
class GraphOfEachStepKept(GraphKept):
    def generate(model, prompt, steps):
        fed, state, tokens, logits = prompt, None, [], []
        for _ in range(steps):
            scores, state = model(fed, state)
            state = _detached(state)
            logits.append(scores[-1])
            tokens.append(scores[-1].argmax(dim=-1))
            fed = tokens[-1].unsqueeze(0)
        return _stacked(tokens, logits)
