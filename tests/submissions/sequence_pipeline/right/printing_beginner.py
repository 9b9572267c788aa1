# right: a beginner's verbose code, prints, model.train(), gradients set to None by hand, demo at the end
import math
import random
import numpy as np
import torch
import torch.nn as nn
import torch.optim as optim


class SequenceClassifier(nn.Module):
    def __init__(self, input_size, hidden_size, num_classes):
        super(SequenceClassifier, self).__init__()
        self.input_size = input_size
        self.hidden_size = hidden_size
        self.num_classes = num_classes
        self.rnn = nn.RNN(input_size=input_size, hidden_size=hidden_size)
        self.head = nn.Linear(in_features=hidden_size, out_features=num_classes, bias=True)

    def forward(self, x, state=None):
        # x is (time, batch, features)
        batch_size = x.shape[1]
        if state is None:
            state = torch.zeros((1, batch_size, self.hidden_size)).to(x)
        all_outputs, new_state = self.rnn(x, state)
        last_output = all_outputs[-1, :, :]
        logits = self.head(last_output)
        return logits, new_state

    def predict(self, x):
        logits, new_state = self.forward(x)
        probabilities = torch.nn.functional.softmax(logits, dim=1)
        return probabilities


class SequenceTagger(nn.Module):
    def __init__(self, input_size, hidden_size, num_classes):
        super(SequenceTagger, self).__init__()
        self.hidden_size = hidden_size
        self.rnn = nn.RNN(input_size=input_size, hidden_size=hidden_size)
        self.head = nn.Linear(in_features=hidden_size, out_features=num_classes, bias=True)

    def forward(self, x, state=None):
        time, batch_size, _ = x.shape
        all_outputs, new_state = self.rnn(x, state)
        flat = all_outputs.reshape(time * batch_size, self.hidden_size)
        logits = self.head(flat).reshape(time, batch_size, -1)
        return logits, new_state


def train_epoch(model, optimizer, batches):
    model.train()
    criterion = nn.CrossEntropyLoss()
    sum_of_losses = 0.0
    number_correct = 0
    number_of_sequences = 0
    for number, (x, y) in enumerate(batches):
        for parameter in model.parameters():
            parameter.grad = None
        logits, _ = model(x)
        loss = criterion(logits, y)
        loss.backward()
        optimizer.step()
        batch_size = y.shape[0]
        predicted = torch.argmax(logits, dim=1)
        sum_of_losses = sum_of_losses + loss.item() * batch_size
        number_correct = number_correct + (predicted == y).sum().item()
        number_of_sequences = number_of_sequences + batch_size
        print("batch", number, "loss", loss.item())
    mean_loss = sum_of_losses / number_of_sequences
    accuracy = number_correct / number_of_sequences
    return mean_loss, accuracy


if __name__ == "__main__":
    model = SequenceClassifier(5, 4, 3)
    optimizer = optim.SGD(model.parameters(), lr=0.1)
    print(train_epoch(model, optimizer, [(torch.randn(10, 1, 5), torch.tensor([0]))]))
    print(SequenceTagger(5, 8, 3)(torch.randn(10, 1, 5))[0].shape)
