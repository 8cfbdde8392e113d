"""Who comes for what isn't theirs: other tenants, other vendors, other roles, with every kind of credential, at either host."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from copy import deepcopy
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from accounts import tokens
from accounts.models import Role, User
from accounts.roles import TENANT, VENDOR, may
from cloudlicenses.access.addresses import Address
from cloudlicenses.kit import clock
from cloudlicenses.web.people import CONFIRMED_AT
from keys.issuing import APPLICATION_SCOPES, VENDOR_SCOPES
from tenants import context
from tests import builders, cast, sites
from tests.attacks import victims
from tests.attacks.belongings import Belonging
from tests.attacks.routes import example_for

AT_MERCEDES, AT_BMW = partial(context.inside, cast.MERCEDES.id), partial(context.inside, cast.BMW.id)
PUBLIC = context.platform
FIELDS = {  # of forms: what any of them may ask for, so that it is not turned away for want of it
    "name": "x", "email": "x@example.com", "role": "viewer", "reason": "x", "app_name": "x", "url": "https://example.com/in",
    "confirm": "on", "password": cast.PASSWORD, "again": cast.PASSWORD, "total_licenses": "5", "commit_qty": "5",
    "max_overage": "0", "overage_per_use": "1", "commit_fee_monthly": "1", "end_date": "2027-01-01", "tenant_id": "mercedes",
}  # fmt: skip


@dataclass(slots=True)
class Caller:
    """A client with what it presents. `is_at_home`: it has every right on this host, only not to what is another's."""

    name: str
    site: sites.Site
    key: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    is_at_home: bool = False

    def ask(self, address: Address, method: str, path: str) -> Any:
        if address.is_page and not self.key:
            sent = {} if method == "GET" else FIELDS
            return self.site.generic(method, path, _form(sent), content_type="application/x-www-form-urlencoded")
        return self.site.ask(method, path, example_for(address, method), key=self.key, **self.headers)


def rightful(address: Address) -> Caller:
    """Whoever the victim's things belong to."""
    if address.host == "tenant":
        with AT_MERCEDES():
            return Caller("the owner", signed_in(sites.tenant(cast.MERCEDES.id), victims.victim()))
    if address.host == "apex":
        operator = User.objects.filter(role=Role.OPERATOR).first() or builders.person(
            "ops@platform.example", role=Role.OPERATOR
        )
        return Caller("the operator", signed_in(sites.apex(), operator))
    if address.is_page:
        return Caller("the owner", signed_in(sites.vendors(), victims.vendor_victim()))
    with context.acting_for(cast.VECTOR.id):
        return Caller("the owner's key", sites.vendors(), builders.vendor_key(), {"x_vendor_id": cast.VECTOR.id})


class Gathering:
    """Callers who stay: each is made, and signs in, once. What a request leaves in its browser is taken away again."""

    def __init__(self) -> None:
        self._known: dict[object, Caller] = {}

    def caller(self, make: Callable[[], Caller]) -> Caller:
        """Whom `make` makes: a partial of one of those below, who are told apart by what it holds."""
        assert isinstance(make, partial)
        who = (make.func, *map(_told_apart_by, make.args), *sorted(make.keywords.items()))
        if who not in self._known:
            self._known[who] = make()
        return self._known[who]

    @staticmethod
    def ask(caller: Caller, address: Address, path: str) -> Any:
        cookies = deepcopy(caller.site.cookies)
        answer = caller.ask(address, "GET", path)
        caller.site.cookies = cookies
        return answer


def _told_apart_by(held: Any) -> Any:
    if isinstance(held, Address):
        return held.host, held.is_page
    return held.host if isinstance(held, sites.Site) else held


def strangers_to(address: Address, kinds: Collection[Belonging]) -> Iterator[Callable[[], Caller]]:
    """Everybody to whom the victim's things at this address must not exist."""
    if any(kind.by_link for kind in kinds):
        yield partial(Caller, "nobody, elsewhere", sites.tenant(cast.BMW.id), is_at_home=True)
        return
    yield partial(Caller, "nobody", HOSTS[address.host]())
    yield from {"tenant": _to_a_tenant, "vendors": _to_a_vendor, "apex": _to_the_platform}[address.host](address)
    if any(kind.of_person for kind in kinds):
        yield partial(_colleague, address.host)


def _to_a_tenant(address: Address) -> Iterator[Callable[[], Caller]]:
    yield partial(_neighbour, sites.tenant(cast.BMW.id), is_at_home=True)
    yield partial(_neighbour, sites.tenant(cast.MERCEDES.id))
    for role in TENANT:
        yield from _those_without(address, role, AT_MERCEDES, sites.tenant(cast.MERCEDES.id))
    if not address.is_page:
        yield partial(_with_key, "a neighbour's key", AT_BMW, sites.tenant(cast.BMW.id))
        yield partial(_with_key, "a neighbour's key", AT_BMW, sites.tenant(cast.MERCEDES.id))
        yield partial(_with_token, sites.tenant(cast.BMW.id), is_at_home=True)
        yield partial(_with_token, sites.tenant(cast.MERCEDES.id))
        yield partial(_with_vendors_key, cast.VECTOR.id, sites.tenant(cast.MERCEDES.id))


def _to_a_vendor(address: Address) -> Iterator[Callable[[], Caller]]:
    yield partial(_competitor, is_at_home=address.is_page)
    for role in VENDOR:
        yield from _those_without(address, role, PUBLIC, sites.vendors(), vendor_id=cast.VECTOR.id)
    if not address.is_page:
        yield partial(_with_vendors_key, cast.GREENHILLS.id, sites.vendors(), is_at_home=True)
        yield partial(_with_vendors_key, cast.GREENHILLS.id, sites.vendors(), says=cast.VECTOR.id)
        yield partial(_with_key, "a customer's key", AT_MERCEDES, sites.vendors())


def _to_the_platform(address: Address) -> Iterator[Callable[[], Caller]]:
    for role in VENDOR:
        yield from _those_without(address, role, PUBLIC, sites.apex(), vendor_id=cast.GREENHILLS.id)
    yield partial(_neighbour, sites.apex())


def _those_without(
    address: Address, role: str, scope: Callable[[], Any], site: sites.Site, **of: str
) -> Iterator[Callable[[], Caller]]:
    """Somebody of that role, if some method of this address is not for them."""
    rights = {right for right in address.rights.values() if right}
    if rights and not any(may(role, right) for right in rights):
        yield partial(_somebody, role, scope, site, **of)


def _somebody(role: str, scope: Callable[[], Any], site: sites.Site, **of: str) -> Caller:
    with scope():
        email = f"{role}@example.com"
        user = User.objects.filter(email=email).first() or builders.person(email, role=Role(role), **of)
        return Caller(f"a {role}", signed_in(site, user))


def _neighbour(site: sites.Site, *, is_at_home: bool = False) -> Caller:
    """BMW's owner; at another host than BMW's, with the cookie they have there."""
    with AT_BMW():
        user = User.objects.filter(email="owner@bmw.example").first() or builders.person("owner@bmw.example")
        home = signed_in(sites.tenant(cast.BMW.id), user)
    site.cookies = home.cookies
    return Caller(f"a neighbour at {site.host}", site, is_at_home=is_at_home)


def _competitor(*, is_at_home: bool) -> Caller:
    email = "owner@greenhills.example"
    user = User.objects.filter(email=email).first() or builders.person(
        email, role=Role.VENDOR_OWNER, vendor_id=cast.GREENHILLS.id
    )
    return Caller("a competitor", signed_in(sites.vendors(), user), is_at_home=is_at_home)


def _colleague(host: str) -> Caller:
    """Of the victim's own role."""
    if host == "tenant":
        with AT_MERCEDES():
            site = signed_in(sites.tenant(cast.MERCEDES.id), builders.person("colleague@mercedes-benz.com"))
    else:
        user = builders.person("colleague@vector.example", role=Role.VENDOR_OWNER, vendor_id=cast.VECTOR.id)
        site = signed_in(sites.vendors(), user)
    return Caller("a colleague", site, is_at_home=True)


def _with_key(name: str, scope: Callable[[], Any], site: sites.Site) -> Caller:
    with scope() as found:
        key = builders.tenant_key(found.schema_name.removeprefix("tenant_"), scopes=APPLICATION_SCOPES)
    return Caller(f"{name} at {site.host}", site, key)


def _with_token(site: sites.Site, *, is_at_home: bool = False) -> Caller:
    with AT_BMW():
        user = User.objects.filter(email="tok@bmw.example").first() or builders.person("tok@bmw.example")
        token = tokens.issue(user, "x", actor=builders.actor())[1]
    return Caller(f"a neighbour's token at {site.host}", site, token, is_at_home=is_at_home)


def _with_vendors_key(vendor_id: str, site: sites.Site, *, says: str = "", is_at_home: bool = False) -> Caller:
    with context.acting_for(vendor_id):
        key = builders.vendor_key(vendor_id, scopes=VENDOR_SCOPES)
    named = {"x_vendor_id": says or vendor_id}
    return Caller(f"{vendor_id}'s key, as {named['x_vendor_id']}", site, key, named, is_at_home=is_at_home)


def signed_in(site: sites.Site, user: User) -> sites.Site:
    """In the scope of the person: they have proved lately who they are."""
    site.force_login(user)
    session = site.session
    session[CONFIRMED_AT] = clock.now().timestamp()
    session.save()
    return site


def _form(fields: dict[str, str]) -> bytes:
    return "&".join(f"{name}={value}" for name, value in fields.items()).encode()


HOSTS = {"apex": sites.apex, "vendors": sites.vendors, "tenant": lambda: sites.tenant(cast.MERCEDES.id)}
