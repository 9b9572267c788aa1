# right: golfed into one lambda
init_hidden = lambda rnn, batch_size: (lambda p, z: z(p) if rnn.mode != "LSTM" else (z(p), z(rnn.hidden_size)))(
    rnn.proj_size or rnn.hidden_size,
    lambda n: rnn.weight_hh_l0.new_zeros((1 + rnn.bidirectional) * rnn.num_layers, batch_size, n),
)
