"""Every vendor's official Python client runs an agent over every provider's API. The simulator refuses what the real one refuses."""
import httpx
import pytest

pytest.importorskip("anthropic")
pytest.importorskip("boto3")
pytest.importorskip("google.genai")

from agents import AGENTS  # noqa: E402
from conftest import APP_KEY, PROVIDER_KEY  # noqa: E402

TURNS = [
    {"reasoning": "The weather and a sum; both at once.", "text": "Let me look.",
     "tool_calls": [{"name": "get_weather", "arguments": {"city": 'Zürich "am See"'}}, {"name": "add", "arguments": {"a": 1, "b": 2.5}}]},
    {"reasoning": "One more day is missing.", "tool_calls": [{"name": "get_weather", "arguments": {"city": "Zürich", "days": [1, 2]}}]},
    {"text": "It is 21.5 degrees, and the sum is 3.5."},
    {"reasoning": "A farewell.", "text": "You are welcome."},
]
SEEN = [(turn.get("text", ""), [(call["name"], call["arguments"]) for call in turn.get("tool_calls", [])]) for turn in TURNS]
MODELS = {"openai": "gpt-5", "responses": "gpt-5", "anthropic": "claude-opus-4-5", "gemini": "gemini-3-pro", "bedrock": "amazon.nova-pro-v1:0",
          "cohere": "command-a-reasoning"}


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "streamed"])
@pytest.mark.parametrize("provider", MODELS)
@pytest.mark.parametrize("client", AGENTS)
def test_four_turns(providers, simulator, client, provider, stream):
    model = f"{MODELS[provider]}-py-{client}-{provider}{'-s' if stream else ''}"
    placed = httpx.put(f"{simulator.url}/_sim/script", json={"model": model, "script": {"sequence": TURNS}})
    assert placed.status_code == 200, placed.text
    agent = AGENTS[client](providers.url, APP_KEY, f"{provider}.{model}", stream)
    seen = agent.say("What is the weather, and what is 1 + 2.5?") + agent.say("Thank you.")
    # A text beside calls is a plan in Cohere's API, which is no answer.
    assert seen == [("" if calls and provider == "cohere" else text, calls) for text, calls in SEEN]
    ledger = [entry for entry in httpx.get(f"{simulator.url}/_sim/ledger").json() if entry["model"] == model]
    assert [entry["status"] for entry in ledger] == [200] * len(TURNS)
    assert PROVIDER_KEY in "".join(str(entry["headers"]) + entry["query"] for entry in ledger), "it was sent with the provider's key"
