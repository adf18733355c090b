#include "app/yaml_events.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

namespace sluice::app {

namespace {

using Type = YamlEvent::Type;

bool means_nothing(std::string_view text) {
  return text.empty() || text == "~" || text == "null" || text == "Null" || text == "NULL";
}

Type type_of(yaml_event_type_t type) {
  switch (type) {
    case YAML_DOCUMENT_START_EVENT:
      return Type::kDocument;
    case YAML_ALIAS_EVENT:
      return Type::kAlias;
    case YAML_SEQUENCE_START_EVENT:
      return Type::kList;
    case YAML_MAPPING_START_EVENT:
      return Type::kMap;
    case YAML_SEQUENCE_END_EVENT:
      return Type::kEndOfList;
    case YAML_MAPPING_END_EVENT:
      return Type::kEndOfMap;
    default:
      return Type::kText;
  }
}

}  // namespace

YamlEvents::YamlEvents(std::string_view yaml, std::pmr::memory_resource& memory)
    : yaml_(yaml), memory_(memory), is_made_(yaml_parser_initialize(&parser_) != 0) {
  if (constexpr std::string_view kMark = "\xef\xbb\xbf"; yaml_.starts_with(kMark)) yaml_.remove_prefix(kMark.size());
  if (!is_made_) return;
  yaml_parser_set_encoding(&parser_, YAML_UTF8_ENCODING);
  yaml_parser_set_input_string(&parser_, reinterpret_cast<const unsigned char*>(yaml_.data()), yaml_.size());
}

YamlEvents::~YamlEvents() {
  if (is_made_) yaml_parser_delete(&parser_);
}

std::vector<YamlEvent> YamlEvents::read(std::size_t most) {
  std::vector<YamlEvent> events;
  while (!is_over_ && events.size() < most) {
    yaml_event_t event;
    is_over_ = !is_made_ || yaml_parser_parse(&parser_, &event) == 0;
    if (is_over_) break;
    is_over_ = event.type == YAML_STREAM_END_EVENT;
    const bool is_told = !is_over_ && event.type != YAML_STREAM_START_EVENT && event.type != YAML_DOCUMENT_END_EVENT;
    if (is_told) add(event, events);
    yaml_event_delete(&event);
  }
  return events;
}

void YamlEvents::add(const yaml_event_t& event, std::vector<YamlEvent>& events) {
  auto& made =
      events.emplace_back(YamlEvent{.type = type_of(event.type), .line = static_cast<int>(event.start_mark.line) + 1});
  if (event.type == YAML_ALIAS_EVENT) made.anchor = keep(event.data.alias.anchor);
  if (event.type == YAML_SEQUENCE_START_EVENT) made.anchor = keep(event.data.sequence_start.anchor);
  if (event.type == YAML_MAPPING_START_EVENT) made.anchor = keep(event.data.mapping_start.anchor);
  if (event.type != YAML_SCALAR_EVENT) return;
  const auto& scalar = event.data.scalar;
  made.anchor = keep(scalar.anchor);
  made.text = keep(scalar.value, scalar.length);
  const bool is_plain = scalar.style == YAML_PLAIN_SCALAR_STYLE;
  const auto tag = scalar.tag == nullptr ? "" : reinterpret_cast<const char*>(scalar.tag);
  made.is_quoted = !is_plain || std::string_view(tag) == "!";
  if (is_plain && scalar.tag == nullptr && means_nothing(made.text)) made.type = Type::kNull;
}

std::string_view YamlEvents::keep(const unsigned char* text, std::size_t size) {
  if (size == 0) return {};
  auto* kept = static_cast<char*>(memory_.allocate(size, 1));
  std::memcpy(kept, text, size);
  return {kept, size};
}

std::string_view YamlEvents::keep(const unsigned char* text) {
  return text == nullptr ? std::string_view() : keep(text, std::strlen(reinterpret_cast<const char*>(text)));
}

YamlEvents::Mistake YamlEvents::mistake() const {
  if (!is_made_ || parser_.error == YAML_MEMORY_ERROR) return {0, "there is not enough memory to read it"};
  if (parser_.error == YAML_NO_ERROR) return {};
  if (parser_.error == YAML_READER_ERROR) {
    const auto before = yaml_.substr(0, parser_.problem_offset);
    return {static_cast<int>(std::ranges::count(before, '\n')) + 1,
            fmt::format("this is not a text file in UTF-8: {}", parser_.problem)};
  }
  std::string message = fmt::format("this is not valid YAML: {}", parser_.problem);
  if (parser_.context != nullptr) message += fmt::format(" {}", parser_.context);
  const bool is_longer = parser_.context != nullptr && parser_.context_mark.line < parser_.problem_mark.line;
  if (is_longer) message += fmt::format(" that begins on line {}", parser_.context_mark.line + 1);
  return {static_cast<int>(parser_.problem_mark.line) + 1, std::move(message)};
}

}  // namespace sluice::app
