#!/usr/bin/env python3
"""Writes data/models.json, the catalogue of models and prices, from a collection of facts: tools/models.py FACTS.json

The catalogue is reviewed as a diff: one model a line, in a fixed order. Its schema is told in docs/guide/prices.md and
read by src/provider/catalogue. What the facts do not say is left out; a rule that adds to them stands below with its
reason. A fact that this program does not understand ends it with a sentence.
"""
import json
import sys
from decimal import Decimal
from pathlib import Path

CATALOGUE = Path(__file__).resolve().parent.parent / "data" / "models.json"

# The facts' names of providers → the types of src/provider/known.cpp.
TYPES = {"aws-bedrock": "bedrock", "google": "gemini", "google-vertex": "vertex"}
GOOGLE = ("gemini", "vertex")
# Perplexity's fee of a request by its search_context_size, low, medium and high, and the most of a Pro Search (its page
# "Pricing"); the facts have the first alone, and that of another model. A search is not charged there, but with
# sonar-deep-research, of which nothing is bounded: "You cannot control the exact number of search queries".
PERPLEXITY_FEES = {"sonar": ("5", "8", "12"), "sonar-pro": ("6", "10", "14", "22"), "sonar-reasoning-pro": ("6", "10", "14")}
FEES = ("request_per_1k", "request_medium_per_1k", "request_high_per_1k", "request_most_per_1k")
OPEN_ENDED = {"perplexity/sonar-deep-research"}
FILE_SEARCH = ("openai", "azure", "xai")
# A search of the web, for 1,000: the facts name it with some of a provider's models only.
WEB_SEARCH = {"anthropic": "10", "openai": "10", "azure": "10", "xai": "5"}

# Per million tokens, but for those that say per 1000.
TOKENS = ("input", "cache_read", "cache_write", "cache_write_5m", "cache_write_30m", "cache_write_1h", "audio_input",
          "audio_cache_read", "output", "reasoning", "audio_output")
CALLS = {"web_search_per_1k": "web_search_per_1k", "per_1k_requests": "request_per_1k"}

# Snapshots that the provider's own pages name as what the floating name stands for, and that the facts leave out.
ALIASES = {
    "openai/gpt-4o-mini": ["gpt-4o-mini-2024-07-18"],
    "openai/gpt-4-turbo": ["gpt-4-turbo-2024-04-09"],
    "openai/gpt-4": ["gpt-4-0613"],
    "openai/gpt-3.5-turbo": ["gpt-3.5-turbo-0125"],
}
# Anthropic's own API charges 1.1 for inference kept in the US, from Opus 4.6 and Sonnet 4.6 on (its page on data
# residency); older models refuse the field.
US_FACTOR = "1.1"
NO_GEO = {"claude-haiku-4-5", "claude-opus-4-5", "claude-sonnet-4-5"}


def die(text):
    sys.exit(f"tools/models.py: {text}")


def plain(number):
    text = format(Decimal(number), "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def half(facts, prices):
    """Batch prices are told as one factor: they must be the same share of every price."""
    shares = {Decimal(facts[item]) / Decimal(prices[item]) for item in ("input", "output") if item in facts}
    return plain(shares.pop()) if len(shares) == 1 else die(f"batch prices {facts} are no one share of {prices}")


def rates(model, facts, type_, base=None):
    """One set of prices. `base`: the model's own prices, where this is a variant of them."""
    found = {}
    for item in TOKENS:
        if facts.get(item) is not None:
            found[item] = plain(facts[item])
    for item, name in CALLS.items():
        if facts.get(item) is not None:
            found[name] = plain(facts[item])
    # Google lists audio apart only where it costs something else.
    if type_ in GOOGLE and model["capabilities"].get("audio_input") and "audio_input" not in found and base is None:
        found["audio_input"] = found["input"]
        if "cache_read" in found:
            found["audio_cache_read"] = found["cache_read"]
    # Gemini 2.5 is charged by the prompt that searched, later models by the search.
    if type_ in GOOGLE and found.get("web_search_per_1k") == "35":
        found["grounded_request_per_1k"] = found.pop("web_search_per_1k")
    if type_ == "perplexity" and (fees := PERPLEXITY_FEES.get(model["id"])):
        found["web_search_per_1k"] = "0"
        found.update(zip(FEES, fees))
    # OpenAI's, Azure's and xAI's searches of files have one price, by the call of the Responses API (their pages on prices).
    # Containers and images are charged by their time and their tokens, and have none by the call.
    if type_ in FILE_SEARCH and model["mode"] == "chat" and base is None:
        found["file_search_per_1k"] = "2.5"
    if (search := WEB_SEARCH.get(type_)) and model["mode"] == "chat" and base is None:
        if found.setdefault("web_search_per_1k", search) != search:
            die(f"{model['key']}: searches of {type_} have more than one price now")
    # Where the base tells a longer term apart, the other price is that of the short one.
    if "cache_write" in found and "cache_write_1h" in {**(base or {}), **found}:
        found["cache_write_5m"] = found.pop("cache_write")
    return found


def audio_like_text(model, facts):
    """Whether audio costs what text does, so that a tier or a later price of text is audio's too."""
    prices = rates(model, model["prices"], TYPES.get(model["provider"], model["provider"]))
    return "audio_input" in prices and facts.get("audio_input") is None and prices["audio_input"] == prices["input"]


def changed(model, facts, type_):
    """Prices that stand in for the model's own: a tier, a later price."""
    prices = rates(model, facts, type_, rates(model, model["prices"], type_))
    if audio_like_text(model, facts):
        prices["audio_input"] = prices["input"]
        if "cache_read" in prices:
            prices["audio_cache_read"] = prices["cache_read"]
    return prices


def tiers(model, listed, type_):
    for tier in listed or []:
        if tier.get("applies_to", "whole request") != "whole request":
            die(f"{model['key']}: a tier applies to {tier['applies_to']}")
        yield {"above": tier["above_input_tokens"], "prices": changed(model, tier, type_)}


def factors(model, type_):
    found = {word: plain(factor) for word, factor in (model.get("service_tier_multipliers") or {}).items()}
    if batch := model.get("batch"):
        found["batch"] = half(batch, model["prices"])
    if fast := model.get("fast_mode"):
        found["fast"] = half(fast, model["prices"])
    if type_ == "anthropic" and model["id"] not in NO_GEO:
        found["us"] = US_FACTOR
    return dict(sorted(found.items()))


def off_peak(facts):
    days = facts["off_peak_days"]
    return {"peak_hours_utc": facts["peak_hours_utc"], "days": sorted(days["daysOfWeek"]),
            "days_utc_offset_minutes": days["utcOffsetMinutes"],
            "prices": {item: plain(price) for item, price in facts["off_peak"].items()}}


def variants(model, type_):
    own = rates(model, model["prices"], type_)
    for variant in model.get("regional_variants") or []:
        entry = {"id": variant["id"], "prices": rates(model, variant["prices"], type_, own)}
        if listed := list(tiers(model, variant.get("tiers"), type_)):
            entry["tiers"] = listed
        yield entry


def capabilities(model, value):
    return sorted(name for name, can in model["capabilities"].items() if can is value)


def entry(model):
    type_ = TYPES.get(model["provider"], model["provider"])
    aliases = set(model["aliases"]) | set(ALIASES.get(model["key"], []))
    if model.get("api_id"):
        aliases.add(model["api_id"])
    made = {
        "provider": type_,
        "id": model["id"],
        "aliases": sorted(aliases - {model["id"]}),
        "mode": model["mode"],
        "context_window": model.get("context_window"),
        "max_input": model.get("max_input_tokens"),
        "max_output": model.get("max_output_tokens"),
        "open_ended": True if f"{type_}/{model['id']}" in OPEN_ENDED else None,
        "can": capabilities(model, True),
        "cannot": capabilities(model, False),
        "prices": rates(model, model["prices"], type_),
        "tiers": list(tiers(model, model.get("tiers"), type_)),
        "later": [{"from": later["effective_from"], "prices": changed(model, later, type_)}
                  for later in model.get("scheduled_prices") or []],
        "off_peak": off_peak(model["time_of_day"]) if model.get("time_of_day") else None,
        "factors": factors(model, type_),
        "variants": list(variants(model, type_)),
        "retires": model.get("retires"),
        "source": model["price_source"]["source"],
        "date": model["price_source"]["date"],
    }
    return {key: value for key, value in made.items() if value not in (None, [], {})}


def main():
    if len(sys.argv) != 2:
        print(__doc__)
        return 2
    facts = json.loads(Path(sys.argv[1]).read_text())
    if facts.get("schema_version") != 1 or facts.get("currency") != "USD":
        die("these are not facts of schema version 1 in USD")
    entries = sorted((entry(model) for model in facts["models"]), key=lambda made: (made["provider"], made["id"]))
    names = {}
    for made in entries:
        for name in [made["id"], *made.get("aliases", []), *(variant["id"] for variant in made.get("variants", []))]:
            if names.setdefault((made["provider"], name), made["id"]) != made["id"]:
                die(f"{made['provider']}/{name} is a name of two models")
    lines = ",\n".join("  " + json.dumps(made) for made in entries)
    CATALOGUE.write_text(f'{{\n "schema": 1,\n "date": "{facts["generated"]}",\n "models": [\n{lines}\n ]\n}}\n')
    return 0


if __name__ == "__main__":
    sys.exit(main())
