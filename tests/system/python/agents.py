"""Agents as applications write them with each vendor's official Python client: the history kept as its documentation shows.

Each is made with a URL, a key, a model and whether to stream; say(text) gives (text, calls) of every answer of the model.
"""
import json

import anthropic
import boto3
import openai
from botocore.config import Config
from google import genai
from google.genai import types

SYSTEM = "You are a careful assistant."
TOOLS = {
    "get_weather": {"type": "object", "properties": {"city": {"type": "string"}, "days": {"type": "array", "items": {"type": "integer"}}}, "required": ["city"]},
    "add": {"type": "object", "properties": {"a": {"type": "number"}, "b": {"type": "number"}}, "required": ["a", "b"]},
}


def run_tool(name, arguments):
    return str(arguments["a"] + arguments["b"]) if name == "add" else json.dumps({"city": arguments["city"], "degrees": 21.5})


class Agent:
    def __init__(self, url, key, model, stream):
        self.url, self.key, self.model, self.stream = url, key, model, stream
        self.history = []
        self.prepare()

    def say(self, text):
        self.ask(text)
        seen = []
        while True:
            said, calls = self.answer()
            seen.append((said, [(name, arguments) for _, name, arguments in calls]))
            if not calls:
                return seen
            self.keep([(call_id, name, run_tool(name, arguments)) for call_id, name, arguments in calls])


class Chat(Agent):
    def prepare(self):
        self.client = openai.OpenAI(base_url=f"{self.url}/v1", api_key=self.key, max_retries=0)
        self.history.append({"role": "system", "content": SYSTEM})

    def ask(self, text):
        self.history.append({"role": "user", "content": text})

    def answer(self):
        tools = [{"type": "function", "function": {"name": name, "parameters": schema}} for name, schema in TOOLS.items()]
        request = {"model": self.model, "messages": self.history, "tools": tools, "reasoning_effort": "high"}
        if self.stream:
            with self.client.chat.completions.stream(**request) as stream:
                message = stream.get_final_completion().choices[0].message
        else:
            message = self.client.chat.completions.create(**request).choices[0].message
        kept = message.model_dump(exclude_none=True, exclude={"parsed": True, "tool_calls": {"__all__": {"index": True, "function": {"parsed_arguments"}}}})
        self.history.append(kept)
        calls = [(call.id, call.function.name, json.loads(call.function.arguments)) for call in message.tool_calls or []]
        return message.content or "", calls

    def keep(self, results):
        self.history += [{"role": "tool", "tool_call_id": call_id, "content": result} for call_id, _, result in results]


class Responses(Agent):
    def prepare(self):
        self.client = openai.OpenAI(base_url=f"{self.url}/v1", api_key=self.key, max_retries=0)

    def ask(self, text):
        self.history.append({"role": "user", "content": text})

    def answer(self):
        tools = [{"type": "function", "name": name, "parameters": schema, "strict": False} for name, schema in TOOLS.items()]
        request = {"model": self.model, "instructions": SYSTEM, "input": self.history, "tools": tools, "store": False,
                   "include": ["reasoning.encrypted_content"], "reasoning": {"effort": "high", "summary": "auto"}}
        if self.stream:
            with self.client.responses.stream(**request) as stream:
                response = stream.get_final_response()
        else:
            response = self.client.responses.create(**request)
        items = [item.model_dump(exclude_none=True) for item in response.output]
        for item in items:
            item.pop("parsed_arguments", None)
            for part in item.get("content") or []:
                part.pop("parsed", None)
        self.history += items
        calls = [(item.call_id, item.name, json.loads(item.arguments)) for item in response.output if item.type == "function_call"]
        return response.output_text, calls

    def keep(self, results):
        self.history += [{"type": "function_call_output", "call_id": call_id, "output": result} for call_id, _, result in results]


class Messages(Agent):
    def prepare(self):
        self.client = anthropic.Anthropic(base_url=self.url, api_key=self.key, max_retries=0)

    def ask(self, text):
        self.history.append({"role": "user", "content": text})

    def answer(self):
        tools = [{"name": name, "input_schema": schema} for name, schema in TOOLS.items()]
        request = {"model": self.model, "system": SYSTEM, "messages": self.history, "tools": tools, "max_tokens": 6000,
                   "thinking": {"type": "enabled", "budget_tokens": 2000}}
        if self.stream:
            with self.client.messages.stream(**request) as stream:
                message = stream.get_final_message()
        else:
            message = self.client.messages.create(**request)
        self.history.append({"role": "assistant", "content": message.content})
        text = "".join(block.text for block in message.content if block.type == "text")
        return text, [(block.id, block.name, block.input) for block in message.content if block.type == "tool_use"]

    def keep(self, results):
        blocks = [{"type": "tool_result", "tool_use_id": call_id, "content": result} for call_id, _, result in results]
        self.history.append({"role": "user", "content": blocks})


class Gemini(Agent):
    def prepare(self):
        self.client = genai.Client(api_key=self.key, http_options=types.HttpOptions(base_url=self.url))
        tool = types.Tool(function_declarations=[
            types.FunctionDeclaration(name=name, parameters_json_schema=schema) for name, schema in TOOLS.items()])
        self.chat = self.client.chats.create(model=self.model, config=types.GenerateContentConfig(
            system_instruction=SYSTEM, tools=[tool], thinking_config=types.ThinkingConfig(include_thoughts=True),
            automatic_function_calling=types.AutomaticFunctionCallingConfig(disable=True)))

    def ask(self, text):
        self.message = [types.Part(text=text)]

    def answer(self):
        chunks = self.chat.send_message_stream(self.message) if self.stream else [self.chat.send_message(self.message)]
        parts = [part for chunk in chunks if chunk.candidates for part in (chunk.candidates[0].content and chunk.candidates[0].content.parts) or []]
        text = "".join(part.text for part in parts if part.text and not part.thought)
        calls = [part.function_call for part in parts if part.function_call]
        return text, [(call.id, call.name, call.args) for call in calls]

    def keep(self, results):
        self.message = [types.Part(function_response=types.FunctionResponse(id=call_id, name=name, response={"output": result}))
                        for call_id, name, result in results]


class Converse(Agent):
    def prepare(self):
        self.client = boto3.client("bedrock-runtime", region_name="us-east-1", endpoint_url=self.url, aws_access_key_id=self.key,
                                   aws_secret_access_key="of no use", config=Config(retries={"total_max_attempts": 1}))

    def ask(self, text):
        self.history.append({"role": "user", "content": [{"text": text}]})

    def answer(self):
        tools = [{"toolSpec": {"name": name, "inputSchema": {"json": schema}}} for name, schema in TOOLS.items()]
        request = {"modelId": self.model, "system": [{"text": SYSTEM}], "messages": self.history, "toolConfig": {"tools": tools}}
        if self.stream:
            message = self.streamed(self.client.converse_stream(**request)["stream"])
        else:
            message = self.client.converse(**request)["output"]["message"]
        self.history.append(message)
        text = "".join(block.get("text", "") for block in message["content"])
        uses = [block["toolUse"] for block in message["content"] if "toolUse" in block]
        return text, [(use["toolUseId"], use["name"], use["input"]) for use in uses]

    @staticmethod
    def streamed(events):
        blocks = {}
        for event in events:
            if "contentBlockStart" in event and "toolUse" in event["contentBlockStart"]["start"]:
                start = event["contentBlockStart"]
                blocks[start["contentBlockIndex"]] = {"toolUse": start["start"]["toolUse"] | {"input": ""}}
            if "contentBlockDelta" not in event:
                continue
            at, delta = event["contentBlockDelta"]["contentBlockIndex"], event["contentBlockDelta"]["delta"]
            if "text" in delta:
                blocks.setdefault(at, {"text": ""})["text"] += delta["text"]
            elif "toolUse" in delta:
                blocks[at]["toolUse"]["input"] += delta["toolUse"]["input"]
            elif "reasoningContent" in delta:
                kept = blocks.setdefault(at, {"reasoningContent": {}})["reasoningContent"]
                told = delta["reasoningContent"]
                if "redactedContent" in told:
                    kept["redactedContent"] = told["redactedContent"]
                    continue
                text = kept.setdefault("reasoningText", {"text": ""})
                text["text"] += told.get("text", "")
                if "signature" in told:
                    text["signature"] = told["signature"]
        for block in blocks.values():
            if "toolUse" in block:
                block["toolUse"]["input"] = json.loads(block["toolUse"]["input"] or "{}")
        return {"role": "assistant", "content": [blocks[at] for at in sorted(blocks)]}

    def keep(self, results):
        blocks = [{"toolResult": {"toolUseId": call_id, "content": [{"text": result}]}} for call_id, _, result in results]
        self.history.append({"role": "user", "content": blocks})


AGENTS = {"chat": Chat, "responses": Responses, "anthropic": Messages, "gemini": Gemini, "converse": Converse}
