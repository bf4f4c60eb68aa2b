"""Sentences for what is wrong with an entry of the directory or a file of them, which core keeps as names."""

from collections.abc import Callable, Mapping

from feedback.core.directory import Problem
from feedback.outbound.isolation import filled
from feedback.text import gettext as _

Text = Callable[[], str]


def sentence(problem: Problem) -> str:
    """What is wrong, and what to do about it."""
    return told(problem.name, problem.details)


def told(name: str, details: Mapping[str, str]) -> str:
    """The sentence of that name with its details filled in."""
    return filled(WORDS[name](), details)


WORDS: dict[str, Text] = {
    "name_missing": lambda: _("Write a name."),
    "not_text": lambda: _("This holds characters that are not text."),
    "too_long": lambda: _("This is too long: %(most)s characters are the most."),
    "no_address": lambda: _("“%(text)s” is not an e-mail address; write it like maria@example.org."),
    "no_language": lambda: _("“%(text)s” is not a language; write it like en or pt-BR."),
    "reference_taken": lambda: _("This reference belongs to %(name)s already."),
    "unknown_department": lambda: _("There is no such department."),
    "unknown_place": lambda: _("There is no such place."),
    "unknown_person": lambda: _("There is no such person."),
    "department_missing": lambda: _("Choose a department."),
    "is_retired": lambda: _("%(name)s is retired; bring it back first."),
    "loop": lambda: _("%(name)s cannot lie below itself."),
    "too_deep": lambda: _("This is too deep: a tree has at most %(most)s levels."),
    "one_top": lambda: _("Only one department can be at the top. Choose the one above this."),
    "namesake": lambda: _("There is another %(name)s in the same place."),
    "has_history": lambda: _("%(name)s has a history, so it cannot be deleted. Retire it instead."),
    "oneself": lambda: _("You cannot retire yourself. Ask another admin or manager."),
    "known_by": lambda: _(
        "Complaints about you are recognised by this, so you cannot change it yourself. Please ask an admin."
    ),
    "top_stays": lambda: _("%(name)s is the department at the top; it cannot be retired."),
    "still_used": lambda: _("%(name)s is still in use. Move or retire what is listed here first."),
    "codes_unsaid": lambda: _("Say what becomes of the QR codes."),
    "no_department_called": lambda: _("There is no department “%(text)s”."),
    "no_place_called": lambda: _("There is no place “%(text)s”."),
    "several": lambda: _("Several are called “%(text)s”. Write the whole way to it, like North / Kitchen."),
    "same_as_line": lambda: _("This is the same entry as in line %(line)s."),
    "yes_or_no": lambda: _("“%(text)s” is neither yes nor no."),
    "too_many_rows": lambda: _("The file has more than %(most)s rows."),
    "no_csv": lambda: _("From line %(line)s on the file is not written as CSV."),
    "empty_file": lambda: _("The file is empty."),
    "no_text_file": lambda: _("This is not a text file. Save the table as CSV in UTF-8."),
    "column_twice": lambda: _("The column “%(column)s” is there twice."),
    "column_missing": lambda: _("The column “%(column)s” is missing. The columns are: %(columns)s."),
    "too_many_rules": lambda: _("There are %(most)s rules already; take one away first."),
    "no_condition": lambda: _("Say when the rule is to hold: choose something in this part."),
    "no_action": lambda: _("Say what is to happen: choose something under “Then”."),
    "nothing_for_compliments": lambda: _(
        "Compliments have no handler and no severity. Choose something else to happen."
    ),
    "no_rating_left": lambda: _("No rating is left between the two."),
    "too_many_values": lambda: _("These are too many: %(most)s are the most."),
    "no_word": lambda: _("One of these is no word that could be found."),
    "no_time": lambda: _("Choose both times, and two that differ."),
    "gone": lambda: _("This cannot be chosen any more. Choose again."),
    "ends_before": lambda: _("The last day comes before the first."),
    "is_over": lambda: _("This is over already."),
    "too_long_away": lambda: _("More than two years are too long; is the year right?"),
    "own_cover": lambda: _("Nobody can stand in for themselves."),
    "away_already": lambda: _("They are away in that time already. End that absence first, or choose other days."),
    "code_retired": lambda: _("That QR code is retired itself. Choose another."),
}
