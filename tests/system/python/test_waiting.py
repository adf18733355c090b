"""Google's client, while the provider is silent: what keeps the connection alive is no part of the answer."""
import asyncio

import httpx
import pytest

genai = pytest.importorskip("google.genai")

from conftest import APP_KEY  # noqa: E402

SILENCE = {"before the first event": {"delay_ms": 1400}, "between events": {"event_delay_ms": 700}}


@pytest.mark.parametrize("script", SILENCE.values(), ids=SILENCE)
@pytest.mark.parametrize("provider", ["gemini", "openai"])
def test_a_stream_that_waits(providers, simulator, provider, script):
    model = f"gpt-5-silent-{provider}-{next(iter(script))}"
    placed = httpx.put(f"{simulator.url}/_sim/script", json={"model": model, "script": {"text": "one two three", **script}})
    assert placed.status_code == 200, placed.text
    client = genai.Client(api_key=APP_KEY, http_options=genai.types.HttpOptions(base_url=providers.url))
    asked = {"model": f"{provider}.{model}", "contents": "hi"}
    assert "".join(chunk.text or "" for chunk in client.models.generate_content_stream(**asked)) == "one two three"

    async def ask():
        return "".join([chunk.text or "" async for chunk in await client.aio.models.generate_content_stream(**asked)])

    assert asyncio.run(ask()) == "one two three"
