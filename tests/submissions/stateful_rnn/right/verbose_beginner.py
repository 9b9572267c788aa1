# right: verbose beginner code, h and c as two attributes, prints on stderr
import math
import random
import sys

import torch
import torch.nn as nn
import torch.nn.functional as F


class StatefulRNN(nn.Module):
    def __init__(self, rnn):
        super(StatefulRNN, self).__init__()
        if rnn.bidirectional == True:
            raise ValueError("The rnn must not be bidirectional!")
        self.rnn = rnn
        # an LSTM has two states, the others have one
        if isinstance(rnn, nn.LSTM):
            self.is_lstm = True
        else:
            self.is_lstm = False
        self.h = None
        self.c = None

    @property
    def state(self):
        if self.h is None:
            return None
        if self.is_lstm:
            return (self.h, self.c)
        else:
            return self.h

    def forward(self, inputs):
        # check the batch size
        if self.h is not None:
            old_batch = self.h.shape[1]
            new_batch = inputs.shape[1]
            if old_batch != new_batch:
                print("batch size changed from", old_batch, "to", new_batch, file=sys.stderr)
                raise ValueError("The batch size changed. Call reset() first.")
        # run the rnn
        if self.is_lstm:
            if self.h is None:
                outputs, (new_h, new_c) = self.rnn(inputs)
            else:
                outputs, (new_h, new_c) = self.rnn(inputs, (self.h, self.c))
            # cut the graph
            self.h = new_h.detach()
            self.c = new_c.detach()
        else:
            if self.h is None:
                outputs, new_h = self.rnn(inputs)
            else:
                outputs, new_h = self.rnn(inputs, self.h)
            self.h = new_h.detach()
        print("output shape:", outputs.shape, file=sys.stderr)
        return outputs

    def reset(self, mask=None):
        if mask is None:
            self.h = None
            self.c = None
        else:
            if self.h is not None:
                batch = self.h.shape[1]
                if len(mask.shape) != 1 or mask.shape[0] != batch:
                    raise ValueError("The mask must have the shape (" + str(batch) + ",)")
                # copy first, because somebody may still look at the old state
                new_h = self.h.clone()
                new_h[:, mask, :] = 0
                self.h = new_h
                if self.is_lstm:
                    new_c = self.c.clone()
                    new_c[:, mask, :] = 0
                    self.c = new_c
