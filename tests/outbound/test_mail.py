"""Mails: what each says to whom, in which language, and that nothing typed into a name becomes a header."""

from dataclasses import replace

import pytest

from feedback.core.notices import About
from feedback.core.submissions import receipt_of
from feedback.outbound import mail
from tests.ground.pages import visible_text, well_formed
from tests.outbound.mails import BASE, ERRAND, MAILED, WORDS, errand_of, html, plain, sent


def test_every_kind_of_notice_has_its_three_texts() -> None:
    folder = mail.TEMPLATES / "email"
    assert {path.name for path in folder.iterdir() if path.is_dir()} == set(MAILED)
    for about in MAILED:
        assert {path.name for path in (folder / about).iterdir()} == {"subject.txt", "body.txt", "body.html"}


def test_praise_comes_word_for_word_with_whom_where_and_when() -> None:
    message = sent(ERRAND)
    assert message["Subject"] == "Praise for Maria"
    assert WORDS in plain(message)
    assert "The soup &amp; the &lt;b&gt;bread&lt;/b&gt; were lovely" in html(message)
    for said in (plain(message), visible_text(html(message))):
        assert "Maria" in said and "Table 4, Terrace" in said and "Jan 5, 2026, 11:30" in said
        assert "The customer thanked Maria" in said
    assert "https://feedback.example.org/praise" in plain(message)
    assert 'href="https://feedback.example.org/praise"' in html(message)


def test_a_mail_says_who_sends_it_and_that_a_machine_does() -> None:
    message = sent(ERRAND)
    assert message["From"] == "Garden House <firsthand@feedback.example.org>"
    assert message["To"] == "Maria Lopez <maria@garden-house.example>"
    assert message["Date"].datetime == ERRAND.at
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["Content-Language"] == "en"


def test_the_message_id_is_the_notice_s_and_stays_the_same() -> None:
    assert sent(ERRAND)["Message-ID"] == sent(ERRAND)["Message-ID"] == "<77@feedback.example.org>"
    assert sent(replace(ERRAND, notice_id=78))["Message-ID"] != sent(ERRAND)["Message-ID"]


def test_a_sender_with_a_name_of_its_own_gives_its_address() -> None:
    settings = replace(BASE, mail_from="Front desk <desk@garden-house.example>")
    assert sent(ERRAND, settings)["From"] == "Garden House <desk@garden-house.example>"


@pytest.mark.parametrize("about", MAILED)
def test_the_html_of_a_mail_is_well_formed(about: About) -> None:
    assert well_formed(html(sent(errand_of(about)))) == []


def test_nothing_in_a_mail_looks_after_its_reader() -> None:
    for about in MAILED:
        page = html(sent(errand_of(about)))
        assert not any(sign in page for sign in ("<img", "<link", "<script", "url(", "style=", "utm_"))


@pytest.mark.parametrize("sign", ["\n", "\r\n", "\r", "\0", "\u2028", "\x85"])
def test_a_name_cannot_add_a_header(sign: str) -> None:
    name = f"Maria{sign}Bcc: everyone@example.org"
    told = replace(ERRAND.told, heading=name)
    message = sent(replace(ERRAND, recipient=name, organisation=name, told=told))
    assert message["Bcc"] is None
    assert message["To"].addresses[0].display_name == "Maria Bcc: everyone@example.org"
    assert [address.addr_spec for address in message["To"].addresses] == [ERRAND.address]
    assert "\n" not in message["Subject"]


@pytest.mark.parametrize(
    "address", ["", "maria", "a@b\nBcc: c@d", "a@b\r\nRCPT TO:<c@d>", "a b@c", "a@b, c@d", "<a@b", "a@b>"]
)
def test_what_is_no_address_gets_no_mail(address: str) -> None:
    with pytest.raises(mail.Unwritable):
        mail.written(replace(ERRAND, address=address), BASE)


def test_long_words_and_long_lines_survive_the_way() -> None:
    words = "z" * 5000 + "\n.\n" + "خ" * 3000 + "\nFrom here on"
    message = mail.written(replace(ERRAND, words=words), BASE)
    assert max(map(len, message.as_bytes().splitlines())) <= 998
    assert message.as_bytes().isascii()
    assert words in plain(sent(replace(ERRAND, words=words)))


def test_praise_without_words_says_so_kindly() -> None:
    assert "No words, just thanks" in plain(sent(replace(ERRAND, words="")))


def test_a_held_compliment_is_announced_without_its_words() -> None:
    message = sent(replace(ERRAND, about=About.HELD, told=replace(ERRAND.told, path="/praise?department=5")))
    assert "soup" not in message.as_string() and "soup" not in plain(message) + html(message)
    assert "https://feedback.example.org/praise?department=5" in plain(message)


def test_a_receipt_carries_the_code_and_the_link_behind_a_fragment() -> None:
    message = sent(replace(ERRAND, about=About.RECEIPT, recipient="guest@example.org", address="guest@example.org"))
    code = receipt_of(ERRAND.key, BASE.secret_key)
    assert message["To"] == "guest@example.org"
    assert f"https://feedback.example.org/r#{code}" in plain(message)
    assert code in visible_text(html(message)) and "soup" not in plain(message)


@pytest.mark.parametrize("about", MAILED)
def test_a_mail_in_arabic_runs_from_right_to_left_with_names_kept_apart(about: About) -> None:
    message = sent(replace(errand_of(about), language="ar"))
    assert message["Content-Language"] == "ar"
    assert '<html lang="ar" dir="rtl">' in html(message)
    if about not in (About.RECEIPT, About.ANSWER, About.THANKED, About.CHALLENGE_ANSWERED):  # they name nobody
        assert "\u2068Maria\u2069" in plain(message) and "<bdi>Maria</bdi>" in html(message)


@pytest.mark.parametrize("about", MAILED)
def test_every_text_of_a_mail_is_translated(about: About) -> None:
    """In the pseudo-locale what went through gettext stands in brackets; the rest has to be data."""
    message = sent(replace(errand_of(about), language="qps"))
    data = (*WORDS.split("\n"), "Garden House", "http", "Table 4", receipt_of(ERRAND.key, BASE.secret_key))
    lines = [line.strip().removeprefix("- ").removeprefix("• ") for line in plain(message).splitlines()]
    lines += [line.strip() for line in visible_text(html(message)).splitlines()]
    escaped = [line for line in lines if line and not (line.startswith("[") and line.endswith("]"))]
    assert [line for line in escaped if not any(known and known in line for known in data)] == []
    assert message["Subject"].startswith("[")
