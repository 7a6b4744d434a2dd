"""The web pages' words and templates: each language whole, nothing fetched from outside."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from bot.settings import Settings
from bot.words import catalogue
from bot.words.languages import ENGLISH, Languages

ROOT = Path(__file__).parents[2]
TEMPLATES, LOCALES = ROOT / "templates", ROOT / "locales"
STATIC = Path(__file__).parent / "static"


class Pages:
    """`templates/chat/`, `mine/` and `providers/`, in every language offered.

    A sentence not translated is said in English.
    """

    def __init__(self, settings: Settings, languages: Languages):
        self._languages = languages
        self._common = {
            "service": settings.service_name,
            "area": settings.area,
            "nation": settings.nation,
            "service_phone": settings.service_phone,
            "static": StaticVersions(STATIC),
            "languages": tuple(languages),
            "link": link,
        }
        self._environments = {code: _environment(code) for code in languages.offered}

    def render(self, template: str, language: str, **values: Any) -> str:
        """A page of `templates/chat/`, such as "chat.html"; of another folder by path: "mine/plan.html"."""
        code = language if language in self._environments else ENGLISH
        return (
            self._environments[code]
            .get_template(template if "/" in template else f"chat/{template}")
            .render(**self._common, language=code, direction=self._languages.direction(code), **values)
        )

    def sorry(self, what: str, language: str, folder: str = "chat") -> str:
        """A sentence of a folder's `sorry.html`, by the name of its block: why something did not work."""
        return self.block(f"{folder}/sorry.html", what, language)

    def block(self, template: str, name: str, language: str, **values: Any) -> str:
        """One block of a template by itself: a sentence, a title."""
        code = language if language in self._environments else ENGLISH
        found = self._environments[code].get_template(template)
        return "".join(found.blocks[name](found.new_context({**self._common, **values}))).strip()


def link(kind: str, shown: str) -> Markup:
    """A link to stand inside a sentence; `kind` is tel, sms, mailto or https."""
    where = f"https://{shown}" if kind == "https" else f"{kind}:{shown.replace(' ', '')}"
    return Markup('<a href="{}" rel="noreferrer"><bdi>{}</bdi></a>').format(where, shown)


def _environment(language: str) -> Environment:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        auto_reload=False,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    environment.policies["ext.i18n.trimmed"] = True
    if language == ENGLISH:
        environment.install_null_translations(newstyle=True)  # type: ignore[attr-defined]
    else:
        translated = catalogue.translations(catalogue.read(LOCALES, language))
        environment.install_gettext_translations(translated, newstyle=True)  # type: ignore[attr-defined]
    return environment


class StaticVersions:
    """The address of one of our files, naming its content, so that a browser may keep it for good."""

    def __init__(self, folder: Path):
        self._folder = folder
        self._known: dict[str, str] = {}

    def __call__(self, name: str) -> str:
        """ "chat.css" → "/static/chat.css?v=1a2b3c4d5e"."""
        if name not in self._known:
            digest = hashlib.sha256((self._folder / name).read_bytes()).hexdigest()[:10]
            self._known[name] = f"/static/{name}?v={digest}"
        return self._known[name]


class OurFiles(StaticFiles):
    """Styles and scripts. What was asked for by its version is kept for a year, the rest asked for again."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        if path.rsplit("/", 1)[-1].startswith(".") or path.endswith(".toml"):
            raise HTTPException(404)
        response = await super().get_response(path, scope)
        versioned = b"v=" in scope["query_string"]
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable" if versioned else "no-cache"
        return response
