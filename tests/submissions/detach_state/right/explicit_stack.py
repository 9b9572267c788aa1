# right: no recursion, an explicit stack of visits and a stack of results
import torch


def detach_state(state):
    todo = [("visit", state)]
    done = []
    while todo:
        action, node = todo.pop()
        if action == "build":
            count = len(node)
            parts = done[len(done) - count:]
            del done[len(done) - count:]
            if isinstance(node, dict):
                done.append(type(node)(zip(node, parts)))
            elif hasattr(node, "_fields"):
                done.append(type(node)(*parts))
            else:
                done.append(type(node)(parts))
        elif node is None:
            done.append(None)
        elif isinstance(node, torch.Tensor):
            done.append(node.detach())
        else:
            todo.append(("build", node))
            children = list(node.values()) if isinstance(node, dict) else list(node)
            for child in reversed(children):
                todo.append(("visit", child))
    return done.pop()
