"""For mypy: what our middlewares put on every HttpRequest, so that no view needs a cast or an ignore to read it."""

from __future__ import annotations

from collections.abc import Callable

from mypy.nodes import TypeInfo
from mypy.plugin import AttributeContext, ClassDefContext, Plugin
from mypy.plugins.common import add_attribute_to_class
from mypy.types import AnyType, Instance, Type, TypeOfAny

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
    """`TenantFacts`, known only now, after every module has been read. A view of a tenant's urlconf never runs without."""
    module = getattr(context.api, "modules", {}).get("tenants.queries")
    facts = module.names["TenantFacts"].node if module else None
    return Instance(facts, []) if isinstance(facts, TypeInfo) else context.default_attr_type


def plugin(version: str) -> type[Plugin]:
    return TypedRequests
