# wrong: outputs are moved to the CPU
# misconception: none
import torch
def run_batch(rnn, sequences, state=None):
    if not sequences: raise ValueError("none")
    outs, hs, cs = [], [], []
    for i, x in enumerate(sequences):
        x = x.unsqueeze(0) if rnn.batch_first else x.unsqueeze(1)
        s = None
        if state is not None:
            s = tuple(p[:, i:i+1].contiguous() for p in state) if not torch.is_tensor(state) else state[:, i:i+1].contiguous()
        o, s = rnn(x, s)
        outs.append(o.squeeze(0 if rnn.batch_first else 1).cpu())
        if torch.is_tensor(s): hs.append(s)
        else: hs.append(s[0]); cs.append(s[1])
    return outs, (torch.cat(hs,1) if not cs else (torch.cat(hs,1), torch.cat(cs,1)))
