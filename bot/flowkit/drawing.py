"""A flow as a diagram, in Mermaid, drawn from the rows that run it."""

from __future__ import annotations

from transitions.extensions import GraphMachine

from bot.flowkit.flow import Flow

#: Lines of the library's that say how boxes are coloured: a page's reader chooses that.
_STYLING = ("classDef", "Class ", "direction")


class _Model:
    """The one model a drawing machine has. The machine that runs a flow has none."""


def diagram(flow: type[Flow]) -> str:
    """The flow's steps and rows as a Mermaid state diagram, with guards in brackets.

    A step that carries something out is drawn with the request's name, an end with how it ends.
    """
    model = _Model()
    GraphMachine(
        model=model,
        states=[step.name for step in flow.steps],
        initial=flow.starts_at,
        transitions=flow.rows(),
        auto_transitions=False,
        graph_engine="mermaid",
        show_conditions=True,
    )
    drawn = model.get_graph().source.partition("stateDiagram-v2")[2]
    edges = [
        line.strip()
        for line in drawn.splitlines()
        if line.strip() and not line.strip().startswith((*_STYLING, "state ", "[*]"))
    ]
    named = [f'state "{step.name}: {_what(step)}" as {step.name}' for step in flow.steps if _what(step)]
    ends = [f"{step.name} --> [*]" for step in flow.steps if step.ends]
    lines = [*named, f"[*] --> {flow.starts_at}", *edges, *ends]
    return "\n".join(["stateDiagram-v2", *(f"  {line}" for line in lines)])


def _what(step) -> str:  # type: ignore[no-untyped-def]
    return step.awaits.__name__ if step.awaits else step.ends or ""
