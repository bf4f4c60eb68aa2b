"""Whether a file of letters is genuine: asked with the script in docs/letters.md, which knows nothing of Firsthand."""

import base64
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from feedback import create_app
from feedback.config import Settings
from feedback.core.people import Person
from feedback.core.signing import canonical, key_of
from feedback.db import Store
from feedback.web import NAME
from tests.factories import BEGINNING, Cast
from tests.story import arrives, at_work

DOCS = Path(__file__).parents[3] / "docs" / "letters.md"
KEYS, PLAIN = "/.well-known/firsthand-keys.json", "/praise/letters.json"
ASKED = ("You carried my bag", 'Danke 漢 شكرا \u202e"\\ \u2028\u0301\r\n\t\x7f \U0001f469\u200d\U0001f373', "")
Asked = tuple[int, str]


def script() -> str:
    (found,) = re.findall(r"```python\n(.*?)```", DOCS.read_text(encoding="utf-8"), re.DOTALL)
    return str(found)


@pytest.fixture
def desk(tmp_path: Path) -> Path:
    """A folder in which there is nothing but the script."""
    folder = tmp_path / "desk"
    folder.mkdir()
    (folder / "verify.py").write_text(script(), encoding="utf-8")
    return folder


def verified(desk: Path, letters: bytes, keys: bytes) -> Asked:
    """How the script ends, and what it says."""
    (desk / "letters.json").write_bytes(letters)
    (desk / "keys.json").write_bytes(keys)
    ended = subprocess.run(
        [sys.executable, "-I", "verify.py", "letters.json", "keys.json"], cwd=desk, capture_output=True, text=True
    )
    return ended.returncode, (ended.stdout + ended.stderr).strip()


@pytest.fixture
def files(app: Flask, store: Store, cast: Cast) -> tuple[bytes, bytes]:
    """Maria's letters and the list of keys, as they are downloaded."""
    for n, words in enumerate(ASKED):
        arrives(store, cast.maria_link, kind="compliment", message=words, at=BEGINNING + timedelta(days=n))
    letters = at_work(app, cast, "maria").get(PLAIN).data
    return letters, app.test_client().get(KEYS).data


def test_the_script_is_short_and_knows_nothing_of_the_house() -> None:
    assert len(script().splitlines()) <= 15
    named = re.findall(r"^(?:from|import) (.*?)(?: import .*)?$", script(), re.MULTILINE)
    assert {name.partition(".")[0] for names in named for name in names.split(", ")} == {
        "base64",
        "json",
        "sys",
        "cryptography",
    }


def test_what_was_downloaded_is_genuine_sign_for_sign(desk: Path, files: tuple[bytes, bytes]) -> None:
    assert verified(desk, *files) == (0, "Genuine: 3 letters, signed by Garden House.")
    told = json.loads(files[0])["signed"]
    assert [letter["words"] for letter in told["letters"]] == list(ASKED)
    spaced = json.dumps(json.loads(files[0]), indent=7, sort_keys=True).encode()
    assert verified(desk, spaced, files[1])[0] == 0  # how it is laid out says nothing


def a_word(told: dict[str, Any]) -> None:
    told["signed"]["letters"][0]["words"] = "You carried my bags"


def a_sign_nobody_sees(told: dict[str, Any]) -> None:
    told["signed"]["letters"][1]["words"] += "\u200b"


def a_date(told: dict[str, Any]) -> None:
    told["signed"]["letters"][0]["written_at"] = "2027-01-05T09:00:00+00:00"


def a_letter_less(told: dict[str, Any]) -> None:
    told["signed"]["letters"].pop()


def another_order(told: dict[str, Any]) -> None:
    told["signed"]["letters"].reverse()


def another_person(told: dict[str, Any]) -> None:
    told["signed"]["person"] = "Karim Haddad"


def a_field_more(told: dict[str, Any]) -> None:
    told["signed"]["best"] = "yes"


def half_a_character(told: dict[str, Any]) -> None:
    told["signed"]["person"] = "\ud800"


def no_signature(told: dict[str, Any]) -> None:
    told["signature"] = None


def a_broken_signature(told: dict[str, Any]) -> None:
    told["signature"]["value"] = told["signature"]["value"][:-8]


def a_foreign_key(told: dict[str, Any]) -> None:
    key = key_of("someone else's")
    told["signature"] |= {
        "key": key.id,
        "public_key": base64.b64encode(key.public).decode(),
        "value": base64.b64encode(key.sign(told["signed"])).decode(),
    }


def a_foreign_key_under_our_name(told: dict[str, Any]) -> None:
    ours = told["signature"]["key"]
    a_foreign_key(told)
    told["signature"]["key"] = ours


@pytest.mark.parametrize(
    "change",
    [
        a_word,
        a_sign_nobody_sees,
        a_date,
        a_letter_less,
        another_order,
        another_person,
        a_field_more,
        half_a_character,
        no_signature,
        a_broken_signature,
        a_foreign_key,
        a_foreign_key_under_our_name,
    ],
)
def test_what_was_changed_is_refused(
    desk: Path, files: tuple[bytes, bytes], change: Callable[[dict[str, Any]], None]
) -> None:
    told = json.loads(files[0])
    change(told)
    assert verified(desk, json.dumps(told).encode(), files[1]) == (
        1,
        "Not genuine: it was changed, or signed by nobody on this list.",
    )


def test_a_field_that_is_there_twice_is_refused(desk: Path, files: tuple[bytes, bytes]) -> None:
    twice = files[0].replace(b'"words": "You', b'"words": "Forged", "words": "You', 1)
    assert twice != files[0]
    assert verified(desk, twice, files[1]) == (1, "Not genuine: a field is twice there.")


def test_openssl_finds_it_genuine_too_where_it_is_there(desk: Path, files: tuple[bytes, bytes]) -> None:
    openssl = shutil.which("openssl")
    told = json.loads(files[0])
    prefix = bytes.fromhex("302a300506032b6570032100")  # RFC 8410: what comes before the 32 bytes
    (desk / "key.der").write_bytes(prefix + base64.b64decode(told["signature"]["public_key"]))
    (desk / "signature.bin").write_bytes(base64.b64decode(told["signature"]["value"]))
    asked = ["pkeyutl", "-verify", "-pubin", "-keyform", "DER", "-inkey", "key.der", "-rawin", "-in", "signed.json"]
    for words, ending in ((canonical(told["signed"]), 0), (canonical(told["signed"]) + b" ", 1)):
        (desk / "signed.json").write_bytes(words)
        if openssl:
            ended = subprocess.run([openssl, *asked, "-sigfile", "signature.bin"], cwd=desk, capture_output=True)
            assert ended.returncode == ending, ended.stderr


def test_after_the_secret_key_changed_books_of_before_are_genuine_still(
    app: Flask, settings: Settings, cast: Cast, desk: Path, files: tuple[bytes, bytes]
) -> None:
    other = create_app(replace(settings, secret_key="another secret"))
    other.testing = True
    fresh = at_work(other, cast, "maria").get(PLAIN).data
    keys = other.test_client().get(KEYS).data
    assert [key["id"] for key in json.loads(keys)["keys"]] == [
        json.loads(letters)["signature"]["key"] for letters in (files[0], fresh)
    ]
    assert verified(desk, files[0], keys)[0] == verified(desk, fresh, keys)[0] == 0
    assert verified(desk, fresh, files[1])[0] == 1  # the list of before does not know it
    other.extensions[NAME].store.close()


def test_who_moved_twice_has_all_letters_signed_with_the_department_of_each(
    app: Flask, store: Store, cast: Cast, desk: Path
) -> None:
    teams = {"Kitchen": cast.kitchen, "Packing": cast.packing, "Garden House": cast.root}
    for n, department in enumerate(teams.values()):
        with store.write() as session:
            session.get_one(Person, cast.maria).department_id = department
        arrives(store, cast.maria_link, kind="compliment", message=str(n), at=BEGINNING + timedelta(days=n))
    letters = at_work(app, cast, "maria").get(PLAIN).data
    told = [(one["words"], one["department"]) for one in json.loads(letters)["signed"]["letters"]]
    assert told == [(str(n), name) for n, name in enumerate(teams)]
    assert verified(desk, letters, app.test_client().get(KEYS).data)[0] == 0
