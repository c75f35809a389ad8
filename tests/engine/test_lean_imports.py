"""What a worker leaves out of memory, and that whoever needs it after all gets it. Each case in a process of its own."""

from __future__ import annotations

import subprocess
import sys

TRAINED = """
import sys
from olive_engine import lean_imports
lean_imports.install()
import torch
from transformers import LlamaConfig
from transformers.models.llama.modeling_llama import LlamaForCausalLM
from torch.utils.checkpoint import checkpoint

model = LlamaForCausalLM(LlamaConfig(vocab_size=32, hidden_size=16, intermediate_size=32, num_hidden_layers=1,
                                     num_attention_heads=2, num_key_value_heads=2))
optimizer = torch.optim.AdamW(model.parameters(), lr=0.1, fused=True)
ids = torch.arange(8).reshape(1, 8)
losses = []
for _ in range(3):
    loss = model(input_ids=ids, labels=ids).loss
    loss.backward()
    optimizer.step()
    optimizer.zero_grad()
    losses.append(loss.item())
assert losses[2] < losses[0], losses
"""


def said(code: str) -> list[str]:
    done = subprocess.run(
        [sys.executable, "-c", TRAINED + code], capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def test_training_loads_neither_the_compiler_nor_what_several_machines_need():
    names = (
        "sympy torch.distributed.tensor torch.distributed.fsdp torch._inductor torch._dynamo.convert_frame"
    )
    assert said(f"print([name for name in {names.split()} if name in sys.modules])") == ["[]"]


def test_the_compiler_is_there_for_whoever_asks():
    code = """
def twice(x): return x * 2
compiled = torch.compile(twice, backend="eager")
print(compiled(torch.ones(1)).item(), "torch._dynamo.convert_frame" in sys.modules)
print(type(sys.modules["torch._dynamo"]).__name__, torch._dynamo is sys.modules["torch._dynamo"])
"""
    assert said(code) == ["2.0 True", "module True"]


def test_peft_and_accelerate_work_without_it():
    code = """
from peft import LoraConfig, get_peft_model
wrapped = get_peft_model(model, LoraConfig(r=2, target_modules=["q_proj"]))
wrapped(input_ids=ids, labels=ids).loss.backward()
import accelerate
print(accelerate.PartialState().num_processes, len(wrapped.peft_config))
"""
    assert said(code) == ["1 1"]


def test_installing_twice_changes_nothing():
    code = "lean_imports.install(); print(sum(type(f).__module__.endswith('lean_imports') for f in sys.meta_path))"
    assert said(code) == ["1"]
