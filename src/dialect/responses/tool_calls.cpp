#include "dialect/responses/tool_calls.h"

#include <algorithm>

#include "dialect/responses/members.h"

namespace sluice::dialect::responses {

namespace {

bool is_hosted_shell(std::string_view item, json::Reader& reader) {
  const auto type = Members(Members(item, reader).value("environment"), reader).text("type");
  return !type.empty() && type.raw != "local";
}

}  // namespace

void ToolCalls::count(std::string_view type, std::string_view item, json::Reader& reader) {
  if (type == "web_search_call") ++searches;
  if (type == "file_search_call") ++file_searches;
  if (type == "code_interpreter_call" || type == "image_generation_call") ++others;
  if (type == "shell_call" && is_hosted_shell(item, reader)) ++others;
}

ToolCalls most_of(const ToolCalls& one, const ToolCalls& other) {
  return {.searches = std::max(one.searches, other.searches),
          .file_searches = std::max(one.file_searches, other.file_searches),
          .others = std::max(one.others, other.others)};
}

}  // namespace sluice::dialect::responses
