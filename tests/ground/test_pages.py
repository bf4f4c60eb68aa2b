"""Whether what is read from a page's HTML is what stands in it."""

import pytest

from tests.ground import pages

PAGE = """<!doctype html>
<html lang="en"><head><title>Thanks</title></head><body><main><h1>Thanks</h1>{}</main></body></html>"""


def test_visible_text_is_what_a_person_reads() -> None:
    html = PAGE.format("""<style>p {}</style><p>Sent   to <bdi>Ma&shy;ria</bdi>,
      <b>today</b>.</p><p hidden>secret</p><dialog>closed</dialog><ul><li>one<li>two</ul>
      <label>Words <textarea>typed</textarea></label><button>Send</button><input type=submit value=Go>
      <script>x</script><svg><title>drawn</title></svg>""")
    assert pages.visible_text(html).split("\n") == [
        *("Thanks", "Sent to Ma\u00adria, today.", "one", "two", "Words", "Send", "Go")
    ]


def test_links_come_with_their_words() -> None:
    html = '<a href="/r?a=1&amp;b=2">Your <b>receipt</b></a><a name=x>no</a><a href="#" aria-label="Up"></a>'
    assert pages.links(html) == [("/r?a=1&b=2", "Your receipt"), ("#", "Up")]


FORM = """<form id=out action=/sign-out><input name=token value=other></form>
<form action=/q/ABC><input type=hidden name=token value="t&amp;1"><input name=website>
<input type=radio name=kind value=compliment><input type=radio name=kind value=complaint checked>
<input type=checkbox name=may_contact checked><input type=checkbox name=may_share value=y>
<select name=topic><option value="">None</option><option value=7 selected>Delivery</option></select>
<select name=rating><option>1</option><option>2</option></select>
<input name=off value=x disabled><input type=file name=photo>
<textarea name=message>
  first line
&lt;b&gt;</textarea><button name=send value=1>Send</button></form><input form=out name=late value=1>"""


def test_field_values_are_what_a_browser_would_send() -> None:
    assert pages.field_values(FORM, "/q/ABC") == {
        "token": "t&1",
        "website": "",
        "kind": "complaint",
        "may_contact": "on",
        "topic": "7",
        "rating": "1",
        "message": "  first line\n<b>",
    }
    assert pages.field_values(FORM, "out") == {"token": "other", "late": "1"}
    assert "may_share" in pages.field_names(FORM, "/q/ABC")


def test_which_form_is_meant_has_to_be_clear() -> None:
    with pytest.raises(LookupError, match="'/sign-out', '/q/ABC'"):
        pages.field_values(FORM)
    with pytest.raises(ValueError, match="sent more than once: a"):
        pages.field_values("<form><input name=a><input name=a></form>")


def test_a_good_page_is_well_formed() -> None:
    html = PAGE.format("""<form><label for=words>Words</label><textarea id=words name=message></textarea>
      <label><input type=radio name=kind value=a>A</label><label><input type=radio name=kind value=b>B</label>
      <button name=act value=1>1</button><button name=act value=2>2</button></form>
      <form><input name=message aria-label=Other></form><br><img src=x alt=""/><a href="#words">Words</a>
      <svg viewBox="0 0 1 1"><title>drawn</title><path d="M0"/></svg><svg/>""")
    assert pages.well_formed(html) == []


@pytest.mark.parametrize(
    ("html", "fault"),
    [
        ("<p>open", "line 2: <p> is never closed"),
        ("<b><i></b></i>", "line 2: <i> is never closed"),
        ("</section>", "line 2: </section> closes nothing"),
        ("<span/></span>", "line 2: <span> is not closed by its slash"),
        ("<p><div></div></p>", "line 2: <div> stands in <p> of line 2"),
        ("<a href=x><button>x</button></a>", "line 2: <button> stands in <a> of line 2"),
        ("<i id=x></i>\n<i id=x></i>", "line 3: <i> has the id 'x', which is taken"),
        ("<i id=''></i>", "line 2: <i> has the id '', which is empty"),
        ("<label for=x>x</label>", "line 2: <label> has for='x', an id the page does not have"),
        ("<i id=x></i><label for=x>x</label>", "line 2: <label> is for 'x', which is no field"),
        ("<a href='#x'>x</a>", "line 2: <a> has href='x', an id the page does not have"),
        ("<b class=x class=y></b>", "line 2: <b> has class twice"),
        ("<input name=x><input name=x>", "line 2: <input> has the name 'x' that a field before it has"),
        ("<input type=hidden name=x><input type=checkbox name=x>", "that a field before it has"),
    ],
)
def test_a_fault_is_reported_with_its_line(html: str, fault: str) -> None:
    assert any(fault in found for found in pages.well_formed(PAGE.format(html)))


def test_a_page_needs_its_frame() -> None:
    faults = pages.well_formed("<html lang=''><head><title> </title></head><body></body></html>")
    assert [fault.partition(": ")[2] for fault in faults] == [
        "the page does not begin with <!doctype html>",
        "<html> has no lang",
        "<head> needs one <title> with words",
    ]
