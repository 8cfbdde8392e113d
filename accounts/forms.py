"""What people type about themselves: signing in, passwords, codes, their profile, their tokens."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, ClassVar

from django import forms
from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from cloudlicenses.kit import clock
from cloudlicenses.web.forms import FilterForm, LongChoices, LongSelect, PageForm, SearchInput
from cloudlicenses.web.rights import right_in_words


def _password(label: Any, autocomplete: str, help_text: Any = "") -> forms.CharField:
    widget = forms.PasswordInput(attrs={"autocomplete": autocomplete})
    return forms.CharField(label=label, max_length=1024, strip=False, help_text=help_text, widget=widget)


def _email(label: Any, autocomplete: str) -> forms.EmailField:
    return forms.EmailField(label=label, max_length=254, widget=forms.EmailInput(attrs={"autocomplete": autocomplete}))


class SignInForm(PageForm):
    email = _email(_("E-mail address"), "username")
    password = _password(_("Password"), "current-password")


class ForgottenForm(PageForm):
    email = _email(_("E-mail address"), "username")


class CodeForm(PageForm):
    field_of_code: ClassVar[Mapping[str, str]] = {"wrong_code": "code"}

    code = forms.CharField(
        label=_("Code"),
        max_length=20,
        help_text=_("Six digits from your authenticator app, or one of your recovery codes."),
        widget=forms.TextInput(
            attrs={"autocomplete": "one-time-code", "spellcheck": "false", "autocapitalize": "off", "autofocus": True}
        ),
    )


class AppCodeForm(PageForm):
    field_of_code: ClassVar[Mapping[str, str]] = {"wrong_code": "code"}

    code = forms.CharField(
        label=_("Code from the app"),
        max_length=10,
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "inputmode": "numeric"}),
    )


class ConfirmForm(PageForm):
    field_of_code: ClassVar[Mapping[str, str]] = {"wrong_password": "password"}

    password = _password(_("Password"), "current-password")


class PasswordForm(PageForm):
    """A new password, twice. `user` is who it is for: their name must not be in it."""

    password = _password(
        _("Password"), "new-password", _("At least 12 characters. A sentence is easier to keep than a riddle.")
    )
    again = _password(_("Password, once more"), "new-password")

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user

    def clean_password(self) -> str:
        password: str = self.cleaned_data["password"]
        validate_password(password, self.user)
        return password

    def clean(self) -> dict[str, Any]:
        found = super().clean() or self.cleaned_data
        if found.get("password") and found.get("again") and found["password"] != found["again"]:
            self.add_error("again", _("The two are not the same."))
        return found


class ChangePasswordForm(PasswordForm):
    field_of_code: ClassVar[Mapping[str, str]] = {"wrong_password": "present"}

    present = _password(_("Present password"), "current-password")
    field_order = ("present", "password", "again")


class ProfileForm(PageForm):
    name = forms.CharField(
        label=_("Name"), max_length=255, required=False, widget=forms.TextInput(attrs={"autocomplete": "name"})
    )
    language = forms.ChoiceField(label=_("Language"), required=False)
    time_zone = forms.ChoiceField(
        label=_("Time zone"), required=False, help_text=_("Instants on your pages are shown in it."), widget=LongSelect
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offer("language", [("", _("As the browser asks")), *settings.LANGUAGES])
        self.offer("time_zone", [("", "UTC"), *((name, name) for name in clock.zones())])


class NameForm(PageForm):
    """What a passkey is called; the answer of the browser comes beside it."""

    name = forms.CharField(label=_("Name of the passkey"), max_length=100)


class TokenForm(PageForm):
    """`rights`: what may be given to the token, the person's own."""

    name = forms.CharField(label=_("What it is for"), max_length=100)
    days = forms.ChoiceField(
        label=_("Works for"),
        choices=[("7", _("7 days")), ("30", _("30 days")), ("90", _("90 days")), ("365", _("a year"))],
        initial="90",
    )
    scopes = forms.MultipleChoiceField(
        label=_("What it may do"), widget=LongChoices, help_text=_("As little as will do.")
    )

    def __init__(self, *args: Any, rights: frozenset[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offer("scopes", [(right, capfirst(right_in_words(right))) for right in sorted(rights)])

    def expires_at(self) -> datetime:
        return clock.now() + timedelta(days=int(self.cleaned_data["days"]))


class InviteForm(PageForm):
    """`roles`: those of the place, with their labels."""

    field_of_code: ClassVar[Mapping[str, str]] = {"user_exists": "email"}

    email = _email(_("E-mail address"), "off")
    name = forms.CharField(label=_("Name"), max_length=255, required=False)
    role = forms.ChoiceField(label=_("Role"), widget=forms.RadioSelect)

    def __init__(self, *args: Any, roles: list[tuple[str, Any]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offer("role", roles)


class PeopleFilter(FilterForm):
    q = forms.CharField(label=_("Name or address"), max_length=100, widget=SearchInput)


class RoleForm(PageForm):
    field_of_code: ClassVar[Mapping[str, str]] = {"last_owner": "role"}

    role = forms.ChoiceField(label=_("Role"), widget=forms.RadioSelect)

    def __init__(self, *args: Any, roles: list[tuple[str, Any]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offer("role", roles)


class PolicyForm(PageForm):
    roles = forms.MultipleChoiceField(
        label=_("Roles that need a second factor"), required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args: Any, roles: list[tuple[str, Any]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offer("roles", roles)
