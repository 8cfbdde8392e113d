"""For mypy: what our middlewares put on every HttpRequest, so that no view needs a cast or an ignore to read it."""

from __future__ import annotations

from collections.abc import Callable

from mypy.nodes import MypyFile, TypeInfo
from mypy.plugin import AttributeContext, ClassDefContext, Plugin
from mypy.plugins.common import add_attribute_to_class
from mypy.types import AnyType, Instance, Type, TypeOfAny

OURS = frozenset(
    "accounts applications audit billing certificates cloudlicenses keys licensing tenants tests vendors".split()
)
FACTS_MODULE, FACTS = "tenants.queries", "TenantFacts"
PRI_MED = 10  # mypy.build's priority of an import at a module's top
REQUEST = "django.http.request.HttpRequest"
TEXTS = ("id", "client_ip", "host_kind", "urlconf")
FLAGS = ("is_enrolling",)


class TypedRequests(Plugin):
    def get_additional_deps(self, file: MypyFile) -> list[tuple[int, str, int]]:
        """Whoever reads `request.tenant` needs TenantFacts read before, imported or not: else the order of modules decides."""
        is_ours = file.fullname.partition(".")[0] in OURS
        return [(PRI_MED, FACTS_MODULE, -1)] if is_ours and file.fullname != FACTS_MODULE else []

    def get_customize_class_mro_hook(self, fullname: str) -> Callable[[ClassDefContext], None] | None:
        return _declare if fullname == REQUEST else None

    def get_attribute_hook(self, fullname: str) -> Callable[[AttributeContext], Type] | None:
        return _type_of_tenant if fullname == f"{REQUEST}.tenant" else None


def _declare(context: ClassDefContext) -> None:
    text = context.api.named_type("builtins.str")
    for name in TEXTS:
        add_attribute_to_class(context.api, context.cls, name, text)
    for name in FLAGS:
        add_attribute_to_class(context.api, context.cls, name, context.api.named_type("builtins.bool"))
    add_attribute_to_class(context.api, context.cls, "tenant", AnyType(TypeOfAny.explicit))


def _type_of_tenant(context: AttributeContext) -> Type:
    """`TenantFacts`. A view of a tenant's urlconf never runs without."""
    facts = getattr(context.api, "modules", {})[FACTS_MODULE].names[FACTS].node
    return Instance(facts, []) if isinstance(facts, TypeInfo) else context.default_attr_type


def plugin(version: str) -> type[Plugin]:
    return TypedRequests
