"""Who is to be forgotten, as an owner says it."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from cloudlicenses.web.forms import PageForm

MOST_NAMES = 20


class EraseForm(PageForm):
    names = forms.CharField(
        label=_("Known as"),
        max_length=5_000,
        widget=forms.Textarea(attrs={"rows": 4, "autocomplete": "off", "spellcheck": "false"}),
        help_text=_("One a line: their e-mail address, and the user names by which applications took seats for them."),
    )
    is_meant = forms.BooleanField(label=_("I know that nobody can bring this back."))

    def clean_names(self) -> list[str]:
        lines = [line.strip() for line in self.cleaned_data["names"].splitlines() if line.strip()]
        if len(lines) > MOST_NAMES:
            raise forms.ValidationError(_("At most %(most)s lines.") % {"most": MOST_NAMES})
        if any("\0" in line or len(line) > 254 for line in lines):
            raise forms.ValidationError(_("One of the lines is too long to be a name."))
        return lines
