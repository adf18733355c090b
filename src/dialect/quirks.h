// How providers differ from OpenAI, or from Anthropic, whose API they speak. Each can be set by name in a provider's
// `quirks`.
//
// Thread rule: plain values.
#pragma once

#include <span>
#include <string_view>

namespace sluice::dialect {

struct Quirks {
  bool stream_options = true;         // accepts stream_options.include_usage
  bool usage_on_streams = false;      // reports usage on streams without being asked: nothing is added or hidden
  bool max_completion_tokens = true;  // false: wants the older max_tokens
  bool max_tokens = true;             // false: wants max_completion_tokens
  bool developer_role = true;         // false: knows only `system`
  bool reasoning_content = false;     // wants the reasoning_content of earlier turns of a tool loop back
  bool thinking_chunks = false;       // has reasoning as elements of an assistant's content
  bool prefix = false;                // goes on with a last assistant message marked `prefix`
  bool short_tool_ids = false;        // takes tool ids of nine letters and digits only
  // false: refuses what OpenAI's requests have and Mistral's have not, and takes files as Mistral does (document_url);
  // of the Anthropic API, refuses members it does not know
  bool unknown_fields = true;
  bool random_seed = false;      // calls `seed` so
  bool openai_tools = true;      // false: knows no tools of free text, and no choice among some of the tools
  bool effort_levels = true;     // false: of efforts it has `high` and `none` only
  bool high_temperature = true;  // false: takes temperatures up to 1.5
  bool other_models = false;     // takes from a request which other models may answer: that is refused
};

// Sets one quirk by its name; false when there is no such quirk. quirk_names() lists them.
bool set_quirk(Quirks& quirks, std::string_view name, bool value);
std::span<const std::string_view> quirk_names();

}  // namespace sluice::dialect
