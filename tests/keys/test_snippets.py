"""What is pasted into a shell does what it says, whatever somebody has put into the link that filled the form."""

from __future__ import annotations

import json
import shlex

import pytest

from keys.snippets import snippets_for

ANSWER = {"integration_snippet": {"environment_variables": {"LICENSE_API_KEY": "clsk_mercedes_x"}, "config_file": {}}}


@pytest.mark.parametrize("product_id", ["matlab", "x'$(touch${IFS}/tmp/owned)'", "`id`", '"quoted"', "back\\slash"])
def test_a_shell_reads_the_body_as_one_word(product_id: str) -> None:
    (curl,) = [one.text for one in snippets_for(ANSWER, product_id=product_id, hostname="ws-1") if one.id == "curl"]
    words = shlex.split(curl.replace("\\\n", " "))
    assert words[-2] == "--json"
    assert json.loads(words[-1]) == {"product_id": product_id, "user": "alice@example.com"}


def test_windows_has_lines_of_its_own() -> None:
    (windows,) = [one.text for one in snippets_for(ANSWER, product_id="", hostname="") if one.id == "windows"]
    assert windows == 'setx LICENSE_API_KEY "clsk_mercedes_x"'
