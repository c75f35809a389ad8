"""The training loop: what transformers' Trainer does for one process, without what it carries for the rest.

Same order of rows, same loss, same clipping, schedule and optimiser; see `batches` for how rows are put together.
Knows nothing of passes, adapters or files: the caller hands in a model with trainable parameters, tokens and hooks.
Equal settings give equal bits on one machine with one number of threads, also over a stop and a resume.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from . import batches, forward, head, norms, optimisers, schedules
from .arguments import Settings
from .failures import not_finite

if TYPE_CHECKING:
    import torch


@dataclass
class Hooks:
    """What the loop tells and asks its caller. All optional."""

    metric: Callable[..., None] = lambda **values: None
    progress: Callable[..., None] = lambda **values: None
    log: Callable[..., None] = lambda message, level="info": None
    check_stop: Callable[[], None] = lambda: None
    """Raises to stop; asked between passes through the model."""
    save: Callable[[Callable[[], dict[str, Any]], bool], None] | None = None
    """save(state, due): after each step; `due` where the config asks for a checkpoint at this step. Calls `state()`
    if it wants to keep it."""
    stopped: Callable[[dict[str, Any]], None] | None = None
    """The state to keep when check_stop has raised."""


@dataclass(frozen=True)
class Plan:
    """How passes through the model are made: fixed at the start, kept over a resume."""

    token_budget: int
    checkpointing: bool
    filling: batches.Filling = field(default_factory=batches.Filling)


@dataclass
class Outcome:
    """What a training came to."""

    steps: int
    losses: list[float] = field(default_factory=list)
    evaluations: list[tuple[int, float]] = field(default_factory=list)
    tokens: int = 0
    seconds: float = 0.0
    best_step: int | None = None


class Training:
    """One training. `state()` and `restore()` carry everything that later steps depend on."""

    def __init__(
        self,
        model: Any,
        tokens: Any,
        settings: Settings,
        plan: Plan,
        device: torch.device,
        hooks: Hooks | None = None,
        evaluation: Any = None,
        pointer: str = "",
    ) -> None:
        import torch

        self.model = model
        self.tokens = tokens
        self.settings = settings
        self.plan = plan
        self.device = device
        self.hooks = hooks or Hooks()
        self.evaluation = evaluation
        self.pointer = pointer
        self.parameters = [one for one in model.parameters() if one.requires_grad]
        self.parts = head.split(model)
        norms.lighten(model)
        if self.parts is None:
            self.hooks.log("this architecture computes its logits in a way of its own; they are kept whole")
        torch.manual_seed(settings.seed)
        self.lengths = [
            len(ids) if tokens.padded_to is None else max(tokens.padded_to, len(ids)) for ids in tokens.ids
        ]
        count = len(tokens.ids)
        size = settings.batch_size
        per_epoch = count // size if settings.drop_last else math.ceil(count / size)
        self.batches_per_epoch = per_epoch
        self.total, self.steps_per_epoch = settings.total_steps(per_epoch)
        self.optimiser = optimisers.make(model, settings, device.type, self.hooks.log)
        self.schedule = schedules.make(
            settings.scheduler,
            self.optimiser,
            settings.warmup_steps(self.total),
            self.total,
            settings.learning_rate,
            settings.scheduler_kwargs,
        )
        self.scaler = torch.amp.GradScaler(device.type) if settings.autocast == "float16" else None
        self.step = 0
        self.epoch = 0
        self.order: list[int] | None = None
        self.outcome = Outcome(0)
        self.best: dict[str, torch.Tensor] | None = None
        self.best_value: float | None = None
        self.random_state: Any = None

    # ---- state -----------------------------------------------------------------------------------------------------

    def state(self) -> dict[str, Any]:
        """Everything after the last whole step, as tensors and plain values."""
        import torch

        found: dict[str, Any] = {
            "step": self.step,
            "epoch": self.epoch,
            "order": None if self.order is None else torch.tensor(self.order, dtype=torch.int32),
            "random": self.random_state if self.random_state is not None else _random_state(self.device),
            "trainable": self.trainable(),
            "optimiser": self.optimiser.state_dict(),
            "schedule": self.schedule.state_dict(),
            "losses": torch.tensor(self.outcome.losses, dtype=torch.float64),
            "evaluations": [list(one) for one in self.outcome.evaluations],
            "tokens": self.outcome.tokens,
            "seconds": self.outcome.seconds,
            "best": self.best,
            "best_value": self.best_value,
            "best_step": self.outcome.best_step,
        }
        found["schedule"].pop("lr_lambdas", None)
        if self.scaler is not None:
            found["scaler"] = self.scaler.state_dict()
        return found

    def trainable(self) -> dict[str, torch.Tensor]:
        return {name: one.detach() for name, one in self.model.named_parameters() if one.requires_grad}

    def restore(self, state: Mapping[str, Any]) -> None:
        """The inverse of `state`. RuntimeError or KeyError where it belongs to another model."""
        import torch

        self._put(state["trainable"])
        self.optimiser.load_state_dict(state["optimiser"])
        # The functions of a LambdaLR are not saved (they are the arguments'); it wants the names all the same.
        functions: dict[str, Any] = {"lr_lambdas": []} if hasattr(self.schedule, "lr_lambdas") else {}
        self.schedule.load_state_dict({**functions, **state["schedule"]})
        self.step = int(state["step"])
        self.epoch = int(state["epoch"])
        self.order = None if state["order"] is None else state["order"].tolist()
        self.outcome = Outcome(
            self.step,
            state["losses"].tolist(),
            [(int(step), float(loss)) for step, loss in state["evaluations"]],
            int(state["tokens"]),
            float(state["seconds"]),
            state["best_step"],
        )
        self.best, self.best_value = state["best"], state["best_value"]
        if self.scaler is not None and "scaler" in state:
            self.scaler.load_state_dict(state["scaler"])
        torch.set_rng_state(state["random"]["cpu"])
        if self.device.type == "cuda" and "cuda" in state["random"]:
            torch.cuda.set_rng_state(state["random"]["cuda"], self.device)

    def _put(self, tensors: Mapping[str, torch.Tensor]) -> None:
        import torch

        with torch.no_grad():
            for name, one in self.model.named_parameters():
                if one.requires_grad:
                    one.copy_(tensors[name])

    # ---- training --------------------------------------------------------------------------------------------------

    def run(self) -> Outcome:
        """Trains to the end. Whatever `hooks.check_stop` raises comes out after `hooks.stopped` had the state."""
        settings = self.settings
        self.model.train()
        started = time.monotonic()
        before = self.outcome.seconds
        if self.step == 0 and settings.eval_on_start:
            self._evaluate()
        with forward.neftune(self.model, settings.neftune):
            while self.step < self.total:
                if self.order is None:
                    self.order = batches.epoch_order(
                        self.lengths,
                        settings.sampling,
                        settings.batch_size * settings.accumulation,
                        settings.seed if settings.data_seed is None else settings.data_seed,
                        self.epoch,
                    )
                made = batches.micro_batches(self.order, settings.batch_size, settings.drop_last)
                epoch_steps = batches.steps(made, settings.accumulation)
                for mine in epoch_steps[self.step - self.epoch * self.steps_per_epoch :]:
                    self._step(mine)
                    self.outcome.seconds = before + time.monotonic() - started
                    self._after_step()
                    if self.step >= self.total:
                        break
                else:
                    self.epoch += 1
                    self.order = None
        if settings.load_best and self.best is not None:
            self._put(self.best)
            self.hooks.log(
                f"the adapter of step {self.outcome.best_step} is kept: its {settings.best_metric} is the best "
                f"({self.best_value:.4f})"
            )
        self.outcome.steps = self.step
        head.to_eval(self.model)
        return self.outcome

    def _step(self, mine: list[list[int]]) -> None:
        """One optimiser step over these micro-batches of row numbers."""
        import torch

        settings = self.settings
        self.random_state = _random_state(self.device)
        begun = time.monotonic()
        rows = batches.rows_of(self.tokens, mine)
        total = 0.0
        counted = 0
        for group in batches.fuse(rows, self.plan.token_budget):
            try:
                self.hooks.check_stop()
            except BaseException:
                if self.hooks.stopped is not None:
                    self.hooks.stopped(self.state())
                raise
            batch = self._batch(group)
            counted += batch.tokens
            if batch.labels.numel() == 0:
                continue
            loss = self._loss(batch)
            (self.scaler.scale(loss) if self.scaler is not None else loss).backward()
            total += float(loss.detach())
            del loss, batch
        self.random_state = None
        if not math.isfinite(total):
            raise not_finite(total, self.step + 1, settings, settings.autocast == "float16", self.pointer)
        if self.scaler is not None:
            self.scaler.unscale_(self.optimiser)
        limit = settings.max_grad_norm if settings.max_grad_norm > 0 else math.inf
        norm = float(torch.nn.utils.clip_grad_norm_(self.parameters, limit))
        rate = float(self.optimiser.param_groups[0]["lr"])
        stepped = True
        if self.scaler is not None:
            scale = self.scaler.get_scale()
            self.scaler.step(self.optimiser)
            self.scaler.update()
            stepped = self.scaler.get_scale() >= scale
        else:
            self.optimiser.step()
        if stepped and not schedules.steps_on_metric(self.schedule):
            self.schedule.step()
        self.optimiser.zero_grad(set_to_none=True)
        self.step += 1
        self.outcome.losses.append(total)
        self.outcome.tokens += counted
        if (
            settings.empty_cache_steps
            and self.step % settings.empty_cache_steps == 0
            and self.device.type == "cuda"
        ):
            torch.cuda.empty_cache()
        seconds = max(time.monotonic() - begun, 1e-9)
        self.hooks.metric(
            step=self.step,
            loss=total,
            learning_rate=rate,
            grad_norm=norm,
            epoch=self.step / self.steps_per_epoch,
            tokens=counted,
            tokens_per_second=counted / seconds,
        )

    def _after_step(self) -> None:
        """Logging, evaluation and saving that fall due after the step just done."""
        settings = self.settings
        done, total = self.step, self.total
        seconds = self.outcome.seconds
        self.hooks.progress(
            done=done,
            total=total,
            seconds_left=seconds / done * (total - done),
            tokens_per_second=self.outcome.tokens / max(seconds, 1e-9),
            loss=self.outcome.losses[-1],
        )
        if done % settings.logging_steps == 0 or done == total:
            window = self.outcome.losses[-((done - 1) % settings.logging_steps + 1) :]
            # The metric says it already: for the log file of those who ask for more.
            self.hooks.log(f"step {done} of {total}: loss {sum(window) / len(window):.4f}", "debug")
        ends_epoch = done % self.steps_per_epoch == 0 or done == total
        improved = False
        if self._due(settings.evaluate, settings.eval_steps, ends_epoch) and self._after_delay():
            improved = self._evaluate()
        due = self._due(settings.save, settings.save_steps, ends_epoch) or (
            settings.save == "best" and improved
        )
        if self.hooks.save is not None:
            self.hooks.save(self.state, due)

    def _due(self, strategy: str, every: float | None, ends_epoch: bool) -> bool:
        if strategy == "epoch":
            return ends_epoch
        if strategy == "steps" and every:
            return self.step == self.total or self.step % _interval(every, self.total) == 0
        return False

    def _after_delay(self) -> bool:
        delay = self.settings.eval_delay
        if self.settings.evaluate == "epoch":
            return self.step / self.steps_per_epoch >= delay
        return self.step >= delay

    # ---- one pass --------------------------------------------------------------------------------------------------

    def _batch(self, group: list[batches.Row]) -> batches.Batch:
        return batches.collate(group, self.device, self.plan.filling)

    def _loss(self, batch: batches.Batch) -> Any:
        return forward.loss(self.model, self.parts, batch, self.device.type, self.settings)

    # ---- evaluation ------------------------------------------------------------------------------------------------

    def _evaluate(self) -> bool:
        """Mean over rows of their batch's mean loss, as transformers has it; True if it is the best so far."""
        import torch

        size = self.settings.eval_batch_size
        made = batches.micro_batches(range(len(self.evaluation.ids)), size, False)
        total = 0.0
        head.to_eval(self.model)
        state = _random_state(self.device)
        with torch.no_grad():
            for mine in made:
                for group in batches.fuse(batches.rows_of(self.evaluation, [mine]), self.plan.token_budget):
                    self.hooks.check_stop()
                    batch = self._batch(group)
                    if batch.labels.numel():
                        total += float(self._loss(batch)) * len(mine) / len(self.evaluation.ids)
        self.model.train()
        torch.set_rng_state(state["cpu"])
        self.outcome.evaluations.append((self.step, total))
        self.hooks.metric(step=self.step, eval_loss=total, epoch=self.step / self.steps_per_epoch)
        self.hooks.log(f"step {self.step}: eval loss {total:.4f}")
        if schedules.steps_on_metric(self.schedule) and self.step:
            self.schedule.step(total)
        better = self.best_value is None or (
            total > self.best_value if self.settings.best_is_greater else total < self.best_value
        )
        if better:
            self.best_value = total
            self.outcome.best_step = self.step
            if self.settings.load_best:
                self.best = {name: one.clone() for name, one in self.trainable().items()}
        return better


def _interval(every: float, total: int) -> int:
    """Steps between two events: a share of all steps below 1."""
    return max(math.ceil(total * every) if every < 1 else int(every), 1)


def _random_state(device: torch.device) -> dict[str, Any]:
    import torch

    found: dict[str, Any] = {"cpu": torch.get_rng_state()}
    if device.type == "cuda":
        found["cuda"] = torch.cuda.get_rng_state(device)
    return found
