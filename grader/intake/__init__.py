"""How a submission comes in: opened, unpacked and parsed in a process of its own, within bounds."""
