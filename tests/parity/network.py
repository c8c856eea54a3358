"""PyTorch's side: the network that a case describes, its start, its data, its training.

A case is a dict of texts, as a line of cases.txt gives it. Whoever imports this where there
is no PyTorch ends with status 77 (skipped).
"""
import math
import os
import sys

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

DEFAULTS = dict(inputs="6", samples="5", steps="20", encoder="dense 5 tanh", code="3 tanh",
                decoder="mirror", output="linear", loss="mse", optimizer="adam", rate="0.01",
                beta1="0.9", beta2="0.999", epsilon="1e-8", weight_decay="0", l1="0", clip="0",
                sparsity="0", bias="yes", center="yes", store="yes")
ACTIVATIONS = dict(sigmoid=nn.Sigmoid, tanh=nn.Tanh, relu=nn.ReLU, elu=nn.ELU, gelu=nn.GELU,
                   silu=nn.SiLU, softplus=nn.Softplus)
SHOWN = 2  # samples that are reconstructed in evaluation mode at the end


class Tied(nn.Module):
    """Another layer's weight, transposed, with a bias of its own."""

    def __init__(self, other, bias):
        super().__init__()
        self.other = [other]
        self.bias = nn.Parameter(torch.zeros(other.weight.shape[1])) if bias else None

    def forward(self, x):
        return F.linear(x, self.other[0].weight.t(), self.bias)


class Group:
    """A layer and its words. kind: dense, conv, pool, up; None: words before the first layer."""

    def __init__(self, kind, units=0, kernel=0, stride=1, words=()):
        self.kind, self.units, self.kernel, self.stride = kind, units, kernel, stride
        self.words = list(words)
        self.image = None  # what it gave, once it was built; None: values
        self.restores = None  # a dense layer of a mirror: the image that it restores

    def on_image(self):
        return self.kind in ("conv", "pool", "up")


def groups(text):
    """The groups of a text; a lone word joins the layer before it."""
    found = []
    for item in text.split(","):
        words = item.split()
        kind = words.pop(0) if words[0] in ("dense", "conv", "pool", "up") else None
        group = Group(kind)
        if kind in ("dense", "conv"):
            group.units = int(words.pop(0))
        elif kind:
            group.stride = int(words.pop(0))
        if kind == "conv":
            group.kernel = int(words.pop(0).split("x")[0]) if words and words[0][0].isdigit() else 3
            if words and words[0] == "stride":
                group.stride = int(words[1])
                words = words[2:]
        group.words = words
        if kind is None and found:
            found[-1].words.extend(words)
        else:
            found.append(group)
    return found


def mirror(encoder, coded):
    """The decoder that the encoder's groups (built, without lead and code) give backwards."""
    chain, flat = [], coded
    groups_left = list(encoder)
    if not coded and groups_left and groups_left[-1].kind == "dense":
        groups_left.pop()
        flat = True
    for group in reversed(groups_left):
        if flat and group.on_image():
            chain.append(Group("dense", math.prod(group.image)))
            chain[-1].restores = group.image
        flat = not group.on_image()
        if group.kind == "pool" or (group.kind == "conv" and group.stride > 1):
            chain.append(Group("up", stride=group.stride))
        elif group.kind == "up":
            chain.append(Group("pool", stride=group.stride))
        if group.kind in ("dense", "conv"):
            chain.append(Group(group.kind, group.units, group.kernel))
        chain[-1].words = group.words
    return chain


class Builder:
    """One nn.Sequential after another, as shapes go through them."""

    def __init__(self, case):
        size = [int(n) for n in case["inputs"].split("x")]
        self.bias = case["bias"] == "yes"
        self.input = tuple(size) if len(size) == 3 else (1, 1, size[0])
        self.image, self.values = None, math.prod(self.input)
        self.reached = self.restored = self.input
        self.modules = []

    def words(self, words):
        at = 0
        while at < len(words):
            word = words[at]
            at += 1
            if word == "bn":
                layer = (nn.BatchNorm2d(self.image[0]) if self.image
                         else nn.BatchNorm1d(self.values))
                if not self.bias:
                    layer.register_parameter("bias", None)
                self.modules.append(layer)
            elif word == "dropout":
                self.modules.append(nn.Dropout(float(words[at])))
                at += 1
            elif word.startswith("lrelu"):
                self.modules.append(nn.LeakyReLU(float(word[6:] or 0.01)))
            elif word != "linear":
                self.modules.append(ACTIVATIONS[word]())

    def dense(self, group, tied):
        if self.image:
            self.modules.append(nn.Flatten())
        self.modules.append(Tied(tied, self.bias) if tied
                            else nn.Linear(self.values, group.units, self.bias))
        self.image, self.values = None, group.units
        self.restored = group.restores or self.reached

    def spatial(self, group):
        if not self.image:
            rows, columns = self.restored[1:]
            self.image = (self.values // (rows * columns), rows, columns)
            self.modules.append(nn.Unflatten(1, self.image))
        channels, rows, columns = self.image
        k = group.stride
        if group.kind == "conv":
            self.modules.append(nn.Conv2d(channels, group.units, group.kernel, k,
                                          group.kernel // 2, bias=self.bias))
            self.image = (group.units, (rows - 1) // k + 1, (columns - 1) // k + 1)
        elif group.kind == "pool":
            self.modules.append(nn.MaxPool2d(k))
            self.image = (channels, rows // k, columns // k)
        else:
            self.modules.append(nn.Upsample(scale_factor=k, mode="nearest"))
            self.image = (channels, rows * k, columns * k)
        self.values = math.prod(self.image)

    def group(self, group, tied=None):
        """Adds a group; its own module (before its words) is the answer."""
        if group.kind == "dense":
            self.dense(group, tied)
        elif group.kind:
            self.spatial(group)
        own = self.modules[-1] if group.kind else None
        group.image = self.image
        self.words(group.words)
        return own

    def take(self):
        """What was added since the last time, as one nn.Sequential."""
        done, self.modules = nn.Sequential(*self.modules), []
        return done


def output_group(text, builder):
    words = text.split()
    if words[0] in ("dense", "conv"):
        return groups(text)[0]
    if builder.image and builder.image[1:] == builder.input[1:]:
        return Group("conv", builder.input[0], 3, words=words)
    return Group("dense", math.prod(builder.input), words=words)


def build(case):
    builder = Builder(case)
    encoder = [] if case["encoder"] == "none" else groups(case["encoder"])
    code = case["code"].split()
    coded = code != ["none"]
    own = [] if case["decoder"] in ("none", "mirror", "tied") else groups(case["decoder"])
    heads = [g for g in encoder if g.kind]
    everything = heads + ([Group("dense", int(code[0]), words=code[1:])] if coded else [])
    ahead = everything + own + groups(case["output"])
    first = next((g for g in ahead if g.kind), None)
    if first and first.on_image():
        builder.image = builder.input
    lead = encoder[0].words if encoder and encoder[0].kind is None else []

    builder.words(lead)
    linear = []
    for group in everything:
        linear.append(builder.group(group))
        if builder.image:
            builder.reached = builder.image
    builder.restored = builder.reached
    parts = [builder.take()]
    tied = list(reversed(linear)) if case["decoder"] == "tied" else []
    chain = mirror(heads, coded) if case["decoder"] == "mirror" else own
    if tied:
        chain = [Group("dense", g.units, words=g.words) for g in reversed(everything[:-1])]
    for group in chain:
        builder.group(group, tied.pop(0) if tied else None)
    if case["decoder"] in ("mirror", "tied"):
        builder.words(lead)
    builder.group(output_group(case["output"], builder), tied.pop(0) if tied else None)
    parts.append(builder.take())
    model = nn.Sequential()
    model.add_module("encoder", parts[0])
    model.add_module("decoder", parts[1])
    model.input = builder.input if first and first.on_image() else None
    return model


def shaped(model, x):
    """Rows as the network takes them."""
    return x.reshape(-1, *model.input) if model.input else x


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
        if t.dim() > 1:
            w *= 1.2 / math.sqrt(t[0].numel())
        elif name.endswith("weight") or name.endswith("running_var"):
            w = 1 + 0.1 * w
        else:
            w *= 0.1
        t.copy_(w.float())


def data(case):
    rows = 3 * int(case["samples"])
    n = math.prod(int(size) for size in case["inputs"].split("x"))
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


def train(case, model, x):
    """Trains `model` on x for the case's steps, batch after batch in order. The answer: the loss
    of each step, without penalties, and how many samples it had."""
    model.train()
    m = int(case["samples"])
    batches = [x[i:i + m] for i in range(0, len(x), m)]
    center = x.mean(0) if case["center"] == "yes" else torch.zeros(x.shape[1])
    params = list(model.parameters())
    optimizer = optimizer_of(case, params)
    dec = model.decoder
    head = dec[:-1] if isinstance(dec[-1], nn.Sigmoid) else dec
    losses = []
    for step in range(int(case["steps"])):
        batch = batches[step % len(batches)]
        optimizer.zero_grad()
        code = model.encoder(shaped(model, batch - center))
        z = head(code).flatten(1)
        y = torch.sigmoid(z) if head is not dec else z
        objective = loss_of(case, y, z, batch)
        losses.append((float(objective), len(batch)))
        if float(case["sparsity"]) > 0:
            objective = objective + float(case["sparsity"]) * code.abs().sum() / len(batch)
        objective.backward()
        penalize(case, params)
        optimizer.step()
    return losses


def evaluate(case, model, x):
    """The first samples' reconstructions, in evaluation mode."""
    center = x.mean(0) if case["center"] == "yes" else torch.zeros(x.shape[1])
    model.eval()
    with torch.no_grad():
        return model(shaped(model, x[:SHOWN] - center)).flatten().tolist()


def result(case):
    """PyTorch's tensors after the steps, and what it then makes of the first samples:
    [(name, values)]."""
    model, x = build(case), data(case)
    begin(model)
    train(case, model, x)
    return ([(name, t.flatten().tolist()) for name, t in tensors(model)] +
            [("evaluation", evaluate(case, model, x))])


def distance(wanted, got):
    """The norm of the difference by the norm."""
    if len(wanted) != len(got):
        return math.inf
    size = max(math.sqrt(sum(p * p for p in wanted)), 1e-3)
    return math.sqrt(sum((p - q) ** 2 for p, q in zip(wanted, got))) / size


def compare(wanted, got):
    """The worst distance of a tensor, and which."""
    worst, where = 0, ""
    if [name for name, _ in wanted] != [name for name, _ in got]:
        return math.inf, "names: %s, PyTorch: %s" % ([n for n, _ in got], [n for n, _ in wanted])
    for (name, a), (_, b) in zip(wanted, got):
        off = distance(a, b)
        if not off <= worst:
            worst, where = off, name
    return worst, where
