# right: writes first and rolls back when anything goes wrong
import contextlib

import torch
from torch import nn


class StatefulRNN(nn.Module):
    def __init__(self, rnn):
        super().__init__()
        if rnn.bidirectional:
            raise ValueError("expected a unidirectional rnn")
        self.add_module("inner", rnn)
        self.h, self.c = None, None

    @contextlib.contextmanager
    def transaction(self):
        before = self.h, self.c
        try:
            yield
        except BaseException:
            self.h, self.c = before
            raise

    @property
    def state(self):
        return self.h if self.c is None else (self.h, self.c)

    def forward(self, inputs):
        with self.transaction():
            if self.h is not None and self.h.shape[1] != inputs.shape[1]:
                raise ValueError(f"expected batch size {self.h.shape[1]}, got {inputs.shape[1]}")
            old, self.h, self.c = self.state, None, None
            outputs, new = self.inner(inputs, old)
            self.h, self.c = new if isinstance(new, tuple) else (new, None)
            self.h = self.h.detach()
            if self.c is not None:
                self.c = self.c.detach()
        return outputs

    def reset(self, mask=None):
        if mask is None:
            self.h, self.c = None, None
        elif self.h is not None:
            with self.transaction():
                self.h = self.wipe(self.h, mask)
                if self.c is not None:
                    self.c = self.wipe(self.c, mask)

    @staticmethod
    def wipe(old, mask):
        if mask.shape != old.shape[1:2]:
            raise ValueError(f"expected a mask of shape {tuple(old.shape[1:2])}, got {tuple(mask.shape)}")
        new = old.clone()
        new[:, mask.to(old.device)] = 0
        return new
