"""Names in free words: found however they are written, and words of every day left alone."""

import pytest

from feedback.core.mentions import Known, mentions, suggested

PEOPLE = [
    Known(1, "Maria Lind", "Maria", ("Mimi",)),
    Known(2, "Grace Okafor", "Grace"),
    Known(3, "Elizabeth Müller", "Elizabeth"),
    Known(4, "James Whitaker", "James"),
    Known(5, "June Abernathy", "June"),
    Known(6, "Will Thornton", "Will"),
    Known(7, "أحمد الحداد", "أحمد"),
    Known(8, "Maria Novak", "Maria N."),
]


def named(text: str) -> list[int]:
    return [mention.person_id for mention in mentions(text, PEOPLE)]


@pytest.mark.parametrize(
    ("text", "who"),
    [
        ("Thank you Grace.", [2]),
        ("Grace was so kind", [2]),
        ("grace okafor helped", [2]),
        ("Dr Okafor listened", [2]),
        ("Okafor, Grace", [2]),
        ("Frau Mueller? No, Frau Müller!", [3]),
        ("Lizzie on the desk was a star", [3]),
        ("thanks to elizabeth", [3]),
        ("ELIZABETH WAS GREAT AND HELPED ME", [3]),
        ("so patient, Elizbeth", [3]),
        ("Elizaebth's patience", [3]),
        ("A nurse called June", [5]),
        ("Well done Will", [6]),
        ("especially Mimi", [1]),
        ("شكرا أحمد", [7]),
        ("Maria was lovely", [1, 8]),  # both are suggested
        ("Maria Novak was lovely", [8]),
        ("James and Grace", [4, 2]),
    ],
)
def test_a_name_is_found_as_people_write_it(text: str, who: list[int]) -> None:
    assert sorted(named(text)) == sorted(who)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "I was referred to James Cook hospital",
        "It will be better in June",
        "June 2021 was cold",
        "By the grace of God",
        "May be you will",
        "GRAC was closed",
        "\u0000\ud800 \U0001f600",
        "a" * 5000,
    ],
)
def test_a_word_of_every_day_is_nobody(text: str) -> None:
    assert named(text) == []


def test_it_says_where_and_whether_it_is_spelt_so() -> None:
    text = "We thank Elizabth and Grace's team"
    found = {mention.person_id: mention for mention in mentions(text, PEOPLE)}
    assert [text[one.start : one.end] for one in found.values()] == ["Elizabth", "Grace"]
    assert [one.is_exact for one in found.values()] == [False, True]


def test_without_anybody_to_know_nobody_is_named() -> None:
    assert mentions("Thank you Grace", []) == []


def test_a_text_of_many_strange_words_is_guessed_at_within_bounds() -> None:
    strange = " ".join(f"Strange{'abcdefghij'[n % 10]}{'abcdefghij'[n // 10]}" for n in range(100))
    more = " ".join(f"Other{'abcdefghij'[n % 10]}{'abcdefghij'[n // 10]}" for n in range(100))
    text = f"{strange} {more}. Marja was so kind. Karim Haddad too."
    people = [Known(1, "Maria Lopez", "Maria"), Known(2, "Karim Haddad", "Karim")]
    assert suggested(["Marja was so kind."], people) == [1]
    assert suggested([text], people) == [2]  # spelt as it is; the other is too far behind to be guessed
