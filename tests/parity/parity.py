#!/usr/bin/python3
"""Compares the engine's weights after N steps with PyTorch's, from the same start.

    parity.py            make ENGINE in the build folder HG_BUILD_DIR, then as below
    parity.py ENGINE     run every case of cases.txt on both; exit 1 on a difference
    parity.py --write    write vectors.txt anew from PyTorch

ENGINE is the program made from engine.c: a line of cases.txt on its input gives
the tensors on its output. Exit status 77 (skipped) where there is no PyTorch.
"""
import math
import os
import shlex
import subprocess
import sys
import tempfile

try:
    import torch
    from torch import nn
    from torch.nn import functional as F
except ImportError:
    debian = "/usr/bin/python3"  # another Python first in PATH does not see Debian's torch
    if os.path.realpath(sys.executable) != os.path.realpath(debian) and os.path.exists(debian):
        os.execv(debian, [debian] + sys.argv)
    print("parity: no PyTorch for", sys.executable)
    sys.exit(77)

HERE = os.path.dirname(os.path.abspath(__file__))
TOLERANCE = 1e-4
DEFAULTS = dict(inputs="6", samples="5", steps="20", encoder="dense 5 tanh", code="3 tanh",
                decoder="mirror", output="linear", loss="mse", optimizer="adam", rate="0.01",
                beta1="0.9", beta2="0.999", epsilon="1e-8", weight_decay="0", l1="0", clip="0",
                sparsity="0", bias="yes", center="yes", store="yes")
ACTIVATIONS = dict(sigmoid=nn.Sigmoid, tanh=nn.Tanh, relu=nn.ReLU, elu=nn.ELU, gelu=nn.GELU,
                   silu=nn.SiLU, softplus=nn.Softplus)


class Tied(nn.Module):
    """Another layer's weight, transposed, with a bias of its own."""

    def __init__(self, other, bias):
        super().__init__()
        self.other = [other]
        self.bias = nn.Parameter(torch.zeros(other.weight.shape[1])) if bias else None

    def forward(self, x):
        return F.linear(x, self.other[0].weight.t(), self.bias)


def groups(text):
    """[(units or None, [words])] of a text; a lone word joins the layer before it."""
    found = []
    for item in text.split(","):
        words = item.split()
        if words[0] == "dense":
            found.append((int(words[1]), words[2:]))
        elif found:
            found[-1][1].extend(words)
        else:
            found.append((None, words))
    return found


def words_to_modules(words, size, bias):
    for word in words:
        if word == "bn":
            layer = nn.BatchNorm1d(size)
            if not bias:
                layer.register_parameter("bias", None)
            yield layer
        elif word.startswith("lrelu"):
            yield nn.LeakyReLU(float(word[6:] or 0.01))
        elif word != "linear":
            yield ACTIVATIONS[word]()


def build(case):
    n, bias = int(case["inputs"]), case["bias"] == "yes"
    encoder = [] if case["encoder"] == "none" else groups(case["encoder"])
    lead = encoder[0][1] if encoder and encoder[0][0] is None else []
    encoder = [g for g in encoder if g[0] is not None]
    code = case["code"].split()
    dense = encoder + ([(int(code[0]), code[1:])] if code != ["none"] else [])
    output = case["output"].split()
    output = output[2:] if output[0] == "dense" else output

    enc, linear, size = list(words_to_modules(lead, n, bias)), [], n
    for units, words in dense:
        linear.append(nn.Linear(size, units, bias))
        enc += [linear[-1], *words_to_modules(words, units, bias)]
        size = units
    dec = []
    if case["decoder"] == "mirror":
        chain = list(reversed(encoder if code != ["none"] else encoder[:-1]))
    elif case["decoder"] == "tied":
        chain = list(reversed(dense[:-1]))
    else:
        chain = [] if case["decoder"] == "none" else groups(case["decoder"])
    tied = list(reversed(linear)) if case["decoder"] == "tied" else None
    for units, words in chain + [(n, output)]:
        if units == n and words is output:
            dec += words_to_modules(lead if case["decoder"] in ("mirror", "tied") else [], size, bias)
        dec.append(Tied(tied.pop(0), bias) if tied else nn.Linear(size, units, bias))
        dec += words_to_modules(words, units, bias)
        size = units
    model = nn.Sequential()
    model.add_module("encoder", nn.Sequential(*enc))
    model.add_module("decoder", nn.Sequential(*dec))
    return model


def wave(count, a, b):
    return torch.tensor([math.sin(a * k * (k + 1.5) + b) for k in range(count)],
                        dtype=torch.float64)


def tensors(model):
    return [(name, t) for name, t in model.state_dict().items()
            if not name.endswith("num_batches_tracked")]


def begin(model):
    """The start of case.h: waves, scaled for the layer."""
    for index, (name, t) in enumerate(tensors(model)):
        w = wave(t.numel(), 12.9898, 78.233 * index).reshape(t.shape)
        if t.dim() == 2:
            w *= 1.2 / math.sqrt(t.shape[1])
        elif name.endswith("weight") or name.endswith("running_var"):
            w = 1 + 0.1 * w
        else:
            w *= 0.1
        t.copy_(w.float())


def data(case):
    rows, n = 3 * int(case["samples"]), int(case["inputs"])
    return torch.tensor([[0.5 + 0.45 * math.sin(3.1 * r + 1.7 * i + 0.9 * r * i)
                          for i in range(n)] for r in range(rows)], dtype=torch.float64).float()


def loss_of(case, y, z, x):
    if case["loss"] == "rmse":
        return ((y - x) ** 2).mean(1).sqrt().mean()
    if case["loss"] == "sse":
        return ((y - x) ** 2).sum() / (2 * len(x))
    if case["loss"] == "bce":
        return F.binary_cross_entropy_with_logits(z, x)
    return F.mse_loss(y, x)


class Momentum(torch.optim.Optimizer):
    """v = b v + (1 - b) g from v = 0: torch's own begins with v = g."""

    def __init__(self, params, lr, beta):
        super().__init__(params, dict(lr=lr, beta=beta))

    @torch.no_grad()
    def step(self, closure=None):
        for group in self.param_groups:
            for p in group["params"]:
                v = self.state[p].setdefault("v", torch.zeros_like(p))
                v.mul_(group["beta"]).add_(p.grad, alpha=1 - group["beta"])
                p.add_(v, alpha=-group["lr"])


def optimizer_of(case, params):
    lr, b1, b2 = float(case["rate"]), float(case["beta1"]), float(case["beta2"])
    eps, decay, kind = float(case["epsilon"]), float(case["weight_decay"]), case["optimizer"]
    if kind == "sgd":
        return torch.optim.SGD(params, lr)
    if kind == "momentum":
        return Momentum(params, lr, b1)
    if kind == "nesterov":
        return torch.optim.SGD(params, lr, momentum=b1, nesterov=True)
    if kind == "rmsprop":
        return torch.optim.RMSprop(params, lr, alpha=b2, eps=eps)
    if kind == "adam":
        return torch.optim.Adam(params, lr, (b1, b2), eps)
    return torch.optim.AdamW([dict(params=[p for p in params if p.dim() > 1], weight_decay=decay),
                              dict(params=[p for p in params if p.dim() < 2], weight_decay=0)],
                             lr, (b1, b2), eps)


def penalize(case, params):
    for p in params:
        if p.dim() > 1:
            if case["optimizer"] != "adamw":
                p.grad.add_(p.detach(), alpha=float(case["weight_decay"]))
            p.grad.add_(p.detach().sign(), alpha=float(case["l1"]))
    if float(case["clip"]) > 0:
        norm = math.sqrt(sum(float((p.grad.double() ** 2).sum()) for p in params))
        for p in params:
            p.grad.mul_(min(1, float(case["clip"]) / norm))


def train(case):
    """PyTorch's tensors after the steps: [(name, values)]."""
    model, x = build(case), data(case)
    begin(model)
    model.train()
    m = int(case["samples"])
    center = x.mean(0) if case["center"] == "yes" else torch.zeros(x.shape[1])
    params = list(model.parameters())
    optimizer = optimizer_of(case, params)
    dec = model.decoder
    head = dec[:-1] if isinstance(dec[-1], nn.Sigmoid) else dec
    for step in range(int(case["steps"])):
        batch = x[step % 3 * m:(step % 3 + 1) * m]
        optimizer.zero_grad()
        code = model.encoder(batch - center)
        z = head(code)
        y = torch.sigmoid(z) if head is not dec else z
        objective = loss_of(case, y, z, batch)
        if float(case["sparsity"]) > 0:
            objective = objective + float(case["sparsity"]) * code.abs().sum() / m
        objective.backward()
        penalize(case, params)
        optimizer.step()
    return [(name, t.flatten().tolist()) for name, t in tensors(model)]


def read_cases():
    with open(os.path.join(HERE, "cases.txt")) as file:
        for line in file:
            line = line.strip()
            if line and not line.startswith("#"):
                yield line, dict(DEFAULTS, **dict(p.split("=", 1) for p in line.split("|")))


def compare(line, wanted, got):
    """Worst relative difference of a tensor: norm of the difference by the norm."""
    worst, where = 0, ""
    if [name for name, _ in wanted] != [name for name, _ in got]:
        return math.inf, "names: %s" % [name for name, _ in got]
    for (name, a), (_, b) in zip(wanted, got):
        size = max(math.sqrt(sum(p * p for p in a)), 1e-3)
        off = math.sqrt(sum((p - q) ** 2 for p, q in zip(a, b))) / size
        if len(a) != len(b) or not off <= worst:
            worst, where = (off if len(a) == len(b) else math.inf), name
    return worst, where


def engine_tensors(program, line):
    out = subprocess.run([program], input=line + "\n", capture_output=True, text=True)
    if out.returncode:
        sys.exit("parity: %s: %s%s" % (line, out.stdout, out.stderr))
    return [(row.split()[0], list(map(float, row.split()[1:]))) for row in out.stdout.splitlines()]


def write():
    with open(os.path.join(HERE, "vectors.txt"), "w") as file:
        file.write("# Written by parity.py --write: PyTorch's tensors after each case's steps.\n")
        for line, case in read_cases():
            if case["store"] == "yes":
                file.write("case %s\n" % line)
                for name, values in train(case):
                    file.write("%s %s\n" % (name, " ".join("%.7g" % v for v in values)))


def make_engine(folder):
    """Compiles engine.c against the library of the build folder."""
    build = os.environ.get("HG_BUILD_DIR")
    if not build:
        sys.exit(__doc__)
    compiler = shlex.split(os.environ.get("CC") or "cc")
    thing, program = os.path.join(folder, "engine.o"), os.path.join(folder, "engine")
    subprocess.run(compiler + ["-std=gnu11", "-O1", "-ffp-contract=off",
                               "-I" + os.path.join(HERE, "..", "..", "include"), "-c",
                               os.path.join(HERE, "engine.c"), "-o", thing], check=True)
    subprocess.run([os.path.join(build, "libtool"), "--quiet", "--tag=CC", "--mode=link"] +
                   compiler + [thing, "-o", program, os.path.join(build, "libhourglass.la"),
                               "-lm"], check=True)
    return program


def run(program):
    """Compares all cases (TESTS=quick: the small ones); the number that differ."""
    bad = 0
    for line, case in read_cases():
        if case["store"] == "no" and os.environ.get("TESTS") == "quick":
            continue
        worst, where = compare(line, train(case), engine_tensors(program, line))
        bad += not worst <= TOLERANCE
        print("%-4s %.1e %-24s %s" % ("ok" if worst <= TOLERANCE else "FAIL", worst, where, line))
    return bad


def main():
    torch.set_num_threads(1)
    if sys.argv[1:] == ["--write"]:
        write()
    elif len(sys.argv) == 2:
        sys.exit(run(sys.argv[1]) > 0)
    elif len(sys.argv) == 1:
        with tempfile.TemporaryDirectory() as folder:
            sys.exit(run(make_engine(folder)) > 0)
    else:
        sys.exit(__doc__)


if __name__ == "__main__":
    main()
