#include "sim/reply.h"

#include <algorithm>

#include "base/text.h"
#include "json/text.h"
#include "sim/encode.h"

namespace sluice::sim {

namespace {

std::vector<std::size_t> word_ends(std::string_view text) {
  std::vector<std::size_t> ends;
  for (std::size_t at = 1; at < text.size(); ++at) {
    if (text[at] == ' ' && text[at - 1] != ' ') ends.push_back(at);
  }
  if (!text.empty()) ends.push_back(text.size());
  return ends;
}

// The words of a text again and again until there are `count` of them.
std::string repeated(std::string_view text, std::size_t count) {
  auto ends = word_ends(text);
  if (count <= ends.size() || ends.empty()) return std::string(text);
  std::string out(text);
  for (std::size_t i = ends.size(); i < count; ++i) {
    std::size_t word = i % ends.size();
    std::size_t begin = word == 0 ? 0 : ends[word - 1];
    if (word == 0) out += ' ';
    out += text.substr(begin, ends[word] - begin);
  }
  return out;
}

bool is_name_char(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
}

// The calls a user text asks for with "call:NAME,NAME2", of tools the request has.
std::vector<ScriptCall> asked_calls(const Ask& ask) {
  constexpr std::string_view kMark = "call:";
  std::vector<ScriptCall> calls;
  auto at = ask.text.find(kMark);
  if (ask.tools.empty() || ask.tools_off || ask.answers_tool || at == std::string::npos) return calls;
  std::string_view rest = std::string_view(ask.text).substr(at + kMark.size());
  auto end = std::ranges::find_if_not(rest, [](char c) { return is_name_char(c) || c == ','; });
  for (auto name : split(rest.substr(0, static_cast<std::size_t>(end - rest.begin())), ',')) {
    auto tool = std::ranges::find(ask.tools, name, &AskedTool::name);
    if (tool == ask.tools.end()) continue;
    std::string arguments = ask.text;
    if (!tool->custom) {
      arguments = "{\"text\":";
      append_json_string(arguments, ask.text);
      arguments += '}';
    }
    calls.push_back({tool->name, std::move(arguments), tool->custom});
  }
  return calls;
}

Counts counted(const Ask& ask, const Reply& reply) {
  std::size_t thought = reply.reasoning.size() + reply.redacted.size();
  std::size_t bytes = reply.text.size() + thought;
  for (const ScriptCall& call : reply.calls) bytes += call.arguments.size();
  auto choices = static_cast<std::size_t>(ask.choices);
  return {tokens(ask.prompt_bytes) + ask.prompt_tokens, tokens(bytes) * choices, tokens(thought) * choices};
}

}  // namespace

std::vector<std::size_t> cuts(std::string_view text, std::optional<std::size_t> pieces) {
  auto words = word_ends(text);
  if (!pieces || *pieces == words.size()) return words;
  std::vector<std::size_t> ends(*pieces);
  for (std::size_t i = 1; i <= *pieces; ++i) {
    if (*pieces < words.size()) {
      ends[i - 1] = words[i * words.size() / *pieces - 1];
    } else if (*pieces < text.size()) {
      ends[i - 1] = whole_characters(text, i * text.size() / *pieces);
    } else {
      ends[i - 1] = whole_characters(text, i);
    }
  }
  return ends;
}

Reply make_reply(const Ask& ask, const Script& script, std::string (*spell)(const Counts&)) {
  Reply reply;
  reply.reasoning = script.reasoning;
  reply.redacted = script.redacted;
  reply.calls = script.tool_calls.empty() ? asked_calls(ask) : script.tool_calls;
  reply.says_text = reply.calls.empty() || script.text;
  if (script.text) {
    reply.text = *script.text;
  } else if (reply.says_text) {
    reply.text = "You said: " + ask.text;
    if (script.events) reply.text = *script.events == 0 ? "" : repeated(reply.text, *script.events);
  }
  reply.finish_reason = script.finish_reason;
  switch (script.usage_report) {
    case UsageReport::kNone:
      break;
    case UsageReport::kGiven:
      reply.usage = script.usage;
      break;
    case UsageReport::kCounted:
      reply.usage = spell(counted(ask, reply));
      break;
  }
  return reply;
}

}  // namespace sluice::sim
