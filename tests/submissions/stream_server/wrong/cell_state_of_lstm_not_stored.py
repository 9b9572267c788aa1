# wrong: only h is stored, the cell state of an LSTM starts from zeros at each step
# misconception: cell_state_not_kept
import torch
import numpy as np
import torch.nn as nn
import torch.optim as optim


class StreamServer:

    def __init__(self, rnn):
        self.rnn = rnn
        # maps session name -> hidden state
        self.h = {}
        # only used for lstm
        self.c = {}
        self.is_lstm = isinstance(rnn, nn.LSTM)

    def step(self, session_ids, inputs):
        # first check everything
        seen = []
        for name in session_ids:
            if name in seen:
                raise ValueError("session " + repr(name) + " appears twice")
            seen.append(name)
        if len(inputs.shape) != 2:
            raise ValueError("inputs must be (B, I)")
        if inputs.shape[0] != len(session_ids):
            raise ValueError("need one row per session")
        if inputs.shape[1] != self.rnn.input_size:
            raise ValueError("wrong number of features")

        param = next(self.rnn.parameters())
        layers = self.rnn.num_layers
        hidden = self.rnn.hidden_size
        h_size = hidden
        if self.rnn.proj_size > 0:
            h_size = self.rnn.proj_size

        # put the states together
        h_list = []
        c_list = []
        for name in session_ids:
            if name in self.h:
                h_list.append(self.h[name])
            else:
                h_list.append(torch.zeros(layers, 1, h_size, dtype=param.dtype, device=param.device))
            c_list.append(torch.zeros(layers, 1, hidden, dtype=param.dtype, device=param.device))
        h = torch.cat(h_list, dim=1)

        if self.rnn.batch_first:
            x = inputs.unsqueeze(1)
        else:
            x = inputs.unsqueeze(0)

        with torch.no_grad():
            if self.is_lstm:
                c = torch.cat(c_list, dim=1)
                out, (h, c) = self.rnn(x, (h, c))
            else:
                out, h = self.rnn(x, h)

        # save the new states
        for i in range(len(session_ids)):
            name = session_ids[i]
            self.h[name] = h[:, i:i + 1, :].clone()
            if self.is_lstm:
                self.c[name] = c[:, i:i + 1, :].clone()

        if self.rnn.batch_first:
            return out[:, 0, :]
        else:
            return out[0]

    def end(self, session_id):
        if session_id not in self.h:
            raise KeyError(session_id)
        del self.h[session_id]
        if self.is_lstm:
            del self.c[session_id]

    def export(self):
        result = {"h": {}, "c": {}}
        for name in self.h:
            result["h"][name] = self.h[name].clone()
        for name in self.c:
            result["c"][name] = self.c[name].clone()
        return result

    @classmethod
    def restore(cls, rnn, exported):
        new = cls(rnn)
        device = next(rnn.parameters()).device
        for name in exported["h"]:
            new.h[name] = exported["h"][name].clone().to(device)
        for name in exported["c"]:
            new.c[name] = exported["c"][name].clone().to(device)
        return new
