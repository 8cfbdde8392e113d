"""The two doors of the control APIs: `VendorApi` for vendors' systems, `TenantApi` for a tenant's applications and people.

A view says what it needs for each method (`scopes`, and for people `rights`); a method it doesn't name lets nobody in. The door
recognises the caller, checks what binds the key, counts the request, and enters the caller's scope in the database; only then
the view's method runs.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from contextlib import ExitStack, suppress
from io import BytesIO
from typing import Any, ClassVar
from urllib.parse import quote

from django.conf import settings
from django.utils.module_loading import import_string
from rest_framework.authentication import SessionAuthentication
from rest_framework.exceptions import ParseError
from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.models import PersonalToken, User
from accounts.refusals import ConfirmationRequired, SecondFactorRequired
from accounts.tokens import recognise as recognise_personal_token
from audit import events
from certificates.presenting import prove
from cloudlicenses.kit import clock, limits
from cloudlicenses.kit.actor import Actor
from cloudlicenses.kit.limiter import Limiter
from cloudlicenses.kit.refusals import Refusal
from cloudlicenses.kit.signatures import Signed
from cloudlicenses.web import idempotency
from cloudlicenses.web.access import Anyone
from cloudlicenses.web.json import StrictJSONParser
from cloudlicenses.web.people import is_confirmed
from cloudlicenses.web.requests import is_trusted_proxy
from keys import queries, recognising, restrictions, strays
from keys.asking import Asked, named_in
from keys.rates import limits_on, noting
from keys.recognising import KeyFacts
from keys.refusals import (
    KeyMissing,
    RateLimited,
    RightMissing,
    ScopeMissing,
    TenantSuspended,
    VendorMismatch,
    VendorSuspended,
    WrongTenant,
)
from tenants import context
from tenants.models import Tenant

VENDOR_REQUESTS_PER_HOUR = 20_000
limiter = Limiter(settings.REDIS_URL)


class Door(APIView, ABC):
    """What both doors share: the caller's actor, the scope, idempotent answers, rate-limit headers."""

    permission_classes = [Anyone]  # `enter` decides, before any method runs
    scopes: ClassVar[Mapping[str, str]] = {}
    caller: str
    actor: Actor
    verdict: limits.Verdict | None = None

    def dispatch(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        with ExitStack() as self.opened:
            return super().dispatch(request, *args, **kwargs)

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        if request.method in self.implemented:
            self.enter(request)

    def perform_authentication(self, request: Request) -> None:
        """Not DRF's: it would put nobody in the place of whoever is signed in; `enter` recognises the caller."""

    @property
    def implemented(self) -> list[str]:
        return [method for method in self.allowed_methods if method != "OPTIONS"]

    @abstractmethod
    def enter(self, request: Request) -> None:
        """Recognise the caller or raise a refusal; set `actor` and `caller`; enter the scope."""

    def once(self, request: Request, produce: Any) -> Response:
        """Answer a POST that creates or bills: `produce() -> (status, body)`, at most once for an `Idempotency-Key`."""
        status, body, replayed = idempotency.answer_once(
            caller=self.caller,
            key=request.headers.get("Idempotency-Key", ""),
            request_digest=idempotency.digest(str(request.method), request.path, request.data),
            produce=produce,
        )
        return Response(body, status=status, headers={"Idempotency-Replayed": "true"} if replayed else None)

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        response = super().finalize_response(request, response, *args, **kwargs)
        if self.verdict is not None:
            for name, number in self.verdict.as_headers().items():
                response[name] = number
        return response

    def _count(self, *counted: limits.Limit) -> None:
        self.verdict = limiter.take(counted)
        if not self.verdict.passed:
            raise RateLimited(retry_after=self.verdict.retry_after)

    def _may_be_noted(self, request: Request, owner: str, caller: str = "") -> bool:
        """Whether one more refusal is worth an audit entry: a flood is not written down whole."""
        return limiter.take(noting(owner, caller, request._request.client_ip)).passed

    def _actor(self, request: Request, kind: str, identity: str, label: str, key_id: str = "") -> Actor:
        return Actor(
            kind=kind, id=identity, label=label, key_id=key_id, ip=request._request.client_ip,
            hostname=request.headers.get("X-Hostname", ""), fingerprint=request.headers.get("X-App-Fingerprint", ""),
            user_agent=request.headers.get("User-Agent", ""), request_id=request._request.id,
        )  # fmt: skip


class VendorApi(Door):
    """For `clvk_…` keys with `X-Vendor-ID`. The method runs under the vendors' role, for this vendor's rows only."""

    scopes: ClassVar[Mapping[str, str]] = {
        "GET": "vendor:read", "HEAD": "vendor:read",
        "POST": "vendor:write", "PATCH": "vendor:write", "PUT": "vendor:write", "DELETE": "vendor:write",
    }  # fmt: skip
    vendor_id: str

    def enter(self, request: Request) -> None:
        text = recognising.bearer(request.headers.get("Authorization", ""))
        key = recognising.usable(recognising.find(text, recognising.VENDOR), clock.now())
        self.vendor_id = key.owner
        self.caller = f"vendor:{key.owner}:{key.id}"
        self.actor = self._actor(request, "vendor_key", key.id, key.app_name, key.id)
        self.opened.enter_context(context.acting_for(key.owner))
        try:
            self._refuse_unless_its_own(request, key)
            restrictions.check(key, presented(request, key), scope=self.scopes.get(str(request.method), "-"))
        except Refusal as refusal:
            if self._may_be_noted(request, key.owner, key.id):
                events.record("key.refused", actor=self.actor, subject=("key", key.id), code=refusal.code)
            raise
        self._count(limits.Limit(f"vendor:{key.id}", key.requests_per_hour or VENDOR_REQUESTS_PER_HOUR, 3600))

    def _refuse_unless_its_own(self, request: Request, key: KeyFacts) -> None:
        if request.headers.get("X-Vendor-ID", "") != key.owner:
            raise VendorMismatch
        if queries.is_vendor_suspended(key.owner):
            raise VendorSuspended


class TenantApi(Door):
    """On a tenant's host, under its role: for `clsk_…` keys by `scopes`, for people (session or `clpt_…`) by `rights`."""

    rights: ClassVar[Mapping[str, str]] = {}
    asks_for_device: ClassVar[bool] = True  # of a key that only a registered device may use
    # What of `product_id` and `license_id` confines a request to one product; without it a key's request reaches them all.
    narrowed_by: ClassVar[tuple[str, ...]] = ()
    confirmed: ClassVar[frozenset[str]] = frozenset()  # methods for which a session must have proved lately who it is
    tenant_id: str
    _rights: Callable[[str], bool] | None = None

    def may(self, right: str) -> bool:
        """Whether the person has the right, and the token they came with; a key has none."""
        return self._rights is not None and self._rights(right)

    def enter(self, request: Request) -> None:
        tenant = request._request.tenant
        self.tenant_id = tenant.id
        if tenant.status == Tenant.Status.SUSPENDED:
            raise TenantSuspended
        authorization = request.headers.get("Authorization", "")
        if authorization:
            text = recognising.bearer(authorization)
            if text.startswith("clpt_"):
                token = self._recognise_token(request, text)
                self._enter_person(request, token.user, token.may)
            else:
                self._enter_key(request, text)
        elif request._request.user.is_authenticated:
            SessionAuthentication().enforce_csrf(request)
            self._enter_by_session(request, request._request.user)
        else:
            raise KeyMissing

    def _recognise_token(self, request: Request, text: str) -> PersonalToken:
        try:
            return recognise_personal_token(text, self.tenant_id)
        except Refusal as refusal:
            if self._may_be_noted(request, self.tenant_id):
                events.record("token.refused", actor=self._actor(request, "token", "", ""), code=refusal.code)
            raise

    def _enter_by_session(self, request: Request, user: Any) -> None:
        if user.must_enrol:
            raise SecondFactorRequired
        self._enter_person(request, user, user.may)
        if request.method in self.confirmed and not is_confirmed(request._request):
            raise ConfirmationRequired

    def _enter_person(self, request: Request, user: User, may: Callable[[str], bool]) -> None:
        self.caller, self._rights = f"user:{user.pk}", may
        self.actor = self._actor(request, "user", str(user.pk), user.email)
        right = self.rights.get(str(request.method), "")
        if not self.may(right):
            if self._may_be_noted(request, self.tenant_id, self.caller):
                events.record("access.refused", actor=self.actor, code=RightMissing.code, right=right)
            raise RightMissing
        self._count(limits.Limit(f"{self.tenant_id}:user:{user.pk}", VENDOR_REQUESTS_PER_HOUR, 3600))

    def _enter_key(self, request: Request, text: str) -> None:
        self.actor = self._actor(request, "key", "", "")
        try:
            recognising.refuse_other_tenants(recognising.owner_of(text, recognising.APPLICATION), self.tenant_id)
            key = recognising.find(text, recognising.APPLICATION)
            self.caller = f"key:{key.id}"
            self.actor = self._actor(request, "key", key.id, key.app_name, key.id)
            recognising.usable(key, clock.now())
            scope = self.scopes.get(str(request.method))
            if scope is None:
                raise ScopeMissing("This address is for people: sign in, or send a personal token.")
            restrictions.check(key, presented(request, key), scope=scope)
            import_string(settings.KEY_PROOF)(self._asked(request, key), limiter)
        except Refusal as refusal:
            if self._may_be_noted(request, self.tenant_id, self.actor.id):
                events.record("key.refused", actor=self.actor, subject=("key", self.actor.id), code=refusal.code)
                if isinstance(refusal, WrongTenant):
                    strays.tell_owner(text, self.actor)
            raise
        self._count(*limits_on(key, self.tenant_id, request._request.tenant.plan))

    def _asked(self, request: Request, key: KeyFacts) -> Asked:
        as_sent = signed(request)  # before it is read as JSON, which uses the body up
        return Asked(
            tenant_id=self.tenant_id, key=key, actor=self.actor, headers=request.headers, signed=as_sent,
            named=self._named(request, as_sent.body), asks_for_device=self.asks_for_device,
        )  # fmt: skip

    def _named(self, request: Request, body: bytes) -> dict[str, str]:
        """By which product or license the request narrows itself, in the way that its method will read it."""
        if not self.narrowed_by or self.kwargs:
            return named_in(self.kwargs, self.narrowed_by)
        if request.method in SAFE_METHODS:
            return named_in(request.query_params, self.narrowed_by)
        with suppress(ParseError):  # what can't be read names nothing; its method will say what is wrong with it
            return named_in(StrictJSONParser().parse(BytesIO(body)), self.narrowed_by)
        return {}


def signed(request: Request) -> Signed:
    """What a signature that came with it has to be over."""
    asked = request._request
    target, query = quote(asked.path, safe="/-._~"), asked.META.get("QUERY_STRING", "")
    return Signed(str(asked.method), asked.get_host(), f"{target}?{query}" if query else target, asked.body)


def presented(request: Request, key: KeyFacts) -> restrictions.Presented:
    """What came with a key. A certificate is believed only from a trusted proxy, and judged only for keys that ask for one."""
    hostname, certificate = request.headers.get("X-Hostname", ""), request.headers.get("X-Client-Cert", "")
    is_looked_at = key.needs_certificate and certificate and is_trusted_proxy(request.META.get("REMOTE_ADDR", ""))
    return restrictions.Presented(
        ip=request._request.client_ip,
        hostnames=(hostname,) if hostname else (),
        proof=prove(certificate) if is_looked_at else None,
    )
