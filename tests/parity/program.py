#!/usr/bin/python3
"""Trains networks that were made up with the program and with PyTorch, and compares run files.

    program.py           some (TESTS=quick: a few, HG_TESTS=long: many)
    program.py N [FROM]  numbers FROM to FROM + N - 1

As a user has it: an experiment file, data in a .npy file, the start in a .safetensors file
(--init), the result in a run file. HOURGLASS is the program. Exit status 77
(skipped) where there is no PyTorch.
"""
import json
import math
import os
import random
import struct
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True  # the source folder may be read-only, and is kept clean
from network import DEFAULTS, begin, build, compare, tensors, torch, train

PROGRAM = os.environ.get("HOURGLASS", "./hourglass")
TOLERANCE = 1e-4
SMOOTH = ["tanh", "sigmoid", "elu", "gelu", "silu", "softplus"]
OPTIMIZERS = {"sgd": 0.1, "momentum": 0.1, "nesterov": 0.02, "rmsprop": 0.001, "adam": 0.002,
              "adamw": 0.002}


# ---- files ----

def write_weights(path, named):
    header, raw = {}, b""
    for name, tensor in named:
        data = struct.pack("<%df" % tensor.numel(), *tensor.flatten().tolist())
        header[name] = dict(dtype="F32", shape=list(tensor.shape),
                            data_offsets=[len(raw), len(raw) + len(data)])
        raw += data
    text = json.dumps(header).encode()
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text + raw)


HISTORY = "history.train"


def read_weights(path):
    """The network's tensors of a run file, and its losses: {name: (shape, values)}."""
    with open(path, "rb") as file:
        data = file.read()
    size, = struct.unpack("<Q", data[:8])
    found = {}
    for name, entry in json.loads(data[8:8 + size]).items():
        if name.startswith(("encoder.", "decoder.")) or name == HISTORY:
            start, end = entry["data_offsets"]
            form = "<%d%s" % (math.prod(entry["shape"]), "d" if name == HISTORY else "f")
            values = struct.unpack(form, data[8 + size + start:8 + size + end])
            found[name] = (entry["shape"], list(values))
    found[HISTORY] = found.pop(HISTORY)  # last, as from PyTorch
    return found


def write_npy(path, x, shape):
    """Rows of channel, row, column order, as an array (N, rows, columns, channels) or (N, n)."""
    if shape:
        x = x.reshape(-1, *shape).permute(0, 2, 3, 1)
        x = x[..., 0] if shape[0] == 1 else x
    header = "{'descr': '<f4', 'fortran_order': False, 'shape': %s, }" % (tuple(x.shape),)
    header += " " * (-(len(header) + 11) % 64) + "\n"
    with open(path, "wb") as file:
        file.write(b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header.encode())
        file.write(struct.pack("<%df" % x.numel(), *x.flatten().tolist()))


# ---- networks ----

def words(rng, kinked):
    pool = SMOOTH + ["bn", "bn", "lrelu", "relu"] if kinked else SMOOTH + ["bn"]
    return "".join(" " + rng.choice(pool) for _ in range(rng.choice([0, 1, 1, 2, 3])))


def image_encoder(rng, kinked, wide):
    """Groups, and by what they divide an image that a mirror can restore."""
    items, factor = [], 1
    for _ in range(rng.randint(1, 3)):
        kind = rng.choice(["conv", "conv", "conv", "pool"])
        by = rng.choice([1, 1, 2, 2, 3] + [4] * wide) if factor < 3 else 1
        if kind == "pool" and by > 1:
            items.append("pool %d" % by)
        else:
            kernels = ["", " 7x7", " 9x9", " 11x11"] if wide else ["", " 3x3", " 1x1", " 5x5"]
            kernel, stride = rng.choice(kernels), " stride %d" % by
            items.append("conv %d%s%s" % (rng.choice([1, 2, 3, 5, 8, 17]), kernel,
                                          stride if by > 1 else ""))
        factor *= by
        items[-1] += words(rng, kinked)
    return ", ".join(items), factor


def dense_encoder(rng, kinked):
    return ", ".join("dense %d%s" % (rng.randint(1, 20), words(rng, kinked))
                     for _ in range(rng.randint(1, 3)))


def own_decoder(rng, kinked, dense, pixels):
    """Ends in values, which any output layer can take."""
    items = ["dense %d%s" % (rng.randint(1, 9), words(rng, kinked))]
    if not dense and rng.randrange(2):
        items = ["dense %d%s" % (pixels * rng.randint(1, 3), words(rng, kinked)),
                 "up 2, conv %d%s" % (rng.randint(1, 4), words(rng, kinked))] + items
    return ", ".join(items)


def made_up(number):
    """A case as in cases.txt, and its data."""
    rng = random.Random(number)
    kinked = number % 3 == 0
    dense, wide = number % 5 == 0, number % 4 == 3
    encoder, factor = (dense_encoder(rng, kinked), 1) if dense else image_encoder(rng, kinked, wide)
    channels = rng.choice([1, 1, 3, 3, 2] + [5, 17] * wide)
    rows, columns = factor * rng.randint(1, 9 // factor), factor * rng.randint(1, 9 // factor)
    coded = dense or rng.randrange(3)
    reached = math.prod(-(-size // factor) for size in (rows, columns))
    case = dict(DEFAULTS, encoder=encoder, inputs="%dx%dx%d" % (channels, rows, columns))
    if dense:
        case["inputs"] = str(channels * rows * columns)
    case["code"] = "%d%s" % (rng.randint(1, 6), rng.choice(["", " tanh", " silu"])) if coded \
        else "none"
    case["decoder"] = rng.choice(["mirror", "mirror", own_decoder(rng, kinked, dense, reached)])
    case["loss"] = rng.choice(["mse", "mse", "bce", "rmse", "sse"])
    case["output"] = "sigmoid" if case["loss"] == "bce" else rng.choice(["linear", "sigmoid", "tanh"])
    case["optimizer"] = rng.choice(list(OPTIMIZERS))
    slower = {"sse": 100 if wide else 10}.get(case["loss"], 1)
    case["rate"] = str(OPTIMIZERS[case["optimizer"]] / slower)
    case["beta2"] = "0.99" if case["optimizer"] == "rmsprop" else "0.999"
    case["epsilon"] = "1e-3"  # where a bias stands before batch norm its gradient is rounding
    case["weight_decay"] = rng.choice(["0", "0", "0.05"])
    case["l1"] = rng.choice(["0", "0", "0.01"])
    case["clip"] = rng.choice(["0", "0", "0.3"])
    case["bias"] = rng.choice(["yes", "yes", "yes", "no"])
    case["center"] = rng.choice(["yes", "no"])
    case["sparsity"] = rng.choice(["0", "0", "0.05"])
    case["samples"] = str(rng.choice([4, 7, 16]))
    case["epochs"] = str(rng.randint(1, 4))
    return case


def data_of(case, seed):
    """Two whole batches and a smaller one."""
    n = math.prod(int(size) for size in case["inputs"].split("x"))
    rng = random.Random(seed)
    m = int(case["samples"])
    rows = [[rng.uniform(0.05, 0.95) for _ in range(n)] for _ in range(2 * m + m // 2 + 1)]
    return torch.tensor(rows, dtype=torch.float64).float()


# ---- both ----

EXPERIMENT = """[data]
source = {folder}/data.npy
scale = none
center = {center}
validation = 0
{shape}
[model]
encoder = {encoder}
code = {code}
decoder = {decoder}
output = {output}
loss = {loss}
bias = {bias}
[train]
optimizer = {optimizer}
lr = {rate}
beta1 = {beta1}
beta2 = {beta2}
epsilon = {epsilon}
weight_decay = {weight_decay}
l1 = {l1}
clip = {clip}
sparsity = {sparsity}
batch = {samples}
epochs = {epochs}
shuffle = no
"""


def program(case, x, start, folder):
    """The tensors of the run file that the program writes."""
    sizes = [int(size) for size in case["inputs"].split("x")]
    write_npy(folder + "/data.npy", x, sizes if len(sizes) == 3 else None)
    write_weights(folder + "/start.safetensors", start)
    # one row or column: an image only when it is said to be one
    shape = "shape = %dx%dx%d" % (sizes[2], sizes[1], sizes[0]) if len(sizes) == 3 else ""
    with open(folder + "/e.ini", "w") as file:
        file.write(EXPERIMENT.format(folder=folder, shape=shape, **case))
    out = subprocess.run([PROGRAM, "train", folder + "/e.ini", "--init",
                          folder + "/start.safetensors", "-o", folder + "/run.safetensors",
                          "--force", "-q"], capture_output=True, text=True)
    if out.returncode:
        return None, out.stderr.strip()
    return read_weights(folder + "/run.safetensors"), ""


def trained(case, x, double):
    """PyTorch's model after all epochs, and the epochs' losses."""
    model, m = build(case), int(case["samples"])
    begin(model)
    if double:
        model, x = model.double(), x.double()
    steps = -(-len(x) // m)
    losses = train(dict(case, steps=str(steps * int(case["epochs"]))), model, x)
    epochs = [sum(loss * count for loss, count in losses[i:i + steps]) / len(x)
              for i in range(0, len(losses), steps)]
    return [(name, tensor.flatten().tolist())
            for name, tensor in tensors(model)] + [(HISTORY, epochs)]


def attempt(case, seed, folder):
    """How far the two are apart, where, and how far they may be."""
    model, x = build(case), data_of(case, seed)
    begin(model)
    got, fault = program(case, x, list(tensors(model)), folder)
    if got is None:
        return math.inf, fault, TOLERANCE
    shapes = [(name, list(tensor.shape)) for name, tensor in tensors(model)]
    shapes.append((HISTORY, [int(case["epochs"])]))
    if shapes != [(name, shape) for name, (shape, _) in got.items()]:
        return math.inf, "tensors: %s, PyTorch: %s" % (list(got), shapes), TOLERANCE
    wanted = trained(case, x, False)
    off, where = compare(wanted, [(name, values) for name, (_, values) in got.items()])
    if off <= TOLERANCE:
        return off, where, TOLERANCE
    # batch norm of what hardly differs multiplies rounding: PyTorch's own shows by how much
    return off, where, max(TOLERANCE, 10 * compare(trained(case, x, True), wanted)[0])


def run(count, first):
    bad = 0
    with tempfile.TemporaryDirectory() as folder:
        for number in range(first, first + count):
            case = made_up(number)
            off, where, room = attempt(case, number, folder)
            # a rectifier or a pool may decide differently where two values nearly agree
            if room < off < math.inf:
                print("     %.1e %s: once more with other data" % (off, where))
                off, where, room = attempt(case, number + 1000003, folder)
            bad += not off <= room
            print("%-4s %.1e of %.0e %-24s %d: %s" % (
                "ok" if off <= room else "FAIL", off, room, where, number,
                "|".join("%s=%s" % item for item in case.items()
                         if item[1] != DEFAULTS.get(item[0]))))
    return bad


def main():
    torch.set_num_threads(1)
    tests = os.environ.get("HG_TESTS") or os.environ.get("TESTS")
    count = {"quick": 5, "long": 500}.get(tests, 25)
    if len(sys.argv) > 1:
        count = int(sys.argv[1])
    sys.exit(run(count, int(sys.argv[2]) if len(sys.argv) > 2 else 0) > 0)


if __name__ == "__main__":
    main()
