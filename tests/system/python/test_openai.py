"""The official Python client, unchanged but for base URL and key, against the real binary."""
import asyncio

import httpx
import openai
import pytest
from conftest import APP_KEY


@pytest.fixture(scope="module")
def client(gateway):
    with openai.OpenAI(base_url=f"{gateway.url}/v1", api_key=APP_KEY, max_retries=0) as client:
        yield client


def say(text):
    return [{"role": "user", "content": text}]


def test_chat_whole_and_streamed_say_the_same(client):
    whole = client.chat.completions.create(model="fast", messages=say("good morning"))
    assert whole.choices[0].message.content == "You said: good morning"
    assert whole.usage.total_tokens == whole.usage.prompt_tokens + whole.usage.completion_tokens
    stream = client.chat.completions.create(model="fast", messages=say("good morning"), stream=True)
    chunks = list(stream)
    assert "".join(chunk.choices[0].delta.content or "" for chunk in chunks) == whole.choices[0].message.content
    assert all(chunk.usage is None for chunk in chunks)
    assert chunks[-1].choices[0].finish_reason == "stop"


def test_usage_asked_for_on_a_stream(client):
    chunks = list(client.chat.completions.create(model="fast", messages=say("x"), stream=True, stream_options={"include_usage": True}))
    assert chunks[-1].usage.completion_tokens > 0


@pytest.mark.parametrize("style", ["fragments", "whole", "with_finish", "together"])
def test_tool_calls(client, scripted, style):
    model = scripted(tool_style=style, tool_calls=[{"name": "weather", "arguments": {"place": "Zürich"}}, {"name": "time", "arguments": "{}"}])
    tools = [{"type": "function", "function": {"name": name, "parameters": {"type": "object"}}} for name in ("weather", "time")]
    with client.chat.completions.stream(model=model, messages=say("go"), tools=tools) as stream:
        message = stream.get_final_completion().choices[0].message
    whole = client.chat.completions.create(model=model, messages=say("go"), tools=tools).choices[0].message
    assert [(call.function.name, call.function.arguments) for call in message.tool_calls] == [(call.function.name, call.function.arguments) for call in whole.tool_calls]


def test_embeddings_are_decoded_from_base64(client):
    packed = client.embeddings.create(model="fast", input=["a", "b"])
    plain = client.embeddings.create(model="fast", input=["a", "b"], encoding_format="float")
    assert packed.data[1].embedding == pytest.approx(plain.data[1].embedding, abs=1e-6)


def test_transcription_of_a_file(client):
    assert client.audio.transcriptions.create(model="fast", file=("speech.wav", b"RIFF" + bytes(100_000))).text


def test_models(client):
    assert "fast" in [model.id for model in client.models.list()]


@pytest.mark.parametrize("status, error", [(400, openai.BadRequestError), (404, openai.NotFoundError),
                                           (422, openai.UnprocessableEntityError), (429, openai.RateLimitError), (503, openai.InternalServerError)])
def test_errors_of_the_provider_have_their_class(client, scripted, status, error):
    model = scripted(status=status, error={"error": {"message": "told by the provider", "type": "t", "param": "p", "code": "c"}})
    with pytest.raises(error) as caught:
        client.chat.completions.create(model=model, messages=say("x"))
    assert caught.value.code == "c" and caught.value.param == "p"
    assert "told by the provider" in caught.value.message


def test_a_cut_stream_is_an_error(client, scripted):
    stream = client.chat.completions.create(model=scripted(events=5, **{"break": {"at": "body", "after": 2, "how": "end"}}), messages=say("x"), stream=True)
    with pytest.raises(openai.APIError):
        list(stream)


def test_closing_a_stream_closes_the_providers(client, simulator, scripted):
    before = simulator.stats()["aborted"]
    stream = client.chat.completions.create(model=scripted(events=5000, event_delay_ms=10), messages=say("x"), stream=True)
    next(iter(stream))
    stream.close()
    simulator.wait(lambda stats: stats["aborted"] > before)    # how soon is measured by stream.test.mjs


def test_a_cancelled_task_closes_the_providers(gateway, simulator, scripted):
    before = simulator.stats()

    async def main():
        async with openai.AsyncOpenAI(base_url=f"{gateway.url}/v1", api_key=APP_KEY, max_retries=0) as client:
            task = asyncio.create_task(client.chat.completions.create(model=scripted(delay_ms=20_000), messages=say("x")))
            await asyncio.to_thread(simulator.wait, lambda stats: stats["requests"] > before["requests"])
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            await asyncio.to_thread(simulator.wait, lambda stats: stats["aborted"] > before["aborted"])

    asyncio.run(main())


def test_many_at_once(gateway):
    async def main():
        async with openai.AsyncOpenAI(base_url=f"{gateway.url}/v1", api_key=APP_KEY, max_retries=0) as client:
            answers = await asyncio.gather(*(client.chat.completions.create(model="fast", messages=say(f"number {i}")) for i in range(100)))
            assert [answer.choices[0].message.content for answer in answers] == [f"You said: number {i}" for i in range(100)]

    asyncio.run(main())


def test_plain_http_without_an_sdk(gateway):
    headers = {"authorization": f"Bearer {APP_KEY}"}
    answer = httpx.post(f"{gateway.url}/v1/chat/completions", headers=headers, json={"model": "fast", "messages": say("x")})
    assert answer.status_code == 200 and answer.headers["x-sluice-deployment"] == "sim/gpt-4o-mini"
    refused = httpx.post(f"{gateway.url}/v1/chat/completions", json={"model": "fast", "messages": say("x")})
    assert refused.status_code == 401 and set(refused.json()["error"]) == {"message", "type", "param", "code"}
