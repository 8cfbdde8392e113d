"""For mypy: what our middlewares put on every HttpRequest, so that no view needs a cast or an ignore to read it."""

from __future__ import annotations

from collections.abc import Callable

from mypy.plugin import AttributeContext, ClassDefContext, Plugin
from mypy.plugins.common import add_attribute_to_class
from mypy.types import AnyType, NoneType, Type, TypeOfAny, UnionType

REQUEST = "django.http.request.HttpRequest"
TEXTS = ("id", "client_ip", "host_kind", "urlconf")


class TypedRequests(Plugin):
    def get_customize_class_mro_hook(self, fullname: str) -> Callable[[ClassDefContext], None] | None:
        return _declare if fullname == REQUEST else None

    def get_attribute_hook(self, fullname: str) -> Callable[[AttributeContext], Type] | None:
        return _type_of_tenant if fullname == f"{REQUEST}.tenant" else None


def _declare(context: ClassDefContext) -> None:
    text = context.api.named_type("builtins.str")
    for name in TEXTS:
        add_attribute_to_class(context.api, context.cls, name, text)
    add_attribute_to_class(context.api, context.cls, "tenant", AnyType(TypeOfAny.explicit))


def _type_of_tenant(context: AttributeContext) -> Type:
    """`TenantFacts | None`: known only now, after every module has been read."""
    facts = context.api.named_generic_type("tenants.queries.TenantFacts", [])
    return UnionType([facts, NoneType()])


def plugin(version: str) -> type[Plugin]:
    return TypedRequests
