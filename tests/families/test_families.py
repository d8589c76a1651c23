"""Every family over 200 seeds: the key computed twice, plausible, and asked in both languages."""

from __future__ import annotations

import json
import math
import string
from pathlib import Path

import pytest

import questions
from questions.content_rules.duplicates import near_duplicates
from questions.content_rules.loading import Taxonomy
from questions.families import FAMILIES
from questions.families.base import Family, Solved, Text, plain, render, sample
from questions.kinds import KINDS
from questions.kinds.base import LANGUAGES, KindError

SEEDS = range(200)
each_family = pytest.mark.parametrize("name", list(FAMILIES))
TAXONOMY = Taxonomy.read(
    json.loads((Path(questions.__file__).parent / "content/taxonomy.json").read_text("utf-8"))
)


@each_family
def test_both_computations_agree_and_are_plausible(name):
    family = FAMILIES[name]
    values, drawn = set(), set()
    for seed in SEEDS:
        params = sample(family, seed)
        value = family.solve(params).value
        assert math.isfinite(value)
        assert math.isclose(value, family.verify(params), rel_tol=1e-9, abs_tol=1e-12), (seed, params)
        assert family.low <= value <= family.high, (seed, params, value)
        assert sample(family, seed) == params
        values.add(value)
        drawn.add(json.dumps(params, sort_keys=True))
    assert len(drawn) >= 20
    assert len(values) >= (2 if family.options else 5)


@each_family
@pytest.mark.parametrize("seed", [0, 7, 123])
def test_a_rendered_question_is_sound_and_whole(name, seed):
    family = FAMILIES[name]
    body = render(family, seed)
    assert body["kind"] == family.kind
    assert KINDS[body["kind"]].validate(body) == []
    assert body["topic"] in TAXONOMY.track_of
    assert set(body.get("also", [])) <= set(TAXONOMY.track_of) - {body["topic"]}
    assert json.loads(json.dumps(body)) == body
    for text in (*body["stem"].values(), *body["solution"].values()):
        assert "{" not in text
        assert "}" not in text


@each_family
@pytest.mark.parametrize("language", LANGUAGES)
def test_the_key_is_graded_right_and_its_double_wrong(name, language):
    body = render(FAMILIES[name], 11)
    kind = KINDS[body["kind"]]
    shown = kind.present(body, language=language, seed=2)
    if body["kind"] == "single_choice":
        index = next(at for at, choice in enumerate(body["choices"]) if choice.get("correct"))
        right = next(choice.letter for choice in shown.choices if choice.index == index)
        wrong = next(choice.letter for choice in shown.choices if choice.index != index)
    else:
        right = f"{body['answer']['value']!r} {shown.unit}"
        wrong = f"{2 * body['answer']['value'] + 1!r} {shown.unit}"
    assert (
        kind.grade_output(shown, f"Step by step.\n\nAnswer: {right}", language=language).outcome == "correct"
    )
    assert kind.grade(shown, wrong, language=language).outcome == "wrong"


@each_family
def test_the_worked_solution_shows_the_value(name):
    family = FAMILIES[name]
    if family.options:
        pytest.skip("a family of choices works out the reason, not a value")
    solved = family.solve(sample(family, 4))
    for side in (family.solution.zh, family.solution.en):
        fields = [field for _, field, _, _ in string.Formatter().parse(side) if field]
        scaled = [step for field in fields if isinstance(step := solved.steps.get(field), float) and step > 0]
        powers = [math.log10(solved.value / step) for step in scaled if solved.value > 0]
        assert "value" in fields or any(abs(power - round(power)) < 1e-9 for power in powers)


@each_family
def test_templates_use_the_same_names_in_both_languages(name):
    family = FAMILIES[name]
    for text in (family.stem, family.solution):
        sides = [
            {field for _, field, _, _ in string.Formatter().parse(side) if field}
            for side in (text.zh, text.en)
        ]
        assert {field.removesuffix("_zh").removesuffix("_en") for field in sides[0]} == {
            field.removesuffix("_zh").removesuffix("_en") for field in sides[1]
        }


@pytest.mark.parametrize("name", [name for name in FAMILIES if FAMILIES[name].options])
def test_choice_families_have_one_right_choice_that_changes(name):
    family = FAMILIES[name]
    right = []
    for seed in range(60):
        body = render(family, seed)
        marked = [at for at, choice in enumerate(body["choices"]) if choice.get("correct")]
        assert len(marked) == 1
        right.append(marked[0])
    assert len(set(right)) >= 2


def test_the_registry_names_every_family_by_its_id_and_file():
    here = Path(questions.__file__).parent / "families"
    files = {path.stem for path in here.glob("*.py")} - {"__init__", "base"}
    assert {entry.path.split(".")[-2] for entry in FAMILIES.entries.values()} == files
    assert all(FAMILIES[name].id == name for name in FAMILIES)
    assert len(FAMILIES) >= 40


def test_families_cover_every_track():
    tracks = {TAXONOMY.track_of[FAMILIES[name].topic] for name in FAMILIES}
    assert tracks == set(TAXONOMY.track_of.values())


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_two_families_ask_the_same(language):
    assert near_duplicates([render(FAMILIES[name], 0)["stem"][language] for name in FAMILIES]) == []


def test_a_family_that_accepts_nothing_says_so():
    nothing = Family(
        id="p9-nothing",
        topic="P9",
        difficulty=1,
        stage=3,
        parameters={"n": [1, 2]},
        accept=lambda p: p["n"] > 2,
        solve=lambda p: Solved(p["n"]),
        verify=lambda p: p["n"],
        stem=Text("{n}?", "{n}?"),
        solution=Text("{n}", "{n}"),
        low=0,
        high=9,
        references=[],
    )
    with pytest.raises(KindError, match="p9-nothing accepts none of 1000 draws for seed 5"):
        sample(nothing, 5)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (131072, "131,072"),
        (2.0, "2"),
        (0, "0"),
        (3.15e23, "3.15e23"),
        (3.725290298, "3.7253"),
        (1024.5678, "1,024.6"),
        (0.00012345678, "0.00012346"),
        (1.5e-7, "1.5e-7"),
        (-0.164791, "-0.16479"),
        ("fp16", "fp16"),
    ],
)
def test_numbers_are_shown_plainly(value, text):
    assert plain(value) == text
