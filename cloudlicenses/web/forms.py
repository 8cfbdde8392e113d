"""What all forms of pages share: the look of their widgets, and refusals that come back to their fields."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from html import escape
from typing import Any, ClassVar, cast

from django import forms
from django.core.validators import RegexValidator
from django.forms.utils import flatatt
from django.utils.choices import BaseChoiceIterator
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cloudlicenses.kit.lines import ONE_BARRED
from cloudlicenses.kit.refusals import Refusal, gettext_noop
from cloudlicenses.web.speaking import in_readers_words

# What Django's fields say, REST framework has a German for, too, which is found before Django's and says "du". Ours comes first.
SAID_BY_DJANGO = (gettext_noop("Enter a valid email address."), gettext_noop("Enter a valid URL."))
OF_ONE_LINE = RegexValidator(
    ONE_BARRED,
    gettext_lazy("This has a line break or a character that can’t be seen. Type it instead of pasting it."),
    "control",
    inverse_match=True,
)
PLAIN = (forms.CheckboxInput, forms.CheckboxSelectMultiple, forms.RadioSelect, forms.HiddenInput)


class LongSelect(forms.Select):
    """For filters, and for hundreds of options: in one go; Django renders a template for each, escaped through `lazy`."""

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        offered = list(self.choices)
        chosen = set(_escaped(value if isinstance(value, list | tuple) else [value]))
        keys, labels = _escaped(key for key, _ in offered), _escaped(label for _, label in offered)
        options = "".join(
            f'<option value="{key}"{" selected" if key in chosen else ""}>{label}</option>'
            for key, label in zip(keys, labels, strict=True)
        )
        built = {**self.attrs, **(attrs or {}), "name": name}
        return SafeString(f"<select{flatatt(built)}>{options}</select>")


def _escaped(values: Iterable[object]) -> list[str]:
    """Each of them, all in one go: three thousand names one by one take longer than finding them."""
    texts = [str(value) for value in values]
    return escape("\0".join(texts)).split("\0") if texts else []


class Offered(BaseChoiceIterator):
    """What can be chosen, read when somebody looks. Django leaves it as it is; each choice of a list it looks at four times."""

    def __init__(self, known: Iterable[tuple[str, Any]], *, first: Iterable[tuple[str, Any]] = ()) -> None:
        self.known, self.first = known, first

    def __iter__(self) -> Iterator[tuple[str, Any]]:
        yield from self.first
        yield from self.known

    def __bool__(self) -> bool:
        """Whether there is anything to choose from: where there isn't, a page doesn't ask."""
        return any(True for _ in self)


class LongChoices(forms.CheckboxSelectMultiple):
    """Boxes to tick, of hundreds of things too, each with its name and id: `(id, name)`; in one go, as `LongSelect`."""

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        offered = list(self.choices)
        chosen = set(_escaped(value or ()))
        keys, labels = _escaped(key for key, _ in offered), _escaped(label for _, label in offered)
        built = {**self.attrs, **(attrs or {}), "type": "checkbox", "name": name}
        place = escape(str(built.pop("id")))
        each = flatatt(built)
        boxes = (
            f'<label><input{each} id="{place}_{number}" value="{key}"{" checked" if key in chosen else ""}>'
            f"<span>{label} <code>{key}</code></span></label>"
            for number, (key, label) in enumerate(zip(keys, labels, strict=True))
        )
        return SafeString(f'<div class="choices-long" id="{place}">{"".join(boxes)}</div>')


SELECTS = (forms.Select, forms.SelectMultiple, LongSelect)


class PageForm(forms.Form):
    """Looks like the rest of the site, and takes a story's refusal as its own errors."""

    api_names: ClassVar[Mapping[str, str]] = {}  # what a story calls a field, where the form calls it otherwise
    field_of_code: ClassVar[Mapping[str, str]] = {}  # which field a refusal is about that names none
    for_people: ClassVar[
        Mapping[tuple[str, str], Any]
    ] = {}  # by field and code, where a story speaks of the API's names

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            _dress(field)

    def add(self, name: str, field: forms.Field) -> None:
        """One more field, which only this form has; its initial value may be known already."""
        _dress(field)
        self.fields[name] = field

    def offer(self, name: str, choices: Iterable[tuple[str, Any]]) -> None:
        """What can be chosen in this field, here and now: never on the class, which all requests share."""
        offered = choices if isinstance(choices, Offered) else Offered(list(choices))
        cast(forms.ChoiceField, self.fields[name]).choices = offered

    def blame(self, refusal: Refusal) -> None:
        """Put each of the refusal's errors to its field, what names no field of ours above the form; in the reader's language."""
        for error in refusal.errors:
            self._say(self.api_names.get(error.field, error.field.partition(".")[0]), error.code, error.message)
        if not refusal.errors:
            self._say(self.field_of_code.get(refusal.code, ""), refusal.code, refusal.detail)

    def _say(self, name: str, code: str, message: str) -> None:
        told = in_readers_words(message, self.for_people.get((name, code), ""))
        self.add_error(name if name in self.fields else None, told)


def _dress(field: forms.Field) -> None:
    if isinstance(field, forms.CharField) and isinstance(field.widget, forms.TextInput):
        field.validators = [*field.validators, OF_ONE_LINE]
    if type(field.widget) in SELECTS:
        field.widget.attrs.setdefault("class", "form-select")
    elif not isinstance(field.widget, PLAIN):
        field.widget.attrs.setdefault("class", "form-control")


class FilterForm(PageForm):
    """Above a table, filled from the address. No field is required, and what can't be read is as if it weren't there."""

    use_required_attribute = False

    def __init__(
        self, query: Mapping[str, Any], choices: Mapping[str, Iterable[tuple[str, Any]]] | None = None
    ) -> None:
        """`choices` are those that only the data knows, in something that can be read again; "All" comes before them."""
        super().__init__(query, auto_id="filter_%s")
        for field in self.fields.values():
            if type(field.widget) is forms.Select:
                field.widget = LongSelect(field.widget.attrs, field.widget.choices)
        for name, known in (choices or {}).items():
            self.offer(name, Offered(known, first=[("", _("All"))]))
        for field in self.fields.values():
            field.required = False
        self.is_valid()

    def said(self, name: str) -> Any:
        """What was asked for; empty when nothing was, or nonsense."""
        return self.cleaned_data.get(name) or ""

    @property
    def is_narrowing(self) -> bool:
        return any(self.cleaned_data.get(name) for name in self.fields)


class SearchInput(forms.TextInput):
    """Words to look for; browsers add a way to empty it."""

    input_type = "search"


class Lines(forms.CharField):
    """Several entries in one text area, one a line; cleaned into a tuple without blanks and repetitions."""

    widget = forms.Textarea

    def __init__(self, *, most: int = 50, **kwargs: Any) -> None:
        self.most = most
        super().__init__(**{"required": False, "max_length": 10_000} | kwargs)
        self.widget.attrs["rows"] = 2

    def clean(self, value: Any) -> Any:
        text = super().clean(value) or ""
        entries = tuple(dict.fromkeys(part for part in text.replace(",", " ").split() if part))
        if len(entries) > self.most:
            raise forms.ValidationError(_("At most %(most)s entries.") % {"most": self.most})
        return entries
