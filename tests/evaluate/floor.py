"""The floor: khobor's shares by layout on the demo's articles, which may only rise."""

from __future__ import annotations

import json
from pathlib import Path

from evaluate.summary import Verdicts, floor_of

FLOOR = Path(__file__).with_name("floor.json")


def below(verdicts: Verdicts, gold: str) -> list[str]:
    """Return a line for each share of a layout that is below the floor."""
    kept = json.loads(FLOOR.read_text("utf-8"))
    if kept["gold"] != gold:
        return ["the demo newspaper's articles changed since the floor was measured; run make evaluate FLOOR=new"]
    now = floor_of(verdicts)
    lines = [f"{name}: the layout is missing" for name in kept["layouts"] if name not in now]
    for name, shares in now.items():
        for key, share in kept["layouts"].get(name, {}).items():
            if shares[key] < share - 1e-4:
                lines.append(f"{name}: {key} fell from {share} to {shares[key]}")
    return lines


def raise_floor(verdicts: Verdicts, gold: str, anew: bool = False) -> None:
    """Write the higher of floor and measurement for each share; `anew` discards the old floor."""
    kept = json.loads(FLOOR.read_text("utf-8")) if FLOOR.exists() else {"gold": gold, "layouts": {}}
    if anew or kept["gold"] != gold:
        kept = {"gold": gold, "layouts": {}}
    raised = {
        name: {key: max(share, kept["layouts"].get(name, {}).get(key, 0.0)) for key, share in shares.items()}
        for name, shares in floor_of(verdicts).items()
    }
    FLOOR.write_text(_as_json(gold, raised), "utf-8")


def _as_json(gold: str, layouts: dict[str, dict[str, float]]) -> str:
    """Return JSON with one layout a line, for readable diffs."""
    lines = ",\n".join(f"  {json.dumps(name)}: {json.dumps(shares)}" for name, shares in sorted(layouts.items()))
    return f'{{\n "gold": {json.dumps(gold)},\n "layouts": {{\n{lines}\n }}\n}}\n'
